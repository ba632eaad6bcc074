"""Check the exercises of lesson 01: a line, a slice, an order, and a fair split."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from checks.core import WrongError, expect, normal, show
from checks.records import Lesson

lesson = Lesson(__file__)

label = lesson.number("label")
rest = lesson.number("rest")


@lesson.exercise
def positions(attempt: Any) -> None:
    """Positions are right if they put the numbers into rising order."""
    written = list(attempt) if isinstance(attempt, tuple) else attempt
    if isinstance(attempt, Tensor | np.ndarray):
        written = attempt.tolist()
    try:
        right = torch.tensor([30, 10, 20])[written].tolist() == [10, 20, 30]
    except (IndexError, TypeError, ValueError, RuntimeError):
        right = False
    if not right:
        hints = (text for wrong, text in positions.mistakes if wrong == written)
        shown = str(written) if isinstance(written, list) else show(written)
        raise WrongError(f"you wrote {shown}", next(hints, positions.hint))


test_points = lesson.number("test_points")
fahrenheit = lesson.function(
    "fahrenheit",
    [(20 * normal(4),), (10 * normal(7, seed=1),), (torch.tensor([37.0]),)],
)


@lesson.exercise
def shuffled_split(attempt: Any) -> None:
    """Three splits hold all points, in an order that looks like chance each time."""
    orders = []
    for n_points in (50, 50, 30):
        X = torch.arange(float(n_points))
        torch.manual_seed(len(orders))
        orders.append(verify_split(shuffled_split.call(attempt, X, 2 * X), X))
    if torch.equal(orders[0], orders[1]):
        hint = "Let chance decide, anew in each call: `torch.randperm` does that."
        raise WrongError("a second call gave the very same order", hint)
    for order in orders:
        n_train = round(0.8 * len(order))
        if torch.equal(order[:n_train].sort().values, torch.arange(float(n_train))):
            hint = "Shuffle all the points before you cut; each part alone won't do."
            raise WrongError("the test points are still the last ones", hint)
        if len(order.diff().unique()) < 8:  # 20 and more when chance decides
            hint = "Mix them thoroughly: neighbours should end up anywhere."
            raise WrongError("most points still follow their old neighbour", hint)


def verify_split(parts: Any, X: Tensor) -> Tensor:
    """Return X as it came back, training points first, or say what is wrong with it."""
    expect(parts, "Return four tensors: X_train, y_train, X_test, y_test.", 4)
    if not all(isinstance(part, Tensor) for part in parts):
        raise WrongError("not all four parts are tensors", "Slice X and y themselves.")
    sizes, n_train = [part.numel() for part in parts], round(0.8 * len(X))
    if sizes != [n_train, n_train, len(X) - n_train, len(X) - n_train]:
        hint = "Return four fifths, then the rest: X_train, y_train, X_test, y_test."
        what = f"for {len(X)} points, the four parts have {sizes} points"
        raise WrongError(what, hint)
    X_train, y_train, X_test, y_test = parts
    if not (torch.equal(y_train, 2 * X_train) and torch.equal(y_test, 2 * X_test)):
        hint = "Draw one random order, and use it for X and for y."
        raise WrongError("an X has lost its own y", hint)
    order = torch.cat([X_train, X_test])
    if not torch.equal(order.sort().values, X):
        hint = "`torch.randperm` holds every position once; `torch.randint` does not."
        raise WrongError("some points are there twice, and others are missing", hint)
    if torch.equal(X_train, X[:n_train]):
        hint = "Put both tensors into a random order before you slice."
        raise WrongError("the points are still in their old order", hint)
    return order
