"""Lesson 09's loop and the recipe run on another device than the CPU, unchanged."""

import subprocess
import sys

import pytest

from lessons import NOTEBOOKS, ROOT, before_exercises, claims

pytestmark = pytest.mark.slow

RECIPE = (ROOT / "notebooks" / "programs" / "recipe.py").read_text()
CODE = [c.source for c in before_exercises(NOTEBOOKS[9])]
(LOOP,) = (source for source in CODE if "accelerator.is_available()" in source)
BEFORE = """
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

loss_fn = nn.CrossEntropyLoss()
Z_train, y_train, Z_val, y_val = (torch.randn(99, 4), torch.arange(99) % 3) * 2
def accuracy(model, Z, y):
    return (model(Z).argmax(dim=1) == y).float().mean().item()
"""
SAME = """
import contextlib
from diagnosis import diagnose
from reports import FAULTS, HEALTHY

def asked(device, build, context=contextlib.nullcontext):
    torch.manual_seed(0)
    with torch.device(device):
        arguments = build()
        with context():
            return {(one.kind, one.case) for one in diagnose(*arguments, notes=True)}

for name in NAMES:
    build, *_, context = FAULTS.get(name) or (HEALTHY[name], contextlib.nullcontext)
    here, there = (asked(device, build, context) for device in ("cpu", "second"))
    assert here == there, (name, here, there)
"""
NAMES = """
head_left_out layers_in_a_list numpy_in_forward label_column_of_a_table softmax_twice
scaled_by_zero all_weights_equal many_sigmoids years summed_loss features_not_used
polynomial_regression dropout tied_weights logistic double_precision two_optimizers
"""
WHERE = "\nprint(model.get_parameter([*model.state_dict()][0]).device)"


def ran_there(text, where=WHERE):
    text = "import torch, second_device\n" + text + where
    text = f"import sys\nsys.path.append({str(ROOT / 'notebooks')!r})\n" + text
    command = [sys.executable, "-W", "error", "-c", text]
    return subprocess.run(
        command, cwd=ROOT / "tests", capture_output=True, text=True, check=False
    )


@claims("09", "Without an accelerator, the first two lines choose the CPU.")
def test_the_loop_runs_there():
    ran = ran_there(BEFORE + LOOP)
    assert ran.stderr == ""
    assert ran.stdout.endswith("second:0\n")


def test_the_recipe_trains_there():
    until_it_saves, _ = RECIPE.replace("range(1_000)", "range(3)").split("torch.save(")
    ran = ran_there(until_it_saves)
    assert ran.stderr == ""
    assert ran.stdout.endswith("second:0\n")


@claims("09", "can only be combined with others there")
@pytest.mark.parametrize("left_out", ["X_batch", "y_batch", "Linear(4, 3)"])
def test_what_is_left_on_the_cpu_is_refused(left_out):
    assert f"{left_out}.to(device)" in LOOP
    ran = ran_there(BEFORE + LOOP.replace(f"{left_out}.to(device)", left_out))
    assert "on one device" in ran.stderr or "same device" in ran.stderr


def test_diagnose_says_the_same_there():
    ran = ran_there(f"NAMES = {NAMES.split()}\n{SAME}", where="")
    assert ran.stderr == ""
