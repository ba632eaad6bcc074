"""Find the figures among a cell's outputs, and compare two of them as pictures."""

import base64
import os
import re
from pathlib import Path

from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure
from nbformat import NotebookNode

from lessons import ROOT, has_tag

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


def comparable(outputs: list[dict]) -> list[dict]:
    """Return outputs as nbval compares them: text joined, pictures left out."""
    result = []
    for output in outputs:
        if output["output_type"] == "stream":
            text = "".join(output["text"])
            if result and result[-1].get("name") == output["name"]:
                result[-1]["text"] += text
            else:
                result.append({"name": output["name"], "text": text})
        elif output["output_type"] == "error":
            result.append({key: output[key] for key in ("ename", "evalue")})
        else:
            data = {k: "".join(v) for k, v in output["data"].items()}
            result.append({k: PNG.sub('"PICTURE"', v) for k, v in data.items()})
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


def difference(stored: bytes, drawn: bytes, name: str) -> str | None:
    """Return what differs between two PNG pictures, and leave them to look at."""
    DIFFERENCES.mkdir(exist_ok=True)
    expected, actual = DIFFERENCES / f"{name}.png", DIFFERENCES / f"{name}-actual.png"
    expected.write_bytes(stored)
    actual.write_bytes(drawn)
    try:
        message = compare_images(str(expected), str(actual), tol=TOLERANCE)
    except ImageComparisonFailure as failure:  # the sizes differ
        message = str(failure)
    if message is None:
        expected.unlink()
        actual.unlink()
        return None
    return f"{name} differs; the pictures are in {DIFFERENCES}\n{message}"


def compare_figures(cell: dict, drawn: list[dict], name: str) -> list[str]:
    """Return what differs between a cell's stored figures and those drawn now.

    Of a cell that is exempt from comparison, only their number counts.
    """
    pairs = list(zip(pictures(cell["outputs"]), pictures(drawn), strict=True))
    if is_exempt(cell):
        return []
    messages = [
        difference(old, new, f"{name}-figure-{index}")
        for index, (old, new) in enumerate(pairs)
    ]
    return [message for message in messages if message]
