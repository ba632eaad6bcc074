"""Wrong answers to the exercises of lesson 04."""

import torch

after_step = 0.3  # hint: subtract it
after_step = 2.5  # hint: learning rate first
after_step = -1.5  # hint: then subtract
after_step = 0.2  # hint: step itself
slope = lambda function, at: function(at + 0.001) - function(at)  # hint: Divide
slope = lambda function, at: (function(at) - function(at + 0.001)) / 0.001  # hint: sign
slope = lambda function, at: function(at)  # hint: That is the value


# hint: never ends
def slope(function, at):
    while True:
        pass


# hint: The old gradient was added
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()


# hint: `optimizer.step()`
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


# hint: Compute the gradients with `backward()`
train_step = lambda model, loss_fn, optimizer, X, y: loss_fn(model(X), y).item()


# hint: moved the wrong way
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    (-loss).backward()
    optimizer.step()
    return loss.item()


# hint: One call is one step
def train_step(model, loss_fn, optimizer, X, y):
    for _ in range(2):
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


# hint: Return the one before
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss_fn(model(X), y).item()


# hint: takes the number out
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# hint: traceback
def train_step(model, loss_fn, optimizer, X, y):
    with torch.inference_mode():
        loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()
