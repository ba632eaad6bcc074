"""Pieces about the line and its loss: move it, and walk it downhill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from linreg.figures import COLORS, MARKERS
from linreg.guards import guarded, number, pair, same_shape, sentence

from .page import RUN_IT, picture, show_piece

Place = tuple[float, float]
LOSSES = {"MAE": torch.abs, "MSE": torch.square}  # of which the mean is taken
NAMES = {"MAE": "mean absolute error", "MSE": "mean squared error"}
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
    draw_points(ax, X, y, start)
    ax.vlines(X, y, start[0] * X + start[1], color="#767676", linewidth=1)
    ax.set_ylim(-0.2, 1.4)
    data = {"points": rounded(X, y), "start": start, "end": numbers(end), "alt": alt}
    off = f"{loss_at('MAE', start, X, y):.4f}"
    sentence = f"Mean absolute error {off}. To move the line yourself, {RUN_IT}"
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
    meeting = ((y - bias) / X)[X != 0].tolist()  # with the bias held, one is the lowest
    goal = min(loss_at("MAE", (w, bias), X, y) for w in meeting) + within
    weights = torch.linspace(weight - 0.5, weight + 1, 100).tolist()
    here = loss_at("MAE", start, X, y)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    draw_points(left, X, y, start)
    right.plot(weights, [loss_at("MAE", (w, bias), X, y) for w in weights], "k-")
    right.axhline(goal, color="#767676", linestyle="--", label="goal")
    right.plot(weight, here, "o", color=COLORS["train"], markersize=9)
    right.set(xlabel="weight", ylabel="mean absolute error")
    right.legend(loc="upper center")
    slope = slopes_at("MAE", torch.tensor([start]), X, y)[0, 0].item()
    way = "larger" if slope < 0 else "smaller"
    ends = []
    for rate in (0.05, 1, 5):
        places = walk(X, y, start, [rate], "MAE", 6, held=True)[:, 0].tolist()
        losses = [loss_at("MAE", place, X, y) for place in places]
        steps = next((i for i, loss in enumerate(losses) if loss <= goal), 6)
        ends.append(f"rate {rate} leads to {losses[steps]:.4f} in {steps}")
    folded = {
        "Which way must the weight go, so that the dot comes down?": "It must get "
        f"{way}: the slope at the dot is {slope:.2f}, and a step goes against it.",
        "Which learning rate reaches the dashed line within six steps?": "The line is "
        f"at {goal:.4f}. From {here:.4f}, {', '.join(ends)}.",
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
    rates: Sequence[float] = (0.1, 0.75, 0.9),
) -> None:
    """Display map, line and loss of one walk downhill, whose learning rate is chosen.

    For each of the `rates`, the reader says first whether the loss settles, bounces or
    explodes, sees 100 steps and is told; then any rate may be tried, to arrive in the
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
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.6))
    for ax, kind in zip(axes, LOSSES, strict=True):
        draw_map(ax, grounds[kind])
        ax.plot(*start, "o", color=COLORS["train"], markersize=9)
        ax.set(title=NAMES[kind])
        folded |= what_rates_do(X, y, start, rates, kind)
    data = {"grounds": grounds, "start": numbers(start), "rates": list(rates)}
    sentence = (
        "To say what each rate will do in 100 steps from the dot, and to try your own, "
        f"{RUN_IT}"
    )
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
    places = torch.stack(torch.meshgrid(WEIGHTS, BIASES, indexing="xy"), dim=2)
    heights = losses_at(kind, places, X, y)
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


def what_rates_do(
    X: Tensor, y: Tensor, start: Place, rates: Sequence[float], kind: str
) -> dict[str, str]:
    """Return two questions about walks with some rates, and their answers."""
    losses = losses_at(kind, walk(X, y, start, rates, kind, 100), X, y)
    rises = (losses[-10:] - losses[-11:-1] > 0.0001).sum(dim=0).tolist()
    does = [{0: "settles", 10: "explodes"}.get(n, "bounces") for n in rises]
    done = [
        f"rate {rate} {word} (it is {loss:.2g} after 100 steps)"
        for rate, word, loss in zip(rates, does, losses[-1].tolist(), strict=True)
    ]
    all_rates = [n / 100 for n in range(1, 101)]
    losses = losses_at(kind, walk(X, y, start, all_rates, kind, 100), X, y)
    there = losses <= losses[0] / (20 if kind == "MAE" else 400)
    needed = torch.where(there.any(dim=0), there.int().argmax(dim=0), 101).tolist()
    fewest, best = min(zip(needed, all_rates, strict=True))
    return {
        f"What does each rate do with the {NAMES[kind]}?": "From "
        f"{losses[0, 0]:.2g} at the start, {', '.join(done)}.",
        f"Which rate brings the {NAMES[kind]} down in the fewest steps?": "Of the "
        f"rates from 0.01 to 1, {best}: after {fewest} steps, the errors are down to a "
        "twentieth.",
    }


def walk(
    X: Tensor,
    y: Tensor,
    start: Place,
    rates: Sequence[float],
    kind: str,
    steps: int,
    held: bool = False,
) -> Tensor:
    """Return the places of gradient descent with each of the rates, in float64.

    The shape is (steps + 1, number of rates, 2). With `held`, the bias stays.
    In float32, the last bits might decide on which side a path that bounces lands.
    """
    place = torch.tensor([start] * len(rates), dtype=torch.float64)
    by = torch.tensor(rates, dtype=torch.float64).unsqueeze(1)
    by = by * torch.tensor([1, 0 if held else 1])
    path = [place]
    for _ in range(steps):
        path.append(path[-1] - by * slopes_at(kind, path[-1], X, y))
    return torch.stack(path)


def slopes_at(kind: str, places: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Return the slopes of the loss for weight and bias, at places of shape (n, 2)."""
    errors = places[:, :1] * X.double() + places[:, 1:] - y.double()
    pulls = errors.sign() if kind == "MAE" else 2 * errors
    return torch.stack([(pulls * X).mean(dim=1), pulls.mean(dim=1)], dim=1)


def losses_at(kind: str, places: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Return the losses of the lines with weight and bias `places`, (..., 2)."""
    errors = places[..., :1] * X.double() + places[..., 1:] - y.double()
    return LOSSES[kind](errors).mean(dim=-1)


def loss_at(kind: str, place: Place, X: Tensor, y: Tensor) -> float:
    """Return the loss of the line with weight and bias `place`, in float64."""
    return losses_at(kind, torch.tensor(place, dtype=torch.float64), X, y).item()


def rounded(X: Tensor, y: Tensor) -> list[list[float]]:
    """Return the points as pairs of numbers with six decimals."""
    return [numbers(point) for point in zip(X.tolist(), y.tolist(), strict=True)]


def numbers(values: Sequence[float], decimals: int = 6) -> list[float]:
    """Return numbers as they are written into a piece."""
    return [round(value, decimals) for value in values]
