"""Wrong answers to the exercises of lesson 02."""

import torch
from torch import nn

from linreg import LinearRegressionModel


# hint: nn.Module
class Proportional:
    def __init__(self):
        pass


# hint: Hold the weight
class Proportional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.randn(1)

    def forward(self, X):
        return self.weight * X


Proportional = LinearRegressionModel  # hint: no bias


# hint: Override
class Proportional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1))


# hint: detach
class Proportional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1))

    def forward(self, X):
        return self.weight.detach() * X


# hint: do not add
class Proportional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1))

    def forward(self, X):
        return self.weight + X


# hint: Work the example out by hand
count_parameters = lambda model: model.weight.numel()
count_parameters = lambda model: len(list(model.parameters()))  # hint: How many numbers


# hint: takes the number out
def count_parameters(model):
    return sum(p.new_tensor(p.numel()) for p in model.parameters())


count_parameters = lambda model: model.parameters()  # hint: brackets
line = lambda weight, bias: LinearRegressionModel()  # hint: fill_


# hint: traceback
def line(weight, bias):
    model = LinearRegressionModel()
    model.weight.fill_(weight)
    return model


# hint: swapped
def line(weight, bias):
    model = LinearRegressionModel()
    with torch.no_grad():
        model.weight.fill_(bias)
        model.bias.fill_(weight)
    return model


# hint: do not replace them
def line(weight, bias):
    model = LinearRegressionModel()
    del model.weight, model.bias
    model.weight, model.bias = weight, bias
    return model


line = lambda weight, bias: (weight, bias)  # hint: Make a LinearRegressionModel
