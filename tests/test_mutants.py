"""Each small change of a solution is refused by its check, or does the same."""

import ast
import contextlib
import copy
import io
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

import checks.core
import linreg
from test_checks_core import NUMBERS, records

pytestmark = pytest.mark.slow
NAMES = {"torch": torch, "nn": nn, "math": math, "copy": copy, "os": os}
NAMES |= {"Path": Path, "tempfile": tempfile, **vars(linreg)}
OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
OTHER |= {ast.Pow: ast.Mult, ast.Mod: ast.FloorDiv, ast.FloorDiv: ast.Mod}
OTHER |= {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
OTHER |= {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
METHOD = {"mean": "sum", "sum": "mean", "max": "min", "min": "max", "amax": "amin"}
METHOD |= {"amin": "amax", "abs": "square", "square": "abs", "train": "eval"}


def altered(name: str, old: str, new: str) -> tuple[str, str]:
    """Return the name of an exercise, and its solution with one change."""
    number, exercise = name.split()
    source = ast.unparse(ast.parse(records(number)[exercise].solution))
    assert old in source
    return name, source.replace(old, new)


# Changes that do the same for all that the text allows, each with the reason.
SAME: dict[tuple[str, str], str] = {
    (
        "03 mae",
        "def mae(predictions, labels):\n    return (labels - predictions).abs().mean()",
    ): "the size of an error has no sign",
    (
        "03 worst",
        "def worst(model, X, y):\n"
        "    return (y - predict(model, X)).abs().max().item()",
    ): "the size of an error has no sign",
    altered(
        "04 train_step", "(model(X), y)", "(y, model(X))"
    ): "both losses measure the same from either side",
    altered(
        "04 fit_line", "(model(X), y)", "(y, model(X))"
    ): "the size of an error has no sign",
    altered("04 fit_line", "500", "501"): "more epochs do no harm",
    altered("04 fit_line", "500", "1000"): "as above",
    altered("04 fit_line", "0.02", "0.04"): "still short steps",
    altered("05 save_and_load", ", weights_only=True", ""): "this is the default",
    altered("05 save_and_load", "=True", "=2"): "as above",
    altered("05 save_and_load", "=True", "=False"): "the file is one's own",
    altered("05 find_line", "0.1", "0.2"): "still short steps",
    altered("05 find_line", "1000", "1001"): "more epochs do no harm",
    altered("05 find_line", "1000", "2000"): "as above",
    altered(
        "06 mended", "weight * X + bias - y", "y - (weight * X + bias)"
    ): "only the square of the error is used",
    altered("10 train_line", "500", "501"): "more epochs do no harm",
    altered("10 train_line", "500", "1000"): "as above",
    altered("10 train_line", "0.1", "0.2"): "still short steps",
    altered(
        "10 train_line", "(model(X), y)", "(y, model(X))"
    ): "the loss measures the same from either side",
    altered(
        "10 mean_error", "model(X).squeeze(1) - y", "y - model(X).squeeze(1)"
    ): "the size of an error has no sign",
    altered(
        "10 epoch_loss", "(predict(model, X), y)", "(y, predict(model, X))"
    ): "the loss measures the same from either side",
    altered("10 epoch_loss", "(0.0, 0)", "(0, 0.0)"): "both are zero",
    altered("11 mean_and_std", "(0, 0.0, 0.0)", "(0.0, 0, 0.0)"): "all are zero",
    altered(
        "11 all_losses", "(predictions - y)", "(y - predictions)"
    ): "the size of an error has no sign",
    altered(
        "12 combine", "gradients, n_rows, strict", "n_rows, gradients, strict"
    ): "a product may be turned round",
    altered("12 combine", ", strict=True", ""): "both lists have the same length",
    altered("12 combine", "strict=True", "strict=False"): "as above",
    altered("12 combine", "strict=True", "strict=2"): "as above",
}


def mutants(source: str) -> Iterator[str]:
    """Yield the source with one change each: sign, order, constant, axis, or line."""
    n_nodes = len(list(ast.walk(ast.parse(source))))
    for place in range(n_nodes):
        for kind in range(4):
            tree = ast.parse(source)
            node = list(ast.walk(tree))[place]
            if change(node, kind):
                with contextlib.suppress(SyntaxError, ValueError):
                    mutant = ast.unparse(ast.fix_missing_locations(tree))
                    if mutant != ast.unparse(ast.parse(source)):
                        yield mutant


def change(node: ast.AST, kind: int) -> bool:
    """Make the change of this kind, from 0 to 3, in a node; return whether there is."""
    match node, kind:
        case ast.BinOp(op=op), 0 if type(op) in OTHER:
            node.op = OTHER[type(op)]()
        case ast.BinOp(left=left, right=right, op=ast.Sub() | ast.Div()), 1:
            node.left, node.right = right, left
        case ast.UnaryOp(op=ast.USub()), 0:
            node.op = ast.UAdd()
        case ast.Constant(value=bool(value)), 0:
            node.value = not value
        case ast.Constant(value=int() | float() as value), 0:
            node.value = value + 1
        case ast.Constant(value=int() | float() as value), 1 if value:
            node.value = value * 2
        case ast.Compare(ops=[op]), 0 if type(op) in OTHER:
            node.ops = [OTHER[type(op)]()]
        case ast.Attribute(attr=name), 0 if name in METHOD:
            node.attr = METHOD[name]
        case ast.Name(id="sum"), 0:
            node.id = "max"
        case ast.Call(args=[one, two, *rest]), 0:
            node.args = [two, one, *rest]
        case ast.Call(keywords=[_, *rest]), 1:
            node.keywords = rest
        case ast.Tuple(elts=[one, two, *rest], ctx=ast.Load()), 0:
            node.elts = [two, one, *rest]
        case ast.FunctionDef(body=body) | ast.For(body=body), _ if kind < 2:
            lines = [
                i for i, line in enumerate(body) if not isinstance(line, ast.Return)
            ]
            return drop(body, lines, kind)
        case _:
            return False
    return True


def drop(body: list[ast.stmt], lines: list[int], kind: int) -> bool:
    """Leave out the first line of a body, or the last one before it returns."""
    if len(body) < 2 or not lines:
        return False
    del body[lines[0 if kind == 0 else -1]]
    return True


SOLUTIONS = [
    pytest.param(record, f"{number} {name}", id=f"{number}-{name}")
    for number in NUMBERS
    for name, record in records(number).items()
    if record.solution
]


@pytest.mark.parametrize(("record", "name"), SOLUTIONS)
def test_each_change_of_a_solution_is_refused_or_does_the_same(
    record, name, monkeypatch
):
    monkeypatch.setattr(checks.core, "SECONDS", 1.0)
    found, survivors = 0, []
    for source in dict.fromkeys(mutants(record.solution)):
        names = dict(NAMES)
        try:
            exec(source, names)
        except Exception:  # it does not even define anything
            continue
        record.tries = 0
        with contextlib.redirect_stdout(io.StringIO()) as seen:
            record(list(names.values())[-1])
        found += 1
        if seen.getvalue().startswith("Right"):
            survivors.append(source)
    record.tries = 0
    assert found >= 1
    same = {source for of, source in SAME if of == name}
    assert set(survivors) == same, "\n\n".join(survivors)
