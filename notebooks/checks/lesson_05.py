"""Check the exercises of lesson 05: a saved model, and training from start to end."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from checks.core import (
    WrongError,
    alike,
    call,
    compare,
    expect,
    expect_other_lines,
    new_line,
    normal,
    same,
    show,
)
from checks.records import Lesson

lesson = Lesson(__file__)

answer_at_3 = lesson.number("answer_at_3")
shifted_error = lesson.number("shifted_error")


@lesson.exercise
def save_and_load(attempt: Any) -> None:
    """Two models are saved, and what comes back was read from the file."""
    for weight, bias in [(0.5, -0.25), (-1.523, 2.048)]:
        verify_file(attempt, new_line(weight, bias))
    verify_use(attempt, new_line())


def verify_file(attempt: Any, model: nn.Module) -> None:
    """Say what is wrong with how an attempt saves a model, and loads it."""
    before = new_line(model.weight.item(), model.bias.item())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        with watched(path) as modes:
            loaded = call(attempt, model, path, shared=True)
        if not path.exists():
            hint = "Let `torch.save` make one at `path`, and leave it there."
            raise WrongError("there is no file at the path", hint)
        try:
            saved = torch.load(path, weights_only=True)
        except Exception as error:
            hint = "`torch.save` the `model.state_dict()`: names and numbers only."
            raise WrongError("`torch.load` refuses the file", hint) from error
    if not isinstance(saved, dict) or set(saved) != {"weight", "bias"}:
        hint = "Save the state dict itself: `model.state_dict()`."
        raise WrongError("the file is no state dict", hint)
    if not alike(model, before):
        hint = "Leave the model as it is, and load into another one."
        raise WrongError("the model that was given has changed", hint)
    if loaded is model:
        hint = "Load the numbers into a fresh model."
        raise WrongError("the same model came back", hint)
    if not modes:
        hint = "`torch.load` reads what is in the file."
        raise WrongError("the file is never read", hint)
    for name, value in before.state_dict().items():
        if not same(torch.as_tensor(saved[name]).reshape(1), value, 1e-6):
            hint = "Save the state dict of the model that is given."
            raise WrongError("the file holds other numbers than the model", hint)
    hint = "Make a model, load the state dict into it, and return the model."
    expect(loaded, hint, nn.Module)
    X = normal(4)
    hint = "`load_state_dict` puts the numbers from the file into the fresh model."
    compare(call(loaded, X), model(X), show(X), hint=hint)
    if loaded.weight.data_ptr() == model.weight.data_ptr():
        hint = "Let `load_state_dict` copy the numbers into its own parameters."
        raise WrongError("both models hold the very same parameters", hint)


def verify_use(attempt: Any, model: nn.Module) -> None:
    """Say so if the file is read, and yet the numbers come from the model itself."""
    kept = False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        with watched(path, new_line(0.321, 1.234)), contextlib.suppress(WrongError):
            kept = alike(call(attempt, model, path, shared=True), model)
            kept = kept and not alike(torch.load(path), model.state_dict())
    if kept:
        hint = "Hand what `torch.load` gives to `load_state_dict`."
        raise WrongError("the file is read, and what it holds is not used", hint)


@contextlib.contextmanager
def watched(path: Path, other: nn.Module | None = None) -> Iterator[list[str]]:
    """Note how a file is opened for reading, perhaps with other numbers put in it."""
    modes, plain_open = [], open

    def opening(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if str(file) == str(path) and "r" in mode:
            modes.append(mode)
            if other and len(modes) == 1:
                torch.save(other.state_dict(), path)
        return plain_open(file, mode, *rest, **options)

    with mock.patch("builtins.open", opening), mock.patch("io.open", opening):
        yield modes


@lesson.exercise
def find_line(attempt: Any) -> None:
    """Two lines are found to 0.02, from a hundred points of each."""
    X, made = torch.rand(100, generator=torch.Generator().manual_seed(7)), []
    for weight, bias in [(-1.2, 0.4), (2.3, -0.9)]:
        y = weight * X + bias
        model = find_line.call(attempt, X, y, patience=12)
        expect(model, "Return the trained model.", nn.Module)
        made.append(model)
        expect_other_lines(*made)
        at_0, at_1 = call(model, torch.tensor([0.0, 1.0])).flatten().tolist()
        found = {"weight": (at_1 - at_0, weight), "bias": (at_0, bias)}
        hint = find_line.hint
        if all(p.grad is None for p in model.parameters()):
            hint = "This model was never trained: return the one that was."
        for name, (value, true) in found.items():
            if not abs(value - true) < 0.02:
                what = f"for 100 points of a line that you do not know, the {name}"
                raise WrongError(f"{what} {value:.4f} is not near enough", hint)
