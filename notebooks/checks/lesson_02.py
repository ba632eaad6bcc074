"""Check the exercises of lesson 02: a model, its size, its numbers."""

from typing import Any

import torch
from torch import nn

from checks import core
from checks.core import WrongError, call, compare, exercise, expect, new_line, show


@exercise("Three new lines of code, and PyTorch can train it.", core.is_blank_class)
def proportional(attempt: Any) -> None:
    model = call(attempt)
    if not isinstance(model, nn.Module):
        raise WrongError("it is no PyTorch model", "Inherit from `nn.Module`.")
    hint = "Hold the weight in an `nn.Parameter` named `weight`."
    if "bias" in dict(model.named_parameters()):
        hint = "A line through the origin has no bias."
    expect_names(model, ["weight"], hint)
    if "forward" not in vars(attempt):
        raise WrongError("it has no forward()", "Override `forward(self, X)`.")
    X, weight = core.normal(5), model.weight
    given = f"{show(X)} and the weight {weight.item():.4f}"
    compare(call(model, X), weight * X, given, [(weight + X, "Multiply; do not add.")])


def expect_names(model: nn.Module, names: list[str], hint: str) -> None:
    """Raise `WrongError` unless these are the names of the parameters."""
    found = [name for name, _ in model.named_parameters()]
    if found != names:
        what = f"its parameters are {found}, and {names} was expected"
        raise WrongError(what, hint)


@exercise("Even a large language model is counted this way.")
def count_parameters(attempt: Any) -> None:
    compare(call(attempt, new_line()), 2, "our line")
    mistakes = [(2, "That is the number of tensors. How many numbers are in each?")]
    compare(call(attempt, nn.Linear(3, 2)), 8, "nn.Linear(3, 2)", mistakes)


@exercise("A model with numbers of your choice: handy for testing.")
def line(attempt: Any) -> None:
    for weight, bias in [(0.7, 0.3), (-2.0, 5.0)]:
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
