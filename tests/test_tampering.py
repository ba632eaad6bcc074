"""The run of a lesson can fail: spoil a short one, and see which cells go red.

Its last three cells are exercises, as in a reader's copy: these fail nothing.
"""

import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lessons import ROOT
from linreg import figures

DRAW = 'show(plt.plot([0, 1], [0, {}], "o")[0].figure, "Two points, one above.")'
CELLS = [  # (source, what is stored, whether that is a lie)
    ("import matplotlib.pyplot as plt\nfrom linreg.figures import show", None, False),
    ("print(0.8823)", "0.8823\n", False),
    ("print(0.8823)", "0.8824\n", True),
    ("print('here')", None, True),
    ("number = 1", "1\n", True),
    ("print(2 * 0.02)", "0.02\n", True),
    (DRAW.format(1), 1, False),
    (DRAW.format(1.02), 1, True),
    (DRAW.format(2), 1, True),
    ("# This output is not compared: it differs.\nprint(id(number))", "7\n", False),
    ("print('Right. Well done.')", "Not attempted yet: write.\n", False),
    ("print(missing)", "Not attempted yet: write.\n", False),
    ("print('Not attempted yet: write.')", "Not attempted yet: write.\n", False),
]
TAGS = {9: "nbval-ignore-output"} | dict.fromkeys((10, 11, 12), "check")


def drawn(height: float) -> NotebookNode:
    """Return the output of a cell that draws two points."""
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "display", lambda data, raw: shown.append(data))
        exec(DRAW.format(height), {"plt": plt, "show": figures.show})
    return new_output("display_data", data=shown[0])


def test_a_run_fails_where_a_lesson_was_spoiled(tmp_path, monkeypatch):
    notebook = new_notebook()
    for number, (source, stored, _) in enumerate(CELLS):
        cell = new_code_cell(source, execution_count=number + 1)
        if isinstance(stored, str):
            cell.outputs = [new_output("stream", name="stdout", text=stored)]
        elif stored:
            cell.outputs = [drawn(stored)]
        if number in TAGS:
            cell.metadata["tags"] = [TAGS[number]]
        notebook.cells.append(cell)
    path, report = tmp_path / "90_spoiled.ipynb", tmp_path / "report.xml"
    nbformat.write(notebook, path)

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "notebooks"))
    monkeypatch.setenv("FIGURE_DIFFERENCES", str(tmp_path / "differences"))
    options = ["-c", ".pytest.ini", "-p", "no:cacheprovider", "-n0"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert len(cases) == len(CELLS)
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert failed == {f"Cell {i}" for i, (_, _, lie) in enumerate(CELLS) if lie}
    assert "90: 1 of 3 right, 1 not yet, 1 not attempted" in run.stdout
    left = {file.name for file in (tmp_path / "differences").iterdir()}
    assert {re.sub(r"^.*(cell-\d)-figure-0", r"\1", name) for name in left} == {
        f"cell-{number}{end}"
        for number in (7, 8)
        for end in (".png", "-actual.png", "-actual-failed-diff.png")
    }
