"""Check the exercises of lesson 07: units, one-hot columns, no leak."""

from typing import Any

import torch
from torch import Tensor

from checks.core import WrongError, call, compare, exercise, random_tensor, show


@exercise("Numbers with their units back are numbers that one can talk about.")
def grams_per_mm(attempt: Any) -> None:
    hint = "Upside down: multiply by the grams, and divide by the millimetres."
    mistakes = [
        (57, "That is 800 g for each 14 mm. Where does the weight come in?"),
        (800 / 14, "That is 800 g for each 14 mm. Where does the weight come in?"),
        (0.5 * 14 / 800, hint),
        (0, hint),
        (400, "That is for 14 mm. How much is it for one?"),
        (28, "28.6 is nearer to 29."),
        (28.6, "Round to whole grams."),
        (28.57, "Round to whole grams."),
        (400 / 14, "Round to whole grams."),
    ]
    compare(attempt, 29, "weight 0.5, 14 mm and 800 g", mistakes)


@exercise("Now a name can stand beside numbers, and no kind counts more than another.")
def one_hot(attempt: Any) -> None:
    for names, kinds in [
        (["b", "a"], ["a", "b"]),
        (["x", "z", "z", "y", "x"], ["z", "x", "y"]),
    ]:
        given = f"{names} and {kinds}"

        def columns(kinds: list[str], names: list[str] = names) -> Tensor:
            rows = [[float(name == kind) for kind in kinds] for name in names]
            return torch.tensor(rows)

        expected = columns(kinds)
        result = call(attempt, names, kinds)
        if isinstance(result, Tensor) and not result.is_floating_point():
            raise WrongError(
                f"for {given}, a tensor of {result.dtype} came back",
                "Turn each answer into a number with `float`.",
            )
        if isinstance(result, Tensor) and result.ndim == 1:
            raise WrongError(
                f"for {given}, {show(result)} came back",
                "Numbered kinds have an order that the names have not. Make a column "
                "for each kind.",
            )
        swapped = isinstance(result, Tensor) and result.shape[::-1] == expected.shape
        if swapped and result.shape != expected.shape:
            raise WrongError(
                f"for {given}, rows and columns are swapped",
                "Make a row for each name, with a column for each kind.",
            )
        in_order = [(columns(sorted(kinds)), "Keep the kinds in the order given.")]
        compare(result, expected, given, in_order)


@exercise("What is learned from the training set stays honest on the test set.")
def scale_to_one(attempt: Any) -> None:
    X_train = random_tensor(12, 3) * torch.tensor([1.0, 10.0, 100.0]) + 5
    X_test = random_tensor(4, 3, seed=1) * torch.tensor([1.0, 10.0, 100.0]) + 5

    def scale(X: Tensor, low: Tensor, high: Tensor) -> Tensor:
        return (X - low) / (high - low)

    given = "12 training and 4 test rows with 3 columns"
    result = call(attempt, X_train, X_test)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise WrongError(
            f"for {given}, {show(result)} came back",
            "Return two tables: the training table and the test table.",
        )
    low, high = X_train.amin(dim=0), X_train.amax(dim=0)
    both = torch.cat([X_train, X_test])
    own = scale(X_test, X_test.amin(dim=0), X_test.amax(dim=0))
    joint = both.amin(dim=0), both.amax(dim=0)
    hint = "The test rows had a say in it: that is a leak."
    for table, X, name in [
        (result[0], X_train, "training"),
        (result[1], X_test, "test"),
    ]:
        compare(
            table,
            scale(X, low, high),
            f"{given}, as {name} table",
            [
                (own, "Use the low and the range of the training table here, too."),
                (scale(X, *joint), hint),
                (scale(X, X_train.min(), X_train.max()), "For each column: `dim=0`."),
                (
                    (X - low) / high,
                    "Divide by the range: the highest minus the lowest.",
                ),
                (X / high, "Subtract the lowest first, then divide by the range."),
                (X - low, "Now divide by the range."),
            ],
        )
