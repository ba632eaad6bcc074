"""Two pieces to play with, made of a picture and a script: no kernel, no network.

Each is a page template beside this file. Where scripts do not run, the picture and a
sentence are shown.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template
from typing import Any

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure
from torch import Tensor

from linreg.figures import COLORS, MARKERS, data_uri, to_png
from linreg.guards import guarded, instance, number, pair, sentence


def two_lines(arguments: dict[str, Any]) -> None:
    """Refuse lines that are no two finite numbers."""
    for name in ("start", "end"):
        weight, bias = arguments[name]
        number.refuse(f"{name} weight", weight)
        number.refuse(f"{name} bias", bias)


def some_captions(arguments: dict[str, Any]) -> None:
    """Refuse a moving picture that could not move."""
    if len(captions := arguments["captions"]) < 2:
        raise ValueError(f"captions: expected two or more, got {len(captions)}")


@guarded(pair("X", "y"), sentence("alt"), two_lines)
def drag_line(
    X: Tensor,
    y: Tensor,
    start: tuple[float, float],
    end: tuple[float, float],
    alt: str,
) -> None:
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
    color, marker = COLORS["train"], MARKERS["train"]
    ax.plot(X, y, marker, color=color)
    ax.set(xlabel="X (feature)", ylabel="y (label)", ylim=(-0.2, 1.4))
    pairs = zip(X.tolist(), y.tolist(), strict=True)
    show_page(
        "drag_line.html",
        fig,
        to_png(fig),
        alt,
        weight=f"{start[0]:.2f}",
        bias=f"{start[1]:.2f}",
        points=json.dumps([[round(x, 6), round(label, 6)] for x, label in pairs]),
        end=json.dumps([round(number, 6) for number in end]),
        point=color,
    )


@guarded(instance(fig=Figure), sentence("alt"), some_captions)
def play(
    fig: Figure, draw: Callable[[int], None], captions: Sequence[str], alt: str
) -> None:
    """Display one figure as a moving picture that plays, pauses and steps.

    `draw(index)` changes the figure to what it shows at `captions[index]`. `alt` says
    what can be seen in the first picture, and what happens.

    Raises:
        TypeError: `fig` is no figure, or `alt` no string.
        ValueError: there are fewer than two captions, or `alt` is blank.
    """
    pictures = []
    for index in range(len(captions)):
        draw(index)
        pictures.append(to_png(fig))
        fig.set_layout_engine("none")  # or the axes would move from frame to frame
    show_page(
        "play.html",
        fig,
        pictures[0],
        alt,
        caption=captions[0],
        captions=json.dumps(list(captions)),
        later=json.dumps([data_uri(picture) for picture in pictures[1:]]),
    )


def show_page(name: str, fig: Figure, png: bytes, alt: str, **values: str) -> None:
    """Display the template `name` with `png` as its picture, and close the figure."""
    page = Template((Path(__file__).parent / name).read_text())
    page = page.substitute(
        alt=html.escape(alt),
        width=round(fig.get_figwidth() * 100),
        picture=data_uri(png),
        **values,
    )
    plt.close(fig)
    display({"text/html": page, "text/plain": f"Figure: {alt}"}, raw=True)
