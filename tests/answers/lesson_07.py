"""Wrong answers to the exercises of lesson 07."""

import torch
from torch import Tensor, nn


def is_kind(names, kinds):
    return [[float(name == kind) for kind in kinds] for name in names]


scaled_flipper = 0.5  # hint: shorter than the mean
scaled_flipper = 186.0  # hint: Subtract the mean from 193
scaled_flipper = "-0.5"  # hint: without quotes
scaled_flipper = 193 - 200 / 14  # hint: into brackets

steps_per_epoch = 206 / 16  # hint: no part of a step
steps_per_epoch = 206 // 16  # hint: leave some birds over
steps_per_epoch = 192  # hint: is anything left over
steps_per_epoch = 14  # hint: How many batches are there

grams_per_mm = 57  # hint: Where does the weight come in
grams_per_mm = 0.5 * 14 / 800  # hint: Upside down
grams_per_mm = 100  # hint: Multiply the weight by the grams
grams_per_mm = 28  # hint: to the nearest one
grams_per_mm = 400 / 14  # hint: to the nearest one
grams_per_mm = 400  # hint: for one

one_hot = lambda names, kinds: is_kind(names, kinds)  # hint: Return a tensor
one_hot = lambda a, kinds: Tensor(is_kind(a, kinds)).bool()  # hint: into a float
one_hot = lambda a, kinds: Tensor(is_kind(a, kinds)).int()  # hint: into a float
one_hot = lambda names, kinds: Tensor(  # hint: Ask with
    [[float(kind.startswith(name)) for kind in kinds] for name in names]
)
one_hot = lambda names, kinds: Tensor(is_kind(kinds, names))  # hint: a row for each
one_hot = lambda names, kinds: Tensor([kinds.index(n) for n in names])  # hint: in order
one_hot = lambda a, kinds: Tensor(is_kind(a, sorted(kinds)))  # hint: order given
one_hot = lambda names, kinds: torch.eye(2)[[1, 0]]  # hint: for each kind.
one_hot = lambda names, kinds: Tensor(  # hint: Each row has a single one
    [[float(kinds.index(kind)) for kind in kinds] for name in names]
)

scale_to_one = lambda a, b: (a - a.min(dim=0), b)  # hint: the values alone
scale_to_one = lambda a, b: (a - a.amin(dim=1), b)  # hint: found along `dim=0`
scale_to_one = lambda a, b: a - a.amin(0)  # hint: two tables
scale_to_one = lambda a, b: (a, b)  # hint: Both tables need
scale_to_one = lambda a, b: (a.sub_(a.amin(0)), b)  # hint: Compute a new one


def scale_to_one(a, b):  # hint: of the training table here, too
    low, width = a.amin(0), a.amax(0) - a.amin(0)
    return (a - low) / width, (b - b.amin(0)) / (b.amax(0) - b.amin(0))


def train_in_batches(model, loss_fn, optimizer, loader, epochs):  # hint: out of each
    losses = []
    for _ in range(epochs):
        for X, y in loader:
            loss = loss_fn(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss)
    return losses


def train_in_batches(model, loss_fn, optimizer, loader, epochs):  # hint: for each loss
    for _ in range(epochs):
        for X, y in loader:
            loss = loss_fn(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return loss.item()


def train_in_batches(model, loss_fn, optimizer, loader, epochs):  # hint: then `step()`
    losses = []
    for _ in range(epochs):
        for X, y in loader:
            loss = loss_fn(model(X), y)
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
            losses.append(loss.item())
    return losses


def train_in_batches(model, loss_fn, optimizer, loader, epochs):  # hint: that batch
    losses = []
    X, y = loader.dataset.tensors
    for _ in range(epochs * len(loader)):
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def train_in_batches(model, loss_fn, optimizer, loader, epochs):  # hint: once in each
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        for X, y in loader:
            loss = loss_fn(model(X), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


train_in_batches = lambda *given: nn.Linear(2, 1)  # hint: for each loss


def train_in_batches(model, loss_fn, optimizer, loader, epochs):  # hint: It is the loss
    for _ in range(epochs):
        for X, y in loader:
            loss_fn(model(X), y)
            loss_fn.backward()
