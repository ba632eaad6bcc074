"""Wrong answers to the exercises of lesson 08."""

import torch
from torch import nn
from torch.nn.utils import vector_to_parameters


def layers(*parameters):
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    if parameters:  # weights and biases of the first layer, then of the last
        vector_to_parameters(torch.Tensor(parameters), model.parameters())
    return model


bend = lambda x: max(0, x)  # hint: asks about one number
bend = lambda x: x > 0  # hint: says where x is positive
bend = lambda x: x.clamp(0, 6)  # hint: Zero for each negative
bend = lambda x: x.relu_()  # hint: Compute a new one
bend = lambda x: nn.ReLU  # hint: Return a tensor

network_size = 60  # hint: bias of the last layer
network_size = 40  # hint: bias as well
network_size = 41  # hint: units of the first layer
network_size = 62  # hint: The last layer gives one number
network_size = 81  # hint: ReLU has no parameters
network_size = 20  # hint: number of hidden units
network_size = 4  # hint: number of tensors
network_size = 50  # hint: then one bias for each

joint = 2.5  # hint: What must X be
joint = -5  # hint: leaves out the weight
joint = 7  # hint: changes its sign

absolute = lambda: nn.ReLU()  # hint: nn.Sequential
absolute = lambda: nn.Sequential(nn.Linear(1, 1))  # hint: then ReLU
absolute = lambda: layers(1, 0, 0, 0, 1, 1, 0)  # hint: makes the left one
absolute = lambda: layers(0, -1, 0, 0, 1, 1, 0)  # hint: makes the right one
absolute = lambda: layers(1, -1, 0, 0, 1, -1, 0)  # hint: add the hinges
absolute = lambda: layers(1, -1, 0, 0, -1, -1, 0)  # hint: Upside down: which
absolute = lambda: layers(2, -2, 0, 0, 1, 1, 0)  # hint: Twice too steep
absolute = lambda: layers(1, 1, 0, 0, 1, 1, 0)  # hint: Turn one of them round
absolute = lambda: layers(1, -1, 0.3, -0.2, 1, 1, 0)  # hint: make them zero
absolute = lambda: layers(1, -1, 0, 0, 1, 1, 2)  # hint: make them zero
absolute = lambda: layers()  # hint: which one rises
absolute = lambda: nn.Sequential(  # hint: one for each side
    nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1)
)
absolute = lambda: layers()[0].weight.fill_(1.0)  # hint: Put the change
absolute = lambda: layers()[0].weight.data.fill_(  # hint: use `copy_`
    torch.tensor([[1.0], [-1.0]])
)


def absolute():  # hint: of its own shape
    model = layers()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([1.0, -1.0]))
    return model


best_epoch = lambda losses, patience: losses.index(min(losses))  # hint: that epoch
best_epoch = lambda losses, patience: min(losses)  # hint: Count the epochs


def best_epoch(losses, patience):  # hint: not the best
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


def train_and_validate(model, loss_fn, optimizer, parts, epochs):  # hint: lasts: call
    X_train, y_train, X_validation, y_validation = parts
    losses = []
    model.train()
    for _ in range(epochs):
        loss = loss_fn(model(X_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        losses.append(loss_fn(model(X_validation), y_validation).item())
    return losses


def train_and_validate(model, loss_fn, optimizer, parts, epochs):  # hint: one step
    *_, X_validation, y_validation = parts
    losses = []
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(X_validation), y_validation)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        losses.append(loss_fn(model(X_validation), y_validation).item())
    return losses
