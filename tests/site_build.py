"""Run what README.md says: build the site, open JupyterLab, convert notebooks."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from lessons import ROOT

README = (ROOT / "README.md").read_text()


def command(start: str) -> list[str | Path]:
    """Return the one command of README.md that starts so, in this environment."""
    (found,) = re.findall(rf"^\.venv/bin/({start} .*)$", README, re.MULTILINE)
    name, *arguments = shlex.split(found)
    return [Path(sys.executable).with_name(name), *arguments]


def nbconvert(*arguments: str | Path, cwd: Path = ROOT) -> None:
    program = [Path(sys.executable).with_name("jupyter"), "nbconvert"]
    subprocess.run([*program, "--log-level=ERROR", *arguments], cwd=cwd, check=True)


def copy_sources(copy: Path) -> Path:
    """Copy what the tests and the site are made from, and return the copy."""
    copy.mkdir()
    for file in (".lab.py", "README.md", "requirements.txt"):
        shutil.copy(ROOT / file, copy)
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for folder in (".site", "notebooks", "images"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    return copy


def build(root: Path, parent: Path) -> tuple[Path, subprocess.CompletedProcess]:
    """Build the site of the repository at `root` below `parent`."""
    *start, place = command("sphinx-build")
    assert place == "results/site"
    site = [*start, parent / "site"]
    return site[-1], subprocess.run(site, cwd=root, capture_output=True, text=True)
