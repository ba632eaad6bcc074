"""Check the exercises of lesson 03: errors, what they come to, and the worst one."""

from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

from checks.core import WrongError, call, compare, new_line, normal, same, show
from checks.records import exercise, function, number
from linreg import make_data, split

X_train, y_train, X_test, _ = split(*make_data())

error = number(
    answer=-0.5,
    mistakes={
        0.5: "Prediction minus label, in this order. Which side is it on?",
        1.0: "That is the sum. Take the difference.",
        0.25: "That is the prediction. How far is it from the label?",
    },
    hint="Prediction minus label, with its sign.",
    goal="What is the error, with its sign?",
    idea="A prediction below its label has a negative error.",
    praise="The sign says on which side of its label a prediction is.",
)

hundredths = number(
    answer=34.7,
    tolerance=0.06,
    mistakes={
        0.347: "The line is the same. In what unit is its distance counted?",
        0.00347: "A smaller unit makes larger numbers: multiply.",
        3470: "Each error grows a hundred times, and so does their mean.",
    },
    hint="Each error grows a hundred times. What does their mean do?",
    goal="What is the loss when all labels and predictions are multiplied by 100?",
    idea="If every error doubles, their mean doubles.",
    praise="The line is as wrong as before, and its loss is a hundred times larger.",
)


def said(X: Tensor) -> Tensor:
    """Return what the lesson's untrained model predicts, without notes."""
    return -0.5394 * X + 0.9952


@exercise(
    goal="Let the model predict for `X_train`, in numbers that carry no notes.",
    idea="Two ways lead there: one is a function of this lesson.",
    praise="80 bare numbers, ready to be drawn or counted.",
    solution="",
    mistakes=[
        (nn.Parameter(said(X_train)) * 1, "These numbers still carry their notes."),
        (said(X_test), "These are the predictions for the test points."),
        (X_train, "These are the features. What does the model make of them?"),
        (y_train, "These are the labels. What does the model say?"),
    ],
)
def bare(attempt: Any) -> None:
    hint = "Give a tensor with the 80 predictions of `model`."
    if isinstance(attempt, Tensor) and attempt.is_floating_point():
        values = attempt.detach()
        if same(values, said(X_train), 1e-3) and not attempt.requires_grad:
            return
        hints = (text for wrong, text in bare.mistakes[1:] if same(values, wrong, 1e-3))
        hint = bare.mistakes[0][1] if attempt.requires_grad else next(hints, hint)
    raise WrongError(f"you made {show(attempt)}", hint)


all_off = number(
    answer=0.25,
    mistakes={
        0.225: "Here plus and minus cancel. Drop the signs first.",
        0.0: "Every prediction is off. By how much?",
        5.0: "That is the sum. MAE is the mean.",
        0.0625: "That is a square. MAE takes the size of each error.",
    },
    hint="How far is each prediction from its label, whichever side it is on?",
    goal="What is the mean absolute error?",
    idea="Write down three of the errors, drop their signs, and average.",
    praise="The sign does not count: each prediction is equally far off.",
)

mae = function(
    solution="""\
def mae(predictions, labels):
    return (predictions - labels).abs().mean()
""",
    cases=[
        (normal(8), normal(8, seed=1)),
        (3 * normal(5, seed=2), normal(5, seed=3) - 2),
        (torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 2.0, 2.0])),
    ],
    mistakes=[
        (lambda p, y: (p - y).mean(), "Plus and minus cancel. Drop the signs."),
        (lambda p, y: (p - y).mean().abs(), "Drop the signs before you average."),
        (lambda p, y: (p - y).abs().sum(), "That is the sum. Take the mean."),
        (lambda p, y: (p - y).square().mean(), "Squares: that is another loss."),
        (lambda p, y: (p - y).abs().max(), "That is the largest. Take the mean."),
        (
            lambda p, y: (p.abs() - y.abs()).abs().mean(),
            "Subtract first, then `abs()`.",
        ),
        (lambda p, y: (p - y).abs(), "End with `mean()`, and one number comes back."),
        (lambda p, y: p - y.abs().mean(), "Put brackets round the difference."),
        (lambda p, y: (p + y).abs().mean(), "An error is a difference: subtract."),
    ],
    hint="The difference, its size, the average, in this order.",
    goal="Write the mean absolute error yourself.",
    idea="`abs()` and `mean()` are all that you need besides a minus sign.",
    praise="This is `nn.L1Loss`, written by you.",
    other="""\
def mae(predictions, labels):
    return sum(abs(predictions - labels)) / len(labels)
""",
)
compare_mae = mae.verify


def by_hand(attempt: Any) -> None:
    names = {*getattr(getattr(attempt, "__code__", None), "co_names", ())}
    functional = nn.functional
    library = attempt is functional.l1_loss or "l1_loss" in names
    with patch.object(functional, "l1_loss", wraps=functional.l1_loss) as seen:
        try:
            compare_mae(attempt)
        finally:
            if library or seen.called:
                hint = "Write it yourself: the difference, its size, the average."
                raise WrongError("PyTorch's own loss does the work", hint)


mae.verify = by_hand


@exercise(
    goal="Write a function that returns the largest absolute error of a model, as a "
    "plain number.",
    idea="Predict, subtract the labels, drop the signs, and take the largest.",
    praise="The mean hides how bad a single prediction can be.",
    solution="""\
def worst(model, X, y):
    return (predict(model, X) - y).abs().max().item()
""",
    other="""\
def worst(model, X, y):
    errors = model(X).detach() - y
    return max(errors.max().item(), -errors.min().item())
""",
)
def worst(attempt: Any) -> None:
    errors = torch.tensor([0.3, -0.9, 0.5, -0.2, 0.7, -0.4])
    verify_worst(attempt, errors, "a line whose worst error is below its label")
    errors = torch.cat([-errors, errors / 2])
    verify_worst(attempt, errors, "a line whose worst error is above its label")


def verify_worst(attempt: Any, errors: Tensor, given: str) -> None:
    """Say what is wrong with the largest error of a line that errs by these."""
    model, X = new_line(), normal(len(errors))
    y = model(X).detach() - errors
    said, sizes = model(X), errors.abs()
    hint = "Drop the signs before `max()`: a prediction below its label counts, too."
    hints = [(error, hint) for error in (errors.max(), errors.min(), -errors.min())]
    hints += [
        (sizes.mean(), "That is the mean. Which error is the largest?"),
        (sizes.min(), "That is the smallest. Which error is the largest?"),
        (errors.square().max(), "That is a square. Take the size of the error."),
        (said.abs().max(), "That is a prediction. How far is it from its label?"),
        (said.max(), "That is a prediction. How far is it from its label?"),
    ]
    advice = [("attribute 'predict'", "Write `predict(model, X)`.")]
    result = call(attempt, model, X, y, advice=advice)
    hint = "Use the model, the X and the y that the function is given."
    compare(result, sizes.max().item(), given, hints, hint=hint)
