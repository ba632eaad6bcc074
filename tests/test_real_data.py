"""What notebook 07 teaches: certified answers, and what its functions refuse.

The certified values are those of the National Institute of Standards and Technology;
`notebooks/data/README.md` names the data sets.
"""

import math

import pytest
import torch
from torch import nn

import linreg
from execute import ROOT

DATA = ROOT / "notebooks" / "data"
LONGLEY = ["deflator", "gnp", "unemployed", "armed_forces", "population", "year"]
CERTIFIED = {
    "norris": {
        "coefficients": [-0.262323073774029, 1.00211681802045],
        "residual SD": 0.884796396144373,
        "R-squared": 0.999993745883712,
    },
    "longley": {
        "coefficients": [
            -3482258.63459582,
            15.0618722713733,
            -0.358191792925910e-01,
            -2.02022980381683,
            -1.03322686717359,
            -0.511041056535807e-01,
            1829.15146461355,
        ],
        "residual SD": 304.854073561965,
        "R-squared": 0.995479004577296,
    },
}


def table(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features and labels of a reference data set, in float64."""
    label, columns = {"norris": ("y", ["x"]), "longley": ("employed", LONGLEY)}[name]
    rows = linreg.read_rows(DATA / f"{name}.csv", [label, *columns])
    values = torch.tensor(
        [[float(v) for v in row] for row in rows], dtype=torch.float64
    )
    return values[:, 1:], values[:, 0]


def digits(found: torch.Tensor | float, certified: list[float] | float) -> float:
    """Return the log relative error of the worst value."""
    found = torch.as_tensor(found, dtype=torch.float64)
    certified = torch.as_tensor(certified, dtype=torch.float64)
    worst = ((found - certified) / certified).abs().max().item()
    return -math.log10(worst) if worst else math.inf


def on_raw_columns(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    columns = torch.cat([torch.ones_like(X[:, :1]), X], dim=1)
    return torch.linalg.lstsq(columns, y.unsqueeze(1)).solution.squeeze(1)


@pytest.mark.parametrize(
    ("name", "solve", "least"),
    [
        ("norris", linreg.least_squares, 12),
        ("longley", linreg.least_squares, 12),
        ("longley", on_raw_columns, 10),
    ],
)
def test_coefficients_are_the_certified_ones(name, solve, least):
    assert digits(solve(*table(name)), CERTIFIED[name]["coefficients"]) >= least


@pytest.mark.parametrize("name", CERTIFIED)
def test_residuals_are_the_certified_ones(name):
    X, y = table(name)
    bias, *weights = linreg.least_squares(X, y)
    squares = (y - bias - X @ torch.stack(weights)).square().sum()
    freedom = len(X) - X.shape[1] - 1
    total = (y - y.mean()).square().sum()
    certified = CERTIFIED[name]
    assert digits((squares / freedom).sqrt(), certified["residual SD"]) >= 11
    assert digits(1 - squares / total, certified["R-squared"]) >= 12


def test_the_trained_model_reaches_the_certified_line():
    X, y = table("norris")
    (Z,), (t,) = linreg.standardize(X), linreg.standardize(y.unsqueeze(1))
    torch.manual_seed(0)
    model = nn.Linear(1, 1, dtype=torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    linreg.train(model, nn.MSELoss(), optimizer, Z, t, Z, t, epochs=300)
    weight = model.weight.detach().squeeze() * y.std() / X.std()
    bias = y.mean() + model.bias.detach().squeeze() * y.std() - weight * X.mean()
    found = torch.stack([bias, weight])
    assert digits(found, CERTIFIED["norris"]["coefficients"]) >= 11


def test_longley_defeats_float32_and_gradient_descent():
    X, y = table("longley")
    certified = CERTIFIED["longley"]["coefficients"]
    assert digits(on_raw_columns(X.float(), y.float()), certified) < 1
    (Z,), (t,) = linreg.standardize(X), linreg.standardize(y.unsqueeze(1))
    torch.manual_seed(0)
    model = nn.Linear(6, 1, dtype=torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    linreg.train(model, nn.MSELoss(), optimizer, Z, t, Z, t, epochs=2_000)
    weights = model.weight.detach().squeeze() * y.std() / X.std(dim=0)
    assert digits(weights, certified[1:]) < 1


def test_penguins_with_missing_values_are_left_out():
    columns = ["flipper_length_mm", "body_mass_g"]
    assert len(linreg.read_rows(DATA / "penguins.csv", columns)) == 342
    assert len(linreg.read_rows(DATA / "penguins.csv", ["species"])) == 344
    assert len(linreg.read_rows(DATA / "penguins.csv", [*columns, "sex"])) == 333


def test_standardize_uses_the_first_table_only():
    train_values, other = (
        torch.tensor([[1.0, 2.0], [3.0, 6.0]]),
        torch.tensor([[2.0, 0]]),
    )
    first, second = linreg.standardize(train_values, other)
    assert torch.allclose(first.mean(dim=0), torch.zeros(2))
    assert torch.allclose(first.std(dim=0), torch.ones(2))
    assert torch.allclose(
        second, (other - torch.tensor([2.0, 4.0])) / train_values.std(dim=0)
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [([1.0, 2.0], 12), ([1.001, 2.0], 2), ([1.0, 2.002], 2), ([3.0, 2.0], 0)],
)
def test_correct_digits_counts_the_worst(found, expected):
    assert (
        linreg.correct_digits(torch.tensor(found), torch.tensor([1.0, 2.0])) == expected
    )


X, y = torch.rand(5, 2), torch.rand(5) + 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: linreg.read_rows("nowhere.csv", ["x"]), FileNotFoundError, "nowhere"),
        (lambda: linreg.read_rows(DATA / "norris.csv", ["z"]), ValueError, "columns: "),
        (lambda: linreg.read_rows(DATA / "norris.csv", []), ValueError, "columns: "),
        (lambda: linreg.standardize([1.0]), TypeError, "train_values: "),
        (lambda: linreg.standardize(torch.arange(3)), TypeError, "train_values: "),
        (
            lambda: linreg.standardize(torch.ones(3)),
            ValueError,
            "train_values: .*differ",
        ),
        (lambda: linreg.standardize(X[:1]), ValueError, "train_values: .*differ"),
        (lambda: linreg.standardize(X, X[:, :1]), ValueError, "others: .*columns"),
        (lambda: linreg.standardize(X, X / 0), ValueError, "others: .*finite"),
        (lambda: linreg.least_squares(X, y[:3]), ValueError, r"X and y: .*\(3,\)"),
        (lambda: linreg.least_squares(y, y), ValueError, "X and y: "),
        (lambda: linreg.least_squares(X[:2], y[:2]), ValueError, "X: .*more rows"),
        (lambda: linreg.least_squares(X, "y"), TypeError, "y: "),
        (lambda: linreg.least_squares(torch.ones(5, 2), y), ValueError, "X: .*differ"),
        (lambda: linreg.correct_digits(y, y[:2]), ValueError, "found and certified: "),
        (lambda: linreg.correct_digits(y, 0 * y), ValueError, "certified: .*zeros"),
        (lambda: linreg.correct_digits(y / 0, y), ValueError, "found: .*finite"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
