"""Do predictions and labels meet in one shape?"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from ..evidence import Evidence
from ..finding import Finding, fault
from ..record import Call
from ..tensors import shape, tensors_in

ELEMENTWISE = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
ARITHMETIC = ("sub", "rsub", "add", "mul", "div", "__sub__", "__rsub__", "pow", "eq")
ARITHMETIC += ("__mul__", "__rmul__", "__pow__", "true_divide", "maximum", "where")
ARITHMETIC += ("subtract", "multiply", "divide", "minimum", "dist")
LINE = "print(model(X).shape, y.shape)"


def shapes_meet(seen: Evidence) -> Iterator[Finding]:
    """Look where predictions and labels first meet in an operation on elements."""
    most = {
        "p": max((t.ndim for t in seen.outputs), default=0),
        "y": max((t.ndim for t in tensors_in(seen.y)), default=0),
    }
    for call, pair in seen.meetings:
        a, b = pair.values()
        if call.name not in ELEMENTWISE + ARITHMETIC or a.shape == b.shape:
            continue
        if call.name in ELEMENTWISE:
            yield from loss_of_shapes(call, a, b)
        elif grows(a, b) and all(t.ndim <= most[side] for side, t in pair.items()):
            yield broadcast(a, b)


def grows(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Return whether the two combine to more values than either has."""
    try:
        joint = torch.broadcast_shapes(a.shape, b.shape)
    except RuntimeError:
        return False
    return joint.numel() > max(a.numel(), b.numel())


def loss_of_shapes(call: Call, a: torch.Tensor, b: torch.Tensor) -> Iterator[Finding]:
    """Judge a loss of PyTorch's that compares element by element."""
    try:
        torch.broadcast_shapes(a.shape, b.shape)
    except RuntimeError:
        yield fault(
            "shapes",
            f"predictions {shape(a)} and labels {shape(b)} have sizes that do not "
            f"match, and {call.name} compares them one by one: give both one shape",
            LINE,
        )
        return
    if min(a.numel(), b.numel()) > 1:
        yield broadcast(a, b)


def broadcast(a: torch.Tensor, b: torch.Tensor) -> Finding:
    """Say that one of the two is repeated."""
    joint = tuple(torch.broadcast_shapes(a.shape, b.shape))
    return fault(
        "broadcast",
        f"predictions and labels meet as {shape(a)} and {shape(b)}, and the loss "
        f"broadcasts them to {joint}: give both the same shape, with unsqueeze(1) or "
        "squeeze(1)",
        LINE,
    )
