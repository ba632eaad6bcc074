"""Wrong answers to the exercises of lesson 05."""

from torch import load, manual_seed, save  # save() returns None, so `or` goes on

from checks.core import new_line
from linreg import LinearRegressionModel

save_and_load = lambda m, _: new_line(m.weight.item(), m.bias.item())  # hint: makes
save_and_load = lambda m, p: save(m.state_dict(), p) or m  # hint: into a fresh model
save_and_load = lambda m, p: save(m.state_dict(), p) or load(p)  # hint: return the
save_and_load = lambda m, p: save(m, p) or load(p, weights_only=False)  # hint: and not


def save_and_load(model, path):  # hint: puts the numbers
    save(model.state_dict(), path)
    load(path)
    return LinearRegressionModel()


def save_and_load(model, path):  # hint: `torch.load` reads
    fresh = LinearRegressionModel()
    save(model.state_dict(), path)
    fresh.load_state_dict(model.state_dict())
    return fresh


def save_and_load(model, path):  # hint: copy the numbers
    fresh = LinearRegressionModel()
    save(model.state_dict(), path)
    fresh.load_state_dict(load(path))
    fresh.weight, fresh.bias = model.weight, model.bias
    return fresh


def save_and_load(model, path):  # hint: Save `model.state_dict()`.
    fresh = LinearRegressionModel()
    save({"line": model.state_dict()}, path)
    fresh.load_state_dict(load(path)["line"])
    return fresh


def find_line(X, y):  # hint: More epochs
    manual_seed(37)  # another start could lie near the old line by chance
    return LinearRegressionModel()


find_line = lambda X, y: (0.7, 0.3)  # hint: Return the trained model
find_line = lambda X, y: new_line(0.7, 0.3)  # hint: not our old ones
