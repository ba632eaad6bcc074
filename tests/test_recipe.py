"""The template of notebook 08 runs as a file, and gives what the notebook shows."""

import subprocess
import sys

import torch
from torch import nn

from lessons import NOTEBOOKS, ROOT, code_cells, read

RECIPE = ROOT / "notebooks" / "programs" / "recipe.py"


def test_it_runs_as_a_file_and_saves_what_a_reader_needs(tmp_path):
    copy = tmp_path / "mine.py"
    copy.write_bytes(RECIPE.read_bytes())
    command = [sys.executable, "-W", "error", copy.name]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    (path,) = (path for path in NOTEBOOKS if path.name.startswith("08"))
    outputs = [output for cell in code_cells(read(path)) for output in cell.outputs]
    printed = [output.get("text", "") for output in outputs]
    assert any(text.startswith(run.stdout) for text in printed)
    assert any(text.strip() == RECIPE.read_text().strip() for text in printed)

    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
    model.load_state_dict(saved["model"])
    X = torch.linspace(-3, 3, 100).unsqueeze(1)
    with torch.inference_mode():
        predictions = model((X - saved["mean"]) / saved["std"])
    assert (predictions - X.sin()).abs().mean() < 0.05


def test_it_is_one_page():
    lines = [line for line in RECIPE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 42
