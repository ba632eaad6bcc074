"""Each hint that a check can give is the one that some wrong answer names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from answers import answers
from checks.core import BY_HAND
from test_checks_core import CASES, CHECKS, NUMBERS, records


def texts(value: ast.expr | None) -> Iterator[str]:
    """Return the texts that an expression may give; those of a name come elsewhere."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from [*texts(one), *texts(other)]
        case ast.JoinedStr(values=parts):
            yield "".join(text for part in parts for text in texts(part))


def hints(path: Path) -> set[str]:
    """Return the hints that the checks in a file can give."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name("WrongError" | "expect"), args=[_, hint, *_]):
                found.update(texts(hint))
            case ast.Tuple(elts=[_, ast.expr() as hint]):  # a mistake and its hint
                found.update(text for text in texts(hint) if text[-1] in ".?")
            case ast.Assign(targets=[ast.Name(id="hint" | "BY_HAND")], value=hint):
                found.update(texts(hint))
    return found


def worded(number: str) -> set[str]:
    """Return the hints in the words of a lesson."""
    found = set()
    for record in records(number).values():
        rows = [*record.mistakes, *record.advice]
        found |= {record.hint, record.form, *(hint for _, hint in rows)}
    return found - {"", BY_HAND}


def fits(parts: set[str], offered: set[str]) -> dict[str, list[str]]:
    """Return the hints that each part may be of."""
    return {part: [hint for hint in offered if part in hint] for part in parts}


def ambiguous(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the parts that are not of a single hint."""
    return {part: of for part, of in found.items() if len(of) != 1}


SHARED = [CHECKS / f"{name}.py" for name in ("core", "records", "training")]
CORE = set().union(*map(hints, SHARED))
LESSONS = {n: hints(CHECKS / f"lesson_{n}.py") | worded(n) for n in NUMBERS}
EXPECTED = {number: {part for *_, part in answers(number)} for number in LESSONS}
TRIED = {  # by test_each_mistake_of_a_record_gets_its_own_hint
    number: {hint for record in records(number).values() for _, hint in record.mistakes}
    for number in LESSONS
}


@pytest.mark.parametrize("number", LESSONS)
def test_each_answer_names_one_hint_and_each_hint_has_an_answer(number):
    found = fits(EXPECTED[number], LESSONS[number] | CORE)
    assert not ambiguous(found)
    assert LESSONS[number] <= {hint for (hint,) in found.values()} | TRIED[number]


def test_each_hint_of_the_core_has_an_answer_or_a_case():
    cases = {part: of for part, of in fits({c[-1] for c in CASES}, CORE).items() if of}
    assert not ambiguous(cases)
    found = fits(set().union(*EXPECTED.values()), CORE) | cases
    assert {hint for of in found.values() for hint in of} == CORE


def test_no_hint_is_overlooked():
    assert len(CORE) >= 14
    assert len(CORE.union(*LESSONS.values())) >= 160
