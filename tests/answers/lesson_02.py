"""Wrong answers to the exercises of lesson 02."""

from torch import nn, numel, randn, tensor

from checks.core import new_line
from linreg import LinearRegressionModel


class Weight(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(randn(1))


class Proportional(nn.Module):  # hint: Hold the weight
    weight = randn(1)
    forward = lambda self, X: self.weight * X


class Proportional(Weight):  # hint: detach
    forward = lambda self, X: self.weight.detach() * X


class Proportional(Weight):  # hint: do not add
    forward = lambda self, X: self.weight + X


Proportional = object  # hint: nn.Module
Proportional = LinearRegressionModel  # hint: no bias
Proportional = Weight  # hint: Override

count_parameters = lambda model: model.weight.numel()  # hint: Work the example out
count_parameters = lambda model: len(list(model.parameters()))  # hint: How many numbers
count_parameters = lambda model: model.parameters()  # hint: brackets
count_parameters = lambda m: tensor(sum(map(numel, m.parameters())))  # hint: takes the

line = lambda weight, bias: LinearRegressionModel()  # hint: fill_
line = lambda weight, bias: new_line(weight=bias, bias=weight)  # hint: swapped
line = lambda weight, bias: (weight, bias)  # hint: Make a LinearRegressionModel
line = lambda weight, bias: new_line().weight.fill_(weight)  # hint: traceback


def line(weight, bias):  # hint: do not replace them
    model = LinearRegressionModel()
    del model.weight, model.bias
    model.weight, model.bias = weight, bias
    return model
