"""Wrong answers to the exercises of lesson 03."""

import torch

from linreg import predict

# hint: Here plus and minus cancel
all_off = 0.225


# hint: By how much?
all_off = 0.0

# hint: MAE is the mean
all_off = 5.0


# hint: takes the number out
all_off = torch.tensor([0.25])


# hint: Plus and minus cancel
def mae(predictions, labels):
    return (predictions - labels).mean()


# hint: Take the mean
def mae(predictions, labels):
    return (predictions - labels).abs().sum()


# hint: one number
def mae(predictions, labels):
    return (predictions - labels).abs()


# hint: (N, N)
def mae(predictions, labels):
    return (predictions.unsqueeze(1) - labels).abs()


# hint: Squares
def mae(predictions, labels):
    return (predictions - labels).square().mean()


# hint: Return a tensor
def mae(predictions, labels):
    return (predictions - labels).abs().mean().item()


# hint: below its label
def worst(model, X, y):
    return (predict(model, X) - y).max().item()


# hint: That is the mean.
def worst(model, X, y):
    return (predict(model, X) - y).abs().mean().item()


# hint: That is the smallest
def worst(model, X, y):
    return (predict(model, X) - y).abs().min().item()


# hint: takes the number out
def worst(model, X, y):
    return (predict(model, X) - y).abs().max()
