"""The pages of the pieces to play with: what is in them, and what is refused."""

import math

import matplotlib.pyplot as plt
import pytest
import torch

import interactive
from compare import figures, pictures

TEN = torch.linspace(0, 1, 10)
POINTS = {"X": TEN, "y": 0.7 * TEN + 0.3, "alt": "Ten points on a line."}
LINES = {"start": (-0.5, 1.0), "end": (0.7, 0.3)}
T, V = TypeError, ValueError


def drag(**changes) -> None:
    interactive.drag_line(**POINTS | LINES | changes)


def play(captions=("one", "two", "three"), alt="A bar that grows.", fig=None) -> None:
    own_fig, ax = plt.subplots()
    (bar,) = ax.bar(["a"], [1])
    ax.set_ylim(0, 5)
    interactive.play(fig or own_fig, bar.set_height, captions, alt)


def test_pages_hold_points_to_six_decimals_and_a_frame_for_each_caption(monkeypatch):
    seen = []
    monkeypatch.setattr(interactive, "display", lambda d, raw: seen.append({"data": d}))
    drag()
    drag()
    play()
    assert seen[0] == seen[1]
    line, bar = (output["data"]["text/html"] for output in seen[1:])
    for part in (
        "[0.111111, 0.377778]",
        'value="-0.50"',
        'value="1.00"',
        "[0.7, 0.3])",
    ):
        assert part in line
    ((alt, _),) = figures(seen[:1])
    assert seen[0]["data"]["text/plain"] == f"Figure: {alt}"

    assert len(figures(seen[2:])) == 1
    assert len(set(pictures(seen[2:]))) == 3
    assert '["one", "two", "three"]' in bar
    assert "$" not in line + bar
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("error", "argument", "call", "change"),
    [
        (T, "X", drag, {"X": [0.5]}),
        (V, "X and y", drag, {"y": TEN[:9]}),
        (V, "y", drag, {"y": TEN * math.nan}),
        (T, "start weight", drag, {"start": ("a", 1.0)}),
        (V, "end bias", drag, {"end": (0.7, math.inf)}),
        (V, "alt", drag, {"alt": " "}),
        (V, "captions", play, {"captions": ["one"]}),
        (V, "alt", play, {"alt": ""}),
        (T, "fig", play, {"fig": "picture"}),
    ],
)
def test_what_is_refused(error, argument, call, change):
    with pytest.raises(error, match=rf"^{argument}: "):
        call(**change)
    plt.close("all")
