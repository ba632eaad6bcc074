"""Several processes: start copies of a program with torchrun, and wait for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from linreg.guards import guarded, integer


@guarded(integer("n_processes", minimum=1))
def launch(
    n_processes: int,
    *arguments: str | float | Path,
    options: Sequence[str] = ("--standalone",),
    **environment: str,
) -> subprocess.Popen:
    """Start torchrun with `n_processes` copies of a script, on one CPU thread each.

    `arguments` are the script's file and its arguments, `options` torchrun's own, and
    `environment` holds more environment variables. Give what is returned to `finish`,
    which waits for it.

    Raises:
        TypeError: `n_processes` is no integer.
        ValueError: `n_processes` is not positive.
    """
    torchrun = [sys.executable, "-m", "torch.distributed.run", *options]
    command = [*torchrun, f"--nproc-per-node={n_processes}", *map(str, arguments)]
    alone = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        command,
        env=os.environ | alone | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*launchers: subprocess.Popen, seconds: float = 300.0) -> tuple[str, str]:
    """Wait for launchers, and return what their processes wrote to stdout and stderr.

    If the waiting is interrupted, the launchers and their processes are ended first.

    Raises:
        subprocess.TimeoutExpired: one was not done after so many seconds.
        RuntimeError: one failed; the message is what was written to stderr.
    """
    with ThreadPoolExecutor(len(launchers)) as pool:  # or a full pipe would stop one
        reading = [pool.submit(job.communicate, timeout=seconds) for job in launchers]
        try:
            texts = [text.result() for text in reading]
        except BaseException:
            for job in launchers:
                job.terminate()  # torchrun then ends its processes
            wait(reading)
            for job in launchers:
                job.communicate()  # to the end, which closes the pipes
            raise
    printed, progress = map("".join, zip(*texts, strict=True))
    if any(job.returncode for job in launchers):
        raise RuntimeError(progress)
    return printed, progress
