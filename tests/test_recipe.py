"""The template of notebook 08 runs as a file, and gives what the notebook shows."""

import subprocess
import sys

import torch
from torch import nn

from lessons import ROOT, code_cells, read

RECIPE = ROOT / "notebooks" / "programs" / "recipe.py"


def test_it_is_a_page_that_runs_as_a_file_and_saves_what_a_reader_needs(tmp_path):
    text = RECIPE.read_text()
    assert len([line for line in text.splitlines() if line.strip()]) <= 42
    (tmp_path / "mine.py").write_text(text)
    command = [sys.executable, "-W", "error", "mine.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    cells = code_cells(read(ROOT / "notebooks" / "08_from_line_to_network.ipynb"))
    printed = [output.get("text", "") for cell in cells for output in cell.outputs]
    assert any(shown.startswith(run.stdout) for shown in printed)
    assert any(shown.strip() == text.strip() for shown in printed)

    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
    model.load_state_dict(saved["model"])
    X = torch.linspace(-3, 3, 100).unsqueeze(1)
    with torch.inference_mode():
        predictions = model((X - saved["mean"]) / saved["std"])
    assert (predictions - X.sin()).abs().mean() < 0.05
