"""Wrong answers to the exercises of lesson 05."""

from torch import load, manual_seed, nn, optim, save  # save() is None: `or` goes on

from checks.core import new_line
from linreg import LinearRegressionModel, split, train


def fitted(X, y, lr=0.1, epochs=50, loss_fn=None, data=None, other=None):
    manual_seed(37)  # another start could lie near the line by chance
    model = LinearRegressionModel()
    optimizer = optim.SGD((other or model).parameters(), lr=lr)
    loss_fn, data = loss_fn or nn.MSELoss(), data or split(X, y)
    train(model, loss_fn, optimizer, *data, epochs=epochs)
    return model


answer_at_3 = 1.0  # hint: with the numbers that were learned
answer_at_3 = "2.4"  # hint: without quotes
shifted_error = 0.7  # hint: when only its bias changes

save_and_load = lambda m, _: new_line(m.weight.item(), m.bias.item())  # hint: leave it
save_and_load = lambda m, p: save(m.state_dict(), p) or m  # hint: into a fresh model
save_and_load = lambda m, p: save(m.state_dict(), p) or load(p)  # hint: and return the
save_and_load = lambda m, p: save(m, p) or load(p)  # hint: not the model.
save_and_load = lambda m, p: save(m, p) or m  # hint: numbers only
save_and_load = lambda m, p: save(m.state_dict(), p)  # hint: Does it end with `return`
save_and_load = lambda m, p: save(m.weight, p) or m  # hint: dict itself
save_and_load = lambda m, p: save(m.state_dict, p) or m  # hint: numbers only
save_and_load = lambda m, p: p.touch() or m  # hint: numbers only


def save_and_load(model, path):  # hint: wants what `torch.load` gives
    fresh = LinearRegressionModel()
    save(model.state_dict(), path)
    fresh.load_state_dict(path)
    return fresh


def save_and_load(model, path):  # hint: puts the numbers
    save(model.state_dict(), path)
    load(path)
    return LinearRegressionModel()


def save_and_load(model, path):  # hint: puts the numbers
    save(model.state_dict(), path)
    load(path)
    return new_line(0.5, -0.25)


def save_and_load(model, path):  # hint: `torch.load` reads
    fresh = LinearRegressionModel()
    save(model.state_dict(), path)
    fresh.load_state_dict(model.state_dict())
    return fresh


def save_and_load(model, path):  # hint: Hand what
    fresh = LinearRegressionModel()
    save(model.state_dict(), path)
    load(path)
    fresh.load_state_dict(model.state_dict())
    return fresh


def save_and_load(model, path):  # hint: model that is given
    fresh = LinearRegressionModel()
    save(fresh.state_dict(), path)
    fresh.load_state_dict(load(path))
    return fresh


def save_and_load(model, path):  # hint: into another one
    save(model.state_dict(), path)
    nn.init.zeros_(model.bias)
    fresh = LinearRegressionModel()
    fresh.load_state_dict(load(path))
    return fresh


def save_and_load(model, path):  # hint: copy the numbers
    fresh = LinearRegressionModel()
    save(model.state_dict(), path)
    fresh.load_state_dict(load(path))
    fresh.weight, fresh.bias = model.weight, model.bias
    return fresh


def save_and_load(model, path):  # hint: dict itself
    fresh = LinearRegressionModel()
    save({"line": model.state_dict()}, path)
    fresh.load_state_dict(load(path)["line"])
    return fresh


find_line = lambda X, y: fitted(X, y)  # hint: still falling
find_line = lambda X, y: fitted(X, y, 0.5, 500, nn.L1Loss())  # hint: still falling
find_line = lambda X, y: fitted(X, y) and LinearRegressionModel()  # hint: never trained
find_line = lambda X, y: (0.7, 0.3)  # hint: Return the trained model
find_line = lambda X, y: fitted(X, y, data=[X, y])  # hint: four tensors
find_line = lambda X, y: fitted(X, y, other=LinearRegressionModel())  # hint: very
find_line = lambda X, y: fitted(X, y) and None  # hint: Does it end with `return`
find_line = lambda X, y: new_line(0.7, 0.3)  # hint: those of the lesson are
find_line = lambda X, y: fitted(X, y).state_dict()  # hint: Return the trained model
