"""Is recording on, and is the model in training mode where that matters?"""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from ..evidence import Evidence
from ..finding import Finding, fault, listed, note

DROPOUTS = nn.modules.dropout._DropoutNd
NORMS = nn.modules.batchnorm._NormBase
RECURRENT = nn.RNNBase


def depends_on_mode(module: nn.Module) -> bool:
    """Return whether a layer works in another way in evaluation mode."""
    if isinstance(module, NORMS):
        return module.track_running_stats
    rate = getattr(module, "p" if isinstance(module, DROPOUTS) else "dropout", 0)
    kinds = DROPOUTS | RECURRENT | nn.MultiheadAttention
    return isinstance(module, kinds) and isinstance(rate, int | float) and rate > 0


def asks_for_mode(module: nn.Module) -> bool:
    """Return whether the reader's own forward looks at `self.training`."""
    if type(module).__module__.startswith("torch."):
        return False
    code = getattr(type(module).forward, "__code__", None)
    return code is not None and "training" in code.co_names


def always_drops(module: nn.Module) -> bool:
    """Return whether the reader's forward calls F.dropout and never says when."""
    if type(module).__module__.startswith("torch.") or hasattr(module, "dropout"):
        return False
    code = getattr(type(module).forward, "__code__", None)
    if code is None or "dropout" not in code.co_names:
        return False
    told = [c for c in code.co_consts if isinstance(c, tuple)]  # names of arguments
    return "training" not in code.co_names and not any("training" in c for c in told)


def modes(seen: Evidence) -> Iterator[Finding]:
    """Look at the two switches: recording, and the mode of the model."""
    if not seen.recording:
        yield fault(
            "recording-off",
            "recording is switched off where you train, by torch.no_grad() or "
            "torch.inference_mode(): take the training out of it",
            "print(torch.is_grad_enabled(), torch.is_inference_mode_enabled())",
        )
    asleep = [n for n, m in seen.model.named_modules() if not m.training]
    matters = [
        name or type(module).__name__
        for name, module in seen.model.named_modules()
        if not module.training and depends_on_mode(module)
    ]
    own_code = any(call.name in ("dropout", "batch_norm") for call in seen.calls)
    line = "print([name for name, m in model.named_modules() if not m.training])"
    trained = any(p.requires_grad for p in seen.model.parameters())
    if not seen.model.training and (matters or own_code) and trained:
        where = f" ({listed(matters)})" if matters else ""
        yield fault(
            "evaluation-mode",
            f"the model is in evaluation mode{where}: call model.train() before you "
            "train",
            line,
        )
    elif any(map(always_drops, seen.model.modules())) and seen.made("model", "dropout"):
        yield fault(
            "always-drops",
            "F.dropout stays on in evaluation mode, too, unless it is told: write "
            "F.dropout(x, training=self.training), or make an nn.Dropout in __init__",
            "print(model.eval()(X) - model(X))",
        )
    elif asleep:
        which = "the model" if not seen.model.training else listed(asleep)
        yield note(
            "evaluation-mode-part", f"{which} is in evaluation mode: is it meant?", line
        )
