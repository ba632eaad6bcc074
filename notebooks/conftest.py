"""Compare each figure that a cell draws with the stored one, in the same run.

nbval runs the cells and compares everything else. It never compares pictures.
"""

from pathlib import Path

import pytest
from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure
from nbval.plugin import IPyNbCell

from execute import figures

DIFFERENCES = Path(__file__).resolve().parents[1] / ".figure-differences"

# Root mean square of the difference, where 255 is black against white. Measured: 0.0 at
# every CPU level and thread count; 1.8 for one point of a series drawn 0.02 off; 8.7 or
# more for the whole series.
TOLERANCE = 1.0


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """After nbval has run a cell and compared its text, compare its figures."""
    result = yield
    if isinstance(item, IPyNbCell):
        stored, drawn = figures(item.cell.outputs), figures(item.test_outputs)
        name = f"{item.path.stem}-cell-{item.cell_num}-figure"
        for index, ((_, old), (_, new)) in enumerate(zip(stored, drawn, strict=True)):
            if message := difference(old, new, f"{name}-{index}"):
                pytest.fail(message, pytrace=False)
    return result
