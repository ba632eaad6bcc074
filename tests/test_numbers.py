"""Every number in prose is in the code or an output of its notebook, or has a reason.

Every decimal, percentage and number of three digits; text alternatives are prose, too.
"""

import ast
import random
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from lessons import NOTEBOOKS, ROOT, read

PAGES = [*NOTEBOOKS, ROOT / "README.md"]
# Notebook, then numbers with reasons. What follows a "=" must come out as the number.
TABLE = """
00 100 = 20 + 80; 110 set by `minutes` in tests/lessons.py
01 0.75 set by exercise 1; 100 set by exercise 2
01 0.2 made up in a try; 1.8 = (212 - 32) / 100
02 400 = 20 * 20
03 0.3 = 0.7 * 0 + 0.3  # where the true line begins
03 0.75 made up in a try; 0.25 set by exercise 1
04 0.3 the true bias; 0.001 above 0.0008, the best loss, and exercise 2
04 0.5 set by exercise 1; 0.1 set by exercise 1; 0.7 = 0.5 - 0.1 * (-2)
04 0.9957 = 0.9952 - 0.01 * (-0.05); 0.05 = 0.1 / 2; 2,500 = 5_000 / 2
05 2025 a CVE's number; 32434 a CVE's number; 2026 a CVE's number
05 24747 a CVE's number; 2.10 the version of PyTorch that mended it
05 2.6 the version of PyTorch that changed the default
05 0.02 set by exercise 2; 0.00005 = 0.0001 / 2; 2.4 = 0.7 * 3 + 0.3
05 0.7 the true weight; 1.3 = 0.3 + 1
06 0.002 = 2 * 0.001  # the middle term of (e + 0.001) ** 2
07 2009 the last year in the file; 200 the mean of the flippers, 200.9, to two digits
07 175 read off the figure; 3000 the mass there, to one digit
07 230 read off the figure; 6000 the mass there, to one digit
07 0.001 = 10 ** -3; 0.5 set by exercise 1; 800 set by exercise 1
07 400 = 0.5 * 800; 28.6 = 0.5 * 800 / 14; 193 set by a try; 192 = 12 * 16
08 0.01 = 0.1 ** 2  # the noise is 0.1 times standard normal
08 0.09 = 0.3 ** 2  # and this one 0.3 times
08 2003 the year of the paper
08 2,701 = (50 + 50) + (50 * 50 + 50) + (50 + 1)
09 45 = 30 / 67  # Adelies among the validation birds; 95 made up in a question
09 0.5032 set by exercise 2; 0.7311 set by exercise 2; 1.0 set by exercise 3
09 0.76 = 2 / 7 ** 0.5; 2.7 the number e; 0.5 set by exercise 3
09 2.718 the number e; 4.718 = 2.718 + 1 + 1
10 6,400 = 80 * 80
11 160 = 2 * 80; 100 = 40 + 60; 70 million = 7_000 * 10_000
11 2.46 = 100 / (40 + 60 / 100); 2.5 = 100 / 40
11 1983 the year of the paper; 0.25 = 0.5 ** 2; 4.5 = 6 - 1.5; 13.5 = 14 - 0.5
11 10,001 = 10_000 + 1; 10,002 = 10_000 + 2; 10,006 = 10_000 + 6
12 100 BLOCK in train_line.py; 2009 the year of the paper; 128 = 2 * 64
12 2.13 the version of PyTorch in requirements.txt; 126 = 2 * (64 - 1)
README 3.11 the oldest Python that the tests run on; 9999 any free port
README 5.3 measured in a fresh environment; 1.6 measured in a fresh environment
"""
REASONS: dict[str, dict[str, str]] = {}
for line in TABLE.strip().splitlines():
    page, entries = line.split(" ", 1)
    pairs = (entry.split(" ", 1) for entry in entries.split("; "))
    REASONS.setdefault(page, {}).update(pairs)
SCALES = {"%": -2, "percent": -2, "thousand": 3, "million": 6, "billion": 9}
NUMBER = re.compile(
    r"(?<![\w.#])((?:\d{1,3}(?:[,_]\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"(?!\d|\.\d|[,_]\d{3}(?!\d))(?:\s*(%|(?:percent|thousand|million|billion)\b))?"
)
NO_PROSE = re.compile(r"```.*?```|(?<=\])\([^)]*\)|</?[a-z][^<>]*>", re.DOTALL)


def numbers(text: str) -> list[tuple[re.Match, Decimal]]:
    """Return the numbers in a text, as they are written and as values."""
    found = [(match, re.sub("[,_]", "", match[1])) for match in NUMBER.finditer(text)]
    return [(m, Decimal(digits).scaleb(SCALES.get(m[2], 0))) for m, digits in found]


def prose(cell: NotebookNode) -> Iterator[tuple[dict, str, int, re.Match, Decimal]]:
    """Return the numbers to trace: where (dict, key, offset), as written, as value."""
    texts = []
    if cell.cell_type == "markdown":
        blanked = NO_PROSE.sub(lambda match: " " * len(match[0]), cell.source)
        texts.append((cell, "source", 0, blanked))
    for data in (output.get("data", {}) for output in cell.get("outputs", [])):
        html = data.get("text/html", "")
        found = re.finditer(r'<img\b[^>]*?\balt="([^"]*)"', html)
        texts += [(data, "text/html", match.start(1), match[1]) for match in found]
    for *place, text in texts:
        for match, value in numbers(text):
            if match[2] or not match[1].isdigit() or value >= 100:
                yield *place, match, value


def sources(cell: NotebookNode) -> list[Decimal]:
    """Return the numbers in code and outputs, but not in strings or alternatives."""
    if cell.cell_type != "code":
        return []
    nodes = [getattr(n, "value", None) for n in ast.walk(ast.parse(cell.source))]
    plain = [out.get("data", {}).get("text/plain", "") for out in cell.outputs]
    texts = [text for text in plain if not text.startswith("Figure: ")]
    texts += [out.get("text", out.get("evalue", "")) for out in cell.outputs]
    in_code = [Decimal(str(value)) for value in nodes if type(value) in (int, float)]
    return in_code + [value for text in texts for _, value in numbers(text)]


def untraced(notebook: NotebookNode, reasons: dict[str, str]) -> list[str]:
    """Return the numbers that come from nowhere, and the reasons that none needs.

    A source is at most two code cells away and equal. Two digits are telling enough to
    recognise it rounded, and three to recognise it anywhere (outer zeros left out).
    """
    found = [sources(cell) for cell in notebook.cells]
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    faults, needed = [], set()
    for i, cell in enumerate(notebook.cells):
        near = [j for j in code if j < i][-2:] + [j for j in code if j > i][:2] + [i]
        for *_, match, number in prose(cell):
            exponent = number.as_tuple().exponent
            half = Decimal(5).scaleb(exponent - 1)  # what rounding may change
            digits = len(number.normalize().as_tuple().digits)
            if any(
                source.as_tuple().exponent <= exponent  # 0 is no source of 0.00
                and abs(source - number) <= (half if digits > 1 else 0)
                for j in (near if digits < 3 else code)
                for source in found[j]
            ):
                continue
            needed.add(match[1])
            words, _, formula = reasons.get(match[1], "= 1e99").partition("= ")
            if not words and abs(Decimal(eval(formula)) - number) > half:
                around = match.string[max(0, match.start() - 40) : match.end() + 20]
                faults.append(f"{match[0]} in cell {i}: ...{around}...")
    return faults + [f"{key}: no need of a reason" for key in {*reasons} - needed]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_number_has_a_source(path):
    if path.suffix == ".md":
        notebook = new_notebook(cells=[new_markdown_cell(path.read_text())])
    else:
        notebook = read(path)
    faults = untraced(notebook, REASONS.get(path.stem.split("_")[0], {}))
    assert not faults, "\n".join(faults)


def test_a_changed_digit_is_reported():
    random.seed(0)
    reported = []
    for path in NOTEBOOKS:
        notebook, lies = read(path), []
        places = [place for cell in notebook.cells for place in prose(cell)]
        for holder, key, offset, match, _ in places:
            text = holder[key]
            at = offset + random.choice([match.start(1), match.end(1) - 1])
            digit = random.choice(sorted({*"123456789"} - {text[at]}))
            holder[key] = text[:at] + digit + text[at + 1 :]
            lies.append(holder[key][offset + match.start() : offset + match.end()])
        faults = untraced(notebook, REASONS.get(path.stem[:2], {}))
        reported += [
            any(text.startswith(f"{lie} in") for text in faults) for lie in lies
        ]
    assert len(reported) > 100 and sum(reported) > 0.9 * len(reported)
