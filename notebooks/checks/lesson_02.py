"""Check the exercises of lesson 02: a model, its size, its numbers."""

from typing import Any

import torch
from torch import nn

from checks import core
from checks.core import WrongError, call, compare, exercise, expect, new_line, show


@exercise("A few lines of your own, and PyTorch can train it.", core.is_blank_class)
def proportional(attempt: Any) -> None:
    model = call(attempt)
    if not isinstance(model, nn.Module):
        raise WrongError("it is no PyTorch model", "Inherit from `nn.Module`.")
    hint = "Hold the weight in an `nn.Parameter` named `weight`."
    if "bias" in dict(model.named_parameters()):
        hint = "A line through the origin has no bias."
    expect_names(model, ["weight"], hint)
    if attempt.forward is nn.Module.forward:
        raise WrongError("it has no forward()", "Write `forward(self, X)`.")
    X, weight = core.normal(5), model.weight
    if weight.numel() != 1 or not weight.requires_grad:
        hint = "One number, which training may change: `nn.Parameter(torch.randn(1))`."
        raise WrongError("its weight is not one number that can be learned", hint)
    if torch.equal(weight, call(attempt).weight):
        hint = "Let the weight start at random: `torch.randn(1)`."
        raise WrongError("two new models have the same weight", hint)
    if weight.ndim == 2:  # as in `nn.Linear`, whose features are a table
        X = X.unsqueeze(1)
    given = f"{show(X)} and the weight {weight.item():.4f}"
    right, wrong = weight.reshape(1) * X, weight.reshape(1) + X
    compare(call(model, X), right, given, [(wrong, "Multiply; do not add.")])


def expect_names(model: nn.Module, names: list[str], hint: str) -> None:
    """Raise `WrongError` unless these are the names of the parameters."""
    found = [name for name, _ in model.named_parameters()]
    if found != names:
        what = f"its parameters are {found}, and {names} was expected"
        raise WrongError(what, hint)


@exercise("Even a large language model is counted this way.")
def count_parameters(attempt: Any) -> None:
    several = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1, bias=False))
    cases = [(new_line(), "our line"), (nn.Linear(3, 2), "nn.Linear(3, 2)")]
    cases += [(several, "nn.Linear(4, 5) and nn.Linear(5, 1, bias=False)")]
    for model, given in cases:
        sizes = [parameter.numel() for parameter in model.parameters()]
        n = len(sizes)
        mistakes = [(n, "That is the number of tensors. How many numbers are in each?")]
        hint = "Add up `numel()` over all that `parameters()` gives."
        compare(call(attempt, model), sum(sizes), given, mistakes, hint=hint)


@exercise("A model with numbers of your choice: handy for testing.")
def line(attempt: Any) -> None:
    made = []
    for weight, bias in [(0.7, 0.3), (-2.0, 5.0), (-1.5, 0.25)]:
        given = f"weight {weight} and bias {bias}"
        model = call(attempt, weight, bias)
        hint = "Make a LinearRegressionModel, change it, and return it."
        expect(model, hint, nn.Module, given)
        hint = "Fill the two parameters; do not replace them by other things."
        expect_names(model, ["weight", "bias"], hint)
        X = torch.tensor([0.0, 1.0])
        mistakes = [(bias * X + weight, "Weight and bias are swapped.")]
        hint = "Fill both parameters with `fill_`, under `torch.no_grad()`."
        expected = model.weight * 0 + weight * X + bias
        compare(call(model, X), expected, given, mistakes, hint=hint)
        if not all(parameter.requires_grad for parameter in model.parameters()):
            hint = "Leave `requires_grad` alone, or training cannot change the line."
            raise WrongError("its parameters are frozen", hint)
        made.append(model)
    if made[0] is made[1]:
        hint = "Make a new LinearRegressionModel in each call."
        raise WrongError("two calls gave the same model", hint)
