"""Check the exercises of lesson 08: bends, joints, patience, and a loop with modes."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, call, compare, expect, normal
from checks.records import Lesson
from checks.training import lopsided, verify_training

lesson = Lesson(__file__)

bend = lesson.function(
    "bend",
    {
        "tensor([-90, -0.5, 0, 0.5, 90])": (torch.tensor([-90, -0.5, 0, 0.5, 90]),),
        "a table of shape (4, 3)": (normal(4, 3),),
        "tensor(-0.2)": (torch.tensor(-0.2),),
    },
)
network_size = lesson.number("network_size")
joint = lesson.number("joint")


@lesson.exercise
def absolute(attempt: Any) -> None:
    """Linear, ReLU, Linear, with two hidden units, which give |x| from -40 to 40."""
    model = absolute.call(attempt)
    expect(model, "Return the `nn.Sequential` with three layers.", nn.Sequential)
    kinds = [type(layer).__name__ for layer in model]
    if kinds != ["Linear", "ReLU", "Linear"]:
        raise WrongError(f"its layers are {kinds}", "Linear, then ReLU, then Linear.")
    if model[0].out_features != 2:
        hint = "Two hinges are enough: one for each side."
        raise WrongError(f"it has {model[0].out_features} hidden units", hint)
    places = [-40, -3, -0.5, 0, 0.5, 3, 40]
    X = torch.tensor(places, dtype=model[0].weight.dtype).unsqueeze(1)
    unbiased = copy.deepcopy(model)
    for layer in (unbiased[0], unbiased[2]):
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    mistakes = [(wrong().to(X)(X), text) for wrong, text in absolute.mistakes]
    hint = absolute.hint
    if torch.allclose(call(unbiased, X), X.abs(), rtol=0, atol=1e-4):
        hint = "The weights are right. The biases began at random: make them zero."
    result = call(model, X).detach()
    compare(result, X.abs(), "numbers from -40 to 40", mistakes, hint=hint)


runs = [
    ([5.5, 3.5, 4.5, 4.5, 1.5, 2.5, 2.5, 2.5, 0.5], 2),
    ([5.5, 3.5, 4.5, 4.5, 1.5], 3),
    ([0.9, 0.7, 0.8, 0.5, 0.6, 0.3, 0.4], 2),
    ([1.5, 2.5, 3.5], 1),
    ([3.5, 2.5, 1.5], 2),
    ([2.5, 2.5, 2.5, 4.5, 1.5], 3),
    ([9.5, 4.5, 6.5, 5.5, 7.5, 3.5], 4),
    ([4.5, 1.5, 3.5, 2.5, 5.5], 3),
]
best_epoch = lesson.function(
    "best_epoch", {f"{run[0]} and a patience of {run[1]}": run for run in runs}
)


class Halved(nn.Module):
    """Pass on half of what comes in while training, and all of it otherwise."""

    def forward(self, X: Tensor) -> Tensor:
        """Return X, or half of it."""
        return X / 2 if self.training else X


@lesson.exercise
def train_and_validate(attempt: Any) -> None:
    """Losses and parameters come out as ours, whatever mode the model begins in."""
    X = normal(12, 1)
    y = 3 * X + 1
    parts = X[:8], y[:8], X[8:], y[8:]

    def network() -> nn.Module:
        return nn.Sequential(nn.Linear(1, 1), Halved())

    cases = {"3 epochs": (network, lopsided, torch.optim.SGD)}
    given = "3 epochs of a model in evaluation mode"
    cases[given] = lambda: network().eval(), nn.MSELoss(), torch.optim.Adam
    verify_training(train_and_validate, attempt, cases, parts, 3)
