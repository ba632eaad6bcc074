"""Can the loss, and the last layer, make anything of these labels?"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault
from ..record import Call, made_by
from ..tensors import finite, readable
from .outputs import sums_to_one
from .shapes import ELEMENTWISE

LINE = "print(y.dtype, y.min(), y.max())"
TWO_CLASSES = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
ORDERED = (*TWO_CLASSES, "cross_entropy", "nll_loss", "kl_div")
SIGNS = {"soft_margin_loss": 1, "hinge_embedding_loss": 1, "cosine_embedding_loss": 2}
SIGNS |= {"margin_ranking_loss": 2}
RANGES = {"Sigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0)}
RANGES |= {"Relu": (0.0, float("inf"))}
SHARE = 0.1  # of the labels that the last layer can never reach


def label_ranges(seen: Evidence) -> Iterator[Finding]:
    """Look at the labels of each loss of PyTorch's."""
    for call in seen.loss_calls:
        p = call.argument(0, "input")
        y = call.argument(1, "target")
        if call.name in SIGNS:
            y = call.argument(SIGNS[call.name], "target")
        if not isinstance(y, Tensor) or not readable(y) or y.numel() == 0:
            continue
        if not finite(y):
            continue
        low, high = float(y.min()), float(y.max())
        turned = "p" in seen.marks.get(id(y), ()) and seen.marks.get(id(p)) == {"y"}
        if turned and call.name in ORDERED:
            yield fault(
                "swapped",
                f"{call.name} gets the labels first and the predictions second: "
                "the predictions come first",
                "print(loss_fn)",
            )
            continue
        if call.name in TWO_CLASSES:
            yield from zero_to_one(call, y, low, high)
        elif call.name in SIGNS and low == 0 and high <= 1:
            yield fault(
                "label-range",
                f"{call.name} wants the labels -1 and 1, and gets 0 and {high:.0f}: "
                "use 2 * y - 1",
                LINE,
            )
        elif call.name == "kl_div" and low < 0 and not call.kwargs.get("log_target"):
            yield fault(
                "label-range",
                "kl_div wants probabilities as its target, between 0 and 1, and gets "
                "negative values: pass log_target=True for log-probabilities",
                LINE,
            )
        elif call.name == "kl_div" and short_of_one(call, p, y):
            yield fault(
                "label-range",
                "kl_div wants the probabilities of each row to add up to 1 in its "
                f"target, and they add up to {float(y.sum(dim=-1).mean()):.2g}, so the "
                "loss is negative: divide by their sum",
                "print(y.sum(dim=-1))",
            )
        elif call.name in ELEMENTWISE and isinstance(p, Tensor):
            yield from reachable(p, y)


def short_of_one(call: Call, p: object, y: Tensor) -> bool:
    """Return whether the target falls so short of 1 that the loss is negative."""
    negative = isinstance(call.out, Tensor) and float(call.out.sum()) < 0
    rows = y.ndim > 1 and bool((y.sum(dim=-1) < 0.9).all())
    return negative and rows and isinstance(p, Tensor) and sums_to_one(p)


def zero_to_one(call: Call, y: Tensor, low: float, high: float) -> Iterator[Finding]:
    """Judge the labels of a loss for two classes."""
    if low < 0 or high > 1:
        yield fault(
            "label-range",
            f"the labels go from {low:.4g} to {high:.4g}, but {call.name} wants them "
            "between 0 and 1; others make the loss negative: use 0 and 1 for two "
            "classes, or divide (y / 255 for pictures)",
            LINE,
        )
    elif not y.is_floating_point():
        yield fault(
            "class-numbers",
            f"the labels are {y.dtype}, but {call.name} wants floating point: convert "
            "these whole numbers with y.float()",
            LINE,
        )


def reachable(p: Tensor, y: Tensor) -> Iterator[Finding]:
    """Compare the labels with what the last activation can give."""
    last = made_by(p)
    if last not in RANGES or p.shape != y.shape:
        return
    low, high = RANGES[last]
    beyond = ((y < low - 0.05) | (y > high + 0.05)).float().mean()
    if beyond > SHARE:
        yield fault(
            "label-range",
            f"the last activation ({last.lower()}) gives values between {low:g} and "
            f"{high:g}, but {beyond:.0%} of the labels lie outside of that range: "
            "leave it out, or scale the labels",
            LINE,
        )
