"""Check the exercises of lesson 10: three faulty programs to mend."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, alike, call, compare, expect, normal
from checks.records import exercise


@exercise(
    goal="There are two mistakes.",
    idea="Whose parameters are optimized, and what is left from the step before?",
    praise="Its own parameters, and a fresh gradient in each step.",
    starter="""\
def train_line(X, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    for _ in range(500):
        loss = nn.MSELoss()(model(X), y)
        loss.backward()
        optimizer.step()
    return model
""",
    solution="""\
def train_line(X, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(500):
        loss = nn.MSELoss()(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
""",
)
def train_line(attempt: Any) -> None:
    for n, weight, bias in [(60, 1.5, -2.0), (41, -0.75, 0.5)]:
        X = normal(n, 1, seed=n)
        torch.manual_seed(0)
        model = call(attempt, X, weight * X + bias, patience=6)
        expect(model, "Return the trained model.", nn.Module)
        X_new = torch.tensor([[-1.0], [0.0], [1.0]])
        result = call(model, X_new)
        expect(result, "Return the trained model.", Tensor)
        if not torch.isfinite(result).all():
            raise WrongError(
                "it predicts NaN or infinity", "Are old gradients cleared?"
            )
        torch.manual_seed(0)
        start = nn.Linear(1, 1)(X_new)
        mistakes = [(start, "It has not moved. Whose parameters are optimized?")]
        hint = (
            "Which gradients does a step use? Clear the old ones before `backward()`."
        )
        given = f"{n} points of the line {weight} * X + {bias}, at -1, 0 and 1"
        expected = weight * X_new + bias
        compare(result.detach(), expected, given, mistakes, tolerance=0.01, hint=hint)


@exercise(
    goal="It runs, and the number is wrong.",
    idea="Print the shapes of both sides of the minus sign.",
    praise="Equal shapes first: a loss that broadcasts does not complain.",
    starter="""\
def mean_error(model, X, y):
    return (model(X) - y).abs().mean().item()
""",
    solution="""\
def mean_error(model, X, y):
    return (model(X).squeeze(1) - y).abs().mean().item()
""",
)
def mean_error(attempt: Any) -> None:
    for n, weight, bias in [(9, 2.0, 0.5), (14, -1.0, 3.0)]:
        model = nn.Linear(1, 1)
        X, y = normal(n, 1), normal(n, seed=1)
        with torch.no_grad():
            model.weight.fill_(weight)
            model.bias.fill_(bias)
            errors = model(X).squeeze(1) - y
            crossed = (model(X) - y).abs().mean()
        mistakes = [
            (crossed, "Each prediction still meets each label. Print both shapes."),
            (errors.mean(), "Plus and minus cancel. Drop the signs."),
            (errors.abs().sum(), "That is the sum. Take the mean."),
        ]
        expected = errors.abs().mean().item()
        compare(call(attempt, model, X, y), expected, f"{n} points", mistakes)


@exercise(
    goal="There are three mistakes.",
    idea="Which mode, what is recorded, and how much does each batch count?",
    praise="Mode, record and weights: a measurement deserves the same care as a step.",
    starter="""\
def epoch_loss(model, batches):
    total = 0
    for X, y in batches:
        total += nn.MSELoss()(model(X), y)
    return total / len(batches)
""",
    solution="""\
def epoch_loss(model, batches):
    total, rows = 0.0, 0
    for X, y in batches:
        total += nn.MSELoss()(predict(model, X), y).item() * len(X)
        rows += len(X)
    return total / rows
""",
    other="""\
def epoch_loss(model, batches):
    model.eval()
    with torch.inference_mode():
        total = sum(nn.MSELoss(reduction="sum")(model(X), y) for X, y in batches)
    model.train()
    return total.item() / sum(len(X) for X, _ in batches)
""",
)
def epoch_loss(attempt: Any) -> None:
    for sizes in [[7, 3], [4, 6, 1]]:
        n = sum(sizes)
        torch.manual_seed(n)
        bend = nn.ReLU(), nn.Dropout(0.5)
        model = nn.Sequential(nn.Linear(1, 20), *bend, nn.Linear(20, 1)).train()
        X, y = normal(n, 1, seed=n), normal(n, 1, seed=1)
        batches = list(zip(X.split(sizes), y.split(sizes), strict=True))
        before = copy.deepcopy([model, batches])
        measured = copy.deepcopy(model).eval()
        with torch.no_grad():
            losses = [nn.functional.mse_loss(measured(a), b).item() for a, b in batches]
        total = sum(k * loss for k, loss in zip(sizes, losses, strict=True))
        alone = sum(losses) / len(sizes)
        given = f"batches of {', '.join(map(str, sizes[:-1]))} and {sizes[-1]} rows"
        mistakes = [
            (alone, "Small and large batches count alike. Weight by their rows."),
            (sum(losses), "Divide by the number of rows."),
            (total, "Divide by the number of rows."),
        ]
        result = call(attempt, model, batches, shared=True)
        if isinstance(result, Tensor) and result.requires_grad:
            hint = (
                "`item()` takes the number out; under inference_mode, nothing is kept."
            )
            raise WrongError("the result still holds its record", hint)
        if not alike(before, [model, batches]):
            hint = "Leave out whatever trains, and compute new tensors."
            raise WrongError("a measurement changed the model, or the batches", hint)
        hint = "In which mode is the model? With dropout, that changes the loss."
        compare(result, total / n, given, mistakes, hint=hint)
