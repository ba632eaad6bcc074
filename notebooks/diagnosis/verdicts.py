"""What the notes of `watch` mean, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .finding import Finding, fault
from .looks.known import known_error
from .tensors import finite

if TYPE_CHECKING:
    from .watching import Watch

KEPT = 5  # steps whose record is still there after the loop


def verdicts(seen: Watch) -> list[Finding]:
    """Return a finding for each thing that went wrong in the loop."""
    plain = seen.steps - seen.closures  # steps without a closure
    found = []
    if seen.backwards and not seen.steps:
        instead = " (scheduler.step() does not do it)" if seen.scheduled else ""
        found.append(
            fault(
                "never-stepped",
                f"optimizer.step() was never called{instead}, so nothing moved: call "
                "it after loss.backward()",
                "print(seen.backwards, seen.steps)",
            )
        )
    elif seen.steps and not seen.backwards and seen.forwards > 1 and no_gradients(seen):
        found.append(
            fault(
                "never-backward",
                "no gradient ever arrived: call loss.backward() before "
                "optimizer.step(), on a loss of this model",
                "print([p.grad is None for p in model.parameters()])",
            )
        )
    elif plain > 1 and seen.late == plain and seen.empty and seen.backwards:
        found.append(
            fault(
                "step-first",
                "optimizer.step() comes before loss.backward(), so it finds no fresh "
                "gradient: backward first, then step",
                "print(model.weight.grad)  # just before the step",
            )
        )
    elif plain > 1 and seen.cleared > plain / 2:
        found.append(
            fault(
                "cleared-early",
                "the gradients are cleared after backward and before the step, so no "
                "step finds any: move zero_grad() before backward, or after step",
                "print(model.weight.grad)  # just before the step",
            )
        )
    if not found and plain > 2 and seen.uncleared >= (plain - 1) / 2:
        found.append(
            fault(
                "never-cleared",
                "the gradients were never cleared between steps, so they pile up: call "
                "optimizer.zero_grad() once for each step",
                "print(model.weight.grad)  # before and after backward",
            )
        )
    found += modes_and_rates(seen, plain)
    found += records(seen) if not found else []
    found += values(seen) if not found else []
    return found


def no_gradients(seen: Watch) -> bool:
    """Return whether no parameter has a gradient."""
    return all(p.grad is None for g in seen.optimizer.param_groups for p in g["params"])


def modes_and_rates(seen: Watch, plain: int) -> list[Finding]:
    """Judge the mode of the model and the learning rate in the steps."""
    found = []
    if seen.asleep > 1 or seen.asleep == plain == 1:
        found.append(
            fault(
                "evaluation-mode",
                f"{seen.asleep} of {seen.steps} steps trained the model in evaluation "
                "mode: call model.train() at the start of each epoch",
                "print(model.training)",
            )
        )
    if plain >= 10 and seen.zero_rate > plain / 2:
        found.append(
            fault(
                "rate-gone",
                f"in {seen.zero_rate} of {seen.steps} steps the learning rate was "
                "almost nothing: call scheduler.step() once for each epoch, not for "
                "each batch, or let it fall more slowly",
                "print(optimizer.param_groups[0]['lr'])",
            )
        )
    return found


def records(seen: Watch) -> list[Finding]:
    """Judge whether records are used twice, or kept."""
    said = str(seen.error or "")
    again = "backward through the graph a second" in said
    again |= "modified by an inplace operation" in said and seen.steps > 0
    if seen.shared or seen.doubled > 1 or again:
        cause = (
            "backward runs twice on one loss"
            if seen.doubled > 1
            else "a hidden state, or a loss, is kept from the step before"
        )
        return [
            fault(
                "used-twice",
                f"the same record is used a second time: {cause}. Predict anew for "
                "each backward, and keep states with detach()",
                "print(loss.grad_fn)",
            )
        ]
    alive = {step for step, token in seen.tokens[:-1] if token() is not None}
    if len(alive) >= KEPT and seen.error is None:
        return [
            fault(
                "losses-kept",
                "losses or predictions of old steps are kept with their record, so "
                "memory grows: keep loss.item(), or loss.detach()",
                "print(type(losses[0]), losses[0].grad_fn)",
            )
        ]
    return []


def values(seen: Watch) -> list[Finding]:
    """Judge the values of the model, and an error that ended the loop."""
    if seen.not_finite:
        at, name = seen.not_finite
        where = f"in {name!r}, the first layer with one" if name else "in the model"
        return [
            fault(
                "not-finite",
                f"prediction {at + 1} was the first with a value that is not finite, "
                f"{where}: take a smaller learning rate, standardize the features, or "
                "look at roots and logarithms in the loss of the step before",
                "print({n: p.isfinite().all() for n, p in model.named_parameters()})",
            )
        ]
    bad = [n for n, p in seen.model.named_parameters() if not finite(p)]
    if bad and seen.steps:
        return [
            fault(
                "not-finite",
                f"after the last step, {bad[0]} is not finite: take a smaller learning "
                "rate, or look at roots and logarithms in the loss",
                "print({n: p.isfinite().all() for n, p in model.named_parameters()})",
            )
        ]
    if seen.error is None:
        return []
    if "element 0 of tensors" in str(seen.error) and seen.unrecorded:
        return [
            fault(
                "recording-off",
                "the model predicted with recording switched off, by torch.no_grad() "
                "or torch.inference_mode(): take the training out of it",
                "print(torch.is_grad_enabled())",
            )
        ]
    cure = known_error(seen.error, "the loop")
    return [cure] if cure else []
