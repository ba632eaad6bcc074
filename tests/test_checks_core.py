"""What all checks share, with what beginners return."""

import math
import time

import pytest
import torch
from torch import nn

from checks.core import WrongError, call, compare


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
