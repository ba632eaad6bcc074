"""Rows that come in blocks: a line from a single pass, and rows slow to make."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

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


Moments = tuple[int, float, float, float, float]


def moments(X: Tensor, y: Tensor, near: Sequence[float], room: Tensor) -> Moments:
    """Return n, the means of X and y, and the sums of dx * dx and dx * dy.

    dx and dy say how far X and y, of shape (n,), lie from their means. `near` holds two
    numbers near these means, of which X's dtype has every digit. `room`, of shape
    (2, pieces, 1024) and X's dtype, has place for n; after the last row it holds zeros.
    Products are added up in their dtype in a piece, and in float64 beyond.
    """
    n, (x_near, y_near), (X_room, y_room) = len(X), near, room.view(2, -1)
    torch.sub(X, x_near, out=X_room[:n])
    torch.sub(y, y_near, out=y_room[:n])
    x_sum, y_sum = room.sum(dim=(1, 2)).tolist()
    pieces = room.transpose(0, 1)
    products = torch.bmm(pieces, pieces[:, :1].transpose(1, 2))
    xx, xy = products.sum(dim=(0, 2), dtype=torch.float64).tolist()
    x_off, y_off = x_sum / n, y_sum / n
    return n, x_near + x_off, y_near + y_off, xx - x_sum * x_off, xy - x_sum * y_off


def merge(one: Moments, two: Moments) -> Moments:
    """Return the moments of two groups of rows together.

    Source: Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance"
    (1983), for squares; the same holds for products.
    """
    m, x_one, y_one, xx_one, xy_one = one
    n, x_two, y_two, xx_two, xy_two = two
    dx, dy, share = x_two - x_one, y_two - y_one, n / (m + n)
    xx = xx_one + xx_two + m * share * dx * dx
    xy = xy_one + xy_two + m * share * dx * dy
    return m + n, x_one + share * dx, y_one + share * dy, xx, xy


@guarded(usable_blocks)
def line_from_blocks(blocks: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
    """Return weight and bias with the lowest mean squared error, from a single pass.

    `blocks` gives features X and labels y, each of shape (n,) and on the CPU; n may
    differ, and so may the order of the rows. Only one block is held at a time. A block
    is summed in its own dtype about the means of the rows before it, or about its own,
    if it lies far from them compared with its spread. The totals are float64.

    Raises:
        TypeError: a block is no pair of floating-point tensors of one dtype.
        ValueError: there are no blocks, an empty one, or one with other shapes;
            values that are not finite; a feature of which all values are equal.
    """
    total, near, kind = (0, 0.0, 0.0, 0.0, 0.0), None, None
    for block in blocks:
        for X, y in zip(*(values.split(2**18) for values in block), strict=True):
            n = len(X)
            if kind != (n, X.dtype):
                kind, room = (n, X.dtype), X.new_zeros(2, -(-n // 1024), 1024)
            if near:
                near = X.new_tensor(near).tolist()
                part = moments(X, y, near, room)
            if not near or n * (part[1] - near[0]) ** 2 > 25 * part[3]:
                part = moments(X, y, (X.mean().item(), y.mean().item()), room)
            total, near = merge(total, part), part[1:3]
    n_rows, x_mean, y_mean, xx, xy = total
    weight, _ = line_from_sums(n_rows, 0.0, 0.0, xx, xy)
    return weight, y_mean - weight * x_mean
