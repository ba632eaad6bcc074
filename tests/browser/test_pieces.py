"""The pieces about the line, and the moving picture: by keyboard, as anybody may."""

import re
from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

import interactive
import linreg
from chromium import require_browser

require_browser()
pytestmark = pytest.mark.slow

from pieces import WAYS, check_usable, html, make_pages, shown  # noqa: E402

X, y, *_ = linreg.split(*linreg.make_data())
START, END = (-0.54, 1.0), (0.7, 0.3)
CAPTIONS = [f"Epoch {epoch}: the bar grows." for epoch in range(12)]


def play() -> None:
    fig, ax = plt.subplots()
    (bar,) = ax.bar(["a"], [1])
    ax.set_ylim(0, 15)
    interactive.play(fig, bar.set_height, CAPTIONS, "A bar that grows.")


NOISY = y + 0.4 * (torch.rand(80, generator=torch.Generator().manual_seed(0)) - 0.5)
WALKER = (-0.5, 0.4)
CALLS = {
    "drag_line": lambda: interactive.drag_line(X, y, START, END, "Points on a line."),
    "drag_on_map": lambda: interactive.drag_on_map(X, y, START, END, "Line and map."),
    "which_way": lambda: interactive.which_way(X, y, START, "Line and valley."),
    "rate_lab": lambda: interactive.rate_lab(X, y, NOISY, WALKER, "Three paths."),
    "play": play,
}
everywhere = pytest.mark.parametrize("place", ["site", "nbconvert"])


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    return make_pages(tmp_path_factory.mktemp("pieces"), CALLS)


def find(page, name: str):
    return page.locator("[data-piece]").nth(list(CALLS).index(name))


def loss(weight: float, bias: float, loss_fn: nn.Module | None = None) -> float:
    return (loss_fn or nn.L1Loss())(weight * X + bias, y).item()


def number(locator) -> float:
    return float(locator.inner_text())


MOVES = [
    ("weight", "PageUp", 4, 0.3),
    ("bias", "PageDown", 3, -0.2),
    ("weight", "ArrowRight", 5, 0.01),
    ("bias", "ArrowLeft", 10, -0.01),
    ("weight", "ArrowLeft", 1, -0.01),
    ("weight", "PageDown", 1, -0.3),
]


@everywhere
def test_the_line_can_be_dragged_by_keyboard(browser, pages, place):
    with shown(browser, pages[place]) as page:
        box = find(page, "drag_line")
        error, best, line = (
            box.locator(f".{name}") for name in ("error", "best", "guess")
        )
        before, values = line.get_attribute("points"), {"weight": -0.54, "bias": 1.0}
        errors = [loss(*values.values())]
        assert number(error) == pytest.approx(errors[0], abs=6e-5)
        for name, key, times, change in MOVES:
            slider = box.get_by_role("slider", name=name, exact=True)
            slider.focus()
            for _ in range(times):
                page.keyboard.press(key)
                values[name] += change
                errors.append(loss(*values.values()))
            assert float(slider.input_value()) == pytest.approx(values[name])
            assert number(error) == pytest.approx(errors[-1], abs=6e-5)
            assert number(best) == pytest.approx(min(errors), abs=6e-5)
        assert values == pytest.approx({"weight": 0.4, "bias": 0.3})
        assert line.get_attribute("points") != before
        assert min(errors) < 6e-5
        assert box.locator(".spoken").inner_text() == ""  # until the keys are at rest
        box.get_by_text("best so far 0.0000.").wait_for()

        box.get_by_role("button", name="Forget the best").press("Enter")
        assert number(best) == number(error) > 0.1

        end, goal = box.get_by_role("button", name="Show where"), box.locator(".goal")
        assert not goal.get_attribute("points")
        end.press("Enter")
        text = "Training ends at weight 0.7000, bias 0.3000, mean absolute error 0.0000"
        assert box.locator(".end").inner_text().startswith(text)
        assert goal.get_attribute("points")
        end.press("Enter")
        assert not goal.get_attribute("points")


FROM_STAR = """box => {
    const [dot, star] = ['.here', '.lowest'].map(
        name => box.querySelector(name).getBoundingClientRect());
    return [dot.x + dot.width / 2 - star.x - star.width / 2,
            dot.y + dot.height / 2 - star.y - star.height / 2];
}"""


@everywhere
def test_the_dot_on_the_map_moves_with_the_line(browser, pages, place):
    with shown(browser, pages[place]) as page:
        box = find(page, "drag_on_map")
        trail, (x_before, y_before) = box.locator(".trail"), box.evaluate(FROM_STAR)
        box.get_by_role("slider", name="weight").press("PageUp")
        box.get_by_role("slider", name="bias").press("PageDown")
        x_after, y_after = box.evaluate(FROM_STAR)
        assert x_before < x_after < 0
        assert y_before < y_after < 0  # pixels count downwards
        assert len(trail.get_attribute("points").split()) == 3
        assert number(box.locator(".error")) == pytest.approx(
            loss(-0.24, 0.8), abs=6e-5
        )


def descend(labels, rates, loss_fn=None, start=START, held=False):
    """Return each place (weight, bias, loss) of a walk by PyTorch."""
    loss_fn = loss_fn or nn.L1Loss()
    weight, bias = (torch.tensor(value, requires_grad=True) for value in start)
    places = []
    for lr in [*rates, 0.0]:
        value = loss_fn(weight * X + bias, labels)
        places.append((weight.item(), bias.item(), value.item()))
        optimizer = torch.optim.SGD([weight] if held else [weight, bias], lr=lr)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return places


def reading(box) -> list[float]:
    words = box.locator(".reading").inner_text().replace(",", "").split()
    return [float(word) for word in words if word[-1].isdigit()]


@everywhere
def test_a_reader_says_which_way_and_walks_down(browser, pages, place):
    with shown(browser, pages[place]) as page:
        box = find(page, "which_way")
        said, walked = box.get_by_role("status").all()
        check, step = (box.get_by_role("button", name=n) for n in ("Check", "Take"))
        assert step.is_disabled()
        check.press("Enter")
        assert said.inner_text() == "Choose one first."
        for way, answer in [
            ("smaller", "A smaller weight leads uphill"),
            ("stays", "If the weight stays, so does the loss"),
            ("larger", "Right. The slope (thick line) is -0.2827"),
        ]:
            assert step.is_disabled()
            box.get_by_role("radio", name=way).press("Space")
            check.press("Enter")
            assert said.inner_text().startswith(answer)

        rates = [0.02] * 6
        for weight, _, value in descend(y, rates, held=True)[1:]:
            step.press("Enter")
            assert reading(box)[:2] == pytest.approx([weight, value], abs=6e-5)
        assert "That was the last one" in walked.inner_text()
        step.press("Enter")
        assert "No step is left" in walked.inner_text()

        box.get_by_role("button", name="Back").press("Enter")
        box.get_by_role("slider").press("End")
        step.press("Enter")
        assert "leapt out of the picture" in walked.inner_text()
        box.get_by_role("button", name="Back").press("Enter")
        for _ in range(3):
            box.get_by_role("slider").press("ArrowLeft")
        for _ in range(2):
            step.press("Enter")
        weight, _, value = descend(y, [0.5] * 2, held=True)[-1]
        assert reading(box)[:2] == pytest.approx([weight, value], abs=6e-5)
        assert "You are there, with 2 of six steps." in walked.inner_text()


GROUNDS = {
    "site": [
        ("squared", nn.MSELoss(), ["settles", "settles", "explodes"]),
        ("absolute", nn.L1Loss(), ["bounces", "bounces", "bounces"]),
    ],
    "nbconvert": [
        ("squared", nn.MSELoss(), ["settles", "settles", "explodes"]),
        ("absolute", nn.L1Loss(), ["settles", "bounces", "bounces"]),
    ],
}


@everywhere
def test_a_reader_says_what_a_rate_does_and_is_told(browser, pages, place):
    labels = {"site": y, "nbconvert": NOISY}[place]
    with shown(browser, pages[place], reduced_motion="reduce") as page:
        box = find(page, "rate_lab")
        told = box.get_by_role("status").first
        if labels is NOISY:
            box.get_by_role("checkbox").press("Space")
        box.get_by_role("radio", name="settles").press("Space")
        box.get_by_role("button", name="Walk 100").press("Enter")
        assert told.inner_text() == "Choose a rate, and say what it will do."
        for kind, loss_fn, outcomes in GROUNDS[place]:
            box.get_by_role("radio", name=kind).press("Space")
            assert not told.inner_text()
            for rate, outcome in zip([0.1, 0.75, 0.9], outcomes, strict=True):
                box.get_by_role("radio", name=f"rate {rate}").press("Space")
                box.get_by_role("radio", name="settles").press("Space")
                box.get_by_role("button", name="Walk 100").press("Enter")
                start = (
                    "Right: " if outcome == "settles" else "You said that it settles."
                )
                assert told.inner_text().startswith(start)
                assert f"with rate {rate}, it {outcome}." in told.inner_text()
                value = descend(labels, [rate] * 100, loss_fn, WALKER)[-1][-1]
                assert reading(box)[0] == 100
                assert reading(box)[1] == pytest.approx(value, abs=6e-5, rel=0.05)


def test_the_fewest_steps_are_kept_for_each_ground(browser, pages):
    rates = torch.linspace(0.01, 1, 100)
    weights, biases = (torch.full((100,), value) for value in WALKER)
    losses = []
    for _ in range(101):  # all rates at once; the slopes are compared in lesson 06
        errors = weights.outer(X) + biases.unsqueeze(1) - y
        losses.append(errors.square().mean(dim=1))
        weights = weights - rates * 2 * (errors * X).mean(dim=1)
        biases = biases - rates * 2 * errors.mean(dim=1)
    there = torch.stack(losses) <= losses[0] / 400
    needed = torch.where(there.any(dim=0), there.int().argmax(dim=0), 101).tolist()
    with shown(browser, pages["site"], reduced_motion="reduce") as page:
        box = find(page, "rate_lab")
        rate, go = box.get_by_role("slider"), box.get_by_role("button", name="until")
        arrived = box.get_by_role("status").last
        box.get_by_role("radio", name="squared").press("Space")
        rate.fill(f"{(needed.index(min(needed)) + 1) / 100 - 0.01:.2f}")
        counts = []
        for key in ["ArrowLeft", "ArrowRight", "ArrowRight", "PageUp", "End"]:
            rate.press(key)
            go.press("Enter")
            steps = needed[round(100 * float(rate.input_value())) - 1]
            counts.append(steps)
            words = (
                f"There, in {steps} steps." if steps < 101 else "Not there after 100"
            )
            assert arrived.inner_text().startswith(words)
            assert f"Best so far here: {min(counts)} steps." in arrived.inner_text()
            least = "No rate does it in fewer" in arrived.inner_text()
            assert least == (steps == min(needed))
        assert min(counts) == min(needed)
        assert "it explodes" in arrived.inner_text()


def test_a_walk_is_seen_step_by_step_and_stops_when_the_ground_changes(browser, pages):
    with shown(browser, pages["site"]) as page:
        box = find(page, "rate_lab")
        box.get_by_role("button", name="until").press("Enter")
        box.get_by_text(re.compile(r"step [1-9]\d*,")).wait_for()
        walked, said = box.evaluate(
            "box => [box.querySelector('.reading'), [...box.querySelectorAll("
            "'[role=status]')].at(-1)].map(node => node.innerText)"
        )
        n = int(walked.split()[1][:-1])
        assert not said or said.startswith((f"There, in {n} ", f"Not there after {n} "))
        box.get_by_role("checkbox").press("Space")
        page.wait_for_timeout(300)
        assert reading(box) == pytest.approx(
            [0, nn.L1Loss()(WALKER[0] * X + WALKER[1], NOISY).item()], abs=6e-5
        )


def test_the_front_page_opens_with_the_line_of_lesson_03(browser, site):
    with shown(browser, site / "index.html") as page:
        box = page.locator(".drag-line")
        assert number(box.locator(".error")) == pytest.approx(loss(*START), abs=6e-5)
        assert box.bounding_box()["y"] < 400
        box.get_by_role("slider", name="weight").press("PageUp")
        assert number(box.locator(".error")) == pytest.approx(loss(-0.24, 1), abs=6e-5)


@everywhere
def test_the_picture_plays_pauses_and_steps(browser, pages, place):
    with shown(browser, pages[place]) as page:
        box = find(page, "play")
        img, caption, frame = (box.locator(tag) for tag in ("img", ".reading", "input"))
        assert img.get_attribute("alt")
        assert frame.input_value() == "0"
        assert caption.inner_text() == CAPTIONS[0]

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
        frame.press("Home")
        assert caption.inner_text() == CAPTIONS[0]
        frame.press("End")
        assert frame.input_value() == frame.get_attribute("max")
        box.get_by_role("button", name="Play").click()  # from the start again
        assert int(frame.input_value()) < 3


def test_the_picture_holds_still_for_readers_who_prefer_that(browser, pages):
    with shown(browser, pages["site"], reduced_motion="reduce") as page:
        box = find(page, "play")
        box.locator("img").scroll_into_view_if_needed()
        page.wait_for_timeout(700)
        assert box.locator("input").input_value() == "0"
        assert box.get_by_role("button", name="Play").is_visible()


@everywhere
def test_without_scripts_there_is_a_picture_and_a_sentence(browser, pages, place):
    with shown(browser, pages[place], java_script_enabled=False) as page:
        for name in CALLS:
            box = find(page, name)
            assert box.locator("img").is_visible()
            assert "run this cell" in box.locator("p").first.inner_text()
            assert not box.locator("input, button").count()


@pytest.mark.parametrize("way", WAYS)
def test_each_starts_however_its_script_is_run(browser, way):
    with shown(browser, "".join(map(html, CALLS.values())), way) as page:
        place = page.frame_locator("iframe") if way == "iframe" else page
        for name in CALLS:
            form = find(place, name).locator("form")
            state = "form => new URLSearchParams(new FormData(form)).toString()"
            before = form.evaluate(state)
            form.locator("input:enabled").first.press("ArrowRight")
            assert form.evaluate(state) != before
            assert not form.locator(
                ":is(input, button):not([data-lm-suppress-shortcuts=true])"
            ).count()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (640, "light")])
def test_anybody_can_use_them_on_a_phone_enlarged_and_in_the_dark(
    browser, pages, width, scheme
):
    size = {"width": width, "height": 700}
    with shown(browser, pages["site"], viewport=size, color_scheme=scheme) as page:
        check_usable(page, width)
