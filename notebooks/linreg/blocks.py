"""Rows that come in blocks: a line from a single pass, and rows slow to make."""

from __future__ import annotations

import time
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.utils.data import Dataset

from linreg.guards import guarded, integer, usable_blocks, usable_sums


class SlowRows(Dataset):
    """Rows of the line 0.7 * X + 0.3 that take a millisecond each to make.

    Feature and label are float32 tensors of shape (), with X from 0 to 1.

    Raises:
        TypeError: `n_rows` is no integer.
        ValueError: `n_rows` is not positive.
    """

    @guarded(integer("n_rows", minimum=1))
    def __init__(self, n_rows: int) -> None:
        self.X = torch.linspace(0, 1, n_rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.X)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Wait a millisecond, and return the feature and the label of one row."""
        time.sleep(0.001)
        return self.X[index], 0.7 * self.X[index] + 0.3


@guarded(usable_sums)
def line_from_sums(
    n_rows: int, sum_x: float, sum_y: float, sum_xx: float, sum_xy: float
) -> tuple[float, float]:
    """Return weight and bias with the lowest mean squared error.

    The sums go over all rows: of the features, the labels, the squared features, and
    the products of feature and label. Both slopes of the error are zero there.

    Raises:
        ValueError: there are no rows, all features are equal, or a sum is not finite.
    """
    weight = (sum_xy - sum_x * sum_y / n_rows) / (sum_xx - sum_x * sum_x / n_rows)
    return weight, (sum_y - weight * sum_x) / n_rows


@guarded(usable_blocks)
def line_from_blocks(blocks: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
    """Return weight and bias with the lowest mean squared error, from a single pass.

    `blocks` gives features X and labels y, each of shape (n,) and on the CPU; n may
    differ. Only one block is held at a time. Each block is summed in its own dtype
    and the totals in float64, after subtracting the mean of the first block, because
    raw sums of squares lose the digits that matter (Chan, Golub and LeVeque,
    "Algorithms for Computing the Sample Variance", 1983).

    Raises:
        TypeError: a block is no pair of floating-point tensors of one dtype.
        ValueError: there are no blocks, an empty one, or one with other shapes;
            values that are not finite; a feature of which all values are equal.
    """
    n_rows, sums, room = 0, [0.0, 0.0, 0.0, 0.0], torch.empty(2, 0)
    for X, y in blocks:
        if n_rows == 0:
            X_near, y_near = X.mean(), y.mean()
        if (room.shape[1], room.dtype) != (len(X), X.dtype):
            room = X.new_empty(2, len(X))
            X_room, y_room = room
        torch.sub(X, X_near, out=X_room)
        torch.sub(y, y_near, out=y_room)
        block_sums = room.sum(dim=1).tolist() + (room @ X_room).tolist()
        sums = [a + b for a, b in zip(sums, block_sums, strict=True)]
        n_rows += len(X)
    weight, bias = line_from_sums(n_rows, *sums)
    return weight, y_near.item() + bias - weight * X_near.item()
