"""Check the exercises of lesson 07: units, one-hot columns, no leak."""

from typing import Any

import torch
from torch import Tensor

from checks.core import (
    WrongError,
    call,
    compare,
    compare_number,
    exercise,
    expect,
    normal,
    show,
)


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
    hint = "Grams for each millimetre: the weight, times the grams, by the millimetres."
    compare_number(attempt, 29, mistakes, hint=hint)


@exercise("Now a name can stand beside numbers, and no kind counts more than another.")
def one_hot(attempt: Any) -> None:
    def columns(names: list[str], kinds: list[str]) -> Tensor:
        return torch.tensor([[float(name == kind) for kind in kinds] for name in names])

    large = ["x", "z", "z", "y", "x"], ["z", "x", "y"]
    similar = ["Adela", "Adel", "Ada"], ["Ada", "Adela", "Adel"]
    for names, kinds in [(["b", "a"], ["a", "b"]), large, similar]:
        given = f"{names} and {kinds}"
        expected = columns(names, kinds)
        result = call(attempt, names, kinds)
        if isinstance(result, Tensor):
            if not result.is_floating_point():
                what = f"for {given}, a tensor of {result.dtype} came back"
                raise WrongError(what, "Turn each answer into a number with `float`.")
            if result.ndim == 1:
                raise WrongError(
                    f"for {given}, {show(result)} came back",
                    "Numbered kinds have an order that the names have not. Make a "
                    "column for each kind.",
                )
            if result.shape != expected.shape == result.shape[::-1]:
                hint = "Make a row for each name, with a column for each kind."
                raise WrongError(f"for {given}, rows and columns are swapped", hint)
        mistake = columns(names, sorted(kinds)), "Keep the kinds in the order given."
        compare(result, expected, given, [mistake])


@exercise("What is learned from the training set stays honest on the test set.")
def scale_to_one(attempt: Any) -> None:
    X_train = normal(12, 3) * torch.tensor([1.0, 10.0, 100.0]) + 5
    X_test = normal(4, 3, seed=1) * torch.tensor([1.0, 10.0, 100.0]) + 5

    def scale(X: Tensor, low: Tensor, high: Tensor) -> Tensor:
        return (X - low) / (high - low)

    given = "12 training and 4 test rows with 3 columns"
    result = call(attempt, X_train, X_test)
    hint = "Return two tables: the training table and the test table."
    expect(result, hint, 2, given)
    low, high = X_train.amin(dim=0), X_train.amax(dim=0)
    both = torch.cat([X_train, X_test])
    own = scale(X_test, X_test.amin(dim=0), X_test.amax(dim=0))
    joint = both.amin(dim=0), both.amax(dim=0)
    for i, X in enumerate([X_train, X_test]):
        mistakes = [
            (own, "Use the low and the range of the training table here, too."),
            (scale(X, *joint), "The test rows had a say in it: that is a leak."),
            (scale(X, X_train.min(), X_train.max()), "For each column: `dim=0`."),
            ((X - low) / high, "Divide by the range: the highest minus the lowest."),
            (X / high, "Subtract the lowest first, then divide by the range."),
            (X - low, "Now divide by the range."),
        ]
        said = f"{given}, as {['training', 'test'][i]} table"
        compare(result[i], scale(X, low, high), said, mistakes)
