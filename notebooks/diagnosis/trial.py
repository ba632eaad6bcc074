"""Take a few training steps on the reader's own objects, and keep what they show."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from .calling import call_model, undisturbed, wants_closure
from .evidence import Evidence, Step, number
from .memory import Memory
from .record import Recorder, nodes_behind
from .tensors import finite, readable, remembered, tensors_in, values_of

STEPS = 5
SECONDS = 0.8  # of this thread; after so long, no further step is begun


class NothingLeftError(Exception):
    """There is nothing to go on with; a look says why."""


def gather(
    model: nn.Module, optimizer: Any, loss_fn: Callable, X: Any, y: Any
) -> Evidence:
    """Return the evidence of a few steps, and leave everything as it was."""
    seen = Evidence(model, optimizer, loss_fn, X, y)
    seen.recording = torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    seen.held = {id(p) for g in optimizer.param_groups for p in g["params"]}
    with undisturbed():
        memory = Memory(model, optimizer, loss_fn, X, y)
        try:
            take_steps(seen, memory)
        except NothingLeftError:
            pass
        except Exception as error:
            seen.error = error
        finally:
            seen.after = copies(seen)
            memory.restore()
    return seen


def take_steps(seen: Evidence, memory: Memory) -> None:
    """Take some steps on the same rows, each with a fresh gradient."""
    data = [*tensors_in(seen.X), *tensors_in(seen.y)]
    keep = [remembered(tensor) for tensor in data if id(tensor) not in seen.held]
    leaves = [tensor for tensor in memory.tensors() if tensor.is_leaf]
    end = time.thread_time() + SECONDS
    for _ in range(STEPS):
        for put_back in keep:  # a model may have worked on X in place
            put_back()
        for tensor in leaves:
            tensor.grad = None
        torch.clear_autocast_cache()  # a loop enters autocast anew for each step
        one_step(seen, leaves, end)
        if len(seen.steps) > 1 and time.thread_time() > end:
            return
    for put_back in keep:
        put_back()
    seen.phase = "after"
    seen.last_loss = number(seen.loss_fn(call_model(seen.model, seen.X), seen.y))


def one_step(seen: Evidence, leaves: list[Tensor], end: float) -> None:
    """Predict, measure, go back, and move the parameters."""
    step = forward(seen)
    seen.steps.append(step)
    loss = step.loss
    if not (isinstance(loss, Tensor) and loss.numel() == 1 and loss.requires_grad):
        raise NothingLeftError
    if not finite(loss):
        raise NothingLeftError
    seen.phase = "backward"
    loss.backward(retain_graph=True)
    for name, parameter in seen.named.items():
        step.sizes[name] = size = largest(parameter.grad)
        step.grads[name] = (
            "none" if size is None else "ok" if 0 < size < torch.inf else
            "zero" if size == 0 else "not finite"
        )  # fmt: skip

    def closure() -> Tensor:
        if time.thread_time() > end:
            seen.cut = True
            raise NothingLeftError
        for tensor in leaves:
            tensor.grad = None
        loss = seen.loss_fn(call_model(seen.model, seen.X), seen.y)
        loss.backward()
        return loss

    seen.phase = "step"
    seen.optimizer.step(*[closure] * wants_closure(seen.optimizer))


def forward(seen: Evidence) -> Step:
    """Return the loss and the predictions; keep the operations of the first step."""
    seen.phase = "model"
    recorder = Recorder()
    first = not seen.steps
    try:
        with recorder if first else contextlib.nullcontext():
            predictions = call_model(seen.model, seen.X)
            recorder.phase = seen.phase = "loss"
            outputs = list(tensors_in(predictions))
            if first:
                seen.predictions, seen.outputs = predictions, outputs
                seen.shapes = [tensor.shape for tensor in outputs]
            loss = seen.loss_fn(predictions, seen.y)
    finally:
        if first:
            seen.calls = recorder.calls
            seen.named = named_tensors(seen)
            seen.before = copies(seen)
            seen.ndims = {n: p.ndim for n, p in seen.named.items() if not is_lazy(p)}
    if first:
        seen.baseline = loss_of_the_mean(seen)
    given = {t.grad_fn for t in tensors_in(seen.X)}
    nodes = nodes_behind(outputs, given)
    if len(seen.steps) == 1:
        inner = [node for node in nodes if not hasattr(node, "variable")]
        seen.shared = not set(inner).isdisjoint(seen.nodes)
    seen.nodes = seen.nodes or nodes
    return Step(loss, outputs)


def loss_of_the_mean(seen: Evidence) -> float | None:
    """Return the loss of predictions that are alike for all rows, if it has one."""
    p = seen.predictions
    if not isinstance(p, Tensor) or not p.ndim or not p.is_floating_point():
        return None
    try:
        with torch.no_grad():
            mean = p.detach().mean(dim=0, keepdim=True).expand_as(p).clone()
            return number(seen.loss_fn(mean, seen.y))
    except Exception:
        return None


def named_tensors(seen: Evidence) -> dict[str, Tensor]:
    """Return what may be trained, by name: of the model, and held by the optimizer."""
    found = dict(seen.model.named_parameters())
    known = {id(tensor) for tensor in found.values()}
    others = [p for g in seen.optimizer.param_groups for p in g["params"]]
    for position, tensor in enumerate(others):
        if id(tensor) not in known:
            found[f"parameter {position} of the optimizer"] = tensor
    return {name.replace("_orig_mod.", ""): tensor for name, tensor in found.items()}


def copies(seen: Evidence) -> dict[str, Tensor]:
    """Return the values of all that is named, as they are now."""
    return {n: p.detach().clone() for n, p in seen.named.items() if readable(p)}


def largest(grad: Tensor | None) -> float | None:
    """Return the largest size of a gradient; NaN and infinity count as infinity."""
    if grad is None:
        return None
    values = values_of(grad)
    if not readable(grad) or values.numel() == 0:
        return 0.0 if readable(grad) else 1.0
    size = float(values.abs().max())
    return size if size == size else torch.inf
