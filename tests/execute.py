"""Execute notebooks in place: `python tests/execute.py [notebook ...]`.

Leaves nothing in the files that would differ in a second run: an output that is exempt
from comparison, such as a timing, stays as stored. Writes the pictures of README.md
too.
"""

import copy
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from compare import figures, is_exempt

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
README_PICTURES = {
    "prediction_1.png": "03_untrained_prediction.ipynb",
    "prediction_2.png": "05_trained_prediction.ipynb",
}


def prediction_figure(notebook: nbformat.NotebookNode) -> bytes:
    """Return the PNG of the figure drawn by the cell tagged `readme-picture`."""
    (cell,) = (
        c for c in notebook.cells if "readme-picture" in c.metadata.get("tags", [])
    )
    ((_, png),) = figures(cell.outputs)
    return png


def execute(path: Path) -> nbformat.NotebookNode:
    """Run every cell of the notebook at `path` and write it back."""
    notebook = nbformat.read(path, as_version=4)
    stored = [copy.deepcopy(cell.get("outputs")) for cell in notebook.cells]
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # or what is printed comes in pieces, by chance
        timeout=120,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    for cell, outputs in zip(notebook.cells, stored, strict=True):
        if outputs and is_exempt(cell):
            cell.outputs = outputs
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)
    return notebook


def main(arguments: list[str]) -> None:
    """Execute the notebooks named, or all of them."""
    for path in [Path(a).resolve() for a in arguments] or NOTEBOOKS:
        notebook = execute(path)
        for picture, source in README_PICTURES.items():
            if path.name == source:
                (ROOT / "images" / picture).write_bytes(prediction_figure(notebook))
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
