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
SLOW = 0.1  # of a forward pass with all rows; steps then take fewer of them
FEWEST = 8  # rows


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
            seen.after = seen.after or copies(seen)
            memory.restore()
    return seen


def take_steps(seen: Evidence, memory: Memory) -> None:
    """Take some steps on the same rows; where they are slow, on a part of the rows."""
    begin = time.thread_time()
    end = begin + SECONDS
    keep = kept(seen, seen.X, seen.y)
    clear(memory)
    step = forward(seen, seen.X, seen.y)
    if rows := fewer_rows(seen, step, time.thread_time() - begin):
        put_back(keep)
        X, y = (part_of(tensor, rows) for tensor in (seen.X, seen.y))
        try:
            return go_on(seen, memory, None, X, y, kept(seen, X, y), end)
        except Exception:  # this model wants all rows
            if seen.cut:
                raise
        seen.steps.clear()
        seen.shared = False
        memory.restore()
        clear(memory)
        step = forward(seen, seen.X, seen.y)
    return go_on(seen, memory, step, seen.X, seen.y, keep, end)


def kept(seen: Evidence, X: Any, y: Any) -> list[Callable]:
    """Return what puts the data back, as a model may work on it in place."""
    data = [*tensors_in(X), *tensors_in(y)]
    return [remembered(tensor) for tensor in data if id(tensor) not in seen.held]


def put_back(keep: list[Callable]) -> None:
    """Put the data back."""
    for undo in keep:
        undo()


def clear(memory: Memory) -> None:
    """Take all gradients away, and what autocast keeps within a step."""
    for tensor in memory.tensors():
        if tensor.is_leaf:
            tensor.grad = None
    torch.clear_autocast_cache()  # a loop enters autocast anew for each step


def fewer_rows(seen: Evidence, step: Step, seconds: float) -> int:
    """Return a number of rows with which steps are quick, or 0 where all are needed."""
    data = seen.X, seen.y, seen.predictions
    if seconds < SLOW or not all(isinstance(t, Tensor) and t.ndim for t in data):
        return 0
    rows = max(FEWEST, int(len(seen.X) * SLOW / seconds / 4))  # 4: and the way back
    fits = len({len(t) for t in data}) == 1 and 2 * rows <= len(seen.X)
    free = seen.held.isdisjoint(map(id, data))
    return rows if fits and free and usable(step.loss) else 0


def part_of(tensor: Tensor, rows: int) -> Tensor:
    """Return rows from all over the batch, as a tensor that stands for all of it."""
    part = tensor.detach()[:: len(tensor) // rows].clone()
    return part.requires_grad_(tensor.requires_grad)


def usable(loss: Any) -> bool:
    """Return whether `backward` can start at this loss."""
    one = isinstance(loss, Tensor) and loss.numel() == 1 and loss.requires_grad
    return one and finite(loss)


def go_on(
    seen: Evidence,
    memory: Memory,
    step: Step | None,
    X: Any,
    y: Any,
    keep: list[Callable],
    end: float,
) -> None:
    """Take the steps; the first prediction may be there already."""
    for _ in range(STEPS):
        if step is None:
            put_back(keep)
            clear(memory)
            step = forward(seen, X, y)
        one_step(seen, memory, step, X, y, end)
        step = None
        if len(seen.steps) > 1 and time.thread_time() > end:
            return
    put_back(keep)
    seen.phase = "after"
    seen.last_loss = number(seen.loss_fn(call_model(seen.model, X), y))
    if seen.losses and seen.losses[-1] > seen.losses[0]:
        seen.after = copies(seen)
        put_back(keep)
        with contextlib.suppress(Exception):
            for name, value in seen.before.items():
                seen.named[name].data.copy_(value)
            seen.still_loss = number(seen.loss_fn(call_model(seen.model, X), y))


def one_step(
    seen: Evidence, memory: Memory, step: Step, X: Any, y: Any, end: float
) -> None:
    """Go back from a prediction, and move the parameters."""
    seen.steps.append(step)
    if not usable(step.loss):
        raise NothingLeftError
    seen.phase = "backward"
    step.loss.backward(retain_graph=True)
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
        clear(memory)
        loss = seen.loss_fn(call_model(seen.model, X), y)
        loss.backward()
        return loss

    seen.phase = "step"
    seen.optimizer.step(*[closure] * wants_closure(seen.optimizer))


def forward(seen: Evidence, X: Any, y: Any) -> Step:
    """Return the loss and the predictions; keep the operations of the first one."""
    seen.phase = "model"
    recorder = Recorder()
    first = seen.predictions is None and not seen.calls
    try:
        with recorder if first else contextlib.nullcontext():
            predictions = call_model(seen.model, X)
            recorder.phase = seen.phase = "loss"
            outputs = list(tensors_in(predictions))
            if first:
                seen.predictions, seen.outputs = predictions, outputs
                seen.shapes = [tensor.shape for tensor in outputs]
            loss = seen.loss_fn(predictions, y)
    finally:
        if first:
            seen.calls = recorder.calls
            seen.named = named_tensors(seen)
            seen.before = copies(seen)
            seen.ndims = {n: p.ndim for n, p in seen.named.items() if not is_lazy(p)}
    if first:
        seen.baseline = loss_of_the_mean(seen)
    nodes = nodes_behind(outputs, {t.grad_fn for t in tensors_in(X)})
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
