"""The checks can fail: spoil a copy of the repository, and see what goes red.

Each spoiled copy must fail in exactly the places that were spoiled, and pass again once
the files are put back.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from compare import PNG
from execute import ROOT
from site_build import copy_sources

DATA = "notebooks/01_data.ipynb"


@pytest.fixture
def copy(tmp_path) -> Path:
    """Return a copy of what the tests read, to spoil."""
    return copy_sources(tmp_path / "copy")


def failures(copy: Path, *arguments: str) -> set[str]:
    """Run pytest in the copy and return the names of the tests that failed."""
    report = copy.parent / "report.xml"
    report.unlink(missing_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    options = ["-p", "no:cacheprovider", "-n0", f"--junitxml={report}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments],
        cwd=copy,
        env=env,
        capture_output=True,
        text=True,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert cases
    failed = {c.get("name") for c in cases if c.find("failure") is not None}
    assert bool(failed) == bool(run.returncode)
    return failed


def change(file: Path, edit: Callable) -> None:
    """Edit a notebook in place and write it back."""
    notebook = nbformat.read(file, as_version=4)
    edit(notebook)
    nbformat.write(notebook, file)


def restore(copy: Path) -> None:
    shutil.copytree(ROOT / "notebooks", copy / "notebooks", dirs_exist_ok=True)


def cells_with(notebook, part: str) -> list[tuple[int, nbformat.NotebookNode]]:
    """Return (number, cell) of the code cells whose source contains `part`."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(i, cell) for i, cell in enumerate(code) if part in cell.source]


def test_a_notebook_run_catches_what_was_spoiled(copy):
    spoiled = set()

    def spoil(notebook):
        def cell_with(part):
            ((number, cell),) = cells_with(notebook, part)
            spoiled.add(f"Cell {number}")
            return cell

        # A digit in a printed output.
        output = cell_with("print(first, second").outputs[0]
        output.text = output.text.replace("0.8823", "0.8824")
        # An output removed.
        cell_with("print(X.shape)").outputs.clear()
        # An output added.
        added = nbformat.v4.new_output("stream", name="stdout", text="0.7\n")
        cell_with("def make_data").outputs.append(added)
        # A series shifted in a figure.
        shifted = cell_with("show(\n    plot_predictions(X_train, y_train, X_test")
        shifted.source = shifted.source.replace("y_test)", "y_test + 0.02)")

    change(copy / DATA, spoil)
    assert failures(copy, DATA) == spoiled
    left = sorted(file.name for file in (copy / ".figure-differences").iterdir())
    assert [re.sub(r"^.*figure-0", "", name) for name in left] == [
        "-actual-failed-diff.png",
        "-actual.png",
        ".png",
    ]

    restore(copy)
    assert not failures(copy, DATA)


def test_a_notebook_run_catches_swapped_figures(copy):
    spoiled = set()

    def swap(notebook):
        drawn = cells_with(notebook, "show(")
        (first, one), (second, other) = drawn[-2:]
        a, b = one.outputs[0].data, other.outputs[0].data
        sources = [PNG.search(data["text/html"])[0] for data in (a, b)]
        for data, source in zip((b, a), sources, strict=True):
            data["text/html"] = PNG.sub(source, data["text/html"])
        spoiled.update({f"Cell {first}", f"Cell {second}"})

    change(copy / DATA, swap)
    assert failures(copy, DATA) == spoiled


def test_a_notebook_run_catches_another_learning_rate(copy):
    name = "notebooks/04_training_loop.ipynb"

    def quicken(notebook):
        _, cell = cells_with(notebook, "lr=0.01")[0]
        cell.source = cell.source.replace("lr=0.01", "lr=0.02")

    change(copy / name, quicken)
    assert failures(copy, "--exitfirst", name)


def test_hygiene_catches_what_was_spoiled(copy):
    def strip(notebook):
        for _, cell in cells_with(notebook, ""):
            cell.outputs, cell.execution_count = [], None

    def empty_alternative(notebook):
        _, cell = cells_with(notebook, "show(")[-1]
        for output in cell.outputs:
            alt = output.data["text/plain"].removeprefix("Figure: ")
            for kind in ("text/html", "text/plain"):
                output.data[kind] = output.data[kind].replace(alt, "")

    def break_link(notebook):
        first = notebook.cells[0]
        first.source = first.source.replace("03_untrained", "03_unknown")

    notebooks = copy / "notebooks"
    change(notebooks / "02_model.ipynb", strip)
    change(notebooks / "03_untrained_prediction.ipynb", empty_alternative)
    change(notebooks / "04_training_loop.ipynb", break_link)
    module = notebooks / "linreg.py"
    source = module.read_text()
    module.write_text(source.replace("= round(train_fraction", "= int(train_fraction"))

    assert failures(copy, "tests/test_notebooks.py") == {
        "test_ran_from_top_to_bottom[02_model]",
        "test_has_an_output_wherever_the_code_makes_one[02_model]",
        "test_every_picture_has_a_text_alternative[02_model]",
        "test_every_picture_has_a_text_alternative[03_untrained_prediction]",
        "test_links_and_anchors_resolve[04_training_loop.ipynb]",
        "test_the_taught_definition_is_the_one_in_linreg[split]",
    }

    restore(copy)
    assert not failures(copy, "tests/test_notebooks.py")
