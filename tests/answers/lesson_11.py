"""Wrong answers to the exercises of lesson 11."""

from statistics import fmean

import torch


def off(weights, biases, X, y):
    return weights.unsqueeze(1) * X + biases.unsqueeze(1) - y


def at_once(blocks, shift=0, correction=0, power=1):
    blocks = list(blocks)
    values = torch.cat(blocks).double() - shift * blocks[0].mean()
    return values.mean().item(), values.std(correction=correction).item() ** power


speedup = 100 / 40  # hint: takes its share
speedup = 100  # hint: Only the tests become rarer
speedup = 40 + 60 / 100  # hint: How often does it fit
speedup = (40 + 60 / 100) / 100  # hint: Turn it round
speedup = 100 / (60 + 40 / 100)  # hint: kept the test
speedup = 2  # hint: on average

all_losses = lambda *given: off(*given).abs().mean(dim=0)  # hint: along a row
all_losses = lambda *given: off(*given).mean(dim=1)  # hint: Plus and minus cancel
all_losses = lambda *given: off(*given).abs().sum(dim=1)  # hint: Take the mean
all_losses = lambda *given: off(*given).square().mean(dim=1)  # hint: Those are squares
all_losses = lambda *given: off(*given).abs().mean()  # hint: take away too much
all_losses = lambda *given: off(*given).mean(dim=1).abs()  # hint: before the mean
all_losses = lambda w, b, *points: off(w, 0 * b, *points).abs().mean(1)  # hint: missing
all_losses = lambda w, b, X, y: (w[:, None] * X + b - y).abs().mean(1)  # hint: and X


def all_losses(weights, biases, X, y):  # hint: Leave out the loop
    table = torch.zeros(len(weights), 1)
    for x, label in zip(X.tolist(), y.tolist(), strict=True):
        table += (weights * x + biases - label).abs().unsqueeze(1) / len(X)
    return table.squeeze(1)


def all_losses(weights, biases, X, y):  # hint: Leave out the loop
    lines = zip(weights.tolist(), biases.tolist(), strict=True)
    points = list(zip(X.tolist(), y.tolist(), strict=True))
    return torch.tensor(
        [fmean(abs(w * x + b - t) for x, t in points) for w, b in lines]
    )


all_losses = lambda w, b, X, y: off(w, b[:1], X, y).abs().mean(1)  # hint: both become


def all_losses(weights, biases, X, y):  # hint: Leave out the loop
    print(X)
    lines = zip(weights, biases, strict=True)
    return torch.stack([(w * X + b - y).abs().mean() for w, b in lines])


mean_and_std = lambda blocks: at_once(blocks)  # hint: totals only
mean_and_std = lambda blocks: at_once(blocks, correction=1)  # hint: not one less
mean_and_std = lambda blocks: at_once(blocks, power=2)  # hint: the variance
mean_and_std = lambda blocks: at_once(blocks, shift=1)  # hint: what you subtracted
mean_and_std = lambda blocks: (fmean(b.mean() for b in blocks), 0.0)  # hint: alike
mean_and_std = lambda b: (1 / sum(map(len, b)) * sum(map(sum, b)), 1)  # hint: a second
mean_and_std = lambda blocks: next(blocks).mean()  # hint: Return mean and spread


def mean_and_std(blocks):  # hint: subtract first
    n, total, squares = 0, 0.0, 0.0
    for block in blocks:
        n += len(block)
        total += block.sum().item()
        squares += (block @ block).item()
    return total / n, abs(squares / n - (total / n) ** 2) ** 0.5


def mean_and_std(blocks):  # hint: totals only
    values = [value for block in blocks for value in block.tolist()]
    return at_once([torch.tensor(values)])


def mean_and_std(blocks):  # hint: not spreads
    n, total, spread = 0, 0.0, 0.0
    for block in blocks:
        n += len(block)
        total += block.sum().item()
        spread += len(block) * block.double().std(correction=0).item()
    return total / n, spread / n


def mean_and_std(blocks):  # hint: divides 0 by 0
    n, total, squares = 0, 0.0, 0.0
    for block in blocks:
        n += len(block)
        total += block.sum().item()
        squares += len(block) * (block.double().var() + block.mean() ** 2).item()
    return total / n, (squares / n - (total / n) ** 2) ** 0.5


def mean_and_std(blocks):  # hint: mean square
    mean, _ = at_once(blocks)
    return mean, 1.0
