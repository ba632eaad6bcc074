"""Pieces on pages of their own, made as a lesson makes them, to try in a browser."""

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import nbformat
from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import interactive.page
from execute import METADATA
from lessons import ROOT
from site_build import build

Calls = dict[str, Callable[[], None]]

# How programs run the scripts of an output, given where it goes and its HTML.
WAYS = {
    "eval": """([html]) => {
        document.body.innerHTML = html;
        for (const s of document.querySelectorAll('script')) (0, eval)(s.textContent);
    }""",
    "appended": """([html]) => {
        document.body.innerHTML = html;
        for (const s of [...document.querySelectorAll('script')]) {
            const again = document.createElement('script');
            again.text = s.innerText;
            document.body.appendChild(again).parentNode.removeChild(again);
        }
    }""",
    "iframe": """([html]) => {
        const frame = document.createElement('iframe');
        frame.srcdoc = html;
        document.body.replaceChildren(frame);
    }""",
}


def html(call: Callable[[], None]) -> str:
    """Return the HTML that a call displays."""
    (output,) = outputs(call)
    return output.data["text/html"]


@functools.cache
def outputs(call: Callable[[], None]) -> list[nbformat.NotebookNode]:
    """Return what a call displays, as the outputs of a cell."""
    shown = []

    def keep(data: dict[str, str], raw: bool) -> None:
        shown.append(new_output("display_data", data=data))

    with mock.patch.object(interactive.page, "display", keep):
        call()
    return shown


def make_pages(folder: Path, calls: Calls) -> dict[str, Path]:
    """Make a notebook with a cell for each call, and return its two kinds of page."""
    question = "# Pieces\n\n**The question:** do they work?"
    cells = [
        new_code_cell(f"{name}()", execution_count=i, outputs=outputs(call))
        for i, (name, call) in enumerate(calls.items(), start=1)
    ]
    notebook = new_notebook(cells=[new_markdown_cell(question), *cells])
    notebook.metadata = METADATA
    shutil.copytree(ROOT / ".site", folder / ".site")
    (folder / "notebooks").mkdir()
    path = folder / "notebooks" / "pieces.ipynb"
    nbformat.write(notebook, path)
    index = "# Index\n\n```{toctree}\npieces\n```\n"
    (folder / "notebooks" / "index.md").write_text(index)
    site, run = build(folder, folder)
    assert run.returncode == 0, run.stdout + run.stderr
    page, _ = HTMLExporter().from_notebook_node(notebook)
    single = folder / "single.html"
    single.write_text(page)
    return {"site": site / "pieces.html", "nbconvert": single}


@contextmanager
def shown(browser, page_or_html: Path | str, way: str = "", **options) -> Iterator:
    """Yield a page without any network that must see no error.

    It shows a file, or runs some HTML in one of `WAYS`.
    """
    errors = []
    page = browser.new_page(offline=True, **options)
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(error))
    if isinstance(page_or_html, Path):
        page.goto(page_or_html.as_uri())
    else:
        page.goto("about:blank")
        page.evaluate(WAYS[way], [page_or_html])
    yield page
    page.close()
    assert not errors


def check_usable(page, width: int) -> None:
    """Check that all pieces of a page fit it, and that anybody can use them."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    controls = page.locator("[data-piece] :is(input, button, summary)").evaluate_all(
        """all => all.filter(e => e.checkVisibility()).map(e => {
            const {left, right, height} = e.getBoundingClientRect();
            return [left, right, height];
        })"""
    )
    assert controls
    for left, right, height in controls:
        assert left >= 0 and right <= width
        assert height >= 24  # the target size of WCAG 2.2
    broken = Axe().run(page, context="[data-piece]").response["violations"]
    assert not [(rule["help"], [n["html"] for n in rule["nodes"]]) for rule in broken]
