"""What all checks share, with what beginners return."""

import math
import os
import random
import time
from importlib import import_module

import numpy as np
import pytest
import torch
from torch import nn

from checks.core import WrongError, call, compare

LESSONS = [import_module(f"checks.lesson_{n:02}") for n in range(1, 12)]
lesson_01, _, lesson_03, lesson_04, _, lesson_06, *_ = LESSONS
lesson_07, lesson_08, _, lesson_10, _ = LESSONS[6:]


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
]


@pytest.mark.parametrize(("function", "expected", "part"), CASES)
def test_core(function, expected, part):
    seen = verdict(function, ONES.clone(), expected=expected)
    assert part in seen
    assert seen == "right" or "\nHint: " in seen


def said(check, attempt, capsys) -> str:
    check(attempt)
    return capsys.readouterr().out


def test_a_number_that_was_asked_for_is_never_told(capsys):
    for lesson, name, answer in [
        (lesson_01, "test_points", "10"),
        (lesson_03, "all_off", "0.25"),
        (lesson_04, "after_step", "0.7"),
        (lesson_06, "one_slope", "6"),
        (lesson_07, "grams_per_mm", "29"),
        (lesson_08, "network_size", "61"),
        (lesson_10, "speedup", "2.46"),
    ]:
        for wrong in (30, -1.5, "10", True, [1], torch.ones(2), math.inf, 10**400, 1j):
            told = said(getattr(lesson, name), wrong, capsys)
            assert told.startswith("Not yet: ")
            assert answer not in told.replace(repr(wrong), "")


EXERCISE = lesson_01.test_points.__code__  # what all checks run first
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
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.__name__)
def test_no_check_fails_over_what_comes_back(lesson, strange, capsys):
    for name, check in vars(lesson).items():
        if getattr(check, "__code__", None) is EXERCISE:
            for attempt in (strange, lambda *_: strange):
                told = said(check, attempt, capsys)
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
        told = said(lesson_03.mae, untidy, capsys)
        assert not torch.is_grad_enabled()
    assert state() == before
    assert "in the line `return missing" in told
    assert "it printed a word / a word / a word.\n" in told


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
