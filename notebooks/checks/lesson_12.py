"""Check the exercises of lesson 12: shares of rows, combined gradients, a safe file."""

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from checks.core import WrongError, call, expect, normal
from checks.records import Lesson

lesson = Lesson(__file__)


@lesson.exercise
def share(attempt: Any) -> None:
    """Each process gets its rows, in six ways of dealing them."""
    for n_rows, world_size in [(5, 2), (8, 4), (9, 3), (1, 3), (7, 5), (2, 7)]:
        for rank in range(world_size):
            case = n_rows, rank, world_size
            result, expected = share.call(attempt, *case), share.right(*case)
            expect(result, "Return a list.", list)
            if any(isinstance(row, float) for row in result):
                hint = "The number of a row is whole: divide with `//`."
                raise WrongError("numbers with a point came back", hint)
            if result == expected:
                continue
            fits = (text for wrong, text in share.mistakes if result == wrong(*case))
            what = f"for n_rows={n_rows}, process {rank} of {world_size} gets {result}"
            raise WrongError(
                f"{what}, and {expected} was expected", next(fits, share.hint)
            )


@lesson.exercise
def combine(attempt: Any) -> None:
    """Shares of different size come to the gradient of all rows."""
    for gradients, n_rows in [
        ([torch.tensor([1.0]), torch.tensor([4.0])], [1, 2]),
        ([*normal(3, 2)], [100, 20, 3]),
        ([*normal(4, 3, 2, seed=1)], [5, 5, 1, 9]),
    ]:
        expected = combine.right(gradients, n_rows)
        hint = "Multiply each gradient by its own number of rows, one by one."
        result = combine.call(attempt, gradients, n_rows, shapes_hint=hint)
        if isinstance(result, Tensor) and result.shape != expected.shape:
            shapes = f"{tuple(result.shape)}, and each gradient {tuple(expected.shape)}"
            raise WrongError(f"the result has shape {shapes}", hint)
        given = f"shares of {', '.join(map(str, n_rows))} rows"
        combine.compare(result, (gradients, n_rows), given)


@lesson.exercise
def save_safely(attempt: Any) -> None:
    """The file is whole at every moment, and holds the new state at the end."""
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
            hint = "Write the whole `state`, with `torch.save`."
            if not path.exists() or saved_epochs(path) == 1:
                hint = "Under which name is it written? Give it the right one."
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
