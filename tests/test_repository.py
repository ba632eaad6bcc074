"""What must be true of the repository round the notebooks."""

import ast
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


# Who may import what of ours.
OURS = {"guards": (), "__init__": ("linreg.guards",), "linreg": ("linreg",)}
OURS |= {"checks": ("linreg", "checks"), "interactive": ("linreg",), "programs": ()}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*/*.py")))
def test_imports_go_one_way_and_the_line_needs_torch_only(path):
    """Guards, then the line, then the rest of the module, then what builds on it."""
    place = path.parent.name
    kind = path.stem if place == "linreg" and path.stem in OURS else place
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree).split("\n")[0].endswith((".", ":"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        of = node.module if isinstance(node, ast.ImportFrom) else None
        for name in [of] if of else [alias.name for alias in node.names]:
            top = name.split(".")[0]
            if top in OURS:
                assert name.startswith(OURS[kind] or "nothing"), name
            elif kind in ("guards", "__init__", "programs"):
                assert top in {"torch", *sys.stdlib_module_names}, name


def test_pins_hold_for_what_is_required():
    pins = (ROOT / "tests" / "constraints.txt").read_text().lower().splitlines()
    assert len(pins) > 100
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if "==" in line:
            assert line.split()[0] in pins


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
