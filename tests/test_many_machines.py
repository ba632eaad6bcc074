"""Several processes find one line, survive the death of one, and leave none behind."""

import os
import re
import shutil
import stat
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
    every = psutil.process_iter(["environ"])
    return [p for p in every if (p.info["environ"] or {}).get("LESSON_MARK") == mark]


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


@pytest.fixture
def changed(tmp_path, monkeypatch) -> Path:
    """Return a script that runs a program with the change that its arguments name."""
    monkeypatch.setenv("PYTHONPATH", str(PROGRAMS))
    script = tmp_path / "changed.py"
    script.write_text(CHANGED)
    return script


CHANGED = """
import os, shutil, signal, sys
from pathlib import Path
import torch.distributed as dist

change, program = sys.argv.pop(1), __import__(sys.argv.pop(1))
path, program.TRIES = Path(sys.argv[-1]), 1
attempt, rank = (os.environ[n] for n in ("TORCHELASTIC_RESTART_COUNT", "RANK"))
destroy = dist.destroy_process_group

def die_halfway(file):
    if path.exists() and Path(f"{path}.part").exists():  # in the second save
        os.ftruncate(file, os.fstat(file).st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)

def fail(*arguments):
    raise ValueError("no more rows")

def destroy_and_look():
    destroy()
    threads = [p.read_text().strip() for p in Path("/proc/self/task").glob("*/comm")]
    print("looked", *{name for name in threads if "gloo" in name}, file=sys.stderr)

if (change, attempt) == ("die while saving", "0"):
    os.fsync = die_halfway
if (change, attempt, rank) == ("die while saving", "1", "0"):
    for name in (path, f"{path}.part"):
        shutil.copy(name, f"{name}.found")
if (change, rank) == ("fail", "1"):
    program.load_checkpoint = fail
if change == "look":
    dist.destroy_process_group = destroy_and_look
program.main()
"""


def wait_for(path: Path, job: subprocess.Popen) -> None:
    end = time.monotonic() + 300
    while not path.exists():
        assert job.poll() is None and time.monotonic() < end
        time.sleep(0.01)


def line_in(path: Path) -> list[float]:
    model = torch.load(path, weights_only=True)["model"]
    return [model["weight"].item(), model["bias"].item()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[list[float], str]:
    """Return the line that two processes find, and what they printed."""
    path = tmp_path_factory.mktemp("undisturbed") / "line.pt"
    printed, progress = finish(launch(2, *JOB, "--checkpoint", path))
    assert "resumed" not in progress
    return line_in(path), printed


@pytest.mark.slow
def test_four_processes_find_the_same_line(undisturbed, tmp_path):
    path = tmp_path / "line.pt"
    printed, _ = finish(launch(4, *JOB, "--checkpoint", path))
    assert printed == undisturbed[1]
    assert line_in(path) == pytest.approx(undisturbed[0], abs=1e-5)


@pytest.mark.slow
def test_a_killed_process_comes_back_to_the_same_line(undisturbed, tmp_path, mark):
    path = tmp_path / "line.pt"
    job = launch(2, *JOB, "--checkpoint", path, **RESTART)
    wait_for(path, job)
    (worker,) = (p for p in marked(mark) if p.info["environ"].get("RANK") == "0")
    worker.kill()
    printed, progress = finish(job)
    assert len(re.findall(r"^resumed after epoch \d", progress, re.MULTILINE)) == 1
    assert (line_in(path), printed) == undisturbed


@pytest.mark.slow
def test_a_death_while_saving_leaves_the_old_checkpoint(undisturbed, tmp_path, changed):
    path = tmp_path / "line.pt"
    job = [changed, "die while saving", "train_line", *JOB[1:], "--checkpoint", path]
    printed, progress = finish(launch(2, *job, **RESTART))
    assert "resumed after epoch 4\n" in progress
    assert (line_in(path), printed) == undisturbed
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


@pytest.mark.slow
def test_an_error_in_one_process_ends_all_and_is_named(changed):
    with pytest.raises(RuntimeError, match="ValueError: no more rows"):
        finish(launch(2, changed, "fail", "train_line", "--epochs", 5))


@pytest.mark.slow
def test_no_restart_tries_a_damaged_checkpoint_again(tmp_path):
    path = tmp_path / "line.pt"
    path.write_bytes(b"half")
    with pytest.raises(RuntimeError) as failed:
        finish(launch(2, *JOB, "--checkpoint", path, **RESTART))
    assert str(failed.value).count("line.pt is damaged") == 1
    assert str(failed.value).count("on the CPU (accelerators: 0, processes: 2)") == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at threads as on Linux")
def test_one_process_finds_the_same_line_and_its_group_is_gone_before_it_ends(
    undisturbed, tmp_path, changed
):
    path = tmp_path / "line.pt"
    job = [changed, "look", "train_line", *JOB[1:], "--checkpoint", path]
    printed, told = finish(launch(1, *job))
    assert "looked" in told and "gloo" not in told
    assert printed == undisturbed[1]
    assert line_in(path) == pytest.approx(undisturbed[0], abs=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at threads as on Linux")
def test_the_group_of_what_measures_is_gone_before_it_ends(changed):
    _, told = finish(launch(1, changed, "look", "measure_processes"))
    assert "looked" in told and "gloo" not in told


# One process: what the program refuses, and what it saves


def settings(*arguments, world_size=1):
    return train_line.read_settings([*map(str, arguments)], world_size)


def test_wrong_arguments_are_named(capsys):
    for arguments, message in {
        "--epochs 0": "argument --epochs: expected more than 0, got 0",
        "--epochs 1.5": "argument --epochs: invalid int value: '1.5'",
        "--lr nan": "argument --lr: expected more than 0, got nan",
        "--lr inf": "argument --lr: expected more than 0, got inf",
        "--every -1": "argument --every: expected more than 0, got -1",
        "--rows 1000": "argument --rows: expected a multiple of 100 rows times 4",
        "--batch-size 600": "argument --batch-size: expected a multiple of 100",
        "--checkpoint no/line.pt": "argument --checkpoint: no such folder: no",
        "--speed 3": "unrecognized arguments: --speed 3",
    }.items():
        with pytest.raises(SystemExit) as stop:
            settings(*arguments.split(), world_size=4)
        assert stop.value.code == 2
        assert f"error: {message}" in capsys.readouterr().err
    for wrong in (0, -1):
        with pytest.raises(ValueError, match=r"^n_processes: "):
            launch(wrong, "hello.py")


def test_each_process_gets_a_gpu_of_its_own_or_none(monkeypatch, capsys):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    for kind, n_devices, expected in [
        (None, 0, "cpu"),
        ("cuda", 1, "cpu"),
        ("cuda", 2, "cuda"),
        ("xpu", 8, "xpu"),
        ("mps", 2, "cpu"),  # its default backend is gloo
    ]:
        chosen, kind = [], kind and torch.device(kind)
        for name, stand_in in {
            "current_accelerator": lambda kind=kind: kind,
            "device_count": lambda n=n_devices: n,
            "set_device_index": chosen.append,
        }.items():
            monkeypatch.setattr(torch.accelerator, name, stand_in)
        for rank in ("0", "1"):
            monkeypatch.setenv("LOCAL_RANK", rank)
            at = expected if expected == "cpu" else f"{expected}:{rank}"
            assert str(train_line.choose_device()) == at
        assert chosen == ([] if expected == "cpu" else [0, 1])
        told = capsys.readouterr().err
        assert told.count("training on the CPU") == (expected == "cpu")


def test_each_epoch_has_an_order_of_its_own_also_after_a_resume(tmp_path, monkeypatch):
    orders = []

    class Watched(train_line.DistributedSampler):
        def __iter__(self):
            orders.append(list(super().__iter__()))
            return iter(orders[-1])

    monkeypatch.setattr(train_line, "DistributedSampler", Watched)
    job = ["--rows=2000", "--batch-size=1000", f"--checkpoint={tmp_path / 'line.pt'}"]
    for epochs in (2, 4):
        train_line.main([*job, f"--epochs={epochs}"])
    assert len(orders) == len({*map(tuple, orders)}) == 4


def test_a_resumed_job_takes_up_the_state_of_its_optimizer(tmp_path):
    """SGD has none, so Adam stands in for it."""
    given = settings("--checkpoint", tmp_path / "line.pt")
    line = torch.nn.Linear(1, 1)
    optimizer, fresh = (torch.optim.Adam(line.parameters()) for _ in range(2))
    line(torch.ones(1, 1)).backward()
    optimizer.step()
    train_line.join_group(torch.device("cpu"))
    try:
        train_line.save_checkpoint(given, line, optimizer, done=3)
        assert train_line.load_checkpoint(given, line, fresh) == 3
    finally:
        torch.distributed.destroy_process_group()
    assert fresh.state_dict()["state"] and str(fresh.state) == str(optimizer.state)


def test_a_checkpoint_is_whole_or_refused(tmp_path, monkeypatch):
    path, line = tmp_path / "line.pt", torch.nn.Linear(1, 1)
    chosen, other = (settings("--checkpoint", path, "--lr", lr) for lr in (0.5, 0.1))
    optimizer = torch.optim.SGD(line.parameters(), lr=0.5)

    def save(value):
        torch.nn.init.constant_(line.weight, value)
        train_line.save_checkpoint(chosen, line, optimizer, done=3)

    def fail(state, file):
        file.write(b"half")
        raise OSError("disk full")

    synced = []
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_mode))
        save(0.5)
    assert [*map(stat.S_ISDIR, synced)] == [False, True][: 1 + (os.name == "posix")]
    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", fail)
        with pytest.raises(OSError, match="disk full"):
            save(0.6)
    assert [file.name for file in tmp_path.iterdir()] == ["line.pt"]
    assert train_line.read_checkpoint(chosen)["model"]["weight"].item() == 0.5

    expected = "--lr: 0.1, but line.pt was made with 0.5"
    assert train_line.read_checkpoint(other) == expected
    whole = path.read_bytes()
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
def test_it_runs_alone_stops_with_a_sentence_and_resumes(tmp_path, capfd):
    path, straight = tmp_path / "line.pt", tmp_path / "straight.pt"
    run = run_alone("--epochs", 3, "--checkpoint", path)
    told = [line.split(": ")[0] for line in run.stderr.splitlines()]
    assert (run.returncode, told[-1]) == (0, "epoch 3/3")
    assert re.fullmatch(r"weight -?\d\.\d{4}, bias -?\d\.\d{4}\n", run.stdout)

    refused = run_alone("--epochs", 5, "--seed", 1, "--checkpoint", path)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    message = "--seed: 1, but line.pt was made with 42"
    assert refused.stderr.strip().endswith(message)

    train_line.main(["--epochs=5", f"--checkpoint={path}"])
    resumed = capfd.readouterr()
    assert "resumed after epoch 3\n" in resumed.err
    train_line.main(["--epochs=5", f"--checkpoint={straight}"])
    assert line_in(path) == line_in(straight)
    assert resumed.out == capfd.readouterr().out


SLURM = {
    "scontrol": "echo 127.0.0.1; echo 127.0.0.2",
    "srun": 'shift; "$@" & first=$!; "$@" & wait $first && wait $!',
    "torchrun": f'exec {sys.executable} -m torch.distributed.run "$@"',
    "activate": "export ACTIVE=yes",
}


def slurm(folder: Path, job_id: int, **changed: str) -> subprocess.CompletedProcess:
    """Run the script in a folder, with stand-ins for all that it calls."""
    for name, body in (SLURM | changed).items():
        path = folder / (".venv/bin/activate" if name == "activate" else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)
    job = {"JOB_NODELIST": "a,b", "NNODES": "2", "GPUS_ON_NODE": "1"}
    job |= {"JOB_ID": str(job_id), "CPUS_PER_TASK": "2"}
    env = os.environ | {f"SLURM_{name}": value for name, value in job.items()}
    env |= {"PATH": f"{folder}{os.pathsep}{env['PATH']}"}
    streams = {"input": (PROGRAMS / "slurm.sh").read_text(), "capture_output": True}
    return subprocess.run(["bash"], cwd=folder, env=env, text=True, **streams)


def test_a_slurm_job_has_its_environment_its_port_and_its_threads(tmp_path):
    ports = set()
    for job_id in (7, 8, 9_999, 12_345_678):
        run = slurm(tmp_path, job_id, srun='echo "$ACTIVE $OMP_NUM_THREADS $@"')
        assert run.returncode == 0 and run.stdout.startswith("yes 2 "), run.stderr
        ports.add(int(re.search(r"endpoint=127\.0\.0\.1:(\d+) ", run.stdout)[1]))
    assert len(ports) == 4 and all(1024 <= port < 32_768 for port in ports)
    for broken in ({"activate": "false"}, {"scontrol": "false"}, {"srun": "exit 3"}):
        assert slurm(tmp_path, 7, **broken).returncode != 0


@pytest.mark.slow
def test_the_slurm_script_runs_where_srun_starts_two_launchers(tmp_path):
    shutil.copy(PROGRAMS / "train_line.py", tmp_path)
    run = slurm(tmp_path, os.getpid())
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(r"weight 0\.\d{4}, bias 0\.\d{4}\n", run.stdout)
    assert torch.load(tmp_path / "line.pt", weights_only=True)["done"] == 40
