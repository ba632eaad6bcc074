"""Check the exercises of lesson 04: a step, a slope, and the whole training step."""

from typing import Any

import torch
from torch import nn

from checks.core import WrongError, call, compare, exercise, new_line, normal


@exercise("Against a negative gradient is upwards.")
def after_step(attempt: Any) -> None:
    mistakes = [
        (0.3, "The step goes against the gradient: subtract it."),
        (2.5, "Multiply the gradient by the learning rate first."),
        (-1.5, "Multiply the gradient by the learning rate, then subtract."),
        (0.2, "That is the step itself. Where does the weight end up?"),
    ]
    compare(attempt, 0.7, "weight 0.5, gradient -2 and lr 0.1", mistakes)


@exercise("Autograd gives the same number exactly, and for all parameters at once.")
def slope(attempt: Any) -> None:
    square, falling = (lambda x: x * x), (lambda x: 2 - 5 * x)
    for function, at, name in [(square, 3.0, "x * x"), (falling, 1.0, "2 - 5 * x")]:
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
    X, loss_fn = normal(12), nn.L1Loss()
    y = 0.7 * X + 3

    def steps(clear: bool) -> tuple[list[float], list[float]]:
        """Return the losses before each of two steps, and the weights after them."""
        model = new_line()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
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
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for number in range(2):
        result = call(attempt, model, loss_fn, optimizer, X, y, shared=True)
        weight = model.weight.item()
        given = f"weight {start:.4f}, step {number + 1}"
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
