"""Check the exercises of lesson 01: a share, another line, a fair split."""

from typing import Any

import torch
from torch import Tensor

from checks.core import (
    WrongError,
    call,
    compare_all,
    compare_number,
    exercise,
    expect,
    normal,
)


@exercise("8 of 40 points would be the usual fifth; a quarter is 10.")
def test_points(attempt: Any) -> None:
    mistakes = [
        (30, "These are the training points. How many are left?"),
        (8, "That is a fifth. The fraction here is 0.75."),
        (20, "That is the number for 100 points and 0.8."),
    ]
    hint = "How many points are for training? The others are for testing."
    compare_number(attempt, 10, mistakes, hint=hint)


@exercise("One line of arithmetic works on a tensor of any length.")
def fahrenheit(attempt: Any) -> None:
    mistakes = [
        (lambda c: 1.8 * (c + 32), "Multiply first, then add."),
        (lambda c: c / 1.8 + 32, "Multiply by 1.8; do not divide."),
        (lambda c: 1.8 * c, "The weight is there. Where is the bias?"),
    ]
    cases = [(torch.tensor([0.0, 37.0, 100.0]),), (10 * normal(6),)]
    compare_all(attempt, lambda celsius: 1.8 * celsius + 32, cases, mistakes)


@exercise("Now slicing is fair whatever order the data came in.")
def shuffled_split(attempt: Any) -> None:
    X, seen = torch.arange(50.0), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        seen.append(verify_split(call(attempt, X, 2 * X), X))
    if torch.equal(*seen):
        hint = (
            "Let chance decide, anew in each call: that is what `torch.randperm` does."
        )
        raise WrongError("a second call gave the very same order", hint)
    if any(torch.equal(order[:40].sort().values, X[:40]) for order in seen):
        hint = "Shuffle all the points before you cut, and not each part by itself."
        raise WrongError("the test points are still the last ten", hint)


def verify_split(parts: Any, X: Tensor) -> Tensor:
    """Return X as it came back, training points first, or say what is wrong with it."""
    expect(parts, "Return four tensors: X_train, y_train, X_test, y_test.", 4)
    if not all(isinstance(part, Tensor) for part in parts):
        raise WrongError("not all four parts are tensors", "Slice X and y themselves.")
    sizes = [part.numel() for part in parts]
    if sizes != [40, 40, 10, 10]:
        raise WrongError(
            f"for 50 points, the four parts have {sizes} points",
            "Expected: 40, 40, 10, 10, in the order X_train, y_train, X_test, y_test.",
        )
    X_train, y_train, X_test, y_test = parts
    if not (torch.equal(y_train, 2 * X_train) and torch.equal(y_test, 2 * X_test)):
        hint = "Draw one random order, and use it for X and for y."
        raise WrongError("an X has lost its own y", hint)
    order = torch.cat([X_train, X_test])
    if not torch.equal(order.sort().values, X):
        hint = "`torch.randperm` holds every row number once; `torch.randint` does not."
        raise WrongError("some points are there twice, and others are missing", hint)
    if torch.equal(X_train, X[:40]):
        hint = "Put both tensors into a random order before you slice."
        raise WrongError("the points are still in their old order", hint)
    return order
