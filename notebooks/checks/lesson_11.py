"""Check the exercises of lesson 11: what saves time, all lines at once, one pass."""

import contextlib
import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from checks.core import WrongError, call, compare, expect, normal
from checks.records import defined, exercise, number

speedup = number(
    answer=100 / 40.6,
    mistakes={
        100 / 40: "One test in a hundred epochs is left, and takes its share.",
        100: "Only the tests become rarer. The step stays in every epoch.",
        100 / 60.4: "You made the step rarer, and kept the test.",
        40.6: "That is the time for an epoch. How often does it fit into the old one?",
        0.406: "Turn it round: the old time divided by the new one.",
    },
    hint="What does an epoch take on average, with a hundredth of a test in it?",
    tolerance=0.01,
    goal="How many times faster is training as a whole?",
    idea="Add up a hundred epochs before and after, and divide.",
    praise="The step that is left sets the limit: with no test at all, 2.5.",
)

ALL_LOSSES = """\
def all_losses(weights, biases, X, y):
    predictions = weights.unsqueeze(1) * X + biases.unsqueeze(1)
    return (predictions - y).abs().mean(dim=1)
"""
MEAN, ABS = ").mean(dim=1)", "(predictions - y).abs()"


def instead(old: str, new: str) -> Callable:
    """Return the solution of exercise 2 with one part replaced."""
    return defined(ALL_LOSSES.replace(old, new))


@exercise(
    goal="Write `all_losses(weights, biases, X, y)`",
    idea="Which shape has a column of 5 weights times a row of 7 points?",
    praise="As many operations for a thousand lines as for one.",
    solution=ALL_LOSSES,
    mistakes=[
        (instead(".abs()", ""), "Plus and minus cancel. Drop the signs."),
        (
            instead(f"{ABS}.mean(dim=1)", "(predictions - y).mean(dim=1).abs()"),
            "Drop the signs before the mean, not after.",
        ),
        (instead(MEAN, ").sum(dim=1)"), "That is the sum. Take the mean."),
        (instead("abs", "square"), "Those are squares. Take absolute values."),
        (
            instead("+ biases.unsqueeze(1)", ""),
            "Each line has a bias of its own, and it is missing.",
        ),
    ],
    other="""\
def all_losses(weights, biases, X, y):
    errors = torch.outer(weights, X) + biases.reshape(-1, 1) - y
    return errors.abs().mean(1)
""",
)
def all_losses(attempt: Any) -> None:
    small = [torch.tensor([1.0, 2.0]) * n for n in (1, 0, 1, 1)]
    cases = {"5 lines and 7 points": lines(5, 7), "6 lines and 6 points": lines(6, 6)}
    for given, case in [*cases.items(), ("the small example", small)]:
        expected = defined(ALL_LOSSES)(*case)
        wrong = [(mistake(*case), hint) for mistake, hint in all_losses.mistakes]
        hint = "Make both a column, the weights and the biases."
        result = call(attempt, *case, shapes_hint=hint)
        by_point = defined(ALL_LOSSES.replace("dim=1", "dim=0"))(*case)
        if isinstance(result, Tensor) and result.shape == by_point.shape:
            by_point = torch.equal(result.detach(), by_point)
            if result.shape != expected.shape or by_point:
                hint = "Lines are rows, points are columns: take the mean along a row."
                what = "there is a loss for each point, and not for each line"
                raise WrongError(what, hint)
        hint = "Do weights and biases both become columns, with `unsqueeze(1)`?"
        compare(result, expected, given, wrong, hint=hint)
    sizes = [(3, 7), (3, 7), (30, 7), (3, 70)]  # the first one imports what is needed
    _, few, more_lines, more_points = (work(attempt, lines(*size)) for size in sizes)
    if max(more_lines, more_points) > few:
        what = f"it takes {few} operations for 3 lines and 7 points, "
        what += f"{more_lines} for 30 lines, and {more_points} for 70 points"
        hint = "Leave out the loop: a column of weights times a row of X is a table."
        raise WrongError(what, hint)


def lines(n_lines: int, n_points: int) -> list[Tensor]:
    """Return weights, biases, X and y."""
    sizes = enumerate([n_lines, n_lines, n_points, n_points])
    return [normal(n, seed=seed) for seed, n in sizes]


def work(function: Callable, arguments: list[Tensor]) -> int:
    """Return how many operations a function takes: PyTorch's, and its own lines'."""
    code, traced, count = getattr(function, "__code__", None), sys.gettrace(), 0

    def trace(frame: Any, event: str, _: Any) -> Callable | None:
        nonlocal count
        if code is None or frame.f_code.co_filename != code.co_filename:
            return None
        count += event == "line"
        return trace

    with Operations() as counter:
        sys.settrace(trace)
        try:
            function(*arguments)
        finally:
            sys.settrace(traced)
    return counter.count + count


class Operations(TorchDispatchMode):
    """Count the operations that PyTorch dispatches."""

    count = 0

    def __torch_dispatch__(self, run: Callable, _: Any, args: Any, kwargs: Any) -> Any:
        self.count += 1
        return run(*args, **kwargs or {})


MEAN_AND_STD = """\
def mean_and_std(blocks):
    n, total, squares = 0, 0.0, 0.0
    for block in blocks:
        if n == 0:
            near = block.mean()
        block = (block - near).double()
        n += len(block)
        total += block.sum().item()
        squares += (block @ block).item()
    mean = total / n
    return near.item() + mean, (squares / n - mean**2) ** 0.5
"""


@exercise(
    goal="Return the mean and the standard deviation of all values, as two plain "
    "numbers.",
    idea="The number of values, their sum, and the sum of their squares are enough.",
    praise="One pass, one block at a time: it works for any number of values.",
    solution=MEAN_AND_STD,
    other="""\
def mean_and_std(blocks):
    n, mean, about = 0, 0.0, 0.0
    for block in blocks:
        block = block.double()
        m, away = len(block), block.mean().item() - mean
        about += block.var(correction=0).item() * m + away**2 * n * m / (n + m)
        n, mean = n + m, mean + away * m / (n + m)
    return mean, (about / n) ** 0.5
""",
)
def mean_and_std(attempt: Any) -> None:
    for given, blocks in {
        "[1, 2] and [6]": [torch.tensor([1.0, 2.0]), torch.tensor([6.0])],
        "values near 1000": (normal(5_000) + 1_000).split([100, 2_000, 2_900]),
        "3 blocks, far apart": [normal(1) - 50, normal(30, seed=1), normal(9) + 20],
    }.items():
        values = torch.cat(list(blocks)).double()
        mean, std = values.mean().item(), values.std(correction=0).item()
        once = (block.clone() for block in blocks)
        result = call(attempt, once, shared=True)
        expect(result, "Return mean and spread.", 2)
        shares = [len(b) / len(values) for b in blocks]
        wrong = [
            (mean - blocks[0].mean().item(), "Add again what you subtracted."),
            (
                sum(b.mean().item() for b in blocks) / len(blocks),
                "Blocks of different length count alike: add up sums.",
            ),
            (0.0, "Can you go through `blocks` a second time?"),
        ]
        compare(result[0], mean, f"the mean of {given}", wrong, tolerance=1e-3)
        within = [b.double().std(correction=0).item() for b in blocks]
        wrong = [
            (std**2, "That is its square, the variance."),
            (values.std().item(), "Divide by the number of values, not one less."),
            (
                sum(s * share for s, share in zip(within, shares, strict=True)),
                "The blocks also differ from each other: add up squares, not spreads.",
            ),
        ]
        hint = "It is the root of the mean square of all distances from the mean."
        if mean > 100:
            hint = "Far from zero, the squares lose it. What should you subtract first?"
        said = f"the spread of {given}"
        compare(result[1], std, said, wrong, tolerance=2e-5, hint=hint)
    sizes = call(held_by, attempt, patience=3)
    if sizes[-1] - sizes[0] > 80_000:
        hint = "Keep totals only: the blocks may not fit into memory together."
        raise WrongError("it keeps more with each block", hint)


def held_by(attempt: Callable) -> list[int]:
    """Return how many bytes are in use after the 3rd of 12 blocks and the 11th."""
    sizes, was_tracing = [], tracemalloc.is_tracing()

    def blocks() -> Iterator[Tensor]:
        for seed in range(12):
            yield normal(5_000, seed=seed)
            if seed in (2, 10):
                sizes.append(in_use())

    tracemalloc.start()
    try:
        attempt(blocks())
    finally:
        if not was_tracing:
            tracemalloc.stop()
    return sizes or [0]


def in_use() -> int:
    """Return how many bytes all tensors hold, and what Python has taken since."""
    storages = {}
    for thing in gc.get_objects():
        if issubclass(type(thing), Tensor):
            with contextlib.suppress(Exception):  # not every kind has a storage
                storage = thing.untyped_storage()
                storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values()) + tracemalloc.get_traced_memory()[0]
