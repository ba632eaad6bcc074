"""Does a gradient reach each parameter?"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ..evidence import Evidence
from ..finding import Finding, fault, listed, note
from ..record import leaves
from .zero import all_own, owner

LINE = "print({name: p.grad is not None for name, p in model.named_parameters()})"
CUT = "detach(), .data, .item(), numpy() and torch.tensor() cut the record"


def parameters_reached(seen: Evidence) -> Iterator[Finding]:
    """Look at which parameters have no gradient after each backward."""
    loss = seen.steps[0].loss if seen.steps else None
    own = seen.model_names()
    if not own or (not seen.recording and not seen.steps):
        return
    steps = [step.grads for step in seen.steps if step.grads]
    missed = [n for n in own if steps and all(s.get(n) == "none" for s in steps)]
    cut = isinstance(loss, Tensor) and not loss.requires_grad
    if cut or (missed and len(missed) == len(own)):
        reach = any(tensor.requires_grad for tensor in seen.outputs)
        place = "the loss function" if reach else "forward"
        yield fault(
            "no-gradient",
            f"no gradient reaches any parameter: {CUT}, and requires_grad = True on "
            f"the result does not mend it; look in {place}",
            LINE,
        )
        return
    if not missed:
        return
    on_record = set(leaves(seen.nodes))
    silent = [n for n in missed if id(own[n]) not in on_record]
    used = {
        id(t): call.recording
        for call in seen.calls
        if call.phase == "model"
        for t in call.ins
    }
    modules = {n.replace("_orig_mod.", ""): m for n, m in seen.model.named_modules()}
    served = {owner(n) for n in own if n not in missed}
    lost = []
    for name in silent:
        if id(own[name]) not in seen.held:
            continue
        if owner(name) in served and not all_own(owner(name), modules):
            continue  # a bias that falls out where a gradient is a part of the loss
        if id(own[name]) in used:
            if used[id(own[name])]:
                lost.append(name)
        elif not mentioned(seen.model, name) and is_visible(seen.model):
            lost.append(name)
    if lost:
        yield fault(
            "no-gradient",
            f"no gradient reaches {listed(lost)}: it is never used in forward, or "
            f"{CUT}",
            LINE,
        )
    meant = [name for name in missed if name not in lost]
    if meant:
        yield note(
            "no-gradient-yet", f"{listed(meant)}: no gradient in this loss", LINE
        )


def is_visible(model: nn.Module) -> bool:
    """Return whether the operations of the model can be seen, one by one."""
    return not any(isinstance(m, torch.jit.ScriptModule) for m in model.modules())


def mentioned(model: nn.Module, name: str) -> bool:
    """Return whether a method of an owner, other than __init__, names this part."""
    parts = name.split(".")
    module = model
    for part in parts[:-1] or parts:
        kind = type(module)
        if kind.__module__.startswith("torch.nn") and part.isdigit():
            return True
        if not kind.__module__.startswith("torch.nn") and not in_code(kind, part):
            return False
        module = getattr(module, part, None)
        if not isinstance(module, nn.Module):
            return True
    return True


def in_code(kind: type, attribute: str) -> bool:
    """Return whether the code of a class, without __init__, uses an attribute."""
    for base in kind.__mro__:
        if base.__module__.startswith("torch.nn"):
            break
        for key, method in vars(base).items():
            if key == "__init__" or not inspect.isfunction(method):
                continue
            code = method.__code__
            if attribute in code.co_names or re.search(
                r"getattr|children|modules|parameters", " ".join(code.co_names)
            ):
                return True
    return False
