"""What the functions of this package refuse: rules, and a decorator to apply them.

A rule takes the arguments of a call by name, defaults included. It raises a `TypeError`
or a `ValueError` that names the argument, what was expected and what was given; or it
puts something else in an argument's place.
"""

from __future__ import annotations

import csv
import functools
import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Arguments = dict[str, Any]
Rule = Callable[[Arguments], None]


def guarded(*rules: Rule) -> Callable[[Callable], Callable]:
    """Return a decorator that applies `rules`, in order, before each call."""

    def decorate(function: Callable) -> Callable:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def guard(*args: Any, **kwargs: Any) -> Any:
            try:
                call = signature.bind(*args, **kwargs)
            except TypeError:
                return function(*args, **kwargs)  # Python's own error is clearer
            call.apply_defaults()
            for rule in rules:
                rule(call.arguments)
            return function(*call.args, **call.kwargs)

        return guard

    return decorate


# Rules for arguments of any name


def each(refuse: Callable[..., None]) -> Callable[..., Rule]:
    """Turn what refuses a value, given its name, into a maker of rules for names."""

    def rule_for(*names: str, **settings: Any) -> Rule:
        def rule(arguments: Arguments) -> None:
            for name in names:
                refuse(name, arguments[name], **settings)

        return rule

    rule_for.refuse = refuse
    return functools.update_wrapper(rule_for, refuse)


@each
def tensor(name: str, value: Any) -> None:
    """Refuse anything but a non-empty, finite, floating-point tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}: expected a tensor, got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{name}: expected floating point, got {value.dtype}")
    not_empty.refuse(name, value)
    # A finite sum needs finite values, and is the quicker question.
    if not (math.isfinite(value.sum().item()) or torch.isfinite(value).all()):
        raise ValueError(f"{name}: expected finite values, got NaN or infinity")


@each
def not_empty(name: str, value: Tensor) -> None:
    """Refuse a tensor without values."""
    if value.numel() == 0:
        raise ValueError(f"{name}: expected data, got an empty tensor")


@each
def integer(name: str, value: Any, minimum: int | None = None) -> None:
    """Refuse anything but an integer, and one below `minimum`."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: expected an integer, got {value!r}")
    if minimum is not None and value < minimum:
        raise ValueError(f"{name}: expected {minimum} or more, got {value}")


@each
def number(name: str, value: Any) -> None:
    """Refuse anything but a finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name}: expected a finite number, got {value}")


@each
def spread(name: str, value: Tensor) -> None:
    """Refuse a table with a column that says nothing."""
    if len(value) < 2 or (value == value[0]).all(dim=0).any():
        raise ValueError(f"{name}: expected different values in each column")


@each
def sentence(name: str, value: Any) -> None:
    """Refuse a text alternative that says nothing."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a string, got {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{name}: expected a sentence that says what can be seen")


def pair(X_name: str, y_name: str) -> Rule:
    """Refuse features and labels whose rows or dimensions do not match."""

    def rule(arguments: Arguments) -> None:
        tensor(X_name, y_name)(arguments)
        X, y = arguments[X_name], arguments[y_name]
        if X.ndim == 0 or X.ndim != y.ndim or len(X) != len(y):
            raise ValueError(
                f"{X_name} and {y_name}: expected as many rows and dimensions in both, "
                f"got shapes {tuple(X.shape)} and {tuple(y.shape)}"
            )

    return rule


def instance(**kinds: type) -> Rule:
    """Refuse arguments of another kind than the one given for each name."""

    def rule(arguments: Arguments) -> None:
        for name, kind in kinds.items():
            if not isinstance(arguments[name], kind):
                given = type(arguments[name]).__name__
                raise TypeError(f"{name}: expected {kind.__name__}, got {given}")

    return rule


def same_shape(first: str, second: str) -> Rule:
    """Refuse two tensors of different shape."""

    def rule(arguments: Arguments) -> None:
        shapes = [tuple(arguments[name].shape) for name in (first, second)]
        if shapes[0] != shapes[1]:
            raise ValueError(
                f"{first} and {second}: expected the same shape, "
                f"got {shapes[0]} and {shapes[1]}"
            )

    return rule


# Rules for one function


def two_parts(arguments: Arguments) -> None:
    """For `split`: refuse a fraction that leaves a part empty."""
    fraction, n_rows = arguments["train_fraction"], len(arguments["X"])
    if not 0 < fraction < 1:
        raise ValueError(
            f"train_fraction: expected a number between 0 and 1, got {fraction}"
        )
    if not 0 < round(fraction * n_rows) < n_rows:
        raise ValueError(
            f"train_fraction: {fraction} of {n_rows} rows leaves a part empty"
        )


def held_parameters(arguments: Arguments) -> None:
    """For `train`: refuse an optimizer that holds none of the model's parameters."""
    groups = arguments["optimizer"].param_groups
    held = {id(p) for group in groups for p in group["params"]}
    if held.isdisjoint(id(p) for p in arguments["model"].parameters()):
        raise ValueError("optimizer: it holds none of the parameters of this model")


def watched_loss(arguments: Arguments) -> None:
    """For `train`: put a loss in place that refuses other shapes, NaN and infinity."""
    loss_fn, calls = arguments["loss_fn"], -1

    def watched(predictions: Tensor, labels: Tensor) -> Tensor:
        nonlocal calls
        calls += 1  # each epoch has two, one of them for the test
        if predictions.shape != labels.shape:
            raise ValueError(
                f"model: its predictions have shape {tuple(predictions.shape)}, "
                f"the labels {tuple(labels.shape)}"
            )
        loss = loss_fn(predictions, labels)
        if not math.isfinite(loss.item()):
            raise ValueError(
                f"optimizer: the loss is {loss.item()} in epoch {calls // 2}; "
                "a smaller learning rate may help"
            )
        return loss

    arguments["loss_fn"] = watched


def drawable_predictions(arguments: Arguments) -> None:
    """For `plot_predictions`: refuse predictions that do not fit or still record."""
    predictions = arguments["predictions"]
    if predictions is not None:
        pair("X_test", "predictions")(arguments)
        if predictions.requires_grad:
            raise ValueError(
                "predictions: they still require grad; pass predictions.detach()"
            )


def both_losses(arguments: Arguments) -> None:
    """For `plot_losses`: refuse a history that lacks a series."""
    for name in ("train", "test"):
        if not arguments["history"].get(name):
            raise ValueError(f'history: expected losses under "{name}", got none')


def known_columns(arguments: Arguments) -> None:
    """For `read_rows`: refuse columns that the file does not have."""
    columns = arguments["columns"]
    with Path(arguments["path"]).open(newline="") as file:
        header = next(csv.reader(file), [])
    missing = [column for column in columns if column not in header]
    if not columns or missing:
        raise ValueError(f"columns: expected some of {header}, got {missing or 'none'}")


def other_tables(arguments: Arguments) -> None:
    """For `standardize`: refuse tables with other columns than the first."""
    columns = arguments["train_values"].shape
    for values in arguments["others"]:
        tensor.refuse("others", values)
        if values.shape[1:] != columns[1:]:
            raise ValueError(
                "others: expected the columns of train_values, got shapes "
                f"{tuple(values.shape)} and {tuple(columns)}"
            )


def solvable_table(arguments: Arguments) -> None:
    """For `least_squares`: refuse shapes from which no weights follow."""
    X, y = arguments["X"], arguments["y"]
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            "X and y: expected shapes (n, k) and (n,), "
            f"got {tuple(X.shape)} and {tuple(y.shape)}"
        )
    if len(X) <= X.shape[1]:
        raise ValueError(f"X: expected more rows than columns, got {tuple(X.shape)}")


def full_rank(arguments: Arguments) -> None:
    """For `least_squares`: refuse a column that the others already determine.

    The values themselves are rounded, to a share of their size, and so is each step
    of the decomposition. What a column adds to the others must be well above that.
    """
    X = arguments["X"]
    if X.shape[1] == 1:
        return  # a single column has no others
    scale = X.std(dim=0)
    R = torch.linalg.qr((X - X.mean(dim=0)) / scale, mode="r").R
    largest = (X.abs().amax(dim=0) / scale).max()
    tolerance = torch.finfo(X.dtype).eps * (10 * largest + math.sqrt(len(X)))
    rank = int(torch.linalg.matrix_rank(R, rtol=tolerance.clamp(max=0.5)))
    if rank < X.shape[1]:
        raise ValueError(
            "X: expected columns of which none follows from the others and a constant, "
            f"got {X.shape[1]} columns of rank {rank}"
        )


def no_zeros(arguments: Arguments) -> None:
    """For `correct_digits`: refuse a certified zero."""
    if (arguments["certified"] == 0).any():
        raise ValueError("certified: expected no zeros, as errors are shares of it")


def usable_blocks(arguments: Arguments) -> None:
    """For `line_from_blocks`: refuse each unfit block when its turn comes."""
    arguments["blocks"] = watched_blocks(arguments["blocks"])


def watched_blocks(blocks: Iterable) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield blocks, and refuse one of wrong kind or shape, without reading values."""
    for block in blocks:
        X, y = block
        for name, values in {"X": X, "y": y}.items():
            if not isinstance(values, Tensor) or not values.is_floating_point():
                given = getattr(values, "dtype", type(values).__name__)
                raise TypeError(f"blocks: {name} must be floating point, got {given}")
        if X.dtype != y.dtype:
            raise TypeError(
                f"blocks: X is {X.dtype} and y {y.dtype}, expected the same"
            )
        if X.ndim != 1 or X.shape != y.shape or len(X) == 0:
            shapes = f"{tuple(X.shape)} and {tuple(y.shape)}"
            raise ValueError(f"blocks: X and y must be of one shape (n,), got {shapes}")
        yield block


def usable_sums(arguments: Arguments) -> None:
    """For `line_from_sums`: refuse sums from which no line follows."""
    if arguments["n_rows"] == 0:
        raise ValueError("blocks: expected rows, got none")
    if not all(map(math.isfinite, arguments.values())):
        raise ValueError("blocks: expected finite values, got NaN or infinity")
    n_rows, sum_x, sum_xx = (arguments[name] for name in ("n_rows", "sum_x", "sum_xx"))
    if sum_xx - sum_x * sum_x / n_rows <= 0:
        raise ValueError("blocks: expected different values of X")
