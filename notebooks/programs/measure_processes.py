"""Measure what it costs several processes to share a step. Start it with torchrun.

Process 0 prints JSON, all times in seconds, the best of many tries:

- ``"steps"``: for each number of rows in a batch, a step ``"alone"`` (process 0 has all
  rows), ``"silent"`` (each process has a part, and nothing is sent) and ``"shared"``
  (the same, and the gradients are added up). They take turns, so that other work on the
  machine disturbs them alike.
- ``"all_reduce"``: pairs of a message's length in bytes and the time to add it up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

import torch
import torch.distributed as dist
from torch import nn

TRIES = 20


def seconds(function: Callable[[], None]) -> float:
    """Return how long a call takes that all processes begin together."""
    dist.barrier()
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure_steps(n_rows: int) -> dict[str, float]:
    """Return the times of a step on `n_rows` rows: alone, silent and shared."""
    rank, world_size = dist.get_rank(), dist.get_world_size()
    X = torch.rand(n_rows, 1)
    y = 0.7 * X + 0.3
    X_share, y_share = X.chunk(world_size)[rank], y.chunk(world_size)[rank]
    line = nn.Linear(1, 1)
    loss_fn = nn.MSELoss()

    def alone() -> None:
        if rank == 0:
            loss_fn(line(X), y).backward()

    def silent() -> None:
        loss_fn(line(X_share), y_share).backward()

    def shared() -> None:
        silent()
        dist.all_reduce(torch.cat([p.grad.flatten() for p in line.parameters()]))

    functions = (alone, silent, shared)
    tries = [[seconds(function) for function in functions] for _ in range(TRIES)]
    best = map(min, zip(*tries, strict=True))
    return {f.__name__: t for f, t in zip(functions, best, strict=True)}


def measure_all_reduce(lengths: Sequence[int]) -> list[tuple[int, float]]:
    """Return each length in bytes and the time to add up a message of that length."""
    messages = [torch.zeros(n_bytes // 4) for n_bytes in lengths]
    tries = [
        [seconds(lambda m=message: dist.all_reduce(m)) for message in messages]
        for _ in range(TRIES)
    ]
    return list(zip(lengths, map(min, zip(*tries, strict=True)), strict=True))


def main() -> None:
    """Measure, and print the results."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    results = {
        "steps": {n: measure_steps(n) for n in (1_000, 100_000, 4_000_000)},
        "all_reduce": measure_all_reduce([8**exponent for exponent in range(1, 9)]),
    }
    if dist.get_rank() == 0:
        print(json.dumps(results))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
