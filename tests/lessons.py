"""What the tests share: where the lessons are, and how to read their parts."""

import ast
import functools
import math
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
README_PICTURES = {
    "prediction_1.png": "03_untrained_prediction.ipynb",
    "prediction_2.png": "05_trained_prediction.ipynb",
}
MARKDOWN = MarkdownIt("commonmark").enable("table")
SOLUTION = re.compile(
    r"<details>\n<summary>Solution</summary>\n\n```python\n(.*?)\n```\n\n(.+?)\n\n</details>",
    re.DOTALL,
)
CHECK = re.compile(r"checks\.(\w+)\((\w+)\)")


@functools.cache
def staged(path: Path) -> str | None:
    """Return a lesson as it is committed or staged, or None without a repository.

    With CI set, that is the file itself. Otherwise, a reader's own answers and marks
    stay out of what the rules judge.
    """
    if "CI" in os.environ:
        return path.read_text()
    command = ["git", "show", f":{path.relative_to(ROOT).as_posix()}"]
    try:
        show = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
    except FileNotFoundError:
        return None
    return show.stdout.decode() if show.returncode == 0 else None


def read(path: Path) -> NotebookNode:
    """Return a lesson as it is committed or staged, or else as the file is."""
    text = staged(path) or path.read_text()
    return nbformat.reads(text, as_version=4)


def before_exercises(path: Path) -> list[NotebookNode]:
    """Return the cells of a lesson before its exercises."""
    cells = read(path).cells
    return cells[: [c.source.startswith("## Exercises") for c in cells].index(True)]


def glossary() -> list[tuple[str, str]]:
    """Return each word of the glossary, with the number of its lesson."""
    row = re.compile(r"^\| ([A-Za-z ]+) \| .+\. \| \[?(\d\d).*\|$", re.MULTILINE)
    return row.findall(markdown(read(NOTEBOOKS[0])))


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def has_tag(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def markdown(notebook: NotebookNode) -> str:
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


@functools.cache
def said(number: str) -> str:
    """Return what the Markdown of a lesson says, with single spaces."""
    return " ".join(markdown(read(NOTEBOOKS[int(number)])).split())


def claims(number: str, *pieces: str) -> Callable:
    """Name the lesson, and the pieces of its sentences, that a test proves."""

    def decorate(test: Callable) -> Callable:
        @functools.wraps(test)
        def proved(*args, **kwargs) -> None:
            lost = [piece for piece in pieces if piece not in said(number)]
            change = "the sentence has changed, so change the experiment with it"
            assert not lost, f"lesson {number} no longer says {lost}: {change}"
            test(*args, **kwargs)

        return proved

    return decorate


def tokens(text: str) -> list[Token]:
    """Return all tokens of a Markdown text, those inside lines included."""
    blocks = MARKDOWN.parse(text)
    return blocks + [child for block in blocks for child in block.children or []]


def links(text: str) -> list[str]:
    """Return the targets of all links and pictures."""
    found = [t.attrGet("href") or t.attrGet("src") for t in tokens(text)]
    return [target for target in found if target]


def headings(text: str) -> list[str]:
    parsed = MARKDOWN.parse(text)
    return [
        parsed[i + 1].content for i, t in enumerate(parsed) if t.type == "heading_open"
    ]


def title(path: Path) -> str:
    return headings(markdown(read(path)))[0]


def definitions(source: str) -> dict[str, ast.AST]:
    """Return the functions and classes that are defined at the top of a source."""
    return {
        node.name: node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def open_words(text: str) -> int:
    """Return how many words a Markdown text has outside of what is folded."""
    return len(re.sub(r"<details>.+?</details>", "", text, flags=re.DOTALL).split())


def minutes(path: Path) -> tuple[int, int]:
    """Return the minutes that a lesson takes, and its exercises, as the map says.

    Counted are 110 words and 9 lines of code a minute, a minute for each question or
    try, and four for each exercise; both sums are rounded up to a multiple of five.
    What is folded counts nothing, and the words of the glossary neither.
    """
    cells = read(path).cells if path == NOTEBOOKS[0] else before_exercises(path)
    asked = sum(c.source.count("Choose one, then open it.") for c in cells)
    asked += sum(has_tag(c, "try") for c in cells)
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    code = "\n".join(c.source for c in cells if c.cell_type == "code")
    lines = sum(bool(line.strip()) for line in code.splitlines())
    n_exercises = sum(has_tag(c, "exercise") for c in read(path).cells)
    reading = open_words(text) / 110 + lines / 9 + asked
    return 5 * math.ceil(reading / 5), 5 * math.ceil(4 * n_exercises / 5)


def is_checked(cell: NotebookNode) -> bool:
    """Return whether a cell holds a check of what the reader wrote."""
    return has_tag(cell, "check") or has_tag(cell, "try")


def exercises(notebook: NotebookNode) -> dict[str, dict]:
    """Return the parts of each exercise, by the name of its check.

    An exercise has a heading, a cell for the answer and one for its check; a try within
    the lesson has one cell for both. The parts are its starter, the call of its check,
    the name of the object that is checked, what the check puts out, the solution, the
    text before it, the index of the cell to answer in, and what to write there.
    """
    found, n_exercises = {}, 0
    for i, cell in enumerate(notebook.cells):
        if has_tag(cell, "exercise"):
            n_exercises += 1
            text, starter, check, solution = notebook.cells[i - 1 : i + 3]
            assert text.source.startswith(f"### Exercise {n_exercises}: ")
            assert has_tag(check, "check")
            begin, call, rest = starter.source, check.source, ""
        elif has_tag(cell, "try"):
            text, check, solution = notebook.cells[i - 1 : i + 2]
            begin, _, call = cell.source.rpartition("\n")
            rest = f"\n{call}"
        else:
            continue
        name = CHECK.fullmatch(call)
        assert name, call
        answer = SOLUTION.match(solution.source)
        assert answer, f"no solution after {call}"
        found[name[1]] = {
            "name": name[1],
            "starter": begin,
            "check": call,
            "object": name[2],
            "output": "".join(o.text for o in check.outputs),
            "solution": answer[1],
            "text": text.source,
            "place": i,
            "answer": answer[1] + rest,
            "is_try": bool(rest),
        }
    return found
