"""Wrong answers to the exercises of lesson 03."""

import torch

from linreg import LinearRegressionModel, make_data, predict, split

X_TRAIN, _, _, _ = split(*make_data())
RIGHT = lambda m, X, y: (predict(m, X) - y).abs().max().item()

one_error = 0.75  # hint: with its sign
one_error = "-0.5"  # hint: quotes or
small_unit = 100  # hint: What does their mean do
small_unit = 0.347  # hint: In what unit
train_predictions = LinearRegressionModel()(X_TRAIN)  # hint: still carry
train_predictions = X_TRAIN + 1  # hint: the 80 predictions
train_predictions = torch.ones(1)  # hint: the 80 predictions
train_predictions = predict(LinearRegressionModel(), X_TRAIN)  # hint: the 80 pred
train_predictions = predict  # hint: the 80 predictions

all_off = 0.5  # hint: whichever side

mae = lambda guesses, labels: (guesses - labels).abs().sum() / 3  # hint: average, in
mae = lambda guesses, labels: (guesses - labels).abs().median()  # hint: average, in
mae = lambda p, y: (p - y).square().mean().sqrt()  # hint: average, in
mae = lambda guesses, labels: (guesses - labels).abs()  # hint: `mean()`, and
mae = lambda guesses, labels: guesses - labels.abs().mean()  # hint: round the
mae = lambda guesses, labels: (guesses.unsqueeze(1) - labels).abs()  # hint: (N, N)
mae = torch.nn.L1Loss()  # hint: Write it yourself
mae = torch.nn.functional.l1_loss  # hint: Write it yourself
mae = lambda guesses, labels: torch.nn.L1Loss()(guesses, labels)  # hint: Write it
mae = lambda p, y: torch.nn.functional.l1_loss(p, y)  # hint: Write it
mae = lambda p, y: (p - y).abs().mean().item()  # hint: Return a tensor

worst = lambda model, X, y: (predict(model, X) - y).max().item()  # hint: too.
worst = lambda model, X, y: (predict(model, X) - y).min().item()  # hint: too.
worst = lambda model, X, y: abs((predict(model, X) - y).max()).item()  # hint: too.
worst = lambda model, X, y: abs((predict(model, X) - y).min()).item()  # hint: too.
worst = lambda m, X, y: (predict(m, X) - y).abs().mean().item()  # hint: is the mean. W
worst = lambda m, X, y: (predict(m, X) - y).abs().min().item()  # hint: the smallest
worst = lambda m, X, y: (predict(m, X) - y).square().max().item()  # hint: a square. T
worst = lambda m, X, y: predict(m, X).abs().max().item()  # hint: That is a pred
worst = lambda *given: round(RIGHT(*given), 1)  # hint: at most from
worst = lambda m, X, y: (predict(m, X[:20]) - y[:20]).abs().max().item()  # hint: at mo
worst = lambda m, X, y: (predict(m, X) - y).abs().max()  # hint: takes the number out
worst = lambda model, X, y: 0.6751  # hint: at most from
worst = lambda model, X, y: model.predict(X).max().item()  # hint: `predict(model, X)`
