"""Train a small network, from data to a saved file. Replace the data with your own."""

import copy

import torch
from torch import nn

# Data: features X (n, columns) and labels y (n, 1), float32; no column is constant.
torch.manual_seed(0)
X = 6 * torch.rand(300, 1) - 3
y = 20 + 5 * X.sin() + 0.5 * torch.randn(300, 1)

device = torch.accelerator.current_accelerator(check_available=True) or "cpu"
X, y = X.to(device), y.to(device)
order = torch.randperm(len(X)).to(device)
a, b = len(X) * 6 // 10, len(X) * 8 // 10
train, validation, test = order[:a], order[a:b], order[b:]

# Both scales are learned from the training set only, and saved with the model.
X_mean, X_std = X[train].mean(dim=0), X[train].std(dim=0)
y_mean, y_std = y[train].mean(dim=0), y[train].std(dim=0)
scale = {"X_mean": X_mean, "X_std": X_std, "y_mean": y_mean, "y_std": y_std}
X_scaled, y_scaled = (X - X_mean) / X_std, (y - y_mean) / y_std

model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.ReLU(), nn.Linear(16, 1)).to(device)
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
best_loss, best_state = torch.inf, None
for epoch in range(1_000):
    model.train()
    loss = loss_fn(model(X_scaled[train]), y_scaled[train])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    model.eval()
    with torch.inference_mode():
        loss = loss_fn(model(X_scaled[validation]), y_scaled[validation]).item()
    if loss < best_loss:
        best_loss, best_state = loss, copy.deepcopy(model.state_dict())
    if epoch % 200 == 0:
        print(f"epoch {epoch:>3}: validation loss {loss:.2f}")
torch.save({"model": best_state, **scale}, "model.pt")

# Load it, here or in another program, and predict in the unit of the labels.
saved = torch.load("model.pt", map_location=device, weights_only=True)
model.load_state_dict(saved["model"])
model.eval()
with torch.inference_mode():
    predictions = model((X[test] - saved["X_mean"]) / saved["X_std"])
    predictions = predictions * saved["y_std"] + saved["y_mean"]
print(f"the mean:  off by {(y_mean - y[test]).abs().mean():.3g} on average")
print(f"the model: off by {(predictions - y[test]).abs().mean():.3g} (test set)")
