"""Do the steps change anything, and do they make the loss smaller?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import torch

from ..evidence import Evidence
from ..finding import Finding, fault, note
from ..tensors import finite, readable, tensors_in

GROWTH = 1.5  # of the loss, over all steps
JUMP = 5
HEAVY = 0.5  # a weight decay that is added to the gradient
SHRINKS = 0.05  # the share of a weight that a step takes away


def steps_taken(seen: Evidence) -> Iterator[Finding]:
    """Compare the parameters before and after, and the losses one after another."""
    if not seen.known or not seen.losses:
        return
    yield from nothing_moves(seen)
    yield from decays(seen)
    losses = seen.losses
    if any(group.get("maximize") for group in seen.optimizer.param_groups):
        return
    first = losses[0]
    if not math.isfinite(first):
        return
    rate = max(float(g.get("lr") or 0) for g in seen.optimizer.param_groups)
    burst = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), None)
    if burst is None and not grows(losses, seen.baseline) and not runs_away(seen):
        return
    if burst is None and seen.still_loss and seen.still_loss > losses[-1] / GROWTH:
        return  # the loss grows by what the model remembers, not by the steps
    if burst is not None:
        how = f"the loss grows from {first:.4g} to {losses[burst]} in {burst} steps"
    elif grows(losses, seen.baseline):
        how = f"steps make the loss larger, from {first:.4g} to {losses[-1]:.4g}"
    else:
        how = "after a few steps the parameters are no longer finite: the loss grows"
    yield fault(
        "grows",
        f"{how}: the learning rate {rate:.4g} is too high for data of this scale; "
        f"standardize the features or take a smaller one{hints(seen)}",
        "print(X.mean(dim=0), X.std(dim=0), loss_fn(model(X), y))",
    )


def nothing_moves(seen: Evidence) -> Iterator[Finding]:
    """Look whether any value that has a gradient moved at all."""
    pushed = [
        n for n, how in seen.steps[0].grads.items()
        if how == "ok" and id(seen.named[n]) in seen.held and n in seen.after
        and n in seen.before
    ]  # fmt: skip
    if not pushed or len(seen.steps) < 2 or seen.error or seen.cut:
        return
    if any(not torch.equal(seen.before[n], seen.after[n]) for n in pushed):
        return
    groups = seen.optimizer.param_groups
    warming = any(g.get("initial_lr") for g in groups)
    rates = sorted({float(g["lr"]) for g in groups if "lr" in g})
    line = "print([g['lr'] for g in optimizer.param_groups])"
    said = f"a step changes nothing: the learning rate is {rates}, too small to move"
    yield (note if warming else fault)("nothing-moves", f"{said} any value", line)


def decays(seen: Evidence) -> Iterator[Finding]:
    """Look whether weight decay outweighs whatever the loss asks for."""
    for group in seen.optimizer.param_groups:
        decay = group.get("weight_decay") or 0
        rate = float(group.get("lr") or 0)
        apart = (
            group.get("decoupled_weight_decay")
            or "AdamW" in type(seen.optimizer).__name__
        )
        if decay * (rate if apart else 1) >= (SHRINKS if apart else HEAVY):
            yield fault(
                "decay",
                f"weight_decay is {decay:g}, so each step pulls the weights to zero "
                "harder than the loss pulls them anywhere: take 0.01 or less",
                "print([g['weight_decay'] for g in optimizer.param_groups])",
            )
            return


def grows(losses: list[float], baseline: float | None) -> bool:
    """Return whether the loss grows each time without end, or leaps and stays high.

    Where a model was fitted before, the loss may grow from almost nothing: that is
    measured against the loss of predictions that are alike for all rows.
    """
    if len(losses) < 4 or losses[0] <= 0:
        return False
    leaps = baseline is not None and min(losses[1:]) > JUMP * max(losses[0], baseline)
    ratios = [b / a for a, b in pairwise(losses) if a]
    steady = ratios[-1] > 1 + 0.5 * (ratios[0] - 1)
    climbs = min(ratios) > 1 and steady and losses[-1] > GROWTH * losses[0]
    return climbs or leaps


def runs_away(seen: Evidence) -> bool:
    """Return whether a parameter that was finite is not so after the steps."""
    return any(
        finite(seen.before[n]) and not finite(v)
        for n, v in seen.after.items()
        if n in seen.before
    ) and all(how != "not finite" for how in seen.steps[0].grads.values())


def hints(seen: Evidence) -> str:
    """Return what else is known about the sizes."""
    sizes = [
        f"{name} goes up to {float(t.detach().abs().max()):.3g}"
        for name, data in (("X", seen.X), ("y", seen.y))
        for t in list(tensors_in(data))[:1]
        if readable(t) and t.is_floating_point() and t.numel()
    ]
    summed = any(c.name == "sum" for c in seen.calls if c.phase == "loss")
    summed |= any(c.kwargs.get("reduction") == "sum" for c in seen.calls)
    more = "; the loss is a sum over the rows, a mean has smaller gradients"
    return (f" ({', '.join(sizes)}{more * summed})") if sizes else ""
