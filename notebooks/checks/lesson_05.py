"""Check the exercises of lesson 05: a saved model, and training from start to end."""

import math
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from checks import core
from checks.core import WrongError, call, compare, exercise, expect, new_line


@exercise("The class stays in your code; only the numbers are in the file.")
def save_and_load(attempt: Any) -> None:
    model = new_line()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        opening = mock.Mock(wraps=open)
        with mock.patch("builtins.open", opening), mock.patch("io.open", opening):
            loaded = call(attempt, model, path, shared=True)
        if not path.exists():
            raise WrongError("there is no file at the path", "`torch.save` makes one.")
        try:
            saved = torch.load(path, weights_only=True)
        except Exception as error:
            hint = "Save `model.state_dict()`, and not the model."
            raise WrongError("the file holds more than numbers", hint) from error
    if loaded is model:
        hint = "Load the numbers into a fresh model."
        raise WrongError("the same model came back", hint)
    if not was_read(path, opening):
        hint = "`torch.load` reads what is in the file."
        raise WrongError("the file is never read", hint)
    hint = "Make a model, load the state dict into it, and return the model."
    expect(loaded, hint, nn.Module)
    if set(saved) != {"weight", "bias"}:
        raise WrongError("the file is no state dict", "Save `model.state_dict()`.")
    X = core.normal(4)
    hint = "`load_state_dict` puts the numbers from the file into the fresh model."
    compare(call(loaded, X), model(X), core.show(X), hint=hint)
    if loaded.weight.data_ptr() == model.weight.data_ptr():
        hint = "Let `load_state_dict` copy the numbers into its own parameters."
        raise WrongError("both models hold the very same parameters", hint)


def was_read(path: Path, opening: mock.Mock) -> bool:
    """Return whether a watched `open` was called to read the file."""
    for given in opening.call_args_list:
        file, mode, *_ = *given.args, given.kwargs.get("mode", "r")
        if str(file) == str(path) and "r" in mode:
            return True
    return False


@exercise("You have just trained a model on data you knew nothing about.")
def find_line(attempt: Any) -> None:
    X = torch.rand(100, generator=torch.Generator().manual_seed(7))
    for true in [(-1.2, 0.4), (2.3, -0.9)]:
        model = call(attempt, X, true[0] * X + true[1], patience=12)
        expect(model, "Return the trained model.", nn.Module)
        for name, number in zip(("weight", "bias"), true, strict=True):
            value = getattr(model, name, torch.tensor(math.nan)).item()
            hint = "More epochs? Steps that shrink? The right parameters?"
            if abs(value - {"weight": 0.7, "bias": 0.3}[name]) < 0.02:
                hint = "Use the points that are given, not our old ones."
            if not abs(value - number) < 0.02:
                what = f"for 100 points of a line that you do not know, the {name}"
                raise WrongError(f"{what} {value:.4f} is not near enough", hint)
