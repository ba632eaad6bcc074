"""Check the exercises of lesson 03: the mean absolute error, and the worst one."""

from typing import Any

import torch

from checks.core import call, compare, compare_all, exercise, new_line, normal


@exercise("The sign does not count: each prediction is 0.25 away.")
def all_off(attempt: Any) -> None:
    mistakes = [
        (0.225, "Here plus and minus cancel. Drop the signs first."),
        (0.0, "Every prediction is off. By how much?"),
        (5.0, "That is the sum. MAE is the mean."),
    ]
    compare(attempt, 0.25, "19 predictions above and 1 below", mistakes)


@exercise("This is `nn.L1Loss`, written by you.")
def mae(attempt: Any) -> None:
    small = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 2.0, 2.0])
    mistakes = [
        (lambda p, y: (p - y).mean(), "Plus and minus cancel. Drop the signs."),
        (lambda p, y: (p - y).abs().sum(), "That is the sum. Take the mean."),
        (lambda p, y: (p - y).square().mean(), "Squares: that is another loss."),
    ]
    cases = [small, (normal(8), normal(8, seed=1))]
    compare_all(attempt, lambda p, y: (p - y).abs().mean(), cases, mistakes)


@exercise("The mean hides how bad a single prediction can be.")
def worst(attempt: Any) -> None:
    model, X = new_line(), normal(9)
    y = 0.3 * normal(9, seed=1) + 1
    errors = (model(X) - y).detach()
    mistakes = [
        (errors.max(), "A prediction below its label counts too. Drop the signs."),
        (errors.abs().mean(), "That is the mean. Which error is the largest?"),
        (errors.abs().min(), "That is the smallest. Which error is the largest?"),
    ]
    compare(call(attempt, model, X, y), errors.abs().max().item(), "a line", mistakes)
