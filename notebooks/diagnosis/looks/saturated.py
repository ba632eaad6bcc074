"""Are hidden units stuck at the flat ends of their activation?"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault
from ..tensors import readable

SHARE = 0.9
FLAT = 0.01  # of a slope that is at most 1 (tanh) or a quarter (sigmoid)
DEEP = 4
FADED = 1e-5
LOST = 1e-7  # whatever the layers are


def saturated_units(seen: Evidence) -> Iterator[Finding]:
    """Look at the slopes of sigmoid and tanh inside the model, and at deep ones."""
    last = {id(t) for t in seen.outputs}
    bends = seen.made("model", "sigmoid", "sigmoid_", "tanh", "tanh_")
    hidden = [
        call
        for call in bends
        if isinstance(call.out, Tensor)
        and id(call.out) not in last
        and readable(call.out)
        and call.out.numel() > 1
        and call.out.requires_grad
        and call.out._version == 0  # nothing was written into it later
        and used_again(seen, call.out)
    ]
    for call in hidden:
        out = call.out.detach()
        slope = out * (1 - out) if call.name.startswith("sig") else 1 - out * out
        share = float((slope < FLAT).float().mean())
        if share > SHARE:
            yield fault(
                "saturated",
                f"{share:.0%} of the outputs of {call.name.strip('_')} are saturated, "
                "at its flat ends, where gradients are tiny: standardize the features, "
                "and keep the weights small",
                "print(X.mean(dim=0), X.std(dim=0))",
            )
            return
    if not seen.known:
        return
    own = seen.model_names()
    sizes = [
        s
        for n, s in seen.steps[-1].sizes.items()
        if n in own and seen.ndims.get(n, 0) > 1
    ]
    sizes = [size for size in sizes if size]
    faded = FADED if len(hidden) >= DEEP else LOST
    if len(sizes) >= DEEP and sizes[0] < faded * sizes[-1]:
        yield fault(
            "saturated",
            f"the gradient fades from {sizes[-1]:.1g} in the last layer to "
            f"{sizes[0]:.1g} in the first: through {len(sizes)} layers it vanishes. "
            "Use ReLU, larger weights to start with, or fewer layers",
            "print({name: p.grad.norm() for name, p in model.named_parameters()})",
        )


def used_again(seen: Evidence, out: Tensor) -> bool:
    """Return whether a later layer of the model multiplies this output by weights."""
    own = {id(p) for p in seen.named.values()}
    return any(
        c.phase == "model"
        and any(i is out for i in c.ins)
        and any(id(i) in own for i in c.ins)
        for c in seen.calls
    ) or any(
        c.phase == "model"
        and c.name in ("dropout", "flatten", "view")
        and any(i is out for i in c.ins)
        for c in seen.calls
    )
