"""`diagnose` names each planted fault, is quiet on healthy models, changes nothing."""

import copy

import pytest
import torch
from torch import nn

import linreg

X, y, _, _ = linreg.split(*linreg.make_data())
COLUMNS = X.unsqueeze(1), y.unsqueeze(1)


class PlainLine(linreg.LinearRegressionModel):
    """A line whose weight is no parameter."""

    def __init__(self) -> None:
        super().__init__()
        del self.weight
        self.weight = torch.randn(1)


class CutLine(linreg.LinearRegressionModel):
    """A line that does not record what it does with its weight."""

    def forward(self, X):
        return self.weight.detach() * X + self.bias


class DetachedLine(linreg.LinearRegressionModel):
    """A line that records nothing."""

    def forward(self, X):
        return super().forward(X).detach()


def setting(model=None, optimizer=None, loss_fn=None, X=X, y=y) -> tuple:
    """Return the arguments of `diagnose`: of a healthy line, unless said otherwise."""
    model = model or linreg.LinearRegressionModel()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer or torch.optim.SGD(parameters or [torch.zeros(1)], lr=0.01)
    return model, optimizer, loss_fn or nn.L1Loss(), X, y


def overwritten() -> tuple:
    arguments = setting()
    arguments[0].weight = nn.Parameter(torch.zeros(1))
    return arguments


def frozen() -> tuple:
    model = linreg.LinearRegressionModel()
    model.weight.requires_grad_(False)
    return setting(model)


def not_finite() -> tuple:
    model = linreg.LinearRegressionModel()
    with torch.no_grad():
        model.bias.fill_(torch.nan)
    return setting(model)


def root() -> tuple:
    """Return a setting whose loss is finite, and the gradient is not."""
    model = linreg.LinearRegressionModel()
    with torch.no_grad():
        model.weight.zero_()
        model.bias.zero_()
    return setting(model, loss_fn=lambda p, y: p.abs().sqrt().mean())


def other() -> torch.optim.Optimizer:
    return torch.optim.SGD(linreg.LinearRegressionModel().parameters(), lr=0.01)


def asleep() -> nn.Module:
    return nn.Sequential(nn.Linear(1, 4), nn.Dropout(), nn.Linear(4, 1).eval())


def huge_steps() -> tuple:
    model = linreg.LinearRegressionModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=3e38)
    return setting(model, optimizer, nn.MSELoss(), 1e6 * X, y)


FAULTS = {
    "another optimizer": (
        lambda: setting(optimizer=other()),
        "weight is not in the op",
    ),
    "overwritten": (overwritten, "weight is not in the optimizer"),
    "plain tensor": (lambda: setting(PlainLine()), "weight is a plain tensor"),
    "cut": (lambda: setting(CutLine()), "no gradient reaches weight"),
    "detached": (lambda: setting(DetachedLine()), "no gradient reaches any parameter"),
    "broadcast": (lambda: setting(y=COLUMNS[1]), "(80,) and (80, 1): the loss broadc"),
    "frozen": (frozen, "weight is frozen"),
    "eval": (lambda: setting(linreg.LinearRegressionModel().eval()), "evaluation mode"),
    "part eval": (lambda: setting(asleep(), None, None, *COLUMNS), "evaluation mode"),
    "NaN in X": (lambda: setting(X=X / 0 * 0), "X holds values that are not finite"),
    "NaN in y": (lambda: setting(y=y / 0), "y holds values that are not finite"),
    "NaN in model": (not_finite, "bias holds values that are not finite"),
    "gradient": (root, "the gradient of weight is not finite"),
    "loss": (lambda: setting(loss_fn=lambda p, y: p.sum() / 0), "the loss is "),
    "steps": (huge_steps, "after one step, a parameter is not finite"),
    "dtype of X": (
        lambda: setting(X=X.double()),
        "X is torch.float64, not torch.float32",
    ),
    "dtype of y": (
        lambda: setting(y=y.double()),
        "y is torch.float64, not torch.float32",
    ),
    "device": (lambda: setting(X=X.to("meta")), "X is on meta, not cpu"),
    "shape": (
        lambda: setting(nn.Linear(2, 1), None, None, *COLUMNS),
        "a step raises Run",
    ),
}


def network() -> nn.Module:
    layers = (
        nn.Linear(1, 8),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(8, 1),
    )
    return nn.Sequential(*layers)


def with_schedule() -> tuple:
    arguments = setting(linreg.LinearRegressionModel())
    torch.optim.lr_scheduler.LinearLR(arguments[1], total_iters=10)
    linreg.train(*arguments[:1], arguments[2], arguments[1], X, y, X, y, epochs=5)
    arguments[0].train()
    return arguments


def with_optimizer(kind, **settings) -> tuple:
    model = network()
    return setting(model, kind(model.parameters(), **settings), nn.MSELoss(), *COLUMNS)


def classes() -> tuple:
    labels = (y > 0.6).long()
    return setting(nn.Linear(1, 2), None, nn.CrossEntropyLoss(), COLUMNS[0], labels)


HEALTHY = {
    "line": setting,
    "schedule": with_schedule,
    "network": lambda: setting(network(), None, nn.MSELoss(), *COLUMNS),
    "Adam": lambda: with_optimizer(torch.optim.Adam, lr=0.01),
    "momentum": lambda: with_optimizer(torch.optim.SGD, lr=0.01, momentum=0.9),
    "LBFGS": lambda: with_optimizer(torch.optim.LBFGS),
    "classes": classes,
    "float64": lambda: setting(
        linreg.LinearRegressionModel().double(), X=X.double(), y=y.double()
    ),
}


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("fault", FAULTS)
def test_it_names_each_planted_fault(fault):
    plant, sentence = FAULTS[fault]
    found = linreg.diagnose(*plant())
    assert any(sentence in said for said in found), found
    assert len(found) <= 2


@pytest.mark.parametrize("name", HEALTHY)
def test_it_is_quiet_on_what_is_healthy(name):
    assert linreg.diagnose(*HEALTHY[name]()) == []


def state(model, optimizer, loss_fn, X, y) -> list:
    """Return all that a look may not change, as copies."""
    tensors = [*model.parameters(), *model.buffers()]
    gradients = [p.grad for p in model.parameters()]
    modes = [module.training for module in model.modules()]
    kept = [
        t.detach().clone() for t in tensors + [g for g in gradients if g is not None]
    ]
    kept += [X.clone(), y.clone(), torch.get_rng_state()]
    groups = [
        {k: v for k, v in group.items() if k != "params"}
        for group in optimizer.param_groups
    ]
    states = [optimizer.state.get(p, {}) for p in model.parameters()]
    return [kept, copy.deepcopy([modes, groups, states]), [id(t) for t in tensors]]


def same(a, b) -> bool:
    if isinstance(a, torch.Tensor):
        return (
            torch.equal(a.nan_to_num(), b.nan_to_num())
            if a.device.type != "meta"
            else True
        )
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("name", [*FAULTS, *HEALTHY])
def test_it_changes_nothing(name):
    arguments = (FAULTS[name][0] if name in FAULTS else HEALTHY[name])()
    before = state(*arguments)
    first = linreg.diagnose(*arguments)
    assert same(state(*arguments), before)
    assert linreg.diagnose(*arguments) == first


@pytest.mark.parametrize("name", ["Adam", "momentum", "schedule"])
def test_training_goes_on_as_if_nobody_had_looked(name):
    ends = []
    for look in (False, True):
        torch.manual_seed(1)
        model, optimizer, loss_fn, *data = HEALTHY[name]()
        for _ in range(3):
            if look:
                linreg.diagnose(model, optimizer, loss_fn, *data)
            optimizer.zero_grad()
            loss_fn(model(data[0]), data[1]).backward()
            optimizer.step()
        ends.append([p.detach() for p in model.parameters()])
    assert all(map(torch.equal, *ends))


@pytest.mark.parametrize(
    ("position", "value", "error", "message"),
    [
        (0, "model", TypeError, "model: expected Module, got str"),
        (0, nn.ReLU(), ValueError, "model: expected parameters"),
        (1, None, TypeError, "optimizer: expected Optimizer, got NoneType"),
        (2, 3, TypeError, "loss_fn: expected Callable, got int"),
        (3, [1.0], TypeError, "X: expected Tensor, got list"),
        (4, None, TypeError, "y: expected Tensor, got NoneType"),
        (4, torch.tensor([]), ValueError, "y: expected data"),
    ],
)
def test_what_it_refuses(position, value, error, message):
    arguments = list(setting())
    arguments[position] = value
    with pytest.raises(error, match=message):
        linreg.diagnose(*arguments)
