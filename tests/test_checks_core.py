"""What all checks share, with what beginners return; and the records of exercises."""

import functools
import io
import math
import os
import random
import runpy
import subprocess
import sys
import textwrap
import time
import tomllib
from importlib import import_module

import numpy as np
import pytest
import torch
from torch import nn

from checks.core import WrongError, call, compare
from checks.records import Exercise, code_of, defined
from lessons import NOTEBOOKS, ROOT, exercises, read

CHECKS = ROOT / "notebooks" / "checks"
CHANGED = ("solution", "other")  # what a mistake may be a change of
NOT_BY_READERS = "ANN,B018,D1,F821,PIE790,PTH"  # what the code of a lesson does without
NUMBERS = [path.stem[:2] for path in NOTEBOOKS[1:]]


@functools.cache
def records(number: str) -> dict[str, Exercise]:
    """Return the records of a lesson, such as "01", by their names."""
    found = vars(import_module(f"checks.lesson_{number}"))
    return {name: r for name, r in found.items() if isinstance(r, Exercise)}


ALL = [(f"{n} {name}", record) for n in NUMBERS for name, record in records(n).items()]
each_record = pytest.mark.parametrize("record", dict(ALL).values(), ids=dict(ALL))


def verdict(function, *arguments, expected, **options) -> str:
    """Return "right", or the message, for one call of a function."""
    try:
        result = call(function, *arguments, **options)
        compare(result, expected, "an example")
    except WrongError as wrong:
        return str(wrong)
    return "right"


ONES = torch.ones(3)
GRAD = nn.Parameter(torch.ones(3)) * 1


class Unready(nn.Module):
    """A module without the first line of its `__init__`."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(torch.ones(1))


def twice(loss) -> None:
    loss.backward()
    loss.backward()


def reloaded(model) -> nn.Module:
    file = io.BytesIO()
    torch.save(model, file)
    return torch.load(io.BytesIO(file.getvalue()))


CASES = [
    (lambda x: x, ONES, "right"),
    (lambda x: 1, 1, "right"),
    (lambda x: 1.00001, 1, "right"),
    (lambda x: None, ONES, "None came back"),
    (lambda x: print("answer"), ONES, "`return` instead of `print`"),
    (lambda x: 1.0, ONES, "Return a tensor"),
    (lambda x: x.tolist(), ONES, "Return a tensor"),
    (lambda x: x.unsqueeze(1), ONES, "shape (3, 1), and not (3,)"),
    (lambda x: x.unsqueeze(1) * x, ONES, "combine to (N, N)"),
    (lambda x: x.mean(), ONES, "take away too much"),
    (lambda x: x, GRAD, "carries no gradient"),
    (lambda x: x * math.nan, ONES, "NaN came back"),
    (lambda x: x.add_(1), ONES, "changed the tensor"),
    (lambda x: x.mean(), 1.0, "plain number"),
    (lambda x: True, 1.0, "plain number"),
    (lambda x: "1", 1.0, "plain number"),
    (lambda x: x / missing, ONES, "NameError"),  # noqa: F821
    (lambda x, more: x, ONES, "TypeError"),
    (lambda x: exit(), ONES, "SystemExit"),
    (lambda x: 2 * x, ONES, "Work the example out"),
    (3, ONES, "Keep the `def` line"),
    (lambda x: nn.Parameter(x).add_(1), ONES, "inside `with torch.no_grad():`"),
    (lambda x: setattr(nn.Linear(1, 1), "weight", 1.0), ONES, "change it with `fill_`"),
    (lambda x: Unready(), ONES, "Begin `__init__`"),
    (lambda x: x.mean().backward(), ONES, "No notes were kept"),
    (lambda x: nn.L1Loss().backward(), ONES, "It is the loss, a number"),
    (lambda x: x.mean().item().backward(), ONES, "is there an `item()` before"),
    (lambda x: nn.Linear(1, 1).parameters().numel(), ONES, "loop over it"),
    (lambda x: nn.Sequential().weight, ONES, "Any model may come"),
    (lambda x: twice(nn.Parameter(x).square().mean()), ONES, "Compute the loss anew"),
    (lambda x: nn.Parameter(x).backward(), ONES, "starts at one number"),
    (lambda x: x.item(), ONES, "Only one number becomes plain"),
    (lambda x: nn.L1Loss(x, x), ONES, "Make the loss first"),
    (lambda x: x.mean, ONES, "a pair of brackets"),
    (lambda x: 1 if x > 0 else 0, ONES, "An `if` needs one number"),
    (lambda x: reloaded(nn.Linear(1, 1)), ONES, "`model.state_dict()`, not the model"),
    (
        lambda x: nn.Linear(1, 1).load_state_dict("file"),
        ONES,
        "`load_state_dict` wants",
    ),
    (lambda x: x + torch.ones(4), ONES, "made from what is given"),
    (lambda x: nn.Linear(1, 1)(x), ONES, "Print both before this line"),
    (lambda x: x + None, ONES, "when does it get a value"),
    (lambda x, more: x, ONES, "gets too few arguments"),
    (lambda: 1, ONES, "gets more arguments than it takes"),
    (lambda x: x / missing, ONES, "Use the names in the `def` line"),  # noqa: F821
    (lambda x: {}[0], ONES, "Take that line apart"),
]


@pytest.mark.parametrize(("function", "expected", "part"), CASES)
def test_core(function, expected, part):
    seen = verdict(function, ONES.clone(), expected=expected)
    assert part in seen
    assert seen == "right" or "\nHint: " in seen


def said(record, attempt, capsys, tries=0) -> str:
    record.tries, record.last = tries, None
    record(attempt)
    record.tries = 0
    return capsys.readouterr().out


@each_record
def test_each_mistake_of_a_record_gets_its_own_hint(record, capsys):
    for wrong, hint in record.mistakes:
        assert f"\nHint: {hint}\n" in said(record, wrong, capsys), wrong


@each_record
def test_an_answer_that_is_no_code_is_right_and_a_number_as_a_tensor_too(
    record, capsys
):
    if record.solution:
        return
    attempts = [record.right]
    if isinstance(record.right, int | float):
        attempts.append(torch.tensor([record.right], dtype=torch.float64))
    for attempt in attempts:
        assert said(record, attempt, capsys) == f"Right. {record.praise}\n"


def test_the_code_beside_the_words_is_tidy_and_each_change_changes_it(tmp_path):
    for file in sorted(CHECKS.glob("lesson_*.toml")):
        words = tomllib.loads(file.read_text())
        tables = {name: t for name, t in words.items() if isinstance(t, dict)}
        assert list(tables) == list(records(file.stem[-2:]))
        for name, table in tables.items():
            codes = {part: table.get(part, "") for part in ("starter", *CHANGED)}
            for part, code in codes.items():
                (tmp_path / f"{file.stem}_{name}_{part}.py").write_text(code)
            for change in [c for *wrong, _ in table.get("mistakes", []) for c in wrong]:
                if isinstance(change, str) and " -> " in change:
                    old = change.split(" -> ")[0]
                    assert any(old in codes[part] for part in CHANGED), change
    ruff = [sys.executable, "-m", "ruff", "--config", ROOT / ".ruff.toml"]
    for command in (["format", "--check"], ["check", "--ignore", NOT_BY_READERS]):
        run = [*ruff, *command, "--no-cache", tmp_path]
        seen = subprocess.run(run, capture_output=True, text=True)
        assert seen.returncode == 0, seen.stdout + seen.stderr


@pytest.mark.parametrize("number", NUMBERS)
def test_to_import_a_lesson_draws_nothing(number):
    before = torch.get_rng_state(), random.getstate()
    runpy.run_path(CHECKS / f"lesson_{number}.py")
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


@each_record
def test_help_grows_and_never_tells_the_number_that_was_asked_for(record, capsys):
    tellers = (30.5, -1.5, "0.5", True, [1], torch.ones(2), math.inf, 10**400, 1j)
    for wrong in tellers:
        told = [said(record, wrong, capsys, tries) for tries in range(3)]
        assert all(text.startswith("Not yet: ") for text in told)
        first, second, third = (text.splitlines() for text in told)
        assert len(first) == 2
        assert second == [*first, f"Idea: {record.idea}"]
        assert third[:3] == second
        if not record.solution:
            assert third[3:] == ["A solution is folded below. " + LAST]
            continue
        assert sorted(record.shuffled()) == sorted(
            textwrap.dedent("\n".join(third[4:])).splitlines()
        )
        assert record.solution not in "\n".join(third)


LAST = "Work it through once, by hand."


def test_an_attempt_that_is_checked_again_is_not_counted_again(capsys):
    record = records("04")["slope"]
    record.tries = 0
    first, second = (lambda f, x: 1.0), (lambda f, x: 2.0)
    seen = []
    for attempt in (first, first, second, lambda f, x: 3.0):
        record(attempt)
        seen.append(len(capsys.readouterr().out.splitlines()))
    record.tries = 0
    assert seen[0] == seen[1] < seen[2] < seen[3]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_lesson_shows_what_its_records_hold(number):
    shown = exercises(read(NOTEBOOKS[int(number)]))
    assert set(shown) == set(records(number))
    for name, record in records(number).items():
        assert record.goal in shown[name]["text"].replace("\n", " "), name
        if record.solution:
            assert record.solution.strip() == shown[name]["solution"], name
        if record.starter:
            assert code_of(defined(record.starter)) == code_of(
                defined(shown[name]["starter"])
            )


STRANGE = [
    torch.ones(3).to_sparse(),
    torch.ones(3, device="meta"),
    torch.ones(3, dtype=torch.complex64),
    torch.ones(0),
    (1, 2, 3, 4),
    [[torch.ones(1)]],
    {"a": 1},
    10**400,
    "text",
    int,
]


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
@pytest.mark.parametrize("number", NUMBERS)
def test_no_check_fails_over_what_comes_back(number, strange, capsys):
    for name, record in records(number).items():
        for attempt in (strange, lambda *_: strange):
            told = said(record, attempt, capsys)
            assert told.startswith(("Not yet: ", "Not attempted")), (name, told)


def test_a_check_leaves_everything_as_it_was(capsys, tmp_path):
    def untidy(p, y):
        torch.manual_seed(1)
        random.seed(1)
        np.random.seed(1)
        os.chdir(tmp_path)
        torch.set_default_dtype(torch.float64)
        print("a word\n" * 1_000)
        return missing  # noqa: F821

    def state():
        numbers = random.getstate(), np.random.get_state()[1].tolist()
        rng = torch.get_rng_state().tolist()
        return numbers, rng, os.getcwd(), torch.get_default_dtype()  # noqa: PTH109

    before = state()
    with torch.no_grad():
        told = said(records("03")["mae"], untidy, capsys)
        assert not torch.is_grad_enabled()
    assert state() == before
    assert "in the line `return missing" in told
    assert told.endswith("\nIt printed: a word / a word / a word\n")


def test_what_is_given_is_not_changed_in_any_part():
    for given, change in [
        ([1.0, 2.0], lambda given: given.pop()),
        ({"a": [1.0]}, lambda given: given["a"].append(2.0)),
        (nn.Linear(1, 1), lambda given: nn.init.zeros_(given.weight)),
    ]:
        with pytest.raises(WrongError, match="it changed the"):
            call(change, given)


def test_core_stops_a_function_that_never_ends():
    running = []

    def endless(x):
        while True:
            running.append(1)

    assert "never ends" in verdict(endless, ONES, expected=ONES, patience=0.04)
    time.sleep(0.5)
    count = len(running)
    time.sleep(0.2)
    assert len(running) == count  # its thread has ended
