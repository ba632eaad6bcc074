"""Check the exercises of lesson 05: a saved model, and training from start to end."""

import math
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from checks import core
from checks.core import WrongError, call, compare, exercise, expect, new_line


@exercise("The class stays in your code; only the numbers are in the file.")
def save_and_load(attempt: Any) -> None:
    model = new_line()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
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
    hint = "Make a model, load the state dict into it, and return the model."
    expect(loaded, hint, nn.Module)
    if set(saved) != {"weight", "bias"}:
        raise WrongError("the file is no state dict", "Save `model.state_dict()`.")
    X = core.normal(4)
    hint = "`load_state_dict` puts the numbers from the file into the fresh model."
    compare(call(loaded, X), model(X), core.show(X), hint=hint)


@exercise("You have just trained a model on data you knew nothing about.")
def find_line(attempt: Any) -> None:
    X = torch.rand(100, generator=torch.Generator().manual_seed(7))
    model = call(attempt, X, -1.2 * X + 0.4, patience=12)
    expect(model, "Return the trained model.", nn.Module)
    for name, true in [("weight", -1.2), ("bias", 0.4)]:
        value = getattr(model, name, torch.tensor(math.nan)).item()
        mistakes = [(0.7, "Use the points that are given, not our old ones.")]
        hint = "More epochs? A schedule that shrinks the steps? The right parameters?"
        given = f"100 points of another line, as {name}"
        compare(value, true, given, mistakes, tolerance=0.02, hint=hint)
