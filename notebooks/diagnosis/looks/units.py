"""Do all units of a layer do the same?"""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence import Evidence
from ..finding import Finding, fault, listed
from ..tensors import equal_rows

ROUNDING = 1e-6  # of the largest weight


def equal_units(seen: Evidence) -> Iterator[Finding]:
    """Look for weights whose rows are equal before the steps, and still after."""
    if seen.cut or len(seen.steps) < 2 or not seen.steps[-1].grads:
        return
    equal = [
        name
        for name, parameter in seen.model_names().items()
        if name in seen.before
        and name in seen.after
        and seen.before[name].ndim > 1
        and seen.before[name].shape[0] > 1
        and seen.before[name].numel()
        and id(parameter) in seen.held
        and any(step.grads.get(name) == "ok" for step in seen.steps)
        and equal_rows(seen.before[name], ROUNDING)
        and equal_rows(seen.after[name], ROUNDING)
    ]
    if equal:
        yield fault(
            "equal-units",
            f"all units of {listed(equal)} start with the same weights and get the "
            "same gradient, so they stay copies of one unit: start with random weights",
            "print(model.state_dict())",
        )
