"""Wrong answers to the exercises of lesson 02."""

from torch import nn, numel, randn, tensor
from torch.nn.utils import vector_to_parameters

from checks.core import new_line
from linreg import LinearRegressionModel

ONE = LinearRegressionModel()


class Weight(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(randn(1))


class Proportional(nn.Module):  # hint: Hold the weight
    weight = randn(1)
    forward = lambda self, X: self.weight * X


class Proportional(nn.Module):  # hint: Begin `__init__`
    def __init__(self):
        self.weight = nn.Parameter(randn(1))


class Proportional(Weight):  # hint: detach
    forward = lambda self, X: self.weight.detach() * X


class Proportional(Weight):  # hint: do not add
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


Proportional = object  # hint: nn.Module
Proportional = LinearRegressionModel  # hint: no bias
Proportional = Weight  # hint: Write `forward

count_parameters = lambda model: 2 if hasattr(model, "bias") else 0  # hint: How many
count_parameters = lambda model: 3  # hint: Add up `numel()`
count_parameters = lambda model: len(list(model.parameters()))  # hint: How many numbers
count_parameters = lambda model: model.parameters()  # hint: brackets
count_parameters = lambda m: tensor(sum(map(numel, m.parameters())))  # hint: takes the

line = lambda weight, bias: LinearRegressionModel()  # hint: fill_
line = lambda weight, bias: new_line(weight=bias, bias=weight)  # hint: swapped
line = lambda w, b: new_line(w, b).requires_grad_(False)  # hint: or training cannot
line = lambda weight, bias: (weight, bias)  # hint: Make a LinearRegressionModel
line = lambda weight, bias: new_line().weight.fill_(weight)  # hint: Put the change


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
