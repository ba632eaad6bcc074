"""Wrong answers to the exercises of lesson 10."""

import torch

speedup = 100 / 40  # hint: takes its share
speedup = 100  # hint: Only the tests become rarer
speedup = 40 + 60 / 100  # hint: How often does it fit
speedup = (40 + 60 / 100) / 100  # hint: Turn it round
speedup = 100 / (60 + 40 / 100)  # hint: kept the test
speedup = 2  # hint: on average


# hint: Leave out the loop
def all_losses(weights, biases, X, y):
    return torch.stack(
        [(w * X + b - y).abs().mean() for w, b in zip(weights, biases, strict=True)]
    )


# hint: along the columns
def all_losses(weights, biases, X, y):
    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
    return errors.abs().mean(dim=0)


# hint: Plus and minus cancel
def all_losses(weights, biases, X, y):
    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
    return errors.mean(dim=1)


# hint: Take the mean
def all_losses(weights, biases, X, y):
    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
    return errors.abs().sum(dim=1)


# hint: Those are squares
def all_losses(weights, biases, X, y):
    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
    return (errors**2).mean(dim=1)


# hint: take away too much
def all_losses(weights, biases, X, y):
    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
    return errors.abs().mean()


# hint: Make the lines a column
def all_losses(weights, biases, X, y):
    return (weights.unsqueeze(1) * X - y).abs().mean(dim=1)


# hint: before the mean
def all_losses(weights, biases, X, y):
    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y
    return errors.mean(dim=1).abs()


# hint: Make both a column
def all_losses(weights, biases, X, y):
    return (weights.unsqueeze(1) * X + biases - y).abs().mean(dim=1)


# hint: totals only
def mean_and_std(blocks):
    values = torch.cat(list(blocks)).double()
    mean, std = values.mean(), values.std(correction=0)
    return mean.item(), std.item()


# hint: not one less
def mean_and_std(blocks):
    values = torch.cat(list(blocks)).double()
    return values.mean().item(), values.std().item()


# hint: the variance
def mean_and_std(blocks):
    values = torch.cat(list(blocks)).double()
    return values.mean().item(), values.var(correction=0).item()


# hint: add up sums
def mean_and_std(blocks):
    means = [block.mean().item() for block in blocks]
    return sum(means) / len(means), 0.0


# hint: subtract first
def mean_and_std(blocks):
    n, total, squares = 0, 0.0, 0.0
    for block in blocks:
        n += len(block)
        total += block.sum().item()
        squares += (block @ block).item()
    mean = total / n
    return mean, abs(squares / n - mean**2) ** 0.5


# hint: what you subtracted
def mean_and_std(blocks):
    blocks = list(blocks)
    values = torch.cat(blocks).double() - blocks[0].mean()
    return values.mean().item(), 1.0


# hint: a second time
def mean_and_std(blocks):
    n = sum(len(block) for block in blocks)
    total = sum(block.sum().item() for block in blocks)
    return total / n, 1.0


# hint: Return mean and spread
def mean_and_std(blocks):
    for block in blocks:
        return block.mean()
