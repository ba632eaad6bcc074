"""Figures can be read without full colour vision, and on any background."""

import ast
import io
import re
from collections.abc import Iterator
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import is_color_like, to_rgb
from PIL import Image

from compare import pictures
from lessons import NOTEBOOKS, code_cells, read
from linreg import figures, make_data, split

VISION = [None, "deuteranomaly", "protanomaly", "tritanomaly"]

# Colours that are seen as an area, and so may be faint on white.
FAINT = {
    ("hist", "#56B4E9"): "bars behind the black lines of lesson 07",
    ("hist", "white"): "gaps between bars",
}


def seen(color: str, vision: str | None) -> np.ndarray:
    """Return the sRGB colour, 0 to 1, that somebody with this vision sees."""
    if vision is None:
        return np.array(to_rgb(color))
    space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
    return np.clip(cspace_convert(to_rgb(color), space, "sRGB1"), 0, 1)


def contrast(*colors: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2.2 defines it."""
    dark, light = sorted(cspace_convert(to_rgb(c), "sRGB1", "XYZ1")[1] for c in colors)
    return (light + 0.05) / (dark + 0.05)


def literals(node: ast.AST, method: str = "") -> Iterator[tuple[str, str]]:
    """Yield (method, colour) for each colour in a source, as a name or in a format."""
    if isinstance(node, ast.Call):
        method = getattr(node.func, "attr", "")
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        form = re.fullmatch(r"([bgrcmykw]|C\d)[-.:,ovsx^*+dD]*", node.value)
        color = form[1] if form else node.value
        if is_color_like(color) and (len(node.value) > 1 or hasattr(plt, method)):
            yield method, color
    for child in ast.iter_child_nodes(node):
        yield from literals(child, method)


def test_contrast_is_that_of_wcag():
    assert contrast("black", "white") == pytest.approx(21, abs=0.05)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.05)


@pytest.mark.parametrize("vision", VISION)
def test_series_differ_for_every_kind_of_vision(vision):
    for first, second in combinations(figures.COLORS.values(), 2):
        distance = deltaE(seen(first, vision), seen(second, vision), "sRGB1")
        assert distance > 30, (first, second)  # 1 can just be seen side by side


def test_all_that_is_drawn_stands_out_from_the_background():
    cells = [cell for path in NOTEBOOKS for cell in code_cells(read(path))]
    drawn = {pair for cell in cells for pair in literals(ast.parse(cell.source))}
    assert ("plot", "k") in drawn  # a format
    drawn |= {("plot", color) for color in figures.COLORS.values()}
    white = plt.rcParams["axes.facecolor"]
    assert {pair for pair in drawn if contrast(pair[1], white) < 3} == set(FAINT)


def test_text_meets_wcag_aa():
    for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
        assert contrast(plt.rcParams[name], plt.rcParams["figure.facecolor"]) >= 4.5
    fig = figures.plot_predictions(*split(*make_data()))
    texts = fig.findobj(plt.Text)
    assert len(texts) > 10
    assert all(contrast(text.get_color(), "white") >= 4.5 for text in texts)
    plt.close(fig)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_are_opaque_white_and_of_one_width(path):
    for cell in code_cells(read(path)):
        for png in pictures(cell.outputs):
            picture = Image.open(io.BytesIO(png))
            assert picture.width == 1280  # shown 640 wide
            assert picture.convert("RGBA").getextrema()[3] == (255, 255)
            assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
