"""Every exercise: its starter, its solution, and the answers that readers get wrong."""

import contextlib
import io
import math
import re
import time
from contextlib import chdir

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

import checks
from execute import NOTEBOOKS
from test_notebooks import code_cells, read

SOLUTION = re.compile(
    r"<details>\n<summary>Solution</summary>\n\n```python\n(.*?)\n```\n\n(.+?)\n\n</details>",
    re.DOTALL,
)


def exercises(path) -> dict[str, dict[str, str]]:
    """Return the name, starter, call of the check and solution of each exercise."""
    cells = read(path).cells
    found = {}
    for i, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", []):
            text, starter, check, solution = cells[i - 1 : i + 3]
            assert text.source.startswith(f"### Exercise {len(found) + 1}: ")
            assert check.metadata.get("tags") == ["check"]
            name = re.fullmatch(r"checks\.(\w+)\((\w+)\)", check.source)
            found[name[1]] = {
                "starter": starter.source,
                "check": check.source,
                "output": "".join(o.text for o in check.outputs),
                "solution": SOLUTION.fullmatch(solution.source)[1],
                "object": name[2],
            }
    return found


ALL = {
    (path.stem, name): exercise
    for path in NOTEBOOKS[1:]
    for name, exercise in exercises(path).items()
}

# Wrong answers, and a part of the hint that each must get.
WRONG = {
    "test_points": {
        "test_points = 30": "training points",
        "test_points = 8": "a fifth",
        "test_points = '10'": "without quotes",
        "test_points = float('nan')": "division",
    },
    "fahrenheit": {
        "def fahrenheit(celsius):\n    return 1.8 * (celsius + 32)": "Multiply first",
        "def fahrenheit(celsius):\n    return 1.8 * celsius": "Where is the bias",
        "def fahrenheit(celsius):\n    print(1.8 * celsius + 32)": "instead of `print`",
        "def fahrenheit(celsius):\n    1.8 * celsius + 32": "end with `return`",
        "def fahrenheit(celsius):\n    return (1.8 * celsius + 32).tolist()": "tolist",
        "def fahrenheit(celsius):\n    celsius *= 1.8\n    return celsius + 32": "`+=`",
        "def fahrenheit(celsius):\n    return (1.8 * celsius + 32).mean()": "average",
        "def fahrenheit(celsius):\n    return celsius / 0": "division",
        "def fahrenheit(celsius):\n    return celsius + missing": "traceback",
    },
    "shuffled_split": {
        "def shuffled_split(X, y):\n    return split(X, y)": "random order",
        "def shuffled_split(X, y):\n"
        "    X, y = X[torch.randperm(len(X))], y[torch.randperm(len(y))]\n"
        "    return split(X, y)": "one random order",
        "def shuffled_split(X, y):\n"
        "    order = torch.randint(len(X), (len(X),))\n"
        "    return split(X[order], y[order])": "randint",
        "def shuffled_split(X, y):\n"
        "    order = torch.randperm(len(X))\n"
        "    return X[order], y[order]": "four tensors",
        "def shuffled_split(X, y):\n"
        "    order = torch.randperm(len(X))\n"
        "    a, b, c, d = split(X[order], y[order])\n"
        "    return a, c, b, d": "in the order",
        "def shuffled_split(X, y):\n    return [1, 2, 3, 4]": "Slice X and y",
    },
    "proportional": {
        "class Proportional:\n    def __init__(self):\n        pass": "nn.Module",
        "class Proportional(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weight = torch.randn(1)\n"
        "    def forward(self, X):\n"
        "        return self.weight * X": "nn.Parameter",
        "Proportional = LinearRegressionModel": "no bias",
        "class Proportional(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(1))\n": "Override",
        "class Proportional(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(1))\n"
        "    def forward(self, X):\n"
        "        return self.weight.detach() * X": "detach",
        "class Proportional(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(1))\n"
        "    def forward(self, X):\n"
        "        return self.weight + X": "do not add",
    },
    "count_parameters": {
        "def count_parameters(model):\n"
        "    return len(list(model.parameters()))": "How many numbers",
        "def count_parameters(model):\n"
        "    return sum(p.new_tensor(p.numel()) for p in model.parameters())": "item()",
        "def count_parameters(model):\n    return model.parameters()": "brackets",
    },
    "line": {
        "def line(weight, bias):\n    return LinearRegressionModel()": "fill_",
        "def line(weight, bias):\n"
        "    model = LinearRegressionModel()\n"
        "    model.weight.fill_(weight)\n"
        "    return model": "traceback",
        "def line(weight, bias):\n"
        "    model = LinearRegressionModel()\n"
        "    with torch.no_grad():\n"
        "        model.weight.fill_(bias)\n"
        "        model.bias.fill_(weight)\n"
        "    return model": "swapped",
        "def line(weight, bias):\n"
        "    return weight, bias": "Make a LinearRegressionModel",
    },
    "all_off": {
        "all_off = 0.225": "cancel",
        "all_off = 5.0": "mean",
        "all_off = torch.tensor([0.25])": "item()",
    },
    "mae": {
        "def mae(predictions, labels):\n"
        "    return (predictions - labels).mean()": "cancel",
        "def mae(predictions, labels):\n"
        "    return (predictions - labels).abs().sum()": "Take the mean",
        "def mae(predictions, labels):\n"
        "    return (predictions - labels).abs()": "one number",
        "def mae(predictions, labels):\n"
        "    return (predictions.unsqueeze(1) - labels).abs()": "(N, N)",
        "def mae(predictions, labels):\n"
        "    return (predictions - labels).square().mean()": "Squares",
        "def mae(predictions, labels):\n"
        "    return (predictions - labels).abs().mean().item()": "item()",
    },
    "worst": {
        "def worst(model, X, y):\n"
        "    return (predict(model, X) - y).max().item()": "signs",
        "def worst(model, X, y):\n"
        "    return (predict(model, X) - y).abs().mean().item()": "largest",
        "def worst(model, X, y):\n"
        "    return (predict(model, X) - y).abs().max()": "item()",
    },
    "after_step": {
        "after_step = 0.3": "subtract it",
        "after_step = 2.5": "learning rate first",
        "after_step = 0.2": "step itself",
    },
    "slope": {
        "def slope(function, at):\n"
        "    return function(at + 0.001) - function(at)": "Divide",
        "def slope(function, at):\n"
        "    return (function(at) - function(at + 0.001)) / 0.001": "sign",
        "def slope(function, at):\n    return function(at)": "That is the value",
        "def slope(function, at):\n    while True:\n        pass": "never ends",
    },
    "train_step": {
        "def train_step(model, loss_fn, optimizer, X, y):\n"
        "    loss = loss_fn(model(X), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    return loss.item()": "zero_grad",
        "def train_step(model, loss_fn, optimizer, X, y):\n"
        "    loss = loss_fn(model(X), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    return loss.item()": "`optimizer.step()`",
        "def train_step(model, loss_fn, optimizer, X, y):\n"
        "    return loss_fn(model(X), y).item()": "`backward()`",
        "def train_step(model, loss_fn, optimizer, X, y):\n"
        "    loss = loss_fn(model(X), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    return loss_fn(model(X), y).item()": "Return the one before",
        "def train_step(model, loss_fn, optimizer, X, y):\n"
        "    loss = loss_fn(model(X), y)\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    return loss": "item()",
        "def train_step(model, loss_fn, optimizer, X, y):\n"
        "    with torch.inference_mode():\n"
        "        loss = loss_fn(model(X), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    return loss.item()": "traceback",
    },
    "save_and_load": {
        "def save_and_load(model, path):\n"
        "    torch.save(model.state_dict(), path)\n"
        "    return model": "fresh model",
        "def save_and_load(model, path):\n"
        "    torch.save(model.state_dict(), path)\n"
        "    return LinearRegressionModel()": "load_state_dict",
        "def save_and_load(model, path):\n"
        "    torch.save(model, path)\n"
        "    return torch.load(path, weights_only=False)": "and not the model",
        "def save_and_load(model, path):\n"
        "    fresh = LinearRegressionModel()\n"
        "    fresh.load_state_dict(model.state_dict())\n"
        "    return fresh": "torch.save",
        "def save_and_load(model, path):\n"
        "    torch.save(model.state_dict(), path)\n"
        "    return torch.load(path, weights_only=True)": "return the model",
    },
    "find_line": {
        "def find_line(X, y):\n    return LinearRegressionModel()": "More epochs",
        "def find_line(X, y):\n    return 0.7, 0.3": "Return the trained model",
        "def find_line(X, y):\n"
        "    global model\n"
        "    with torch.no_grad():\n"
        "        model = LinearRegressionModel()\n"
        "        model.weight.fill_(0.7)\n"
        "        model.bias.fill_(0.3)\n"
        "    return model": "not our old ones",
    },
    "one_slope": {
        "one_slope = 3": "factor of 2",
        "one_slope = 2.0": "for the bias",
        "one_slope = -6": "minus the label",
        "one_slope = 1": "That is the error",
    },
    "momentum_step": {
        "def momentum_step(value, velocity, gradient, lr, momentum):\n"
        "    velocity = momentum * velocity + gradient\n"
        "    return value - lr * velocity": "Return two numbers",
        "def momentum_step(value, velocity, gradient, lr, momentum):\n"
        "    return value - lr * gradient, momentum * velocity + gradient": "by the",
        "def momentum_step(value, velocity, gradient, lr, momentum):\n"
        "    new = momentum * velocity + gradient\n"
        "    return value - lr * velocity, new": "new velocity",
        "def momentum_step(value, velocity, gradient, lr, momentum):\n"
        "    velocity = momentum * velocity + gradient\n"
        "    return value + lr * velocity, velocity": "against",
        "def momentum_step(value, velocity, gradient, lr, momentum):\n"
        "    velocity = momentum * velocity + lr * gradient\n"
        "    return value - velocity, velocity": "`lr` belongs",
        "def momentum_step(value, velocity, gradient, lr, momentum):\n"
        "    velocity = momentum * velocity + gradient\n"
        "    return velocity, value - lr * velocity": "value first",
    },
    "fit_line": {
        "def fit_line(X, y, lr, steps):\n"
        "    weight, bias = 0.0, 0.0\n"
        "    for _ in range(steps):\n"
        "        weight -= lr * 2 * ((weight * X + bias - y) * X).mean().item()\n"
        "        bias -= lr * 2 * (weight * X + bias - y).mean().item()\n"
        "    return weight, bias": "before either number moves",
        "def fit_line(X, y, lr, steps):\n"
        "    weight, bias = 0.0, 0.0\n"
        "    for _ in range(steps):\n"
        "        error = weight * X + bias - y\n"
        "        weight -= lr * (error * X).mean().item()\n"
        "        bias -= lr * error.mean().item()\n"
        "    return weight, bias": "factor of 2",
        "def fit_line(X, y, lr, steps):\n    return 0.0, 0.0": "not moved",
        "def fit_line(X, y, lr, steps):\n"
        "    weight, bias = 0.0, 0.0\n"
        "    for _ in range(steps):\n"
        "        error = weight * X + bias - y\n"
        "        weight += lr * 2 * (error * X).mean().item()\n"
        "        bias += lr * 2 * error.mean().item()\n"
        "    return weight, bias": "against the slope",
        "def fit_line(X, y, lr, steps):\n"
        "    weight = bias = torch.tensor(0.0)\n"
        "    for _ in range(steps):\n"
        "        error = weight * X + bias - y\n"
        "        weight = weight - lr * 2 * (error * X).mean()\n"
        "        bias = bias - lr * 2 * error.mean()\n"
        "    return weight, bias": "item()",
    },
    "grams_per_mm": {
        "grams_per_mm = 57": "Where does the weight come in",
        "grams_per_mm = 0.5 * 14 / 800": "Upside down",
        "grams_per_mm = 400 / 14": "Round",
        "grams_per_mm = 400": "for one",
    },
    "one_hot": {
        "def one_hot(names, kinds):\n"
        "    return [[float(n == k) for k in kinds] for n in names]": "Return a tensor",
        "def one_hot(names, kinds):\n"
        "    return torch.tensor([[n == k for k in kinds] for n in names])": "`float`",
        "def one_hot(names, kinds):\n"
        "    rows = [[float(n == k) for n in names] for k in kinds]\n"
        "    return torch.tensor(rows)": "a row for each name",
        "def one_hot(names, kinds):\n"
        "    return torch.tensor([float(kinds.index(n)) for n in names])": "order",
        "def one_hot(names, kinds):\n"
        "    kinds = sorted(set(names))\n"
        "    rows = [[float(n == k) for k in kinds] for n in names]\n"
        "    return torch.tensor(rows)": "the order given",
    },
    "scale_to_one": {
        "def scale_to_one(X_train, X_test):\n"
        "    def scale(X):\n"
        "        return (X - X.amin(dim=0)) / (X.amax(dim=0) - X.amin(dim=0))\n"
        "    return scale(X_train), scale(X_test)": "training table here",
        "def scale_to_one(X_train, X_test):\n"
        "    both = torch.cat([X_train, X_test])\n"
        "    low, width = both.amin(dim=0), both.amax(dim=0) - both.amin(dim=0)\n"
        "    return (X_train - low) / width, (X_test - low) / width": "leak",
        "def scale_to_one(X_train, X_test):\n"
        "    low, width = X_train.min(), X_train.max() - X_train.min()\n"
        "    return (X_train - low) / width, (X_test - low) / width": "dim=0",
        "def scale_to_one(X_train, X_test):\n"
        "    low, high = X_train.amin(dim=0), X_train.amax(dim=0)\n"
        "    return (X_train - low) / high, (X_test - low) / high": "the highest minus",
        "def scale_to_one(X_train, X_test):\n"
        "    low = X_train.amin(dim=0)\n"
        "    return (X_train - low) / (X_train.amax(dim=0) - low)": "two tables",
    },
    "network_size": {
        "network_size = 60": "last layer",
        "network_size = 40": "bias as well",
        "network_size = 4": "number of tensors",
        "network_size = torch.tensor(61)": "item()",
    },
    "absolute": {
        "def absolute():\n    return torch.abs": "nn.Sequential",
        "def absolute():\n    return nn.Sequential(nn.Linear(1, 1))": "then ReLU",
        "def absolute():\n"
        "    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))\n"
        "    with torch.no_grad():\n"
        "        for parameter in model.parameters():\n"
        "            parameter.zero_()\n"
        "        model[0].weight.copy_(torch.tensor([[1.0], [0.0]]))\n"
        "        model[2].weight.fill_(1.0)\n"
        "    return model": "makes the left one",
        "def absolute():\n"
        "    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))\n"
        "    with torch.no_grad():\n"
        "        for parameter in model.parameters():\n"
        "            parameter.zero_()\n"
        "        model[0].weight.copy_(torch.tensor([[1.0], [-1.0]]))\n"
        "        model[2].weight.copy_(torch.tensor([[1.0, -1.0]]))\n"
        "    return model": "add the hinges",
        "def absolute():\n"
        "    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))\n"
        "    model[0].weight.fill_(1.0)\n"
        "    return model": "traceback",
    },
    "best_epoch": {
        "def best_epoch(losses, patience):\n"
        "    return losses.index(min(losses))": "before it sees",
        "def best_epoch(losses, patience):\n"
        "    best = 0\n"
        "    for epoch, loss in enumerate(losses):\n"
        "        if loss < losses[best]:\n"
        "            best = epoch\n"
        "        if epoch - best >= patience:\n"
        "            return epoch\n"
        "    return best": "best until then",
        "def best_epoch(losses, patience):\n"
        "    best, waited = 0, 0\n"
        "    for epoch, loss in enumerate(losses):\n"
        "        if loss < losses[best]:\n"
        "            best = epoch\n"
        "        elif epoch > 0:\n"
        "            waited += 1\n"
        "        if waited >= patience:\n"
        "            break\n"
        "    return best": "start anew",
        "def best_epoch(losses, patience):\n    return min(losses)": "number of",
    },
    "train_line": {
        "def train_line(X, y):\n"
        "    model = nn.Linear(1, 1)\n"
        "    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)\n"
        "    for _ in range(500):\n"
        "        loss = nn.MSELoss()(model(X), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "    return model": "Whose parameters",
        "def train_line(X, y):\n"
        "    model = nn.Linear(1, 1)\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "    for _ in range(500):\n"
        "        loss = nn.MSELoss()(model(X), y)\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "    return model": "old ones",
        "def train_line(X, y):\n"
        "    model = nn.Linear(1, 1)\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "    for _ in range(500):\n"
        "        loss = nn.MSELoss()(model(X), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "    return loss": "Return the trained model",
    },
    "mean_error": {
        "def mean_error(model, X, y):\n"
        "    return (model(X) - y).abs().mean().item()": "Print both shapes",
        "def mean_error(model, X, y):\n"
        "    return (model(X).squeeze(1) - y).mean().item()": "cancel",
        "def mean_error(model, X, y):\n"
        "    return (model(X).squeeze(1) - y).abs().mean()": "item()",
    },
    "epoch_loss": {
        "def epoch_loss(model, batches):\n"
        "    total = 0\n"
        "    for X, y in batches:\n"
        "        total += nn.MSELoss()(model(X), y)\n"
        "    return total / len(batches)": "item()",
        "def epoch_loss(model, batches):\n"
        "    total = 0\n"
        "    for X, y in batches:\n"
        "        total += nn.MSELoss()(model(X), y).item() * len(X)\n"
        "    return total / 10": "mode",
        "def epoch_loss(model, batches):\n"
        "    model.eval()\n"
        "    total = 0\n"
        "    for X, y in batches:\n"
        "        total += nn.MSELoss()(model(X), y).item()\n"
        "    return total / len(batches)": "Weight by",
        "def epoch_loss(model, batches):\n"
        "    model.eval()\n"
        "    total = 0\n"
        "    for X, y in batches:\n"
        "        total += nn.MSELoss()(model(X), y).item() * len(X)\n"
        "    return total": "Divide by",
    },
    "speedup": {
        "speedup = 100 / 40": "takes its share",
        "speedup = 100": "Only the tests become rarer",
        "speedup = 40 + 60 / 100": "How often does it fit",
        "speedup = (40 + 60 / 100) / 100": "Turn it round",
        "speedup = 100 / (60 + 40 / 100)": "kept the test",
        "speedup = 2": "on average",
    },
    "all_losses": {
        "def all_losses(weights, biases, X, y):\n"
        "    return torch.stack([\n"
        "        (w * X + b - y).abs().mean() for w, b in zip(weights, biases)\n"
        "    ])": "Leave out the loop",
        "def all_losses(weights, biases, X, y):\n"
        "    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y\n"
        "    return errors.abs().mean(dim=0)": "along the columns",
        "def all_losses(weights, biases, X, y):\n"
        "    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y\n"
        "    return errors.mean(dim=1)": "Plus and minus cancel",
        "def all_losses(weights, biases, X, y):\n"
        "    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y\n"
        "    return errors.abs().sum(dim=1)": "Take the mean",
        "def all_losses(weights, biases, X, y):\n"
        "    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y\n"
        "    return (errors ** 2).mean(dim=1)": "Those are squares",
        "def all_losses(weights, biases, X, y):\n"
        "    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y\n"
        "    return errors.abs().mean()": "take away too much",
        "def all_losses(weights, biases, X, y):\n"
        "    return (weights.unsqueeze(1) * X - y).abs().mean(dim=1)": "a column",
        "def all_losses(weights, biases, X, y):\n"
        "    errors = weights.unsqueeze(1) * X + biases.unsqueeze(1) - y\n"
        "    return errors.mean(dim=1).abs()": "before the mean",
        "def all_losses(weights, biases, X, y):\n"
        "    return (weights.unsqueeze(1) * X + biases - y).abs().mean(dim=1)": "both",
    },
    "mean_and_std": {
        "def mean_and_std(blocks):\n"
        "    values = torch.cat(list(blocks)).double()\n"
        "    mean, std = values.mean(), values.std(correction=0)\n"
        "    return mean.item(), std.item()": "totals only",
        "def mean_and_std(blocks):\n"
        "    values = torch.cat(list(blocks)).double()\n"
        "    return values.mean().item(), values.std().item()": "not one less",
        "def mean_and_std(blocks):\n"
        "    means = [block.mean().item() for block in blocks]\n"
        "    return sum(means) / len(means), 0.0": "add up sums",
        "def mean_and_std(blocks):\n"
        "    n, total, squares = 0, 0.0, 0.0\n"
        "    for block in blocks:\n"
        "        n += len(block)\n"
        "        total += block.sum().item()\n"
        "        squares += (block @ block).item()\n"
        "    mean = total / n\n"
        "    return mean, abs(squares / n - mean**2) ** 0.5": "subtract first",
        "def mean_and_std(blocks):\n"
        "    blocks = list(blocks)\n"
        "    values = torch.cat(blocks).double() - blocks[0].mean()\n"
        "    return values.mean().item(), 1.0": "what you subtracted",
        "def mean_and_std(blocks):\n"
        "    n = sum(len(block) for block in blocks)\n"
        "    total = sum(block.sum().item() for block in blocks)\n"
        "    return total / n, 1.0": "a second time",
        "def mean_and_std(blocks):\n"
        "    for block in blocks:\n"
        "        return block.mean()": "Return mean and spread",
    },
    "share": {
        "def share(n_rows, rank, world_size):\n"
        "    return list(range(rank, n_rows, world_size))": "All must get equally many",
        "def share(n_rows, rank, world_size):\n"
        "    rounds = n_rows // world_size\n"
        "    return list(range(n_rows))[rank::world_size][:rounds]": "round up",
        "def share(n_rows, rank, world_size):\n"
        "    rounds = -(-n_rows // world_size)\n"
        "    start = rank * rounds\n"
        "    return [i % n_rows for i in range(start, start + rounds)]": "Deal in turn",
        "def share(n_rows, rank, world_size):\n"
        "    rounds = -(-n_rows // world_size)\n"
        "    return [rank + i * world_size for i in range(rounds)]": "no such row",
        "def share(n_rows, rank, world_size):\n"
        "    return range(rank, n_rows, world_size)": "Return a list",
        "def share(n_rows, rank, world_size):\n    return [0]": "by hand",
    },
    "combine": {
        "def combine(gradients, n_rows):\n"
        "    return sum(gradients) / len(gradients)": "count the same",
        "def combine(gradients, n_rows):\n    return sum(gradients)": "not a sum",
        "def combine(gradients, n_rows):\n"
        "    return sum(g * n for g, n in zip(gradients, n_rows))": "Make it a mean",
        "def combine(gradients, n_rows):\n"
        "    total = sum(g * n for g, n in zip(gradients, n_rows))\n"
        "    return total / len(n_rows)": "all together",
        "def combine(gradients, n_rows):\n"
        "    total = sum(g / n for g, n in zip(gradients, n_rows))\n"
        "    return total": "from a mean back",
        "def combine(gradients, n_rows):\n"
        "    weighted = torch.stack(gradients) * torch.tensor(n_rows)\n"
        "    return weighted.sum(dim=0) / sum(n_rows)": "one by one",
    },
    "save_safely": {
        "def save_safely(state, path):\n    torch.save(state, path)": "another one",
        "def save_safely(state, path):\n"
        "    part = path.with_suffix('.part')\n"
        "    torch.save(state, part)": "under which name",
        "def save_safely(state, path):\n"
        "    part = path.with_suffix('.part')\n"
        "    torch.save(state, part)\n"
        "    path.write_bytes(part.read_bytes())\n"
        "    part.unlink()": "Copying",
        "def save_safely(state, path):\n"
        "    part = path.with_suffix('.part')\n"
        "    torch.save(state, part)\n"
        "    path.unlink()\n"
        "    part.rename(path)": "in the same step",
        "def save_safely(state, path):\n"
        "    part = path.with_suffix('.part')\n"
        "    with part.open('wb') as file:\n"
        "        part.replace(path)\n"
        "        torch.save(state, file)": "rename it last",
        "def save_safely(state, path):\n"
        "    part = path.with_suffix('.part')\n"
        "    torch.save(state, part)\n"
        "    path.with_suffix('.copy').write_bytes(part.read_bytes())\n"
        "    part.replace(path)": "only copy",
        "def save_safely(state, path):\n"
        "    part = path.parent.with_suffix('.part')\n"
        "    torch.save(state, part)\n"
        "    part.replace(path)": "beside the old one",
    },
}


# Their exercises need no more than their imports, and the rest takes long.
LONG = ("10_faster", "11_many_machines")


@pytest.fixture(scope="module")
def state():
    """Return a function that gives the names a notebook leaves behind."""
    kept, threads = {}, torch.get_num_threads()

    def names(stem: str, whole: bool = True) -> dict:
        if stem not in kept:
            (path,) = (path for path in NOTEBOOKS if path.stem == stem)
            cells = code_cells(read(path))
            if not whole:
                sources = [cell.source for cell in cells]
                cells = [cells[0], *cells[sources.index("import checks") :]]
            namespace = {}
            with contextlib.redirect_stdout(io.StringIO()), chdir(path.parent):
                for cell in cells:
                    exec(cell.source, namespace)
            plt.close("all")
            torch.set_default_dtype(torch.float32)  # a notebook may choose another one
            torch.set_num_threads(threads)
            kept[stem] = namespace
        return dict(kept[stem])

    return names


def outcome(names: dict, answer: str, check: str, capsys) -> str:
    """Run an answer and its check, and return what the reader sees."""
    exec(answer, names)
    capsys.readouterr()
    before = torch.get_rng_state()
    exec(check, names)
    assert torch.equal(torch.get_rng_state(), before)
    return capsys.readouterr().out


def test_every_lesson_has_its_questions_and_exercises():
    for path in NOTEBOOKS[1:]:
        assert 2 <= len(exercises(path)) <= 4, path.name
        (questions,) = (
            cell.source
            for cell in read(path).cells
            if cell.source.startswith("## Check yourself\n")
        )
        folded = re.findall(
            r"<details>\n<summary>.+</summary>\n\n.+\n\n</details>", questions
        )
        assert 2 <= len(folded) == questions.count("<details>") <= 3


def test_every_check_has_an_exercise_and_wrong_answers():
    offered = {
        name
        for name, value in vars(checks).items()
        if hasattr(value, "__wrapped__") and value.__module__ == "checks"
    }
    assert offered == {name for _, name in ALL} == set(WRONG)
    assert all(len(answers) >= 3 for answers in WRONG.values())


@pytest.mark.parametrize(("stem", "name"), ALL, ids=lambda part: part)
def test_exercise(state, capsys, stem, name):
    exercise = ALL[stem, name]
    check = exercise["check"]

    def seen_after(answer: str) -> str:
        return outcome(state(stem, stem not in LONG), answer, check, capsys)

    seen = seen_after(exercise["starter"])
    assert seen == exercise["output"] == f"{checks.NOT_ATTEMPTED}\n"

    seen = seen_after(exercise["solution"])
    assert re.fullmatch(r"Right\. .+\n", seen), seen

    for answer, hint in WRONG[name].items():
        seen = seen_after(answer)
        assert re.fullmatch(r"Not yet: .+\.\nHint: .+\n", seen), seen
        assert hint in seen.split("\nHint: ")[1], (answer, seen)
        assert exercise["solution"] not in seen


# The core, with what beginners return.


def verdict(function, *arguments, expected, **options) -> str:
    """Return "right", or the message, for one call of a function."""
    try:
        result = checks.call(function, *arguments, **options)
        checks.compare(result, expected, "an example")
    except checks.WrongError as wrong:
        return str(wrong)
    return "right"


ONES = torch.ones(3)
GRAD = nn.Parameter(torch.ones(3)) * 1


@pytest.mark.parametrize(
    ("function", "expected", "part"),
    [
        (lambda x: x, ONES, "right"),
        (lambda x: 1, 1, "right"),
        (lambda x: 1.00001, 1, "right"),
        (lambda x: None, ONES, "None came back"),
        (lambda x: print("answer"), ONES, "`return` instead of `print`"),
        (lambda x: 1.0, ONES, "Return a tensor"),
        (lambda x: x.tolist(), ONES, "Return a tensor"),
        (lambda x: x.unsqueeze(1), ONES, "shape (3, 1), and not (3,)"),
        (lambda x: x.unsqueeze(1) * x, ONES, "combine to (N, N)"),
        (lambda x: x.mean(), ONES, "take away too much"),
        (lambda x: x, GRAD, "carries no gradient"),
        (lambda x: x * math.nan, ONES, "NaN came back"),
        (lambda x: x.add_(1), ONES, "changed the tensor"),
        (lambda x: x.mean(), 1.0, "plain number"),
        (lambda x: True, 1.0, "plain number"),
        (lambda x: "1", 1.0, "plain number"),
        (lambda x: x / missing, ONES, "NameError"),  # noqa: F821
        (lambda x, more: x, ONES, "TypeError"),
        (lambda x: exit(), ONES, "SystemExit"),
        (lambda x: 2 * x, ONES, "Work the example out"),
        (3, ONES, "Keep the `def` line"),
    ],
)
def test_core(function, expected, part):
    seen = verdict(function, ONES.clone(), expected=expected)
    assert part in seen
    assert seen == "right" or "\nHint: " in seen


def test_core_stops_a_function_that_never_ends():
    running = []

    def endless(x):
        while True:
            running.append(1)

    assert "never ends" in verdict(endless, ONES, expected=ONES, seconds=0.2)
    time.sleep(0.5)
    count = len(running)
    time.sleep(0.2)
    assert len(running) == count  # its thread has ended
