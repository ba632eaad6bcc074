"""Wrong answers to the exercises of lesson 01."""

import torch

from linreg import split

test_points = 30  # hint: training points
test_points = 8  # hint: a fifth
test_points = 20  # hint: 100 points and 0.8
test_points = "10"  # hint: without quotes
test_points = float("nan")  # hint: division
fahrenheit = lambda celsius: 1.8 * (celsius + 32)  # hint: Multiply first
fahrenheit = lambda celsius: celsius / 1.8 + 32  # hint: do not divide
fahrenheit = lambda celsius: 1.8 * celsius  # hint: Where is the bias


# hint: instead of `print`
def fahrenheit(celsius):
    print(1.8 * celsius + 32)


# hint: end with `return`
def fahrenheit(celsius):
    1.8 * celsius + 32


fahrenheit = lambda celsius: (1.8 * celsius + 32).tolist()  # hint: tolist


# hint: `+=`
def fahrenheit(celsius):
    celsius *= 1.8
    return celsius + 32


fahrenheit = lambda celsius: (1.8 * celsius + 32).mean()  # hint: average
fahrenheit = lambda celsius: celsius / 0  # hint: division


# hint: traceback
def fahrenheit(celsius):
    return celsius + missing  # noqa: F821


shuffled_split = lambda X, y: split(X, y)  # hint: before you slice


# hint: Draw one random order
def shuffled_split(X, y):
    X, y = X[torch.randperm(len(X))], y[torch.randperm(len(y))]
    return split(X, y)


# hint: randint
def shuffled_split(X, y):
    order = torch.randint(len(X), (len(X),))
    return split(X[order], y[order])


# hint: four tensors
def shuffled_split(X, y):
    order = torch.randperm(len(X))
    return X[order], y[order]


# hint: in the order
def shuffled_split(X, y):
    order = torch.randperm(len(X))
    a, b, c, d = split(X[order], y[order])
    return a, c, b, d


shuffled_split = lambda X, y: [1, 2, 3, 4]  # hint: Slice X and y
