"""What lesson 11 teaches about rows in blocks: their line, its memory, its refusals."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from lessons import ROOT, claims, code_cells, definitions, read
from linreg.blocks import SlowRows, line_from_blocks, line_from_sums
from linreg.memory import extra_memory

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


@claims("11", "never holds more than one block, so they may stay in a file")
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_a_file_larger_than_memory_gives_its_line(tmp_path):
    cells = code_cells(read(ROOT / "notebooks/11_faster.ipynb"))
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


PEAK = """
from pathlib import Path
import torch
from linreg.blocks import line_from_blocks
torch.set_num_threads(1)
X = torch.rand(10_000_000)
blocks = list(zip(X.split(2**19), X.split(2**19)))
line_from_blocks([(X[:10], X[:10])])
Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the imports
def peak():
    (line,) = [r for r in open("/proc/self/status") if r.startswith("VmHWM")]
    return int(line.split()[1])
before = peak()
line_from_blocks(blocks)
print(peak() - before)
"""


@claims("11", "2 MB is the room for one block")
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as on Linux")
def test_in_a_fresh_process_the_room_for_a_block_is_all_that_it_takes():
    command = [sys.executable, "-c", PEAK]
    env = {"PYTHONPATH": str(ROOT / "notebooks")}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert 1.5e3 < float(run.stdout) < 6e3  # KiB


def keys(X: torch.Tensor) -> str:
    return str(torch._C._dispatch_keys(X))


@claims("11", "which backend is meant (a CPU, a GPU) and whether autograd records")
def test_what_is_dispatched_is_the_backend_and_autograd_and_not_the_dtype():
    X = torch.ones(3)
    assert keys(X) == keys(X.double()) == keys(X.int())
    assert "CPU" in keys(X) and "Meta" in keys(X.to("meta"))
    assert "Autograd" in keys(X)
    with torch.inference_mode():
        assert "Autograd" not in keys(torch.ones(3))


@claims("11", "`line_from_blocks` merges block after block")
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


def together(*groups: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    X = torch.cat(groups).double()
    y = 0.7 * X + 0.3 + 0.1 * torch.randn(len(X), dtype=torch.float64)
    return X, y


@claims("11", "far away, come in order, or begin far from the others")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("order", ["here", "far", "first elsewhere", "one elsewhere"])
def test_rows_in_any_order_and_place_give_their_line(order, dtype):
    torch.manual_seed(0)
    here, far = torch.rand(300_000), torch.rand(300_000) + 10_000
    rows = {
        "here": [here],
        "far": [far],
        "first elsewhere": [here[:1_000], far],
        "one elsewhere": [far, here[:1]],
    }
    X, y = (values.to(dtype) for values in together(*rows[order]))
    table = torch.stack([X, torch.ones_like(X)], dim=1).double()
    middle = table.mean(dim=0) * torch.tensor([1.0, 0.0])  # for its digits
    weight, height = torch.linalg.lstsq(table - middle, y.double()).solution.tolist()
    for change in (slice(None), torch.randperm(len(X)), X.argsort()):
        for length in (2**19, 70_000):
            blocks = zip(X[change].split(length), y[change].split(length), strict=True)
            found, bias = line_from_blocks(blocks)
            assert found == pytest.approx(weight, rel=1e-5)
            at_middle = found * middle[0].item() + bias
            assert at_middle == pytest.approx(height, rel=1e-5)


def test_blocks_of_one_row_give_the_line_of_all():
    X, y = together(torch.rand(1_000) + 10_000)
    blocks = zip(X.split(1), y.split(1), strict=True)
    expected = line_from_blocks([(X, y)])
    assert line_from_blocks(blocks) == pytest.approx(expected, rel=1e-7)


@claims("11", "`sum()` adds in pieces, and then adds up the pieces")
@claims("11", "a float32 loses little in sums that short")
def test_sums_lose_little_and_products_much_unless_they_are_short():
    torch.manual_seed(0)
    X = torch.rand(10_000_000)
    squares = X.square()
    exact = X.double().square().sum().item()
    off = abs(squares.sum().item() / squares.double().sum().item() - 1)
    assert off < 1e-6
    for product in (X.dot(X), X @ X):  # how much is lost depends on the threads
        assert abs(product.item() / exact - 1) > 50 * off
    pieces = [piece.dot(piece).item() for piece in X.split(1_024)]
    assert sum(pieces) == pytest.approx(exact, rel=1e-7)


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


def test_extra_memory_is_what_a_function_takes_and_its_errors_are_raised():
    ones = 4 * 2**24 / 1e6  # MB
    assert 0.9 * ones < extra_memory(lambda: torch.ones(2**24).sum()) < 2 * ones
    with pytest.raises(ZeroDivisionError):
        extra_memory(lambda: 1 / 0)


def test_slow_rows_are_rows_of_the_line():
    rows = SlowRows(3)
    assert len(rows) == 3
    for i, x in enumerate((0.0, 0.5, 1.0)):
        assert tuple(map(float, rows[i])) == pytest.approx((x, 0.7 * x + 0.3))
    for wrong, error in [(0, V), (2.0, T)]:
        with pytest.raises(error, match=r"^n_rows: "):
            SlowRows(wrong)
