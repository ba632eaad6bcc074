"""Wrong answers to the exercises of lesson 07."""

import torch

grams_per_mm = 57  # hint: Where does the weight come in
grams_per_mm = 0.5 * 14 / 800  # hint: Upside down
grams_per_mm = 28  # hint: nearer to 29
grams_per_mm = 400 / 14  # hint: Round
grams_per_mm = 400  # hint: for one
# hint: Return a tensor
one_hot = lambda names, kinds: [[float(n == k) for k in kinds] for n in names]
# hint: `float`
one_hot = lambda names, kinds: torch.tensor([[n == k for k in kinds] for n in names])


# hint: a row for each name
def one_hot(names, kinds):
    rows = [[float(n == k) for n in names] for k in kinds]
    return torch.tensor(rows)


# hint: Numbered kinds
one_hot = lambda names, kinds: torch.tensor([float(kinds.index(n)) for n in names])


# hint: the order given
def one_hot(names, kinds):
    kinds = sorted(set(names))
    rows = [[float(n == k) for k in kinds] for n in names]
    return torch.tensor(rows)


# hint: training table here
def scale_to_one(X_train, X_test):
    def scale(X):
        return (X - X.amin(dim=0)) / (X.amax(dim=0) - X.amin(dim=0))

    return scale(X_train), scale(X_test)


# hint: leak
def scale_to_one(X_train, X_test):
    both = torch.cat([X_train, X_test])
    low, width = both.amin(dim=0), both.amax(dim=0) - both.amin(dim=0)
    return (X_train - low) / width, (X_test - low) / width


# hint: dim=0
def scale_to_one(X_train, X_test):
    low, width = X_train.min(), X_train.max() - X_train.min()
    return (X_train - low) / width, (X_test - low) / width


# hint: the highest minus
def scale_to_one(X_train, X_test):
    low, high = X_train.amin(dim=0), X_train.amax(dim=0)
    return (X_train - low) / high, (X_test - low) / high


# hint: Subtract the lowest first
def scale_to_one(X_train, X_test):
    high = X_train.amax(dim=0)
    return X_train / high, X_test / high


# hint: Now divide by the range
def scale_to_one(X_train, X_test):
    low = X_train.amin(dim=0)
    return X_train - low, X_test - low


# hint: two tables
def scale_to_one(X_train, X_test):
    low = X_train.amin(dim=0)
    return (X_train - low) / (X_train.amax(dim=0) - low)
