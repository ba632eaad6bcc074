"""Train a small network, from data to a saved file. Replace the data by your own."""

import copy
import math

import torch
from torch import nn

# Data: features X of shape (n, columns), labels y of shape (n, 1), in random order.
torch.manual_seed(0)
X = 6 * torch.rand(300, 1) - 3
y = X.sin() + 0.1 * torch.randn(300, 1)
X_train, X_validation, X_test = X.split([180, 60, 60])
y_train, y_validation, y_test = y.split([180, 60, 60])

# The scale is learned from the training set only.
mean, std = X_train.mean(dim=0), X_train.std(dim=0)
X_train, X_validation, X_test = (
    (part - mean) / std for part in (X_train, X_validation, X_test)
)

model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

best_loss, best_state = math.inf, None
for epoch in range(1_000):
    model.train()
    loss = loss_fn(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    model.eval()
    with torch.inference_mode():
        validation_loss = loss_fn(model(X_validation), y_validation).item()
    if validation_loss < best_loss:
        best_loss, best_state = validation_loss, copy.deepcopy(model.state_dict())
    if epoch % 200 == 0:
        print(f"epoch {epoch:>3}: validation loss {validation_loss:.2f}")

model.load_state_dict(best_state)
with torch.inference_mode():
    print(f"test loss {loss_fn(model(X_test), y_test).item():.2f}")
torch.save({"model": best_state, "mean": mean, "std": std}, "model.pt")
