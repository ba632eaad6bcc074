"""What several files of tests use: the site, built once for all of them."""

import os
import time
from pathlib import Path

import pytest

from lessons import ROOT
from site_build import build


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Return the folder of the site; the first worker that asks builds it for all."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    done = folder / "site-is-built"
    try:
        (folder / "site-is-being-built").mkdir()
    except FileExistsError:
        end = time.monotonic() + 300
        while not done.exists():
            assert time.monotonic() < end, "another worker did not build the site"
            time.sleep(0.1)
        return folder / "site"
    site, run = build(ROOT, folder)
    assert run.returncode == 0, run.stdout + run.stderr
    done.touch()
    return site
