"""Are all predictions alike, whatever the row?"""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence import Evidence
from ..finding import Finding, fault
from ..tensors import equal_rows, readable, tensors_in


def predictions_alike(seen: Evidence) -> Iterator[Finding]:
    """Compare the predictions of different rows, in every step."""
    xs, ys = list(tensors_in(seen.X)), list(tensors_in(seen.y))
    if len(seen.steps) < 2 or len(xs) != 1 or len(ys) != 1 or len(seen.outputs) != 1:
        return
    X, y = xs[0], ys[0]
    outs = [step.outputs[0] for step in seen.steps]
    if not all(map(readable, [X, y, *outs])):
        return
    if not X.ndim or not y.ndim or not all(p.ndim for p in outs):
        return
    rows = {len(seen.outputs[0]), len(X), len(y)}  # a slow step has fewer of them
    if len(rows) > 1 or len({len(p) for p in outs}) > 1 or len(outs[0]) < 4:
        return
    if equal_rows(X) or equal_rows(y):
        return
    if all(equal_rows(p) for p in outs):
        yield fault(
            "alike",
            "the predictions are alike for all rows, though the rows of X differ: the "
            "units are dead or saturated, or forward does not use X",
            "print(model(X)[:5])",
        )
