"""Wrong answers to the exercises of lesson 03."""

import torch

from linreg import predict

all_off = 0.225  # hint: Here plus and minus cancel
all_off = 0.0  # hint: By how much?
all_off = 5.0  # hint: MAE is the mean
all_off = 0.5  # hint: whichever side
all_off = torch.tensor([0.25])  # hint: takes the number out

mae = lambda guesses, labels: (guesses - labels).mean()  # hint: Plus and minus cancel
mae = lambda guesses, labels: (guesses - labels).abs().sum()  # hint: Take the mean
mae = lambda guesses, labels: (guesses - labels).abs()  # hint: one number
mae = lambda guesses, labels: (guesses.unsqueeze(1) - labels).abs()  # hint: (N, N)
mae = lambda guesses, labels: (guesses - labels).square().mean()  # hint: Squares
mae = torch.nn.L1Loss()  # hint: Write it yourself
mae = lambda guesses, labels: torch.nn.L1Loss()(guesses, labels)  # hint: Write it
mae = lambda p, y: (p - y).abs().mean().item()  # hint: Return a tensor

worst = lambda model, X, y: (predict(model, X) - y).max().item()  # hint: below its
worst = lambda m, X, y: (predict(m, X) - y).abs().mean().item()  # hint: is the mean. W
worst = lambda m, X, y: (predict(m, X) - y).abs().min().item()  # hint: the smallest
worst = lambda m, X, y: (predict(m, X) - y).abs().max()  # hint: takes the number out
