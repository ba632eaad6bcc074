"""Find the figures among a cell's outputs, and compare two of them as pictures."""

import ast
import base64
import os
import re
from pathlib import Path

from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure
from nbformat import NotebookNode

from lessons import ROOT, definitions, has_tag

DIFFERENCES = Path(os.environ.get("FIGURE_DIFFERENCES", ROOT / ".figure-differences"))

# Root mean square of the difference, where 255 is black against white. Measured: 0.0 at
# every CPU level and thread count; 1.8 for one point of a series drawn 0.02 off; 8.7 or
# more for the whole series.
TOLERANCE = 1.0

PNG = re.compile(r'"data:image/png;base64,([^"]+)"')
IMG = re.compile(rf'<img alt="([^"]*)" width="\d+" src={PNG.pattern}>')


def is_exempt(cell: NotebookNode) -> bool:
    """Return whether what the cell puts out may differ from what is stored."""
    return has_tag(cell, "nbval-ignore-output")


def unneeded(cells: list) -> list:
    """Return the cells that are not compared, and give no name to one that is."""
    needed, skipped = set(), []
    for cell in reversed(cells):
        taken, given, always = taken_and_given(cell.source)
        if is_exempt(cell) and not given & needed:
            skipped.append(cell)
        else:
            needed = needed - always | taken
    return skipped


def taken_and_given(source: str) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a cell takes from others, may give them, and always gives.

    What a function or a loop calls its own is not taken. A name too many is harmless,
    and one too few fails.
    """

    def names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
        found = (part for part in ast.walk(node) if isinstance(part, ast.Name))
        return {name.id for name in found if isinstance(name.ctx, context)}

    taken, always = set(), set()
    for statement in ast.parse(source).body:
        own = set()
        for part in ast.walk(statement):
            if isinstance(part, ast.arg):
                own.add(part.arg)
            elif isinstance(part, ast.FunctionDef):
                own |= names(part, ast.Store)
            elif isinstance(part, ast.For | ast.comprehension):
                own |= names(part.target, ast.Store)
        taken |= names(statement, ast.Load) - own - always
        if isinstance(statement, ast.Assign):
            always |= names(statement, ast.Store)
    defined = set(definitions(source))
    return taken, names(ast.parse(source), ast.Store) | defined, always | defined


def comparable(outputs: list[dict]) -> list[dict]:
    """Return outputs as nbval compares them: text joined, pictures left out."""
    result = []
    for output in outputs:
        if output["output_type"] == "stream":
            if not result or result[-1].get("name") != output["name"]:
                result.append({"name": output["name"], "text": ""})
            result[-1]["text"] += "".join(output["text"])
        elif output["output_type"] == "error":
            result.append({key: output[key] for key in ("ename", "evalue")})
        else:
            texts = {kind: "".join(text) for kind, text in output["data"].items()}
            result.append({k: PNG.sub('"PICTURE"', t) for k, t in texts.items()})
    return result


def html(outputs: list[dict]) -> str:
    """Return the HTML of all outputs of a cell."""
    return "".join("".join(o.get("data", {}).get("text/html", "")) for o in outputs)


def figures(outputs: list[dict]) -> list[tuple[str, bytes]]:
    """Return (text alternative, PNG bytes) for each figure among a cell's outputs."""
    return [(alt, base64.b64decode(data)) for alt, data in IMG.findall(html(outputs))]


def pictures(outputs: list[dict]) -> list[bytes]:
    """Return the PNG bytes of each figure, and of each frame of one that moves."""
    return [base64.b64decode(data) for data in PNG.findall(html(outputs))]


def compare_figures(cell: dict, drawn: list[dict], name: str) -> list[str]:
    """Return what differs between a cell's stored figures and those drawn now.

    Both are left to look at. Of a cell that is exempt from comparison, only the number
    of its figures counts.
    """
    pairs = list(zip(pictures(cell["outputs"]), pictures(drawn), strict=True))
    DIFFERENCES.mkdir(exist_ok=True)
    messages = []
    for index, pair in enumerate([] if is_exempt(cell) else pairs):
        figure = f"{name}-figure-{index}"
        files = [DIFFERENCES / f"{figure}{end}.png" for end in ("", "-actual")]
        for file, png in zip(files, pair, strict=True):
            file.write_bytes(png)
        try:
            message = compare_images(*map(str, files), tol=TOLERANCE)
        except ImageComparisonFailure as failure:  # the sizes differ
            message = str(failure)
        if message is None:
            for file in files:
                file.unlink()
        else:
            where = f"the pictures are in {DIFFERENCES}"
            messages.append(f"{figure} differs; {where}\n{message}")
    return messages
