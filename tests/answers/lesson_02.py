"""Wrong answers to the exercises of lesson 02."""

from torch import nn, numel, randn, tensor
from torch.nn.utils import vector_to_parameters

from checks.core import new_line
from linreg import LinearRegressionModel, make_data, split

ONE = LinearRegressionModel()


X_TRAIN, _, X_TEST, _ = split(*make_data())


class Weight(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(randn(1))


n_found = 3  # hint: held in an
X_train_table = X_TEST  # hint: shape (80, 1)
X_train_table = X_TRAIN.squeeze  # hint: Call it: `unsqueeze
X_train_table = X_TRAIN.flip(0).unsqueeze(1)  # hint: in their order
X_train_table = 80  # hint: shape (80, 1)
n_results = 43  # hint: meets each number of the row


class Proportional(nn.Module):  # hint: Hold the weight
    weight = randn(1)
    forward = lambda self, X: self.weight * X


class Proportional(nn.Module):  # hint: Begin `__init__`
    def __init__(self):
        self.weight = nn.Parameter(randn(1))


class Proportional(Weight):  # hint: computed from an
    forward = lambda self, X: self.weight.detach() * X


class Proportional(Weight):  # hint: do not add it
    forward = lambda self, X: self.weight + X


class Proportional(nn.Linear):  # hint: start at random
    def __init__(self):
        super().__init__(1, 1, bias=False)
        nn.init.ones_(self.weight)


class Proportional(Weight):  # hint: One number, which
    def __init__(self):
        super().__init__()
        self.weight.requires_grad_(False)

    forward = lambda self, X: self.weight * X


class Proportional(Weight):  # hint: do not divide
    forward = lambda self, X: X / self.weight


class Proportional(Weight):  # hint: sign and all
    forward = lambda self, X: -self.weight * X


class Proportional(Weight):  # hint: returns `self.weight` times
    forward = lambda self, X: self.weight * X + 1


class Proportional(Weight):  # hint: returns `self.weight` times
    def __init__(self):
        super().__init__()
        self.start = self.weight.item()

    forward = lambda self, X: self.weight * 0 + self.start * X


class Proportional(Weight):  # hint: names in the
    forward = lambda self, X: weight * X  # noqa: F821


class Proportional(Weight):  # hint: with both names
    def forward(self):
        return self.weight


class Proportional(nn.Module):  # hint: set in
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1, bias=False)

    forward = lambda self, X: self.linear(X)


class Proportional(Weight):  # hint: One number, which
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(randn(5))

    forward = lambda self, X: self.weight * X


class Proportional(Weight):  # hint: Hand `nn.Parameter`
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(0.5)


Proportional = ONE  # hint: Keep the class as it is
Proportional = object  # hint: nn.Module
Proportional = LinearRegressionModel  # hint: a weight and no bias
Proportional = Weight  # hint: Write `forward(self, X)`.

count_parameters = lambda model: 2 if hasattr(model, "bias") else 0  # hint: How many
count_parameters = lambda m: m.requires_grad_(False) and 2  # hint: Leave its numbers
count_parameters = lambda model: 3  # hint: Add up `numel()`
count_parameters = lambda model: len(list(model.parameters()))  # hint: How many numbers
count_parameters = lambda model: sum(map(len, model.parameters()))  # hint: counts rows
count_parameters = lambda m: sum(map(numel, m.state_dict().values()))  # hint: A state
count_parameters = lambda m: sum(n.numel() for n in m.state_dict())  # hint: These are
count_parameters = lambda m: sum(p.numel for p in m.parameters())  # hint: `numel()`, w
count_parameters = lambda model: model.parameters().numel()  # hint: loop over it
count_parameters = lambda m: m.weight.numel() + m.bias.numel()  # hint: Any model may
count_parameters = lambda model: model.parameters()  # hint: quotes or
count_parameters = lambda m: tensor(sum(map(numel, m.parameters())))  # hint: takes the

line = lambda weight, bias: LinearRegressionModel()  # hint: Fill both
line = lambda weight, bias: new_line(weight=bias, bias=weight)  # hint: swapped
line = lambda weight, bias: new_line(weight, weight)  # hint: the weight's number
line = lambda w, b: new_line(w, b).requires_grad_(False)  # hint: or training cannot
line = lambda weight, bias: nn.Linear(1, 1)  # hint: Make a LinearRegressionModel
line = lambda weight, bias: (weight, bias)  # hint: Make a LinearRegressionModel
line = lambda weight, bias: new_line().weight.fill_(weight)  # hint: Put the change


def line(weight, bias):  # hint: takes no numbers
    return LinearRegressionModel(weight, bias)


def line(weight, bias):  # hint: do not replace them
    model = LinearRegressionModel()
    del model.weight, model.bias
    model.weight, model.bias = weight, bias
    return model


def line(weight, bias):  # hint: stays a parameter
    model = LinearRegressionModel()
    model.weight, model.bias = weight, bias
    return model


def line(weight, bias):  # hint: a new LinearRegressionModel
    vector_to_parameters(tensor([weight, bias]), ONE.parameters())
    return ONE
