"""Pieces about the line and its loss: move it, and walk it downhill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from linreg.figures import COLORS, MARKERS
from linreg.guards import guarded, number, pair, same_shape, sentence

from .page import RUN_IT, picture, show_piece

Place = tuple[float, float]
LOSSES = {"MAE": nn.L1Loss(), "MSE": nn.MSELoss()}
WEIGHTS = torch.linspace(-1, 2, 61, dtype=torch.float64)  # the map, and the sliders
BIASES = torch.linspace(-0.5, 1.5, 41, dtype=torch.float64)


def two_numbers(*names: str) -> Any:
    """Return a rule that refuses lines that are no two finite numbers."""

    def rule(arguments: dict[str, Any]) -> None:
        for name in names:
            weight, bias = arguments[name]
            number.refuse(f"{name} weight", weight)
            number.refuse(f"{name} bias", bias)

    return rule


def positive(*names: str) -> Any:
    """Return a rule that refuses what is no number above 0, or no row of them."""

    def rule(arguments: dict[str, Any]) -> None:
        for name in names:
            given = arguments[name]
            for value in given if isinstance(given, Sequence) else [given]:
                number.refuse(name, value)
                if value <= 0:
                    raise ValueError(f"{name}: expected more than 0, got {value}")

    return rule


@guarded(pair("X", "y"), sentence("alt"), two_numbers("start", "end"))
def drag_line(X: Tensor, y: Tensor, start: Place, end: Place, alt: str) -> None:
    """Display points with a line to move by two sliders, and its mean absolute error.

    `X` and `y` are the points, of shape (n,). `start` and `end` are weight and bias of
    the line at first, to two decimals, and of the line where training ends. `alt` says
    what the picture of the points shows.

    Raises:
        TypeError: data that are no floating-point tensors; a number or a text of
            another kind.
        ValueError: shapes that do not match, values that are not finite, a blank `alt`.
    """
    fig, ax = plt.subplots()
    draw_points(ax, X, y)
    ax.set_ylim(-0.2, 1.4)
    data = {"points": rounded(X, y), "start": start, "end": numbers(end), "alt": alt}
    sentence = f"To move the line yourself, {RUN_IT}"
    show_piece("drag_line", alt, data, picture(fig, alt, sentence))


@guarded(pair("X", "y"), sentence("alt"), two_numbers("start", "end"))
def drag_on_map(X: Tensor, y: Tensor, start: Place, end: Place, alt: str) -> None:
    """Display the line to move, and with it a dot that moves on the map of the loss.

    The arguments are those of `drag_line`; a star on the map marks `end`.

    Raises:
        TypeError: data that are no floating-point tensors; a number or a text of
            another kind.
        ValueError: shapes that do not match, values that are not finite, a blank `alt`.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    draw_points(left, X, y, start)
    ground = rings(X, y, end)
    draw_map(right, ground)
    right.plot(*start, "o", color=COLORS["train"], markersize=9)
    data = {"points": rounded(X, y), "start": start, "end": numbers(end), "alt": alt}
    sentence = f"To move the line and the dot yourself, {RUN_IT}"
    show_piece("drag_line", alt, data | {"map": ground}, picture(fig, alt, sentence))


@guarded(pair("X", "y"), sentence("alt"), two_numbers("start"), positive("within"))
def which_way(
    X: Tensor, y: Tensor, start: Place, alt: str, within: float = 0.002
) -> None:
    """Display the line and its loss against the weight, to walk down in six steps.

    The reader says first which way the weight has to go. Then each step goes against
    the slope of the mean absolute error, by a learning rate to choose. `start` is
    weight and bias at first; the bias stays. The goal is a loss at most `within` above
    the lowest that the weight alone can reach. The rest is as in `drag_line`.

    Raises:
        TypeError: data that are no floating-point tensors; a number or a text of
            another kind.
        ValueError: shapes that do not match, values that are not finite, a `within`
            that is not positive, a blank `alt`.
    """
    weight, bias = start
    weights = torch.linspace(weight - 0.5, weight + 1, 100)
    losses = [LOSSES["MAE"](w * X + bias, y).item() for w in weights]
    here = LOSSES["MAE"](weight * X + bias, y).item()
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    draw_points(left, X, y, start)
    right.plot(weights, losses, color="black")
    right.plot(weight, here, "o", color=COLORS["train"], markersize=9)
    right.set(xlabel="weight", ylabel="mean absolute error")
    slope = (((weight * X + bias) - y).sign() * X).mean().item()
    way = "larger" if slope < 0 else "smaller"
    folded = {
        "Which way must the weight go, so that the dot comes down?": "It must get "
        f"{way}: the slope at the dot is {slope:.2f}, and a step goes against it."
    }
    data = {"points": rounded(X, y), "start": numbers(start), "within": within}
    sentence = f"To say which way, and walk down yourself, {RUN_IT}"
    before = picture(fig, alt, sentence)
    show_piece("which_way", alt, data | {"alt": alt}, before, folded)


@guarded(
    pair("X", "y"),
    same_shape("y", "y_noisy"),
    sentence("alt"),
    two_numbers("start"),
    positive("rates"),
)
def rate_lab(
    X: Tensor,
    y: Tensor,
    y_noisy: Tensor,
    start: Place,
    alt: str,
    rates: Sequence[float] = (0.05, 0.75, 0.9),
) -> None:
    """Display map, line and loss of one walk downhill, whose learning rate is chosen.

    For each of the `rates`, the reader says first whether it settles, bounces or
    explodes, sees 40 steps and is told; then any rate may be tried, to arrive in the
    fewest steps. The loss is MAE or MSE, and the labels are `y` or `y_noisy`. `start`
    is weight and bias at first. The rest is as in `drag_line`.

    Raises:
        TypeError: data that are no floating-point tensors; a number or a text of
            another kind.
        ValueError: shapes that do not match, values that are not finite, a rate that is
            not positive, a blank `alt`.
    """
    grounds, folded = {}, {}
    for labels, noise in ((y, ""), (y_noisy, " with noise")):
        for kind in LOSSES:
            lowest = lowest_place(X, labels, kind)
            ground = rings(X, labels, lowest, kind)
            floor = round(loss_at(kind, lowest, X, labels), 6)
            points = {"points": rounded(X, labels), "floor": floor}
            grounds[f"{kind}{noise}"] = ground | points
    fig, ax = plt.subplots()
    draw_map(ax, grounds["MAE"])
    styles = list(zip(["-o", "--s", ":^"], COLORS.values(), strict=True))
    for kind in LOSSES:
        ends = []
        for index, rate in enumerate(rates):
            path = walk(X, y, start, rate, kind)
            ends.append(f"{loss_at(kind, path[-1], X, y):.2g} with rate {rate}")
            if kind == "MAE":
                style, color = styles[index % 3]
                places = zip(*path, strict=True)
                ax.plot(*places, style, color=color, markersize=4, label=rate)
        begin = loss_at(kind, start, X, y)
        question = f"How large is the {kind} after 40 steps with each rate?"
        folded[question] = f"{begin:.2g} at the start; {', '.join(ends)}."
    ax.legend(title="rate")
    ax.set(xlim=(-1, 2), ylim=(-0.5, 1.5))
    data = {"grounds": grounds, "start": numbers(start), "rates": list(rates)}
    sentence = f"To say what a rate will do, and try your own, {RUN_IT}"
    before = picture(fig, alt, sentence)
    show_piece("rate_lab", alt, data | {"alt": alt}, before, folded)


def draw_points(ax: Axes, X: Tensor, y: Tensor, line: Place | None = None) -> None:
    """Draw the points, and a line over them."""
    ax.plot(X, y, MARKERS["train"], color=COLORS["train"])
    if line is not None:
        ax.axline((0, line[1]), slope=line[0], color=COLORS["prediction"])
    ax.set(xlabel="X (feature)", ylabel="y (label)")


def draw_map(ax: Axes, ground: dict[str, Any]) -> None:
    """Draw rings of equal loss round a star."""
    for ring in ground["rings"]:
        ax.plot(*zip(*ring, strict=True), color="#767676", linewidth=1)
    ax.plot(*ground["lowest"], "*", color="black", markersize=14)
    ax.set(xlabel="weight", ylabel="bias")


def rings(X: Tensor, y: Tensor, lowest: Place, kind: str = "MAE") -> dict[str, Any]:
    """Return rings of equal loss, to three decimals, and the lowest place.

    The heights of the rings double, from a sixteenth of the way up to the whole way.
    """
    east, north = WEIGHTS.reshape(1, -1, 1), BIASES.reshape(-1, 1, 1)
    errors = east * X.double() + north - y.double()
    heights = (errors.abs() if kind == "MAE" else errors.square()).mean(dim=2)
    floor = loss_at(kind, lowest, X, y)
    levels = [floor + (heights.max().item() - floor) / 2**n for n in range(5, 0, -1)]
    fig, ax = plt.subplots()
    drawn = ax.contour(WEIGHTS, BIASES, heights, levels=levels).allsegs
    plt.close(fig)
    lines = [line for level in drawn for line in level]
    return {
        "rings": [[numbers(place, 3) for place in line.tolist()] for line in lines],
        "lowest": numbers(lowest),
    }


def lowest_place(X: Tensor, y: Tensor, kind: str) -> Place:
    """Return weight and bias with the lowest loss.

    For the MSE, by least squares. The lowest MAE is always met by a line through two
    of the points, so each such line is tried.
    """
    X, y = X.double(), y.double()
    if kind == "MSE":
        table = torch.stack([X, torch.ones_like(X)], dim=1)
        return tuple(torch.linalg.lstsq(table, y.unsqueeze(1)).solution[:, 0].tolist())
    one, other = torch.combinations(torch.arange(len(X))).T
    differ = X[one] != X[other]
    one, other = one[differ], other[differ]
    weights = (y[other] - y[one]) / (X[other] - X[one])
    biases = y[one] - weights * X[one]
    losses = (weights.outer(X) + biases.unsqueeze(1) - y).abs().mean(dim=1)
    best = losses.argmin()
    return weights[best].item(), biases[best].item()


def walk(X: Tensor, y: Tensor, start: Place, rate: float, kind: str) -> list[Place]:
    """Return the places of 40 steps of gradient descent, in float64.

    Where a path bounces, the last bits of float32 might decide on which side it lands.
    """
    X, y = X.double(), y.double()
    line = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([line], lr=rate)
    path = [tuple(line.tolist())]
    for _ in range(40):
        optimizer.zero_grad()
        LOSSES[kind](line[0] * X + line[1], y).backward()
        optimizer.step()
        path.append(tuple(line.tolist()))
    return path


def loss_at(kind: str, place: Place, X: Tensor, y: Tensor) -> float:
    """Return the loss of the line with weight and bias `place`."""
    return LOSSES[kind](place[0] * X + place[1], y).item()


def rounded(X: Tensor, y: Tensor) -> list[list[float]]:
    """Return the points as pairs of numbers with six decimals."""
    return [numbers(point) for point in zip(X.tolist(), y.tolist(), strict=True)]


def numbers(values: Sequence[float], decimals: int = 6) -> list[float]:
    """Return numbers as they are written into a piece."""
    return [round(value, decimals) for value in values]
