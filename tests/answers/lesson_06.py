"""Wrong answers to the exercises of lesson 06."""

import torch


def stepped(x, v, g, lr, m, keep=1):
    return x - lr * (m * v + keep * g), m * v + keep * g


def fit(X, y, lr, steps, clear=True, size=False):
    line = torch.zeros(2, requires_grad=True)
    for _ in range(steps):
        if clear:
            line.grad = None
        error = line[0] * X + line[1] - y
        (error.abs() if size else error.square()).mean().backward()
        with torch.no_grad():
            line -= lr * line.grad
    return line.tolist()


bias_slope = 0.0  # hint: slope of the MAE
bias_slope = -1 / 2  # hint: The square gives
bias_slope = -2  # hint: sum over both
bias_slope = 1  # hint: or without the signs
bias_slope = 3.0  # hint: the second error
bias_slope = 7  # hint: Double both

bias_grad = 32.0  # hint: is not multiplied
bias_grad = 1  # hint: only the first
bias_grad = 4  # hint: That is the error
bias_grad = 16  # hint: That is the loss
bias_grad = 10  # hint: all operations

third_velocity = 3  # hint: keeps only
third_velocity = 1.9  # hint: That is the second
third_velocity = 0.9**2  # hint: added in every
third_velocity = 0.271  # hint: as a tenth
third_velocity = 1.0  # hint: That is the first
third_velocity = 2.0  # hint: Three times

one_slope = 3, 24  # hint: prediction minus
one_slope = (-1.0, -8.0)  # hint: Those are for
one_slope = [-12, -24]  # hint: only for the sign
one_slope = -3, -12.0  # hint: of the error gives
one_slope = -3, -30  # hint: hold the bias
one_slope = -24, -3  # hint: MAE first
one_slope = -4, 16  # hint: the sign of the error, for
one_slope = -24  # hint: a comma
one_slope = -3, None  # hint: without quotes
one_slope = "-3", "-24"  # hint: without quotes
one_slope = torch.tensor(-3), torch.tensor(-24)  # hint: takes the number out

momentum_step = lambda x, v, g, lr, m: x - lr * (m * v + g)  # hint: numbers: value
momentum_step = lambda x, v, g, lr, m: (0.6, 4.0)  # hint: Work the example out
momentum_step = lambda x, v, g, lr, m: (x - lr * g, m * v + g)  # hint: not the gradient
momentum_step = lambda x, v, g, lr, m: (x - lr * v, m * v + g)  # hint: by the old one
momentum_step = lambda x, v, g, lr, m: stepped(x, v, g, -lr, m)  # hint: against the vel
momentum_step = lambda x, v, g, lr, m: stepped(x, v, -g, lr, m)  # hint: Add the grad
momentum_step = lambda *given: stepped(*given, keep=1 - given[-1])  # hint: share
momentum_step = lambda *given: stepped(*given, keep=given[-2])  # hint: `lr` belongs
momentum_step = lambda *given: stepped(*given)[::-1]  # hint: value first.
momentum_step = lambda x, v, g, lr, m: stepped(x, v, g, lr, 1)  # hint: Only a part
momentum_step = lambda x, v, g, lr, m: stepped(x, v, g, 1, m)  # hint: is `lr` times


def five_lines(X, y, lr, steps):  # hint: before another one
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        weight = weight - lr * slope  # noqa: F821
        error = weight * X + bias - y
        slope = (error.sign() * X).mean().item()
    return weight, bias, slope


def five_lines(X, y, lr, steps):  # hint: errors of its own
    weight, bias = 0.0, 0.0
    error = weight * X + bias - y
    slope_weight = (error.sign() * X).mean().item()
    slope_bias = error.sign().mean().item()
    for _ in range(steps):
        weight = weight - lr * slope_weight
        bias = bias - lr * slope_bias
    return weight, bias


def five_lines(X, y, lr, steps):  # hint: from one error
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight = weight - lr * (error.sign() * X).mean().item()
        error = weight * X + bias - y
        bias = bias - lr * error.sign().mean().item()
    return weight, bias


def five_lines(X, y, lr, steps):  # hint: from one error
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        bias = bias - lr * error.sign().mean().item()
        error = weight * X + bias - y
        weight = weight - lr * (error.sign() * X).mean().item()
    return weight, bias


five_lines = lambda X, y, lr, steps: fit(X, y, lr, 1, size=True)  # hint: belong into
five_lines = lambda *given: (fit(*given, size=True)[0], 0.0)  # hint: The bias has not
five_lines = lambda *given: fit(*given)  # hint: Work the example out

mended = lambda X, y, lr, steps: fit(X, y, lr / 2, steps)  # hint: Is a path cut
mended = lambda *given: fit(*given, clear=False)  # hint: Clear both
mended = lambda X, y, lr, steps: fit(X, y, -lr, steps)  # hint: downhill
mended = lambda *given: torch.tensor(fit(*given))  # hint: numbers: weight
mended = lambda *given: [torch.tensor(n) for n in fit(*given)]  # hint: takes the


mended = lambda X, y, lr, steps: X.mean().backward()  # hint: detach nothing


def mended(X, y, lr, steps):  # hint: Old gradients
    weight = torch.tensor(0.0, requires_grad=True)
    bias = torch.tensor(0.0, requires_grad=True)
    for _ in range(steps):
        error = weight * X + bias - y
        loss = (error * error.detach()).mean()
        loss.backward()
        with torch.no_grad():
            weight -= 2 * lr * weight.grad
            bias -= 2 * lr * bias.grad
    return weight.item(), bias.item()


def mended(X, y, lr, steps):  # hint: inside `with torch.no_grad()
    weight = torch.tensor(0.0, requires_grad=True)
    (weight * X - y).square().mean().backward()
    weight -= lr * weight.grad
    return weight.item(), 0.0


fit_line = lambda X, y, lr, steps: fit(X, y, lr / 2, steps)  # hint: have a factor of 2
fit_line = lambda X, y, lr, steps: fit(X, y, -lr, steps)  # hint: against the slope
fit_line = lambda X, y, lr, steps: fit(X, y, lr, steps)[::-1]  # hint: weight, bias
fit_line = lambda *given: [torch.tensor(n) for n in fit(*given)]  # hint: takes the
fit_line = lambda X, y, lr, steps: (0.0, 0.0)  # hint: It has not
fit_line = lambda X, y, lr, steps: fit(X, y, lr, 1)  # hint: stops after one step
fit_line = lambda X, y, lr, steps: fit(X, y, 20 * lr, steps)  # hint: Those are sums
fit_line = lambda *given: fit(*given, size=True)  # hint: Take the error itself
fit_line = lambda X, y, lr, steps: fit(X, y, 0.1, steps)  # hint: Use the `lr`
fit_line = lambda X, y, lr, steps: fit(X, y, 1, steps)  # hint: Use the `lr`
fit_line = lambda X, y, lr, n: fit(X, y, 3 * lr, n)  # hint: Work the example out
fit_line = lambda *given: fit(*given)  # hint: as in `mse_gradient`
fit_line = lambda X, y, lr, s: fit(torch.ones(80), y, lr, s)  # hint: that are given
fit_line = lambda X, y, lr, steps: 0.0  # hint: numbers: weight


def fit_line(X, y, lr, steps):  # hint: from before either
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        weight -= lr * 2 * ((weight * X + bias - y) * X).mean().item()
        bias -= lr * 2 * (weight * X + bias - y).mean().item()
    return weight, bias


def fit_line(X, y, lr, steps):  # hint: from before either
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        bias -= lr * 2 * (weight * X + bias - y).mean().item()
        weight -= lr * 2 * ((weight * X + bias - y) * X).mean().item()
    return weight, bias


def fit_line(X, y, lr, steps):  # hint: have a factor of 2
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight -= lr * (error * X).mean().item()
        bias -= lr * 2 * error.mean().item()
    return weight, bias


def fit_line(X, y, lr, steps):  # hint: Take the error itself
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight -= lr * 2 * (error.sign() * X).mean().item()
        bias -= lr * 2 * error.sign().mean().item()
    return weight, bias
