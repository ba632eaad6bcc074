"""Does the optimizer hold the model's parameters?"""

from __future__ import annotations

import gc
from collections.abc import Iterator

from torch.optim import Optimizer

from ..evidence import Evidence
from ..finding import Finding, fault, listed, note

LINE = "print([id(p) in {id(q) for g in optimizer.param_groups for q in g['params']} "
LINE += "for p in model.parameters()])"


def held_elsewhere(optimizer: object) -> set[int]:
    """Return which tensors other optimizers of this program hold, by their id."""
    others = [o for o in gc.get_objects() if issubclass(type(o), Optimizer)]
    groups = [g for o in others if o is not optimizer for g in o.param_groups]
    return {id(p) for group in groups for p in group["params"]}


def parameters_held(seen: Evidence) -> Iterator[Finding]:
    """Compare the parameters of the model with what the optimizer holds."""
    parameters = dict(seen.model.named_parameters())
    used = {id(t) for call in seen.calls for t in call.ins}
    if not parameters and seen.held.isdisjoint(used):
        yield fault(
            "no-parameters",
            "model: expected parameters, got none: is __init__ spelt with two "
            "underscores on each side, and are the layers made there, as attributes?",
            "print(list(model.named_parameters()))",
        )
    frozen = [name for name, p in parameters.items() if not p.requires_grad]
    groups = seen.optimizer.param_groups
    held = [p for group in groups for p in group["params"]]
    if frozen and not any(p.requires_grad for p in [*parameters.values(), *held]):
        yield fault(
            "frozen-all",
            "all parameters are frozen, so no gradient reaches any of them: "
            "model.requires_grad_(True), or leave the last layers free",
            "print([p.requires_grad for p in model.parameters()])",
        )
    elif frozen:
        yield note(
            "frozen",
            f"{listed(frozen)}: frozen, requires_grad is False",
            "print([n for n, p in model.named_parameters() if not p.requires_grad])",
        )
    first = seen.steps[0].grads if seen.known else {}
    loose = {
        name: p
        for name, p in seen.model_names().items()
        if id(p) not in seen.held and first.get(name) != "none"
    }
    elsewhere = held_elsewhere(seen.optimizer) if loose else set()
    lost = [
        n for n, p in loose.items() if id(p) not in elsewhere and not rests(seen, n)
    ]
    if lost:
        whole = len(lost) == len(seen.model_names())
        which = "no parameter of this model" if whole else listed(lost)
        verb = "is" if whole or len(lost) == 1 else "are"
        yield fault(
            "not-held",
            f"{which} {verb} {'' if whole else 'not '}in the optimizer, so it does not "
            "move: build the optimizer after the model, from all its parameters"
            + (" (now they are not in the optimizer)" if whole else ""),
            LINE,
        )
    rest = [name for name in loose if name not in lost]
    if rest:
        yield note(
            "held-elsewhere",
            f"{listed(rest)}: not in this optimizer; is it meant?",
            LINE,
        )


def rests(seen: Evidence, name: str) -> bool:
    """Return whether a parameter belongs to a part that was put in evaluation mode."""
    part = name.replace("_orig_mod.", "").rpartition(".")[0]
    modules = {n.replace("_orig_mod.", ""): m for n, m in seen.model.named_modules()}
    module = modules.get(part)
    return seen.model.training and module is not None and not module.training
