"""The pages of the pieces to play with: what is in them, and what is refused."""

import math
import re
from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

import interactive
from compare import figures, pictures
from interactive import cases, lines, page
from lessons import ROOT

TEN = torch.linspace(0, 1, 10)
POINTS = {"X": TEN, "y": 0.7 * TEN + 0.3, "alt": "Ten points on a line."}
LINES = {"start": (-0.5, 1.0), "end": (0.7, 0.3)}
T, V = TypeError, ValueError


def drag(**changes) -> None:
    interactive.drag_line(**POINTS | LINES | changes)


def on_map(**changes) -> None:
    interactive.drag_on_map(**POINTS | LINES | changes)


def way(**changes) -> None:
    interactive.which_way(**POINTS | {"start": (-0.5, 1.0)} | changes)


def lab(**changes) -> None:
    noisy = {"y_noisy": POINTS["y"] + 0.1 * (TEN > 0.5), "start": (-0.5, 0.4)}
    interactive.rate_lab(**POINTS | noisy | changes)


def play(captions=("one", "two", "three"), alt="A bar that grows.", fig=None) -> None:
    own_fig, ax = plt.subplots()
    (bar,) = ax.bar(["a"], [1])
    ax.set_ylim(0, 5)
    interactive.play(fig or own_fig, bar.set_height, captions, alt)


def hidden(inputs: int = 1) -> nn.Sequential:
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Linear(inputs, 4), nn.ReLU(), nn.Linear(4, 1))
    for parameter in model.parameters():
        nn.init.uniform_(parameter, -1, 1, generator)
    return model


def hinges(**changes) -> None:
    interactive.hinge_builder(**POINTS | {"network": hidden(), "goal": 0.1} | changes)


def stop(**changes) -> None:
    both = {"training": [0.3, 0.2, 0.1], "validation": [0.3, 0.2, 0.25]}
    interactive.stop_here(**both | {"alt": POINTS["alt"]} | changes)


@pytest.fixture
def displayed(monkeypatch):
    seen = []
    monkeypatch.setattr(page, "display", lambda data, raw: seen.append({"data": data}))
    return seen


def test_pages_hold_points_to_six_decimals_and_a_frame_for_each_caption(displayed):
    seen = displayed
    drag()
    drag()
    play()
    assert seen[0] == seen[1]
    drawn, bar = (output["data"]["text/html"] for output in seen[1:])
    for part in (
        "[0.111111, 0.377778]",
        '"start": [-0.5, 1.0]',
        '"end": [0.7, 0.3]',
    ):
        assert part in drawn
    ((alt, _),) = figures(seen[:1])
    assert seen[0]["data"]["text/plain"] == f"Figure: {alt}"

    assert len(figures(seen[2:])) == 1
    assert len(set(pictures(seen[2:]))) == 3
    assert '["one", "two", "three"]' in bar
    for name, html in (("drag-line", drawn), ("play", bar)):
        assert html.startswith(f'<div class="{name}" data-piece="')
        assert html.count("<script>") == html.count("</script>") == 1
    assert not plt.get_fignums()


@pytest.mark.slow
@pytest.mark.parametrize("call", [on_map, way, lab, hinges, stop])
def test_the_same_call_makes_the_same_output_with_one_picture(displayed, call):
    call()
    call()
    first, second = displayed
    assert first == second
    assert first["data"]["text/plain"] == f"Figure: {POINTS['alt']}"
    ((alt, _),) = figures([first])
    assert alt == POINTS["alt"]
    before, script = first["data"]["text/html"].split("<script>")
    assert "run this cell" in before
    assert script.count("</script") == 1
    assert not plt.get_fignums()


def test_what_is_folded_is_true(displayed):
    way()
    way(start=(2.0, 0.3))
    larger, smaller = (output["data"]["text/html"] for output in displayed)
    assert "must get larger: the slope at the dot is -0." in larger
    assert "must get smaller: the slope at the dot is 0.50" in smaller


def walked(rate: float, loss_fn: nn.Module, steps: int) -> list[float]:
    """Return the losses of the walk in the rate lab, as an optimizer takes it."""
    X, y = (POINTS[name].double() for name in ("X", "y"))
    line = nn.Parameter(torch.tensor([-0.5, 0.4], dtype=torch.float64))
    optimizer = torch.optim.SGD([line], lr=rate)
    losses = []
    for _ in range(steps + 1):
        loss = loss_fn(line[0] * X + line[1], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize(("kind", "share"), [("absolute", 20), ("squared", 400)])
def test_what_is_folded_about_rates_is_true(displayed, kind, share):
    lab(rates=(0.1, 0.75, 0.9))
    text = displayed[0]["data"]["text/html"]
    loss_fn = nn.L1Loss() if kind == "absolute" else nn.MSELoss()
    (done,) = re.findall(
        f"each rate do with the mean {kind}.*?<p>(.+?)</p>", text, re.DOTALL
    )
    found = re.findall(r"rate ([\d.]+) (\w+) \(it is ([\d.e+-]+) after 100", done)
    assert [rate for rate, *_ in found] == ["0.1", "0.75", "0.9"]
    for rate, does, end in found:
        losses = walked(float(rate), loss_fn, 100)
        assert losses[-1] == pytest.approx(float(end), rel=0.06)
        rises = [after > before + 0.0001 for before, after in pairwise(losses[-11:])]
        word = "explodes" if all(rises) else "bounces" if any(rises) else "settles"
        assert does == word
    (best,) = re.findall(
        f"brings the mean {kind}.*?1, ([\\d.]+): after (\\d+)", text, re.DOTALL
    )
    rate, fewest = float(best[0]), int(best[1])
    for near in (rate - 0.01, rate, rate + 0.01):
        losses = walked(near, loss_fn, 100)
        needed = [i for i, loss in enumerate(losses) if loss <= losses[0] / share]
        assert needed[0] == fewest if near == rate else min([*needed, 101]) >= fewest


@pytest.mark.slow
def test_what_is_folded_about_networks_is_true(displayed):
    hinges()
    stop()
    built, stopped = (output["data"]["text/html"] for output in displayed)
    with torch.no_grad():
        loss = nn.MSELoss()(hidden()(TEN[:, None])[:, 0], POINTS["y"]).item()
    assert f"To a mean squared error of {loss:.4f}." in built
    assert "lowest in epoch 1, at 0.2000, and ends at 0.2500." in stopped


@pytest.mark.parametrize("seed", range(3))
def test_the_lowest_place_is_the_lowest(seed):
    generator = torch.Generator().manual_seed(seed)
    X, noise = torch.rand(2, 30, generator=generator)
    y = 0.7 * X + 0.3 + 0.4 * noise
    for kind in lines.LOSSES:
        place = lines.lowest_place(X, y, kind)
        lowest = lines.loss_at(kind, place, X, y)
        around = place + 0.3 * torch.randn(200, 2, generator=generator).numpy()
        assert lowest <= min(lines.loss_at(kind, near, X, y) for near in around)


def test_no_template_is_longer_than_can_be_read():
    templates = list(page.HERE.glob("*.html"))
    assert len(templates) >= 4
    for template in templates:
        text = template.read_text()
        assert text.count("\n") <= 120, template.name
        assert text.count("<script>") == 1 and text.endswith("}\n</script>\n")
        assert "document." not in text and "http" not in text


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
        (V, "X and y", on_map, {"X": TEN[:9]}),
        (V, "end weight", on_map, {"end": (math.nan, 0.3)}),
        (T, "y", way, {"y": TEN.int()}),
        (V, "within", way, {"within": 0}),
        (V, "start bias", way, {"start": (0.0, math.inf)}),
        (V, "y and y_noisy", lab, {"y_noisy": TEN[:9]}),
        (T, "rates", lab, {"rates": [0.1, "fast"]}),
        (V, "rates", lab, {"rates": [0.1, -0.1]}),
        (V, "alt", lab, {"alt": ""}),
        (V, "X and y", hinges, {"y": TEN[:9]}),
        (T, "network", hinges, {"network": nn.ReLU()}),
        (V, "network", hinges, {"network": nn.Sequential(nn.Linear(1, 4))}),
        (V, "network", hinges, {"network": hidden(2)}),
        (T, "goal", hinges, {"goal": "low"}),
        (V, "goal", hinges, {"goal": 0}),
        (V, "alt", hinges, {"alt": ""}),
        (V, "training and validation", stop, {"training": [0.3, 0.2]}),
        (V, "training and validation", stop, {"training": [], "validation": []}),
        (V, "validation", stop, {"validation": [0.3, math.nan, 0.2]}),
        (T, "training", stop, {"training": [0.3, "low", 0.2]}),
        (V, "alt", stop, {"alt": " "}),
    ],
)
def test_what_is_refused(error, argument, call, change):
    with pytest.raises(error, match=rf"^{argument}: "):
        call(**change)
    plt.close("all")


@pytest.mark.slow
def test_the_clinic_says_what_its_lines_print_and_where_to_read_on(displayed):
    before = torch.get_rng_state()
    interactive.curve_clinic()
    assert torch.equal(torch.get_rng_state(), before)
    text = displayed[0]["data"]["text/html"]
    lesson = (ROOT / "notebooks" / "10_when_training_goes_wrong.ipynb").read_text()
    assert len(cases.CASES) >= 8
    for case in cases.CASES:
        assert f'"### {case.section}' in lesson and case.section in text
        assert len(case.lines) == 4
    for printed in (
        "(40, 1)",
        "mean 50, spread 30",
        "7e+05",
        "-0.176, -0.351",
        "20 20",
    ):
        assert re.sub(r"[^\w+-]+", " ", printed) in re.sub(r"[^\w+-]+", " ", text)
    right = [next(iter(case.lines)) for case in cases.CASES]
    assert len({line for line in right if line in text.replace('\\"', '"')}) == 10


# What is seen in each curve, by the number of its section.
SEEN = {
    "1": lambda losses, _: min(losses) == max(losses),
    "2": lambda losses, _: 0.1 < losses[-1] < losses[0] / 2,
    "4": lambda losses, _: 0.04 < losses[-1] < 0.05,
    "5": lambda losses, _: (
        min(losses) < 0.02
        and all(abs(one - other) > 0.02 for one, other in pairwise(losses[-20:]))
    ),
    "6": lambda losses, _: all(other > 2 * one for one, other in pairwise(losses)),
    "7": lambda losses, _: losses[-1] > 0.04 and losses[2] - losses[-1] < 1e-3,
    "8": lambda losses, _: max(losses[-100:]) > 0.25 and min(losses[-100:]) < 0.05,
    "9": lambda _, test: max(test) > 2 * min(test) > 0,
    "10": lambda losses, test: (
        sum(one > other for one, other in zip(losses, test, strict=True)) == len(test)
    ),
    "11": lambda losses, test: max(losses[-1], test[-1]) < 1e-4,
}


@pytest.mark.slow
@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.section)
def test_the_curves_of_the_clinic_look_as_described(case):
    names, shown = case.run()
    assert all(shown)
    assert SEEN[case.section.split()[0]](names["losses"], names.get("test_losses"))
    torch.set_default_dtype(torch.float64)
    try:
        assert case.run()[0]["losses"] == names["losses"]
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_what_the_clinic_says_about_rates_is_true():
    X, y = cases.points()
    years = cases.fit(cases.line(0), 2_000 + 20 * X, y, lr=3e-7)
    assert not years["losses"][-1] < 1e6
    for model, labels in [
        (cases.line, y[:, None]),
        (lambda: cases.line(bias=1.5, kind=cases.PlainLine), y),
    ]:
        slow, fast = (
            cases.fit(model(), X, labels, lr, 1_000)["losses"] for lr in (0.1, 0.2)
        )
        assert fast[-1] == pytest.approx(slow[-1], rel=1e-4) and fast[9] <= slow[9]
