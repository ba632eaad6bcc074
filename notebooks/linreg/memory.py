"""How much memory a function takes while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil


def extra_memory(function: Callable, *arguments: Any) -> float:
    """Call a function, and return by how many MB this process grew at most.

    The function runs in a thread of its own, and what the process holds (its resident
    set) is read every half millisecond, so a peak that is shorter may be missed.
    """
    process = psutil.Process()
    before = peak = process.memory_info().rss
    with ThreadPoolExecutor() as thread:
        job = thread.submit(function, *arguments)
        while not job.done():
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.0005)
    job.result()  # raises what the function raised
    return (peak - before) / 1e6
