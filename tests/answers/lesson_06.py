"""Wrong answers to the exercises of lesson 06."""

import torch

one_slope = 3  # hint: factor of 2
one_slope = 2.0  # hint: for the bias
one_slope = -6  # hint: minus the label
one_slope = 1  # hint: That is the error


# hint: Return two numbers
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity + gradient
    return value - lr * velocity


# hint: Move by the velocity
def momentum_step(value, velocity, gradient, lr, momentum):
    return value - lr * gradient, momentum * velocity + gradient


# hint: Use the new velocity
def momentum_step(value, velocity, gradient, lr, momentum):
    new = momentum * velocity + gradient
    return value - lr * velocity, new


# hint: against the velocity
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity + gradient
    return value + lr * velocity, velocity


# hint: Add the gradient here
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity - gradient
    return value + lr * velocity, velocity


# hint: not as a share
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity + (1 - momentum) * gradient
    return value - lr * velocity, velocity


# hint: `lr` belongs
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity + lr * gradient
    return value - velocity, velocity


# hint: value first
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity + gradient
    return velocity, value - lr * velocity


# hint: before either number moves
def fit_line(X, y, lr, steps):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        weight -= lr * 2 * ((weight * X + bias - y) * X).mean().item()
        bias -= lr * 2 * (weight * X + bias - y).mean().item()
    return weight, bias


# hint: factor of 2
def fit_line(X, y, lr, steps):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight -= lr * (error * X).mean().item()
        bias -= lr * error.mean().item()
    return weight, bias


fit_line = lambda X, y, lr, steps: (0.0, 0.0)  # hint: not moved


# hint: against the slope
def fit_line(X, y, lr, steps):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight += lr * 2 * (error * X).mean().item()
        bias += lr * 2 * error.mean().item()
    return weight, bias


fit_line = lambda X, y, lr, steps: 0.0  # hint: Return two plain numbers


# hint: weight first
def fit_line(X, y, lr, steps):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight -= lr * 2 * (error * X).mean().item()
        bias -= lr * 2 * error.mean().item()
    return bias, weight


# hint: takes the number out
def fit_line(X, y, lr, steps):
    weight = bias = torch.tensor(0.0)
    for _ in range(steps):
        error = weight * X + bias - y
        weight = weight - lr * 2 * (error * X).mean()
        bias = bias - lr * 2 * error.mean()
    return weight, bias
