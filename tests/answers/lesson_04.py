"""Wrong answers to the exercises of lesson 04."""

import torch


def taken(model, loss_fn, optimizer, X, y, clear=True, sign=1, move=True):
    loss = loss_fn(model(X), y)
    if clear:
        optimizer.zero_grad()
    (sign * loss).backward()
    if move:
        optimizer.step()
    return loss


after_step = 0.3  # hint: subtract it
after_step = 2.5  # hint: learning rate first
after_step = -1.5  # hint: then subtract
after_step = 1.0  # hint: learning rate times
after_step = 0.2  # hint: step itself

slope = lambda function, at: function(at + 0.001) - function(at)  # hint: Divide
slope = lambda function, at: (function(at) - function(at + 0.001)) / 0.001  # hint: sign
slope = lambda f, at: round((f(at + 0.001) - f(at)) / 0.001)  # hint: Work the example
slope = lambda function, at: function(at)  # hint: That is the value


def slope(function, at):  # hint: never ends
    while True:
        pass


train_step = lambda *given: taken(*given, clear=False).item()  # hint: The old gradient
train_step = lambda *given: taken(*given, move=False).item()  # hint: `optimizer.step()`
train_step = lambda *given: taken(*given, sign=-1).item()  # hint: moved the wrong way
train_step = lambda *given: taken(*given)  # hint: takes the number out
train_step = lambda *given: taken(*given) and taken(*given).item()  # hint: One call is
train_step = lambda m, loss_fn, _, X, y: loss_fn(m(X), y).item()  # hint: `backward()`,
train_step = torch.inference_mode()(taken)  # hint: No notes were kept


def train_step(model, loss_fn, optimizer, X, y):  # hint: Return the one before
    taken(model, loss_fn, optimizer, X, y)
    return loss_fn(model(X), y).item()
