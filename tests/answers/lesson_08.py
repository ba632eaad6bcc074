"""Wrong answers to the exercises of lesson 08."""

import torch
from torch import nn
from torch.nn.utils import vector_to_parameters


def layers(*parameters):
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    if parameters:  # weights and biases of the first layer, then of the last
        vector_to_parameters(torch.Tensor(parameters), model.parameters())
    return model


network_size = 60  # hint: bias of the last layer
network_size = 40  # hint: bias as well
network_size = 41  # hint: units of the first layer
network_size = 62  # hint: The last layer gives one number
network_size = 81  # hint: ReLU has no parameters
network_size = 20  # hint: number of hidden units
network_size = 4  # hint: number of tensors
network_size = 50  # hint: then one bias for each
network_size = torch.tensor(61)  # hint: takes the number out

absolute = lambda: torch.abs  # hint: nn.Sequential
absolute = lambda: nn.Sequential(nn.Linear(1, 1))  # hint: then ReLU
absolute = lambda: layers(1, 0, 0, 0, 1, 1, 0)  # hint: makes the left one
absolute = lambda: layers(0, -1, 0, 0, 1, 1, 0)  # hint: makes the right one
absolute = lambda: layers(1, -1, 0, 0, 1, -1, 0)  # hint: add the hinges
absolute = lambda: layers()  # hint: which one rises
absolute = lambda: nn.Sequential(  # hint: one for each side
    nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1)
)
absolute = lambda: layers()[0].weight.fill_(1.0)  # hint: Put the change

best_epoch = lambda losses, patience: losses.index(min(losses))  # hint: before it sees
best_epoch = lambda losses, patience: min(losses)  # hint: number of its epoch


def best_epoch(losses, patience):  # hint: best until then
    for epoch in range(len(losses)):
        if epoch - losses.index(min(losses[: epoch + 1])) >= patience:
            return epoch
    return losses.index(min(losses))


def best_epoch(losses, patience):  # hint: start anew
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        best = epoch if loss < losses[best] else best
        waited += epoch != best
        if waited >= patience:
            break
    return best
