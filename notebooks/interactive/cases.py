"""The cases of the curve clinic: trainings that go wrong, with the lines to look by.

Each case is really trained, in float64 and from fixed numbers, and each line is really
run on what is left then. So what the clinic says that a line prints is what it prints.
"""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from linreg import LinearRegressionModel, predict

Names = dict[str, Any]
CASES = []

SHAPES = "print(model(X).shape, y.shape)"
PARAMETERS = "print([name for name, _ in model.named_parameters()])"
RATE = 'print(optimizer.param_groups[0]["lr"])'
NO_GRADIENT = "print(model.bias.grad is None)"
HELD = 'print(optimizer.param_groups[0]["params"][0] is model.weight)'
SCALE = 'print(f"mean {X.mean():.0f}, spread {X.std():.0f}")'
COMMON = "print(torch.isin(X_test, X).any().item())"
MODE = "print(model.training)"


@dataclass(frozen=True)
class Case:
    """A training that goes wrong, and four lines to print, the right one first."""

    train: Callable[[], Names]
    section: str
    look: str
    story: str
    lines: dict[str, str]

    def run(self) -> tuple[Names, list[str]]:
        """Train, and return what is left, losses and all, and what each line prints."""
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(37)
            names = {"math": math, "torch": torch, "predict": predict} | self.train()
            return names, [printed(line, names) for line in self.lines]


def case(section: str, look: str, story: str, lines: dict[str, str]) -> Callable:
    """Return a decorator that makes a case of a training."""

    def keep(train: Callable[[], Names]) -> Callable[[], Names]:
        CASES.append(Case(train, section, look, story, lines))
        return train

    return keep


def printed(line: str, names: Names) -> str:
    """Run a line, and return what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(line, names)
    return out.getvalue().strip()


def points(n_points: int = 40) -> tuple[Tensor, Tensor]:
    """Return points on the line of the first lessons."""
    X = torch.linspace(0, 1, n_points, dtype=torch.float64)
    return X, 0.7 * X + 0.3


def line(
    weight: float = -0.5, bias: float = 1.0, kind: type = LinearRegressionModel
) -> nn.Module:
    """Return an untrained line."""
    model = kind().double()
    with torch.no_grad():
        model.weight.fill_(weight)
        model.bias.fill_(bias)
    return model


def network(inputs: int = 1, dropout: float = 0.0) -> nn.Module:
    """Return a network with one hidden layer."""
    first = nn.Linear(inputs, 50, dtype=torch.float64)
    last = nn.Linear(50, 1, dtype=torch.float64)
    return nn.Sequential(first, nn.ReLU(), nn.Dropout(dropout), last)


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    lr: float = 0.1,
    epochs: int = 120,
    loss_fn: nn.Module | None = None,
    trained: nn.Module | None = None,
    clear: bool = True,
) -> Names:
    """Train by SGD without any check, and return what is left afterwards."""
    loss_fn = loss_fn or nn.MSELoss()
    optimizer = torch.optim.SGD((trained or model).parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(X), y)
        if clear:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    names = {"model": model, "optimizer": optimizer, "loss_fn": loss_fn}
    return names | {"X": X, "y": y, "losses": losses}


def fit_network(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    X_test: Tensor,
    y_test: Tensor,
    lr: float = 0.01,
    epochs: int = 120,
    measure: Callable = predict,
) -> Names:
    """Train by Adam, measure the test loss in each epoch, and return what is left."""
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses, test_losses = [], []
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        test_losses.append(loss_fn(measure(model, X_test), y_test).item())
    names = {"model": model, "optimizer": optimizer, "loss_fn": loss_fn, "X": X, "y": y}
    names |= {"X_test": X_test, "y_test": y_test}
    return names | {"losses": losses, "test_losses": test_losses}


@case(
    "4 Shapes that almost match",
    "The loss falls for some epochs, and then stays high above zero.",
    "The labels come from a table, as a column. Before the first epoch, there was a "
    "warning, and you have scrolled past it.",
    {
        SHAPES: "A row minus a column gives 40 times 40 differences, and the best "
        "answer to those is a flat line. Give both the same shape.",
        PARAMETERS: "Both numbers are parameters, so both are trained. The question "
        "is what they are compared with.",
        NO_GRADIENT: "The bias has a gradient, so nothing is cut there.",
        RATE: "A usual rate. Faster steps would reach the same level sooner.",
    },
)
def shapes() -> Names:
    """Train on labels that come as a column."""
    X, y = points()
    return fit(line(), X, y[:, None])


@case(
    "6 The loss explodes",
    "The loss rises: slowly, as it seems, and then it shoots out of the picture.",
    "You have measured forty rods and typed in their lengths, as they stood on the "
    "ruler.",
    {
        SCALE: "Centimetres: numbers that are far from 0 and far apart. Errors and "
        "features are both large, so the gradient is larger still, and each step leaps "
        "over the valley. Standardize the feature.",
        RATE: "It looks tiny, and still it is too large here. What is large depends on "
        "the feature.",
        SHAPES: "They match, so each prediction meets its own label.",
        PARAMETERS: "Both numbers are trained. A forgotten one makes no loss explode.",
    },
)
def explodes() -> Names:
    """Train on a feature in centimetres."""
    X, y = points()
    return fit(line(0, 0), 100 * X, y, lr=0.0004, epochs=10)


@case(
    "1 The optimizer holds another model",
    "A flat line: the loss is the same in each epoch.",
    "You changed the model and ran its cell again. Then you ran the cell with the "
    "training loop. There was no error.",
    {
        HELD: "The optimizer holds the model from before, and moves numbers that "
        "nobody uses. Build it after the model, in the same cell.",
        NO_GRADIENT: "There is a gradient, so the way back is open. Who uses it?",
        PARAMETERS: "Both numbers are parameters. That does not say who trains them.",
        RATE: "A usual rate. Even a tiny one would change the last digits.",
    },
)
def another_model() -> Names:
    """Train with the optimizer of another line."""
    return fit(line(), *points(), trained=line())


@case(
    "10 Better in the test than in training",
    "Both losses fall. The one on test points, dashed, is the lower one.",
    "Your network has dropout. Epoch after epoch, it does better on points that it has "
    "never seen than on those that it learns from.",
    {
        "print(round(losses[-1], 3), round(loss_fn(predict(model, X), y).item(), 3))": (
            "The same training points: first as in the loop, with half of the units "
            "off, and then with all of them. Compare both losses in the same mode."
        ),
        COMMON: "No test point is among the training points, so nothing has leaked.",
        "print(len(X), len(X_test))": "Both losses are means, so the number of "
        "points alone makes neither of them lower.",
        MODE: "As it should be in the loop, and predict() turns it off to measure. "
        "What would the training points get without dropout?",
    },
)
def better_in_the_test() -> Names:
    """Train a network with dropout, and measure it without."""
    X, y = points(60)
    X, y = X[:, None], y[:, None]
    test = torch.arange(60) % 3 == 1
    return fit_network(network(dropout=0.5), X[~test], y[~test], X[test], y[test])


@case(
    "7 The loss crawls",
    "The loss drops at once to a level above zero, and stays there.",
    "The feature is a year, from 2000 to 2020. With larger steps the loss explodes, "
    "and with these it gets nowhere.",
    {
        'print(f"{torch.linalg.cond(torch.stack([X, X**0], dim=1)):.0e}")': (
            "The condition number, and it is huge: the valley is so narrow that steps "
            "short enough for its sides hardly move along it. Standardize the feature."
        ),
        RATE: "Tiny, and still three times as much explodes. So the rate is not free: "
        "something about the feature holds it down.",
        SHAPES: "They match, so each prediction meets its own label.",
        NO_GRADIENT: "The bias has a gradient, and it is no help: its steps are short.",
    },
)
def years() -> Names:
    """Train on a feature that is far from zero for its spread."""
    X, y = points()
    return fit(line(0), 2_000 + 20 * X, y, lr=1e-7)


@case(
    "8 Gradients that pile up",
    "The loss swings up and down in large waves, and they do not fade.",
    "You wrote the loop from memory. Here, gradient() is one pass of your loop up to "
    "the step, and returns the gradient of the weight.",
    {
        "print(gradient(), gradient())": "Twice the same points, and twice the "
        "gradient: nothing clears it, so each step uses the sum of all. Call "
        "optimizer.zero_grad() once for each step.",
        RATE: "The rate of lesson 04, where the loss falls with it.",
        HELD: "The optimizer holds the weight of this model, and it moves it.",
        SHAPES: "They match, so each prediction meets its own label.",
    },
)
def pile_up() -> Names:
    """Train without zero_grad()."""
    X, y = points()
    left = fit(line(), X, y, 0.01, 300, nn.L1Loss(), clear=False)
    fresh = line()

    def gradient() -> float:
        left["loss_fn"](fresh(X), y).backward()
        return round(fresh.weight.grad.item(), 3)

    return left | {"gradient": gradient}


class PlainLine(nn.Module):
    """A line whose weight is a plain tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.ones(1, dtype=torch.float64)
        self.bias = nn.Parameter(torch.ones(1))

    def forward(self, X: Tensor) -> Tensor:
        """Predict labels for X, of shape (n,)."""
        return self.weight * X + self.bias


@case(
    "2 A parameter that is missing",
    "The loss falls for some epochs, and then stays above zero.",
    "You wrote the line as a class of your own, with a weight, a bias and a forward().",
    {
        PARAMETERS: "The weight is missing: it is a plain tensor, so nobody trains it. "
        "Make it an nn.Parameter.",
        SHAPES: "They match, so each prediction meets its own label.",
        NO_GRADIENT: "The bias has its gradient. That says nothing about the weight.",
        RATE: "A usual rate. Faster steps would reach the same level sooner.",
    },
)
def plain() -> Names:
    """Train a line with only one parameter."""
    return fit(line(bias=1.5, kind=PlainLine), *points())


@case(
    "5 A fixed step",
    "The loss falls almost to zero, and then jumps up and down in a band.",
    "The labels lie exactly on a line. You minimize the mean absolute error, on all "
    "points at once, at a fixed learning rate.",
    {
        'print(f"{model.bias.grad.abs().item():.1f}")': "As steep as far away "
        "from the goal. On exact labels, the gradient of this loss does not fade, so a "
        "fixed step leaps over the goal, back and forth. Make the steps shorter and "
        "shorter.",
        'print([f"{loss:.3f}" for loss in losses[::50]])': "Every fiftieth loss: the "
        "jumps between them are hidden. Neighbouring epochs show them.",
        "print(math.isfinite(losses[-1]))": "It is a number, and a small one. Nothing "
        "explodes here.",
        SHAPES: "They match, so each prediction meets its own label.",
    },
)
def fixed_step() -> Names:
    """Train by steps that do not get shorter."""
    return fit(line(), *points(), 0.05, 201, nn.L1Loss())


@case(
    "11 Too good to be true",
    "Both losses fall almost to zero, the one on test points, dashed, as well.",
    "The labels are pure chance, so nobody can predict them. Your network can, even on "
    "the test points.",
    {
        "print(torch.isin(X_test[:, 0], X[:, 0]).sum().item(), len(X_test))": (
            "So many of the test rows are also in training: each row was in the table "
            "three times. Remove the copies before you split."
        ),
        "print(sum(p.numel() for p in model.parameters()))": "Enough numbers to learn "
        "the training rows by heart. That explains one loss, and not the other.",
        RATE: "It sets how fast a loss falls. It does not let anybody predict chance.",
        SHAPES: "They match, so each prediction meets its own label.",
    },
)
def too_good() -> Names:
    """Train on chance, with copies of the rows in the test set."""
    rows = torch.rand(30, 8, dtype=torch.float64) - 0.5
    labels = torch.rand(30, 1, dtype=torch.float64) - 0.5
    rows, labels = rows.repeat(3, 1), labels.repeat(3, 1)
    order = torch.randperm(90)
    train, test = order[:70], order[70:]
    parts = rows[train], labels[train], rows[test], labels[test]
    return fit_network(network(8), *parts, lr=0.02, epochs=150)


@case(
    "9 The wrong mode",
    "The loss on test points, dashed, jumps in each epoch, and so does the other.",
    "Your network has dropout, and training is almost over: it hardly changes any "
    "more. You measure it on the same test points after each epoch.",
    {
        MODE: "It should be False when you measure: dropout is still on and switches "
        "off other units each time. Begin each measurement with model.eval().",
        RATE: "So small that the parameters hardly move. Something else jumps.",
        COMMON: "No test point is among the training points. A leak makes a loss low, "
        "and it does not make it jump.",
        SHAPES: "They match, so each prediction meets its own label.",
    },
)
def wrong_mode() -> Names:
    """Measure a network with its dropout still on."""
    parts = [part[:, None] for part in (*points(40), *points(21))]
    parts[2] = parts[2] * 0.9 + 0.05
    parts[3] = 0.7 * parts[2] + 0.3
    model = network(dropout=0.5)
    fit_network(model, *parts, epochs=200)
    return fit_network(model, *parts, 1e-6, 60, lambda model, X: model(X))
