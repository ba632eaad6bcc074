"""Check the exercises of lesson 04: a step, a slope, and the whole training step."""

from typing import Any

import torch
from torch import nn

from checks.core import (
    WrongError,
    call,
    compare,
    compare_number,
    exercise,
    new_line,
    normal,
)


@exercise("Against a negative gradient is upwards.")
def after_step(attempt: Any) -> None:
    mistakes = [
        (0.3, "The step goes against the gradient: subtract it."),
        (2.5, "Multiply the gradient by the learning rate first."),
        (-1.5, "Multiply the gradient by the learning rate, then subtract."),
        (0.2, "That is the step itself. Where does the weight end up?"),
    ]
    hint = "The weight, minus the learning rate times the gradient."
    compare_number(attempt, 0.7, mistakes, hint=hint)


@exercise("`backward()` gives the same number exactly, and for all parameters at once.")
def slope(attempt: Any) -> None:
    cases = [
        (lambda x: x * x, 3.0, "x * x"),
        (lambda x: 2 - 5.37 * x, 1.0, "2 - 5.37 * x"),
        (lambda x: x**3, -2.0, "x ** 3"),
    ]
    for function, at, name in cases:
        rise = function(at + 0.001) - function(at)
        mistakes = [
            (rise, "Divide by the size of the nudge."),
            (-rise / 0.001, "The sign is wrong: new value minus old value."),
            (function(at), "That is the value. How much does it change?"),
        ]
        result = call(attempt, function, at)
        compare(result, rise / 0.001, f"{name} at {at:.0f}", mistakes, tolerance=0.01)


@exercise("These lines train any PyTorch model.")
def train_step(attempt: Any) -> None:
    verify_steps(attempt, nn.L1Loss(), 0.1)
    verify_steps(attempt, nn.MSELoss(), 0.03)  # other things than the lesson's


def verify_steps(attempt: Any, loss_fn: nn.Module, lr: float) -> None:
    """Say what is wrong with two steps that minimize a loss."""
    X = normal(12)
    y = 0.7 * X + 3

    def steps(clear: bool) -> tuple[list[float], list[float]]:
        """Return the losses before each of two steps, and the weights after them."""
        model = new_line()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        losses, weights = [], []
        for _ in range(2):
            loss = loss_fn(model(X), y)
            if clear:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            weights.append(model.weight.item())
        return losses, weights

    losses, weights = steps(clear=True)
    _, piled_up = steps(clear=False)
    model = new_line()
    start = model.weight.item()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for number in range(2):
        result = call(attempt, model, loss_fn, optimizer, X, y, shared=True)
        weight = model.weight.item()
        given = f"step {number + 1} from weight {start:.4f} ({type(loss_fn).__name__})"
        if weight == start:
            hint = "Compute the gradients with `backward()`, then take the `step()`."
            if model.weight.grad is not None:
                hint = "The gradients are there. `optimizer.step()` uses them."
            raise WrongError("the parameters did not move", hint)
        mistakes = [
            (piled_up[number], "The old gradient was added: clear it with zero_grad."),
            (2 * start - weights[0], "The parameters moved the wrong way."),
        ]
        hint = "One call is one step: forward, loss, zero_grad, backward, step."
        compare(weight, weights[number], f"{given}, as new weight", mistakes, hint=hint)
        after = loss_fn(model(X), y).item()
        mistakes = [(after, "That is the loss after the step. Return the one before.")]
        compare(result, losses[number], given, mistakes)
