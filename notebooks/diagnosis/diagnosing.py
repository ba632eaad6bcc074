"""`diagnose`: gather the evidence once, and hand it to every look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from .calling import undisturbed
from .evidence import Evidence
from .finding import Finding, note
from .looks import LOOKS
from .trial import gather

# What is only a consequence says nothing where its cause has been found.
CAUSES = {
    "nan": {
        "raw-logarithm",
        "empty-data",
        "not-finite-data",
        "not-finite-parameter",
        "class-numbers",
        "label-range",
    },
    "nan-gradient": {"not-finite-data", "not-finite-parameter", "swapped"},
    "grows": {"nan-gradient", "raw-logarithm", "no-log", "not-finite-parameter"},
    "alike": {"zero-gradient", "no-gradient", "saturated", "one-column", "grows"},
    "zero-gradient": {"one-column", "saturated", "equal-units"},
    "nothing-moves": {"zero-gradient", "no-gradient", "not-held"},
    "used-twice": {"plain-tensor", "untrained"},
    "dtype": {"class-numbers", "label-range", "no-sigmoid"},
    "class-numbers": {"one-column"},
    "in-place": {"used-twice"},
    "shapes": {"rows-mix"},
    "large-features": {"grows", "saturated", "far-from-zero"},
    "frozen-all": {"recording-off"},
    "no-attribute": {"no-parameters"},
    "no-gradient": {"recording-off", "loss-kind"},
    "no-sigmoid": {"swapped", "label-range", "one-column"},
    "label-range": {"broadcast"},
    "far-from-zero": {"not-finite-data"},
}


def diagnose(
    model: nn.Module,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    X: Any,
    y: Any,
    notes: bool = False,
) -> list[Finding]:
    """Return what is wrong with a training, as far as its first steps show it.

    An empty list says that the usual suspects are innocent, so that
    `assert not diagnose(...)` is a test. `notes=True` adds what is worth a look and may
    be meant. `X` and `y` are one batch, as model and loss take it: tensors, or tuples
    or dicts of them. Five steps are taken on your own objects, and then everything is
    put back: parameters, buffers, gradients, the optimizer, modes, the data, what hooks
    and the loss keep, and the random states of PyTorch, Python and NumPy.

    Raises:
        TypeError: model, optimizer or loss_fn is of the wrong kind.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a Module, got {type(model).__name__}")
    if not hasattr(optimizer, "param_groups") or not hasattr(optimizer, "step"):
        raise TypeError(
            f"optimizer: expected an Optimizer, got {type(optimizer).__name__}"
        )
    if not callable(loss_fn):
        raise TypeError(f"loss_fn: expected a function, got {type(loss_fn).__name__}")
    seen = gather(model, optimizer, loss_fn, X, y)
    with undisturbed():
        found = [finding for look in LOOKS for finding in looked(look, seen)]
    wanted = found if notes else [f for f in found if f.level == "fault"]
    return without_consequences(wanted)


def looked(look: Callable, seen: Evidence) -> list[Finding]:
    """Return what a look finds; one that cannot look says so in a note."""
    found = []
    try:
        found += look(seen)
    except Exception as error:
        name = look.__module__.split(".")[-1]
        said = f"the look at {name} was not possible: {type(error).__name__}: {error}"
        found.append(note("unseen", said, "print(model)"))
    return found


def without_consequences(found: list[Finding]) -> list[Finding]:
    """Return one fault of each kind, and none that another one explains."""
    faults = {finding.kind: finding for finding in reversed(found)}
    kinds = {kind for kind, finding in faults.items() if finding.level == "fault"}
    kept = []
    for finding in found:
        if finding.level == "fault":
            explained = CAUSES.get(finding.kind, set()) & kinds
            explained |= kinds - {"error"} if finding.kind == "error" else set()
            if explained or faults[finding.kind] is not finding:
                continue
        kept.append(finding)
    return kept
