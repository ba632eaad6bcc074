"""Is there something between linear layers that bends?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault, note
from ..record import kind_of, maker

PRODUCTS = {"Addmm": 1, "Mm": 0, "Convolution": 0, "Linear": 0, "Bmm": 0}
STRAIGHT = {
    "View", "UnsafeView", "Squeeze", "Unsqueeze", "Transpose", "T", "Permute", "Clone",
    "ToCopy", "Expand", "Add", "Reshape", "NativeDropout", "Alias", "ReshapeAlias",
    "Select", "Slice", "AvgPool2D", "AdaptiveAvgPool2D", "Mean",
}  # fmt: skip
LAST = {"Sigmoid", "Softmax", "LogSoftmax", "Tanh", "Exp", "Softplus", "LogSigmoid"}


def nothing_between(seen: Evidence) -> Iterator[Finding]:
    """Follow the record of the prediction back through layers that only multiply."""
    dropped = {
        id(c.out.grad_fn)
        for c in seen.made("model", "dropout")
        if isinstance(c.out, Tensor)
    }
    if not seen.outputs or not isinstance(seen.outputs[0], Tensor):
        return
    node = maker(seen.outputs[0])
    if node is not None and kind_of(node) in LAST:
        node = inner(node)
    widths: list[tuple[int, int]] = []
    bends = False
    while node is not None:
        kind = kind_of(node)
        if kind in PRODUCTS:
            size = weight_shape(node, kind)
            if size and kind == "Convolution":  # numbers of a row, not channels
                size = node._saved_input[0].numel(), seen.shapes[0][1:].numel()
            if size is None:
                break
            widths.append(size)
            node = before(node, PRODUCTS[kind])
        elif kind in STRAIGHT or id(node) in dropped:
            node = inner(node)
        else:
            bends = "AccumulateGrad" not in kind
            break
    if len(widths) < 2:
        return
    (_, last_out), (first_in, _) = widths[0], widths[-1]
    narrow = min(last_out, first_in)
    hidden = [width for width, _ in widths[:-1]]
    sentence = (
        f"{len(widths)} linear layers follow each other with no activation between, so "
        "together they are one straight, linear layer: put nn.ReLU() between them"
    )
    meant = bends or any(width < narrow for width in hidden)
    yield (note if meant else fault)(
        "no-activation" + "-part" * meant, sentence, "print(model)"
    )


def inner(node: Any) -> Any:
    """Return the one operation before, or None where there are several or none."""
    befores = [n for n, _ in node.next_functions]
    if kind_of(node) == "Add" and None in befores:
        return None  # something that is not trained is added
    found = [n for n in befores if n is not None]
    found = [n for n in found if "AccumulateGrad" not in kind_of(n)]
    return found[0] if len(found) == 1 else None


def before(node: Any, position: int) -> Any:
    """Return what led to the input of a product."""
    return node.next_functions[position][0]


def weight_shape(node: Any, kind: str) -> tuple[int, int] | None:
    """Return how many features a layer takes and gives, if its weight is a leaf."""
    place = PRODUCTS[kind] + 1
    if place >= len(node.next_functions):
        return None
    weight = node.next_functions[place][0]
    turned = False
    while weight is not None and kind_of(weight) in ("T", "Transpose", "Permute"):
        turned, weight = True, weight.next_functions[0][0]
    leaf = getattr(weight, "variable", None)
    if leaf is None or leaf.ndim < 2:
        return None
    if kind == "Convolution" or turned or kind == "Linear":
        return leaf.shape[1], leaf.shape[0]
    return leaf.shape[0], leaf.shape[1]
