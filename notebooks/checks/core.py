"""What all checks share: each says in plain sentences how an attempt is doing.

Every check takes what the reader wrote and prints one of three things: that nothing was
attempted yet, what is wrong and a hint, or that it is right and what to notice.
"""

import contextlib
import copy
import ctypes
import functools
import inspect
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

import numpy as np
import torch
from torch import Tensor, nn

from linreg import LinearRegressionModel

SECONDS = 5.0  # how long an attempt may take
PRINTED = 1_000  # how many characters of what an attempt prints are kept
ADVICE = [  # what an error says, and what to do about it
    ("leaf Variable", "Put the change inside `with torch.no_grad():`."),
    ("as parameter '", "A parameter stays a parameter: fill it in place."),
    ("before Module.__init__", "Begin `__init__` with `super().__init__()`."),
    ("does not require grad", "No notes were kept: call the model itself, and record."),
]
NOT_ATTEMPTED = "Not attempted yet: write your answer in the cell above."


class WrongError(Exception):
    """What is wrong with an attempt, and a hint that fits."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"Not yet: {what}.\nHint: {hint}")
        self.hint = hint


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
                with left_as_found():
                    verify(attempt)
            except WrongError as wrong:
                print(wrong)
            except Exception as error:  # from a result of a kind that nobody expected
                hint = "Compare what you return with the example in the text."
                what = f"the result cannot be checked ({first_line(error)})"
                print(WrongError(what, hint))
            else:
                print(f"Right. {right}")

        return check

    return decorate


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

    def told(self) -> str:
        """Return up to three lines of it, as the end of a sentence."""
        lines = self.getvalue().splitlines()[:3]
        return f"; it printed {' / '.join(lines)}" if lines else ""


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
    patience: float = 1,
    may_return_none: bool = False,
    shapes_hint: str = "",
) -> Any:
    """Return what the reader's function gives, or say what kept it from giving it.

    Args:
        function: what the reader wrote.
        arguments: what to call it with; copies are handed over.
        shared: hand over the arguments themselves, because it may change them.
        patience: how many times `SECONDS` it may take.
        may_return_none: it need not return anything.
        shapes_hint: what to say about a RuntimeError, as from shapes that do not fit.

    Raises:
        WrongError: it is no function, raises, does not end, changes a tensor that it
            was given, or returns nothing.
    """
    if not callable(function):
        raise WrongError(f"{show(function)} is no function", "Keep the `def` line.")
    given = arguments if shared else copy.deepcopy(arguments)
    outcome, printed = {}, Printed()

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
        raise WrongError(what + printed.told(), "Is there a loop that never ends?")
    if error := outcome.get("error"):
        hint = "Call it yourself in a new cell, with an input like the example's."
        hint = next((do for said, do in ADVICE if said in str(error)), hint)
        if shapes_hint and type(error) is RuntimeError:
            hint = shapes_hint
        what = f"it raised {first_line(error)}{own_line(error, function)}"
        raise WrongError(what + printed.told(), hint)
    for before, after in zip(arguments, given, strict=True):
        if not shared and not alike(before, after):
            hint = "Compute a new one; operators like `+=` change the old one."
            kind = "tensor" if isinstance(before, Tensor) else type(before).__name__
            raise WrongError(f"it changed the {kind} that it was given", hint)
    if outcome["result"] is None and not may_return_none:
        hint = "Does it end with `return`?"
        if printed.getvalue():
            hint = "It prints its answer: use `return` instead of `print`."
        raise WrongError("None came back", hint)
    return outcome["result"]


def alike(one: Any, other: Any) -> bool:
    """Return whether two arguments hold the same, in all their parts."""
    match one:
        case Tensor():
            return one.shape == other.shape and torch.equal(one, other)
        case nn.Module():
            return alike(one.state_dict(), other.state_dict())
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
    came = f"for {given}, {show(result)} came back"
    if isinstance(expected, Tensor):
        if not isinstance(result, Tensor):
            hint = "Return a tensor: leave out `item()` and `tolist()`."
            raise WrongError(came, hint)
        if expected.ndim == 0 and result.numel() == 1:
            result = result.reshape(())
        if result.shape != expected.shape:
            shapes = f"shape {tuple(result.shape)}, and not {tuple(expected.shape)}"
            raise WrongError(
                f"for {given}, the result has {shapes}",
                "Shapes (N,) and (N, 1) combine to (N, N); and one loss is one number."
                if result.numel() > expected.numel()
                else "Did an average or an index take away too much?",
            )
        if expected.requires_grad and not result.requires_grad:
            hint = "It must be computed from an `nn.Parameter`, without `detach()`."
            raise WrongError("the result carries no gradient", hint)
    elif isinstance(result, bool) or not isinstance(result, Real):
        hint = "Give a number such as 0.5, without quotes or brackets."
        if isinstance(result, Tensor):
            hint = "`item()` takes the number out of a tensor."
        raise WrongError(f"{came}, and a plain number was expected", hint)
    value = torch.as_tensor(result, dtype=torch.float64).detach()
    if torch.isnan(value).any():
        raise WrongError(f"for {given}, NaN came back", "Is there a division by zero?")

    def near(other: Any) -> bool:
        other = torch.as_tensor(other, dtype=torch.float64).detach()
        same = value.shape == other.shape
        return same and torch.allclose(value, other, rtol=0, atol=tolerance)

    if not near(expected):
        fits = (text for wrong, text in mistakes if near(wrong))
        raise WrongError(came + first_apart(value, expected), next(fits, hint))


def first_apart(value: Tensor, expected: Tensor | float) -> str:
    """Say where a tensor is first off, and what was expected there."""
    if not isinstance(expected, Tensor) or value.ndim == 0:
        return ""
    place = (value - expected.detach()).abs().gt(1e-4).nonzero()[:1].flatten().tolist()
    where = ", ".join(map(str, place))
    return f", and {expected[tuple(place)].item():.4f} was expected at [{where}]"


def compare_number(
    attempt: Any, expected: float, mistakes: Iterable[tuple[float, str]], **options: Any
) -> None:
    """Compare a number that the reader wrote, and never tell the right one."""
    try:
        compare(attempt, expected, "", mistakes, **options)
    except WrongError as wrong:
        written = repr(attempt) if isinstance(attempt, Real | str) else show(attempt)
        raise WrongError(f"you wrote {written}", wrong.hint) from None


def compare_all(
    attempt: Callable,
    right: Callable,
    cases: Iterable[tuple],
    mistakes: Iterable[tuple[Callable, str]],
) -> None:
    """Compare what comes back with what is right, on each case: a tuple of arguments.

    `mistakes` are pairs: a function that does it wrong, and its hint.
    """
    for case in cases:
        given = ", ".join(map(show, case))
        wrong = [(mistake(*case), hint) for mistake, hint in mistakes]
        compare(call(attempt, *case), right(*case), given, wrong)


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
