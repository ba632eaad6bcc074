"""Small questions about tensors, answered for every kind of tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import UninitializedTensorMixin

set_versions = getattr(torch._C._autograd, "_unsafe_set_version_counter", None)


def tensors_in(thing: Any, depth: int = 4) -> Iterator[Tensor]:
    """Yield the tensors in nested tuples, lists, dicts and outputs with attributes."""
    if isinstance(thing, Tensor):
        yield thing
    elif depth and isinstance(thing, dict):
        for value in thing.values():
            yield from tensors_in(value, depth - 1)
    elif depth and isinstance(thing, list | tuple):
        for value in thing:
            yield from tensors_in(value, depth - 1)
    elif depth and is_dataclass(thing):
        yield from tensors_in(vars(thing), depth - 1)


def values_of(tensor: Tensor) -> Tensor:
    """Return the stored values, cut from the record; of a sparse one, those it has."""
    tensor = tensor.detach()
    return tensor.coalesce().values() if tensor.is_sparse else tensor


def readable(tensor: Any) -> bool:
    """Return whether there are values to look at."""
    lazy = isinstance(tensor, UninitializedTensorMixin)
    return isinstance(tensor, Tensor) and not lazy and tensor.device.type != "meta"


def finite(tensor: Any) -> bool:
    """Return whether there is neither NaN nor infinity in what can be read."""
    return not readable(tensor) or bool(values_of(tensor).isfinite().all())


def anything(tensor: Tensor) -> bool:
    """Return whether there is anything but zeros in it."""
    return not readable(tensor) or bool(values_of(tensor).any())


def same(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors hold the same values; NaN is the same as NaN."""
    if a.shape != b.shape or a.dtype != b.dtype or a.layout != b.layout:
        return False
    if a.device.type == "meta" or a.layout != torch.strided or torch.equal(a, b):
        return a.layout == torch.strided
    return bool(((a == b) | ((a != a) & (b != b))).all())


def equal_rows(tensor: Tensor, rounding: float = 1e-7) -> bool:
    """Return whether all rows are the same, up to a share of the largest value."""
    rows = tensor.detach().flatten(1) if tensor.ndim > 1 else tensor.detach()[:, None]
    if not rows.is_floating_point():
        return bool((rows == rows[:1]).all())
    return bool((rows - rows[:1]).abs().max() <= rounding * rows.abs().max())


def shape(tensor: Tensor) -> str:
    """Return the shape as it is printed."""
    return str(tuple(tensor.shape))


def remembered(tensor: Tensor) -> Callable[[], None]:
    """Return what puts values, gradient and settings of a tensor back."""
    kind, wanted, lazy = type(tensor), tensor.requires_grad, not readable(tensor)
    grad = tensor.grad if tensor.is_leaf else None
    alias = tensor.data
    held = None if lazy else alias.clone()
    version = None if lazy or tensor.is_inference() else tensor._version

    def put_back() -> None:
        if type(tensor) is not kind:  # a lazy parameter that got its shape
            tensor.__class__ = kind
        if tensor.data.shape != alias.shape or (
            held is not None
            and not alias.is_sparse
            and tensor.data_ptr() != alias.data_ptr()
        ):
            tensor.data = alias
        if held is not None and not same(alias, held):
            alias.copy_(held)
        if tensor.is_leaf and tensor.requires_grad != wanted:
            tensor.requires_grad_(wanted)
        if tensor.is_leaf and tensor.grad is not grad:
            tensor.grad = grad
        if version is not None and set_versions and tensor._version != version:
            set_versions((tensor,), (version,))

    return put_back
