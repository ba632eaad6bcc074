"""Check the exercises of lesson 10: what saves time, all lines at once, one pass."""

import copy
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from checks.core import WrongError, call, compare, exercise, random_tensor, show


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
    given = "40 µs and 60 µs"
    compare(attempt, 100 / 40.6, given, mistakes, tolerance=0.01, hint=hint)


@exercise("As many operations for a thousand lines as for one.")
def all_losses(attempt: Any) -> None:
    def losses(weights: Tensor, biases: Tensor, X: Tensor, y: Tensor) -> Tensor:
        """Return the mean absolute error of each line."""
        errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
        return errors.abs().mean(dim=1)

    def errors(*case: Tensor) -> Tensor:
        """Return the mean error with its sign."""
        weights, biases, X, y = case
        return (weights.unsqueeze(1) * X + biases.unsqueeze(1) - y).mean(dim=1)

    line = torch.tensor([1.0, 2.0]), torch.zeros(2)
    points = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0])
    random = [random_tensor(n, seed=seed) for seed, n in enumerate([5, 5, 7, 7])]
    for case in [random, (*line, *points)]:
        weights, biases, X, y = case
        expected = losses(*case)
        squares = (weights.unsqueeze(1) * X + biases.unsqueeze(1) - y) ** 2
        mistakes = [
            (errors(*case), "Plus and minus cancel. Drop the signs."),
            (errors(*case).abs(), "Drop the signs before the mean, not after."),
            (expected * len(X), "That is the sum. Take the mean."),
            (squares.mean(dim=1), "Those are squares. Take absolute values."),
        ]
        given = "5 lines and 7 points" if case is random else "the small example"
        try:
            result = call(attempt, *case)
        except WrongError as wrong:
            if "raised RuntimeError" not in str(wrong):
                raise
            what, _ = str(wrong).removeprefix("Not yet: ").split(".\nHint: ")
            hint = "Make both a column, the weights and the biases."
            raise WrongError(what, hint) from None
        if isinstance(result, Tensor) and result.shape == X.shape != expected.shape:
            raise WrongError(
                "there is a loss for each point, and not for each line",
                "Lines in rows, points in columns: take the mean along the columns.",
            )
        hint = "Make the lines a column, with `unsqueeze(1)`."
        compare(result, expected, given, mistakes, hint=hint)
    few, many = (operations(attempt, n, *random[2:]) for n in (3, 30))
    if few != many:
        raise WrongError(
            f"it takes {few} operations for 3 lines and {many} for 30",
            "Leave out the loop: a column of weights times a row of X is a table.",
        )


def operations(function: Callable, n: int, *arguments: Tensor) -> int:
    """Return how many operations `function` dispatches for `n` lines."""
    with Operations() as counter:
        function(random_tensor(n), random_tensor(n, seed=1), *arguments)
    return counter.count


class Operations(TorchDispatchMode):
    """Count the operations that PyTorch dispatches."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: Any = None
    ) -> Any:
        """Count one operation, and run it."""
        self.count += 1
        return function(*args, **kwargs or {})


@exercise("One pass, one block at a time: it works for any number of values.")
def mean_and_std(attempt: Any) -> None:
    small = [torch.tensor([1.0, 2.0]), torch.tensor([6.0])]
    large = list((random_tensor(5_000) + 1_000).split([100, 2_000, 2_900]))
    for blocks, given in [(small, "[1, 2] and [6]"), (large, "values near 1000")]:
        values = torch.cat(blocks).double()
        mean, std = values.mean().item(), values.std(correction=0).item()
        result = call(attempt, iter(copy.deepcopy(blocks)), shared=True)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise WrongError(f"{show(result)} came back", "Return mean and spread.")
        mean_of_means = sum(b.mean().item() for b in blocks) / len(blocks)
        mistakes = [
            (mean - blocks[0].mean().item(), "Add again what you subtracted."),
            (mean_of_means, "Blocks of different length count alike: add up sums."),
            (0.0, "Can you go through `blocks` a second time?"),
        ]
        said = f"the mean of {given}"
        compare(result[0], mean, said, mistakes, tolerance=1e-3)
        mistakes = [
            (std**2, "That is its square, the variance."),
            (values.std().item(), "Divide by the number of values, not one less."),
        ]
        hint = "Far from zero, the squares lose it. What should you subtract first?"
        said = f"the spread of {given}"
        compare(result[1], std, said, mistakes, tolerance=2e-5, hint=hint)
    if call(is_greedy, attempt):
        raise WrongError(
            "it asks for all blocks before it is done with the first",
            "Keep totals only: the blocks may not fit into memory together.",
        )


def is_greedy(attempt: Callable) -> bool:
    """Return whether an attempt keeps the blocks that it has seen."""
    seen = []

    def blocks() -> Iterable[Tensor]:
        for seed in range(6):
            block = random_tensor(1_000, seed=seed)
            seen.append(weakref.ref(block))
            yield block
            del block
            alive.append(sum(ref() is not None for ref in seen))

    alive = []
    attempt(blocks())
    return max(alive, default=0) > 2
