"""Wrong answers to the exercises of lesson 01."""

import torch

from linreg import split

# hint: training points
test_points = 30


# hint: a fifth
test_points = 8

# hint: 100 points and 0.8
test_points = 20


# hint: without quotes
test_points = "10"


# hint: division
test_points = float("nan")


# hint: Multiply first
def fahrenheit(celsius):
    return 1.8 * (celsius + 32)


# hint: do not divide
def fahrenheit(celsius):
    return celsius / 1.8 + 32


# hint: Where is the bias
def fahrenheit(celsius):
    return 1.8 * celsius


# hint: instead of `print`
def fahrenheit(celsius):
    print(1.8 * celsius + 32)


# hint: end with `return`
def fahrenheit(celsius):
    1.8 * celsius + 32


# hint: tolist
def fahrenheit(celsius):
    return (1.8 * celsius + 32).tolist()


# hint: `+=`
def fahrenheit(celsius):
    celsius *= 1.8
    return celsius + 32


# hint: average
def fahrenheit(celsius):
    return (1.8 * celsius + 32).mean()


# hint: division
def fahrenheit(celsius):
    return celsius / 0


# hint: traceback
def fahrenheit(celsius):
    return celsius + missing  # noqa: F821


# hint: before you slice
def shuffled_split(X, y):
    return split(X, y)


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


# hint: Slice X and y
def shuffled_split(X, y):
    return [1, 2, 3, 4]
