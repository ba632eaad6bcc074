"""Pieces about networks: build a curve from hinges, and stop training in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn

from linreg.figures import COLORS, MARKERS
from linreg.guards import guarded, instance, number, pair, sentence

from .lines import rounded
from .page import RUN_IT, picture, show_piece


def one_hidden_layer(arguments: dict[str, Any]) -> None:
    """Refuse a network that is no sum of hinges over one feature."""
    network = arguments["network"]
    kinds = [type(layer) for layer in network]
    if kinds != [nn.Linear, nn.ReLU, nn.Linear]:
        names = ", ".join(kind.__name__ for kind in kinds) or "no layer"
        raise ValueError(f"network: expected Linear, ReLU, Linear, got {names}")
    sizes = network[0].in_features, network[2].out_features
    if sizes != (1, 1):
        raise ValueError(f"network: expected one input and one output, got {sizes}")


def reachable(arguments: dict[str, Any]) -> None:
    """Refuse a goal that no loss can be below."""
    if arguments["goal"] <= 0:
        raise ValueError(f"goal: expected more than 0, got {arguments['goal']}")


def losses(*names: str) -> Any:
    """Return a rule that refuses lists that are no two or more finite losses each."""

    def rule(arguments: dict[str, Any]) -> None:
        lengths = [len(arguments[name]) for name in names]
        if min(lengths) < 2 or len(set(lengths)) > 1:
            given = " and ".join(map(str, lengths))
            both = " and ".join(names)
            raise ValueError(f"{both}: expected one loss per epoch each, got {given}")
        for name in names:
            for loss in arguments[name]:
                number.refuse(name, loss)

    return rule


@guarded(
    pair("X", "y"),
    instance(network=nn.Sequential),
    one_hidden_layer,
    number("goal"),
    reachable,
    sentence("alt"),
)
def hinge_builder(
    X: Tensor, y: Tensor, network: nn.Sequential, goal: float, alt: str
) -> None:
    """Display points with four hinges to move, whose sum is to follow the points.

    `X` and `y` are the points, of shape (n,) or (n, 1). Each hinge has two sliders, for
    joint and slope. Once the mean squared error of their sum is below `goal`, what
    training found is shown: `network`, a trained `nn.Sequential` of `nn.Linear(1, n)`,
    `nn.ReLU` and `nn.Linear(n, 1)`. `alt` says what the picture of the points shows.

    Raises:
        TypeError: data that are no floating-point tensors, or another kind of network,
            number or text.
        ValueError: shapes that do not match, values that are not finite, a network of
            other layers, a `goal` that is not above 0, a blank `alt`.
    """
    X, y = X.flatten(), y.flatten()
    first, _, last = network
    with torch.no_grad():
        units = torch.stack([first.weight[:, 0], first.bias, last.weight[0]], dim=1)
        loss = nn.functional.mse_loss(network(X[:, None])[:, 0], y).item()
    low, high = X.min().floor().item(), X.max().ceil().item()
    one, two = (round(low + (high - low) * part / 3) for part in (1, 2))
    question = (
        f"Hinge 1 has its joint at {one} and slope 1, hinge 2 has its joint at {two} "
        "and slope -1. Left of its joint, each is zero. What does their sum do on the "
        f"right of {two}?"
    )
    folded = {
        question: f"It stays flat, at {two - one}: the slopes add up, and 1 - 1 is 0.",
        "How close does training come?": f"To a mean squared error of {loss:.4f}.",
    }
    data = {"alt": alt, "points": rounded(X, y), "goal": goal, "question": question}
    data |= {"range": [low, high], "question_joints": [one, two]}
    data["units"] = [[round(value, 6) for value in unit] for unit in units.tolist()]
    data["bias"] = round(last.bias.item(), 6)

    fig, ax = plt.subplots()
    ax.plot(X, y, MARKERS["train"], color=COLORS["train"])
    ax.set(xlabel="X (feature)", ylabel="y (label)")
    before = picture(fig, alt, f"To build a curve through them, {RUN_IT}")
    show_piece("hinge_builder", alt, data, before, folded)


@guarded(losses("training", "validation"), sentence("alt"))
def stop_here(training: Sequence[float], validation: Sequence[float], alt: str) -> None:
    """Display the training loss epoch by epoch, until the reader stops the training.

    Then the validation loss is uncovered. `training` and `validation` are the mean
    squared errors of both parts, one for each epoch. `alt` says what the picture of
    the training loss shows.

    Raises:
        TypeError: a loss that is no number, or another kind of text.
        ValueError: lists of different lengths or of fewer than two losses, a loss that
            is not finite, a blank `alt`.
    """
    both = {"training": training, "validation": validation}
    data = {name: [round(loss, 6) for loss in part] for name, part in both.items()}
    best = min(range(len(validation)), key=validation.__getitem__)
    folded = {
        "Where do you stop, if you see no more than this?": (
            f"The validation loss is lowest in epoch {best}, at "
            f"{validation[best]:.4f}, and ends at {validation[-1]:.4f}. The training "
            "loss alone does not tell."
        )
    }
    fig, ax = plt.subplots()
    ax.plot(training, color=COLORS["train"])
    ax.set(xlabel="epoch", ylabel="mean squared error", ylim=0)
    before = picture(fig, alt, f"To stop the training yourself, {RUN_IT}")
    show_piece("stop_here", alt, {"alt": alt, **data}, before, folded)
