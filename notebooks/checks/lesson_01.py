"""Check the exercises of lesson 01: a line, a slice, an order, and a fair split."""

from typing import Any

import torch
from torch import Tensor

from checks.core import WrongError, call, expect, normal, show
from checks.records import exercise, function, number

label = number(
    answer=0.44,
    mistakes={
        0.14: "The weight is there. Add the bias.",
        0.35: "Multiply by the weight first, then add the bias.",
        0.76: "The weight multiplies X; the bias is added as it is.",
        1.2: "The weight multiplies X. You added all three numbers.",
    },
    hint="The weight times the flipper, plus the bias.",
    goal="What is the label of a penguin whose flipper is 0.2?",
    idea="A fifth of the weight, and then the bias.",
    praise="PyTorch does the same for every number in the tensor.",
)

rest = number(
    answer=35,
    mistakes={
        65: "That is how many `X[:65]` holds. `X[65:]` holds those that follow.",
        34: "One too few: the first number after the 65 is in it.",
        36: "One too many: the 65 numbers before the cut are left out.",
    },
    hint="The slice leaves out the first 65 of the 100 numbers.",
    goal="How many of the 100 numbers does `X[65:]` hold?",
    idea="`X[:65]` and `X[65:]` together hold all of them.",
    praise="The two slices meet without a gap, and nothing is in both.",
)


@exercise(
    goal="Which positions put `tensor([30, 10, 20])` into rising order?",
    idea="Begin with the position of the smallest number, and count from 0.",
    praise="This is what `argsort()` finds for a tensor of any length.",
    solution="",
    mistakes=[
        ([2, 0, 1], "Say where to take each number from, not where it goes to."),
        ([0, 2, 1], "That begins with the largest number. Which one comes first?"),
        ([2, 3, 1], "Positions count from 0: the first number is at position 0."),
        ([10, 20, 30], "These are the numbers. At which positions do they stand?"),
    ],
)
def positions(attempt: Any) -> None:
    written = list(attempt) if isinstance(attempt, tuple) else attempt
    try:
        right = torch.tensor([30, 10, 20])[written].tolist() == [10, 20, 30]
    except (IndexError, TypeError, ValueError, RuntimeError):
        right = False
    if not right:
        hint = "Three positions in square brackets, such as `[0, 1, 2]`."
        hint = next((text for w, text in positions.mistakes if w == written), hint)
        shown = str(written) if isinstance(written, list) else show(written)
        raise WrongError(f"you wrote {shown}", hint)


test_points = number(
    answer=10,
    mistakes={
        30: "These are the training points. How many are left?",
        8: "That is a fifth. The fraction here is 0.75.",
        20: "That is the number for 100 points and 0.8.",
    },
    hint="How many points are for training? The others are for testing.",
    goal="How many points are in the test set?",
    idea="A fraction of 0.75 is three quarters of all the points.",
    praise="A fraction for training leaves the rest for testing.",
)

fahrenheit = function(
    solution="""\
def fahrenheit(celsius):
    return 1.8 * celsius + 32
""",
    cases=[(20 * normal(4),), (10 * normal(7, seed=1),), (torch.tensor([37.0]),)],
    mistakes=[
        (lambda c: 1.8 * (c + 32), "Multiply first, then add."),
        (lambda c: c / 1.8 + 32, "Multiply by 1.8; do not divide."),
        (lambda c: (c - 32) / 1.8, "This goes from Fahrenheit to Celsius."),
        (lambda c: 1.8 * c - 32, "Add the bias; do not subtract it."),
        (lambda c: 1.8 * c, "The weight is there. Where is the bias?"),
        (lambda c: c + 32, "The bias is there. Where is the weight?"),
        (lambda c: 32 * c + 1.8, "Weight and bias are swapped."),
        (lambda c: (1.8 * c + 32).round(), "Leave them as they are: no rounding."),
        (lambda c: torch.tensor([32.0, 212.0]), "Compute with `celsius`."),
    ],
    hint="The weight times all the numbers, plus the bias.",
    tolerance=1e-3,
    goal="Write the function for a whole tensor.",
    idea="It is the line of this lesson, with another weight and another bias.",
    praise="One line of arithmetic works on a tensor of any length.",
    other="""\
def fahrenheit(celsius):
    return celsius * 9 / 5 + 32
""",
)


@exercise(
    goal="Write a split that puts the points into a random order first, a new one in "
    "each call, and then cuts them 80 to 20.",
    idea="`torch.randperm` gives positions; use the same ones for X and for y.",
    praise="Now slicing is fair whatever order the data came in.",
    solution="""\
def shuffled_split(X, y):
    order = torch.randperm(len(X))
    X, y = X[order], y[order]
    return split(X, y)
""",
    other="""\
def shuffled_split(X, y):
    order = torch.rand(len(X)).argsort()
    train, test = order[: len(X) * 4 // 5], order[len(X) * 4 // 5 :]
    return X[train], y[train], X[test], y[test]
""",
)
def shuffled_split(attempt: Any) -> None:
    orders = []
    hint = "Take the number of points from `len(X)`: it is not always the same."
    for n_points in (50, 50, 30):
        X = torch.arange(float(n_points))
        torch.manual_seed(len(orders))
        parts = call(attempt, X, 2 * X, advice=[("IndexError", hint)])
        orders.append(verify_split(parts, X))
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
