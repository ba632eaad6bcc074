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


# hint: no bias
Proportional = LinearRegressionModel


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
def count_parameters(model):
    return model.weight.numel()


# hint: How many numbers
def count_parameters(model):
    return len(list(model.parameters()))


# hint: takes the number out
def count_parameters(model):
    return sum(p.new_tensor(p.numel()) for p in model.parameters())


# hint: brackets
def count_parameters(model):
    return model.parameters()


# hint: fill_
def line(weight, bias):
    return LinearRegressionModel()


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


# hint: Make a LinearRegressionModel
def line(weight, bias):
    return weight, bias
