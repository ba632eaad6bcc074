"""A finding: one thing that is wrong, or worth a look, in a plain sentence."""

from __future__ import annotations

from dataclasses import dataclass

# The case of the clinic (When training goes wrong) that a kind belongs to.
CASES = {
    "not-held": 1,
    "other-model": 1,
    "other-optimizer": 1,
    "plain-tensor": 2,
    "untrained": 2,
    "no-gradient": 3,
    "broadcast": 4,
    "grows": 6,
    "far-from-zero": 7,
    "large-features": 7,
    "saturated": 7,
    "labels-scale": 7,
    "never-cleared": 8,
    "evaluation-mode": 9,
    "never-stepped": 13,
    "never-backward": 13,
    "rate-gone": 13,
    "nothing-moves": 13,
    "scheduler-end": 13,
    "alike": 14,
    "zero-gradient": 14,
    "no-activation": 15,
    "label-range": 16,
    "one-column": 16,
    "sigmoid-twice": 16,
    "softmax-twice": 16,
    "nan": 17,
    "nan-gradient": 17,
    "not-finite": 17,
    "raw-logarithm": 17,
    "in-place": 18,
    "numpy": 18,
    "recording-off": 18,
    "used-twice": 18,
    "class-numbers": 19,
    "device": 19,
    "dtype": 19,
    "index-range": 19,
    "layer-size": 19,
    "losses-kept": 20,
    "memory": 20,
}


@dataclass(frozen=True)
class Finding:
    """What a look has to say; `str()` of it is the sentence, with the case.

    `level` is "fault" (it is wrong) or "note" (it may be meant), `kind` a short stable
    name, `line` the one line to print next, `case` the number in the clinic or None.
    """

    level: str
    kind: str
    sentence: str
    line: str

    @property
    def case(self) -> int | None:
        """The number of the case in the clinic, or None."""
        return CASES.get(self.kind)

    def __str__(self) -> str:
        return self.sentence + (f" (case {self.case})" if self.case else "")


def fault(kind: str, sentence: str, line: str) -> Finding:
    """Return a finding that is wrong in any training."""
    return Finding("fault", kind, sentence, line)


def note(kind: str, sentence: str, line: str) -> Finding:
    """Return a finding that may be meant."""
    return Finding("note", kind, sentence, line)


def listed(names: list[str], most: int = 3) -> str:
    """Return the first few names in a row, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
