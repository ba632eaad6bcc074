"""Call the reader's model and optimizer as their own loop would, but quietly."""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Switch recording on, and prints, warnings and compilers off."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        if "torch._dynamo" in sys.modules:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


def call_model(model: nn.Module, X: Any) -> Any:
    """Call the model with X; a tuple or a dict is unpacked where `forward` wants it."""
    if isinstance(X, Tensor) or not isinstance(X, tuple | list | dict):
        return model(X)
    given = ((), X) if isinstance(X, dict) else (X, {})
    try:
        wanted = inspect.signature(model.forward)
        wanted.bind(*given[0], **given[1])
    except (TypeError, ValueError):
        return model(X)
    kinds = [p.kind for p in wanted.parameters.values()]
    if len(X) == 1 and isinstance(X, tuple | list) and len(kinds) == 1:
        return model(*X)
    return model(*given[0], **given[1])


def wants_closure(optimizer: Any) -> bool:
    """Return whether `step` has to be given a closure."""
    try:
        wanted = inspect.signature(optimizer.step).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(
        p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        for p in wanted
    )
