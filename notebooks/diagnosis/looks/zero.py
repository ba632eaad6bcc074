"""Is a gradient exactly zero in every step?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from torch import Tensor, nn

from ..evidence import Evidence
from ..finding import Finding, fault, listed, note
from ..record import Call
from ..tensors import readable

LINE = "print({name: p.grad.abs().max() for name, p in model.named_parameters()})"


def zero_gradients(seen: Evidence) -> Iterator[Finding]:
    """Look for layers whose parameters all have a gradient of zero, in all steps."""
    steps = [step.grads for step in seen.steps if step.grads]
    if len(steps) < 2:
        return
    layers: dict[str, list[str]] = defaultdict(list)
    own = seen.model_names()
    for name in own:
        layers[owner(name)].append(name)
    still = {n for n in own if all(step.get(n) == "zero" for step in steps)}
    empty = {
        id(tensor)
        for call in seen.calls
        if any(readable(i) and not i.numel() for i in call.ins)
        for tensor in call.ins
    }
    modules = {n.replace("_orig_mod.", ""): m for n, m in seen.model.named_modules()}
    dead, partly = [], []
    for layer, names in layers.items():
        zeros = [name for name in names if name in still]
        active = [n for n in names if n not in still and steps[0].get(n) != "none"]
        if not zeros or any(id(own[n]) in empty for n in zeros):
            continue
        kind = modules.get(layer)
        free = [n for n in zeros if seen.ndims.get(n, 0) > 1 or len(names) == 1]
        if isinstance(kind, nn.PReLU) or (active and not all_own(layer, modules)):
            partly += zeros
        elif not active or free:
            dead += zeros
    if dead and perfect(seen) and not rounded(seen):
        partly, dead = partly + dead, []
    if dead:
        yield fault(
            "zero-gradient",
            f"the gradient of {listed(dead)} is exactly zero in each of {len(steps)} "
            f"steps, so nothing there can learn: {reason(seen)}",
            LINE,
        )
    elif partly:
        yield note("zero-gradient-part", f"{listed(partly)}: gradient of zero", LINE)


def owner(name: str) -> str:
    """Return the layer of a parameter, also of one that its weight is computed from."""
    layer, _, computed = name.partition("parametrizations.")
    return layer.removesuffix(".") if computed else name.rpartition(".")[0]


def all_own(layer: str, modules: dict[str, nn.Module]) -> bool:
    """Return whether the reader wrote this module, so that parameters stand alone."""
    module = modules.get(layer)
    return module is not None and not type(module).__module__.startswith("torch.")


def perfect(seen: Evidence) -> bool:
    """Return whether the loss is zero: there is nothing left to learn."""
    return bool(seen.losses) and all(loss == 0 for loss in seen.losses)


def reason(seen: Evidence) -> str:
    """Return the likely cause, from what the operations gave."""
    for call in seen.made("model", "relu", "relu_", "clamp", "threshold", "hardtanh"):
        out = call.out
        if isinstance(out, Tensor) and out.numel() and bool((out == out.max()).all()):
            return (
                f"every output of {call.name} is the same, its units are dead. Start "
                "again with other weights, or use LeakyReLU"
            )
    rounding = rounded(seen)
    if rounding:
        return f"{rounding[0].name} has a slope of zero everywhere"
    return "look for dead units, weights of zero, saturated or cut-off outputs"


def rounded(seen: Evidence) -> list[Call]:
    """Return the operations that give whole steps, without a slope."""
    names = ("round", "sign", "floor", "ceil", "heaviside", "gt", "__gt__")
    return seen.made("model", *names) + seen.made("loss", *names)
