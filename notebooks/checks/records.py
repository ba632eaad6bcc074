"""The record of an exercise: what is asked, what is right, and help that grows.

A lesson's module holds one record for each of its exercises. Calling a record checks an
attempt; the tests read the same record for the solution and the mistakes.
"""

import inspect
import random
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.core import (
    WrongError,
    call,
    compare,
    first_line,
    left_as_found,
    printed,
    show,
    without_answer,
)

NOT_ATTEMPTED = "Not attempted yet: write your answer, and run its cell."


@dataclass
class Exercise:
    """An exercise, and how often the reader has tried it.

    Args:
        goal: what is asked, in one sentence of the lesson.
        idea: how to go about it, told after a second wrong attempt.
        praise: what to notice, told after "Right."
        solution: code, as folded in the lesson; its lines are told, out of order, after
            a third wrong attempt. Empty where the answer is a single value.
        verify: raises `WrongError` for a wrong attempt.
        mistakes: wrong attempts, with the hint for each.
        other: code that does it another way, told after a right attempt.
        starter: code to complete or to repair, as in the lesson; not attempted is what
            is still like it, and `None`, `...`, and a definition without a body.
    """

    goal: str
    idea: str
    praise: str
    solution: str
    verify: Callable[[Any], None]
    mistakes: list[tuple[Any, str]] = field(default_factory=list)
    other: str = ""
    starter: str = ""
    tries: int = 0
    last: Any = None

    def __call__(self, attempt: Any) -> None:
        """Print whether an attempt is right, and what helps if it is not."""
        if self.is_untouched(attempt):
            print(NOT_ATTEMPTED)
            return
        printed.seek(0)
        printed.truncate()
        try:
            with left_as_found():
                self.verify(attempt)
        except WrongError as wrong:
            said = self.after(attempt, wrong)
        except Exception as error:  # from a result of a kind that nobody expected
            hint = "Compare what you return with the example in the text."
            what = f"the result cannot be checked ({first_line(error)})"
            said = self.after(attempt, WrongError(what, hint))
        else:
            said = [f"Right. {self.praise}"]
            if self.other:
                said += ["Another way:", textwrap.indent(self.other.strip(), "    ")]
        print(*said, *printed.told(), sep="\n")

    def is_untouched(self, attempt: Any) -> bool:
        """Return whether an attempt is still what the lesson begins with."""
        if attempt is None or attempt is ... or is_blank(attempt):
            return True
        return bool(self.starter) and code_of(attempt) == code_of(defined(self.starter))

    def after(self, attempt: Any, wrong: WrongError) -> list[str]:
        """Return what is wrong, and what else helps: more with each new attempt."""
        if attempt is not self.last:
            self.tries, self.last = self.tries + 1, attempt
        told = [str(wrong)]
        if self.tries > 1:
            told.append(f"Idea: {self.idea}")
        if self.tries > 2 and self.solution:
            lines = textwrap.indent("\n".join(self.shuffled()), "    ")
            told.append(f"These lines, in another order, are a solution:\n{lines}")
        elif self.tries > 2:
            told.append("A solution is folded below. Work it through once, by hand.")
        return told

    def shuffled(self) -> list[str]:
        """Return the lines of the solution, out of order and without indentation."""
        lines = [line.strip() for line in self.solution.splitlines() if line.strip()]
        order = lines.copy()
        chance = random.Random(0)
        while order == lines and len(set(lines)) > 1:
            chance.shuffle(order)
        return order


def is_blank(attempt: Any) -> bool:
    """Return whether the attempt is a function or a class with nothing in its body."""
    if inspect.isclass(attempt):
        return not {"__init__", "forward"} & set(vars(attempt))

    def blank() -> None: ...

    return code_of(attempt)[:1] == code_of(blank)[:1]


def code_of(attempt: Any) -> tuple:
    """Return what a function does, and with what; nothing for what is no function."""
    code = getattr(attempt, "__code__", None)
    if code is None:
        return ()
    constants = [c for c in code.co_consts if not inspect.iscode(c)]
    return code.co_code, code.co_names, repr(constants)


def exercise(**parts: Any) -> Callable[[Callable[[Any], None]], Exercise]:
    """Make the record of an exercise out of the function that verifies an attempt.

    `parts` are those of `Exercise`: goal, idea, praise, solution, and what else is due.
    """
    return lambda verify: Exercise(verify=verify, **parts)


def number(
    answer: float,
    mistakes: Mapping[float, str],
    hint: str,
    tolerance: float = 1e-4,
    **parts: Any,
) -> Exercise:
    """Make the record of an exercise whose answer is a number, which is never told.

    Args:
        answer: the right number.
        mistakes: wrong numbers, with the hint for each.
        hint: what to say about any other number.
        tolerance: how far a right number may be off.
        parts: those of `Exercise`: goal, idea and praise.
    """

    def verify(attempt: Any) -> None:
        with without_answer(attempt):
            compare(attempt, answer, "", mistakes.items(), tolerance, hint)

    return Exercise(
        verify=verify, solution="", mistakes=list(mistakes.items()), **parts
    )


def function(
    solution: str,
    cases: Iterable[tuple] | Mapping[str, tuple],
    mistakes: Sequence[tuple[Callable, str]],
    hint: str = "",
    tolerance: float = 1e-4,
    advice: Sequence[tuple[str, str]] = (),
    **parts: Any,
) -> Exercise:
    """Make the record of an exercise whose answer is a function.

    Args:
        solution: code that defines the function; what it returns is right.
        cases: tuples of arguments, or a mapping from their description to them. At
            least two are unlike the example in the text.
        mistakes: functions that do it wrong, with the hint for each.
        hint: what to say about any other result; by default, `compare` says it.
        tolerance: how far a right value may be off.
        advice: what an error may say, and what to do about it.
        parts: those of `Exercise`: goal, idea, praise, and what else is due.
    """
    if not isinstance(cases, Mapping):
        cases = {", ".join(map(show, case)): case for case in cases}
    right = defined(solution)
    options = {"hint": hint} if hint else {}

    def verify(attempt: Any) -> None:
        for given, case in cases.items():
            wrong = [(mistake(*case), text) for mistake, text in mistakes]
            result = call(attempt, *case, advice=advice)
            compare(result, right(*case), given, wrong, tolerance, **options)

    return Exercise(verify=verify, solution=solution, mistakes=list(mistakes), **parts)


def defined(source: str) -> Any:
    """Return what the last definition in a piece of code defines."""
    import torch
    from torch import nn

    import linreg

    names = {"torch": torch, "nn": nn, **vars(linreg)}
    before = set(names)
    exec(source, names)
    return [value for name, value in names.items() if name not in before][-1]


def altered(source: str, *changes: tuple[str, str]) -> list[tuple[Callable, str]]:
    """Return what a source defines after each change, "old -> new", with its hint."""
    return [(defined(source.replace(*c.split(" -> "))), hint) for c, hint in changes]
