"""Check the exercises of lesson 09: three faulty programs to mend."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, call, compare, exercise, expect, normal


@exercise("Its own parameters, and a fresh gradient in each step.")
def train_line(attempt: Any) -> None:
    X = normal(60, 1)
    y = 1.5 * X - 2
    torch.manual_seed(0)
    model = call(attempt, X, y, patience=6)
    expect(model, "Return the trained model.", nn.Module)
    X_new = torch.tensor([[-1.0], [0.0], [1.0]])
    result = call(model, X_new)
    if not torch.isfinite(result).all():
        raise WrongError("it predicts NaN or infinity", "Are old gradients cleared?")
    torch.manual_seed(0)
    start = nn.Linear(1, 1)(X_new)
    mistakes = [(start, "It has not moved. Whose parameters are optimized?")]
    hint = "Which gradients does a step use? Clear the old ones before `backward()`."
    given = "60 points of the line 1.5 * X - 2, at -1, 0 and 1"
    expected = 1.5 * X_new - 2
    compare(result.detach(), expected, given, mistakes, tolerance=0.01, hint=hint)


@exercise("Equal shapes first: a loss that broadcasts does not complain.")
def mean_error(attempt: Any) -> None:
    model = nn.Linear(1, 1)
    X, y = normal(9, 1), normal(9, seed=1)
    with torch.no_grad():
        model.weight.fill_(2.0)
        model.bias.fill_(0.5)
        errors = model(X).squeeze(1) - y
        crossed = (model(X) - y).abs().mean()
    mistakes = [
        (crossed, "Each prediction still meets each label. Print both shapes."),
        (errors.mean(), "Plus and minus cancel. Drop the signs."),
        (errors.abs().sum(), "That is the sum. Take the mean."),
    ]
    expected = errors.abs().mean().item()
    compare(call(attempt, model, X, y), expected, "9 points", mistakes)


@exercise("Mode, record and weights: a measurement deserves the same care as a step.")
def epoch_loss(attempt: Any) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 20), nn.Dropout(0.5), nn.Linear(20, 1)).train()
    X, y = normal(10, 1), normal(10, 1, seed=1)
    batches = list(zip(X.split([7, 3]), y.split([7, 3]), strict=True))
    measured = copy.deepcopy(model).eval()
    with torch.no_grad():
        losses = [nn.functional.mse_loss(measured(a), b).item() for a, b in batches]
    expected = (7 * losses[0] + 3 * losses[1]) / 10
    mistakes = [
        (sum(losses) / 2, "7 rows and 3 rows count alike. Weight by their number."),
        (sum(losses), "Divide by the number of rows."),
        (7 * losses[0] + 3 * losses[1], "Divide by the number of rows."),
    ]
    result = call(attempt, model, batches, shared=True)
    if isinstance(result, Tensor) and result.requires_grad:
        raise WrongError(
            "the result still holds its record",
            "`item()` takes the number out; under inference_mode, nothing is recorded.",
        )
    hint = "In which mode is the model? With dropout, that changes the loss."
    compare(result, expected, "batches of 7 and 3 rows", mistakes, hint=hint)
