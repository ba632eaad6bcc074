"""The evidence: what a trial showed, for all looks alike."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from .record import Call, operands, origins
from .tensors import readable, tensors_in


@dataclass
class Step:
    """What one step showed, before its parameters moved."""

    loss: Any
    outputs: list[Tensor]
    grads: dict[str, str] = field(default_factory=dict)  # none, zero, not finite or ok
    sizes: dict[str, float] = field(default_factory=dict)  # of the gradients


@dataclass
class Evidence:
    """All that the looks look at; it is gathered once."""

    model: nn.Module
    optimizer: Any
    loss_fn: Callable
    X: Any
    y: Any
    recording: bool = True
    named: dict[str, Tensor] = field(default_factory=dict)
    ndims: dict[str, int] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    predictions: Any = None
    outputs: list[Tensor] = field(default_factory=list)
    shapes: list[torch.Size] = field(default_factory=list)  # of the outputs
    nodes: list[Any] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    before: dict[str, Tensor] = field(default_factory=dict)
    after: dict[str, Tensor] = field(default_factory=dict)
    last_loss: float | None = None
    still_loss: float | None = None  # the last one, had the parameters not moved
    baseline: float | None = None  # the loss if all rows had the mean prediction
    shared: bool = False  # the second record leads into the first
    cut: bool = False  # the time was over within a step
    phase: str = "model"
    error: Exception | None = None

    @property
    def losses(self) -> list[float]:
        """The loss before each step, and after the last, as far as it is a number."""
        numbers = [number(step.loss) for step in self.steps] + [self.last_loss]
        return [value for value in numbers if value is not None]

    @property
    def known(self) -> bool:
        """Whether one step went through, up to its gradients."""
        return bool(self.steps and self.steps[0].grads)

    def model_names(self) -> dict[str, Tensor]:
        """The parameters of the model that may be trained, by name."""
        own = {id(p) for p in self.model.parameters()}
        return {n: p for n, p in self.named.items() if id(p) in own and p.requires_grad}

    @functools.cached_property
    def loss_calls(self) -> list[Call]:
        """The operations of the loss."""
        return [call for call in self.calls if call.phase == "loss"]

    @functools.cached_property
    def marks(self) -> dict[int, set[str]]:
        """By the id of each tensor in the loss: is it made of "p", "y", or both?

        "p" stands for the predictions, and "y" for the labels.
        """
        sources = {"p": self.outputs, "y": list(tensors_in(self.y))}
        return origins(self.loss_calls, sources)

    @functools.cached_property
    def meetings(self) -> list[tuple[Call, dict[str, Tensor]]]:
        """Where one operation takes two tensors, one of "p" only and one of "y" only.

        The two are given by these names, in the order in which the operation has them.
        """
        found = []
        for call in self.loss_calls:
            for pair in operands(call):
                sides = ["".join(sorted(self.marks.get(id(t), ()))) for t in pair]
                if sorted(sides) == ["p", "y"]:
                    found.append((call, dict(zip(sides, pair, strict=True))))
        return found

    def made(self, phase: str, *names: str) -> list[Call]:
        """The operations of these names in one phase."""
        return [c for c in self.calls if c.phase == phase and c.name in names]


def number(loss: Any) -> float | None:
    """Return the loss as a number, if it is one."""
    if isinstance(loss, Tensor) and readable(loss) and loss.numel() == 1:
        return float(loss.detach().real)
    return float(loss) if isinstance(loss, int | float) else None
