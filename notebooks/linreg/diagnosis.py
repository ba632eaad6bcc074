"""Diagnose a training that goes wrong: one look at model, optimizer, loss and data."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from linreg.guards import guarded, instance, not_empty, some_parameters


def setup_faults(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[str]:
    """Return what is wrong with the parameters, the optimizer or the mode."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    faults = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            faults.append(f"{name} is frozen: its requires_grad is False")
        elif id(parameter) not in held:
            faults.append(f"{name} is not in the optimizer")
        if not parameter.isfinite().all():
            faults.append(f"{name} holds values that are not finite")
    for module in model.modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor):
                faults.append(f"{name} is a plain tensor, so it is not trained")
    if not all(module.training for module in model.modules()):
        faults.append("the model is in evaluation mode: call model.train()")
    return faults


def data_faults(model: nn.Module, X: Tensor, y: Tensor) -> list[str]:
    """Return where `X` or `y` do not fit the model's first parameter."""
    parameter = next(model.parameters())
    faults = []
    for name, values in {"X": X, "y": y}.items():
        if values.device != parameter.device:
            faults.append(f"{name} is on {values.device}, not {parameter.device}")
        elif not values.isfinite().all():
            faults.append(f"{name} holds values that are not finite")
        if values.is_floating_point() and values.dtype != parameter.dtype:
            faults.append(f"{name} is {values.dtype}, not {parameter.dtype}")
    return faults


def step_faults(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
) -> list[str]:
    """Return what goes wrong in one training step, taken by copies."""
    model, optimizer, loss_fn = copy.deepcopy((model, optimizer, loss_fn))
    if isinstance(optimizer, torch.optim.LBFGS):  # a copy forgets what it moves
        optimizer._params = optimizer.param_groups[0]["params"]
        optimizer._numel_cache = None
    predictions = model(X.clone())
    if y.is_floating_point() and predictions.shape != y.shape:
        shapes = f"{tuple(predictions.shape)} and {tuple(y.shape)}"
        return [f"predictions and labels have shapes {shapes}: the loss broadcasts"]

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_fn(model(X.clone()), y.clone())
        loss.backward()
        return loss

    loss = loss_fn(predictions, y.clone())
    if not loss.isfinite():
        return [f"the loss is {loss.item()}"]
    if not loss.requires_grad:
        return ["no gradient reaches any parameter: is the model's output detached?"]
    optimizer.zero_grad()
    loss.backward()
    faults = []
    for name, parameter in model.named_parameters():
        if parameter.grad is None and parameter.requires_grad:
            faults.append(f"no gradient reaches {name}: is it cut, or not used?")
        elif parameter.grad is not None and not parameter.grad.isfinite().all():
            faults.append(f"the gradient of {name} is not finite")
    optimizer.step(closure)
    if not faults and not all(p.isfinite().all() for p in model.parameters()):
        faults.append("after one step, a parameter is not finite")
    return faults


@guarded(
    instance(model=nn.Module, optimizer=torch.optim.Optimizer, loss_fn=Callable),
    instance(X=Tensor, y=Tensor),
    some_parameters,
    not_empty("X", "y"),
)
def diagnose(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
) -> list[str]:
    """Return a plain sentence for each fault that one training step can show.

    An empty list says that the usual suspects are innocent: every parameter is in the
    optimizer and reached by a gradient; shapes, dtypes and devices match; all values
    are finite; nothing is frozen or in evaluation mode. `X` and `y` are one batch, of
    any shape that model and loss take. Model, optimizer, gradients, data and the
    random state on the CPU stay exactly as they were.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: the model has no parameters, or `X` or `y` is empty.
    """
    faults = setup_faults(model, optimizer) + data_faults(model, X, y)
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            faults += step_faults(model, optimizer, loss_fn, X, y)
    except Exception as error:
        if not faults:
            first_line = str(error).splitlines()[0]
            faults.append(f"a step raises {type(error).__name__}: {first_line}")
    return faults
