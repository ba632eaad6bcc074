"""Which tensors work in the model, and nobody trains them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from ..evidence import Evidence
from ..finding import Finding, fault, listed, note
from ..record import leaves, nodes_behind
from ..tensors import tensors_in

LIKE_A_PARAMETER = re.compile(r"(weight|bias)(es|s)?|slope|intercept|theta")
LINE = "print([name for name, _ in model.named_parameters()])"


def attributes(model: nn.Module) -> Iterator[tuple[str, Any]]:
    """Yield what modules keep as plain attributes, with a name for it."""
    for prefix, module in model.named_modules():
        for name, value in vars(module).items():
            if not name.startswith("_"):
                yield f"{prefix}.{name}" if prefix else name, value


def inside(value: Any, depth: int = 4) -> Iterator[Tensor]:
    """Yield the tensors in an attribute, also of layers in lists and dicts."""
    if isinstance(value, nn.Module):
        yield from value.parameters()
    elif depth and isinstance(value, dict | list | tuple):
        members = value.values() if isinstance(value, dict) else value
        for member in members:
            yield from inside(member, depth - 1)
    else:
        yield from tensors_in(value)


def untrained_tensors(seen: Evidence) -> Iterator[Finding]:
    """Read at which tensors the record of the predictions begins."""
    trained = {id(p) for p in seen.model.parameters()} | seen.held
    trained |= {id(t) for t in tensors_in((seen.X, seen.y))}
    begins = leaves(seen.nodes)
    lost = {i: t for i, t in begins.items() if i not in trained and t.requires_grad}
    used = {id(t) for call in seen.calls if call.phase == "model" for t in call.ins}
    named: dict[int, str] = {}
    for name, value in attributes(seen.model):
        direct = isinstance(value, Tensor)
        for tensor in inside(value):
            for i in leaves(nodes_behind([tensor])) if tensor.grad_fn else [id(tensor)]:
                if i not in lost or i in named:
                    continue
                named[i] = name
                kind, how = "untrained", "is no registered layer (a list or a dict?)"
                cure = "use nn.ModuleList, nn.ModuleDict or nn.ParameterList"
                if direct:
                    kind, how = "plain-tensor", "is a plain tensor"
                    cure = "make it an nn.Parameter, with no operation after it"
                yield fault(kind, f"{name} {how}, so nobody trains it: {cure}", LINE)
        plain = direct and not value.requires_grad and value.is_floating_point()
        if plain and id(value) in used and not from_parameters(seen.model, name):
            like = LIKE_A_PARAMETER.fullmatch(name.rpartition(".")[2])
            yield (fault if like else note)(
                "plain-tensor" if like else "plain-constant",
                f"{name} is a plain tensor, so it is not trained: "
                "make it an nn.Parameter, or a buffer if it is a constant",
                LINE,
            )
    unknown = [t for i, t in lost.items() if i not in named]
    if unknown and any(isinstance(t, nn.Parameter) for t in unknown):
        shapes = listed([str(tuple(t.shape)) for t in unknown])
        yield fault(
            "untrained",
            f"parameters of shapes {shapes} work in forward, but they belong to no "
            "attribute of the model, so nobody trains them: make layers once, in "
            "__init__; made in forward, they are new in every call",
            LINE,
        )
    elif unknown:
        yield note(
            "foreign-tensor",
            "tensors that require grad work in forward, and nobody here trains them",
            LINE,
        )


def from_parameters(model: nn.Module, name: str) -> bool:
    """Return whether a library computes this attribute from parameters (pruning)."""
    own = {key for key, _ in model.named_parameters()}
    own |= {key for key, _ in model.named_buffers()}
    return any(f"{name}{end}" in own for end in ("_orig", "_g", "_v", "_u", "_mask"))
