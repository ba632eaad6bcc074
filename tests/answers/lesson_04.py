"""Wrong answers to the exercises of lesson 04."""

import torch
from torch import nn

from linreg import LinearRegressionModel


def taken(model, loss_fn, optimizer, X, y, clear=True, sign=1, move=True):
    loss = loss_fn(model(X), y)
    if clear:
        optimizer.zero_grad()
    (sign * loss).backward()
    if move:
        optimizer.step()
    return loss


def fitted(X, y, trained=True, n_clear=1, n_steps=1, late=False, lr=0.02):
    model = LinearRegressionModel()
    held = model if trained else LinearRegressionModel()
    optimizer = torch.optim.SGD(held.parameters(), lr=lr)
    for epoch in range(500):
        if epoch < n_clear:
            optimizer.zero_grad()
        nn.L1Loss()(model(X), y).backward()
        if late:
            optimizer.zero_grad()
        if epoch < n_steps:
            optimizer.step()
    return model


def with_rate(lr, X, y):
    return fitted(X, y, n_clear=500, n_steps=500, lr=lr)


def kept(model, shared=LinearRegressionModel()):  # noqa: B008
    shared.load_state_dict(model.state_dict())
    return shared


new_bias = 0.05  # hint: The old bias, minus
lowest_epoch = 200  # hint: each step is half as long
halfway = 0.0025  # hint: the same amount in each epoch
halfway = 2500  # hint: the same amount in each epoch
after_step = 1.0  # hint: The weight, minus

slope = lambda f, at: round((f(at + 0.001) - f(at)) / 0.001)  # hint: Work the example
slope = lambda f, at: [f(at), f(at + 0.001)]  # hint: without quotes or brackets


def slope(function, at):  # hint: never ends
    while True:
        pass


train_step = lambda *given: taken(*given, clear=False).item()  # hint: The old gradient
train_step = lambda *given: taken(*given, move=False).item()  # hint: `optimizer.step()`
train_step = lambda *given: round(taken(*given).item(), 2)  # hint: do not round it
train_step = lambda *given: taken(*given, sign=-1).item()  # hint: moved the wrong way
train_step = lambda *given: taken(*given)  # hint: takes the number out
train_step = lambda *given: taken(*given) and taken(*given).item()  # hint: One call is
train_step = lambda m, loss_fn, _, X, y: loss_fn(m(X), y).item()  # hint: Call `b
train_step = torch.inference_mode()(taken)  # hint: No notes were kept
train_step = lambda *given: taken(*given) and None  # hint: Does it end with `return`
train_step = lambda m, _, *given: taken(m, nn.L1Loss(), *given).item()  # hint: One call


def train_step(model, loss_fn, optimizer, X, y):  # hint: It is the loss
    loss = loss_fn(model(X), y)
    model.backward()
    return loss.item()


def train_step(model, loss_fn, optimizer, X, y):  # hint: own `.grad` is set to None
    loss = loss_fn(model(X), y)
    loss.zero_grad()
    return loss.item()


def train_step(model, loss_fn, optimizer, X, y):  # hint: It is the optimizer that has
    loss = loss_fn(model(X), y)
    model.step()
    return loss.item()


def train_step(model, loss_fn, optimizer, X, y):  # hint: Return the one before
    taken(model, loss_fn, optimizer, X, y)
    return loss_fn(model(X), y).item()


def train_step(model, loss_fn, optimizer, X, y):  # hint: One call is
    own = torch.optim.SGD(model.parameters(), lr=0.1)
    return taken(model, loss_fn, own, X, y).item()


def train_step(model, loss_fn, optimizer, X, y):  # hint: cleared before the step
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


fit_line = lambda X, y: kept(with_rate(0.02, X, y))  # hint: a new LinearRegressionModel
fit_line = lambda X, y: fitted(X, y, trained=False)  # hint: this very model
fit_line = lambda X, y: fitted(X, y, late=True)  # hint: cleared, or never
fit_line = lambda X, y: fitted(X, y, late=True, trained=False)  # hint: this very model
fit_line = lambda X, y: fitted(X, y, n_steps=500)  # hint: pile up
fit_line = lambda X, y: fitted(X, y, n_clear=500)  # hint: one step in every
fit_line = lambda X, y: with_rate(0.2, X, y)  # hint: leap over the line
fit_line = lambda X, y: with_rate(0.002, X, y)  # hint: with the rate and the loss
fit_line = lambda X, y: fitted(X, y).state_dict()  # hint: Return the model, as before
fit_line = lambda X, y: fitted(X, y) and None  # hint: Does it end with `return`
