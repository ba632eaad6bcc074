"""Wrong answers to the exercises of lesson 09."""

import torch
from torch import nn


# hint: Whose parameters
def train_line(X, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    for _ in range(500):
        loss = nn.MSELoss()(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


# hint: Clear the old ones
def train_line(X, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(500):
        loss = nn.MSELoss()(model(X), y)
        loss.backward()
        optimizer.step()
    return model


# hint: Are old gradients cleared?
def train_line(X, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=3.0)
    for _ in range(500):
        nn.MSELoss()(model(X), y).backward()
        optimizer.step()
    return model


# hint: Return the trained model
def train_line(X, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(500):
        loss = nn.MSELoss()(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss


# hint: Print both shapes
mean_error = lambda model, X, y: (model(X) - y).abs().mean().item()
# hint: Plus and minus cancel
mean_error = lambda model, X, y: (model(X).squeeze(1) - y).mean().item()
# hint: Take the mean
mean_error = lambda model, X, y: (model(X).squeeze(1) - y).abs().sum().item()
# hint: takes the number out of a tensor
mean_error = lambda model, X, y: (model(X).squeeze(1) - y).abs().mean()


# hint: under inference_mode
def epoch_loss(model, batches):
    total = 0
    for X, y in batches:
        total += nn.MSELoss()(model(X), y)
    return total / len(batches)


# hint: In which mode
def epoch_loss(model, batches):
    total = 0
    for X, y in batches:
        total += nn.MSELoss()(model(X), y).item() * len(X)
    return total / 10


# hint: Weight by
def epoch_loss(model, batches):
    model.eval()
    total = 0
    for X, y in batches:
        total += nn.MSELoss()(model(X), y).item()
    return total / len(batches)


# hint: Divide by
def epoch_loss(model, batches):
    model.eval()
    total = 0
    for X, y in batches:
        total += nn.MSELoss()(model(X), y).item() * len(X)
    return total
