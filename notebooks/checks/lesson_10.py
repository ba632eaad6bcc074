"""Check the exercises of lesson 10: what saves time, all lines at once, one pass."""

import copy
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from checks.core import (
    WrongError,
    call,
    compare,
    compare_number,
    exercise,
    expect,
    normal,
)


@exercise("The step that is left sets the limit: with no test at all, 2.5.")
def speedup(attempt: Any) -> None:
    mistakes = [
        (100 / 40, "One test in a hundred epochs is left, and takes its share."),
        (100, "Only the tests become rarer. The step stays in every epoch."),
        (1 / (0.6 + 0.4 / 100), "You made the step rarer, and kept the test."),
        (40.6, "That is the time for an epoch. How often does it fit into 100?"),
        (40.6 / 100, "Turn it round: the old time divided by the new one."),
    ]
    hint = "What does an epoch take on average, with a hundredth of a test in it?"
    compare_number(attempt, 100 / 40.6, mistakes, tolerance=0.01, hint=hint)


@exercise("As many operations for a thousand lines as for one.")
def all_losses(attempt: Any) -> None:
    small = [torch.tensor([1.0, 2.0]) * n for n in (1, 0, 1, 1)]
    random = [normal(n, seed=seed) for seed, n in enumerate([5, 5, 7, 7])]
    for case, given in [(random, "5 lines and 7 points"), (small, "the small example")]:
        weights, biases, X, y = case
        errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
        expected = errors.abs().mean(dim=1)
        mistakes = [
            (errors.mean(dim=1), "Plus and minus cancel. Drop the signs."),
            (errors.mean(dim=1).abs(), "Drop the signs before the mean, not after."),
            (errors.abs().sum(dim=1), "That is the sum. Take the mean."),
            ((errors**2).mean(dim=1), "Those are squares. Take absolute values."),
        ]
        hint = "Make both a column, the weights and the biases."
        result = call(attempt, *case, shapes_hint=hint)
        if isinstance(result, Tensor) and result.shape == X.shape != expected.shape:
            hint = "Lines in rows, points in columns: take the mean along the columns."
            what = "there is a loss for each point, and not for each line"
            raise WrongError(what, hint)
        hint = "Make the lines a column, with `unsqueeze(1)`."
        compare(result, expected, given, mistakes, hint=hint)
    few, many = (operations(attempt, n, *random[2:]) for n in (3, 30))
    if few != many:
        hint = "Leave out the loop: a column of weights times a row of X is a table."
        what = f"it takes {few} operations for 3 lines and {many} for 30"
        raise WrongError(what, hint)


def operations(function: Callable, n: int, *arguments: Tensor) -> int:
    """Return how many operations `function` dispatches for `n` lines."""
    with Operations() as counter:
        function(normal(n), normal(n, seed=1), *arguments)
    return counter.count


class Operations(TorchDispatchMode):
    """Count the operations that PyTorch dispatches."""

    count = 0

    def __torch_dispatch__(self, run: Callable, _: Any, args: Any, kwargs: Any) -> Any:
        self.count += 1
        return run(*args, **kwargs or {})


@exercise("One pass, one block at a time: it works for any number of values.")
def mean_and_std(attempt: Any) -> None:
    small = [torch.tensor([1.0, 2.0]), torch.tensor([6.0])]
    large = list((normal(5_000) + 1_000).split([100, 2_000, 2_900]))
    for blocks, given in [(small, "[1, 2] and [6]"), (large, "values near 1000")]:
        values = torch.cat(blocks).double()
        mean, std = values.mean().item(), values.std(correction=0).item()
        result = call(attempt, iter(copy.deepcopy(blocks)), shared=True)
        expect(result, "Return mean and spread.", 2)
        mean_of_means = sum(b.mean().item() for b in blocks) / len(blocks)
        mistakes = [
            (mean - blocks[0].mean().item(), "Add again what you subtracted."),
            (mean_of_means, "Blocks of different length count alike: add up sums."),
            (0.0, "Can you go through `blocks` a second time?"),
        ]
        compare(result[0], mean, f"the mean of {given}", mistakes, tolerance=1e-3)
        mistakes = [
            (std**2, "That is its square, the variance."),
            (values.std().item(), "Divide by the number of values, not one less."),
        ]
        hint = "Far from zero, the squares lose it. What should you subtract first?"
        said = f"the spread of {given}"
        compare(result[1], std, said, mistakes, tolerance=2e-5, hint=hint)
    if call(is_greedy, attempt):
        hint = "Keep totals only: the blocks may not fit into memory together."
        what = "it asks for all blocks before it is done with the first"
        raise WrongError(what, hint)


def is_greedy(attempt: Callable) -> bool:
    """Return whether an attempt keeps the blocks that it has seen."""
    seen, alive = [], []

    def blocks() -> Iterable[Tensor]:
        for seed in range(6):
            block = normal(1_000, seed=seed)
            seen.append(weakref.ref(block))
            yield block
            del block
            alive.append(sum(ref() is not None for ref in seen))

    attempt(blocks())
    return max(alive, default=0) > 2
