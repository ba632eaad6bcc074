"""Execute lessons in place: `python tests/execute.py [--check] [notebook ...]`.

First, each definition that a lesson teaches is filled in from `notebooks/linreg/`, its
one source. With `--check`, nothing is written: a cell that is not filled is an error.

Leaves nothing in the files that would differ in a second run: an output that is exempt
from comparison, such as a timing, stays as stored. Writes the pictures of README.md
too.
"""

import ast
import copy
import functools
import itertools
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from compare import figures, is_exempt
from lessons import NOTEBOOKS, README_PICTURES, ROOT, code_cells, definitions, has_tag

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
UNTAUGHT = {
    "alt",
    "as_img",
    "show",
    "to_png",
    "data_uri",
    "line_and_loss",
    "finish",
    "extra_memory",
}  # no lesson explains them


# One source for what is taught


@functools.cache
def taught() -> dict[str, str]:
    """Return each definition of the module that a lesson teaches, as it is shown."""
    return {
        name: shown(ast.get_source_segment(source, node))
        for path in sorted((ROOT / "notebooks" / "linreg").glob("*.py"))
        if path.stem != "guards"
        for source in [path.read_text()]
        for name, node in definitions(source).items()
        if name not in UNTAUGHT
    }


def shown(source: str) -> str:
    """Return a definition without docstrings, type hints and guards, and formatted."""
    starts = [0, *itertools.accumulate(map(len, source.splitlines(keepends=True)))]

    def begin(node: ast.AST) -> int:
        return starts[node.lineno - 1] + node.col_offset

    def end(node: ast.AST) -> int:
        return starts[node.end_lineno - 1] + node.end_col_offset

    cuts = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg) and node.annotation:
            cuts.append((begin(node) + len(node.arg), end(node.annotation)))
        if isinstance(node, ast.FunctionDef):
            cuts += [(begin(guard) - 1, end(guard)) for guard in node.decorator_list]
            if node.returns:
                cuts.append(
                    (source.rindex("->", 0, begin(node.returns)), end(node.returns))
                )
            *_, last = sorted(map(end, filter(has_place, ast.walk(node.args)))) or [0]
            if comma := re.compile(r",\s*\)").match(source, last):
                cuts.append((last, comma.start() + 1))  # or one argument stays a line
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            after = re.compile(r"\s*").match(source, end(node.body[0])).end()
            cuts.append((begin(node.body[0]), after))
    for first, after in sorted(cuts, reverse=True):
        source = source[:first] + source[after:]
    return ruff_format(source)


def has_place(node: ast.AST) -> bool:
    return hasattr(node, "lineno")


def ruff_format(source: str) -> str:
    """Return a source in the form that the linter wants."""
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename=cell.py", "-"]
    run = subprocess.run(
        ruff, input=source, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def filled(source: str) -> str:
    """Return the source of a cell with all that is taught filled in."""
    lines = source.splitlines()
    for name, node in reversed(definitions(source).items()):
        if name in taught():
            lines[node.lineno - 1 : node.end_lineno] = taught()[name].splitlines()
    return "\n".join(lines)


def fill(notebook: NotebookNode) -> None:
    """Fill what is taught into the cells of a lesson."""
    for cell in code_cells(notebook):
        cell.source = filled(cell.source)


# Execution


def prediction_figure(notebook: NotebookNode) -> bytes:
    """Return the PNG of the figure drawn by the cell tagged `readme-picture`."""
    (cell,) = (cell for cell in notebook.cells if has_tag(cell, "readme-picture"))
    ((_, png),) = figures(cell.outputs)
    return png


def execute(path: Path) -> NotebookNode:
    """Fill and run every cell of the notebook at `path` and write it back."""
    notebook = nbformat.read(path, as_version=4)
    fill(notebook)
    stored = [copy.deepcopy(cell.get("outputs")) for cell in notebook.cells]
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # or what is printed comes in pieces, by chance
        timeout=300,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    for cell, outputs in zip(notebook.cells, stored, strict=True):
        if outputs and is_exempt(cell):
            cell.outputs = outputs
    notebook.metadata = METADATA
    nbformat.write(notebook, path)
    return notebook


def main(arguments: list[str]) -> None:
    """Execute the notebooks named, or all of them; or check that they are filled."""
    paths = [Path(a).resolve() for a in arguments if a != "--check"] or NOTEBOOKS
    if "--check" in arguments:
        for path in paths:
            for cell in code_cells(nbformat.read(path, as_version=4)):
                if cell.source != filled(cell.source):
                    sys.exit(f"{path.name}: execute it, to fill in what is taught")
        return
    for path in paths:
        notebook = execute(path)
        for picture, source in README_PICTURES.items():
            if path.name == source:
                (ROOT / "images" / picture).write_bytes(prediction_figure(notebook))
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
