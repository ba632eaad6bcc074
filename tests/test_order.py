"""Nothing before its time: lessons 01 to 06 use what they have introduced."""

import ast
import re
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from lessons import NOTEBOOKS, read

# What of PyTorch each lesson introduces. (00 shows a whole program, to be watched.)
INTRODUCED = {
    "00": "abs mean",
    "01": "manual_seed rand shape dtype min max Generator tolist randperm argsort item",
    "02": "Module Parameter state_dict parameters randn float Linear unsqueeze squeeze "
    "allclose no_grad fill_ tensor optim SGD",
    "03": "detach isclose L1Loss numpy equal eval inference_mode train",
    "04": "linspace zero_grad backward grad step cat norm lr_scheduler LinearLR",
    "05": "save load load_state_dict MSELoss",
    "06": "sign double float64 reshape T square grad_fn clone stack linalg lstsq "
    "eigvalsh ones zeros Adam",
}
SAID = {  # where the prose has another word for it
    "state_dict": "state dict",
    "manual_seed": "seed",
    "T": "axes of a drawing",
    "zeros": "a value that starts at zero",
}
PLAIN = {"__init__", "name", "index", "split"}  # Python's own
HOMES = (torch, torch.Tensor, nn, nn.Module, torch.linalg, torch.optim, torch.optim.SGD)
HOMES += (torch.optim.lr_scheduler,)

# Where a word that comes later may stand: beside the lesson that it points to.
POINTER = re.compile(r"notebooks? \[?\d\d|\d\d_\w+\.ipynb")


def used(source: str) -> set[str]:
    """Return the names of PyTorch that a cell uses."""
    names = {
        n.attr for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute)
    }
    return {n for n in names - PLAIN if any(hasattr(home, n) for home in HOMES)}


def lessons() -> Iterator[tuple[str, list]]:
    """Yield the number and the cells of each lesson from 01 to 06, before exercises."""
    for path in NOTEBOOKS[1:7]:
        cells = read(path).cells
        starts = [cell.source.startswith("from checks") for cell in cells]
        yield path.stem[:2], cells[: starts.index(True)]


def early(number: str, cells: list, introduced: dict[str, str]) -> list[str]:
    """Return which names a lesson uses too early, and what it does not introduce."""
    before = {n for k in introduced if k < number for n in introduced[k].split()}
    new, found, prose = {*introduced[number].split()}, [], ""
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            prose += cell.source.lower()
            continue
        after = "".join(c.source.lower() for c in cells[place + 1 : place + 2])
        for name in sorted(used(cell.source) - before):
            word = SAID.get(name, name).lower()
            if name not in new:
                found.append(f"{number}: {name} in cell {place} comes later, or never")
            elif name not in SAID and word not in prose + after:
                found.append(f"{number}: {name} in cell {place} is not explained")
        before |= used(cell.source) & new
    return found + [f"{number}: {n} is never used" for n in sorted(new - before)]


@pytest.mark.parametrize(
    ("number", "cells"), [*lessons()], ids=lambda value: str(value)[:2]
)
def test_no_name_of_pytorch_is_used_before_it_is_introduced(number, cells):
    assert not early(number, cells, INTRODUCED)


def test_a_name_that_comes_too_early_is_reported():
    for number, cells in lessons():
        for name in INTRODUCED[number].split():
            others = [n for n in INTRODUCED[number].split() if n != name]
            spoiled = INTRODUCED | {number: " ".join(others)}
            assert any(name in fault for fault in early(number, cells, spoiled)), name


def test_no_cell_is_longer_than_a_beginner_reads():
    for number, cells in lessons():
        for place, cell in enumerate(cells):
            lines = cell.source.count("\n") + 1
            assert cell.cell_type == "markdown" or lines <= 16, (number, place, lines)


def test_no_word_of_the_glossary_is_used_before_its_lesson_but_to_point_there():
    glossary = "".join(cell.source for cell in read(NOTEBOOKS[0]).cells)
    rows = re.findall(r"^\| ([a-z ]+) \| .+\. \| \[?(\d\d)", glossary, re.MULTILINE)
    assert len(rows) > 20
    for number, cells in lessons():
        for cell in cells:
            if cell.cell_type != "markdown" or cell.source.startswith("# "):
                continue
            for paragraph in cell.source.split("\n\n"):
                for word, taught in rows:
                    if number < taught and not POINTER.search(paragraph):
                        assert not re.search(rf"\b{word}s?\b", paragraph), (
                            number,
                            word,
                        )
