"""Check the exercises of lesson 10: three faulty programs to mend."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, alike, call, expect, normal
from checks.records import Lesson

lesson = Lesson(__file__)


@lesson.exercise
def train_line(attempt: Any) -> None:
    """From the start that the seed gives, it finds two lines."""
    for n, weight, bias in [(60, 1.5, -2.0), (41, -0.75, 0.5)]:
        X = normal(n, 1, seed=n)
        torch.manual_seed(0)
        model = train_line.call(attempt, X, weight * X + bias, patience=6)
        expect(model, "Return the trained model.", nn.Module)
        X_new = torch.tensor([[-1.0], [0.0], [1.0]])
        result = call(model, X_new)
        expect(result, "Return the trained model.", Tensor)
        if not torch.isfinite(result).all():
            raise WrongError(
                "it predicts NaN or infinity", "Are old gradients cleared?"
            )
        torch.manual_seed(0)
        start = nn.Linear(1, 1)(X_new)
        mistakes = [(start, "It has not moved. Whose parameters are optimized?")]
        given = f"{n} points of the line {weight} * X + {bias}, at -1, 0 and 1"
        train_line.judge(result.detach(), weight * X_new + bias, given, mistakes)


@lesson.exercise
def mean_error(attempt: Any) -> None:
    """It is right for two lines, with points of different number."""
    for n, weight, bias in [(9, 2.0, 0.5), (14, -1.0, 3.0)]:
        model = nn.Linear(1, 1)
        nn.init.constant_(model.weight, weight)
        nn.init.constant_(model.bias, bias)
        case = model, normal(n, 1), normal(n, seed=1)
        mean_error.try_cases(attempt, {f"{n} points": case})


@lesson.exercise
def epoch_loss(attempt: Any) -> None:
    """Two models are measured without dropout, row by row, and left as they were."""
    for sizes in [[7, 3], [4, 6, 1]]:
        n = sum(sizes)
        torch.manual_seed(n)
        bend = nn.ReLU(), nn.Dropout(0.5)
        model = nn.Sequential(nn.Linear(1, 20), *bend, nn.Linear(20, 1)).train()
        X, y = normal(n, 1, seed=n), normal(n, 1, seed=1)
        batches = list(zip(X.split(sizes), y.split(sizes), strict=True))
        before = copy.deepcopy([model, batches])
        given = f"batches of {', '.join(map(str, sizes[:-1]))} and {sizes[-1]} rows"
        result = epoch_loss.call(attempt, model, batches, shared=True)
        if isinstance(result, Tensor) and result.requires_grad:
            hint = (
                "`item()` takes the number out; under inference_mode, nothing is kept."
            )
            raise WrongError("the result still holds its record", hint)
        if not alike(before, [model, batches]):
            hint = "Leave out whatever trains, and compute new tensors."
            raise WrongError("a measurement changed the model, or the batches", hint)
        epoch_loss.compare(result, before, given)
