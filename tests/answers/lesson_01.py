"""Wrong answers to the exercises of lesson 01."""

from torch import randint, randperm

from linreg import split

test_points = 30  # hint: training points
test_points = 8  # hint: a fifth
test_points = 20  # hint: 100 points and 0.8
test_points = 31  # hint: The others are for testing
test_points = "10"  # hint: without quotes
test_points = float("nan")  # hint: division

fahrenheit = lambda celsius: 1.8 * (celsius + 32)  # hint: Multiply first
fahrenheit = lambda celsius: celsius / 1.8 + 32  # hint: do not divide
fahrenheit = lambda celsius: 1.8 * celsius  # hint: Where is the bias
fahrenheit = lambda celsius: (1.8 * celsius + 32).tolist()  # hint: tolist
fahrenheit = lambda celsius: (1.8 * celsius + 32).mean()  # hint: average
fahrenheit = lambda celsius: (1.8 * celsius + 32).to("meta")  # hint: example in the
fahrenheit = lambda celsius: celsius / 0  # hint: division
fahrenheit = lambda celsius: celsius + missing  # noqa: F821  # hint: new cell
fahrenheit = lambda celsius: print(1.8 * celsius + 32)  # hint: instead of `print`


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


def shuffled_split(X, y):  # hint: randint
    rows = randint(len(X), (len(X),))
    return split(X[rows], y[rows])


def shuffled_split(X, y):  # hint: in the order
    rows = randperm(len(X))
    X_train, y_train, X_test, y_test = split(X[rows], y[rows])
    return X_train, X_test, y_train, y_test


def shuffled_split(X, y):  # hint: Shuffle all the points
    rows = randperm(40)
    X_train, y_train, X_test, y_test = split(X, y)
    return X_train[rows], y_train[rows], X_test, y_test
