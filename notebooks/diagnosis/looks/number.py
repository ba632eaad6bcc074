"""Is the loss one number, made of what the model returns?"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault
from ..tensors import shape


def one_number(seen: Evidence) -> Iterator[Finding]:
    """Look at what the model and the loss function return."""
    if seen.predictions is None and seen.phase != "model":
        yield fault(
            "returns-nothing",
            "the model returns None: is the return missing at the end of forward?",
            "print(model(X))",
        )
    if not seen.steps:
        return
    loss = seen.steps[0].loss
    line = "print(loss_fn(model(X), y))"
    if loss is None:
        yield fault("loss-kind", "the loss is None: is a return missing in it?", line)
    elif isinstance(loss, tuple | list | dict):
        kind = type(loss).__name__
        yield fault("loss-kind", f"the loss is a {kind}, not one number", line)
    elif isinstance(loss, Tensor) and loss.numel() != 1:
        yield fault(
            "loss-kind",
            f"the loss has shape {shape(loss)}, but backward starts at one number, a "
            "scalar: take loss.mean(), or leave reduction='none' out",
            line,
        )
    elif not isinstance(loss, Tensor):
        yield fault(
            "loss-kind",
            f"the loss is a plain {type(loss).__name__} without a record, so no "
            "gradient reaches any parameter: return the tensor, not .item()",
            line,
        )
