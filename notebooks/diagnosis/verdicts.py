"""What the notes of `watch` mean, in sentences."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from .finding import Finding, fault
from .looks.known import known_error
from .tensors import anything, finite

if TYPE_CHECKING:
    from .watching import Watch

FIRST, LAST = 5, 6  # steps whose gradients, predictions whose growth is looked at
KEPT = 5  # steps whose record is still there later
FASTER = 1.1  # from each of the last predictions to the next one
HUGE = 1000  # times the first prediction


def verdicts(seen: Watch) -> list[Finding]:
    """Return a finding for each thing that went wrong in the loop."""
    plain = seen.steps - seen.closures  # steps without a closure
    found = never(seen) or order(seen, plain)
    if not found and piled_up(seen, plain):
        found.append(
            fault(
                "never-cleared",
                "the gradients were never cleared between steps, so they pile up: call "
                "optimizer.zero_grad() once for each step"
                + (", in the closure" if seen.closures else ""),
                "print(model.weight.grad)  # before and after backward",
            )
        )
    found += modes_and_rates(seen, plain)
    found += (records(seen) or values(seen)) if not found else []
    return found


def piled_up(seen: Watch, plain: int) -> bool:
    """Return whether most steps used a gradient with an old one in it."""
    if seen.closures:
        return seen.uncleared > 0.9 * (seen.backwards - 1) > 1
    return plain > 2 and seen.uncleared >= (plain - 1) / 2


def never(seen: Watch) -> list[Finding]:
    """Judge what never happened: a step, a backward, a gradient."""
    again = "second time" in str(seen.error) and seen.backwards < 2
    if seen.backwards and not seen.steps and not again:
        if seen.moved:
            return [
                fault(
                    "other-optimizer",
                    "the parameters move, but this optimizer never steps: another one "
                    "does. Make it once, before the loop, and watch that one",
                    "print(id(optimizer))  # before the loop, and in it",
                )
            ]
        instead = " (scheduler.step() does not do it)" if seen.scheduled else ""
        return [
            fault(
                "never-stepped",
                f"optimizer.step() was never called{instead}, so nothing moved: call "
                "it after loss.backward(), with its brackets",
                "print(seen.backwards, seen.steps)",
            )
        ]
    if seen.backwards or not seen.steps or not no_gradients(seen):
        return []
    line = "print([p.grad is None for p in model.parameters()])"
    if not seen.calls:
        return [
            fault(
                "other-model",
                "the model that you watch is never called in this loop: is another one "
                "made inside it? Make model and optimizer once, before the loop",
                "print(id(model))  # before the loop, and in it",
            )
        ]
    own = {id(p) for p in seen.model.parameters() if p.requires_grad}
    if own.isdisjoint(id(p) for g in seen.optimizer.param_groups for p in g["params"]):
        said = "no parameter of this model is in the optimizer, so nothing moves: "
        return [
            fault("not-held", said + "build the optimizer after the model", line)
        ] * bool(own)
    if not seen.forwards and seen.unrecorded:
        return [recording_off()]
    if not seen.forwards:
        return [
            fault(
                "no-gradient",
                "no gradient reaches any parameter, because the predictions have lost "
                "their record: look for detach(), .data, numpy() or torch.tensor() in "
                "forward. To set requires_grad on the loss does not mend it",
                "print(model(X).grad_fn)",
            )
        ]
    return [
        fault(
            "never-backward",
            "no gradient ever arrived: call loss.backward(), with its brackets, before "
            "optimizer.step(), on the loss as it was computed (not on a number, or "
            ".data, that was made a tensor again)",
            line,
        )
    ] * (seen.forwards > 1)


def order(seen: Watch, plain: int) -> list[Finding]:
    """Judge the order of forward, backward, step and zero_grad."""
    if plain > 1 and seen.late == plain and seen.empty and seen.backwards:
        return [
            fault(
                "step-first",
                "optimizer.step() comes before loss.backward(), so it finds no fresh "
                "gradient: backward first, then step",
                "print(model.weight.grad)  # just before the step",
            )
        ]
    if plain > 1 and seen.cleared > plain / 2:
        return [
            fault(
                "cleared-early",
                "the gradients are cleared after backward and before the step, so no "
                "step finds any: move zero_grad() before backward, or after step",
                "print(model.weight.grad)  # just before the step",
            )
        ]
    if plain > 1 and seen.again > plain / 3:
        return [
            fault(
                "stepped-twice",
                f"{seen.again} of {seen.steps} steps use a gradient that was used "
                "already: call optimizer.step() once after each backward",
                "print(seen.backwards, seen.steps)",
            )
        ]
    if plain and seen.lost > 4 and seen.lost > 0.7 * seen.backwards:
        return [
            fault(
                "gradients-lost",
                f"{seen.lost} of {seen.backwards} gradients were cleared before any "
                "step used them: call zero_grad() and step() equally often, in the "
                "same loop (is one of them indented too little, or too much?)",
                "print(seen.backwards, seen.steps)",
            )
        ]
    return []


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
    if plain > 1 and not seen.largest_rate and seen.zero_rate == plain:
        found.append(
            fault(
                "rate-gone",
                "the learning rate was 0 in every step, so nothing moved: look at the "
                "optimizer, and at what a scheduler multiplies it with",
                "print(optimizer.param_groups[0]['lr'])",
            )
        )
    elif plain >= 10 and seen.zero_rate > plain / 2:
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
            else "a hidden state, a loss, or something computed before the loop is kept"
        )
        return [
            fault(
                "used-twice",
                f"the same record is used a second time: {cause}. Predict anew for "
                "each backward, and keep states with detach()",
                "print(loss.grad_fn)",
            )
        ]
    seen.count_records(seen.tokens[-1][0] if seen.tokens else 0)
    if seen.alive >= KEPT and seen.error is None:
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
        return without_end(seen)
    if "element 0 of tensors" in str(seen.error) and seen.unrecorded:
        return [recording_off()]
    cure = known_error(seen.error, "the loop")
    return [cure] if cure else []


def recording_off() -> Finding:
    """Say that the predictions were made with recording switched off."""
    return fault(
        "recording-off",
        "the model predicted with recording switched off, by torch.no_grad() or "
        "torch.inference_mode(): take the training out of it",
        "print(torch.is_grad_enabled())",
    )


def without_end(seen: Watch) -> list[Finding]:
    """Judge predictions that grow from step to step, and gradients that are zero."""
    looked_at = min(seen.steps, FIRST)
    grads = [p.grad for p in seen.held if p.grad is not None]
    if looked_at > 2 and seen.zeros == looked_at and not any(map(anything, grads)):
        return [
            fault(
                "zero-gradient",
                "all gradients were exactly zero, from the first step to the last: "
                "look for dead units, or for a loss that is cut off or rounded",
                "print({n: p.grad for n, p in model.named_parameters()})",
            )
        ]
    if seen.start is None or seen.steps < LAST:
        return []
    first, *last = (float(t.abs().max()) for t in [seen.start, *seen.ends] if t.numel())
    climbs = [b / a for a, b in itertools.pairwise(last) if a]
    if len(climbs) < LAST - 1 or min(climbs) < FASTER or last[-1] < HUGE * first:
        return []
    if climbs[-1] < 1 + 0.7 * (climbs[0] - 1):  # it slows down
        return []
    return [
        fault(
            "grows",
            f"the predictions grow without end, from a size of {first:.2g} to "
            f"{last[-1]:.2g}: take a smaller learning rate, standardize the features, "
            "and look at the sign of the loss",
            "print(loss.item(), model(X).abs().max())",
        )
    ]
