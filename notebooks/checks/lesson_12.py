"""Check the exercises of lesson 12: shares of rows, combined gradients, a safe file."""

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from checks.core import WrongError, call, compare, expect, normal
from checks.records import defined, exercise


@exercise(
    goal="Write `share(n_rows, rank, world_size)`",
    idea="How often does each process get a row? Go through these rounds.",
    praise="A row that is dealt twice counts twice: numbers that divide are fairer.",
    solution="""\
def share(n_rows, rank, world_size):
    rounds = -(-n_rows // world_size)  # rounded up
    return [(rank + i * world_size) % n_rows for i in range(rounds)]
""",
    other="""\
def share(n_rows, rank, world_size):
    dealt = list(range(n_rows))
    while len(dealt) % world_size != 0:
        dealt.append(len(dealt) % n_rows)
    return dealt[rank::world_size]
""",
)
def share(attempt: Any) -> None:
    right = defined(share.solution)
    for n_rows, world_size in [(5, 2), (8, 4), (9, 3), (1, 3), (7, 5), (2, 7)]:
        for rank in range(world_size):
            rows, expected = range(n_rows), right(n_rows, rank, world_size)
            result = call(attempt, n_rows, rank, world_size)
            expect(result, "Return a list.", list)
            if result == expected:
                continue
            n, end = len(expected), n_rows - n_rows % world_size
            short = [*rows[rank::world_size], 0][:n]
            mistakes = [
                ([*rows[rank::world_size]], "All need equally many: go on from row 0."),
                ([*rows[rank:end:world_size]], "Leave no row out: round up."),
                (
                    [i % n_rows for i in range(rank * n, (rank + 1) * n)],
                    "Deal in turn: the next row goes to the next process.",
                ),
                (
                    [rank + i * world_size for i in range(n)],
                    "There is no such row: after the last one comes row 0 again.",
                ),
                (short, "Dealing goes on from row 0, so the next one gets row 1."),
            ]
            hint = "Deal these rows by hand, one at a time."
            fits = (text for wrong, text in mistakes if result == wrong)
            what = f"for n_rows={n_rows}, process {rank} of {world_size} gets {result}"
            raise WrongError(f"{what}, and {expected} was expected", next(fits, hint))


COMBINE = """\
def combine(gradients, n_rows):
    weighted = [g * n for g, n in zip(gradients, n_rows, strict=True)]
    return sum(weighted) / sum(n_rows)
"""


@exercise(
    goal="Write `combine(gradients, n_rows)`",
    idea="Work out first what each process would have had as a sum over its rows.",
    praise="A mean times its number of rows is a sum, and sums can be added.",
    solution=COMBINE,
    mistakes=[
        (lambda g, n: sum(g) / len(g), "All rows must count the same."),
        (lambda g, n: sum(g), "The loss is a mean over all rows, and not a sum."),
        (
            defined(COMBINE.replace(" / sum(n_rows)", "")),
            "That is the sum over all rows. Make it a mean.",
        ),
        (
            defined(COMBINE.replace("sum(n_rows)", "len(n_rows)")),
            "Divide by the number of rows, all together.",
        ),
    ],
    other="""\
def combine(gradients, n_rows):
    total = torch.zeros_like(gradients[0])
    for gradient, n in zip(gradients, n_rows, strict=True):
        total += gradient * n / sum(n_rows)
    return total
""",
)
def combine(attempt: Any) -> None:
    for gradients, n_rows in [
        ([torch.tensor([1.0]), torch.tensor([4.0])], [1, 2]),
        ([*normal(3, 2)], [100, 20, 3]),
        ([*normal(4, 3, 2, seed=1)], [5, 5, 1, 9]),
    ]:
        expected = defined(COMBINE)(gradients, n_rows)
        hint = "Multiply each gradient by its own number of rows, one by one."
        result = call(attempt, gradients, n_rows, shapes_hint=hint)
        if isinstance(result, Tensor) and result.shape != expected.shape:
            shapes = f"{tuple(result.shape)}, and each gradient {tuple(expected.shape)}"
            raise WrongError(f"the result has shape {shapes}", hint)
        wrong = [(m(gradients, n_rows), text) for m, text in combine.mistakes]
        given = f"shares of {', '.join(map(str, n_rows))} rows"
        hint = "How do you get from a mean back to the sum that it was made from?"
        compare(result, expected, given, wrong, hint=hint)


@exercise(
    goal="Write `save_safely(state, path)`",
    idea="Write a second file first. Then a single step gives it the right name.",
    praise="Whenever the program stops, one of the two states is whole.",
    solution="""\
def save_safely(state, path):
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    part.replace(path)
""",
    other="""\
def save_safely(state, path):
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        torch.save(state, os.path.join(beside, "new"))
        os.replace(os.path.join(beside, "new"), path)
""",
)
def save_safely(attempt: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.pt"
        torch.save({"epochs": torch.zeros(1)}, path)
        watch = Watch(path)
        before = threading.getprofile()
        threading.setprofile(watch.look)
        try:
            call(attempt, {"epochs": torch.zeros(2)}, path, may_return_none=True)
        finally:
            threading.setprofile(before)
        watch.look()
        left = sorted(file.name for file in path.parent.iterdir() if file != path)
        if saved_epochs(path) != 2:
            hint = "`torch.save` writes it, under which name? Give it the right one."
            what = "afterwards, the file at `path` does not hold the new state"
            raise WrongError(what, hint)
    if watch.fault:
        raise watch.fault
    if left:
        raise WrongError(f"{left[0]} was left in the folder", "Rename the only copy.")


class Watch:
    """What happens to a file, seen at each call and return in a thread."""

    def __init__(self, path: Path) -> None:
        self.path, self.seen = path, path.stat()
        self.beside: set[int] = set()
        self.fault: WrongError | None = None

    def look(self, *_: Any) -> None:
        """Keep the first fault, and which files have been in the same folder."""
        others = [name for name in self.path.parent.rglob("*") if name != self.path]
        with contextlib.suppress(OSError):
            self.beside.update(name.stat().st_ino for name in others)
        try:
            now = self.path.stat()
        except OSError:
            self.fault = self.fault or WrongError(
                "the old state was gone before the new one had its place",
                "Leave the old file alone: `replace` takes its place in the same step.",
            )
            return
        key = ("st_ino", "st_size", "st_mtime_ns")
        if all(getattr(now, k) == getattr(self.seen, k) for k in key):
            return
        before, self.seen = self.seen, now
        if now.st_ino == before.st_ino:
            fault = WrongError(
                "the file was written under its own name",
                "Until it is whole, it needs another one. Copying it over is writing, "
                "too: look for a method of `path` that renames.",
            )
        elif saved_epochs(self.path) != 2:
            hint = "Write and close it first, and rename it last."
            fault = WrongError("the new file was renamed before it was whole", hint)
        elif now.st_ino not in self.beside:
            hint = "On another disk, a rename becomes a copy: write it beside the old."
            fault = WrongError("the new file came from another folder", hint)
        else:
            return
        self.fault = self.fault or fault


def saved_epochs(path: Any) -> int | None:
    """Return the number of epochs in a saved state, or None if it is not whole."""
    try:
        return len(torch.load(path, weights_only=True)["epochs"])
    except Exception:
        return None
