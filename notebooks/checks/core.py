"""What all checks share: how an attempt is called, and its result compared.

What is wrong with it is raised as a plain sentence, with a hint that fits.
"""

import contextlib
import copy
import ctypes
import io
import linecache
import os
import random
import re
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from linreg import LinearRegressionModel

SECONDS = 5.0  # how long an attempt may take
PRINTED = 1_000  # how many characters of what an attempt prints are kept
BY_HAND = "Work the example out by hand, and compare."
ADVICE = [  # what an error says, and what to do about it
    ("leaf Variable", "Put the change inside `with torch.no_grad():`."),
    ("as parameter '", "A parameter stays a parameter: change it with `fill_`."),
    ("before Module.__init__", "Begin `__init__` with `super().__init__()`."),
    (
        "does not require grad",
        "No notes were kept: call the model itself, without `no_grad` or `detach()`.",
    ),
    (
        "'float' object has no attribute 'backward'",
        "A plain number keeps no notes: is there an `item()` before?",
    ),
    ("has no attribute 'backward'", "It is the loss, a number, that has `backward()`."),
    ("has no attribute 'step'", "It is the optimizer that has `step()`."),
    (
        "has no attribute 'zero_grad'",
        "The optimizer has it, and a model; a tensor's own `.grad` is set to None.",
    ),
    ("'generator' object", "`parameters()` gives one after the other: loop over it."),
    ("'Sequential' object has no", "Any model may come: ask it for `parameters()`."),
    ("second time", "Compute the loss anew before each `backward()`."),
    ("only for scalar outputs", "`backward()` starts at one number: take the mean."),
    (
        "cannot be converted to Scalar",
        "Only one number becomes plain: without `item()`, all stay.",
    ),
    ("legacy_get_string", "Make the loss first, with brackets: `nn.L1Loss()`."),
    ("Boolean value of Tensor", "An `if` needs one number: reduce the tensor first."),
    ("Weights only load failed", "Save `model.state_dict()`, not the model."),
    (
        "dict-like",
        "`load_state_dict` wants what `torch.load` gives, or `state_dict()`.",
    ),
    ("must match", "Two shapes do not fit. Is all of it made from what is given?"),
    ("cannot be multiplied", "Two shapes do not fit. Print both before this line."),
    ("'NoneType'", "Something in this line is None here: when does it get a value?"),
    (
        "required positional argument",
        "Something here gets too few arguments.",
    ),
    ("positional argument", "Something here gets more arguments than it takes."),
    ("is not defined", "Use the names in the `def` line, and `self.` in a class."),
]


class WrongError(Exception):
    """What is wrong with an attempt, and a hint that fits."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"Not yet: {what}.\nHint: {hint}")
        self.hint = hint


@contextlib.contextmanager
def left_as_found() -> Iterator[None]:
    """Record gradients, and put back what an attempt may have changed by the way."""
    folder, dtype = Path.cwd(), torch.get_default_dtype()
    threads = torch.get_num_threads()
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with (
            torch.random.fork_rng(devices=[]),
            torch.inference_mode(False),
            torch.enable_grad(),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.chdir(folder)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)
        random.setstate(python)
        np.random.set_state(numpy)


def first_line(error: BaseException) -> str:
    """Return the kind of an error and the first line of its text, without colours."""
    text = re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip()
    return ": ".join([type(error).__name__, *text.splitlines()[:1]])


def own_line(error: BaseException, function: Callable) -> str:
    """Return the last line of the reader's own code that an error came through."""
    code = getattr(getattr(function, "__init__", None), "__code__", None)
    file = getattr(getattr(function, "__code__", code), "co_filename", None)
    lines = [
        linecache.getline(file, frame.lineno).strip()
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file
    ]
    return f", in the line `{lines[-1]}`" if lines and lines[-1] else ""


class Printed(io.StringIO):
    """Keep the beginning of what is printed."""

    def write(self, text: str) -> int:
        """Keep as much of a text as there is room for."""
        return super().write(text[: max(0, PRINTED - self.tell())])

    def told(self) -> list[str]:
        """Return up to three lines of it, as one line of a message, or nothing."""
        lines = self.getvalue().splitlines()[:3]
        return [f"It printed: {' / '.join(lines)}"] if lines else []


printed = Printed()  # by the attempt that is being checked


def show(value: Any) -> str:
    """Return a short text for a value, with numbers to four decimals."""
    if isinstance(value, Tensor):
        form = "" if value.dtype in (torch.int64, torch.int32, torch.bool) else ".4f"
        numbers = ", ".join(f"{n:{form}}" for n in value.flatten()[:4].tolist())
        if value.ndim == 0:
            return f"tensor({numbers})"
        if value.ndim == 1:
            return f"tensor([{numbers}{', ...' if len(value) > 4 else ''}])"
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, (int, str, type(None))):
        return repr(value)
    if isinstance(value, tuple) and all(isinstance(part, Real) for part in value):
        return ", ".join(map(show, value)) if len(value) > 1 else str(value)
    name = type(value).__name__
    is_an = name[0] in "AEIOaeio" or name in ("L1Loss", "SGD", "ndarray")
    return f"{'an' if is_an else 'a'} {name}"


def call(
    function: Callable,
    *arguments: Any,
    shared: bool = False,
    patience: float = 1,
    may_return_none: bool = False,
    shapes_hint: str = "",
    advice: Iterable[tuple[str, str]] = (),
) -> Any:
    """Return what the reader's function gives, or say what kept it from giving it.

    Args:
        function: what the reader wrote.
        arguments: what to call it with; copies are handed over.
        shared: hand over the arguments themselves, because it may change them.
        patience: how many times `SECONDS` it may take.
        may_return_none: it need not return anything.
        shapes_hint: what to say about a RuntimeError, as from shapes that do not fit.
        advice: what an error may say in this exercise, and what to do about it.

    Raises:
        WrongError: it is no function, raises, does not end, changes a tensor that it
            was given, or returns nothing.
    """
    if not callable(function):
        raise WrongError(f"{show(function)} is no function", "Keep the `def` line.")
    given = arguments if shared else copy.deepcopy(arguments)
    outcome, before_call = {}, printed.tell()

    def work() -> None:
        try:
            outcome["result"] = function(*given)
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    try:
        with contextlib.redirect_stdout(printed):
            thread.start()
            thread.join(patience * SECONDS)
    finally:  # after an interruption, too
        if still_running := thread.is_alive():
            ident, stop = ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, stop)
    if still_running:
        what = f"it was still running after {patience * SECONDS:.0f} seconds"
        raise WrongError(what, "Is there a loop that never ends?")
    if error := outcome.get("error"):
        hint = "Take that line apart: print each name in it just before, and its type."
        where = traceback.extract_tb(error.__traceback__)[-1].name
        text = f"{error} {where}"
        hint = next((do for said, do in ADVICE if said in text), hint)
        said = first_line(error)
        hint = next((do for part, do in advice if part in said), hint)
        if shapes_hint and type(error) is RuntimeError:
            hint = shapes_hint
        called = f"for {', '.join(map(show, given))}, " if given else ""
        what = f"{called}it raised {said.rstrip('.')}{own_line(error, function)}"
        raise WrongError(what, hint)
    for before, after in zip(arguments, given, strict=True):
        if not shared and not alike(before, after):
            hint = "Compute a new one; operators like `+=` change the old one."
            if isinstance(before, nn.Module):
                hint = "Leave its numbers as they are, and what training may change."
            kind = "tensor" if isinstance(before, Tensor) else type(before).__name__
            raise WrongError(f"it changed the {kind} that it was given", hint)
    if outcome["result"] is None and not may_return_none:
        hint = "Does it end with `return`?"
        if printed.tell() > before_call:
            hint = "It prints its answer: use `return` instead of `print`."
        raise WrongError("None came back", hint)
    if isinstance(getattr(outcome["result"], "__self__", None), Tensor | nn.Module):
        hint = "Is a pair of brackets left out? Only `()` calls it."
        raise WrongError(f"{show(outcome['result'])} came back", hint)
    return outcome["result"]


@contextlib.contextmanager
def own_work(attempt: Any, name: str, hint: str) -> Iterator[None]:
    """Raise `WrongError` if PyTorch's own function of that name does the work."""
    functional = nn.functional
    original = getattr(functional, name)
    names = getattr(getattr(attempt, "__code__", None), "co_names", ())
    with patch.object(functional, name, wraps=original) as seen:
        try:
            yield
        finally:
            if attempt is original or name in names or seen.called:
                raise WrongError("PyTorch's own loss does the work", hint)


def alike(one: Any, other: Any) -> bool:
    """Return whether two arguments hold the same, in all their parts."""
    match one:
        case Tensor():
            return one.shape == other.shape and torch.equal(one, other)
        case nn.Module():
            learn = [[p.requires_grad for p in m.parameters()] for m in (one, other)]
            return learn[0] == learn[1] and alike(one.state_dict(), other.state_dict())
        case list() | tuple():
            return len(one) == len(other) and all(map(alike, one, other))
        case dict():
            return alike(list(one.items()), list(other.items()))
        case bool() | int() | float() | str():
            return one == other
    return True


def expect(result: Any, hint: str, kind: type | int, given: str = "") -> None:
    """Raise `WrongError` unless `result` is of this type, or has this many parts."""
    of_kind = isinstance(result, tuple | list if isinstance(kind, int) else kind)
    if not of_kind or (isinstance(kind, int) and len(result) != kind):
        where = f"for {given}, " if given else ""
        raise WrongError(f"{where}{show(result)} came back", hint)


def compare(
    result: Any,
    expected: Tensor | float,
    given: str,
    mistakes: Iterable[tuple[Any, str]] = (),
    tolerance: float = 1e-4,
    hint: str = BY_HAND,
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
    came = f"for {given}, {show(result)} came back"
    if isinstance(expected, Tensor):
        if not isinstance(result, Tensor):
            hint = "Return a tensor: leave out `item()`, `tolist()`, commas or quotes."
            raise WrongError(came, hint)
        if expected.ndim == 0 and result.numel() == 1:
            result = result.reshape(())
        if result.shape != expected.shape:
            shapes = f"shape {tuple(result.shape)}, and not {tuple(expected.shape)}"
            hint = "The numbers may be right. Leave them in the shape that is expected."
            if result.numel() < expected.numel():
                hint = "Did an average or an index take away too much?"
            elif result.numel() > expected.numel() and result.ndim < 2:
                hint = "Too many numbers. Use only what the function is given."
            elif result.numel() > expected.numel():
                hint = (
                    "Shapes (N,) and (N, 1) combine to (N, N); one loss is one number."
                )
            hints = (text for wrong, text in mistakes if same(wrong, result, tolerance))
            raise WrongError(f"for {given}, the result has {shapes}", next(hints, hint))
        if expected.requires_grad and not result.requires_grad:
            hint = "It must be computed from an `nn.Parameter`, without `detach()`."
            raise WrongError("the result carries no gradient", hint)
    elif isinstance(result, bool) or not isinstance(result, Real):
        hint = "Give a number such as 0.5, without quotes or brackets: 0,5 is two."
        if isinstance(result, Tensor) and result.numel() == 1:
            hint = "`item()` takes the number out of a tensor."
        raise WrongError(f"{came}, and a plain number was expected", hint)
    value = torch.as_tensor(result, dtype=torch.float64).detach()
    if torch.isnan(value).any():
        raise WrongError(f"for {given}, NaN came back", "Is there a division by zero?")
    if not same(value, expected, tolerance):
        hints = (text for wrong, text in mistakes if same(value, wrong, tolerance))
        raise WrongError(came + first_apart(value, expected), next(hints, hint))


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Return whether two numbers or tensors have one shape, and nearly equal values."""
    one = torch.as_tensor(one, dtype=torch.float64).detach()
    other = torch.as_tensor(other, dtype=torch.float64).detach()
    is_near = one.shape == other.shape
    return is_near and torch.allclose(one, other, rtol=0, atol=tolerance)


def first_apart(value: Tensor, expected: Tensor | float) -> str:
    """Say where a tensor is first off, and what was expected there."""
    if not isinstance(expected, Tensor) or value.ndim == 0:
        return ""
    place = (value - expected.detach()).abs().gt(1e-4).nonzero()[:1].flatten().tolist()
    where = ", ".join(map(str, place))
    return f", and {expected[tuple(place)].item() + 0.0:.4f} was expected at [{where}]"


@contextlib.contextmanager
def without_answer(attempt: Any) -> Iterator[None]:
    """Say of a wrong number that the reader wrote it, and never tell the right one."""
    try:
        yield
    except WrongError as wrong:
        written = repr(attempt) if isinstance(attempt, Real | str) else show(attempt)
        raise WrongError(f"you wrote {written}", wrong.hint) from None


def expect_other_lines(*models: nn.Module) -> None:
    """Raise `WrongError` if two calls gave one model, or the line of the lessons."""
    if len(models) > 1 and models[0] is models[1]:
        hint = "Make a new LinearRegressionModel in each call."
        raise WrongError("two calls gave the same model", hint)
    ends = call(models[-1], torch.tensor([0.0, 1.0]))
    if same(ends.flatten(), torch.tensor([0.3, 1.0]), 0.05):
        hint = "Use the points that come in: those of the lesson are others."
        raise WrongError("the line of the lesson came back", hint)


def normal(*shape: int, seed: int = 0) -> Tensor:
    """Return standard normal numbers that are the same each time."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def new_line(weight: float = 0.5, bias: float = -0.25) -> LinearRegressionModel:
    """Return a model with these numbers."""
    model = LinearRegressionModel()
    with torch.no_grad():
        model.weight.fill_(weight)
        model.bias.fill_(bias)
    return model
