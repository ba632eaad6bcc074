"""Check the exercises of lesson 09: surprise, cross-entropy, who is found."""

from numbers import Real
from typing import Any

import torch

from checks.core import normal, own_work
from checks.records import Lesson

lesson = Lesson(__file__)

surprise = lesson.number("surprise")
first_loss = lesson.number("first_loss")


@lesson.exercise
def cross_entropy(attempt: Any) -> None:
    """It is right for 3, 2 and 6 kinds, may be a plain number, and is the reader's."""
    hint = (
        "Write it yourself: the shares, their logarithms, the mean of the right ones."
    )
    with own_work(attempt, "cross_entropy", hint):
        for n, k, seed in [(4, 3, 0), (7, 2, 1), (5, 6, 2)]:
            scores = 2 * normal(n, k, seed=seed)
            if seed == 0:
                scores = scores.abs() + 0.1
            case = scores, torch.arange(n).mul(3).add(seed) % k
            result = cross_entropy.call(attempt, *case)
            if isinstance(result, Real) and not isinstance(result, bool):
                result = torch.tensor(float(result))
            cross_entropy.compare(result, case, f"{n} rows of scores for {k} kinds")


def a_case(n: int, n_kinds: int, seed: int, never: int = -1) -> tuple:
    """Return names and labels, where every kind occurs and one is never named."""
    labels = torch.arange(n) % n_kinds
    chance = normal(n, n_kinds, seed=seed)
    chance[torch.arange(n), labels] += 1
    if never >= 0:
        chance[:, never] = -9
    return chance.argmax(dim=1), labels, n_kinds


found = lesson.function(
    "found",
    {
        "20 birds of 3 kinds": a_case(20, 3, seed=22),
        "31 birds of 4 kinds": a_case(31, 4, seed=2),
        "10 birds of 2 kinds, of which one is never named": a_case(10, 2, 3, never=1),
    },
)
