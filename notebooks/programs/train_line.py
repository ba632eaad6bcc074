"""Fit the line y = weight * X + bias on one process, or on many.

One process:       python train_line.py
Two processes:     torchrun --standalone --nproc-per-node=2 train_line.py
All the settings:  python train_line.py --help

Any number of processes that divides the rows evenly gives the same line, up to
rounding.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
import torch.distributed as dist
import torch.distributed.nn  # later, its defaults would hold on to the group
from torch import nn
from torch.distributed.elastic.multiprocessing.errors import record
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DistributedSampler

BLOCK = 100  # rows that stay together when the rows are dealt out
FIXED = ("rows", "batch_size", "lr", "seed")  # settings that a resumed job must keep


@record  # the launcher's report then names the error of a process that failed
def main(arguments: Sequence[str] | None = None) -> None:
    """Train with the settings from the command line, and clean up in any case."""
    world_size = int(os.environ.get("WORLD_SIZE", 1))
    settings = read_settings(arguments, world_size)
    device = choose_device()
    join_group(device)
    try:
        train(settings, device)
    finally:
        dist.destroy_process_group()


def train(settings: argparse.Namespace, device: torch.device) -> None:
    """Train on this process's share of each batch, and print the line."""
    torch.manual_seed(settings.seed)  # every process makes the same rows and model
    X = torch.rand(settings.rows, 1)
    y = 0.7 * X + 0.3 + 0.1 * torch.randn(settings.rows, 1)
    X, y = (values.to(device).view(-1, BLOCK, 1) for values in (X, y))
    line = nn.Linear(1, 1).to(device)
    optimizer = torch.optim.SGD(line.parameters(), lr=settings.lr)
    first_epoch = load_checkpoint(settings, line, optimizer)

    model = DistributedDataParallel(line)
    loss_fn = nn.MSELoss()
    sampler = DistributedSampler(X, seed=settings.seed)
    batch_blocks = settings.batch_size // BLOCK // dist.get_world_size()
    start = time.perf_counter()
    for epoch in range(first_epoch, settings.epochs):
        sampler.set_epoch(epoch)
        total = torch.zeros((), device=device)
        for blocks in torch.tensor(list(sampler), device=device).split(batch_blocks):
            loss = loss_fn(model(X[blocks]), y[blocks])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(blocks)  # stays on the device

        done = epoch + 1
        if done % settings.every == 0 or done == settings.epochs:
            dist.all_reduce(total)  # every process must take part
            if dist.get_rank() == 0:
                mean = total.item() / len(X)  # waits until a GPU is done
                seconds = time.perf_counter() - start
                rate = (done - first_epoch) * settings.rows / seconds
                tell(done, settings.epochs, mean, rate)
                save_checkpoint(settings, line, optimizer, done)
    if dist.get_rank() == 0:
        print(f"weight {line.weight.item():.4f}, bias {line.bias.item():.4f}")


def tell(done: int, epochs: int, loss: float, rate: float) -> None:
    """Write a line of progress to stderr, so that stdout holds results only."""
    rows = f"{rate / 1e6:.0f} million rows/s"
    print(f"epoch {done}/{epochs}: loss {loss:.4f}, {rows}", file=sys.stderr)


def save_checkpoint(
    settings: argparse.Namespace,
    line: nn.Module,
    optimizer: torch.optim.Optimizer,
    done: int,
) -> None:
    """Write the state beside the checkpoint, then rename: old or new, never half."""
    if settings.checkpoint is None:
        return
    state = {"model": line.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {
        "done": done,
        "settings": {name: getattr(settings, name) for name in FIXED},
    }
    part = settings.checkpoint.with_name(settings.checkpoint.name + ".part")
    try:
        with part.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())  # on the disk, not only on its way
        part.replace(settings.checkpoint)
        if os.name == "posix":  # the new name, too; Windows opens no folder
            folder = os.open(part.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
    finally:
        part.unlink(missing_ok=True)


def load_checkpoint(
    settings: argparse.Namespace, line: nn.Module, optimizer: torch.optim.Optimizer
) -> int:
    """Take up the state that process 0 finds, and return how many epochs are done."""
    found = [None]
    if dist.get_rank() == 0 and settings.checkpoint and settings.checkpoint.exists():
        found = [read_checkpoint(settings)]
        if isinstance(found[0], str):
            print(found[0], file=sys.stderr)
    dist.broadcast_object_list(found)
    (state,) = found
    if state is None:
        return 0
    if isinstance(state, str):
        end_job()
    line.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    if dist.get_rank() == 0:
        print(f"resumed after epoch {state['done']}", file=sys.stderr)
    return state["done"]


def end_job() -> NoReturn:
    """Fail, and let the launcher fail, where a restart would find the same again."""
    if dist.is_torchelastic_launched() and os.environ["LOCAL_RANK"] == "0":
        # It restarts after every exit status but 0, and a signal is all that ends it.
        os.kill(os.getppid(), signal.SIGTERM)
    sys.exit(1)


def read_checkpoint(settings: argparse.Namespace) -> dict[str, Any] | str:
    """Return the state in the file, or a sentence that says why it is of no use."""
    path = settings.checkpoint
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        kept = state["settings"]
    except Exception as error:
        reason, *_ = f"{type(error).__name__}: {error}".splitlines()
        return f"--checkpoint: {path.name} is damaged, or of another program ({reason})"
    for name in FIXED:
        if kept[name] != getattr(settings, name):
            option, now = name.replace("_", "-"), getattr(settings, name)
            return f"--{option}: {now}, but {path.name} was made with {kept[name]}"
    return state


def read_settings(
    arguments: Sequence[str] | None, world_size: int
) -> argparse.Namespace:
    """Return the settings, or end the program with an error that names the argument.

    Without `arguments`, those of the command line are read.
    """
    parser = argparse.ArgumentParser(description="Fit a line on one process, or many.")
    count, rate = positive(int), positive(float)
    parser.add_argument("--rows", type=count, default=100_000, help="rows of data")
    parser.add_argument(
        "--batch-size", type=count, default=10_000, help="rows a step, all together"
    )
    parser.add_argument("--epochs", type=count, default=40)
    parser.add_argument("--lr", type=rate, default=0.5, help="learning rate")
    parser.add_argument(
        "--seed", type=int, default=42, help="for data, model and order"
    )
    parser.add_argument(
        "--checkpoint", type=Path, help="file to save to and resume from"
    )
    parser.add_argument("--every", type=count, default=10, help="epochs between saves")
    settings = parser.parse_args(arguments)
    for name in ("rows", "batch_size"):
        value, option = getattr(settings, name), name.replace("_", "-")
        if value % (BLOCK * world_size):
            expected = f"a multiple of {BLOCK} rows times {world_size} processes"
            parser.error(f"argument --{option}: expected {expected}, got {value}")
    if settings.checkpoint and not settings.checkpoint.absolute().parent.is_dir():
        parser.error(
            f"argument --checkpoint: no such folder: {settings.checkpoint.parent}"
        )
    return settings


def positive(kind: type) -> Callable[[str], float]:
    """Return what reads a positive number of one kind from the command line."""

    def read(text: str) -> float:
        value = kind(text)
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"expected more than 0, got {text}")
        return value

    read.__name__ = kind.__name__  # argparse names it: "invalid int value"
    return read


def choose_device() -> torch.device:
    """Return an accelerator of its own for each process here, or else the CPU."""
    rank = int(os.environ.get("LOCAL_RANK", 0))
    n_processes = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    device = torch.accelerator.current_accelerator() or torch.device("cpu")
    n_devices = torch.accelerator.device_count()
    if dist.get_default_backend_for_device(device) == "gloo":
        n_devices = 0  # gloo is for the CPU
    if n_devices < n_processes:
        if rank == 0:
            why = f"accelerators: {n_devices}, processes: {n_processes}"
            print(f"training on the CPU ({why})", file=sys.stderr)
        return torch.device("cpu")
    torch.accelerator.set_device_index(rank)
    return torch.device(device.type, rank)


def join_group(device: torch.device) -> None:
    """Meet the other processes, through NCCL on NVIDIA GPUs and gloo on CPUs."""
    backend = dist.get_default_backend_for_device(device)
    if dist.is_torchelastic_launched():
        dist.init_process_group(backend)
    else:  # started without torchrun: a group of one
        dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1)


if __name__ == "__main__":
    main()
