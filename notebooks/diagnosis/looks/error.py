"""What does an error mean, and what mends it?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..evidence import Evidence
from ..finding import Finding, fault
from ..tensors import readable, tensors_in
from .known import known_error

DTYPE_WORDS = re.compile(
    r"dtype|scalar type|not implemented for '|Input type|Long|Double|Half|Int"
)
LAYERS_FOR_INDICES = ("embedding", "embedding_bag", "one_hot")


def errors(seen: Evidence) -> Iterator[Finding]:
    """Say the cure for an error that is known, and the message of any other."""
    if seen.error is None:
        return
    message = str(seen.error)
    yield from data_does_not_fit(seen, message)
    if "mat1 and mat2 shapes" in message and seen.phase == "model":
        flat = [t for t in tensors_in(seen.X) if t.ndim == 1]
        if flat:
            yield fault(
                "layer-size",
                f"X has shape {tuple(flat[0].shape)}, so it is taken for a single row: "
                "give each row its column with X.unsqueeze(1), and y as well",
                "print(X.shape, y.shape)",
            )
            return
    if cure := known_error(seen.error, where(seen)):
        yield cure
        return
    first = message.splitlines()[0] if message else "no message"
    yield fault(
        "error",
        f"a step raises {type(seen.error).__name__}: {first} (in {where(seen)})",
        "print(X.shape, y.shape)",
    )


def data_does_not_fit(seen: Evidence, message: str) -> Iterator[Finding]:
    """Compare device and dtype of the data with those of the parameters."""
    parameter = next(seen.model.parameters(), None)
    if parameter is None:
        return
    for name, data in (("X", seen.X), ("y", seen.y)):
        for tensor in tensors_in(data):
            if tensor.device != parameter.device and "device" in message + "meta":
                yield fault(
                    "device",
                    f"{name} is on {tensor.device}, and the parameters are not: bring "
                    f"both to the same device, {name}.to({parameter.device.type!r})",
                    f"print({name}.device, next(model.parameters()).device)",
                )
                return
    if not DTYPE_WORDS.search(message):
        return
    names = [call.name for call in seen.calls]
    if seen.phase == "model" and not any(n in LAYERS_FOR_INDICES for n in names):
        for tensor in tensors_in(seen.X):
            if tensor.dtype != parameter.dtype and readable(tensor):
                yield fault("dtype", *other_kind("X", tensor.dtype, parameter.dtype))
                return
    if seen.phase in ("loss", "backward") and seen.outputs:
        wanted = seen.outputs[0].dtype
        for tensor in tensors_in(seen.y):
            if tensor.dtype != wanted:
                yield fault("dtype", *other_kind("y", tensor.dtype, wanted))
                return


def other_kind(name: str, given: object, wanted: object) -> tuple[str, str]:
    """Return what to say about a dtype."""
    integer = " (whole numbers)" if "int" in str(given) else ""
    return (
        f"{name} is {given}{integer}, and the model works in {wanted}: convert it with "
        f"{name}.to({wanted}), or {name}.float() for float32",
        f"print({name}.dtype, next(model.parameters()).dtype)",
    )


def where(seen: Evidence) -> str:
    """Return the module in whose forward the error arose."""
    names = {id(m): n for n, m in seen.model.named_modules()}
    trace, place = seen.error.__traceback__, ""
    while trace is not None:
        owner = id(trace.tb_frame.f_locals.get("self"))
        place = names.get(owner, place)
        trace = trace.tb_next
    if seen.phase in ("loss", "backward", "step"):
        return {"loss": "the loss", "step": "optimizer.step()"}.get(
            seen.phase, "backward"
        )
    return place or "forward"
