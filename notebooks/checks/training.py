"""How the exercises that ask for a whole training loop are judged."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from checks.core import WrongError, call, expect, show
from checks.records import Exercise


def lopsided(predictions: Tensor, labels: Tensor) -> Tensor:
    """Return the mean error, where one that is too low counts twice."""
    errors = predictions - labels
    return torch.maximum(errors, -2 * errors).mean()


def verify_training(
    record: Exercise, attempt: Any, cases: Mapping[str, tuple], *data: Any
) -> None:
    """Say what is wrong with a loop that trains a model and returns a list of losses.

    Args:
        record: the exercise, with a solution, and mistakes that do not raise.
        attempt: what the reader wrote.
        cases: by their description, what makes a model, a loss function, and the kind
            of the optimizer.
        data: what comes after model, loss function and optimizer.
    """

    def trained(loop: Callable) -> tuple[list[float], Tensor]:
        """Return the losses, and the parameters of the model that was trained."""
        torch.manual_seed(0)
        make_model, loss_fn, kind = cases[given]
        model = make_model()
        start = model, loss_fn, kind(model.parameters(), lr=0.1)
        losses = call(loop, *start, *data, shared=True)
        expect(losses, "Return a list with one number for each loss.", list, given)
        for loss in losses:
            hint = "Take the number out of each loss with `item()`."
            expect(loss, hint, float, "one loss in the list")
        return losses, torch.cat([p.detach().flatten() for p in model.parameters()])

    def same(one: tuple, other: tuple) -> bool:
        alike = len(one[0]) == len(other[0]) and torch.allclose(one[1], other[1])
        return alike and torch.allclose(torch.tensor(one[0]), torch.tensor(other[0]))

    for given in cases:
        came, right = trained(attempt), trained(record.right)
        if not same(came, right):
            fits = (text for loop, text in record.mistakes if same(came, trained(loop)))
            told = f"for {given}, {show(torch.tensor(came[0]))} came back as losses"
            what = f"{told}, and not {show(torch.tensor(right[0]))}"
            raise WrongError(what, next(fits, record.hint))
