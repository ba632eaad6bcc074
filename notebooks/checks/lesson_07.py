"""Check the exercises of lesson 07: units, one-hot columns, no leak, small batches."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from checks.core import WrongError, normal, show
from checks.records import Lesson
from checks.training import lopsided, verify_training

lesson = Lesson(__file__)

scaled_flipper = lesson.number("scaled_flipper")
steps_per_epoch = lesson.number("steps_per_epoch")
grams_per_mm = lesson.number("grams_per_mm")


@lesson.exercise
def one_hot(attempt: Any) -> None:
    """Floats, with a row for each name and a column for each kind, three times."""
    large = ["x", "z", "z", "y", "x"], ["z", "x", "y", "w"]
    similar = ["Adela", "Adel", "Ada"], ["Ada", "Adela", "Adel"]
    for names, kinds in [(["b", "a"], ["a", "b"]), large, similar]:
        given = f"{names} and {kinds}"
        expected = one_hot.right(names, kinds)
        result = one_hot.call(attempt, names, kinds)
        if isinstance(result, Tensor):
            came = f"for {given}, {show(result)} came back"
            if result.ndim == 1:
                hint = "Numbers would put the kinds in order. Make a column for each."
                raise WrongError(came, hint)
            if not result.is_floating_point():
                hint = "Turn each answer into a float."
                raise WrongError(f"{came}, of {result.dtype}", hint)
            if result.shape != expected.shape:
                shapes = f"{tuple(result.shape)}, and not {tuple(expected.shape)}"
                hint = "Make a row for each name, with a column for each kind."
                raise WrongError(f"for {given}, the result has shape {shapes}", hint)
        one_hot.compare(result, (names, kinds), given)


units = torch.tensor([1.0, 10.0, 100.0])
tables = normal(12, 3) * units + 5, normal(12, 3, seed=1) * units + 5
scale_to_one = lesson.function(
    "scale_to_one", {"12 training and 12 test rows with 3 columns": tables}
)


@lesson.exercise
def train_in_batches(attempt: Any) -> None:
    """Losses and parameters come out as ours, with two losses and two optimizers."""
    X = normal(12, 2)
    y = X @ torch.tensor([[2.0], [-1.0]]) + 0.5
    loader = DataLoader(TensorDataset(X, y), batch_size=5)
    cases = {
        "2 epochs of 3 batches": (lambda: nn.Linear(2, 1), lopsided, torch.optim.SGD),
        "2 epochs with Adam": (lambda: nn.Linear(2, 1), nn.MSELoss(), torch.optim.Adam),
    }
    verify_training(train_in_batches, attempt, cases, loader, 2)
