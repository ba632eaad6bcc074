"""The line to drag and the moving picture, as pages of the site and of nbconvert."""

from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from torch import nn

import linreg
from chromium import require_browser
from lessons import NOTEBOOKS
from site_build import nbconvert

require_browser()
pytestmark = pytest.mark.slow

DRAG = [path for path in NOTEBOOKS if "drag_line(" in path.read_text()]
PLAY = [path for path in NOTEBOOKS if '"play(' in path.read_text()]
BOTH = sorted({*DRAG, *PLAY})
assert DRAG[0].name.startswith("03")
assert [path.stem[:2] for path in PLAY] == ["04"]


each = partial(pytest.mark.parametrize, "path", ids=lambda path: path.stem)
everywhere = pytest.mark.parametrize("place", ["site", "nbconvert"])
MOVES = [("weight", 30), ("bias", -25), ("weight", 94), ("bias", -45), ("weight", -7)]


@pytest.fixture(scope="session")
def folders(site, tmp_path_factory) -> dict[str, Path]:
    """Return the folder of the site, and that of the pages made by nbconvert."""
    single = tmp_path_factory.mktemp("single")
    nbconvert("--to=html", f"--output-dir={single}", *BOTH)
    return {"site": site, "nbconvert": single}


@pytest.fixture
def show(browser, folders):
    """Return a function that opens a page without any network, and sees no error."""
    errors = []

    def show(path: Path, place: str = "site", **options):
        page = browser.new_page(offline=True, **options)
        page.on("pageerror", lambda error: errors.append(error))
        page.goto((folders[place] / f"{path.stem}.html").as_uri())
        return page

    yield show
    for context in browser.contexts:
        context.close()
    assert not errors


def mean_absolute_error(weight: float, bias: float) -> float:
    X, y, *_ = linreg.split(*linreg.make_data())
    return nn.L1Loss()(weight * X + bias, y).item()


def number(locator) -> float:
    return float(locator.inner_text())


@everywhere
@each(DRAG)
def test_the_line_can_be_dragged_by_keyboard(show, place, path):
    page = show(path, place)
    box = page.locator(".drag-line")
    error, best, line = (box.locator(f".{name}") for name in ("error", "best", "guess"))
    before, values = line.get_attribute("y1"), {"weight": -0.54, "bias": 1.0}
    errors = [mean_absolute_error(*values.values())]
    assert number(error) == pytest.approx(errors[0], abs=6e-5)
    for name, presses in MOVES:
        slider = box.get_by_role("slider", name=name)
        slider.focus()
        for _ in range(abs(presses)):
            page.keyboard.press("ArrowRight" if presses > 0 else "ArrowLeft")
        values[name] += 0.01 * presses
        assert float(slider.input_value()) == pytest.approx(values[name])
        errors.append(mean_absolute_error(*values.values()))
        assert number(error) == pytest.approx(errors[-1], abs=6e-5)
        assert number(best) <= min(errors) + 6e-5
    assert values == pytest.approx({"weight": 0.63, "bias": 0.3})
    assert line.get_attribute("y1") != before
    assert number(best) == pytest.approx(0, abs=6e-5)

    box.get_by_role("button", name="Forget the best").press("Enter")
    assert number(best) == number(error) > 0.01

    end = box.get_by_role("button", name="Show where training ends")
    goal = box.locator(".goal")
    assert not goal.is_visible()
    end.press("Enter")
    text = "Training ends at weight 0.7000, bias 0.3000, mean absolute error 0.0000"
    assert box.locator(".end").inner_text().startswith(text)
    assert goal.is_visible()
    end.press("Enter")
    assert not goal.is_visible()


@everywhere
@each(PLAY)
def test_the_picture_plays_pauses_and_steps(show, place, path):
    page = show(path, place)
    box = page.locator(".play")
    img, caption, frame = (box.locator(tag) for tag in ("img", "p", "input"))
    assert img.get_attribute("alt")
    assert frame.input_value() == "0"
    first = caption.inner_text()
    assert first.startswith("Epoch 0: ")

    img.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.play input').value > 2")
    box.get_by_role("button", name="Pause").click()
    held = frame.input_value()
    page.wait_for_timeout(600)
    assert frame.input_value() == held

    sources = [img.get_attribute("src")]
    for _ in range(3):
        box.get_by_role("button", name="Forward").press("Enter")
        sources.append(img.get_attribute("src"))
    assert all(one != other for one, other in pairwise(sources))
    assert int(frame.input_value()) == int(held) + 3
    box.get_by_role("button", name="Back").press("Enter")
    assert img.get_attribute("src") == sources[-2]
    frame.focus()
    page.keyboard.press("Home")
    assert caption.inner_text() == first
    page.keyboard.press("End")
    assert frame.input_value() == frame.get_attribute("max")
    box.get_by_role("button", name="Play").click()  # from the start again
    assert int(frame.input_value()) < 3


@each(PLAY)
def test_the_picture_holds_still_for_readers_who_prefer_that(show, path):
    page = show(path, reduced_motion="reduce")
    box = page.locator(".play")
    box.locator("img").scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    assert box.locator("input").input_value() == "0"
    assert box.get_by_role("button", name="Play").is_visible()


@everywhere
@each(BOTH)
def test_without_scripts_there_is_a_picture_and_a_sentence(show, place, path):
    page = show(path, place, java_script_enabled=False)
    for box in page.locator(".drag-line, .play").all():
        assert box.locator("img").is_visible()
        assert "run this cell" in box.locator("p").inner_text()
        assert not box.locator("input, button").count()
    assert "text/html" not in page.inner_text("body")


@each(BOTH)
def test_it_fits_a_phone(show, path):
    page = show(path, viewport={"width": 360, "height": 700}, has_touch=True)
    for control in page.locator(".drag-line, .play").locator("input, button").all():
        box = control.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360
        assert box["height"] >= 24  # the target size of WCAG 2.2
