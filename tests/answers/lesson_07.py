"""Wrong answers to the exercises of lesson 07."""

from torch import Tensor, cat


def is_kind(names, kinds):
    return [[float(name == kind) for kind in kinds] for name in names]


def scaled(X, like):
    low, high = like.aminmax(dim=0)
    return (X - low) / (high - low)


grams_per_mm = 57  # hint: Where does the weight come in
grams_per_mm = 0.5 * 14 / 800  # hint: Upside down
grams_per_mm = 100  # hint: Grams for each
grams_per_mm = 28  # hint: nearer to 29
grams_per_mm = 400 / 14  # hint: Round
grams_per_mm = 400  # hint: for one

one_hot = lambda names, kinds: is_kind(names, kinds)  # hint: Return a tensor
one_hot = lambda names, kinds: Tensor(is_kind(names, kinds)).bool()  # hint: `float`
one_hot = lambda names, kinds: Tensor(  # hint: Work the example
    [[float(kind.startswith(name)) for kind in kinds] for name in names]
)
one_hot = lambda names, kinds: Tensor(is_kind(kinds, names))  # hint: a row for each
one_hot = lambda names, kinds: Tensor([kinds.index(n) for n in names])  # hint: Numbered
one_hot = lambda names, kinds: Tensor(is_kind(names, sorted(kinds)))  # hint: the order

scale_to_one = lambda a, b: (scaled(a, a), scaled(b, b))  # hint: training table here
scale_to_one = lambda a, b: [scaled(X, cat([a, b])) for X in (a, b)]  # hint: leak
scale_to_one = lambda a, b: [scaled(X, a.flatten()) for X in (a, b)]  # hint: dim=0
scale_to_one = lambda a, b: [(X - a.amin(0)) / a.amax(0) for X in (a, b)]  # hint: minus
scale_to_one = lambda a, b: [X / a.amax(0) for X in (a, b)]  # hint: Subtract the lowest
scale_to_one = lambda a, b: [X - a.amin(0) for X in (a, b)]  # hint: Now divide
scale_to_one = lambda a, b: scaled(a, a)  # hint: two tables
