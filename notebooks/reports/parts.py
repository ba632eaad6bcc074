"""What the reports and the healthy set-ups are made of."""

import torch
from torch import nn


def sgd(model, lr=0.01, **more):
    return torch.optim.SGD(model.parameters(), lr=lr, **more)


def adam(model, lr=1e-3):
    return torch.optim.Adam(model.parameters(), lr=lr)


def mlp(n_in=1, n_out=1, width=16):
    return nn.Sequential(nn.Linear(n_in, width), nn.ReLU(), nn.Linear(width, n_out))


def net(forward, **parts):
    """Return a module with these parts, and a forward of its own."""
    module = type("Net", (nn.Module,), {"forward": forward})()
    for name, part in parts.items():
        setattr(module, name, part)
    return module
