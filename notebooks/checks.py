"""Checks for the exercises: each says in plain sentences how an attempt is doing.

Every check takes what the reader wrote and prints one of three things: that nothing was
attempted yet, what is wrong and a hint, or that it is right and what to notice.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import functools
import inspect
import io
import math
import os
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable
from numbers import Real
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DistributedSampler

import linreg

SECONDS = 5.0  # how long an attempt may take, unless its check says otherwise
NOT_ATTEMPTED = "Not attempted yet: write your answer in the cell above."

Mistakes = Iterable[tuple[Callable, str]]  # (how one gets it wrong, hint)


class WrongError(Exception):
    """What is wrong with an attempt, and a hint that fits."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"Not yet: {what}.\nHint: {hint}")


# The core that all checks share.


def exercise(right: str, starter: Callable[[Any], bool] | None = None) -> Callable:
    """Make a check of a function that raises `WrongError` for a wrong attempt.

    Args:
        right: what to print after "Right." for a right attempt.
        starter: whether an attempt is still the starter; by default, `None` and
            functions without a body are.
    """

    def decorate(verify: Callable[[Any], None]) -> Callable[[Any], None]:
        @functools.wraps(verify)
        def check(attempt: Any) -> None:
            if attempt is None or (starter or is_blank)(attempt):
                print(NOT_ATTEMPTED)
                return
            try:
                with torch.random.fork_rng(devices=[]):  # leave the reader's seed alone
                    verify(attempt)
            except WrongError as wrong:
                print(wrong)
            else:
                print(f"Right. {right}")

        return check

    return decorate


def is_blank(attempt: Any) -> bool:
    """Return whether the attempt is a function with nothing in its body."""

    def blank() -> None: ...

    code = getattr(attempt, "__code__", None)
    return code is not None and code.co_code == blank.__code__.co_code


def is_blank_class(attempt: Any) -> bool:
    """Return whether the attempt is a class with nothing in its body."""
    return inspect.isclass(attempt) and not {"__init__", "forward"} & set(vars(attempt))


def show(value: Any) -> str:
    """Return a short text for a value, with numbers to four decimals."""
    if isinstance(value, Tensor):
        value = value.detach()
        numbers = ", ".join(f"{number:.4f}" for number in value.flatten()[:4].tolist())
        if value.ndim == 0:
            return f"tensor({numbers})"
        if value.ndim == 1:
            return f"tensor([{numbers}{', ...' if len(value) > 4 else ''}])"
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, (int, str, type(None))):
        return repr(value)
    return f"a {type(value).__name__}"


def call(
    function: Callable,
    *arguments: Any,
    shared: bool = False,
    seconds: float = SECONDS,
    may_return_none: bool = False,
) -> Any:
    """Return what the reader's function gives, or say what kept it from giving it.

    Args:
        function: what the reader wrote.
        arguments: what to call it with; copies are handed over.
        shared: hand over the arguments themselves, because it may change them.
        seconds: how long it may take.
        may_return_none: it need not return anything.

    Raises:
        WrongError: it is no function, raises, does not end, changes a tensor that it
            was given, or returns nothing.
    """
    if not callable(function):
        raise WrongError(f"{show(function)} is no function", "Keep the `def` line.")
    given = arguments if shared else copy.deepcopy(arguments)
    outcome, printed = {}, io.StringIO()

    def work() -> None:
        try:
            outcome["result"] = function(*given)
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    with contextlib.redirect_stdout(printed):
        thread.start()
        thread.join(seconds)
    if thread.is_alive():
        stop = ctypes.py_object(SystemExit)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), stop)
        raise WrongError(
            f"it was still running after {seconds:.0f} seconds",
            "Is there a loop that never ends?",
        )
    if error := outcome.get("error"):
        raise WrongError(
            f"it raised {type(error).__name__}: {error}",
            "Call it yourself in a new cell: the traceback names the line.",
        )
    for before, after in zip(arguments, given, strict=True):
        if not shared and isinstance(before, Tensor) and not torch.equal(before, after):
            raise WrongError(
                "it changed the tensor that it was given",
                "Compute a new tensor; operators like `+=` change the old one.",
            )
    if outcome["result"] is None and not may_return_none:
        raise WrongError(
            "None came back",
            "It prints its answer: use `return` instead of `print`."
            if printed.getvalue()
            else "Does it end with `return`?",
        )
    return outcome["result"]


def compare(
    result: Any,
    expected: Tensor | float,
    given: str,
    mistakes: Iterable[tuple[Any, str]] = (),
    tolerance: float = 1e-4,
    hint: str = "Work the example out by hand, and compare.",
) -> None:
    """Raise `WrongError` unless `result` is `expected`, in kind, shape and value.

    Args:
        result: what came back.
        expected: a tensor, or a number.
        given: the input, in words.
        mistakes: (what comes back by this mistake, its hint).
        tolerance: how far a right value may be off.
        hint: what to say about any other value.
    """
    came = f"for {given}, {show(result)} came back, and {show(expected)} was expected"
    if isinstance(expected, Tensor):
        if not isinstance(result, Tensor):
            raise WrongError(
                came, "Return a tensor: leave out `item()` and `tolist()`."
            )
        if result.shape != expected.shape:
            shapes = f"shape {tuple(result.shape)}, and not {tuple(expected.shape)}"
            raise WrongError(
                f"for {given}, the result has {shapes}",
                "Shapes (N,) and (N, 1) combine to (N, N); and one loss is one number."
                if result.numel() > expected.numel()
                else "Did an average or an index take away too much?",
            )
        if expected.requires_grad and not result.requires_grad:
            raise WrongError(
                "the result carries no gradient",
                "It must be computed from an `nn.Parameter`, without `detach()`.",
            )
    elif isinstance(result, bool) or not isinstance(result, Real):
        raise WrongError(
            f"for {given}, {show(result)} came back, and a plain number was expected",
            "`item()` takes the number out of a tensor."
            if isinstance(result, Tensor)
            else "Give a number such as 0.5, without quotes or brackets.",
        )
    value = torch.as_tensor(result, dtype=torch.float64).detach()
    if torch.isnan(value).any():
        raise WrongError(f"for {given}, NaN came back", "Is there a division by zero?")

    def near(other: Any) -> bool:
        other = torch.as_tensor(other, dtype=torch.float64).detach()
        return value.shape == other.shape and torch.allclose(
            value, other, rtol=0, atol=tolerance
        )

    if not near(expected):
        fits = (text for wrong, text in mistakes if near(wrong))
        raise WrongError(came, next(fits, hint))


def compare_function(
    attempt: Callable, reference: Callable, cases: Iterable[tuple], mistakes: Mistakes
) -> None:
    """Compare the attempt with the reference on each case, a tuple of arguments."""
    for case in cases:
        given = ", ".join(map(show, case))
        wrong = [(mistake(*case), hint) for mistake, hint in mistakes]
        compare(call(attempt, *case), reference(*case), given, wrong)


def random_tensor(*shape: int, seed: int = 0) -> Tensor:
    """Return standard normal numbers that are the same each time."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def new_line(weight: float = 0.5, bias: float = -0.25) -> linreg.LinearRegressionModel:
    """Return a model with these numbers."""
    model = linreg.LinearRegressionModel()
    with torch.no_grad():
        model.weight.fill_(weight)
        model.bias.fill_(bias)
    return model


# 01 Data


@exercise("8 of 40 points would be the usual fifth; a quarter is 10.")
def test_points(attempt: Any) -> None:
    mistakes = [
        (30, "These are the training points. How many are left?"),
        (8, "That is a fifth. The fraction here is 0.75."),
        (20, "That is the number for 100 points and 0.8."),
    ]
    compare(attempt, 10, "40 points and the fraction 0.75", mistakes)


@exercise("One line of arithmetic works on a tensor of any length.")
def fahrenheit(attempt: Any) -> None:
    compare_function(
        attempt,
        lambda celsius: 1.8 * celsius + 32,
        [(torch.tensor([0.0, 37.0, 100.0]),), (10 * random_tensor(6),)],
        [
            (lambda c: 1.8 * (c + 32), "Multiply first, then add."),
            (lambda c: c / 1.8 + 32, "Multiply by 1.8; do not divide."),
            (lambda c: 1.8 * c, "The weight is there. Where is the bias?"),
        ],
    )


@exercise("Now slicing is fair whatever order the data came in.")
def shuffled_split(attempt: Any) -> None:
    X = torch.arange(50.0)
    y = 2 * X
    torch.manual_seed(0)
    parts = call(attempt, X, y)
    if not isinstance(parts, tuple | list) or len(parts) != 4:
        raise WrongError(
            f"{show(parts)} came back",
            "Return four tensors: X_train, y_train, X_test, y_test.",
        )
    if not all(isinstance(part, Tensor) for part in parts):
        raise WrongError("not all four parts are tensors", "Slice X and y themselves.")
    sizes = [part.numel() for part in parts]
    if sizes != [40, 40, 10, 10]:
        raise WrongError(
            f"for 50 points, the four parts have {sizes} points",
            "Expected: 40, 40, 10, 10, in the order X_train, y_train, X_test, y_test.",
        )
    X_train, y_train, X_test, y_test = parts
    if not (torch.equal(y_train, 2 * X_train) and torch.equal(y_test, 2 * X_test)):
        raise WrongError(
            "an X has lost its own y",
            "Draw one random order, and use it for X and for y.",
        )
    if not torch.equal(torch.cat([X_train, X_test]).sort().values, X):
        raise WrongError(
            "some points are there twice, and others are missing",
            "`torch.randperm` holds every row number once; `torch.randint` does not.",
        )
    if torch.equal(X_train, X[:40]):
        raise WrongError(
            "the points are still in their old order",
            "Put both tensors into a random order before you slice.",
        )


# 02 Model


@exercise("Three new lines of code, and PyTorch can train it.", is_blank_class)
def proportional(attempt: Any) -> None:
    model = call(attempt)
    if not isinstance(model, nn.Module):
        raise WrongError("it is no PyTorch model", "Inherit from `nn.Module`.")
    names = [name for name, _ in model.named_parameters()]
    if names != ["weight"]:
        raise WrongError(
            f"its parameters are {names}, and ['weight'] was expected",
            "A line through the origin has no bias."
            if "bias" in names
            else "Hold the weight in an `nn.Parameter` named `weight`.",
        )
    if "forward" not in vars(attempt):
        raise WrongError("it has no forward()", "Override `forward(self, X)`.")
    X = random_tensor(5)
    weight = model.weight
    compare(
        call(model, X),
        weight * X,
        f"{show(X)} and the weight {weight.item():.4f}",
        [(weight + X, "Multiply; do not add."), (X, "Where does the weight come in?")],
    )


@exercise("Even a large language model is counted this way.")
def count_parameters(attempt: Any) -> None:
    for model, given, count, tensors in [
        (new_line(), "our line", 2, 2),
        (nn.Linear(3, 2), "nn.Linear(3, 2)", 8, 2),
    ]:
        mistakes = [
            (tensors, "That is the number of tensors. How many numbers are in each?"),
            (6, "Is the bias counted, too?"),
        ]
        compare(call(attempt, model), count, given, mistakes)


@exercise("A model with numbers of your choice: handy for testing.")
def line(attempt: Any) -> None:
    for weight, bias in [(0.7, 0.3), (-2.0, 5.0)]:
        given = f"weight {weight} and bias {bias}"
        model = call(attempt, weight, bias)
        if not isinstance(model, linreg.LinearRegressionModel | nn.Module):
            raise WrongError(
                f"for {given}, {show(model)} came back",
                "Make a LinearRegressionModel, change it, and return it.",
            )
        names = [name for name, _ in model.named_parameters()]
        if names != ["weight", "bias"]:
            raise WrongError(
                f"its parameters are {names}, and ['weight', 'bias'] was expected",
                "Fill the two parameters; do not replace them by other things.",
            )
        X = torch.tensor([0.0, 1.0])
        mistakes = [(bias * X + weight, "Weight and bias are swapped.")]
        hint = "Fill both parameters with `fill_`, under `torch.no_grad()`."
        expected = model.weight * 0 + weight * X + bias
        compare(call(model, X), expected, given, mistakes, hint=hint)


# 03 Untrained prediction


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
    compare_function(
        attempt,
        lambda predictions, labels: (predictions - labels).abs().mean(),
        [
            (torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 2.0, 2.0])),
            (random_tensor(8), random_tensor(8, seed=1)),
        ],
        [
            (lambda p, y: (p - y).mean(), "Plus and minus cancel. Drop the signs."),
            (lambda p, y: (p - y).mean().abs(), "Drop each sign before averaging."),
            (lambda p, y: (p - y).abs().sum(), "That is the sum. Take the mean."),
            (lambda p, y: (p - y).square().mean(), "Squares: that is another loss."),
        ],
    )


@exercise("The mean hides how bad a single prediction can be.")
def worst(attempt: Any) -> None:
    model, X = new_line(), random_tensor(9)
    y = 0.3 * random_tensor(9, seed=1) + 1
    errors = (model(X) - y).detach()
    mistakes = [
        (errors.max(), "A prediction below its label counts too. Drop the signs."),
        (errors.abs().mean(), "That is the mean. Which error is the largest?"),
        (errors.abs().min(), "That is the smallest. Which error is the largest?"),
    ]
    compare(call(attempt, model, X, y), errors.abs().max().item(), "a line", mistakes)


# 04 Training loop


@exercise("Against a negative gradient is upwards.")
def after_step(attempt: Any) -> None:
    mistakes = [
        (0.3, "The step goes against the gradient: subtract it."),
        (2.5, "Multiply the gradient by the learning rate first."),
        (-1.5, "Multiply the gradient by the learning rate, then subtract."),
        (0.2, "That is the step itself. Where does the weight end up?"),
    ]
    compare(attempt, 0.7, "weight 0.5, gradient -2 and lr 0.1", mistakes)


@exercise("Autograd gives the same number exactly, and for all parameters at once.")
def slope(attempt: Any) -> None:
    for function, at, name in [
        (lambda x: x * x, 3.0, "x * x at 3"),
        (lambda x: 2 - 5 * x, 1.0, "2 - 5 * x at 1"),
    ]:
        rise = function(at + 0.001) - function(at)
        mistakes = [
            (rise, "Divide by the size of the nudge."),
            (-rise / 0.001, "The sign is wrong: new value minus old value."),
            (function(at), "That is the value. How much does it change?"),
        ]
        result = call(attempt, function, at)
        compare(result, rise / 0.001, name, mistakes, tolerance=0.01)


@exercise("These lines train any PyTorch model.")
def train_step(attempt: Any) -> None:
    X, loss_fn, lr = random_tensor(12), nn.L1Loss(), 0.1
    y = 0.7 * X + 3

    def steps(clear: bool) -> tuple[list[float], list[float]]:
        """Return the losses before each of two steps, and the weights after them."""
        model = new_line()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        losses, weights = [], []
        for _ in range(2):
            loss = loss_fn(model(X), y)
            if clear:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            weights.append(model.weight.item())
        return losses, weights

    losses, weights = steps(clear=True)
    _, piled_up = steps(clear=False)
    model = new_line()
    start = model.weight.item()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for number in range(2):
        arguments = (model, loss_fn, optimizer, X, y)
        result = call(attempt, *arguments, shared=True)
        weight = model.weight.item()
        given = f"weight {start:.4f}, step {number + 1}"
        if weight == start:
            raise WrongError(
                "the parameters did not move",
                "Compute the gradients with `backward()`, then take the `step()`."
                if model.weight.grad is None
                else "The gradients are there. `optimizer.step()` uses them.",
            )
        mistakes = [
            (piled_up[number], "The old gradient was added: clear it with zero_grad."),
            (2 * start - weights[0], "The parameters moved the wrong way."),
        ]
        hint = "One call is one step: forward, loss, zero_grad, backward, step."
        compare(weight, weights[number], f"{given}, as new weight", mistakes, hint=hint)
        after = loss_fn(model(X), y).item()
        mistakes = [(after, "That is the loss after the step. Return the one before.")]
        compare(result, losses[number], given, mistakes)


# 05 Trained prediction


@exercise("The class stays in your code; only the numbers are in the file.")
def save_and_load(attempt: Any) -> None:
    model = new_line()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        loaded = call(attempt, model, path, shared=True)
        if not path.exists():
            raise WrongError("there is no file at the path", "`torch.save` makes one.")
        try:
            saved = torch.load(path, weights_only=True)
        except Exception as error:
            raise WrongError(
                "the file holds more than numbers",
                "Save `model.state_dict()`, and not the model.",
            ) from error
    if loaded is model:
        raise WrongError(
            "the same model came back", "Load the numbers into a fresh model."
        )
    if not isinstance(loaded, nn.Module):
        raise WrongError(
            f"{show(loaded)} came back",
            "Make a model, load the state dict into it, and return the model.",
        )
    if set(saved) != {"weight", "bias"}:
        raise WrongError("the file is no state dict", "Save `model.state_dict()`.")
    X = random_tensor(4)
    hint = "`load_state_dict` puts the numbers from the file into the fresh model."
    compare(call(loaded, X), model(X), show(X), hint=hint)


@exercise("You have just trained a model on data you knew nothing about.")
def find_line(attempt: Any) -> None:
    X = torch.rand(100, generator=torch.Generator().manual_seed(7))
    model = call(attempt, X, -1.2 * X + 0.4, seconds=60)
    if not isinstance(model, nn.Module):
        raise WrongError(f"{show(model)} came back", "Return the trained model.")
    for name, true in [("weight", -1.2), ("bias", 0.4)]:
        value = getattr(model, name, torch.tensor(math.nan)).item()
        mistakes = [(0.7, "Use the points that are given, not our old ones.")]
        hint = "More epochs? A schedule that shrinks the steps? The right parameters?"
        given = f"100 points of another line, as {name}"
        compare(value, true, given, mistakes, tolerance=0.02, hint=hint)


# 06 Gradient descent by hand


@exercise("A step would lower the weight, because the prediction is too high.")
def one_slope(attempt: Any) -> None:
    mistakes = [
        (3, "The square gives a factor of 2."),
        (2, "That is the slope for the bias. The weight is multiplied by X."),
        (1, "That is the error. By how much does its square change?"),
        (-6, "The error is the prediction minus the label."),
    ]
    compare(attempt, 6, "X = 3, label 5, weight 2 and bias 0", mistakes)


@exercise("`torch.optim.SGD` takes the very same steps.")
def momentum_step(attempt: Any) -> None:
    lr, momentum = 0.1, 0.5
    value, velocity = 1.0, 0.0
    parameter = nn.Parameter(torch.tensor(value, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=momentum)
    for gradient in [3.0, -1.0, 2.0]:
        arguments = (value, velocity, gradient, lr, momentum)
        given = "value {:.4f}, velocity {:.4f}, gradient {}, lr {}, momentum {}"
        given = given.format(*arguments)
        result = call(attempt, *arguments)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise WrongError(
                f"for {given}, {show(result)} came back",
                "Return two numbers: the new value and the new velocity.",
            )
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        (state,) = optimizer.state.values()
        new_velocity = state["momentum_buffer"].item()
        compare(
            result[1],
            new_velocity,
            f"{given}, as new velocity",
            [
                (parameter.item(), "The order is: value first, then velocity."),
                (
                    momentum * velocity - gradient,
                    "Add the gradient here.",
                ),
                (
                    momentum * velocity + (1 - momentum) * gradient,
                    "The gradient comes in whole, not as a share.",
                ),
                (momentum * velocity + lr * gradient, "`lr` belongs to the step only."),
            ],
        )
        compare(
            result[0],
            parameter.item(),
            f"{given}, as new value",
            [
                (value - lr * gradient, "Move by the velocity, not by the gradient."),
                (value - lr * velocity, "Use the new velocity, not the old one."),
                (value + lr * new_velocity, "The step goes against the velocity."),
            ],
        )
        value, velocity = parameter.item(), new_velocity


@exercise("No library left: you have written all of the training yourself.")
def fit_line(attempt: Any) -> None:
    X = random_tensor(20)

    def fit(y: Tensor, lr: float, steps: int, together: bool = True) -> tuple:
        weight, bias = 0.0, 0.0
        for _ in range(steps):
            error = weight * X + bias - y
            weight -= lr * 2 * (error * X).mean().item()
            error = error if together else weight * X + bias - y
            bias -= lr * 2 * error.mean().item()
        return weight, bias

    for steps, given in [(1, "one step"), (3, "three steps"), (300, "300 steps")]:
        y = -1.5 * X + 4
        result = call(attempt, X, y, 0.1, steps)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise WrongError(
                f"for {given}, {show(result)} came back",
                "Return two plain numbers: the weight and the bias.",
            )
        expected = fit(y, 0.1, steps)
        for i, name in enumerate(["weight", "bias"]):
            compare(
                result[i],
                expected[i],
                f"20 points, lr 0.1 and {given}, as {name}",
                [
                    (expected[1 - i], "The order is: weight first, then bias."),
                    (fit(y, 0.05, steps)[i], "The square gives a factor of 2."),
                    (fit(y, -0.1, steps)[i], "The step goes against the slope."),
                    (
                        fit(y, 0.1, steps, together=False)[i],
                        "Compute the error once, before either number moves.",
                    ),
                    (0.0, "It has not moved. Are the new numbers kept?"),
                ],
                tolerance=1e-3,
            )


# 07 Real data


@exercise("Numbers with their units back are numbers that one can talk about.")
def grams_per_mm(attempt: Any) -> None:
    upside_down = "Upside down: multiply by the grams, and divide by the millimetres."
    mistakes = [
        (57, "That is 800 g for each 14 mm. Where does the weight come in?"),
        (800 / 14, "That is 800 g for each 14 mm. Where does the weight come in?"),
        (0.5 * 14 / 800, upside_down),
        (0.00875, upside_down),
        (0, upside_down),
        (400, "That is for 14 mm. How much is it for one?"),
        (28, "28.6 is nearer to 29."),
        (28.6, "Round to whole grams."),
        (28.57, "Round to whole grams."),
        (400 / 14, "Round to whole grams."),
    ]
    compare(attempt, 29, "weight 0.5, 14 mm and 800 g", mistakes)


@exercise("Now a name can stand beside numbers, and no kind counts more than another.")
def one_hot(attempt: Any) -> None:
    for names, kinds in [
        (["b", "a"], ["a", "b"]),
        (["x", "z", "z", "y", "x"], ["z", "x", "y"]),
    ]:
        given = f"{names} and {kinds}"

        def columns(kinds: list[str], names: list[str] = names) -> Tensor:
            rows = [[float(name == kind) for kind in kinds] for name in names]
            return torch.tensor(rows)

        expected = columns(kinds)
        result = call(attempt, names, kinds)
        if isinstance(result, Tensor) and not result.is_floating_point():
            raise WrongError(
                f"for {given}, a tensor of {result.dtype} came back",
                "Turn each answer into a number with `float`.",
            )
        if isinstance(result, Tensor) and result.ndim == 1:
            raise WrongError(
                f"for {given}, {show(result)} came back",
                "Numbered kinds have an order that the names have not. Make a column "
                "for each kind.",
            )
        if isinstance(result, Tensor) and result.shape[::-1] == expected.shape:
            if result.shape != expected.shape:
                raise WrongError(
                    f"for {given}, rows and columns are swapped",
                    "Make a row for each name, with a column for each kind.",
                )
        in_order = [(columns(sorted(kinds)), "Keep the kinds in the order given.")]
        compare(result, expected, given, in_order)


@exercise("What is learned from the training set stays honest on the test set.")
def scale_to_one(attempt: Any) -> None:
    X_train = random_tensor(12, 3) * torch.tensor([1.0, 10.0, 100.0]) + 5
    X_test = random_tensor(4, 3, seed=1) * torch.tensor([1.0, 10.0, 100.0]) + 5

    def scale(X: Tensor, low: Tensor, high: Tensor) -> Tensor:
        return (X - low) / (high - low)

    given = "12 training and 4 test rows with 3 columns"
    result = call(attempt, X_train, X_test)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise WrongError(
            f"for {given}, {show(result)} came back",
            "Return two tables: the training table and the test table.",
        )
    low, high = X_train.amin(dim=0), X_train.amax(dim=0)
    both = torch.cat([X_train, X_test])
    own = scale(X_test, X_test.amin(dim=0), X_test.amax(dim=0))
    joint = both.amin(dim=0), both.amax(dim=0)
    leaked = "The test rows had a say in it: that is a leak."
    for table, X, name in [
        (result[0], X_train, "training"),
        (result[1], X_test, "test"),
    ]:
        compare(
            table,
            scale(X, low, high),
            f"{given}, as {name} table",
            [
                (own, "Use the low and the range of the training table here, too."),
                (scale(X, *joint), leaked),
                (scale(X, X_train.min(), X_train.max()), "For each column: `dim=0`."),
                (
                    (X - low) / high,
                    "Divide by the range: the highest minus the lowest.",
                ),
                (X / high, "Subtract the lowest first, then divide by the range."),
                (X - low, "Now divide by the range."),
            ],
        )


# 08 From line to network


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
    compare(attempt, 61, "1 feature, 20 hidden units and 1 output", mistakes)


@exercise("Any chain of straight pieces can be put together from hinges.")
def absolute(attempt: Any) -> None:
    model = call(attempt)
    if not isinstance(model, nn.Sequential):
        raise WrongError(
            f"{show(model)} came back", "Return the `nn.Sequential` with three layers."
        )
    kinds = [type(layer).__name__ for layer in model]
    if kinds != ["Linear", "ReLU", "Linear"]:
        raise WrongError(f"its layers are {kinds}", "Linear, then ReLU, then Linear.")
    X = torch.tensor([[-3.0], [-0.5], [0.0], [0.5], [3.0]])
    X = X.to(model[0].weight.dtype)
    mistakes = [
        (X.relu(), "The right half is there. A second hinge makes the left one."),
        ((-X).relu(), "The left half is there. A second hinge makes the right one."),
        (X, "That is x itself: the last layer should add the hinges, not subtract."),
    ]
    hint = "Weights 1 and -1 in the first layer, 1 and 1 in the last, biases 0."
    result = call(model, X).detach()
    compare(result, X.abs(), "-3, -0.5, 0, 0.5 and 3", mistakes, hint=hint)


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
    ]:
        best, last = rule(losses, patience)
        lowest = losses.index(min(losses))
        mistakes = [
            (lowest, "It stops before it sees that one."),
            (last, "That is where it stops. Which epoch was the best until then?"),
            (losses[best], "That is the loss. Return the number of its epoch."),
            (losses[lowest], "Return the number of an epoch, not a loss."),
        ]
        hint = "Count the epochs since the last new best, and start anew at each one."
        given = f"{losses} and a patience of {patience}"
        compare(call(attempt, losses, patience), best, given, mistakes, hint=hint)


# 09 When training goes wrong


@exercise("Its own parameters, and a fresh gradient in each step.")
def train_line(attempt: Any) -> None:
    X = random_tensor(60, 1)
    y = 1.5 * X - 2
    torch.manual_seed(0)
    model = call(attempt, X, y, seconds=30)
    if not isinstance(model, nn.Module):
        raise WrongError(f"{show(model)} came back", "Return the trained model.")
    X_new = torch.tensor([[-1.0], [0.0], [1.0]])
    result = call(model, X_new)
    if not torch.isfinite(result).all():
        raise WrongError("it predicts NaN or infinity", "Are old gradients cleared?")
    torch.manual_seed(0)
    mistakes = [
        (nn.Linear(1, 1)(X_new), "It has not moved. Whose parameters are optimized?"),
    ]
    hint = "Which gradients does a step use? Clear the old ones before `backward()`."
    given = "60 points of the line 1.5 * X - 2, at -1, 0 and 1"
    expected = 1.5 * X_new - 2
    compare(result.detach(), expected, given, mistakes, tolerance=0.01, hint=hint)


@exercise("Equal shapes first: a loss that broadcasts does not complain.")
def mean_error(attempt: Any) -> None:
    model = nn.Linear(1, 1)
    X, y = random_tensor(9, 1), random_tensor(9, seed=1)
    with torch.no_grad():
        model.weight.fill_(2.0)
        model.bias.fill_(0.5)
        errors = model(X).squeeze(1) - y
        crossed = (model(X) - y).abs().mean()
    mistakes = [
        (crossed, "Each prediction still meets each label. Print both shapes."),
        (errors.mean(), "Plus and minus cancel. Drop the signs."),
        (errors.abs().sum(), "That is the sum. Take the mean."),
    ]
    expected = errors.abs().mean().item()
    compare(call(attempt, model, X, y), expected, "9 points", mistakes)


@exercise("Mode, record and weights: a measurement deserves the same care as a step.")
def epoch_loss(attempt: Any) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 20), nn.Dropout(0.5), nn.Linear(20, 1)).train()
    X, y = random_tensor(10, 1), random_tensor(10, 1, seed=1)
    batches = list(zip(X.split([7, 3]), y.split([7, 3]), strict=True))
    measured = copy.deepcopy(model).eval()
    with torch.no_grad():
        losses = [nn.functional.mse_loss(measured(a), b).item() for a, b in batches]
    expected = (7 * losses[0] + 3 * losses[1]) / 10
    mistakes = [
        (sum(losses) / 2, "7 rows and 3 rows count alike. Weight by their number."),
        (sum(losses), "Divide by the number of rows."),
        (7 * losses[0] + 3 * losses[1], "Divide by the number of rows."),
    ]
    result = call(attempt, model, batches, shared=True)
    if isinstance(result, Tensor) and result.requires_grad:
        raise WrongError(
            "the result still holds its record",
            "`item()` takes the number out; under inference_mode, nothing is recorded.",
        )
    hint = "In which mode is the model? With dropout, that changes the loss."
    compare(result, expected, "batches of 7 and 3 rows", mistakes, hint=hint)


# 10 Faster


@exercise("The step that is left sets the limit: with no test at all, 2.5.")
def speedup(attempt: Any) -> None:
    mistakes = [
        (100 / 40, "One test in a hundred epochs is left, and takes its share."),
        (100, "Only the tests become rarer. The step stays in every epoch."),
        (1 / (0.6 + 0.4 / 100), "You made the step rarer, and kept the test."),
        (40.6, "That is the time for an epoch. How often does it fit into 100?"),
        (40.6 / 100, "Turn it round: the old time divided by the new one."),
    ]
    hint = "What does an epoch take on average, with a hundredth of a test in it?"
    given = "40 µs and 60 µs"
    compare(attempt, 100 / 40.6, given, mistakes, tolerance=0.01, hint=hint)


@exercise("As many operations for a thousand lines as for one.")
def all_losses(attempt: Any) -> None:
    def losses(weights: Tensor, biases: Tensor, X: Tensor, y: Tensor) -> Tensor:
        """Return the mean absolute error of each line."""
        errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
        return errors.abs().mean(dim=1)

    def errors(*case: Tensor) -> Tensor:
        """Return the mean error with its sign."""
        weights, biases, X, y = case
        return (weights.unsqueeze(1) * X + biases.unsqueeze(1) - y).mean(dim=1)

    line = torch.tensor([1.0, 2.0]), torch.zeros(2)
    points = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0])
    random = [random_tensor(n, seed=seed) for seed, n in enumerate([5, 5, 7, 7])]
    for case in [random, (*line, *points)]:
        weights, biases, X, y = case
        expected = losses(*case)
        squares = (weights.unsqueeze(1) * X + biases.unsqueeze(1) - y) ** 2
        mistakes = [
            (errors(*case), "Plus and minus cancel. Drop the signs."),
            (errors(*case).abs(), "Drop the signs before the mean, not after."),
            (expected * len(X), "That is the sum. Take the mean."),
            (squares.mean(dim=1), "Those are squares. Take absolute values."),
        ]
        given = "5 lines and 7 points" if case is random else "the small example"
        try:
            result = call(attempt, *case)
        except WrongError as wrong:
            if "raised RuntimeError" not in str(wrong):
                raise
            what, _ = str(wrong).removeprefix("Not yet: ").split(".\nHint: ")
            hint = "Make both a column, the weights and the biases."
            raise WrongError(what, hint) from None
        if isinstance(result, Tensor) and result.shape == X.shape != expected.shape:
            raise WrongError(
                "there is a loss for each point, and not for each line",
                "Lines in rows, points in columns: take the mean along the columns.",
            )
        hint = "Make the lines a column, with `unsqueeze(1)`."
        compare(result, expected, given, mistakes, hint=hint)
    few, many = (operations(attempt, n, *random[2:]) for n in (3, 30))
    if few != many:
        raise WrongError(
            f"it takes {few} operations for 3 lines and {many} for 30",
            "Leave out the loop: a column of weights times a row of X is a table.",
        )


def operations(function: Callable, n: int, *arguments: Tensor) -> int:
    """Return how many operations `function` dispatches for `n` lines."""
    with Operations() as counter:
        function(random_tensor(n), random_tensor(n, seed=1), *arguments)
    return counter.count


class Operations(TorchDispatchMode):
    """Count the operations that PyTorch dispatches."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: Any = None
    ) -> Any:
        """Count one operation, and run it."""
        self.count += 1
        return function(*args, **kwargs or {})


@exercise("One pass, one block at a time: it works for any number of values.")
def mean_and_std(attempt: Any) -> None:
    small = [torch.tensor([1.0, 2.0]), torch.tensor([6.0])]
    large = list((random_tensor(5_000) + 1_000).split([100, 2_000, 2_900]))
    for blocks, given in [(small, "[1, 2] and [6]"), (large, "values near 1000")]:
        values = torch.cat(blocks).double()
        mean, std = values.mean().item(), values.std(correction=0).item()
        result = call(attempt, iter(copy.deepcopy(blocks)), shared=True)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise WrongError(f"{show(result)} came back", "Return mean and spread.")
        mean_of_means = sum(b.mean().item() for b in blocks) / len(blocks)
        mistakes = [
            (mean - blocks[0].mean().item(), "Add again what you subtracted."),
            (mean_of_means, "Blocks of different length count alike: add up sums."),
            (0.0, "Can you go through `blocks` a second time?"),
        ]
        said = f"the mean of {given}"
        compare(result[0], mean, said, mistakes, tolerance=1e-3)
        mistakes = [
            (std**2, "That is its square, the variance."),
            (values.std().item(), "Divide by the number of values, not one less."),
        ]
        hint = "Far from zero, the squares lose it. What should you subtract first?"
        said = f"the spread of {given}"
        compare(result[1], std, said, mistakes, tolerance=2e-5, hint=hint)
    if call(is_greedy, attempt):
        raise WrongError(
            "it asks for all blocks before it is done with the first",
            "Keep totals only: the blocks may not fit into memory together.",
        )


def is_greedy(attempt: Callable) -> bool:
    """Return whether an attempt keeps the blocks that it has seen."""
    seen = []

    def blocks() -> Iterable[Tensor]:
        for seed in range(6):
            block = random_tensor(1_000, seed=seed)
            seen.append(weakref.ref(block))
            yield block
            del block
            alive.append(sum(ref() is not None for ref in seen))

    alive = []
    attempt(blocks())
    return max(alive, default=0) > 2


# 11 Many machines


@exercise("A row that is dealt twice counts twice: numbers that divide are fairer.")
def share(attempt: Any) -> None:
    for n_rows, world_size in [(5, 2), (8, 4), (1, 3), (7, 5)]:
        for rank in range(world_size):
            sampler = DistributedSampler(
                range(n_rows), world_size, rank=rank, shuffle=False
            )
            expected = list(sampler)
            rounds = len(expected)
            result = call(attempt, n_rows, rank, world_size)
            if not isinstance(result, list):
                raise WrongError(f"{show(result)} came back", "Return a list.")
            if result == expected:
                continue
            mistakes = [
                (
                    list(range(rank, n_rows, world_size)),
                    "All must get equally many: deal on from row 0 until they do.",
                ),
                (
                    expected[: n_rows // world_size],
                    "No row may be left out: round up, and deal on from row 0.",
                ),
                (
                    [i % n_rows for i in range(rank * rounds, (rank + 1) * rounds)],
                    "Deal in turn: the next row goes to the next process.",
                ),
                (
                    [rank + i * world_size for i in range(rounds)],
                    "There is no such row: after the last one comes row 0 again.",
                ),
            ]
            hint = "Deal the example out by hand, one row at a time."
            fits = (text for wrong, text in mistakes if result == wrong)
            raise WrongError(
                f"for n_rows={n_rows}, process {rank} of {world_size} gets {result}, "
                f"and {expected} was expected",
                next(fits, hint),
            )


@exercise("A mean times its number of rows is a sum, and sums can be added.")
def combine(attempt: Any) -> None:
    small = [torch.tensor([1.0]), torch.tensor([4.0])], [1, 2]
    large = [random_tensor(2, seed=seed) for seed in range(3)], [100, 20, 3]
    for gradients, n_rows in [small, large]:
        weighted = sum(g * n for g, n in zip(gradients, n_rows, strict=True))
        mistakes = [
            (sum(gradients) / len(gradients), "All rows must count the same."),
            (sum(gradients), "The loss is a mean over all rows, and not a sum."),
            (weighted, "That is the sum over all rows. Make it a mean."),
            (weighted / len(n_rows), "Divide by the number of rows, all together."),
        ]
        given = f"shares of {' and '.join(map(str, n_rows))} rows"
        hint = "How do you get from a mean back to the sum that it was made from?"
        result = call(attempt, gradients, n_rows)
        if isinstance(result, Tensor) and result.shape != weighted.shape:
            raise WrongError(
                f"the result has shape {tuple(result.shape)}, and each gradient "
                f"{tuple(weighted.shape)}",
                "Multiply each gradient by its own number of rows, one by one.",
            )
        compare(result, weighted / sum(n_rows), given, mistakes, hint=hint)


@exercise("Whenever the machine stops, one of the two states is whole.")
def save_safely(attempt: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        torch.save({"epochs": torch.zeros(1)}, path)
        renames = []
        with (
            mock.patch("os.replace", watched(os.replace, path, renames)),
            mock.patch("os.rename", watched(os.rename, path, renames)),
        ):
            state = {"epochs": torch.zeros(2)}
            call(attempt, state, path, may_return_none=True)
        now = saved_epochs(path)
        left = sorted(file.name for file in path.parent.iterdir() if file != path)
    if now != 2:
        raise WrongError(
            "afterwards, the file at `path` does not hold the new state",
            "`torch.save` writes it, under which name? Give it the right one.",
        )
    if not renames:
        raise WrongError(
            "the file was written under its own name",
            "Until it is whole, it needs another one. Copying it over is writing, "
            "too: look for a method of `path` that renames.",
        )
    before, source, beside = renames[-1]
    if before != 1:
        raise WrongError(
            "the old state was gone before the new one had its place",
            "Leave the old file alone: `replace` takes its place in the same step.",
        )
    if source != 2:
        raise WrongError(
            "the new file was renamed before all of it was written",
            "Write and close it first, and rename it last.",
        )
    if not beside:
        raise WrongError(
            "the new file came from another folder",
            "On another disk, a rename becomes a copy: write it beside the old one.",
        )
    if left:
        raise WrongError(f"{left[0]} was left in the folder", "Rename the only copy.")


def watched(rename: Callable, path: Path, seen: list) -> Callable:
    """Return `rename`, but first note what is at `path` and what is to replace it.

    `seen` gets both numbers of epochs, or None where there is no whole state, and
    whether both are in the same folder.
    """

    def renamed(source: Any, target: Any, **options: Any) -> None:
        states = saved_epochs(target), saved_epochs(source)
        beside = Path(source).absolute().parent == path.parent
        rename(source, target, **options)
        if Path(target) == path:
            seen.append((*states, beside))

    return renamed


def saved_epochs(path: Any) -> int | None:
    """Return the number of epochs in a saved state, or None if it is not whole."""
    try:
        return len(torch.load(path, weights_only=True)["epochs"])
    except Exception:
        return None
