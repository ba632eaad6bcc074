"""Each notebook in JupyterLab, as a newcomer opens and runs it."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest

from chromium import require_browser, watched_page
from compare import IMG, comparable, compare_figures, is_exempt
from lessons import NOTEBOOKS, ROOT, exercises, has_tag
from site_build import README, copy_sources

require_browser()
pytestmark = pytest.mark.slow

START = re.search(r"^\.venv/bin/(jupyter lab .*)$", README, re.MULTILINE)[1]

SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # and not one in another tab

# Wait for what the current tab really has: its document, session and kernel.
READY = """
async name => {
  const app = window.jupyterapp;
  if (!app) return false;
  await app.restored;
  const panel = app.shell.currentWidget;
  if (!panel || !panel.context || !panel.context.path.endsWith(name)) return false;
  await panel.context.ready;
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) return false;
  await kernel.info;
  return kernel.connectionStatus === 'connected';
}
"""

# The promise of "run all" may end early; a silent request comes after every cell.
FINISH = """
async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  const kernel = panel.sessionContext.session.kernel;
  await kernel.requestExecute({code: '', silent: true}).done;
  return panel.content.model.toJSON();
}
"""

PICTURES = """
async index => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  await notebook.scrollToItem(index, 'center');
  const node = notebook.widgets[index].node;
  for (let i = 0; i < 50; i++) {
    const all = [...node.querySelectorAll('img, svg[role=img]')];
    if (all.length && all.every(i => i.nodeName === 'svg' || i.naturalWidth > 0)) {
      return all.map(i => i.alt || i.ariaLabel);
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return null;
}
"""

FORMULAS = """
async index => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  await notebook.scrollToItem(index, 'center');
  const node = notebook.widgets[index].node;
  for (let i = 0; i < 50; i++) {
    if (node.querySelector('mjx-container')) return !node.innerText.includes('$');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return false;
}
"""

# Type text into cells, by their index.
TYPE = """
answers => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  for (const [index, answer] of Object.entries(answers)) {
    notebook.widgets[index].model.sharedModel.setSource(answer);
  }
}
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Return a reader's copy of the repository."""
    return copy_sources(tmp_path_factory.mktemp("lab") / "copy")


@pytest.fixture(scope="module")
def lab(copy):
    """Start JupyterLab by the command of the README in the copy; yield its address."""
    folder = copy.parent
    kinds = ("CONFIG", "DATA", "RUNTIME")
    env = os.environ | {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in kinds}
    env |= {"OMP_NUM_THREADS": "2"}  # where nbval runs them with one
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program, *arguments = shlex.split(START)
    options = ["--no-browser", "--allow-root", "--expose-app-in-browser"]
    options += [f"--port={port}", "--port-retries=0", "--IdentityProvider.token="]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [Path(sys.executable).with_name(program), *arguments, *options],
            cwd=copy,
            env=env,
            stdout=log,
            stderr=log,
        )
    address = f"http://localhost:{port}"
    for _ in range(300):
        try:
            urlopen(f"{address}/api", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait()


def open_notebook(page, lab: str, name: str) -> None:
    page.goto(f"{lab}/lab/tree/notebooks/{name}")
    wait_for(page, name)


def wait_for(page, name: str) -> None:
    page.wait_for_function("window.jupyterapp !== undefined")
    for _ in range(100):
        if page.evaluate(READY, name):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{name}: no kernel")


# Comes first: a notebook that has been run and saved is trusted, and its scripts run.
@pytest.mark.parametrize("kind", ["drag-line", "play"])
def test_a_piece_to_play_with_is_a_picture_until_it_is_run(browser, lab, kind):
    path = next(path for path in NOTEBOOKS if f'class=\\"{kind}\\"' in path.read_text())
    stored = nbformat.read(path, as_version=4).cells
    marked = f'<div class="{kind}">'
    (index,) = (i for i, c in enumerate(stored) if marked in str(c.get("outputs")))
    with watched_page(browser, viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(60_000)
        open_notebook(page, lab, path.name)
        assert page.evaluate(PICTURES, index)
        output = page.locator(f"{SHOWN} .jp-OutputArea", has_text="run this cell")
        assert output.locator("img").is_visible()
        assert not output.locator("input, button").count()
        shown = output.inner_text()
        assert shown.count("\n") < 3, shown  # nothing of the script

        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.evaluate(FINISH)
        page.evaluate(PICTURES, index)
        slider = page.locator(f"{SHOWN} .{kind} input").first
        slider.focus()
        before = float(slider.input_value())
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert float(slider.input_value()) > before
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(browser, lab, path):
    """Answer the exercises, run all cells, compare what they give, and save."""
    notebook = nbformat.read(path, as_version=4)
    stored, solutions = notebook.cells, exercises(notebook).values()
    starters = [i for i, cell in enumerate(stored) if has_tag(cell, "exercise")]
    with watched_page(browser, viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(60_000)
        open_notebook(page, lab, path.name)
        answers = [exercise["solution"] for exercise in solutions]
        page.evaluate(TYPE, dict(zip(starters, answers, strict=True)))
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        ran = page.evaluate(FINISH)["cells"]
        assert page.locator(".jp-Dialog").count() == 0

        count = 0
        for index, (cell, now) in enumerate(zip(stored, ran, strict=True)):
            if cell.cell_type == "markdown":
                pictures = cell.source.count("![")
                if "$" in cell.source:
                    assert page.evaluate(FORMULAS, index), cell.source
            else:
                count += 1
                assert now["execution_count"] == count
                if has_tag(cell, "check"):
                    said = comparable(now["outputs"])
                    assert said[0]["text"].startswith("Right. ")
                    continue
                if not is_exempt(cell):
                    assert comparable(now["outputs"]) == comparable(cell.outputs)
                name = f"lab-{path.stem}-{index}"
                assert not compare_figures(cell, now["outputs"], name)
                pictures = len(IMG.findall(str(cell.outputs)))
            if pictures:
                alternatives = page.evaluate(PICTURES, index)
                assert alternatives and len(alternatives) == pictures
                assert all(alternatives)

        page.keyboard.press("Control+s")
        page.wait_for_function(
            "!window.jupyterapp.shell.currentWidget.context.model.dirty"
        )
        open_notebook(page, lab, path.name)
        assert page.locator(".jp-Dialog").count() == 0
        assert page.evaluate(
            """[...window.jupyterapp.shell.currentWidget.content.model.cells]
                .filter(c => c.type === 'code').every(c => c.trusted)"""
        )


def test_what_a_reader_answered_and_saved_passes_and_is_counted(lab, copy):
    for name in (".pytest.ini", "tests"):
        (copy / name).symlink_to(ROOT / name)
    saved = copy / "notebooks" / NOTEBOOKS[1].name
    assert saved.read_text() != NOTEBOOKS[1].read_text()
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", saved]
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    run = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "01: 3 of 3 right" in run.stdout


def test_links_open_the_next_notebook_in_lab(browser, lab):
    with watched_page(browser, viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(60_000)
        open_notebook(page, lab, NOTEBOOKS[0].name)
        for there in [*NOTEBOOKS[1:], *NOTEBOOKS[-2::-1]]:
            notebook = "jupyterapp.shell.currentWidget.content"
            page.evaluate(f"{notebook}.scrollToItem({notebook}.widgets.length - 1)")
            here = page.locator(SHOWN)
            here.locator(f"a[href*='{there.stem}']").last.click()
            wait_for(page, there.name)


def test_lab_was_opened_where_pictures_can_be_found(lab):
    with urlopen(f"{lab}/api/contents/images") as reply:
        names = {item["name"] for item in json.load(reply)["content"]}
    assert names == {path.name for path in (ROOT / "images").iterdir()}
