"""A moving picture that plays, pauses and steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure

from linreg.figures import data_uri, to_png
from linreg.guards import guarded, instance, sentence

from .page import RUN_IT, picture, show_piece


def some_captions(arguments: dict[str, Any]) -> None:
    """Refuse a moving picture that could not move."""
    if len(captions := arguments["captions"]) < 2:
        raise ValueError(f"captions: expected two or more, got {len(captions)}")


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
    later = [data_uri(png) for png in pictures[1:]]
    sentence = f"{captions[0]} To see it move, {RUN_IT}"
    data = {"captions": list(captions), "later": later}
    show_piece("play", alt, data, picture(fig, alt, sentence, pictures[0]))
