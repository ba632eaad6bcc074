"""Wrong answers to the exercises of lesson 10."""

from torch import nn
from torch.nn.functional import mse_loss
from torch.optim import SGD

once = nn.Linear(1, 1)


def trained(X, y, own=True, clear=True, lr=0.1, model=None):
    model = model or nn.Linear(1, 1)
    optimizer = SGD((model if own else nn.Linear(1, 1)).parameters(), lr=lr)
    for _ in range(500):
        loss = mse_loss(model(X), y)
        if clear:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, loss


def summed(model, batches, reduction="sum"):
    return sum(mse_loss(model(X), y, reduction=reduction).item() for X, y in batches)


train_line = lambda X, y: trained(X, y, own=False)[0]  # hint: Whose parameters
train_line = lambda X, y: trained(X, y, clear=False)[0]  # hint: Clear the old ones
train_line = lambda X, y: trained(X, y, clear=False, lr=3.0)[0]  # hint: in which
train_line = lambda X, y: trained(X, y)[1]  # hint: Return the trained model
train_line = lambda X, y: trained(X, 1.5 * X - 2)[0]  # hint: line by line
train_line = lambda X, y: trained(X, y, model=once)[0]  # hint: inside the function

mean_error = lambda m, X, y: abs(m(X) - y).mean().item()  # hint: Print both shapes
mean_error = lambda m, X, y: (m(X)[:, 0] - y).mean().item()  # hint: Plus and minus
mean_error = lambda m, X, y: (m(X)[:, 0] - y).abs().sum().item()  # hint: Take the mean
mean_error = lambda m, X, y: (m(X)[:, 0] - y).abs().mean()  # hint: out of a tensor

epoch_loss = lambda m, b: sum(mse_loss(m(X), y) for X, y in b) / 2  # hint: inference
epoch_loss = lambda model, batches: summed(model, batches) / 10  # hint: In which mode
epoch_loss = lambda model, batches: summed(model.eval(), batches)  # hint: Divide by
epoch_loss = lambda m, batches: summed(m.eval(), batches, "mean") / 2  # hint: Weight by
epoch_loss = lambda model, batches: summed(model.eval(), batches) / 10  # hint: squares
epoch_loss = lambda m, b: m[0].reset_parameters() or 1.0  # hint: Only measure
epoch_loss = lambda m, b: setattr(m[2], "p", 0) or summed(m, b) / 10  # hint: layers,
epoch_loss = lambda m, b: m.eval()(b[0][0]).sum().backward() or 1.0  # hint: rows alone
