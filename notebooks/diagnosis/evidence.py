"""The evidence: what a trial showed, for all looks alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from .record import Call
from .tensors import readable


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

    def made(self, phase: str, *names: str) -> list[Call]:
        """The operations of these names in one phase."""
        return [c for c in self.calls if c.phase == phase and c.name in names]


def number(loss: Any) -> float | None:
    """Return the loss as a number, if it is one."""
    if isinstance(loss, Tensor) and readable(loss) and loss.numel() == 1:
        return float(loss.detach().real)
    return float(loss) if isinstance(loss, int | float) else None
