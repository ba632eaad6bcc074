"""Check the exercises of lesson 10: three faulty programs to mend."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, alike, call, expect, normal
from checks.records import Lesson

lesson = Lesson(__file__)


@lesson.exercise
def train_line(attempt: Any) -> None:
    """From the start that the seed gives, it finds two lines, with two models."""
    X_new, models = torch.tensor([[-1.0], [0.0], [1.0]]), []
    for n, weight, bias in [(60, 1.5, -2.0), (41, -0.75, 0.5)]:
        X = normal(n, 1, seed=n)
        case = X, weight * X + bias
        torch.manual_seed(0)
        models.append(train_line.call(attempt, *case, patience=6))
        expect(models[-1], "Return the trained model.", nn.Module)
        result = call(models[-1], X_new)
        expect(result, "Return the trained model.", Tensor)
        if not torch.isfinite(result).all():
            hint = "Each step makes it worse: how long is it, and in which direction?"
            raise WrongError("it predicts NaN or infinity", hint)
        rows = train_line.mistakes
        mistakes = ((seeded(loop, *case)(X_new), hint) for loop, hint in rows)
        given = f"{n} points of the line {weight} * X + {bias}, at -1, 0 and 1"
        train_line.judge(result.detach(), weight * X_new + bias, given, mistakes)
    if models[0] is models[1]:
        hint = "Make the model inside the function."
        raise WrongError("for two lines, one and the same model came back", hint)


def seeded(loop: Callable, X: Tensor, y: Tensor) -> nn.Module:
    """Return the model that a loop trains, from the same start as an attempt."""
    torch.manual_seed(0)
    return loop(X, y)


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
    drops: set[bool] = set()
    for sizes in [[7, 3], [4, 6, 1]]:
        n = sum(sizes)
        torch.manual_seed(n)
        bend = nn.ReLU(), nn.Dropout(0.5)
        model = nn.Sequential(nn.Linear(1, 20), *bend, nn.Linear(20, 1)).train()
        X, y = normal(n, 1, seed=n), normal(n, 1, seed=1)
        batches = list(zip(X.split(sizes), y.split(sizes), strict=True))
        before = copy.deepcopy([model, batches])
        model[2].register_forward_hook(lambda m, *_: drops.add(m.training and m.p > 0))
        given = f"batches of {', '.join(map(str, sizes[:-1]))} and {sizes[-1]} rows"
        result = epoch_loss.call(attempt, model, batches, shared=True)
        if isinstance(result, Tensor) and result.requires_grad:
            hint = (
                "`item()` takes the number out; under inference_mode, nothing is kept."
            )
            raise WrongError("the result still holds its record", hint)
        is_left = alike(before, [model, batches]) and str(before[0]) == str(model)
        if not is_left or any(p.grad is not None for p in model.parameters()):
            hint = "Only measure: leave layers, parameters, gradients and rows alone."
            raise WrongError("a measurement changed the model, or the batches", hint)
        if True in drops:
            hint = "In which mode is the model? With dropout, that changes the loss."
            raise WrongError("dropout was at work while it measured", hint)
        epoch_loss.compare(result, before, given)
