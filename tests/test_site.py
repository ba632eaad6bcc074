"""The static site: it builds cleanly, stands alone, and refuses what it cannot show."""

import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from compare import comparable
from lessons import NOTEBOOKS, ROOT
from site_build import build, copy_sources

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The parts of an HTML page that load something, and what describes it."""

    def __init__(self, path: Path):
        super().__init__()
        self.loads, self.meta, self.ids = [], {}, set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.add(values.get("id"))
        if tag in {"script", "img", "iframe", "source", "video"} and "src" in values:
            self.loads.append(values["src"])
        if tag == "link" and values.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loads.append(values["href"])
        if tag == "meta" and "name" in values:
            self.meta[values["name"]] = values["content"]


def test_there_is_a_page_for_each_notebook(site):
    pages = {path.stem for path in site.glob("[0-9]*.html")}
    assert pages == {path.stem for path in NOTEBOOKS}
    for path in NOTEBOOKS:
        assert (site / "_sources" / path.name).read_bytes() == path.read_bytes()
    with zipfile.ZipFile(site / "notebooks.zip") as archive:
        names = set(archive.namelist())
    for path in [*NOTEBOOKS, ROOT / "notebooks/linreg/__init__.py", ROOT / ".lab.py"]:
        assert str(path.relative_to(ROOT)) in names
    assert not [name for name in names if "__pycache__" in name or "test" in name]


def test_pages_load_nothing_from_other_hosts_and_are_small(site):
    for path in site.glob("*.html"):
        page = Page(path)
        files = {load.split("?")[0] for load in page.loads if ":" not in load}
        assert not [load for load in page.loads if re.match(r"(\w+:)?//", load)]
        pictures = [site / f for f in files if f.endswith((".png", ".svg"))]
        size = path.stat().st_size + sum(p.stat().st_size for p in pictures)
        limit = 1_500 if 'class="play"' in path.read_text() else 600  # moving pictures
        assert size <= limit * 1024, f"{path.name}: {size / 1024:.0f} KiB"
    for style in (site / "_static").rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(\w+:)?//", style.read_text())


def test_pages_say_what_they_are_about(site):
    names = ["index", *(path.stem for path in NOTEBOOKS)]
    descriptions = [Page(site / f"{n}.html").meta["description"] for n in names]
    assert len(set(descriptions)) == len(names)
    pages = [path.read_text() for path in site.glob("*.html")]
    titles = [re.search("<title>(.*?)</title>", page)[1] for page in pages]
    assert len(set(titles)) == len(titles)


def test_front_page_is_the_readme(site):
    front = (site / "index.html").read_text()
    assert "What you will be able to do" in front
    assert "prediction_1.png" in front and "prediction_2.png" in front
    for path in NOTEBOOKS:
        assert f'href="{path.stem}.html"' in front
    assert ".ipynb" not in re.sub(r"<(pre|code).*?</\1>", "", front, flags=re.DOTALL)


def test_the_build_fails_on_what_it_cannot_show(tmp_path):
    spoiled = {
        "[a page](99_nowhere.ipynb)": "99_nowhere",
        "[a heading](01_data.ipynb#No-such-heading)": "No-such-heading",
        "![picture](../images/none.svg)": "none.svg",
        r"$\nosuchcommand{x}$": "nosuchcommand",
    }
    sources = copy_sources(tmp_path / "copy")
    for path, source in zip(NOTEBOOKS, spoiled, strict=False):
        file = sources / "notebooks" / path.name
        notebook = nbformat.read(file, as_version=4)
        notebook.cells[0].source += f"\n\n{source}"
        nbformat.write(notebook, file)
    _, run = build(sources, tmp_path)
    assert run.returncode != 0
    for complaint in spoiled.values():
        assert complaint in run.stderr


def nbconvert(folder: Path, *arguments: str) -> None:
    program = Path(sys.executable).with_name("jupyter")
    command = [program, "nbconvert", "--log-level=ERROR", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_nbconvert_page_keeps_text_alternatives(tmp_path):
    path = NOTEBOOKS[-1]
    nbconvert(ROOT, "--to=html", f"--output-dir={tmp_path}", str(path))
    page = (tmp_path / f"{path.stem}.html").read_text()
    assert page.count('<img alt="') == page.count("<img") > 0


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_what_was_downloaded_runs_from_anywhere(site, tmp_path, folder):
    with zipfile.ZipFile(site / "notebooks.zip") as archive:
        archive.extractall(tmp_path)
    path = NOTEBOOKS[1]
    there = tmp_path / "notebooks" / path.name
    nbconvert(tmp_path / folder, "--to=notebook", "--execute", "--inplace", str(there))
    ran, stored = (nbformat.read(p, as_version=4).cells for p in (there, path))
    for cell, expected in zip(ran, stored, strict=True):
        drawn, outputs = cell.get("outputs", []), expected.get("outputs", [])
        assert comparable(drawn) == comparable(outputs)
