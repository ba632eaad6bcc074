"""The template of notebook 08 runs as a file, and gives what the notebook shows."""

import re
import subprocess
import sys

import pytest
import torch
from torch import nn

from lessons import ROOT, code_cells, read

pytestmark = pytest.mark.slow

RECIPE = ROOT / "notebooks" / "programs" / "recipe.py"


PENGUINS = """
import csv
from pathlib import Path

with Path("penguins.csv").open() as file:
    rows = [row for row in csv.DictReader(file) if row["body_mass_g"] != "NA"]
columns = ["flipper_length_mm", "bill_length_mm", "bill_depth_mm"]
X = torch.tensor([[float(row[column]) for column in columns] for row in rows])
y = torch.tensor([[float(row["body_mass_g"])] for row in rows])
"""


def run(text, folder):
    (folder / "mine.py").write_text(text)
    command = [sys.executable, "-W", "error", "mine.py"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_it_is_a_page_that_runs_as_a_file_and_saves_what_a_reader_needs(tmp_path):
    text = RECIPE.read_text()
    assert len([line for line in text.splitlines() if line.strip()]) <= 45
    assert set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)) <= {
        "torch",
        *sys.stdlib_module_names,
    }
    stdout = run(text, tmp_path)
    cells = code_cells(read(ROOT / "notebooks" / "08_from_line_to_network.ipynb"))
    printed = [output.get("text", "") for cell in cells for output in cell.outputs]
    assert any(shown.startswith(stdout) for shown in printed)
    assert any(shown.strip() == text.strip() for shown in printed)

    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
    model.load_state_dict(saved["model"])
    X = torch.linspace(-2, 2, 50).unsqueeze(1)
    with torch.inference_mode():
        predictions = model((X - saved["X_mean"]) / saved["X_std"])
    predictions = predictions * saved["y_std"] + saved["y_mean"]
    assert (predictions - 20 - 5 * X.sin()).abs().mean() < 0.25


def test_on_penguins_it_beats_always_saying_the_mean_by_half(tmp_path):
    data = (ROOT / "notebooks" / "data" / "penguins.csv").read_text()
    (tmp_path / "penguins.csv").write_text(data)
    text, n_changed = re.subn(
        r"^X = .*\ny = .*\n", lambda _: PENGUINS, RECIPE.read_text(), flags=re.MULTILINE
    )
    assert n_changed == 1
    stdout = run(text, tmp_path)
    mean, model = map(float, re.findall(r"off by (\S+)", stdout))
    assert 600 < mean < 800 and model < mean / 2
