"""What the command for progress says, from notebooks as readers save them."""

import re
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from checks import progress
from lessons import ROOT

SAID = {
    "right": "Right. Well done.\n",
    "not yet": "Not yet: you wrote 3.\nHint: count.\n",
    "not attempted": "Not attempted yet: write.\n",
}


def save(path, verdicts, tag="check") -> None:
    """Save a notebook whose checks gave these verdicts; None: one that has not run."""
    notebook = new_notebook(cells=[new_code_cell("1 / 0")])
    for verdict in verdicts:
        cell = new_code_cell("checks.x(x)", metadata={"tags": [tag]})
        if verdict:
            text = SAID.get(verdict, verdict)
            cell.update(execution_count=1, outputs=[new_output("stream", text=text)])
        notebook.cells.append(cell)
    nbformat.write(notebook, path)


def test_it_counts_and_names_the_next_lesson(tmp_path):
    save(tmp_path / "00_begin.ipynb", [])
    save(tmp_path / "01_data.ipynb", ["right", "right"])
    save(tmp_path / "02_model.ipynb", ["right", "not yet", None, "not attempted"])
    save(tmp_path / "03_loss.ipynb", ["not attempted"], tag="try")
    assert progress.report(tmp_path).splitlines() == [
        "01 data: 2 of 2 right",
        "02 model: 1 of 4 right, 1 not yet, 2 not attempted",
        "03 loss: 0 of 1 right, 1 not attempted",
        "next: 02 model",
    ]


def test_an_error_is_not_yet_and_all_right_is_said(tmp_path):
    save(tmp_path / "01_data.ipynb", ["something else"])
    assert "0 of 1 right, 1 not yet" in progress.report(tmp_path)
    save(tmp_path / "01_data.ipynb", ["right"])
    assert progress.report(tmp_path).endswith("all are right: well done")


def test_the_command_in_the_readme_runs():
    readme = (ROOT / "README.md").read_text()
    (script,) = re.findall(
        r"^\.venv/bin/python (\S+progress\.py)$", readme, re.MULTILINE
    )
    run = subprocess.run(
        [sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1].startswith(("next: ", "all "))
