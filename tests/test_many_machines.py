"""Several processes: one line, what it costs, and what happens when one of them dies.

Every process that a test starts carries a mark in its environment, and after each test
none with that mark may be left.
"""

import os
import re
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest
import torch

from lessons import ROOT
from linreg.processes import finish, launch
from programs import train_line

PROGRAMS = ROOT / "notebooks" / "programs"
JOB = [PROGRAMS / "train_line.py", "--rows", 5_000_000]
JOB += ["--batch-size", 1_000_000, "--every", 4]
RESTART = {
    "options": ["--standalone", "--max-restarts=3"],
    "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
}


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that have `mark` in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("LESSON_MARK") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(autouse=True)
def mark(monkeypatch):
    """Mark every process that a test starts, and see that none is left behind."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("LESSON_MARK", mark)
    yield mark
    end = time.monotonic() + 60
    while (left := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    for process in left:
        process.kill()
    assert not left


def parameters(path: Path) -> torch.Tensor:
    state = torch.load(path, weights_only=True)
    return torch.cat([state["model"]["weight"].flatten(), state["model"]["bias"]])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the parameters that two processes find, and what they printed."""
    path = tmp_path_factory.mktemp("undisturbed") / "line.pt"
    printed, progress = finish(launch(2, *JOB, "--checkpoint", path))
    assert "resumed" not in progress
    return parameters(path), printed


def wait_for(path: Path, job: subprocess.Popen) -> None:
    end = time.monotonic() + 300
    while not path.exists():
        assert job.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
def test_any_number_of_processes_finds_the_same_line(undisturbed, tmp_path):
    for n in (1, 4):
        path = tmp_path / f"{n}.pt"
        assert finish(launch(n, *JOB, "--checkpoint", path))[0] == undisturbed[1]
        assert (parameters(path) - undisturbed[0]).abs().max() < 1e-5


# Faults


@pytest.mark.slow
def test_a_killed_process_comes_back_and_the_line_is_the_same(
    undisturbed, tmp_path, mark
):
    path = tmp_path / "line.pt"
    job = launch(2, *JOB, "--checkpoint", path, **RESTART)
    wait_for(path, job)
    (worker,) = (p for p in marked(mark) if p.environ().get("RANK") == "0")
    worker.kill()
    printed, progress = finish(job)
    assert len(re.findall(r"^resumed after epoch \d", progress, re.MULTILINE)) == 1
    assert torch.equal(parameters(path), undisturbed[0])
    assert printed == undisturbed[1]


DIES_WHILE_SAVING = """
import io, os, shutil, signal, sys
import torch, train_line

path, attempt = sys.argv[-1], os.environ["TORCHELASTIC_RESTART_COUNT"]
if attempt == "1" and os.environ["RANK"] == "0":
    for name in (path, path + ".part"):
        shutil.copy(name, name + ".found")

whole_save, saves = torch.save, 0

def save_half(state, file, **options):
    global saves
    saves += isinstance(file, io.BufferedWriter)  # and not a message
    if saves < 2 or attempt != "0":
        return whole_save(state, file, **options)
    memory = io.BytesIO()
    whole_save(state, memory)
    file.write(memory.getvalue()[: memory.tell() // 2])
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)

torch.save = save_half
train_line.main()
"""


@pytest.mark.slow
def test_a_process_that_dies_while_saving_leaves_the_old_checkpoint(
    undisturbed, tmp_path, monkeypatch
):
    script, path = tmp_path / "dies.py", tmp_path / "line.pt"
    script.write_text(DIES_WHILE_SAVING)
    monkeypatch.setenv("PYTHONPATH", str(PROGRAMS))
    job = launch(2, script, *JOB[1:], "--checkpoint", path, **RESTART)
    printed, progress = finish(job)
    assert "resumed after epoch 4\n" in progress
    assert torch.equal(parameters(path), undisturbed[0])
    assert printed == undisturbed[1]
    assert not (tmp_path / "line.pt.part").exists()
    found = torch.load(tmp_path / "line.pt.found", weights_only=True)
    assert found["done"] == 4
    with pytest.raises(RuntimeError):
        torch.load(tmp_path / "line.pt.part.found", weights_only=True)


@pytest.mark.slow
def test_what_is_interrupted_leaves_no_process(tmp_path, mark):
    path = tmp_path / "line.pt"
    job = launch(2, *JOB, "--epochs", 10_000, "--checkpoint", path)
    wait_for(path, job)
    assert len(marked(mark)) == 3  # the launcher and its two
    with pytest.raises(subprocess.TimeoutExpired):
        finish(job, seconds=0.1)


FAILS = """
import sys, torch.distributed as dist, train_line

def fail(*arguments):
    if dist.get_rank() == 1:
        raise ValueError("no more rows")

train_line.load_checkpoint = fail
train_line.main()
"""


@pytest.mark.slow
def test_an_error_in_one_process_ends_all_and_is_named(tmp_path, monkeypatch):
    script = tmp_path / "fails.py"
    script.write_text(FAILS)
    monkeypatch.setenv("PYTHONPATH", str(PROGRAMS))
    with pytest.raises(RuntimeError, match="ValueError: no more rows"):
        finish(launch(2, script, "--epochs", 5))


LEAVES = """
import os, sys
from pathlib import Path
import torch.distributed as dist

destroy = dist.destroy_process_group

def destroy_and_look():
    destroy()
    threads = [p.read_text().strip() for p in Path("/proc/self/task").glob("*/comm")]
    print(*{name for name in threads if "gloo" in name}, file=sys.stderr)
    print("looked", file=sys.stderr)

dist.destroy_process_group = destroy_and_look
module = __import__(sys.argv.pop(1))
module.TRIES = 1
module.main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at threads as on Linux")
@pytest.mark.parametrize("what", ["train_line", "measure_processes"])
def test_the_group_is_gone_before_the_program_ends(tmp_path, monkeypatch, what):
    script = tmp_path / "leaves.py"
    script.write_text(LEAVES)
    monkeypatch.setenv("PYTHONPATH", str(PROGRAMS))
    _, told = finish(launch(1, script, what))
    assert "looked" in told
    assert "gloo" not in told


# The script


def settings(*arguments, world_size=1):
    return train_line.read_settings([*map(str, arguments)], world_size)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--epochs 0", "argument --epochs: expected more than 0, got 0"),
        ("--epochs 1.5", "argument --epochs: invalid int value: '1.5'"),
        ("--lr nan", "argument --lr: expected more than 0, got nan"),
        ("--lr inf", "argument --lr: expected more than 0, got inf"),
        ("--every -1", "argument --every: expected more than 0, got -1"),
        ("--rows 1000", "argument --rows: expected a multiple of 100 rows times 4"),
        ("--batch-size 600", "argument --batch-size: expected a multiple of 100"),
        ("--checkpoint no/line.pt", "argument --checkpoint: no such folder: no"),
        ("--speed 3", "unrecognized arguments: --speed 3"),
    ],
)
def test_wrong_arguments_are_named(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        settings(*arguments.split(), world_size=4)
    assert stop.value.code == 2
    assert f"error: {message}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("n_gpus", "n_processes", "expected"),
    [(0, 2, "cpu"), (1, 2, "cpu"), (2, 2, "cuda:1"), (8, 2, "cuda:1")],
)
def test_each_process_gets_a_gpu_of_its_own_or_none(
    monkeypatch, n_gpus, n_processes, expected
):
    chosen = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_gpus)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", str(n_processes))
    monkeypatch.setenv("LOCAL_RANK", "1")
    device = train_line.choose_device()
    assert str(device) == expected
    assert chosen == ([device] if expected != "cpu" else [])


def save(chosen, value=0.5):
    line = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(line.weight, value)
    optimizer = torch.optim.SGD(line.parameters(), lr=chosen.lr)
    train_line.save_checkpoint(chosen, line, optimizer, done=3)


def test_a_save_that_fails_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    chosen = settings("--checkpoint", tmp_path / "line.pt")
    save(chosen, 0.5)

    def fail(state, file):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        save(chosen, 0.6)
    assert [file.name for file in tmp_path.iterdir()] == ["line.pt"]
    assert train_line.read_checkpoint(chosen)["model"]["weight"].item() == 0.5


def test_a_checkpoint_of_no_use_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "line.pt"
    chosen = settings("--checkpoint", path)
    save(chosen)
    whole = path.read_bytes()
    other = settings("--checkpoint", path, "--lr", 0.1)
    expected = "--lr: 0.1, but line.pt was made with 0.5"
    assert train_line.read_checkpoint(other) == expected
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        refusal = train_line.read_checkpoint(chosen)
        assert refusal.startswith("--checkpoint: line.pt is damaged")
    torch.save({"model": {}}, path)
    assert "of another program" in train_line.read_checkpoint(chosen)


def run_alone(*arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, PROGRAMS / "train_line.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_it_runs_alone_stops_with_a_sentence_and_resumes(tmp_path):
    path, straight = tmp_path / "line.pt", tmp_path / "straight.pt"
    run = run_alone("--epochs", 3, "--checkpoint", path)
    assert (run.returncode, run.stderr[:10]) == (0, "epoch 3/3:")
    assert re.fullmatch(r"weight -?\d\.\d{4}, bias -?\d\.\d{4}\n", run.stdout)

    refused = run_alone("--epochs", 5, "--seed", 1, "--checkpoint", path)
    assert refused.returncode == 1
    message = "--seed: 1, but line.pt was made with 42"
    assert refused.stderr.strip().endswith(message)
    assert "Traceback" not in refused.stderr

    resumed = run_alone("--epochs", 5, "--checkpoint", path)
    assert resumed.stderr.startswith("resumed after epoch 3\n")
    run = run_alone("--epochs", 5, "--checkpoint", straight)
    assert resumed.stdout == run.stdout
    assert torch.equal(parameters(path), parameters(straight))


# Several machines


SLURM = {
    "scontrol": "echo 127.0.0.1; echo 127.0.0.2",
    "srun": 'shift; "$@" & first=$!; "$@" & wait $first && wait $!',
    "torchrun": f'exec {sys.executable} -m torch.distributed.run "$@"',
}


@pytest.mark.slow
def test_the_slurm_script_runs_where_srun_starts_two_launchers(tmp_path):
    script = (PROGRAMS / "slurm.sh").read_text()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        script = script.replace(":29500", f":{free.getsockname()[1]}")
    for name, body in SLURM.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o755)
    program = (PROGRAMS / "train_line.py").read_bytes()
    (tmp_path / "train_line.py").write_bytes(program)
    allocation = {"SLURM_JOB_NODELIST": "a,b", "SLURM_NNODES": "2"}
    allocation |= {"SLURM_GPUS_ON_NODE": "1", "SLURM_JOB_ID": "7"}
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-eu"],
        input=script,
        cwd=tmp_path,
        env=os.environ | allocation | {"PATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(r"weight 0\.\d{4}, bias 0\.\d{4}\n", run.stdout)
    assert torch.load(tmp_path / "line.pt", weights_only=True)["done"] == 40


@pytest.mark.parametrize("wrong", [0, -1])
def test_launch_refuses_no_processes(wrong):
    with pytest.raises(ValueError, match=r"^n_processes: "):
        launch(wrong, "hello.py")
