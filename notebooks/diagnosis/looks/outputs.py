"""Do the outputs fit the loss? Judged by how they were made, not by their range."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault, note
from ..record import kind_of, maker

RAW = {"Addmm", "Mm", "Bmm", "Baddbmm", "Convolution", "Mv", "Dot", "Linear"}
CAN_BE_NEGATIVE = RAW | {"Tanh", "LogSoftmax", "LeakyRelu", "Elu", "Gelu", "Silu"}
LOGITS = "wants raw outputs (logits), because it holds a"
LINE = "print(model)  # what is the last step of forward, before the loss?"


def how_made(tensor: Tensor) -> str:
    """Return what made a tensor; a product plus a bias is still raw."""
    node = maker(tensor)
    if node is None:
        return ""
    name = kind_of(node)
    if name in ("Add", "Sub"):
        parts = [kind_of(n) for n, _ in node.next_functions if n is not None]
        inner = [p for p in parts if p != "torch/csrc/autograd/AccumulateGrad"]
        if any(part in RAW for part in inner) and len(parts) <= 2:
            others = [p for p in inner if p not in RAW and "Accumulate" not in p]
            return "Addmm" if not others else name
    return name


def verdict(loss: str, made: str) -> tuple[str, str] | None:
    """Return kind and sentence for outputs that a loss cannot use, or None."""
    layer = {"Softmax": "softmax", "Sigmoid": "sigmoid", "LogSoftmax": "log_softmax"}
    last = layer.get(made, made.lower())
    if loss in ("cross_entropy", "log_softmax") and made in ("Softmax", "Sigmoid"):
        return (
            "softmax-twice",
            f"the outputs went through {last}, and {loss} {LOGITS} softmax itself: "
            f"remove the {last} at the end of the model",
        )
    if loss == "binary_cross_entropy_with_logits" and made in ("Sigmoid", "Softmax"):
        return (
            "sigmoid-twice",
            f"the outputs went through {last}, and BCEWithLogitsLoss {LOGITS} sigmoid "
            f"itself: remove the {last}, or use BCELoss",
        )
    if loss in ("nll_loss", "ctc_loss", "kl_div"):
        cure = f"{loss} wants log-probabilities: use log_softmax"
        if made in ("Softmax", "Sigmoid"):
            return (
                "no-log",
                f"the outputs are probabilities (from {last}), so the loss is negative "
                f"or wrong: {cure}, not {last}",
            )
        if made in RAW:
            more = ", or CrossEntropyLoss on raw outputs" * (loss == "nll_loss")
            return (
                "no-log",
                f"the outputs are raw, without a softmax, so the loss falls without "
                f"end: {cure}{more}",
            )
    if loss == "binary_cross_entropy" and made in CAN_BE_NEGATIVE | {"Relu"}:
        return (
            "no-sigmoid",
            "BCELoss wants probabilities between 0 and 1, and no sigmoid made the "
            f"outputs (their last step: {made}): use BCEWithLogitsLoss on raw outputs, "
            "or add a sigmoid",
        )
    return None


def outputs_fit(seen: Evidence) -> Iterator[Finding]:
    """Look at the first argument of each loss of PyTorch's."""
    for call in seen.calls:
        scores = call.argument(0, "input")
        if call.phase != "loss" or not isinstance(scores, Tensor):
            continue
        made = how_made(scores)
        if call.name == "ctc_loss":
            scores = call.argument(0, "log_probs")
        said = verdict(call.name, made)
        if said and not (said[0] == "no-log" and sums_to_one(scores)):
            yield fault(*said, LINE)
        elif made == "Relu" and call.name in (
            "cross_entropy",
            "binary_cross_entropy_with_logits",
        ):
            yield note(
                "relu-last",
                f"a ReLU cuts the negative outputs off before {call.name}",
                LINE,
            )
    yield from logarithm_of_raw(seen)
    yield from constant_softmax(seen)
    ends = {id(tensor) for tensor in seen.outputs}
    for call in seen.made("model", "dropout"):
        on = call.argument(2, "training") is not False and call.argument(1, "p") != 0
        if on and id(call.out) in ends and call.out.requires_grad:
            yield fault(
                "dropout-last",
                "dropout is the last step, so predictions are set to zero at random: "
                "put it between layers",
                LINE,
            )


def logarithm_of_raw(seen: Evidence) -> Iterator[Finding]:
    """Look for a logarithm of outputs that may become negative."""
    for call in seen.made("loss", "log", "log2", "log10", "log1p"):
        value = call.args[0] if call.args else None
        if isinstance(value, Tensor) and how_made(value) in RAW:
            yield fault(
                "raw-logarithm",
                f"{call.name} in the loss gets raw outputs, and as soon as one of them "
                "is negative, the loss is NaN: use a loss that takes raw outputs, or "
                "end the model with a sigmoid, a softmax or a softplus",
                LINE,
            )
            return


def sums_to_one(scores: Tensor) -> bool:
    """Return whether the outputs are logarithms of probabilities after all."""
    if scores.ndim < 2:
        return False
    return any(
        bool(((scores.detach().exp().sum(dim=dim) - 1).abs() < 1e-3).all())
        for dim in (1, -1)
    )


def constant_softmax(seen: Evidence) -> Iterator[Finding]:
    """Look for a softmax over a single column: it is always one."""
    for tensor, size in zip(seen.outputs, seen.shapes, strict=True):
        node = maker(tensor)
        if node is None or kind_of(node) not in ("Softmax", "LogSoftmax"):
            continue
        if size and size[signed(node._saved_dim) % len(size)] == 1:
            yield fault(
                "one-column",
                "softmax over a single column always gives the same, whatever the "
                "weights: use a sigmoid, or a column for each class",
                LINE,
            )


def signed(dim: int) -> int:
    """Return a dimension that the record keeps without its sign."""
    return dim - 2**64 if dim >= 2**63 else dim
