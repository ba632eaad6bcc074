"""Each notebook in JupyterLab, as a newcomer opens and runs it."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest

from chromium import require_browser, watched_page
from compare import IMG, comparable, compare_figures, is_exempt, unneeded
from lessons import NOTEBOOKS, ROOT, code_cells, exercises, is_checked
from site_build import command, copy_sources

require_browser()
pytestmark = pytest.mark.slow

from pieces import play_to_the_goal  # noqa: E402

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

OPEN = "path => void jupyterapp.commands.execute('docmanager:open', {path})"
CLOSE = """
async keeps_kernel => {
  const panel = window.jupyterapp.shell.currentWidget;
  const {id} = panel.sessionContext.session;
  panel.close();
  if (!keeps_kernel) await window.jupyterapp.serviceManager.sessions.shutdown(id);
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

# Wait for what a selector finds in a cell; return its text alternatives, and the text.
LOOK = """
async ([index, selector]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const node = notebook.widgets[index].node;
  for (let i = 0; i < 300; i++) {  // what is drawn above may push the cell away again
    if (i % 10 === 0) await notebook.scrollToItem(index, 'center');
    const all = [...node.querySelectorAll(selector)];
    if (all.length && all.every(e => e.naturalWidth !== 0)) {
      return [all.map(e => e.alt || e.ariaLabel), node.innerText];
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return [[], ''];
}
"""
PICTURES = "img, [role=img]"
PIECE = re.compile(r'class="([\w-]+)" data-piece="(\w+)"')

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
    """Return a reader's copy, without the cells that only measure times."""
    copy = copy_sources(tmp_path_factory.mktemp("lab") / "copy")
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        left_out = unneeded(code_cells(notebook))
        notebook.cells = [cell for cell in notebook.cells if cell not in left_out]
        nbformat.write(notebook, copy / "notebooks" / path.name)
    return copy


@pytest.fixture(scope="module")
def lab(copy):
    """Start JupyterLab by the command of the README in the copy; yield its address."""
    folder = copy.parent
    kinds = ("CONFIG", "DATA", "RUNTIME")
    env = os.environ | {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in kinds}
    # Two threads, where nbval has one; idle, they leave the core to other tests.
    env |= {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
    # The lowest CPU level, where nbval has this computer's own.
    env |= {"ATEN_CPU_CAPABILITY": "default"}
    env |= {"TORCHINDUCTOR_CACHE_DIR": str(folder / "compiled")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    start = [*command("jupyter lab"), "--no-browser", "--allow-root"]
    start += ["--expose-app-in-browser", f"--port={port}", "--port-retries=0"]
    start += ["--IdentityProvider.token="]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(start, cwd=copy, env=env, stdout=log, stderr=log)
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


@pytest.fixture(scope="module")
def page(browser, lab) -> Iterator:
    """Yield a page of JupyterLab, opened once as a newcomer opens it."""
    # When a kernel is shut down, the debugger may be waiting for its answer.
    harmless = "console: Could not restore the debugger state: Canceled future"
    with watched_page(browser, timeout=60_000, harmless=harmless) as page:
        page.goto(f"{lab}/lab/tree/notebooks/{NOTEBOOKS[0].name}")
        wait_for(page, NOTEBOOKS[0].name)
        yield page


@contextmanager
def opened(page, name: str) -> Iterator:
    """Show a notebook in a tab of its own, and close it and its kernel."""
    page.evaluate(OPEN, f"notebooks/{name}")
    wait_for(page, name)
    yield
    page.evaluate(CLOSE, False)


def wait_for(page, name: str) -> None:
    page.wait_for_function("window.jupyterapp !== undefined")
    for _ in range(100):
        if page.evaluate(READY, name):
            assert page.locator(".jp-Dialog").count() == 0
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{name}: no kernel")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(page, copy, path):
    """Answer the exercises, run all cells, compare what they give, and save."""
    notebook = nbformat.read(copy / "notebooks" / path.name, as_version=4)
    stored = notebook.cells
    answers = {e["place"]: e["answer"] for e in exercises(notebook).values()}
    pieces = {
        index: found.groups()
        for index, cell in enumerate(stored)
        if (found := PIECE.search(str(cell.get("outputs"))))
    }
    with opened(page, path.name):
        for index in pieces:  # a picture, until it is run here
            (alt,), _ = page.evaluate(LOOK, [index, PICTURES])
            picture = page.get_by_alt_text(alt, exact=True)
            output = page.locator(f"{SHOWN} .jp-OutputArea-child", has=picture)
            assert output.locator("img").is_visible()
            assert not output.locator("input, button").count()
            assert "run this cell" in output.locator("p").first.text_content()
            assert "start(" not in output.inner_text()  # nothing of the script
        page.evaluate(TYPE, answers)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        ran = page.evaluate(FINISH)["cells"]
        assert page.locator(".jp-Dialog").count() == 0

        count = 0
        for index, (cell, now) in enumerate(zip(stored, ran, strict=True)):
            if cell.cell_type == "markdown":
                pictures = cell.source.count("![")
                if "$" in cell.source:
                    found, text = page.evaluate(LOOK, [index, "mjx-container"])
                    assert found and "$" not in text, cell.source
            else:
                count += 1
                assert now["execution_count"] == count
                if is_checked(cell):
                    said = comparable(now["outputs"])
                    assert said[0]["text"].startswith("Right. ")
                    continue
                if not is_exempt(cell):
                    assert comparable(now["outputs"]) == comparable(cell.outputs)
                name = f"lab-{path.stem}-{index}"
                assert not compare_figures(cell, now["outputs"], name)
                pictures = len(IMG.findall(str(cell.outputs)))
            if pictures:
                alternatives, _ = page.evaluate(LOOK, [index, PICTURES])
                assert len(alternatives) == pictures and all(alternatives)

        page.keyboard.press("Control+s")
        page.wait_for_function(
            "!window.jupyterapp.shell.currentWidget.context.model.dirty"
        )
        if not pieces:  # to see whether they still move
            return
        page.evaluate(CLOSE, True)
        page.evaluate(OPEN, f"notebooks/{path.name}")
        wait_for(page, path.name)
        assert page.evaluate(
            """[...window.jupyterapp.shell.currentWidget.content.model.cells]
                .filter(c => c.type === 'code').every(c => c.trusted)"""
        )
        for index, (kind, key) in pieces.items():
            page.evaluate(LOOK, [index, PICTURES])
            form = page.locator(f'{SHOWN} [data-piece="{key}"] form')
            if kind not in ("drag-line", "play"):  # these have no goal
                play_to_the_goal(kind, form)
                continue
            state = "form => form.innerText + new URLSearchParams(new FormData(form))"
            before = form.evaluate(state)
            control = form.locator("input:enabled, button:enabled").first
            is_button = control.evaluate("control => control.matches('button')")
            control.press("Enter" if is_button else "ArrowRight")
            page.wait_for_timeout(100)
            assert form.evaluate(state) != before


def test_what_a_reader_answered_and_saved_passes_and_is_counted(lab, copy):
    for name in (".pytest.ini", "tests"):
        (copy / name).symlink_to(ROOT / name)
    saved = copy / "notebooks" / NOTEBOOKS[1].name
    assert saved.read_text() != NOTEBOOKS[1].read_text()
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", saved]
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    run = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "01: 6 of 6 right" in run.stdout


def test_links_open_the_next_notebook_and_the_one_before_in_lab(page):
    with opened(page, NOTEBOOKS[0].name):
        for there in [*NOTEBOOKS[1:3], NOTEBOOKS[1]]:
            notebook = "jupyterapp.shell.currentWidget.content"
            page.evaluate(f"{notebook}.scrollToItem({notebook}.widgets.length - 1)")
            page.locator(f"{SHOWN} a[href*='{there.stem}']").last.click()
            wait_for(page, there.name)


def test_lab_was_opened_where_pictures_can_be_found(lab):
    with urlopen(f"{lab}/api/contents/images") as reply:
        names = {item["name"] for item in json.load(reply)["content"]}
    assert names == {path.name for path in (ROOT / "images").iterdir()}
