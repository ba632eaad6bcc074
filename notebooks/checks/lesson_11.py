"""Check the exercises of lesson 11: what saves time, all lines at once, one pass."""

import contextlib
import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from checks.core import WrongError, call, compare, expect, normal
from checks.records import Lesson

lesson = Lesson(__file__)

speedup = lesson.number("speedup")


@lesson.exercise
def all_losses(attempt: Any) -> None:
    """It is right for many lines, and takes as many operations for more of them."""
    small = [torch.tensor([1.0, 2.0]) * n for n in (1, 0, 1, 1)]
    cases = {"5 lines and 7 points": lines(5, 7), "6 lines and 6 points": lines(6, 6)}
    for given, case in [*cases.items(), ("the small example", small)]:
        expected = all_losses.right(*case)
        hint = "Weights and biases become columns, and X and y stay rows."
        result = all_losses.call(attempt, *case, shapes_hint=hint)
        by_point = all_losses.made("dim=1 -> dim=0")(*case)
        if isinstance(result, Tensor) and result.shape == by_point.shape:
            by_point = torch.equal(result.detach(), by_point)
            if result.shape != expected.shape or by_point:
                hint = "Lines are rows, points are columns: take the mean along a row."
                what = "there is a loss for each point, and not for each line"
                raise WrongError(what, hint)
        all_losses.compare(result, case, given)
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

    with Operations() as counter, patch("builtins.print"):
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


@lesson.exercise
def mean_and_std(attempt: Any) -> None:
    """Both are right for three sets of blocks, and no block is kept."""
    for given, blocks in {
        "[1, 2] and [9]": [torch.tensor([1.0, 2.0]), torch.tensor([9.0])],
        "values near 1000": (normal(5_000) + 1_000).split([100, 2_000, 2_900]),
        "3 blocks, far apart": [normal(1) - 50, normal(30, seed=1), normal(9) + 20],
    }.items():
        values = torch.cat(list(blocks)).double()
        mean, std = values.mean().item(), values.std(correction=0).item()
        once = (block.clone() for block in blocks)
        result = mean_and_std.call(attempt, once, shared=True)
        expect(result, mean_and_std.form, 2)
        mistakes = [(wrong(blocks), text) for wrong, text in mean_and_std.mistakes]
        means = [(wrong, text) for (wrong, _), text in mistakes]
        compare(result[0], mean, f"the mean of {given}", means, tolerance=1e-3)
        hint = mean_and_std.hint
        if mean > 100:
            hint = "Far from zero, the squares lose it. What should you subtract first?"
        elif min(map(len, blocks)) == 1 and "nan" in str(result[1]):
            hint = "`std()` of one value divides 0 by 0: there, n - 1 is 0."
            raise WrongError(f"for {given}, the spread is NaN", hint)
        spreads = [(wrong, text) for (_, wrong), text in mistakes]
        said = f"the spread of {given}"
        compare(result[1], std, said, spreads, tolerance=2e-5, hint=hint)
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
    gc.freeze()
    try:
        attempt(blocks())
    finally:
        gc.unfreeze()
        if not was_tracing:
            tracemalloc.stop()
    return sizes or [0]


def in_use() -> int:
    """Return how many bytes new tensors hold, and what Python has taken since.

    What was there before is frozen, and not among the objects that are looked at.
    """
    storages = {}
    for thing in gc.get_objects():
        if issubclass(type(thing), Tensor):
            with contextlib.suppress(Exception):  # not every kind has a storage
                storage = thing.untyped_storage()
                storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values()) + tracemalloc.get_traced_memory()[0]
