"""Check the exercises of lesson 03: errors, what they come to, and the worst one."""

from typing import Any

import torch
from torch import Tensor

from checks.core import WrongError, new_line, normal, own_work, same, show
from checks.records import Lesson
from linreg import make_data, split


def said(X: Tensor) -> Tensor:
    """Return what the lesson's untrained model predicts, without notes."""
    return -0.5394 * X + 0.9952


X_train, y_train, X_test, _ = split(*make_data())
lesson = Lesson(__file__, said=said, X_train=X_train, y_train=y_train, X_test=X_test)

error = lesson.number("error")
hundredths = lesson.number("hundredths")


@lesson.exercise
def bare(attempt: Any) -> None:
    """Predictions are right if they are those of the lesson, and carry no notes."""
    hint = bare.hint
    if isinstance(attempt, Tensor) and attempt.is_floating_point():
        values, near = attempt.detach(), bare.tolerance
        if same(values, bare.right, near) and not attempt.requires_grad:
            return
        (_, notes), *others = bare.mistakes
        hints = (text for wrong, text in others if same(values, wrong, near))
        hint = notes if attempt.requires_grad else next(hints, hint)
    raise WrongError(f"you made {show(attempt)}", hint)


all_off = lesson.number("all_off")


@lesson.exercise
def mae(attempt: Any) -> None:
    """It is right for three pairs of tensors, without PyTorch's own loss."""
    pairs = [
        (normal(8), normal(8, seed=1)),
        (3 * normal(5, seed=2), normal(5, seed=3) - 2),
        (torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 2.0, 2.0])),
    ]
    hint = "Write it yourself: the difference, its size, the average."
    with own_work(attempt, "l1_loss", hint):
        mae.try_cases(attempt, pairs)


def off_by(errors: Tensor) -> tuple:
    """Return a line, X, and y such that the line errs by these."""
    model, X = new_line(), normal(len(errors))
    return model, X, model(X).detach() - errors


@lesson.exercise
def worst(attempt: Any) -> None:
    """It is right for a line whose worst error is negative, and for another."""
    errors = torch.tensor([0.31, -0.94, 0.52, -0.27, 0.73, -0.46])
    others = torch.cat([errors.repeat(4) / 2, -errors])
    sides = {"below": off_by(errors), "above": off_by(others)}
    cases = {f"a line whose worst error is {s} its label": sides[s] for s in sides}
    worst.try_cases(attempt, cases)
