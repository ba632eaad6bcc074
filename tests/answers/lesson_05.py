"""Wrong answers to the exercises of lesson 05."""

import torch

from linreg import LinearRegressionModel


# hint: into a fresh model
def save_and_load(model, path):
    torch.save(model.state_dict(), path)
    return model


# hint: load_state_dict
def save_and_load(model, path):
    torch.save(model.state_dict(), path)
    return LinearRegressionModel()


# hint: and not the model
def save_and_load(model, path):
    torch.save(model, path)
    return torch.load(path, weights_only=False)


# hint: torch.save
def save_and_load(model, path):
    fresh = LinearRegressionModel()
    fresh.load_state_dict(model.state_dict())
    return fresh


# hint: return the model
def save_and_load(model, path):
    torch.save(model.state_dict(), path)
    return torch.load(path, weights_only=True)


# hint: Save `model.state_dict()`.
def save_and_load(model, path):
    fresh = LinearRegressionModel()
    torch.save({"line": model.state_dict()}, path)
    fresh.load_state_dict(torch.load(path)["line"])
    return fresh


find_line = lambda X, y: LinearRegressionModel()  # hint: More epochs
find_line = lambda X, y: (0.7, 0.3)  # hint: Return the trained model


# hint: not our old ones
def find_line(X, y):
    global model
    with torch.no_grad():
        model = LinearRegressionModel()
        model.weight.fill_(0.7)
        model.bias.fill_(0.3)
    return model
