"""Check the exercises of lesson 02: a model, its size, its numbers."""

from typing import Any

import torch
from torch import nn

from checks.core import (
    WrongError,
    call,
    compare,
    exercise,
    is_blank_class,
    new_line,
    random_tensor,
    show,
)


@exercise("Three new lines of code, and PyTorch can train it.", is_blank_class)
def proportional(attempt: Any) -> None:
    model = call(attempt)
    if not isinstance(model, nn.Module):
        raise WrongError("it is no PyTorch model", "Inherit from `nn.Module`.")
    names = [name for name, _ in model.named_parameters()]
    if names != ["weight"]:
        raise WrongError(
            f"its parameters are {names}, and ['weight'] was expected",
            "A line through the origin has no bias."
            if "bias" in names
            else "Hold the weight in an `nn.Parameter` named `weight`.",
        )
    if "forward" not in vars(attempt):
        raise WrongError("it has no forward()", "Override `forward(self, X)`.")
    X = random_tensor(5)
    weight = model.weight
    compare(
        call(model, X),
        weight * X,
        f"{show(X)} and the weight {weight.item():.4f}",
        [(weight + X, "Multiply; do not add.")],
    )


@exercise("Even a large language model is counted this way.")
def count_parameters(attempt: Any) -> None:
    for model, given, count, tensors in [
        (new_line(), "our line", 2, 2),
        (nn.Linear(3, 2), "nn.Linear(3, 2)", 8, 2),
    ]:
        mistakes = [
            (tensors, "That is the number of tensors. How many numbers are in each?")
        ]
        compare(call(attempt, model), count, given, mistakes)


@exercise("A model with numbers of your choice: handy for testing.")
def line(attempt: Any) -> None:
    for weight, bias in [(0.7, 0.3), (-2.0, 5.0)]:
        given = f"weight {weight} and bias {bias}"
        model = call(attempt, weight, bias)
        if not isinstance(model, nn.Module):
            raise WrongError(
                f"for {given}, {show(model)} came back",
                "Make a LinearRegressionModel, change it, and return it.",
            )
        names = [name for name, _ in model.named_parameters()]
        if names != ["weight", "bias"]:
            raise WrongError(
                f"its parameters are {names}, and ['weight', 'bias'] was expected",
                "Fill the two parameters; do not replace them by other things.",
            )
        X = torch.tensor([0.0, 1.0])
        mistakes = [(bias * X + weight, "Weight and bias are swapped.")]
        hint = "Fill both parameters with `fill_`, under `torch.no_grad()`."
        expected = model.weight * 0 + weight * X + bias
        compare(call(model, X), expected, given, mistakes, hint=hint)
