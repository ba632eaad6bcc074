"""What runs in the kernel of a lesson: before its first cell, and after its last."""

import contextlib
import io
import re
import sys
import time
from functools import partial
from typing import Any

import torch

import checks.core
import checks.records
from answers import answers


def prepare(imports: str) -> None:
    """Import what a lesson imports, so that its cells do not show what that prints.

    A library may write to stderr when it is imported first, about a cache of fonts or a
    missing GPU. From here on, `Timer` counts the time that the process computes instead
    of the time on the wall: on a busy machine, only the first can be relied on.
    """
    exec(imports, {})
    if benchmark := sys.modules.get("torch.utils.benchmark"):
        benchmark.Timer = partial(benchmark.Timer, timer=time.process_time)


def try_exercise(
    ran: dict[str, Any], number: str, exercise: dict[str, str], starts_blank: bool
) -> None:
    """Give each answer to a check, in copies of what the lesson has left behind."""

    record = getattr(ran["checks"], exercise["name"])

    def seen_after(answer: str) -> str:
        names = dict(ran)
        exec(answer, names)
        record.tries, record.last = 0, None
        before = torch.get_rng_state()
        with contextlib.redirect_stdout(io.StringIO()) as seen:
            exec(exercise["check"], names)
        assert torch.equal(torch.get_rng_state(), before), "the random state changed"
        return seen.getvalue()

    if starts_blank:
        assert exercise["output"] == f"{checks.records.NOT_ATTEMPTED}\n"
        assert seen_after(exercise["starter"]) == exercise["output"]
    for right in filter(None, [exercise["solution"], record.other]):
        seen = seen_after(right)
        assert re.fullmatch(r"Right\. .+\n(Another way:\n(    .*\n|\n)+)?", seen), seen

    wrong = [a for a in answers(number) if a[0] == exercise["object"]]
    assert len(wrong) + len(record.mistakes) >= 3 - exercise["is_try"]
    limit = checks.core.SECONDS
    for _, answer, hint in wrong:
        checks.core.SECONDS = 0.5 if hint in "a loop that never ends" else limit
        seen = seen_after(answer)
        checks.core.SECONDS = limit
        assert re.fullmatch(r"Not yet: .+\.\nHint: .+\n(It printed: .+\n)?", seen), (
            answer,
            seen,
        )
        assert hint in seen.split("\nHint: ")[1], (answer, seen)
        assert exercise["solution"] not in seen
