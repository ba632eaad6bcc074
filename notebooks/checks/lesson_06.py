"""Check the exercises of lesson 06: a slope, momentum, and training by hand."""

from typing import Any

import torch
from torch import nn

from checks.core import call, compare, compare_number, exercise, expect, normal


@exercise("A step would lower the weight, because the prediction is too high.")
def one_slope(attempt: Any) -> None:
    mistakes = [
        (3, "The square gives a factor of 2."),
        (2, "That is the slope for the bias. The weight is multiplied by X."),
        (1, "That is the error. By how much does its square change?"),
        (-6, "The error is the prediction minus the label."),
    ]
    hint = "Twice the error, times X."
    compare_number(attempt, 6, mistakes, hint=hint)


@exercise("`torch.optim.SGD` takes the very same steps.")
def momentum_step(attempt: Any) -> None:
    lr, momentum = 0.1, 0.5
    value, velocity = 1.0, 0.0
    parameter = nn.Parameter(torch.tensor(value, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=momentum)
    for gradient in [3.0, -1.0, 2.0]:
        arguments = (value, velocity, gradient, lr, momentum)
        given = "value {:.4f}, velocity {:.4f}, gradient {}, lr {}, momentum {}"
        given = given.format(*arguments)
        result = call(attempt, *arguments)
        hint = "Return two numbers: the new value and the new velocity."
        expect(result, hint, 2, given)
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        (state,) = optimizer.state.values()
        new_velocity = state["momentum_buffer"].item()
        kept, share = momentum * velocity, (1 - momentum) * gradient
        mistakes = [
            (parameter.item(), "The order is: value first, then velocity."),
            (kept - gradient, "Add the gradient here."),
            (kept + share, "The gradient comes in whole, not as a share."),
            (kept + lr * gradient, "`lr` belongs to the step only."),
        ]
        compare(result[1], new_velocity, f"{given}, as new velocity", mistakes)
        mistakes = [
            (value - lr * gradient, "Move by the velocity, not by the gradient."),
            (value - lr * velocity, "Use the new velocity, not the old one."),
            (value + lr * new_velocity, "The step goes against the velocity."),
        ]
        compare(result[0], parameter.item(), f"{given}, as new value", mistakes)
        value, velocity = parameter.item(), new_velocity


@exercise("No `nn`, no optimizer, no `backward()`: the training is your own.")
def fit_line(attempt: Any) -> None:
    X = normal(20)
    y = -1.5 * X + 4

    def fit(lr: float, steps: int, together: bool = True) -> tuple[float, float]:
        weight, bias = 0.0, 0.0
        for _ in range(steps):
            error = weight * X + bias - y
            weight -= lr * 2 * (error * X).mean().item()
            error = error if together else weight * X + bias - y
            bias -= lr * 2 * error.mean().item()
        return weight, bias

    for steps, given in [(1, "one step"), (3, "three steps"), (300, "300 steps")]:
        result = call(attempt, X, y, 0.1, steps)
        hint = "Return two plain numbers: the weight and the bias."
        expect(result, hint, 2, given)
        expected, in_turn = fit(0.1, steps), fit(0.1, steps, together=False)
        for i, name in enumerate(["weight", "bias"]):
            mistakes = [
                (expected[1 - i], "The order is: weight first, then bias."),
                (fit(0.05, steps)[i], "The square gives a factor of 2."),
                (fit(-0.1, steps)[i], "The step goes against the slope."),
                (in_turn[i], "Compute the error once, before either number moves."),
                (0.0, "It has not moved. Are the new numbers kept?"),
            ]
            said = f"20 points, lr 0.1 and {given}, as {name}"
            compare(result[i], expected[i], said, mistakes, tolerance=1e-3)
