"""Wrong answers to the exercises of lesson 06."""

import torch


def moved(value, velocity, lr):
    return value - lr * velocity, velocity


def fit(X, y, lr, steps, together=True):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight -= lr * 2 * (error * X).mean().item()
        error = error if together else weight * X + bias - y
        bias -= lr * 2 * error.mean().item()
    return weight, bias


one_slope = 3  # hint: factor of 2
one_slope = 2.0  # hint: for the bias
one_slope = -6  # hint: minus the label
one_slope = 5  # hint: Twice the error
one_slope = 1  # hint: That is the error

momentum_step = lambda x, v, g, lr, m: x - lr * (m * v + g)  # hint: Return two numbers
momentum_step = lambda x, v, g, lr, m: (x - lr * g, m * v + g)  # hint: Move by the
momentum_step = lambda x, v, g, lr, m: (x - lr * v, m * v + g)  # hint: Use the new
momentum_step = lambda x, v, g, lr, m: moved(x, m * v + g, -lr)  # hint: the velocity.
momentum_step = lambda x, v, g, lr, m: moved(x, m * v - g, -lr)  # hint: Add the
momentum_step = lambda x, v, g, lr, m: moved(x, m * v + (1 - m) * g, lr)  # hint: share
momentum_step = lambda x, v, g, lr, m: moved(x, m * v + lr * g, 1)  # hint: `lr` belongs
momentum_step = lambda x, v, g, lr, m: moved(x, m * v + g, lr)[::-1]  # hint: is: value

fit_line = lambda X, y, lr, steps: fit(X, y, lr / 2, steps)  # hint: factor of 2
fit_line = lambda X, y, lr, steps: fit(X, y, -lr, steps)  # hint: against the slope
fit_line = lambda X, y, lr, steps: fit(X, y, lr, steps)[::-1]  # hint: weight first
fit_line = lambda *given: fit(*given, together=False)  # hint: before either number
fit_line = lambda *given: [torch.tensor(n) for n in fit(*given)]  # hint: takes the
fit_line = lambda X, y, lr, steps: (0.0, 0.0)  # hint: not moved
fit_line = lambda X, y, lr, steps: 0.0  # hint: Return two plain numbers
