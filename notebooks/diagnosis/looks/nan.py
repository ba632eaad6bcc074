"""Where does the first value come from that is not finite?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault, listed, note
from ..record import Call
from ..tensors import finite, readable, tensors_in

REASONS = {
    "log": "the logarithm of zero is minus infinity, of less than zero NaN: use "
    "log_softmax, logsigmoid or clamp",
    "sqrt": "the root of less than zero is NaN",
    "div": "a division by zero",
    "std": "the spread of a single row",
    "exp": "exp overflows above 88 in float32",
    "softmax": "a mask hides all of a row, or has inf where -inf belongs",
    "ctc_loss": "the outputs have fewer time steps than the labels need (one for each, "
    "and one more between two that are the same)",
}
ROOTS = ("sqrt", "norm", "pow", "rsqrt", "cdist", "vector_norm", "std", "dist")
ROOTS += ("pairwise_distance", "sqrt_", "acos", "asin", "log", "frobenius_norm")


def not_finite(seen: Evidence) -> Iterator[Finding]:
    """Look at data, parameters, then at each operation, then at the gradients."""
    if any(readable(t) and not t.numel() for t in tensors_in(seen.X)):
        yield fault("empty-data", "X is empty: it holds no rows", "print(X.shape)")
    first = seen.steps[0] if seen.known else None
    skipped = bool(first) and "not finite" not in first.grads.values()  # gaps, or masks
    for name, data in (("X", seen.X), ("y", seen.y)):
        for tensor in tensors_in(data):
            if tensor.is_floating_point() and not finite(tensor):
                where = [] if tensor.ndim < 2 or name == "y" else columns(tensor)
                which = f" in columns {listed(where)}" if where else ""
                yield (note if skipped else fault)(
                    "not-finite-data",
                    f"{name} holds values that are not finite{which}: a gap in the "
                    "table, or a division by a spread of zero",
                    f"print({name}.isfinite().all(dim=0))",
                )
    bad = [name for name, value in seen.before.items() if not finite(value)]
    if bad:
        yield fault(
            "not-finite-parameter",
            f"{listed(bad)} holds values that are not finite: make the model anew",
            "print({n: p.isfinite().all() for n, p in model.named_parameters()})",
        )
    if not seen.steps:
        return
    loss = seen.steps[0].loss
    if isinstance(loss, Tensor) and not finite(loss):
        yield fault("nan", *first_one(seen))
    lost = [n for n, how in seen.steps[0].grads.items() if how == "not finite"]
    if lost:
        roots = [c for c in seen.calls if c.name in ROOTS and at_zero(c)]
        cause = (
            f"{roots[0].name} has an infinite slope at zero"
            if roots
            else "look for a root, a norm or a logarithm at zero"
        )
        yield fault(
            "nan-gradient",
            f"the loss is finite, but the gradient of {listed(lost)} is not finite: "
            f"{cause}; add a small number inside, such as 1e-8",
            "print({name: p.grad for name, p in model.named_parameters()})",
        )


def columns(tensor: Tensor) -> list[str]:
    """Return the columns that hold such values."""
    flat = tensor.detach().flatten(0, -2)
    return [str(i) for i in (~flat.isfinite()).any(dim=0).nonzero().flatten().tolist()]


def first_one(seen: Evidence) -> tuple[str, str]:
    """Return where the first such value appears, and what to print."""
    loss = float(seen.steps[0].loss.detach().real)
    for call in seen.calls:
        outs = [t for t in tensors_in(call.out) if t.is_floating_point()]
        if all(map(finite, outs)) or call.name in ("masked_fill", "full", "triu"):
            continue
        if not all(finite(t) for t in call.ins if t.is_floating_point()):
            if any(bool(t.isnan().any()) for t in call.ins if readable(t)):
                continue
            if all(not t.isnan().any() for t in outs):
                continue
        name = call.name.strip("_").removeprefix("true")
        name = {"truediv": "div", "log2": "log", "log10": "log"}.get(name, name)
        place = "forward" if call.phase == "model" else "the loss"
        reason = REASONS.get(name, "look at what goes into it")
        return (
            f"a value is not finite from {call.name} in {place} on, and so the loss is "
            f"{loss}: {reason}",
            "torch.autograd.set_detect_anomaly(True)",
        )
    unsure = "" if math.isnan(loss) else "; values this large overflow"
    return f"the loss is not finite ({loss}){unsure}", "print(model(X))"


def at_zero(call: Call) -> bool:
    """Return whether a root or a norm met a zero."""
    tensors = [t for t in tensors_in((call.args, call.out)) if readable(t)]
    power = call.argument(1, "exponent") if call.name == "pow" else 0.5
    if isinstance(power, int | float) and power >= 1:
        return False
    return any(bool((t == 0).any()) for t in tensors if t.is_floating_point())
