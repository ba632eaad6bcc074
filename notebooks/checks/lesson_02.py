"""Check the exercises of lesson 02: parameters, a table, a model and its size."""

from typing import Any

import torch
from torch import Tensor, nn

from checks.core import (
    WrongError,
    call,
    compare,
    expect_other_lines,
    new_line,
    normal,
    show,
)
from checks.records import Lesson
from linreg import make_data, split

X_train, _, X_test, _ = split(*make_data())
lesson = Lesson(__file__, X_train=X_train, X_test=X_test)

found = lesson.number("found")


@lesson.exercise
def table(attempt: Any) -> None:
    """A table is right if it equals ours, number by number."""
    if isinstance(attempt, Tensor) and torch.equal(attempt, table.right):
        return
    hint = table.hint
    if isinstance(attempt, Tensor) and attempt.shape == table.right.shape:
        hint = "The shape is right. Are these the numbers of `X_train`, in their order?"
    for wrong, text in table.mistakes:
        if isinstance(attempt, Tensor) and isinstance(wrong, Tensor):
            hint = text if torch.equal(attempt, wrong) else hint
        elif callable(attempt) and callable(wrong):
            hint = text
    raise WrongError(f"you made {show(attempt)}", hint)


combined = lesson.number("combined")


@lesson.exercise
def proportional(attempt: Any) -> None:
    """A new model has one random weight, and multiplies by what it is just then."""
    hint = "Keep the class as it is: the check makes a model of it."
    if isinstance(attempt, nn.Module):
        raise WrongError("it is a model, and no class", hint)
    model = proportional.call(attempt)
    if not isinstance(model, nn.Module):
        raise WrongError("it is no PyTorch model", "Inherit from `nn.Module`.")
    hint = "Hold the weight in an `nn.Parameter`: `self.weight`, set in `__init__`."
    if len(list(model.parameters())) > 1:
        hint = "A line through the origin has a weight and no bias."
    expect_names(model, ["weight"], hint)
    if type(model).forward is nn.Module.forward:
        raise WrongError("it has no forward()", "Write `forward(self, X)`.")
    weight = model.weight
    if weight.numel() != 1 or not weight.requires_grad:
        hint = "One number, which training may change: `nn.Parameter(torch.randn(1))`."
        raise WrongError("its weight is not one number that can be learned", hint)
    if torch.equal(weight, call(attempt).weight):
        hint = "Let the weight start at random: `torch.randn(1)`."
        raise WrongError("two new models have the same weight", hint)
    verify_forward(model, normal(5))
    with torch.no_grad():
        weight.fill_(-1.5)  # as training would change it
    verify_forward(model, normal(3, seed=1))


def verify_forward(model: nn.Module, X: Tensor) -> None:
    """Raise `WrongError` unless the model multiplies features by its weight."""
    weight = model.weight.reshape(1)
    given = f"{show(X)} and the weight {weight.item():.4f}"
    if model.weight.ndim == 2:  # as in `nn.Linear`, whose features are a table
        X = X.unsqueeze(1)
    result = proportional.call(model, X)
    if isinstance(result, Tensor) and model.weight.ndim == 2:
        result = result.flatten()
    X = X.flatten()
    mistakes = [
        (weight + X, "Multiply by the weight; do not add it."),
        (X / weight, "Multiply by the weight; do not divide by it."),
        (-weight * X, "Multiply by the weight as it is, sign and all."),
    ]
    hint = "`forward` returns `self.weight` times X."
    compare(result, weight * X, given, mistakes, hint=hint)


def expect_names(model: nn.Module, names: list[str], hint: str) -> None:
    """Raise `WrongError` unless these are the names of the parameters."""
    have = [name for name, _ in model.named_parameters()]
    if have != names:
        raise WrongError(f"its parameters are {have}, and not {names}", hint)


@lesson.exercise
def count_parameters(attempt: Any) -> None:
    """It counts right for our line, for a layer, and for a model of several parts."""
    parts = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
    models = {"our line": new_line(), "nn.Linear(3, 2)": nn.Linear(3, 2)}
    models["a model of three parts"] = parts
    count_parameters.try_cases(attempt, {given: (models[given],) for given in models})


@lesson.exercise
def line(attempt: Any) -> None:
    """Three lines have the numbers asked for, and can be trained."""
    made = []
    for weight, bias in [(0.6, 0.2), (-2.0, 5.0), (-1.5, 0.25)]:
        given = f"weight {weight} and bias {bias}"
        model = line.call(attempt, weight, bias)
        hint = "Make a LinearRegressionModel, change it, and return it."
        kinds = [kind.__name__ for kind in type(model).__mro__]
        if "LinearRegressionModel" not in kinds:
            raise WrongError(f"for {given}, {show(model)} came back", hint)
        hint = "Fill the two parameters; do not replace them by other things."
        expect_names(model, ["weight", "bias"], hint)
        X = torch.tensor([0.0, 1.0])
        mistakes = [(wrong(weight, bias)(X), text) for wrong, text in line.mistakes]
        expected = model.weight * 0 + weight * X + bias
        line.judge(call(model, X), expected, given, mistakes)
        if not all(parameter.requires_grad for parameter in model.parameters()):
            hint = "Leave `requires_grad` alone, or training cannot change the line."
            raise WrongError("its parameters are frozen", hint)
        made.append(model)
    expect_other_lines(*made)
