"""Wrong answers to the exercises of lesson 09."""

import math

import torch
from torch import nn


def rows(labels):
    return torch.arange(len(labels))


surprise = 0.58  # hint: That is the share. Now
surprise = -0.55  # hint: is negative: change its sign
surprise = math.e / (math.e + 2)  # hint: That is the share. Now
surprise = 3.7  # hint: the first one's share

first_loss = 0.1  # hint: That is the share. How large
first_loss = 0.9  # hint: The wrong digits get that
first_loss = math.log(0.1)  # hint: below 1 has a negative
first_loss = math.log10(10)  # hint: to base 10
first_loss = 1.1  # hint: That is ln 3
first_loss = 10  # hint: number of digits
first_loss = "ln 10"  # hint: without quotes
first_loss = 4.6  # hint: Which share does the right digit get


def cross_entropy(scores, labels):  # hint: That is the sum. Return
    return -scores.softmax(dim=1)[rows(labels), labels].log().sum()


cross_entropy = nn.functional.cross_entropy  # hint: Write it yourself
cross_entropy = nn.CrossEntropyLoss()  # hint: Write it yourself


def cross_entropy(scores, labels):  # hint: Write it yourself
    return nn.CrossEntropyLoss(reduction="sum")(scores, labels)


def cross_entropy(scores, labels):  # hint: right kinds only
    return -scores.softmax(dim=1).log().mean()


def cross_entropy(scores, labels):  # hint: the sum of that row
    shares = scores.exp() / scores.exp().sum()
    return -shares[rows(labels), labels].log().mean()


def cross_entropy(scores, labels):  # hint: positive: mind the minus
    return scores.softmax(dim=1)[rows(labels), labels].log().mean()


def cross_entropy(scores, labels):  # hint: one surprise for each row
    return -scores.softmax(dim=1)[rows(labels), labels].log()


def cross_entropy(scores, labels):  # hint: softmax along `dim=1`
    return -scores.softmax(dim=0)[rows(labels), labels].log().mean()


def cross_entropy(scores, labels):  # hint: Softmax was taken twice
    twice = scores.softmax(dim=1).softmax(dim=1)
    return -twice[rows(labels), labels].log().mean()


def cross_entropy(scores, labels):  # hint: First make shares
    return -scores[rows(labels), labels].log().mean()


def cross_entropy(scores, labels):  # hint: Pair each row
    return -scores.softmax(dim=1)[:, labels].log().mean()


def cross_entropy(scores, labels):  # hint: Take the logarithms first
    return -scores.softmax(dim=1)[rows(labels), labels].mean().log()


def cross_entropy(scores, labels):  # hint: not the highest
    return -scores.softmax(dim=1).max(dim=1).values.log().mean()


def cross_entropy(scores, labels):  # hint: divide by the rows
    one_hot = nn.functional.one_hot(labels, scores.shape[1])
    return -(one_hot * scores.softmax(dim=1).log()).mean()


def cross_entropy(scores, labels):  # hint: Take minus the logarithm.
    return (1 - scores.softmax(dim=1)[rows(labels), labels]).mean()


def cross_entropy(scores, labels):  # hint: Now the logarithm
    return scores.softmax(dim=1)[rows(labels), labels].mean()


def cross_entropy(scores, labels):  # hint: not `log2`
    return -scores.softmax(dim=1)[rows(labels), labels].log2().mean()


def cross_entropy(scores, labels):  # hint: not `log10`
    return -scores.softmax(dim=1)[rows(labels), labels].log10().mean()


def found(named, labels, n_kinds):  # hint: of all birds. Return a number
    return (named == labels).float().mean()


def found(named, labels, n_kinds):  # hint: among those *named* so
    hits = (named == labels).float()
    return torch.stack([hits[named == kind].mean() for kind in range(n_kinds)])


def found(named, labels, n_kinds):  # hint: not by all birds
    hits = named == labels
    found = [(hits & (labels == kind)).sum() / len(labels) for kind in range(n_kinds)]
    return torch.stack(found)


def found(named, labels, n_kinds):  # hint: Those are counts
    hits = named == labels
    return torch.stack([hits[labels == kind].sum() for kind in range(n_kinds)])


def found(named, labels, n_kinds):  # hint: Birds of other kinds
    same = [(named == kind) == (labels == kind) for kind in range(n_kinds)]
    return torch.stack(same).float().mean(dim=1)


def found(named, labels, n_kinds):  # hint: how common each kind
    return labels.bincount() / len(labels)


def found(named, labels, n_kinds):  # hint: leave out `item()`
    hits = (named == labels).float()
    return [hits[labels == kind].mean().item() for kind in range(n_kinds)]


def found(named, labels, n_kinds):  # hint: Pick the birds of one kind
    return named.bincount(minlength=n_kinds) / labels.bincount()
