"""Figures can be read without full colour vision, and on any background."""

import io
from itertools import combinations

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from PIL import Image

from compare import pictures
from lessons import NOTEBOOKS, code_cells, read
from linreg import figures, make_data, split

VISION = {"all colours": None, "deuteranopia": "deuteranomaly"} | {
    name: name.replace("opia", "omaly") for name in ("protanopia", "tritanopia")
}


def seen(color: str, vision: str) -> np.ndarray:
    """Return the sRGB colour, 0 to 1, that somebody with this vision sees."""
    rgb = matplotlib.colors.to_rgb(color)
    if VISION[vision] is None:
        return np.array(rgb)
    space = {"name": "sRGB1+CVD", "cvd_type": VISION[vision], "severity": 100}
    return np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2.2 defines it."""
    luminances = [
        cspace_convert(matplotlib.colors.to_rgb(color), "sRGB1", "XYZ1")[1]
        for color in (first, second)
    ]
    return (max(luminances) + 0.05) / (min(luminances) + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("black", "white") == pytest.approx(21, abs=0.05)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.05)


@pytest.mark.parametrize("vision", VISION)
def test_series_differ_for_every_kind_of_vision(vision):
    for first, second in combinations(figures.COLORS.values(), 2):
        distance = deltaE(seen(first, vision), seen(second, vision), "sRGB1")
        assert distance > 30, (first, second)  # 1 can just be seen side by side


def test_series_stand_out_from_the_background():
    for color in figures.COLORS.values():
        assert contrast(color, plt.rcParams["axes.facecolor"]) >= 3


def test_text_meets_wcag_aa():
    for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
        assert contrast(plt.rcParams[name], plt.rcParams["figure.facecolor"]) >= 4.5
    fig = figures.plot_predictions(*split(*make_data()))
    texts = fig.findobj(plt.Text)
    assert len(texts) > 10
    for text in texts:
        assert contrast(text.get_color(), "white") >= 4.5
    plt.close(fig)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_are_opaque_white_and_of_one_width(path):
    for cell in code_cells(read(path)):
        for png in pictures(cell.outputs):
            picture = Image.open(io.BytesIO(png))
            assert picture.width == 1280  # shown 640 wide
            assert picture.convert("RGBA").getextrema()[3] == (255, 255)
            assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
