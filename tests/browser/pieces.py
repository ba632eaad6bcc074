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
from playwright.sync_api import Locator

import interactive.page
from execute import METADATA
from interactive.cases import CASES
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


# Of the hinge builder: a hinge, the slider, the keys, and where it stands then.
HINGES = [
    ("1", "joint", ["Home"], -3),
    ("1", "slope", ["PageDown"] * 4, -1.4),
    ("1", "slope", ["ArrowRight"] * 3, -1.1),
    ("2", "joint", ["Home", "PageUp", "PageUp"], -1.8),
    ("2", "slope", ["End", "PageDown", "PageDown"], 1.8),
    ("2", "slope", ["ArrowRight"], 1.9),
    ("3", "joint", ["End", "PageDown", "PageDown"], 1.8),
    ("3", "joint", ["ArrowLeft"] * 2, 1.6),
    ("3", "slope", ["PageDown"] * 3, -1.8),
]


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


def play_to_the_goal(kind: str, box: Locator) -> None:
    """Play a piece of a lesson by keyboard, until it says that the goal is reached."""

    def press(name: str) -> None:
        box.get_by_role("button", name=name).press("Enter")

    def choose(name: str) -> None:
        box.get_by_role("radio", name=name, exact=True).press("Space")

    slider = box.get_by_role("slider")
    if kind == "which-way":
        choose("it gets larger")
        press("Check my answer")
        for key in ["End", *["ArrowLeft"] * 3]:
            slider.press(key)
        for _ in range(2):
            press("Take a step")
        goal = "You are there, with 2 of six steps."
    elif kind == "rate-lab":
        choose("rate 0.1")
        choose("bounces: rises and falls")
        press("Walk 100 steps")
        box.get_by_text("Right: with rate 0.1, it bounces.").wait_for()
        slider.fill("0.24")
        slider.press("ArrowRight")
        press("Walk until it arrives")
        goal = "No rate does it in fewer."
    elif kind == "hinge-builder":
        choose("It stays flat")
        press("Check my answer")
        for hinge, name, keys, _ in HINGES:
            choose(hinge)
            for key in keys:
                box.get_by_role("slider", name=name, exact=True).press(key)
        goal = "Training ends at"
    elif kind == "stop-here":
        press("Play")
        press("Stop here")
        goal = "the validation loss (dashed) is"
    elif kind == "curve-clinic":
        for case in CASES:
            choose(next(iter(case.lines)))
            press("Print it")
            press("Next case")
        goal = f"in all {len(CASES)} cases, {len(CASES)} of them at the first choice"
    box.get_by_text(goal).first.wait_for()


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
