"""Answers that readers get wrong: a file for each lesson, and what reads it.

A file begins with what its answers share. Then come the answers, and each names a part
of the hint that it must get, in a comment on its first line.
"""

import ast
import re
from pathlib import Path

FOLDER = Path(__file__).parent
HINT = re.compile(r"  # hint: (.+)$")


def answers(number: str) -> list[tuple[str, str, str]]:
    """Return the wrong answers of a lesson, such as "01".

    Each is the name that it defines, its source after what is shared, and its hint.
    """
    text = (FOLDER / f"lesson_{number}.py").read_text()
    lines, shared, found = text.splitlines(), [], []
    for node in ast.parse(text).body:
        source, hint = ast.unparse(node), HINT.search(lines[node.lineno - 1])
        if not (hint or found):
            shared.append(source)
            continue
        assert hint, f"lesson {number} names no hint for {source}"
        name = node.targets[0].id if isinstance(node, ast.Assign) else node.name
        found.append((name, "\n".join([*shared, source]), hint[1]))
    return found
