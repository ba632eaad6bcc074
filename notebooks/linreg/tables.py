"""Tables: read from a file, bring to one scale, and solve by least squares."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from linreg.guards import (
    full_rank,
    guarded,
    known_columns,
    no_zeros,
    other_tables,
    same_shape,
    solvable_table,
    spread,
    tensor,
)


@guarded(known_columns)
def read_rows(path: str | Path, columns: Sequence[str]) -> list[list[str]]:
    """Return some columns of a CSV file with a header, row by row, as text.

    Leaves out a row where one of these columns is `NA`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: no columns are asked for, or the file lacks one of them.
    """
    with Path(path).open(newline="") as file:
        rows = [[row[column] for column in columns] for row in csv.DictReader(file)]
    return [row for row in rows if "NA" not in row]


@guarded(tensor("train_values"), other_tables, spread("train_values"))
def standardize(train_values: Tensor, *others: Tensor) -> list[Tensor]:
    """Subtract the mean of `train_values` and divide by their standard deviation.

    All are tables of floating point with the same columns. Mean and standard
    deviation are taken for each column of the first table and used for all, so that
    nothing leaks from the others.

    Raises:
        TypeError: an argument is no floating-point tensor.
        ValueError: empty data, values that are not finite, other columns, or a
            column in which all values are equal.
    """
    mean, std = train_values.mean(dim=0), train_values.std(dim=0)
    return [(values - mean) / std for values in (train_values, *others)]


@guarded(tensor("X", "y"), solvable_table, spread("X"), full_rank)
def least_squares(X: Tensor, y: Tensor) -> Tensor:
    """Return the bias and the weights with the lowest mean squared error.

    `X` has shape (n, k), `y` shape (n,), the result shape (k + 1,), bias first. The
    columns are centred and scaled and the QR decomposition is used, because solving
    the normal equations would lose half of the digits (Golub and Van Loan, "Matrix
    Computations", chapter 5).

    Raises:
        TypeError: `X` or `y` is no floating-point tensor.
        ValueError: shapes that do not match, empty data or values that are not
            finite; fewer rows than unknowns; a column in which all values are equal,
            or one that follows from the others, as the last of all one-hot columns
            does: then the weights are not determined.
    """
    center, scale = X.mean(dim=0), X.std(dim=0)
    Q, R = torch.linalg.qr((X - center) / scale)
    right = (Q.T @ (y - y.mean())).unsqueeze(1)
    weights = torch.linalg.solve_triangular(R, right, upper=True).squeeze(1) / scale
    return torch.cat([(y.mean() - weights @ center).unsqueeze(0), weights])


@guarded(tensor("found", "certified"), same_shape("found", "certified"), no_zeros)
def correct_digits(found: Tensor, certified: Tensor) -> int:
    """Return how many decimal digits of the worst of some numbers are right, up to 12.

    Both are of the same shape. This is the log relative error (McCullough, "Assessing
    the Reliability of Statistical Software", 1998), rounded down.

    Raises:
        TypeError: an argument is no floating-point tensor.
        ValueError: shapes that differ, values that are not finite, a certified zero.
    """
    share = ((found - certified) / certified).abs().max().item()
    return 12 if share < 1e-12 else max(0, math.floor(-math.log10(share)))
