"""Nothing before its time: lessons 01 to 06 use what they have introduced."""

import ast
import re

import pytest
import torch
from torch import nn

from lessons import NOTEBOOKS, before_exercises, glossary

# What of PyTorch each lesson introduces. (00 shows a whole program, to be watched.)
INTRODUCED = {
    "00": "abs mean",
    "01": "manual_seed rand shape dtype min max Generator tolist randperm argsort item",
    "02": "Module Parameter state_dict parameters randn float Linear unsqueeze squeeze "
    "allclose no_grad fill_ tensor",
    "03": "detach L1Loss numpy equal eval inference_mode train",
    "04": "optim SGD linspace zero_grad backward grad step sum lr_scheduler LinearLR",
    "05": "save load load_state_dict MSELoss",
    "06": "sign T square grad_fn clone ones zeros",
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


@pytest.fixture(params=NOTEBOOKS[1:7], ids=lambda path: path.stem)
def lesson(request) -> tuple[str, list]:
    """Return the number of a lesson from 01 to 06, and its cells before exercises."""
    return request.param.stem[:2], before_exercises(request.param)


def test_no_name_of_pytorch_is_used_before_it_is_introduced(lesson):
    assert not early(*lesson, INTRODUCED)


def test_a_name_that_comes_too_early_is_reported(lesson):
    number, _ = lesson
    names = INTRODUCED[number].split()
    for name in names:
        spoiled = INTRODUCED | {number: " ".join(n for n in names if n != name)}
        assert any(name in fault for fault in early(*lesson, spoiled)), name


def test_no_cell_is_longer_than_a_beginner_reads(lesson):
    for cell in lesson[1]:
        assert cell.cell_type == "markdown" or len(cell.source.splitlines()) <= 16


def test_no_word_of_the_glossary_is_used_before_its_lesson_but_to_point_there(lesson):
    number, cells = lesson
    words = [word for word, taught in glossary() if number < taught]
    assert words
    later = re.compile(rf"\b({'|'.join(words)})s?\b")
    prose = [c.source for c in cells if c.cell_type == "markdown"]
    for text in prose[1:]:  # the first holds title, question and links
        for paragraph in text.split("\n\n"):
            assert POINTER.search(paragraph) or not later.search(paragraph), paragraph
