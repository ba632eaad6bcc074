"""The line: its data, its model, its prediction and its training. Needs torch only.

Lessons 01 to 04 teach what is defined here, and later ones import it. The modules of
this package hold what other lessons teach. All data are float32 tensors without units.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from linreg.guards import (
    guarded,
    held_parameters,
    integer,
    number,
    pair,
    tensor,
    two_parts,
    watched_loss,
)


@guarded(integer("n_points", minimum=1), number("weight", "bias"), integer("seed"))
def make_data(
    n_points: int = 100, weight: float = 0.7, bias: float = 0.3, seed: int = 42
) -> tuple[Tensor, Tensor]:
    """Return features X, uniform in [0, 1), and labels y = weight * X + bias.

    Both are float32 of shape (n_points,). `seed` is for a generator of its own, so
    PyTorch's random state stays as it is.

    Raises:
        TypeError: a count or a number is of the wrong kind.
        ValueError: `n_points` is not positive; `weight` or `bias` is not finite.
    """
    generator = torch.Generator().manual_seed(seed)
    X = torch.rand(n_points, generator=generator)
    y = weight * X + bias
    return X, y


@guarded(pair("X", "y"), number("train_fraction"), two_parts)
def split(
    X: Tensor, y: Tensor, train_fraction: float = 0.8
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return X_train, y_train, X_test, y_test: the first rows and the rest.

    `X` and `y` have the same number of rows and of dimensions; the order is kept,
    so the rows should be in random order.

    Raises:
        TypeError: `X` or `y` is no floating-point tensor; the fraction no number.
        ValueError: shapes that do not match, empty data or values that are not
            finite; a fraction outside 0 to 1, or one that leaves a part empty.
    """
    n_train = round(train_fraction * len(X))
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


class LinearRegressionModel(nn.Module):
    """A straight line, y = weight * X + bias, that starts at random.

    `weight` and `bias` are float32 parameters of shape (1,). The input is a
    tensor of any shape, and the output has the same shape.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1))
        self.bias = nn.Parameter(torch.randn(1))

    def forward(self, X: Tensor) -> Tensor:
        """Return the prediction for each value of X, in X's shape."""
        return self.weight * X + self.bias


@guarded(tensor("X"))
def predict(model: nn.Module, X: Tensor) -> Tensor:
    """Return the model's output for `X`, without recording gradients.

    The model predicts in evaluation mode. Then all of it is put into the mode that the
    whole was in, also a part that was in another.

    Raises:
        TypeError: `X` is no floating-point tensor.
        ValueError: `X` is empty or holds values that are not finite.
    """
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return model(X)
    finally:
        model.train(was_training)


@guarded(
    pair("X_train", "y_train"),
    pair("X_test", "y_test"),
    integer("epochs", minimum=1),
    held_parameters,
    watched_loss,
)
def train(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    X_train: Tensor,
    y_train: Tensor,
    X_test: Tensor,
    y_test: Tensor,
    epochs: int,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
) -> dict[str, list[float]]:
    """Train `model` in place and return the losses, one of each for every epoch.

    `history["train"]` is measured before the epoch's step, `history["test"]` after
    it. Features and labels have the same number of rows and of dimensions.

    Raises:
        TypeError: data that are no floating-point tensors; `epochs` no integer.
        ValueError: empty data, values that are not finite or shapes that do not
            match; `epochs` below 1; an optimizer that holds none of the model's
            parameters; predictions and labels of different shape; a loss that
            stops being finite.
    """
    history = {"train": [], "test": []}
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(X_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        history["train"].append(loss.item())
        test_loss = loss_fn(predict(model, X_test), y_test)
        history["test"].append(test_loss.item())
    return history
