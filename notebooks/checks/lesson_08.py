"""Check the exercises of lesson 08: parameters, hinges, patience."""

from typing import Any

import torch
from torch import nn

from checks.core import WrongError, call, compare, compare_number, exercise, expect


@exercise("ReLU adds none: a bend has nothing to learn.")
def network_size(attempt: Any) -> None:
    mistakes = [
        (60, "Is the bias of the last layer counted, too?"),
        (40, "Those are the weights. Each unit has a bias as well."),
        (41, "The units of the first layer have biases as well."),
        (62, "The last layer gives one number, and has one bias."),
        (81, "ReLU has no parameters."),
        (20, "That is the number of hidden units."),
        (4, "That is the number of tensors. How many numbers are in each?"),
    ]
    hint = "Count each layer: weights, then one bias for each of its units."
    compare_number(attempt, 61, mistakes, hint=hint)


@exercise("Any chain of straight pieces can be put together from hinges.")
def absolute(attempt: Any) -> None:
    model = call(attempt)
    expect(model, "Return the `nn.Sequential` with three layers.", nn.Sequential)
    kinds = [type(layer).__name__ for layer in model]
    if kinds != ["Linear", "ReLU", "Linear"]:
        raise WrongError(f"its layers are {kinds}", "Linear, then ReLU, then Linear.")
    if model[0].out_features != 2:
        hint = "Two hinges are enough: one for each side."
        raise WrongError(f"it has {model[0].out_features} hidden units", hint)
    places = [-40, -3, -0.5, 0, 0.5, 3, 40]
    X = torch.tensor(places, dtype=model[0].weight.dtype).unsqueeze(1)
    mistakes = [
        (X.relu(), "The right half is there. A second hinge makes the left one."),
        ((-X).relu(), "The left half is there. A second hinge makes the right one."),
        (X, "That is x itself: the last layer should add the hinges, not subtract."),
    ]
    hint = "Draw both hinges: which one rises to the left, and which to the right?"
    result = call(model, X).detach()
    compare(result, X.abs(), "numbers from -40 to 40", mistakes, hint=hint)


@exercise("This rule, with a copy of the parameters, is all of early stopping.")
def best_epoch(attempt: Any) -> None:
    def rule(losses: list[float], patience: int) -> tuple[int, int]:
        """Return the best epoch, and the one in which to stop."""
        best = 0
        for epoch, loss in enumerate(losses):
            best = epoch if loss < losses[best] else best
            if epoch - best >= patience:
                break
        return best, epoch

    for losses, patience in [
        ([5.0, 3.0, 4.0, 4.0, 1.0], 2),
        ([5.0, 3.0, 4.0, 4.0, 1.0], 3),
        ([0.9, 0.7, 0.8, 0.5, 0.6, 0.3, 0.4], 2),
        ([1.0, 2.0, 3.0], 1),
        ([3.0, 2.0, 1.0], 2),
        ([2.0, 2.0, 2.0, 1.0], 2),
        ([9.0, 4.0, 6.0, 5.0, 7.0, 3.0], 4),
    ]:
        best, last = rule(losses, patience)
        lowest = losses.index(min(losses))
        mistakes = [
            (lowest, "It stops before it sees that one."),
            (last, "That is where it stops. Which epoch was the best until then?"),
            (losses[best], "That is the loss. Return the number of its epoch."),
        ]
        hint = "Count the epochs since the last new best, and start anew at each one."
        given = f"{losses} and a patience of {patience}"
        compare(call(attempt, losses, patience), best, given, mistakes, hint=hint)
