"""Are features and labels of a size that a model can start with?"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault, note
from ..tensors import finite, readable, tensors_in
from .shapes import ELEMENTWISE

FAR = 10  # times the spread
LARGE = 100
DIFFERENCES = (*ELEMENTWISE, "sub", "__sub__", "rsub", "__rsub__", "subtract")
LINE = "print(X.mean(dim=0), X.std(dim=0), y.mean(), y.std())"
FIRST = ("linear", "matmul", "mm", "addmm", "__matmul__", "mul", "__mul__", "__rmul__")


def scales(seen: Evidence) -> Iterator[Finding]:
    """Look at the columns of X, and at the size of y."""
    for X in tensors_in(seen.X):
        if X.is_floating_point() and readable(X) and finite(X) and X.numel():
            yield from features(seen, X)
    yield from labels(seen)


def features(seen: Evidence, X: Tensor) -> Iterator[Finding]:
    """Judge the columns of a table by their mean and their spread."""
    direct = any(
        any(i is X for i in c.ins) and c.name in FIRST and c.phase == "model"
        for c in seen.calls
    )
    if X.ndim > 2 or len(X) < 4 or not direct:
        return
    table = X.detach().reshape(len(X), -1).double()
    mean, spread = table.mean(dim=0).abs(), table.std(dim=0)
    still = spread <= 1e-6 * mean.clamp(min=1e-12)
    far = (mean > FAR * spread) & ~still & (mean > 5)
    if far.any():
        column = int(far.nonzero()[0])
        yield fault(
            "far-from-zero",
            f"column {column} of X is far from zero for its scale (about "
            f"{table[:, column].mean():.4g}, give or take {spread[column]:.2g}), so "
            "training crawls or explodes: standardize, (X - mean) / std",
            LINE,
        )
    elif float(spread.max()) > LARGE:
        column = int(spread.argmax())
        yield fault(
            "large-features",
            f"column {column} of X goes up to {table[:, column].abs().max():.4g}, far "
            "from the scale that layers start with (about 1): standardize, "
            "(X - mean) / std",
            LINE,
        )
    ys = list(tensors_in(seen.y))
    alone = len(ys) == len(list(tensors_in(seen.X))) == 1
    if still.all() and alone and ys[0].ndim and len(ys[0]) == len(X):
        if readable(ys[0]) and bool((ys[0] != ys[0][:1]).any()):
            yield fault(
                "constant-features",
                "all rows of X are the same, and their labels differ: the features "
                "are constant, so nothing can be learned from them",
                LINE,
            )
    elif still.any() and not still.all():
        column = int(still.nonzero()[0])
        yield note("constant-feature", f"column {column} of X is constant", LINE)


def labels(seen: Evidence) -> Iterator[Finding]:
    """Judge labels that are far larger than any prediction, where nothing moves."""
    losses = seen.losses
    slow = len(losses) > 2 and 0 < 0.99 * losses[0] < losses[-1] <= losses[0]
    for call, pair in seen.meetings if slow else []:
        both = list(pair.values())
        if call.name not in DIFFERENCES or not all(map(readable, both)):
            continue
        sizes = [float(t.detach().double().pow(2).mean().sqrt()) for t in both]
        if max(sizes) > LARGE * max(min(sizes), 1):
            yield fault(
                "labels-scale",
                f"the labels are of a size of {max(sizes):.3g}, the predictions of "
                f"{min(sizes):.3g}, and steps of this scale hardly come nearer: "
                "standardize the labels",
                LINE,
            )
            return
