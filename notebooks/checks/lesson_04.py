"""Check the exercises of lesson 04: a step, a slope, and the training of a line."""

from typing import Any

import torch
from torch import nn

from checks.core import (
    WrongError,
    alike,
    compare,
    expect,
    expect_other_lines,
    new_line,
    normal,
)
from checks.records import Lesson, defined
from linreg import LinearRegressionModel

lesson = Lesson(__file__)

new_bias = lesson.number("new_bias")
lowest_epoch = lesson.number("lowest_epoch")
halfway = lesson.number("halfway")
after_step = lesson.number("after_step")
slope = lesson.function(
    "slope",
    {
        "x * x at 3": (lambda x: x * x, 3.0),
        "2 - 5.37 * x at 1": (lambda x: 2 - 5.37 * x, 1.0),
        "x ** 3 at -2": (lambda x: x**3, -2.0),
    },
)


@lesson.exercise
def train_step(attempt: Any) -> None:
    """Two steps with each of two losses move the weight as far as ours do."""
    X = normal(12)
    y = 0.7 * X + 3
    pile_up = defined(train_step.solution.replace("optimizer.zero_grad()", "pass"))

    def start(loss_fn: nn.Module, lr: float) -> tuple:
        model = new_line()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        return model, loss_fn, optimizer, X, y

    for loss_fn, lr in [(nn.L1Loss(), 0.1), (nn.MSELoss(), 0.03)]:
        tried, right, piled_up = (start(loss_fn, lr) for _ in range(3))
        for step in ("first", "second"):
            model, old = tried[0], tried[0].weight.item()
            reached = []
            model.weight.register_hook(reached.append)
            result = train_step.call(attempt, *tried, shared=True)
            loss = train_step.right(*right)
            pile_up(*piled_up)
            given = f"the {step} step from {old:.4f} ({type(loss_fn).__name__})"
            weight, expected = model.weight.item(), right[0].weight.item()
            if weight == old:
                hint = "Call `backward()`, with brackets, for the model that is given."
                if model.weight.grad is not None:
                    hint = "The gradients are there. `optimizer.step()` uses them."
                elif reached:
                    hint = "The new gradients were cleared before the step came."
                raise WrongError("the parameters did not move", hint)
            added = piled_up[0].weight.item()
            mistakes = [
                (2 * old - expected, "The parameters moved the wrong way."),
                (added, "The old gradient was added: clear it with zero_grad."),
            ]
            hint = "One call is one step, with all that it is given, and nothing else."
            compare(weight, expected, f"{given}, as new weight", mistakes, hint=hint)
            after = loss_fn(model(X), y).item()
            mistakes = [
                (after, "That is the loss after the step. Return the one before.")
            ]
            hint = "Return the loss of the model that is given, and do not round it."
            compare(result, loss, given, mistakes, hint=hint)


@lesson.exercise
def fit_line(attempt: Any) -> None:
    """From the start that the seed gives, it finds two lines."""
    X, made = normal(40), []
    for seed, (weight, bias) in enumerate([(-0.8, 1.2), (1.5, -0.5)]):
        torch.manual_seed(seed)
        start = LinearRegressionModel()
        torch.manual_seed(seed)
        model = fit_line.call(attempt, X, weight * X + bias, patience=3)
        expect(model, "Return the model, as before.", LinearRegressionModel)
        made.append(model)
        expect_other_lines(*made)
        if (model(X) - weight * X - bias).abs().max() < 0.1:
            continue
        hint = "Take one step in every epoch, with the rate and the loss as they were."
        if model.weight.grad is None:
            hint = "No gradient is left in this model: cleared, or never computed?"
        elif model.bias.grad.abs() > 1.01:  # 1 is the most that one epoch can give
            hint = "Old gradients pile up: clear them in every epoch."
            if any(map(alike, model.parameters(), start.parameters())):
                hint = "The optimizer must hold all the parameters of this very model."
        elif model.bias.grad.abs() > 0.99:  # all points lie on one side of the line
            hint = "The last steps leap over the line: keep the rate as it was."
        raise WrongError(f"the line for {weight} * X + {bias} is not found", hint)
