"""Check the exercises of lesson 09: nothing learned, cross-entropy, who is found."""

from numbers import Real
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import call, compare, normal
from checks.records import exercise, function, number

first_loss = number(
    answer=2.3026,
    tolerance=0.006,
    mistakes={
        0.1: "That is the share. How large is the surprise at it?",
        0.9: "The wrong digits get that. Take the surprise at the right one.",
        -2.3: "A share below 1 has a negative logarithm: mind the minus.",
        1: "That logarithm is to base 10. Take the natural one, `math.log`.",
        3.32: "That logarithm is to base 2. Take the natural one, `math.log`.",
        1.1: "That is ln 3, for three kinds. How many are there here?",
        0.69: "That is ln 2, for two kinds. How many are there here?",
        10: "That is the number of digits. What is its logarithm?",
        0.23: "Each case has one right digit: nothing is divided by ten.",
        23.03: "Each case has one right digit: nothing is added up over ten.",
    },
    hint="Which share does the right digit get? Then minus its natural logarithm.",
    goal="What is its cross-entropy?",
    idea="Compare with three species, an even share for each, and ln 3.",
    praise="A first loss far from the logarithm of the number of kinds is a warning.",
)


def of_the_right(shares: Tensor, labels: Tensor) -> Tensor:
    return shares[torch.arange(len(labels)), labels]


SOLUTION = """\
def cross_entropy(scores, labels):
    shares = scores.softmax(dim=1)
    right = shares[torch.arange(len(labels)), labels]
    return -right.log().mean()
"""


@exercise(
    goal="Write cross-entropy yourself",
    idea="Take one row: softmax, the share at the place that the label names, its log.",
    praise="PyTorch's takes softmax and logarithm together, to lose no digits.",
    solution=SOLUTION,
    other="""\
def cross_entropy(scores, labels):
    right = scores.gather(1, labels.unsqueeze(1)).squeeze(1)
    return (scores.logsumexp(dim=1) - right).mean()
""",
)
def cross_entropy(attempt: Any) -> None:
    for n, k, seed in [(4, 3, 0), (7, 2, 1), (5, 6, 2)]:
        scores = 2 * normal(n, k, seed=seed)
        if seed == 0:
            scores = scores.abs() + 0.1
        labels = torch.arange(n).mul(3).add(seed) % k
        shares = scores.softmax(dim=1)
        surprise = -of_the_right(shares, labels).log()
        across = -of_the_right(scores.softmax(dim=0), labels).log()
        twice = nn.functional.cross_entropy(shares, labels)
        highest = -shares.amax(dim=1).log().mean()
        mistakes = [
            (surprise, "That is one surprise for each row. Return their mean."),
            (surprise.sum(), "That is the sum. Return the mean."),
            (-surprise.mean(), "A surprise is positive: mind the minus."),
            (surprise.mean() / k, "Each row has one right kind: divide by the rows."),
            (across.mean(), "The shares of a row add up to 1: softmax along `dim=1`."),
            (twice, "Softmax was taken twice."),
            (highest, "Take the share of the right kind, not the highest."),
            (
                -of_the_right(shares, labels).mean().log(),
                "Take the logarithms first, and then the mean.",
            ),
            (-shares[:, labels].log().mean(), "Pair each row with its own label."),
            (surprise.mean() / torch.tensor(2.0).log(), "Take `log`, not `log2`."),
            (surprise.mean() / torch.tensor(10.0).log(), "Take `log`, not `log10`."),
            (
                -of_the_right(scores, labels).log().mean(),
                "These are logarithms of scores. First make shares of them.",
            ),
            (of_the_right(shares, labels).mean(), "Now the logarithm, and a minus."),
            (1 - of_the_right(shares, labels).mean(), "Take minus the logarithm."),
        ]
        result = call(attempt, scores, labels)
        if isinstance(result, Real) and not isinstance(result, bool):
            result = torch.tensor(float(result))
        given = f"{n} rows of scores for {k} kinds"
        compare(result, surprise.mean(), given, mistakes)


FOUND = """\
def found(named, labels, n_kinds):
    hits = (named == labels).float()
    return torch.stack([hits[labels == kind].mean() for kind in range(n_kinds)])
"""


def for_each(kind_of: Any) -> Any:
    """Make a function of named, labels and n_kinds out of one for a single kind."""
    return lambda named, labels, n_kinds: torch.stack(
        [kind_of(named, labels, kind) for kind in range(n_kinds)]
    )


def a_case(n: int, n_kinds: int, seed: int, never: int = -1) -> tuple:
    """Return names and labels, where every kind occurs and one is never named."""
    labels = torch.arange(n) % n_kinds
    chance = normal(n, n_kinds, seed=seed)
    chance[torch.arange(n), labels] += 1
    if never >= 0:
        chance[:, never] = -9
    return chance.argmax(dim=1), labels, n_kinds


found = function(
    solution=FOUND,
    cases={
        "20 birds of 3 kinds": a_case(20, 3, seed=1),
        "31 birds of 4 kinds": a_case(31, 4, seed=2),
        "10 birds of 2 kinds, of which one is never named": a_case(10, 2, 3, never=1),
    },
    mistakes=[
        (
            for_each(lambda named, y, k: (y[named == k] == k).float().mean()),
            "That is the share of right ones among those *named* so (precision).",
        ),
        (
            for_each(lambda named, y, k: ((named == k) & (y == k)).float().mean()),
            "Divide by the birds of that kind, not by all birds.",
        ),
        (
            for_each(lambda named, y, k: ((named == k) & (y == k)).sum().float()),
            "Those are counts. Divide by the number of birds of that kind.",
        ),
        (
            for_each(lambda named, y, k: ((named == k) == (y == k)).float().mean()),
            "Birds of other kinds are counted, too: look at one kind alone.",
        ),
        (
            for_each(lambda named, y, k: (named == y).float().mean()),
            "That is the accuracy of all birds, for every kind.",
        ),
        (
            for_each(lambda named, y, k: (y == k).float().mean()),
            "That is how common each kind is. Which of them are named right?",
        ),
        (
            for_each(lambda named, y, k: (named[y == k] != k).float().mean()),
            "Those are the shares of the overlooked. Which are found?",
        ),
        (
            lambda named, y, n_kinds: (named == y).float().mean(),
            "That is the accuracy of all birds. Return a number for each kind.",
        ),
    ],
    hint="Pick the birds of one kind with `labels == kind`. How are they named?",
    goal="for each kind, the share of its birds that are named right",
    idea="For each kind: which birds are of it, and how many of those have its name?",
    praise="The mean of these shares counts each kind alike, however rare it is.",
    other="""\
def found(named, labels, n_kinds):
    kinds = torch.arange(n_kinds).unsqueeze(1)
    return ((named == kinds) & (labels == kinds)).sum(dim=1) / (labels == kinds).sum(
        dim=1
    )
""",
)
