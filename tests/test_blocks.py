"""What lesson 10 teaches about rows in blocks: their line, its memory, its refusals."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from lessons import ROOT, code_cells, definitions, read
from linreg.blocks import SlowRows, line_from_blocks, line_from_sums

READ = """
import resource, sys
from pathlib import Path
import numpy as np, torch
from linreg.blocks import line_from_blocks
{definition}
path = Path(sys.argv[1])
torch.set_num_threads(1)
line_from_blocks(blocks_of_file(path, 10_000))
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + 128 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    np.fromfile(path, np.float32)
except MemoryError:
    print("too large", *line_from_blocks(blocks_of_file(path)))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_a_file_larger_than_memory_gives_its_line(tmp_path):
    cells = code_cells(read(ROOT / "notebooks/10_faster.ipynb"))
    (cell,) = (c.source for c in cells if "blocks_of_file" in definitions(c.source))
    code = READ.format(definition=cell.split("\n\n\n")[0])
    path = tmp_path / "rows.bin"
    X = np.random.default_rng(0).random(30_000_000, np.float32)
    with path.open("wb") as file:
        X.tofile(file)
        (0.7 * X + 0.3).astype(np.float32).tofile(file)
    env = {"PYTHONPATH": str(ROOT / "notebooks"), "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, "-c", code, path]
    run = subprocess.run(command, env=env, capture_output=True, text=True)
    assert run.stdout.startswith("too large"), run.stderr
    assert tuple(map(float, run.stdout.split()[2:])) == pytest.approx(
        (0.7, 0.3), abs=1e-5
    )


@pytest.mark.parametrize("offset", [0.0, 100.0, -3_000.0, 10_000.0])
@pytest.mark.parametrize("lengths", [[900], [2, 898], [1, 449, 450], [300] * 3])
def test_any_blocks_give_the_least_squares_line(offset, lengths):
    torch.manual_seed(0)
    X = 5 * torch.rand(900) + offset
    y = -2 * X + 1 + torch.randn(900)
    blocks = zip(X.split(lengths), y.split(lengths), strict=True)
    weight, bias = line_from_blocks(blocks)
    X, y = X.double(), y.double()
    centred = X - X.mean()
    slope = (centred @ (y - y.mean()) / (centred @ centred)).item()
    assert weight == pytest.approx(slope, abs=1e-5)
    height = (y.mean() - slope * X.mean()).item()
    assert bias == pytest.approx(height, abs=1e-5 * (1 + abs(offset)))


def test_blocks_may_change_their_dtype_and_rows_may_be_in_order():
    X = torch.linspace(0, 1, 10)
    blocks = [(X, 2 * X), (X.double(), 2 * X.double())]
    assert line_from_blocks(blocks) == pytest.approx((2, 0), abs=1e-6)
    X = torch.rand(100_000).sort().values
    blocks = zip(X.split(1_000), (0.7 * X + 0.3).split(1_000), strict=True)
    assert line_from_blocks(blocks) == pytest.approx((0.7, 0.3), abs=1e-5)
    assert line_from_sums(2, 1.0, 4.0, 1.0, 3.0) == (2.0, 1.0)  # (0, 1) and (1, 3)


ONE, RISING = torch.ones(3), torch.arange(3.0)
T, V = TypeError, ValueError


@pytest.mark.parametrize(
    ("blocks", "error", "message"),
    [
        ([], V, "expected rows"),
        ([(ONE[:0], ONE[:0])], V, "one shape"),
        ([(RISING, ONE[:2])], V, "one shape"),
        ([(RISING.unsqueeze(1), ONE.unsqueeze(1))], V, "one shape"),
        ([(RISING.int(), ONE)], T, "X must be floating point"),
        ([(RISING, [1.0, 1.0, 1.0])], T, "y must be floating point"),
        ([(RISING, ONE), (RISING, torch.nan * ONE)], V, "finite"),
        ([(RISING.double(), RISING)], T, "expected the same"),
        ([(ONE, RISING)], V, "different values"),
    ],
)
def test_line_from_blocks_refuses_what_gives_no_line(blocks, error, message):
    with pytest.raises(error, match=f"^blocks: .*{message}"):
        line_from_blocks(blocks)


def test_slow_rows_are_rows_of_the_line():
    rows = SlowRows(3)
    assert len(rows) == 3
    for i, x in enumerate((0.0, 0.5, 1.0)):
        assert tuple(map(float, rows[i])) == pytest.approx((x, 0.7 * x + 0.3))
    for wrong, error in [(0, V), (2.0, T)]:
        with pytest.raises(error, match=r"^n_rows: "):
            SlowRows(wrong)
