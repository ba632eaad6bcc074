"""Check the exercises of lesson 06: slopes, momentum, and training by hand."""

from numbers import Real
from typing import Any
from unittest import mock

import torch

from checks.core import WrongError, compare, expect, normal, without_answer
from checks.records import Lesson

lesson = Lesson(__file__)

bias_slope = lesson.number("bias_slope")
bias_grad = lesson.number("bias_grad")
third_velocity = lesson.number("third_velocity")


@lesson.exercise
def one_slope(attempt: Any) -> None:
    """Both are right, as plain numbers in their order."""
    with without_answer(attempt):
        expect(attempt, one_slope.form, 2)
        for given in attempt:
            compare(given, given if isinstance(given, Real) else 0.0, "")
        mistakes = [(torch.tensor(wrong), hint) for wrong, hint in one_slope.mistakes]
        right = torch.tensor(one_slope.right, dtype=torch.float32)
        compare(
            torch.tensor([float(n) for n in attempt]),
            right,
            "",
            mistakes,
            hint=one_slope.hint,
        )


steps = [(1.0, 4.5, 3.0, 0.1, 0.5), (-2.0, 0.5, -1.0, 0.03, 0.9)]
momentum_step = lesson.function(
    "momentum_step", {", ".join(map(str, step)): step for step in steps}
)


def walks() -> dict[str, tuple]:
    """Return points, a learning rate and a number of steps, three times, in words."""
    X = normal(3, 20) + 0.5
    y = X * torch.tensor([[-1.5], [2.0], [0.5]]) + 4 + 0.3 * normal(3, 20, seed=1)
    cases = zip(X, y, [0.03, 0.1, 0.1], [3, 1, 40], strict=True)
    return {f"20 points, lr {case[2]} and steps {case[3]}": case for case in cases}


five_lines = lesson.function("five_lines", walks())
mended = lesson.function("mended", walks())


@lesson.exercise
def fit_line(attempt: Any) -> None:
    """It walks as ours does, and `backward()` is not asked for the slopes."""
    backward = torch.autograd.backward
    with mock.patch("torch.autograd.backward", wraps=backward) as asked:
        fit_line.try_cases(attempt, walks())
    if asked.called:
        hint = "Write both slopes out, as in `mse_gradient`."
        raise WrongError("`backward()` found the slopes", hint)
