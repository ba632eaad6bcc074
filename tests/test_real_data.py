"""What notebook 07 teaches: certified answers, and what its functions refuse.

The certified values are those of the National Institute of Standards and Technology;
`notebooks/data/README.md` names the data sets.
"""

import math

import pytest
import torch
from torch import nn

import linreg
from lessons import ROOT
from linreg.tables import correct_digits, least_squares, read_rows, standardize

DATA = ROOT / "notebooks" / "data"
T, V, F = TypeError, ValueError, FileNotFoundError

# The columns, label first, with bias and weights; residual SD; R-squared.
NORRIS = {"y": -0.262323073774029, "x": 1.00211681802045}
LONGLEY = {
    "employed": -3482258.63459582,
    "deflator": 15.0618722713733,
    "gnp": -0.358191792925910e-01,
    "unemployed": -2.02022980381683,
    "armed_forces": -1.03322686717359,
    "population": -0.511041056535807e-01,
    "year": 1829.15146461355,
}
CERTIFIED = {
    "norris": (NORRIS, 0.884796396144373, 0.999993745883712),
    "longley": (LONGLEY, 304.854073561965, 0.995479004577296),
}


def table(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features and labels of a reference data set, in float64."""
    rows = read_rows(DATA / f"{name}.csv", list(CERTIFIED[name][0]))
    values = torch.tensor([[*map(float, row)] for row in rows], dtype=torch.float64)
    return values[:, 1:], values[:, 0]


def digits(found: torch.Tensor, certified: list[float] | float) -> float:
    """Return the log relative error of the worst value."""
    certified = torch.tensor(certified, dtype=torch.float64)
    worst = ((found.double() - certified) / certified).abs().max().item()
    return -math.log10(worst) if worst else math.inf


def on_raw_columns(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    columns = torch.cat([torch.ones_like(X[:, :1]), X], dim=1)
    return torch.linalg.lstsq(columns, y.unsqueeze(1)).solution.squeeze(1)


def trained(X: torch.Tensor, y: torch.Tensor, epochs: int) -> torch.Tensor:
    """Return bias and weights that gradient descent finds on standardized columns."""
    (Z,), (t,) = standardize(X), standardize(y.unsqueeze(1))
    torch.manual_seed(0)
    model = nn.Linear(X.shape[1], 1, dtype=torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    linreg.train(model, nn.MSELoss(), optimizer, Z, t, Z, t, epochs=epochs)
    weights = model.weight.detach().flatten() * y.std() / X.std(dim=0)
    bias = y.mean() + model.bias.detach() * y.std() - weights @ X.mean(dim=0)
    return torch.cat([bias, weights])


@pytest.mark.parametrize(
    ("name", "solve", "least"),
    [
        ("norris", least_squares, 12),
        ("longley", least_squares, 12),
        ("longley", on_raw_columns, 10),
        ("norris", lambda X, y: trained(X, y, epochs=300), 11),
    ],
)
def test_coefficients_are_the_certified_ones(name, solve, least):
    certified = list(CERTIFIED[name][0].values())
    assert digits(solve(*table(name)), certified) >= least


@pytest.mark.parametrize("name", CERTIFIED)
def test_residuals_are_the_certified_ones(name):
    (X, y), (_, residual_sd, r_squared) = table(name), CERTIFIED[name]
    bias, *weights = least_squares(X, y)
    squares = (y - bias - X @ torch.stack(weights)).square().sum()
    freedom = len(X) - X.shape[1] - 1
    assert digits((squares / freedom).sqrt(), residual_sd) >= 11
    total = (y - y.mean()).square().sum()
    assert digits(1 - squares / total, r_squared) >= 12


def test_longley_defeats_float32_and_gradient_descent():
    (X, y), certified = table("longley"), list(LONGLEY.values())
    assert digits(on_raw_columns(X.float(), y.float()), certified) < 1
    assert digits(trained(X, y, epochs=2_000)[1:], certified[1:]) < 1


def test_penguins_with_missing_values_are_left_out():
    size = ["flipper_length_mm", "body_mass_g"]
    for columns, n_rows in [(["species"], 344), (size, 342), ([*size, "sex"], 333)]:
        assert len(read_rows(DATA / "penguins.csv", columns)) == n_rows


def test_standardize_uses_the_first_table_only():
    train_values, other = torch.tensor([[1.0, 2], [3, 6]]), torch.tensor([[2.0, 0]])
    first, second = standardize(train_values, other)
    assert torch.allclose(first.mean(dim=0), torch.zeros(2))
    assert torch.allclose(first.std(dim=0), torch.ones(2))
    expected = (other - torch.tensor([2.0, 4.0])) / train_values.std(dim=0)
    assert torch.allclose(second, expected)


def test_correct_digits_counts_the_worst():
    certified = torch.tensor([1.0, 2.0])
    for first, second, least in [(1, 2, 12), (1.001, 2, 2), (1, 2.002, 2), (3, 2, 0)]:
        assert correct_digits(torch.tensor([first, second]).float(), certified) == least


def test_least_squares_refuses_columns_of_which_one_follows_from_the_others():
    torch.manual_seed(0)
    for dtype in (torch.float32, torch.float64):
        for n_rows, offset in [(8, 0), (342, 200), (342, 2_000), (20_000, 0)]:
            a, b, c = torch.rand(3, n_rows, dtype=dtype) + offset
            kinds = nn.functional.one_hot(torch.arange(n_rows) % 3).to(dtype)
            y = 2 * a - c
            for columns in [[a, 2 * a + 1], [a, b, a - b], [a, *kinds.T]]:
                with pytest.raises(ValueError, match=r"^X: .* rank "):
                    least_squares(torch.stack(columns, dim=1), y)
            _, *found = least_squares(torch.stack([a, *kinds.T[:2], c], dim=1), y)
            assert torch.allclose(
                torch.stack(found),
                torch.tensor([2.0, 0, 0, -1], dtype=dtype),
                atol=0.01,
            )


X, y = torch.rand(5, 2), torch.rand(5) + 1


@pytest.mark.parametrize(
    ("call", "arguments", "error", "message"),
    [
        (read_rows, ("nowhere.csv", ["x"]), F, "nowhere"),
        (read_rows, (DATA / "norris.csv", ["z"]), V, "columns: "),
        (read_rows, (DATA / "norris.csv", []), V, "columns: "),
        (standardize, ([1.0],), T, "train_values: "),
        (standardize, (torch.arange(3),), T, "train_values: "),
        (standardize, (torch.ones(3),), V, "train_values: .*differ"),
        (standardize, (X[:1],), V, "train_values: .*differ"),
        (standardize, (X, X[:, :1]), V, "others: .*columns"),
        (standardize, (X, X / 0), V, "others: .*finite"),
        (least_squares, (X, y[:3]), V, r"X and y: .*\(3,\)"),
        (least_squares, (y, y), V, "X and y: "),
        (least_squares, (X[:2], y[:2]), V, "X: .*more rows"),
        (least_squares, (X, "y"), T, "y: "),
        (least_squares, (torch.ones(5, 2), y), V, "X: .*differ"),
        (correct_digits, (y, y[:2]), V, "found and certified: "),
        (correct_digits, (y, 0 * y), V, "certified: .*zeros"),
        (correct_digits, (y / 0, y), V, "found: .*finite"),
    ],
)
def test_what_is_refused(call, arguments, error, message):
    with pytest.raises(error, match=message):
        call(*arguments)
