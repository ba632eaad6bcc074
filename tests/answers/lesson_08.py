"""Wrong answers to the exercises of lesson 08."""

import torch
from torch import nn

network_size = 60  # hint: bias of the last layer
network_size = 40  # hint: bias as well
network_size = 41  # hint: units of the first layer
network_size = 62  # hint: The last layer gives one number
network_size = 81  # hint: ReLU has no parameters
network_size = 20  # hint: number of hidden units
network_size = 4  # hint: number of tensors
network_size = torch.tensor(61)  # hint: takes the number out
absolute = lambda: torch.abs  # hint: nn.Sequential
absolute = lambda: nn.Sequential(nn.Linear(1, 1))  # hint: then ReLU


# hint: makes the left one
def absolute():
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model[0].weight.copy_(torch.tensor([[1.0], [0.0]]))
        model[2].weight.fill_(1.0)
    return model


# hint: makes the right one
def absolute():
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model[0].weight.copy_(torch.tensor([[0.0], [-1.0]]))
        model[2].weight.fill_(1.0)
    return model


# hint: Weights 1 and -1 in the first layer
absolute = lambda: nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))


# hint: add the hinges
def absolute():
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model[0].weight.copy_(torch.tensor([[1.0], [-1.0]]))
        model[2].weight.copy_(torch.tensor([[1.0, -1.0]]))
    return model


# hint: traceback
def absolute():
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    model[0].weight.fill_(1.0)
    return model


best_epoch = lambda losses, patience: losses.index(min(losses))  # hint: before it sees


# hint: best until then
def best_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch
    return best


# hint: start anew
def best_epoch(losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch > 0:
            waited += 1
        if waited >= patience:
            break
    return best


best_epoch = lambda losses, patience: min(losses)  # hint: number of its epoch
