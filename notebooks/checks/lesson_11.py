"""Check the exercises of lesson 11: shares of rows, combined gradients, a safe file."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.utils.data import DistributedSampler

from checks.core import WrongError, call, compare, exercise, expect, normal


@exercise("A row that is dealt twice counts twice: numbers that divide are fairer.")
def share(attempt: Any) -> None:
    for n_rows, world_size in [(5, 2), (8, 4), (1, 3), (7, 5)]:
        for rank in range(world_size):
            rows = range(n_rows)
            right = list(DistributedSampler(rows, world_size, rank, shuffle=False))
            result = call(attempt, n_rows, rank, world_size)
            expect(result, "Return a list.", list)
            if result == right:
                continue
            n = len(right)
            piece = [i % n_rows for i in range(rank * n, (rank + 1) * n)]
            beyond = [rank + i * world_size for i in range(n)]
            fewer, least = list(rows[rank::world_size]), right[: n_rows // world_size]
            mistakes = [
                (fewer, "All must get equally many: deal on from row 0 until they do."),
                (least, "No row may be left out: round up, and deal on from row 0."),
                (piece, "Deal in turn: the next row goes to the next process."),
                (beyond, "There is no such row: after the last one comes row 0 again."),
            ]
            hint = "Deal the example out by hand, one row at a time."
            fits = (text for wrong, text in mistakes if result == wrong)
            what = f"for n_rows={n_rows}, process {rank} of {world_size} gets {result}"
            raise WrongError(f"{what}, and {right} was expected", next(fits, hint))


@exercise("A mean times its number of rows is a sum, and sums can be added.")
def combine(attempt: Any) -> None:
    small = [torch.tensor([1.0]), torch.tensor([4.0])], [1, 2]
    large = [normal(2, seed=seed) for seed in range(3)], [100, 20, 3]
    for gradients, n_rows in [small, large]:
        weighted = sum(g * n for g, n in zip(gradients, n_rows, strict=True))
        mistakes = [
            (sum(gradients) / len(gradients), "All rows must count the same."),
            (sum(gradients), "The loss is a mean over all rows, and not a sum."),
            (weighted, "That is the sum over all rows. Make it a mean."),
            (weighted / len(n_rows), "Divide by the number of rows, all together."),
        ]
        given = f"shares of {' and '.join(map(str, n_rows))} rows"
        result = call(attempt, gradients, n_rows)
        if isinstance(result, Tensor) and result.shape != weighted.shape:
            shapes = f"{tuple(result.shape)}, and each gradient {tuple(weighted.shape)}"
            hint = "Multiply each gradient by its own number of rows, one by one."
            raise WrongError(f"the result has shape {shapes}", hint)
        hint = "How do you get from a mean back to the sum that it was made from?"
        compare(result, weighted / sum(n_rows), given, mistakes, hint=hint)


@exercise("Whenever the machine stops, one of the two states is whole.")
def save_safely(attempt: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        torch.save({"epochs": torch.zeros(1)}, path)
        renames = []
        with (
            mock.patch("os.replace", watched(os.replace, path, renames)),
            mock.patch("os.rename", watched(os.rename, path, renames)),
        ):
            call(attempt, {"epochs": torch.zeros(2)}, path, may_return_none=True)
        now = saved_epochs(path)
        left = sorted(file.name for file in path.parent.iterdir() if file != path)
    if now != 2:
        hint = "`torch.save` writes it, under which name? Give it the right one."
        what = "afterwards, the file at `path` does not hold the new state"
        raise WrongError(what, hint)
    if not renames:
        raise WrongError(
            "the file was written under its own name",
            "Until it is whole, it needs another one. Copying it over is writing, "
            "too: look for a method of `path` that renames.",
        )
    before, source, beside = renames[-1]
    if before != 1:
        hint = "Leave the old file alone: `replace` takes its place in the same step."
        what = "the old state was gone before the new one had its place"
        raise WrongError(what, hint)
    if source != 2:
        hint = "Write and close it first, and rename it last."
        raise WrongError("the new file was renamed before all of it was written", hint)
    if not beside:
        hint = "On another disk, a rename becomes a copy: write it beside the old one."
        raise WrongError("the new file came from another folder", hint)
    if left:
        raise WrongError(f"{left[0]} was left in the folder", "Rename the only copy.")


def watched(rename: Callable, path: Path, seen: list) -> Callable:
    """Return `rename`, but first note what is at `path` and what is to replace it.

    `seen` gets both numbers of epochs, or None where there is no whole state, and
    whether both are in the same folder.
    """

    def renamed(source: Any, target: Any, **options: Any) -> None:
        states = saved_epochs(target), saved_epochs(source)
        beside = Path(source).absolute().parent == path.parent
        rename(source, target, **options)
        if Path(target) == path:
            seen.append((*states, beside))

    return renamed


def saved_epochs(path: Any) -> int | None:
    """Return the number of epochs in a saved state, or None if it is not whole."""
    try:
        return len(torch.load(path, weights_only=True)["epochs"])
    except Exception:
        return None
