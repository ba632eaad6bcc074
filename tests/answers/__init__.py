"""Answers that readers get wrong: a file for each lesson, and what reads it."""

import ast
import re
from pathlib import Path

FOLDER = Path(__file__).parent
HINT = re.compile(r"^# hint: (.+)\n", re.MULTILINE)  # above an answer
BESIDE = re.compile(r"^(\S.*?)  # hint: (.+)$", re.MULTILINE)  # or beside a short one


def answers(number: str) -> list[tuple[str, str, str]]:
    """Return the wrong answers of a lesson, such as "01".

    Each comes with the name that it defines last, before its source, and with a part
    of the hint that it must get, after it.
    """
    text = (FOLDER / f"lesson_{number}.py").read_text()
    _, *found = HINT.split(BESIDE.sub(r"# hint: \2\n\1", text))
    return [
        (defined(source), source.strip() + "\n", hint)
        for hint, source in zip(found[::2], found[1::2], strict=True)
    ]


def defined(source: str) -> str:
    """Return the name that some code defines last."""
    match ast.parse(source).body[-1]:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
    raise ValueError(f"this answer defines nothing: {source}")
