"""Build the site with the command of README.md."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from lessons import ROOT

README = (ROOT / "README.md").read_text()
COMMAND = re.search(
    r"^\.venv/bin/(sphinx-build .*) results/site$", README, re.MULTILINE
)


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
    name, *arguments = shlex.split(COMMAND[1])
    program = Path(sys.executable).with_name(name)
    folder = parent / "site"
    run = subprocess.run(
        [program, *arguments, folder], cwd=root, capture_output=True, text=True
    )
    return folder, run
