"""The record of an exercise: what is asked, what is right, and help that grows.

Calling a record checks an attempt; the tests read the same record for the solution and
the mistakes. Its words and its code are in `lesson_NN.toml`, a table for each exercise,
and how an attempt is judged is in the `lesson_NN.py` beside it.
"""

import inspect
import random
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import linreg
from checks.core import (
    BY_HAND,
    WrongError,
    call,
    compare,
    expect,
    first_line,
    left_as_found,
    printed,
    show,
    without_answer,
)

NOT_ATTEMPTED = "Not attempted yet: write your answer, and run its cell."
KNOWN = {"torch": torch, "nn": nn, **vars(linreg)}  # what the code may use
Cases = Iterable[tuple] | Mapping[str, tuple]  # arguments, perhaps by a description


@dataclass
class Exercise:
    """An exercise, and how often the reader has tried it.

    Args:
        verify: raises `WrongError` for a wrong attempt.
        goal: what is asked, in one sentence of the lesson.
        idea: how to go about it, told after a second wrong attempt.
        praise: what to notice, told after "Right."
        answer: what is right where no definition is asked for; it is never told.
        solution: code, as folded in the lesson; its lines are told, out of order, after
            a third wrong attempt.
        starter: code to complete or to repair, as in the lesson; not attempted is what
            is still like it, and `None`, `...`, and a definition without a body.
        other: code that does it another way, told after a right attempt.
        mistakes: rows of wrong attempts, each with a hint at its end. A text is "old
            -> new", a change of the solution or of `other`, or else an expression.
        hint: what to say about anything else that comes back.
        parts: what the solution returns, in names, if it is more than one thing.
        form: what to say if not that many come back.
        advice: what an error may say, and what to do about it.
        tolerance: how far a right value may be off.
        names: what expressions may use besides torch, nn and what linreg holds.
    """

    verify: Callable[[Any], None]
    goal: str
    idea: str
    praise: str
    answer: Any = None
    solution: str = ""
    starter: str = ""
    other: str = ""
    mistakes: list = field(default_factory=list)
    hint: str = BY_HAND
    parts: list[str] = field(default_factory=list)
    form: str = ""
    advice: list = field(default_factory=list)
    tolerance: float = 1e-4
    names: dict[str, Any] = field(default_factory=dict)
    tries: int = 0
    last: Any = None

    def __post_init__(self) -> None:
        """Make values of the answer and the mistakes, and pairs of the rows."""
        self.right = defined(self.solution) if self.solution else self.made(self.answer)
        self.mistakes = [
            (self.made(w), row[-1]) for row in self.mistakes for w in row[:-1]
        ]

    def made(self, value: Any) -> Any:
        """Return the value of a text, or what a change of the code defines."""
        if not isinstance(value, str):
            return value
        if " -> " in value:
            old, new = value.split(" -> ")
            source = self.solution if old in self.solution else self.other
            return defined(source.replace(old, new))
        return eval(value, KNOWN | self.names)

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
        """Return the lines of the solution, out of order."""
        lines = [line.rstrip() for line in self.solution.splitlines() if line.strip()]
        order = lines.copy()
        chance = random.Random(0)
        while order == lines and len(set(lines)) > 1:
            chance.shuffle(order)
        return order

    def try_cases(self, attempt: Any, cases: Cases) -> None:
        """Say what is wrong with what a function returns for these arguments."""
        if not isinstance(cases, Mapping):
            cases = {", ".join(map(show, case)): case for case in cases}
        for given, case in cases.items():
            self.compare(self.call(attempt, *case), case, given)

    def call(self, attempt: Any, *arguments: Any, **options: Any) -> Any:
        """Return what an attempt gives, or raise `WrongError` with advice."""
        return call(attempt, *arguments, advice=self.advice, **options)

    def compare(self, result: Any, case: tuple, given: str) -> None:
        """Raise `WrongError` unless a result is what the solution gives for a case."""
        expected = self.right(*case)
        mistakes = [(wrong(*case), hint) for wrong, hint in self.mistakes]
        if not self.parts:
            self.judge(result, expected, given, mistakes)
            return
        expect(result, self.form, len(self.parts), given)
        for i, part in enumerate(self.parts):
            wrong = [(values[i], hint) for values, hint in mistakes]
            self.judge(result[i], expected[i], f"{given}, as {part}", wrong)

    def judge(self, result: Any, expected: Any, given: str, mistakes: list) -> None:
        """Compare as `compare` of the core does, with this tolerance and this hint."""
        compare(result, expected, given, mistakes, self.tolerance, self.hint)


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


class Lesson:
    """The exercises of a lesson, made of its words and of what judges an attempt.

    Args:
        file: the module of the lesson; its words are in the TOML file beside it. What
            comes there before the first exercise holds for all that say nothing else.
        names: what expressions in the TOML file may use.
    """

    def __init__(self, file: str, **names: Any) -> None:
        text = Path(file).with_suffix(".toml").read_text(encoding="utf-8")
        self.words, self.names = tomllib.loads(text), names

    def exercise(self, verify: Callable[[Any], None], name: str = "") -> Exercise:
        """Make the record of an exercise out of what verifies an attempt at it."""
        common = {k: v for k, v in self.words.items() if not isinstance(v, dict)}
        own = self.words[name or verify.__name__]
        return Exercise(verify, names=self.names, **{**common, **own})

    def number(self, name: str) -> Exercise:
        """Make the record of an exercise whose answer is a number."""

        def verify(attempt: Any) -> None:
            alone = isinstance(attempt, Tensor) and attempt.numel() == 1
            value = attempt.item() if alone else attempt
            with without_answer(attempt):
                record.judge(value, record.right, "", record.mistakes)

        record = self.exercise(verify, name)
        return record

    def function(self, name: str, cases: Cases) -> Exercise:
        """Make the record of an exercise whose answer is a function.

        At least two of the cases are unlike the example in the text.
        """
        record = self.exercise(lambda attempt: record.try_cases(attempt, cases), name)
        return record


def defined(source: str) -> Any:
    """Return what the last definition in a piece of code defines."""
    names = dict(KNOWN)
    exec(source, names)
    return list(names.values())[-1]
