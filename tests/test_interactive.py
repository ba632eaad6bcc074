"""The pages of the pieces to play with: what is in them, and what is refused."""

import math

import matplotlib.pyplot as plt
import pytest
import torch

import interactive
from compare import figures, pictures

TEN = torch.linspace(0, 1, 10)
LINES = {"start": (-0.5, 1.0), "end": (0.7, 0.3), "alt": "Ten points on a line."}


@pytest.fixture
def shown(monkeypatch) -> list[dict]:
    pages = []
    monkeypatch.setattr(
        interactive, "display", lambda data, raw: pages.append({"data": data})
    )
    return pages


def play(captions: list[str], alt: str = "A bar that grows.") -> None:
    fig, ax = plt.subplots()
    (bar,) = ax.bar(["a"], [1])
    ax.set_ylim(0, 5)
    interactive.play(fig, bar.set_height, captions, alt)


def test_drag_line_holds_the_points_to_six_decimals(shown):
    interactive.drag_line(TEN, 0.7 * TEN + 0.3, **LINES)
    interactive.drag_line(TEN, 0.7 * TEN + 0.3, **LINES)
    assert shown[0] == shown[1]
    page = shown[0]["data"]["text/html"]
    assert "[0.111111, 0.377778]" in page
    assert 'value="-0.50"' in page and 'value="1.00"' in page
    assert "[0.7, 0.3])" in page
    assert "$" not in page
    ((alt, _),) = figures(shown[:1])
    assert shown[0]["data"]["text/plain"] == f"Figure: {alt}"


def test_play_holds_one_frame_for_each_caption(shown):
    play(["one", "two", "three"])
    page = shown[0]["data"]["text/html"]
    assert len(figures(shown)) == 1
    assert len(set(pictures(shown))) == 3
    assert '["one", "two", "three"]' in page
    assert "$" not in page
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("error", "argument", "change"),
    [
        (TypeError, "X", {"X": [0.5]}),
        (ValueError, "X and y", {"y": TEN[:9]}),
        (ValueError, "y", {"y": TEN * math.nan}),
        (TypeError, "start weight", {"start": ("a", 1.0)}),
        (ValueError, "end bias", {"end": (0.7, math.inf)}),
        (ValueError, "alt", {"alt": " "}),
    ],
)
def test_drag_line_refuses(error, argument, change):
    arguments = {"X": TEN, "y": TEN} | LINES | change
    with pytest.raises(error, match=rf"^{argument}: "):
        interactive.drag_line(**arguments)


def test_play_refuses():
    with pytest.raises(ValueError, match=r"^captions: "):
        play(["one"])
    with pytest.raises(ValueError, match=r"^alt: "):
        play(["one", "two"], alt="")
    with pytest.raises(TypeError, match=r"^fig: "):
        interactive.play("picture", print, ["one", "two"], "A bar that grows.")
    plt.close("all")
