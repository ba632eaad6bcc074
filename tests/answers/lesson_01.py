"""Wrong answers to the exercises of lesson 01."""

import torch
from torch import cat, randint, randperm

from linreg import split

mass = 1.9  # hint: times the flipper
mass = "0.44"  # hint: without quotes
n_rest = 100  # hint: leaves out the first 65
places = [1, 2]  # hint: such as `[0, 1, 2]`
places = 120  # hint: such as `[0, 1, 2]`
places = (2, 0, 1)  # hint: not where it goes to

test_points = 31  # hint: The others are for testing
test_points = "10"  # hint: without quotes
test_points = float("nan")  # hint: division

fahrenheit = lambda celsius: 2 * celsius + 30  # hint: times all the numbers
fahrenheit = lambda celsius: 1.8 * celsius[0] + 32  # hint: average
fahrenheit = lambda celsius: (1.8 * celsius + 32).unsqueeze(1)  # hint: in the shape
fahrenheit = lambda celsius: 1.8 * torch.arange(9.0) + 32  # hint: Too many
fahrenheit = lambda celsius: (1.8 * celsius + 32).tolist()  # hint: tolist
fahrenheit = lambda celsius: (1.8 * celsius + 32).mean()  # hint: average
fahrenheit = lambda celsius: (1.8 * celsius + 32).to("meta")  # hint: example in the
fahrenheit = lambda celsius: celsius * 0 / 0  # hint: division
fahrenheit = lambda celsius: celsius + missing  # noqa: F821  # hint: names in the
fahrenheit = lambda celsius: print(1.8 * celsius + 32)  # hint: instead of `print`
fahrenheit = lambda _: torch.tensor([32.0, 212.0])  # hint: Compute with `celsius`


def fahrenheit(celsius):  # hint: end with `return`
    1.8 * celsius + 32


def fahrenheit(celsius):  # hint: `+=`
    celsius *= 1.8
    return celsius + 32


shuffled_split = lambda X, y: split(X, y)  # hint: before you slice
shuffled_split = lambda X, y: split(X[randperm(50)], y[randperm(50)])  # hint: Draw one
shuffled_split = lambda X, y: (X[randperm(50)], y[randperm(50)])  # hint: four tensors
shuffled_split = lambda X, y: split(X.flip(0), y.flip(0))  # hint: Let chance decide
shuffled_split = lambda X, y: split(X.roll(7), y.roll(7))  # hint: Let chance decide
shuffled_split = lambda X, y: [1, 2, 3, 4]  # hint: Slice X and y
shuffled_split = lambda X, y: split(X, y, 0.7)  # hint: then the rest


def shuffled_split(X, y):  # hint: randint
    rows = randint(len(X), (len(X),))
    return split(X[rows], y[rows])


def shuffled_split(X, y):  # hint: then the rest
    rows = randperm(len(X))
    X_train, y_train, X_test, y_test = split(X[rows], y[rows])
    return X_train, X_test, y_train, y_test


def shuffled_split(X, y):  # hint: Shuffle all the points
    X_train, y_train, X_test, y_test = split(X, y)
    rows = randperm(len(X_train))
    return X_train[rows], y_train[rows], X_test, y_test


def shuffled_split(X, y):  # hint: Shuffle all the points
    X_train, y_train, X_test, y_test = split(X, y)
    rows, others = randperm(len(X_train)), randperm(len(X_test))
    return X_train[rows], y_train[rows], X_test[others], y_test[others]


def shuffled_split(X, y):  # hint: `len(X)`
    rows = randperm(50)
    return split(X[rows], y[rows])


def shuffled_split(X, y):  # hint: `len(X)`
    rows = randperm(100)
    return split(X[rows], y[rows])


def shuffled_split(X, y):  # hint: Let chance decide
    torch.manual_seed(42)
    rows = randperm(len(X))
    return split(X[rows], y[rows])


def shuffled_split(X, y):  # hint: Mix them
    by = int(randint(5, 20, (1,)))
    return split(X.roll(by), y.roll(by))


def shuffled_split(X, y):  # hint: Let chance decide
    rows = torch.arange(len(X))
    rows = cat([rows[i::5] for i in (3, 1, 4, 0, 2)])
    return split(X[rows], y[rows])
