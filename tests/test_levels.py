"""The notebooks give the same outputs at every CPU level and thread count.

Runs where the environment variable CI is set, as `.ci/run` does; it takes minutes.
"""

import os
import subprocess
import sys

import pytest
import torch

from execute import ROOT

LEVELS = ["default", "avx2", "avx512"]
NATIVE = torch.backends.cpu.get_cpu_capability().lower()
PROBE = (
    "import torch;"
    "print(torch.backends.cpu.get_cpu_capability().lower(), torch.get_num_threads())"
)


@pytest.mark.skipif("CI" not in os.environ, reason="wide matrix: only with CI set")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("level", LEVELS)
def test_same_outputs(tmp_path, level, threads):
    if level != "default" and NATIVE not in LEVELS[LEVELS.index(level) :]:
        pytest.skip(f"this CPU has no {level}")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    env = kept | {"ATEN_CPU_CAPABILITY": level, "OMP_NUM_THREADS": str(threads)}
    # What torch.compile keeps from another level does not compile at this one.
    env["TORCHINDUCTOR_CACHE_DIR"] = str(tmp_path)
    probe = subprocess.run(
        [sys.executable, "-c", PROBE], env=env, capture_output=True, text=True
    )
    assert probe.stdout.split() == [level, str(threads)], probe.stderr
    pytest_command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*pytest_command, "notebooks"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
