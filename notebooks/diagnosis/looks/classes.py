"""Are class numbers whole, in one row, and inside the range of the columns?"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from ..evidence import Evidence
from ..finding import Finding, fault
from ..record import Call
from ..tensors import readable, shape, values_of

LINE = "print(model(X).shape, y.shape, y.dtype, y.min(), y.max())"
WANTED = "class numbers (int64 targets of shape (n,), from 0)"


def class_numbers(seen: Evidence) -> Iterator[Finding]:
    """Look at the targets of losses that want a class for each row."""
    for call in seen.made("loss", "cross_entropy", "nll_loss"):
        scores, target = call.argument(0, "input"), call.argument(1, "target")
        if not isinstance(scores, Tensor) or not isinstance(target, Tensor):
            continue
        if scores.ndim == 1 and target.ndim == 1 and target.shape == scores.shape:
            if not target.is_floating_point() or call.name == "cross_entropy":
                yield fault(
                    "one-column",
                    f"predictions of shape {shape(scores)} are taken for one row with "
                    f"{len(scores)} classes, so the rows of the batch mix: "
                    f"{call.name} wants shape (n, classes); for two classes use "
                    "BCEWithLogitsLoss, for numbers MSELoss",
                    LINE,
                )
            continue
        columns = scores.shape[1 if scores.ndim > 1 else 0] if scores.ndim else 1
        same_shape = scores.shape == target.shape
        if columns == 1 and scores.ndim > 1:
            yield fault(
                "one-column",
                f"the predictions {shape(scores)} have one column, so {call.name} "
                "takes its softmax over one class, and the loss is always zero: "
                "give the model a column for each class, or use BCEWithLogitsLoss",
                LINE,
            )
        elif target.is_floating_point() and not same_shape:
            yield fault(
                "class-numbers",
                f"the labels are {target.dtype}, but {call.name} wants {WANTED}: "
                "convert whole numbers with y.long()"
                + (", and a column with y.squeeze(1)" if target.ndim > 1 else ""),
                LINE,
            )
        elif not target.is_floating_point() and same_shape and scores.ndim > 1:
            yield fault(
                "class-numbers",
                f"the target has shape {shape(target)}, a column for each class, and "
                f"whole numbers, but {call.name} wants {WANTED}: use "
                "y.argmax(dim=1), or y.float() for probabilities",
                LINE,
            )
        elif not target.is_floating_point() and target.ndim >= scores.ndim > 1:
            yield fault(
                "class-numbers",
                f"the target has shape {shape(target)}, but {call.name} wants "
                f"{WANTED}: remove the last dimension with y.squeeze(1)",
                LINE,
            )
        elif not target.is_floating_point() and scores.shape[2:] != target.shape[1:]:
            continue  # the error names what is wrong
        elif not target.is_floating_point() and readable(target) and target.numel():
            yield from out_of_range(call, target, columns)
        elif same_shape and call.name == "cross_entropy" and many_hot(target):
            yield fault(
                "many-labels",
                "several classes of one row are marked as true, but cross_entropy "
                "wants probabilities that add up to 1: for several labels in a row "
                "use BCEWithLogitsLoss",
                "print(y.sum(dim=1))",
            )


def out_of_range(call: Call, target: Tensor, columns: int) -> Iterator[Finding]:
    """Compare the class numbers with the number of columns."""
    ignored = call.argument(3, "ignore_index")
    counted = values_of(target)[target != (-100 if ignored is None else ignored)]
    if counted.numel() == 0:
        yield fault(
            "class-numbers",
            "every target is ignored (ignore_index), so the loss is 0 / 0",
            LINE,
        )
    elif int(counted.min()) < 0 or int(counted.max()) >= columns:
        yield fault(
            "class-numbers",
            f"class numbers from {int(counted.min())} to {int(counted.max())} are out "
            f"of bounds: the model has {columns} columns, so they go from 0 to "
            f"{columns - 1}",
            LINE,
        )


def many_hot(target: Tensor) -> bool:
    """Return whether rows of zeros and ones often hold more than a single one."""
    if not readable(target) or not bool(((target == 0) | (target == 1)).all()):
        return False
    return bool((target.sum(dim=1) > 1).float().mean() > 0.1)
