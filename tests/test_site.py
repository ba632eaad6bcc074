"""The static site: it builds cleanly, stands alone, and refuses what it cannot show."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from compare import comparable
from lessons import NOTEBOOKS, ROOT
from site_build import build, copy_sources, nbconvert

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The parts of an HTML page that load something, and what describes it."""

    def __init__(self, path: Path):
        super().__init__()
        self.loads, self.meta = [], {}
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in {"script", "img", "iframe", "source", "video"} and "src" in values:
            self.loads.append(values["src"])
        if tag == "link" and values.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loads.append(values["href"])
        if tag == "meta" and "name" in values:
            self.meta[values["name"]] = values["content"]


def test_there_is_a_page_for_each_notebook_and_the_front_page_is_the_readme(site):
    pages = sorted(path.stem for path in site.glob("[0-9]*.html"))
    assert pages == [path.stem for path in NOTEBOOKS]
    front = (site / "index.html").read_text()
    for path in NOTEBOOKS:
        assert (site / "_sources" / path.name).read_bytes() == path.read_bytes()
        assert f'href="{path.stem}.html"' in front
    for part in ("What you will be able to do", "prediction_1.png", "prediction_2.png"):
        assert part in front
    assert ".ipynb" not in re.sub(r"<(pre|code).*?</\1>", "", front, flags=re.DOTALL)

    names = set(zipfile.ZipFile(site / "notebooks.zip").namelist())
    for path in [*NOTEBOOKS, ROOT / "notebooks/linreg/__init__.py", ROOT / ".lab.py"]:
        assert str(path.relative_to(ROOT)) in names
    assert not [name for name in names if "__pycache__" in name or "test" in name]


def test_pages_load_nothing_from_other_hosts_are_small_and_described(site):
    titles, descriptions = [], []
    for path in site.glob("*.html"):
        page, text = Page(path), path.read_text()
        files = {load.split("?")[0] for load in page.loads if ":" not in load}
        assert not [load for load in page.loads if re.match(r"(\w+:)?//", load)]
        pictures = [site / f for f in files if f.endswith((".png", ".svg"))]
        size = path.stat().st_size + sum(p.stat().st_size for p in pictures)
        limit = 1_500 if 'class="play"' in text else 600  # moving pictures
        assert size <= limit * 1024, f"{path.name}: {size / 1024:.0f} KiB"
        titles.append(re.search("<title>(.*?)</title>", text)[1])
        if path.stem in ["index", *(path.stem for path in NOTEBOOKS)]:
            descriptions.append(page.meta["description"])
    assert len(set(titles)) == len(titles)
    assert len(set(descriptions)) == len(descriptions) == len(NOTEBOOKS) + 1
    for style in (site / "_static").rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(\w+:)?//", style.read_text())


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
    assert not [said for said in spoiled.values() if said not in run.stderr]


def test_nbconvert_page_keeps_text_alternatives(tmp_path):
    path = NOTEBOOKS[-1]
    nbconvert("--to=html", f"--output-dir={tmp_path}", path)
    page = (tmp_path / f"{path.stem}.html").read_text()
    assert page.count('<img alt="') == page.count("<img") > 0


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_what_was_downloaded_runs_from_anywhere(site, tmp_path, folder):
    zipfile.ZipFile(site / "notebooks.zip").extractall(tmp_path)
    there = tmp_path / "notebooks" / NOTEBOOKS[1].name
    nbconvert("--to=notebook", "--execute", "--inplace", there, cwd=tmp_path / folder)
    ran, stored = (nbformat.read(p, as_version=4).cells for p in (there, NOTEBOOKS[1]))
    for cell, expected in zip(ran, stored, strict=True):
        drawn, outputs = cell.get("outputs", []), expected.get("outputs", [])
        assert comparable(drawn) == comparable(outputs)
