"""Wrong answers to the exercises of lesson 03."""

import torch

from linreg import predict

all_off = 0.225  # hint: Here plus and minus cancel
all_off = 0.0  # hint: By how much?
all_off = 5.0  # hint: MAE is the mean
all_off = torch.tensor([0.25])  # hint: takes the number out
# hint: Plus and minus cancel
mae = lambda predictions, labels: (predictions - labels).mean()
# hint: Take the mean
mae = lambda predictions, labels: (predictions - labels).abs().sum()
mae = lambda predictions, labels: (predictions - labels).abs()  # hint: one number
# hint: (N, N)
mae = lambda predictions, labels: (predictions.unsqueeze(1) - labels).abs()
# hint: Squares
mae = lambda predictions, labels: (predictions - labels).square().mean()
# hint: Return a tensor
mae = lambda predictions, labels: (predictions - labels).abs().mean().item()
# hint: below its label
worst = lambda model, X, y: (predict(model, X) - y).max().item()
# hint: That is the mean.
worst = lambda model, X, y: (predict(model, X) - y).abs().mean().item()
# hint: That is the smallest
worst = lambda model, X, y: (predict(model, X) - y).abs().min().item()
# hint: takes the number out
worst = lambda model, X, y: (predict(model, X) - y).abs().max()
