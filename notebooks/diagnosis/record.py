"""Read the record: which operations ran, and what leads back from a prediction."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .tensors import tensors_in

MOST = 20_000  # operations that are kept
# Operations that hand their first input on, in another shape, kind or selection.
SAME_VALUES = {
    "View", "UnsafeView", "Squeeze", "Unsqueeze", "Select", "Slice", "Transpose", "T",
    "Permute", "Clone", "ToCopy", "Expand", "Clamp", "Index", "Reshape", "Alias",
    "ReshapeAlias", "Gather", "MaskedSelect", "Mul", "Div", "Neg", "Unbind", "Split",
}  # fmt: skip


@dataclass
class Call:
    """One operation: its name, what went in and out, and where it was called."""

    name: str
    args: tuple
    kwargs: dict[str, Any]
    phase: str  # "model" or "loss"
    recording: bool
    out: Any = None
    ins: list[Tensor] = field(default_factory=list)

    def argument(self, position: int, name: str) -> Any:
        """Return an argument that was given by its position or by its name."""
        return (
            self.args[position] if position < len(self.args) else self.kwargs.get(name)
        )


class Recorder(TorchFunctionMode):
    """Keeps the operations that run while it is active."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.phase = "model"

    def __torch_function__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run one operation, and keep it if tensors take part."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "__get__":  # an attribute, such as `.data` or `.T`
            name = getattr(getattr(func, "__self__", None), "__name__", name)
        ins = list(tensors_in((args, kwargs)))
        call = Call(name, args, kwargs, self.phase, torch.is_grad_enabled(), ins=ins)
        if ins and len(self.calls) < MOST:
            self.calls.append(call)
        call.out = func(*args, **kwargs)
        return call.out


def kind_of(node: Any) -> str:
    """Return the name of an operation in the record, without its ending."""
    return node.name().split("Backward")[0].split("::")[-1]


def nodes_behind(starts: list[Any], stop: set[Any] | None = None) -> list[Any]:
    """Return all operations in the record that lead to the tensors `starts`."""
    seen = dict.fromkeys(stop or ())
    found, todo = [], deque(t.grad_fn for t in starts if t.grad_fn is not None)
    while todo:
        node = todo.popleft()
        if node in seen:
            continue
        seen[node] = None
        found.append(node)
        todo.extend(before for before, _ in node.next_functions if before is not None)
    return found


def leaves(nodes: list[Any]) -> dict[int, Tensor]:
    """Return the tensors at which the record begins, by their id."""
    found = [node.variable for node in nodes if hasattr(node, "variable")]
    return {id(tensor): tensor for tensor in found}


def maker(tensor: Tensor) -> Any:
    """Return the operation that made the values, through views and the like."""
    node = tensor.grad_fn
    while node is not None and kind_of(node) in SAME_VALUES:
        before = [node for node, _ in node.next_functions if node is not None]
        if kind_of(node) in ("Mul", "Div") and len(before) != 1:
            break
        node = before[0] if before else None
    return node


def made_by(tensor: Any) -> str:
    """Return the name of the operation that made the values, or ""."""
    node = maker(tensor) if isinstance(tensor, Tensor) else None
    return kind_of(node) if node is not None else ""


def origins(calls: list[Call], sources: dict[str, list[Tensor]]) -> dict[int, set[str]]:
    """Return from which of the sources each tensor of the calls was computed."""
    marks: dict[int, set[str]] = {}
    for name, tensors in sources.items():
        for tensor in tensors:
            marks[id(tensor)] = {name}
    for call in calls:
        mark = set().union(*(marks.get(id(t), ()) for t in call.ins))
        for out in tensors_in(call.out):
            if mark and id(out) not in marks:
                marks[id(out)] = mark
    return marks


def operands(call: Call) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the two tensors of an operation on two."""
    if len(call.args) >= 2 and all(isinstance(a, Tensor) for a in call.args[:2]):
        yield call.args[0], call.args[1]
