"""The pieces of lessons 08 and 10: to their goals by keyboard, and the wrong way."""

import re

import pytest
import torch
from torch import nn

import interactive
import linreg
from chromium import require_browser

require_browser()
pytestmark = pytest.mark.slow

from pieces import HINGES, WAYS, check_usable, html, make_pages, shown  # noqa: E402

SEED = torch.Generator().manual_seed(0)
X = 6 * torch.rand(80, 1, generator=SEED) - 3
y = X.sin() + 0.3 * (torch.rand(80, 1, generator=SEED) - 0.5)
GOAL = 0.05
CASES = interactive.cases.CASES


def trained() -> tuple[nn.Sequential, dict[str, list[float]]]:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    parts = linreg.split(X, y)
    return model, linreg.train(model, nn.MSELoss(), optimizer, *parts, epochs=500)


NETWORK, HISTORY = trained()
TRAINING = HISTORY["train"][:100]
VALIDATION = [0.3 + abs(epoch - 40) / 100 for epoch in range(100)]
CALLS = {
    "hinges": lambda: interactive.hinge_builder(X, y, NETWORK, GOAL, "A wave."),
    "stop": lambda: interactive.stop_here(TRAINING, VALIDATION, "A falling loss."),
    "clinic": interactive.curve_clinic,
}
everywhere = pytest.mark.parametrize("place", ["site", "nbconvert"])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return make_pages(tmp_path_factory.mktemp("pieces_08_10"), CALLS)


def find(page, name: str):
    return page.locator("[data-piece]").nth(list(CALLS).index(name))


def loss_of(hinges: list[tuple[float, float]]) -> float:
    total = sum(slope * (X - joint).relu() for joint, slope in hinges)
    return nn.MSELoss()(total, y).item()


@everywhere
def test_the_hinges_follow_the_wave_by_keyboard(browser, pages, place):
    with shown(browser, pages[place]) as page:
        box = find(page, "hinges")
        error, end = box.locator(".error"), box.locator(".end")
        assert not error.is_visible()
        box.get_by_role("button", name="Check my answer").press("Enter")
        box.get_by_text("Choose one first.").wait_for()
        box.get_by_role("radio", name="It rises").press("Space")
        box.get_by_role("button", name="Check my answer").press("Enter")
        assert "the sum stays flat" in box.get_by_role("status").first.inner_text()

        hinges = [(-1.0, 1.0), (1.0, -1.0), (-3.0, 0.0), (3.0, 0.0)]
        errors = [loss_of(hinges)]
        assert float(error.inner_text()) == pytest.approx(errors[0], abs=6e-5)
        for name, kind, keys, value in HINGES:
            assert end.inner_text() == ""
            box.get_by_role("radio", name=name, exact=True).press("Space")
            slider = box.get_by_role("slider", name=kind, exact=True)
            for key in keys:
                slider.press(key)
            assert float(slider.input_value()) == pytest.approx(value)
            joint, slope = hinges[int(name) - 1]
            moved = (value, slope) if kind == "joint" else (joint, value)
            hinges[int(name) - 1] = moved
            errors.append(loss_of(hinges))
            assert float(error.inner_text()) == pytest.approx(errors[-1], abs=6e-5)
        assert errors[-1] < GOAL
        with torch.no_grad():
            found = nn.MSELoss()(NETWORK(X), y).item()
            joints = (-NETWORK[0].bias / NETWORK[0].weight[:, 0]).sort().values
        assert f"Training ends at {found:.4f} (dashed line)" in end.inner_text()
        inside = [f"{joint:.1f}" for joint in joints.tolist() if -3 < joint < 3]
        assert f"joints at {', '.join(inside)} (diamonds)" in end.inner_text()
        box.get_by_text(f"Mean squared error {errors[-1]:.4f}").wait_for()

        assert box.locator(".found").get_attribute("points")
        box.get_by_role("button", name="Show what training found").press("Enter")
        assert end.inner_text() == box.locator(".found").get_attribute("points") == ""


@everywhere
def test_training_is_stopped_too_late_and_then_with_patience(browser, pages, place):
    with shown(browser, pages[place], reduced_motion="reduce") as page:
        box = find(page, "stop")
        reading, end = box.locator(".reading"), box.locator(".end")
        assert not box.get_by_role("button", name="Play").count()
        for _ in range(30):
            box.get_by_role("button", name="2 epochs on").press("Enter")
        box.get_by_role("button", name="1 epoch on").press("Enter")
        sentence = f"Epoch 61 of 99: training loss {TRAINING[61]:.4f}"
        assert reading.inner_text() == sentence
        box.locator(".spoken", has_text=sentence).wait_for()
        assert not box.locator(".validation").get_attribute("points")

        box.get_by_role("button", name="Stop here").press("Enter")
        for part in (
            f"epoch 61, and the validation loss (dashed) is {VALIDATION[61]:.4f}",
            f"best was {VALIDATION[40]:.4f} in epoch 40, 21 epochs before",
            f"until the end brings {VALIDATION[99]:.4f}",
        ):
            assert part in end.inner_text()
        assert len(box.locator(".validation").get_attribute("points").split()) == 100
        assert "star" in box.get_by_role("img").get_attribute("aria-label")

        page.keyboard.press("Enter")  # train again: the button has the focus
        for _ in range(15):
            page.keyboard.press("Enter")
        assert reading.inner_text().endswith(f"validation loss {VALIDATION[30]:.4f}")
        box.get_by_role("button", name="Stop here").press("Enter")
        assert "Too early: epoch 40 would have brought 0.3000" in end.inner_text()
        page.keyboard.press("Enter")
        for _ in range(23):
            page.keyboard.press("Enter")
        box.get_by_role("button", name="Stop here").press("Enter")
        assert "keep epoch 40, with 0.3000. No epoch is better" in end.inner_text()
        assert "You waited 6 epochs" in end.inner_text()


def test_training_plays_pauses_and_ends(browser, pages):
    with shown(browser, pages["site"]) as page:
        box = find(page, "stop")
        page.wait_for_timeout(200)
        assert box.locator(".reading").inner_text().startswith("Epoch 0 ")
        box.get_by_role("button", name="Play").press("Enter")
        box.get_by_text(re.compile(r"Epoch ([5-9]|\d\d) of 99")).wait_for()
        box.get_by_role("button", name="Pause").press("Enter")
        held = box.locator(".reading").inner_text()
        page.wait_for_timeout(250)
        assert box.locator(".reading").inner_text() == held
        assert box.locator(".spoken").inner_text() == ""
        for _ in range(50):
            if (more := box.get_by_role("button", name="2 epochs on")).is_visible():
                more.press("Enter")
        assert "You stopped in epoch 99" in box.locator(".end").inner_text()


@everywhere
def test_the_clinic_asks_until_each_line_was_right_at_the_first_choice(
    browser, pages, place
):
    with shown(browser, pages[place]) as page:
        box = find(page, "clinic")
        printed = box.get_by_role("status")

        def choose(line: str) -> str:
            box.get_by_role("radio", name=line, exact=True).press("Space")
            box.get_by_role("button", name="Print it").press("Enter")
            return printed.inner_text()

        def onward() -> None:
            box.get_by_role("button", name="Next case").press("Enter")

        for number, case in enumerate(CASES):
            right, wrong, *_ = case.lines
            assert case.look == box.get_by_role("img").get_attribute("aria-label")
            assert box.locator(".story").inner_text() == case.story
            if number in (0, 3):
                said = choose(wrong)
                assert case.lines[wrong] in said and "Print another line." in said
                assert not box.get_by_role("button", name="Next case").count()
            said = choose(right)
            assert case.lines[right] in said and case.section in said
            onward()
        for case in (CASES[0], CASES[3]):
            assert "2 that you missed" in box.locator(".reading").inner_text()
            assert case.story == box.locator(".story").inner_text()
            choose(next(iter(case.lines)))
            onward()
        reading = "in all 10 cases, 8 of them at the first choice"
        assert reading in box.locator(".reading").inner_text()
        assert not box.locator(".story").is_visible()


@everywhere
def test_without_scripts_there_is_a_picture_and_answers_are_folded(
    browser, pages, place
):
    with shown(browser, pages[place], java_script_enabled=False) as page:
        for name, questions in {"hinges": 2, "stop": 1, "clinic": 10}.items():
            box = find(page, name)
            assert box.locator("img").is_visible()
            assert "run this cell" in box.locator("p").first.inner_text()
            assert not box.locator("input, button").count()
            assert box.locator("summary").count() == questions
            assert not box.locator("details p").first.is_visible()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CALLS)
def test_each_starts_however_its_script_is_run(browser, name, way):
    with shown(browser, html(CALLS[name]), way) as page:
        place = page.frame_locator("iframe") if way == "iframe" else page
        assert place.get_by_role("button").first.is_enabled()
        assert place.locator("form").count() == 1


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (640, "light")])
def test_anybody_can_use_them_on_a_phone_enlarged_and_in_the_dark(
    browser, pages, width, scheme
):
    size = {"width": width, "height": 700}
    with shown(browser, pages["site"], viewport=size, color_scheme=scheme) as page:
        box = find(page, "hinges")
        box.get_by_role("radio", name="It stays flat").check()
        box.get_by_role("button", name="Check my answer").click()
        if scheme == "dark":  # the other one still has its buttons to go on
            find(page, "stop").get_by_role("button", name="Stop here").click()
        clinic = find(page, "clinic")
        clinic.get_by_role("radio", name=next(iter(CASES[0].lines))).check()
        clinic.get_by_role("button", name="Print it").click()
        check_usable(page, width)
