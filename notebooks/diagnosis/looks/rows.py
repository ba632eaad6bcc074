"""Do rows mix that have nothing to do with each other?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from operator import mul

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault
from ..record import Call, kind_of, maker
from ..tensors import shape, tensors_in
from .outputs import signed

RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
MAKES_ROWS = ("view", "reshape")


def rows_mix(seen: Evidence) -> Iterator[Finding]:
    """Look for operations along the dimension of the rows."""
    xs, ys = list(tensors_in(seen.X)), list(tensors_in(seen.y))
    if not xs or not ys or not xs[0].ndim or not ys[0].ndim:
        return
    n = len(xs[0])
    if n < 2 or len(ys[0]) != n:
        return
    sequence = xs[0].ndim > 2 and ys[0].ndim > 1 and xs[0].shape[:2] == ys[0].shape[:2]
    if not sequence:
        yield from softmax_over_rows(seen, n)
    yield from wrong_order(seen, n)
    yield from view_for_transpose(seen, n)


def softmax_over_rows(seen: Evidence, n: int) -> Iterator[Finding]:
    """Look for a softmax along dimension 0, in the model or in its outputs."""
    dims = []
    for tensor, size in zip(seen.outputs, seen.shapes, strict=True):
        node = maker(tensor)
        if node is not None and kind_of(node) in ("Softmax", "LogSoftmax"):
            dims.append((signed(node._saved_dim), size))
    for call in seen.made("model", "softmax", "log_softmax"):
        out = next(tensors_in(call.out), None)
        if out is not None and kind_of_tensor(out) in ("Softmax", "LogSoftmax"):
            dims.append((signed(out.grad_fn._saved_dim), out.shape))
    if any(len(size) > 1 and size[0] == n and d % len(size) == 0 for d, size in dims):
        yield fault(
            "rows-mix",
            "softmax goes over dimension 0, the rows of the batch, so each row depends "
            "on the others: use dim=1 (or -1), over the classes",
            "print(model(X).exp().sum(dim=-1))",
        )


def kind_of_tensor(tensor: Tensor) -> str:
    """Return the operation that made a tensor, or ""."""
    return kind_of(tensor.grad_fn) if tensor.grad_fn is not None else ""


def wrong_order(seen: Evidence, n: int) -> Iterator[Finding]:
    """Look for a recurrent or attention layer that takes the rows for time."""
    if not seen.shapes:
        return
    out = seen.shapes[0]
    for call in seen.made("model", *RECURRENT, "multi_head_attention_forward"):
        batch_first = call.args[-1] if call.name in RECURRENT else False
        sequence = call.args[0]
        if (
            not isinstance(sequence, Tensor)
            or sequence.ndim != 3
            or batch_first is True
        ):
            continue
        steps, rows = sequence.shape[:2]
        if steps != n or rows in (1, n):
            continue
        lost = bool(out) and out[0] == steps and tuple(out[:2]) != (steps, rows)
        taken = bool(out) and out[0] == rows  # rows of predictions: what was time
        if lost or taken:
            yield fault(
                "rows-mix",
                f"{call.name} gets {shape(sequence)} and reads it as (time, rows, "
                f"features), so the {n} rows of the batch mix as if they were time "
                "steps: pass batch_first=True",
                "print([m for m in model.modules() if hasattr(m, 'batch_first')])",
            )
            return


def view_for_transpose(seen: Evidence, n: int) -> Iterator[Finding]:
    """Look for a view that puts rows where another dimension was."""
    for call in seen.made("model", *MAKES_ROWS):
        if not moves_rows(call, n):
            continue
        yield fault(
            "rows-mix",
            f"{call.name} makes {shape(call.out)} of {shape(call.args[0])}, which cuts "
            "the values anew, so the rows of the batch mix: use transpose or permute "
            "to change the order of dimensions",
            "print(X.shape)",
        )
        return


def moves_rows(call: Call, n: int) -> bool:
    """Return whether rows that stood first stand second now, or the other way round."""
    before, after = call.args[0], call.out
    if not isinstance(before, Tensor) or not isinstance(after, Tensor):
        return False
    if before.ndim > 2 and before.shape[1] == n == after.shape[0]:  # layers, or time
        return before.grad_fn is not None and not keeps(before, after)
    if before.ndim < 2 or after.ndim < 3 or before.shape[0] != n:
        return False
    return after.shape[1] == n and not keeps(after, before)


def keeps(a: Tensor, b: Tensor) -> bool:
    """Return whether the first dimension of `a` is made of whole ones of `b`."""
    return a.shape[0] in (1, *accumulate(b.shape, mul))
