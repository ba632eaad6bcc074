"""Check the exercises of lesson 03: the mean absolute error, and the worst one."""

from typing import Any

import torch

from checks.core import (
    WrongError,
    call,
    compare,
    compare_all,
    compare_number,
    exercise,
    new_line,
    normal,
)


@exercise("The sign does not count: each prediction is 0.25 away.")
def all_off(attempt: Any) -> None:
    mistakes = [
        (0.225, "Here plus and minus cancel. Drop the signs first."),
        (0.0, "Every prediction is off. By how much?"),
        (5.0, "That is the sum. MAE is the mean."),
    ]
    hint = "How far is each prediction from its label, whichever side it is on?"
    compare_number(attempt, 0.25, mistakes, hint=hint)


@exercise("This is `nn.L1Loss`, written by you.")
def mae(attempt: Any) -> None:
    small = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 2.0, 2.0])
    mistakes = [
        (lambda p, y: (p - y).mean(), "Plus and minus cancel. Drop the signs."),
        (lambda p, y: (p - y).abs().sum(), "That is the sum. Take the mean."),
        (lambda p, y: (p - y).square().mean(), "Squares: that is another loss."),
    ]
    names = {*getattr(getattr(attempt, "__code__", None), "co_names", ())}
    by_pytorch = isinstance(attempt, torch.nn.Module)
    if by_pytorch or names & {"L1Loss", "l1_loss", "loss_fn"}:
        hint = "Write it yourself: the difference, its size, the average."
        raise WrongError("PyTorch's own loss does the work", hint)
    cases = [small, (normal(8), normal(8, seed=1))]
    compare_all(attempt, lambda p, y: (p - y).abs().mean(), cases, mistakes)


@exercise("The mean hides how bad a single prediction can be.")
def worst(attempt: Any) -> None:
    for shift, given in [(1, "a line below its labels"), (-1, "a line above them")]:
        verify_worst(attempt, shift, given)


def verify_worst(attempt: Any, shift: float, given: str) -> None:
    """Say what is wrong with the largest error of a line that misses its labels."""
    model, X = new_line(), normal(9)
    y = 0.3 * normal(9, seed=1) + shift
    errors = (model(X) - y).detach()
    mistakes = [
        (errors.max(), "A prediction below its label counts too. Drop the signs."),
        (errors.min(), "A prediction below its label counts too. Drop the signs."),
        (errors.abs().mean(), "That is the mean. Which error is the largest?"),
        (errors.abs().min(), "That is the smallest. Which error is the largest?"),
    ]
    compare(call(attempt, model, X, y), errors.abs().max().item(), given, mistakes)
