"""Kernels that are forked from one process, which has imported what is slow to import.

A kernel of its own for each lesson imports torch and, with its first optimizer, torch's
compiler: four seconds of processor time, thirteen times. JupyterLab's tests start
kernels as a reader does.
"""

import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from unittest import mock

from jupyter_client.provisioning import local_provisioner

IMPORTED = ["torch._dynamo", "matplotlib.pyplot", "ipykernel.kernelapp", "kernels"]
# What ipykernel sets before a lesson imports matplotlib.
INLINE = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
HERE = Path(__file__).parent
OURS = {str(HERE), str(HERE.parent / "notebooks")}  # which pytest adds to the path


def fork_kernels() -> None:
    """Let jupyter_client fork the kernels from now on, where that is safe."""
    if sys.platform != "linux" or local_provisioner.launch_kernel is launch_forked:
        return
    multiprocessing.set_forkserver_preload(IMPORTED)
    with mock.patch.dict(os.environ, INLINE):
        multiprocessing.forkserver.ensure_running()
    local_provisioner.launch_kernel = launch_forked


class Forked:
    """A forked kernel, with as much of `subprocess.Popen` as jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self.process, self.pid = process, process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def launch_forked(command: list[str], env: dict, cwd: str, **_: Any) -> Forked:
    """Fork a kernel instead of running `python -m ipykernel_launcher ARGUMENTS`."""
    arguments = command[command.index("ipykernel_launcher") + 1 :]
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=run, args=(arguments, env, cwd), daemon=True)
    process.start()
    while os.getpgid(process.pid) != process.pid:  # it would be signalled with us
        time.sleep(0.001)
    return Forked(process)


def run(arguments: list[str], env: dict[str, str], cwd: str) -> None:
    """Be a kernel like one that was started in the folder of its lesson."""
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path[:] = [path for path in sys.path if path and path not in OURS]
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    multiprocessing.current_process().daemon = False  # it may have children,
    multiprocessing.set_start_method(None, force=True)  # which start as they do there

    from ipykernel.kernelapp import launch_new_instance

    # It ends when the process that it was forked from does.
    arguments += [f"--IPKernelApp.parent_handle={os.getppid()}"]
    launch_new_instance(argv=arguments)
