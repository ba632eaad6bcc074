"""`diagnose` names each planted fault, is quiet on healthy models, changes nothing."""

import copy

import pytest
import torch
from torch import nn
from torch.optim import LBFGS, SGD, Adam

import linreg
from linreg import LinearRegressionModel as Line
from linreg.diagnosis import diagnose

X, y, _, _ = linreg.split(*linreg.make_data())
COLUMNS = X.unsqueeze(1), y.unsqueeze(1)
T, V = TypeError, ValueError


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def case(model=None, X=X, y=y, optimizer=None, loss_fn=None, **replaced) -> tuple:
    """Return the arguments of `diagnose`: of a healthy line, unless said otherwise.

    Attributes of the model are `replaced` before an optimizer is made for it.
    """
    model = model or Line()
    for name, value in replaced.items():
        delattr(model, name)
        setattr(model, name, value)
    return model, optimizer or sgd(model), loss_fn or nn.L1Loss(), X, y


def sgd(model: nn.Module, **settings) -> SGD:
    parameters = [p for p in model.parameters() if p.requires_grad]
    return SGD(parameters, **{"lr": 0.01} | settings)


def one(value: float, **options) -> nn.Parameter:
    return nn.Parameter(torch.tensor([value]), **options)


def line_with(forward) -> nn.Module:
    return type("OtherLine", (Line,), {"forward": forward})()


FAULTS = {
    "weight is not in the op": lambda: case(optimizer=sgd(Line())),
    "weight is not in the optimizer": lambda: case(
        m := Line(), X, y, sgd(m), weight=one(0.0)
    ),
    "weight is a plain tensor": lambda: case(weight=torch.randn(1)),
    "no gradient reaches weight": lambda: case(
        line_with(lambda line, X: line.weight.detach() * X + line.bias)
    ),
    "no gradient reaches any parameter": lambda: case(
        line_with(lambda line, X: Line.forward(line, X).detach())
    ),
    "(80,) and (80, 1): the loss broadc": lambda: case(y=COLUMNS[1]),
    "weight is frozen": lambda: case(weight=one(0.5, requires_grad=False)),
    "the model is in evaluation mode": lambda: case(Line().eval()),
    "evaluation mode": lambda: case(
        nn.Sequential(nn.Linear(1, 4), nn.Dropout(), nn.Linear(4, 1).eval()), *COLUMNS
    ),
    "X holds values that are not finite": lambda: case(X=X / 0 * 0),
    "y holds values that are not finite": lambda: case(y=y / 0),
    "bias holds values that are not finite": lambda: case(bias=one(torch.nan)),
    "the gradient of weight is not finite": lambda: case(  # and the loss is
        loss_fn=lambda p, y: p.abs().sqrt().mean(), weight=one(0.0), bias=one(0.0)
    ),
    "the loss is ": lambda: case(loss_fn=lambda p, y: p.sum() / 0),
    "after one step, a parameter is not finite": lambda: case(
        m := Line(), 1e6 * X, y, sgd(m, lr=3e38), nn.MSELoss()
    ),
    "X is torch.float64, not torch.float32": lambda: case(X=X.double()),
    "y is torch.float64, not torch.float32": lambda: case(y=y.double()),
    "X is on meta, not cpu": lambda: case(X=X.to("meta")),
    "a step raises Run": lambda: case(nn.Linear(2, 1), *COLUMNS),
}


def network(optimizer=sgd, **settings) -> tuple:
    bend = nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout()
    model = nn.Sequential(nn.Linear(1, 8), *bend, nn.Linear(8, 1))
    return case(model, *COLUMNS, optimizer(model, **settings), nn.MSELoss())


def scheduled() -> tuple:
    model, optimizer, loss_fn, *data = case()
    torch.optim.lr_scheduler.LinearLR(optimizer, total_iters=10)
    linreg.train(model, loss_fn, optimizer, *data, *data, epochs=5)
    return model.train(), optimizer, loss_fn, *data


HEALTHY = {
    "line": case,
    "schedule": scheduled,
    "network": network,
    "Adam": lambda: network(lambda model: Adam(model.parameters(), lr=0.01)),
    "momentum": lambda: network(momentum=0.9),
    "LBFGS": lambda: network(lambda model: LBFGS(model.parameters())),
    "classes": lambda: case(
        nn.Linear(1, 2), COLUMNS[0], (y > 0.6).long(), None, nn.CrossEntropyLoss()
    ),
    "float64": lambda: case(Line().double(), X=X.double(), y=y.double()),
}


@pytest.mark.parametrize("sentence", FAULTS)
def test_it_names_each_planted_fault(sentence):
    found = diagnose(*FAULTS[sentence]())
    assert any(sentence in said for said in found), found
    assert len(found) <= 2


@pytest.mark.parametrize("name", HEALTHY)
def test_it_is_quiet_on_what_is_healthy(name):
    assert diagnose(*HEALTHY[name]()) == []


def state(model, optimizer, loss_fn, X, y) -> list:
    """Return all that a look may not change, as copies."""
    tensors = [*model.parameters(), *model.buffers()]
    kept = [tensors, [p.grad for p in model.parameters()], optimizer.state_dict()]
    kept += [[module.training for module in model.modules()], list(map(id, tensors))]
    kept += [y, torch.get_rng_state(), *([X] if X.device.type != "meta" else [])]
    return copy.deepcopy(kept)


@pytest.mark.parametrize("name", [*FAULTS, *HEALTHY])
def test_it_changes_nothing(name):
    arguments = (FAULTS | HEALTHY)[name]()
    before = state(*arguments)
    first = diagnose(*arguments)
    same = {"rtol": 0, "atol": 0, "equal_nan": True}
    torch.testing.assert_close(state(*arguments), before, **same)
    assert diagnose(*arguments) == first


@pytest.mark.parametrize("name", ["Adam", "momentum", "schedule"])
def test_training_goes_on_as_if_nobody_had_looked(name):
    ends = []
    for look in (False, True):
        torch.manual_seed(1)
        model, optimizer, loss_fn, *data = HEALTHY[name]()
        for _ in range(3):
            if look:
                diagnose(model, optimizer, loss_fn, *data)
            optimizer.zero_grad()
            loss_fn(model(data[0]), data[1]).backward()
            optimizer.step()
        ends.append([p.detach() for p in model.parameters()])
    assert all(map(torch.equal, *ends))


@pytest.mark.parametrize(
    ("position", "value", "error", "message"),
    [
        (0, "model", T, "model: expected Module, got str"),
        (0, nn.ReLU(), V, "model: expected parameters"),
        (1, None, T, "optimizer: expected Optimizer, got NoneType"),
        (2, 3, T, "loss_fn: expected Callable, got int"),
        (3, [1.0], T, "X: expected Tensor, got list"),
        (4, None, T, "y: expected Tensor, got NoneType"),
        (4, torch.tensor([]), V, "y: expected data"),
    ],
)
def test_what_it_refuses(position, value, error, message):
    arguments = list(case())
    arguments[position] = value
    with pytest.raises(error, match=message):
        diagnose(*arguments)
