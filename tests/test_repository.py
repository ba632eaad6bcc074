"""What must be true of the repository round the notebooks."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from lessons import ROOT

README = (ROOT / "README.md").read_text()
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff(command):
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
    run = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_top_level_shows_only_what_a_reader_needs():
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    visible -= {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()}
    expected = {"README.md", "requirements.txt", "notebooks", "images", "tests"}
    assert visible == expected


def test_ci_runs_the_test_command_of_the_readme():
    section = README.split("\n## Test\n")[1].split("\n## ")[0]
    command = re.search(r"```sh\n(.*)\n```", section)[1]
    script = (ROOT / ".ci" / "run").read_text()
    assert f'"$bin"/{command.removeprefix(".venv/bin/")} -m ""' in script
    assert "set -euo pipefail" in script
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text()
    assert "run: bash .ci/run" in workflow


def test_requirements_are_pinned_and_explained():
    files = [ROOT / "requirements.txt", ROOT / "tests" / "browser" / "requirements.txt"]
    lines = [line for file in files for line in file.read_text().splitlines()]
    for line in filter(None, lines):
        assert re.fullmatch(r"# .+|[a-z0-9-]+==\d[\w.]* +# .+", line), line


@pytest.mark.parametrize("path", sorted((ROOT / "images").glob("*.svg")))
def test_drawings_are_white_titled_and_used(path):
    root = ElementTree.parse(path).getroot()
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text
    background = root.find(f"{SVG}rect")
    _, _, width, height = root.get("viewBox").split()
    assert background.attrib == {"width": width, "height": height, "fill": "#fff"}
    users = [p for p in ROOT.glob("notebooks/*.ipynb") if path.name in p.read_text()]
    assert users
