"""Check the exercises of lesson 05: a saved model, and training from start to end."""

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from checks.core import WrongError, alike, call, compare, expect, new_line, normal, show
from checks.records import exercise, number

answer_at_3 = number(
    answer=2.4,
    mistakes={
        2.1: "That is the weight times 3. A line has a bias, too.",
        1.6: "Weight and bias changed places: the weight multiplies X.",
        3.0: "Only the weight multiplies X; the bias is added once.",
        0.7: "That is the weight: how much the line rises from X = 2 to X = 3.",
        3.7: "The weight multiplies X.",
    },
    hint="Weight times X, plus bias, with the numbers that were learned.",
    tolerance=0.005,
    goal="What does the trained model answer for X = 3?",
    idea="Put 3 into the line: the learned weight multiplies it.",
    praise="A line goes on beyond its points; whether the world does, it cannot tell.",
)

shifted_error = number(
    answer=1.0,
    mistakes={
        0.0: "It loads without a word, but its line lies elsewhere.",
        1.3: "That is the new bias. How far is it from the old one?",
        0.3: "That is the old bias. How far is it from the new one?",
        -1.0: "An error of this kind has no sign.",
        20.0: "That is the sum over 20 points. What is the mean?",
    },
    hint="How far does the whole line move when only its bias changes?",
    tolerance=0.005,
    goal="What is the mean absolute error on the test set now?",
    idea="Each answer moves up by as much as the bias does.",
    praise="PyTorch compares names and shapes; only a test shows what they are worth.",
)


@exercise(
    goal="Write a function that saves the state dict of `model` at `path`, and returns "
    "a fresh `LinearRegressionModel` with the numbers from that file.",
    idea="Save, make a fresh model, read the file, and put into one what came from the "
    "other.",
    praise="The class stays in your code; only the numbers are in the file.",
    solution="""\
def save_and_load(model, path):
    torch.save(model.state_dict(), path)
    fresh = LinearRegressionModel()
    fresh.load_state_dict(torch.load(path, weights_only=True))
    return fresh
""",
    other="""\
def save_and_load(model, path):
    with open(path, "wb") as file:
        torch.save(model.state_dict(), file)
    state_dict = torch.load(path)
    fresh = LinearRegressionModel()
    fresh.load_state_dict(state_dict)
    return fresh
""",
)
def save_and_load(attempt: Any) -> None:
    for weight, bias in [(0.5, -0.25), (-1.5, 2.0)]:
        verify_file(attempt, new_line(weight, bias))


def verify_file(attempt: Any, model: nn.Module) -> None:
    """Say what is wrong with how an attempt saves a model, and loads it."""
    before = new_line(model.weight.item(), model.bias.item())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        opening = mock.Mock(wraps=open)
        with mock.patch("builtins.open", opening), mock.patch("io.open", opening):
            loaded = call(attempt, model, path, shared=True)
        if not path.exists():
            raise WrongError("there is no file at the path", "`torch.save` makes one.")
        try:
            saved = torch.load(path, weights_only=True)
        except Exception as error:
            hint = "Save `model.state_dict()`: names and numbers only."
            raise WrongError("the file holds more than numbers", hint) from error
    if not isinstance(saved, dict) or set(saved) != {"weight", "bias"}:
        hint = "Save the state dict itself: `model.state_dict()`."
        raise WrongError("the file is no state dict", hint)
    if not alike(model, before):
        hint = "Leave the model as it is, and load into another one."
        raise WrongError("the model that was given has changed", hint)
    if loaded is model:
        hint = "Load the numbers into a fresh model."
        raise WrongError("the same model came back", hint)
    if not was_read(path, opening):
        hint = "`torch.load` reads what is in the file."
        raise WrongError("the file is never read", hint)
    hint = "Make a model, load the state dict into it, and return the model."
    expect(loaded, hint, nn.Module)
    X = normal(4)
    hint = "`load_state_dict` puts the numbers from the file into the fresh model."
    compare(call(loaded, X), model(X), show(X), hint=hint)
    if loaded.weight.data_ptr() == model.weight.data_ptr():
        hint = "Let `load_state_dict` copy the numbers into its own parameters."
        raise WrongError("both models hold the very same parameters", hint)


def was_read(path: Path, opening: mock.Mock) -> bool:
    """Return whether a watched `open` was called to read the file."""
    for given in opening.call_args_list:
        file, mode, *_ = *given.args, given.kwargs.get("mode", "r")
        if str(file) == str(path) and "r" in mode:
            return True
    return False


TRAINING_ADVICE = [
    ("X_test", "`train` takes four tensors after the optimizer: `*split(X, y)`."),
    (
        "none of the parameters",
        "Make the optimizer with the parameters of this very model.",
    ),
]


@exercise(
    goal="Write a function that is given points of a line you do not know, and returns "
    "a trained `LinearRegressionModel`.",
    idea="A model, its optimizer, and `train`. With squared errors, steps shrink.",
    praise="You have just trained a model on data you knew nothing about.",
    solution="""\
def find_line(X, y):
    model = LinearRegressionModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    train(model, nn.MSELoss(), optimizer, *split(X, y), epochs=1_000)
    return model
""",
    other="""\
def find_line(X, y):
    model = LinearRegressionModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1e-4, 1_000)
    data = split(X, y)
    train(model, nn.L1Loss(), optimizer, *data, epochs=1_000, scheduler=scheduler)
    return model
""",
)
def find_line(attempt: Any) -> None:
    X = torch.rand(100, generator=torch.Generator().manual_seed(7))
    for weight, bias in [(-1.2, 0.4), (2.3, -0.9)]:
        y = weight * X + bias
        model = call(attempt, X, y, patience=12, advice=TRAINING_ADVICE)
        expect(model, "Return the trained model.", nn.Module)
        at_0, at_1 = call(model, torch.tensor([0.0, 1.0])).flatten().tolist()
        found = {"weight": (at_1 - at_0, weight), "bias": (at_0, bias)}
        hint = (
            "It is on its way: give it more epochs, longer steps, or steps that shrink."
        )
        if abs(at_0 - 0.3) < 0.02 and abs(at_1 - 1) < 0.02:
            hint = "Use the points that are given: those of the lesson are others."
        elif all(p.grad is None for p in model.parameters()):
            hint = "This model was never trained: return the one that was."
        for name, (value, true) in found.items():
            if not abs(value - true) < 0.02:
                what = f"for 100 points of a line that you do not know, the {name}"
                raise WrongError(f"{what} {value:.4f} is not near enough", hint)
