"""The module that the notebooks teach: what it computes, and what it refuses."""

import math

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

import linreg

NAN = torch.tensor([math.nan] * 10)
TEN = torch.linspace(0, 1, 10)
COLUMN = TEN.unsqueeze(1)
EMPTY = torch.empty(0)
INTEGERS = torch.arange(10)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def model():
    torch.manual_seed(37)
    return linreg.LinearRegressionModel()


@pytest.fixture
def data():
    return linreg.split(*linreg.make_data())


def sgd(model: nn.Module, lr: float = 0.01) -> torch.optim.SGD:
    return torch.optim.SGD(model.parameters(), lr=lr)


# Data


def test_make_data_is_the_line_over_seeded_uniform_features():
    X, y = linreg.make_data(n_points=50, weight=-2.0, bias=1.5, seed=3)
    assert torch.equal(X, torch.rand(50, generator=torch.Generator().manual_seed(3)))
    torch.testing.assert_close(y, -2.0 * X + 1.5)
    assert X.shape == y.shape == (50,)
    assert X.dtype == y.dtype == torch.float32


def test_make_data_defaults():
    X, y = linreg.make_data()
    assert len(X) == 100
    torch.testing.assert_close(y, 0.7 * X + 0.3)
    assert torch.equal(X, linreg.make_data(seed=42)[0])
    assert not torch.equal(X, linreg.make_data(seed=43)[0])


@pytest.mark.parametrize("shape", [(100,), (100, 1)])
def test_split_keeps_order_and_pairs(shape):
    X = torch.arange(100.0).reshape(shape)
    parts = linreg.split(X, 2 * X)
    assert [len(part) for part in parts] == [80, 80, 20, 20]
    assert torch.equal(torch.cat([parts[0], parts[2]]), X)
    assert torch.equal(torch.cat([parts[1], parts[3]]), 2 * X)


def test_split_rounds_to_the_nearest_row():
    assert len(linreg.split(TEN, TEN, 0.29)[0]) == 3


# Model and prediction


def test_model_is_the_formula_for_any_shape(model):
    assert [name for name, _ in model.named_parameters()] == ["weight", "bias"]
    for X in (TEN, COLUMN, torch.tensor(0.5)):
        torch.testing.assert_close(model(X), model.weight * X + model.bias)
    assert model(COLUMN).shape == COLUMN.shape


def test_predict_records_no_gradients(model):
    model.train()
    predictions = linreg.predict(model, TEN)
    assert predictions.is_inference()
    assert not model.training
    assert torch.equal(predictions, model(TEN).detach())


# Training


def test_one_step_is_the_gradient_written_by_hand(model, data):
    X_train, y_train, *_ = data
    weight, bias = model.weight.item(), model.bias.item()
    sign = torch.sign(weight * X_train + bias - y_train)
    linreg.train(model, nn.L1Loss(), sgd(model), *data, epochs=1)
    assert model.weight.item() == pytest.approx(weight - 0.01 * (sign * X_train).mean())
    assert model.bias.item() == pytest.approx(bias - 0.01 * sign.mean())


def test_history_is_before_the_step_for_train_and_after_it_for_test(model, data):
    X_train, y_train, X_test, y_test = data
    loss_fn = nn.L1Loss()
    optimizer = sgd(model)
    expected = {"train": [], "test": []}
    for _ in range(3):
        before = loss_fn(linreg.predict(model, X_train), y_train)
        linreg.train(model, loss_fn, optimizer, *data, epochs=1)
        after = loss_fn(linreg.predict(model, X_test), y_test)
        expected["train"].append(before.item())
        expected["test"].append(after.item())
    torch.manual_seed(37)
    again = linreg.LinearRegressionModel()
    history = linreg.train(again, loss_fn, sgd(again), *data, epochs=3)
    assert history["train"] == pytest.approx(expected["train"])
    assert history["test"] == pytest.approx(expected["test"])


def test_the_trained_line_is_the_exact_answer(model, data):
    X_train, y_train, *_ = data
    optimizer = sgd(model)
    scheduler = torch.optim.lr_scheduler.LinearLR(
        optimizer, start_factor=1.0, end_factor=1e-4, total_iters=5_000
    )
    linreg.train(model, nn.L1Loss(), optimizer, *data, 5_000, scheduler)
    table = torch.stack([X_train, torch.ones_like(X_train)], dim=1).double()
    exact = torch.linalg.lstsq(table, y_train.double().unsqueeze(1)).solution
    learned = torch.cat([model.weight, model.bias]).double()
    # 5e-5 is what the notebooks print: four decimals.
    torch.testing.assert_close(learned, exact.squeeze(1), rtol=0, atol=5e-5)
    true = torch.tensor([0.7, 0.3], dtype=torch.float64)
    torch.testing.assert_close(learned, true, rtol=0, atol=5e-5)


def test_train_switches_modes_around_the_two_passes(data):
    modes = []

    class Recorder(linreg.LinearRegressionModel):
        def forward(self, X):
            modes.append((self.training, torch.is_inference_mode_enabled()))
            return super().forward(X)

    recorder = Recorder()
    linreg.train(recorder, nn.L1Loss(), sgd(recorder), *data, epochs=2)
    assert modes == [(True, False), (False, True)] * 2


# Figures


def test_plot_predictions_draws_each_series_with_its_own_marker(data):
    X_train, y_train, X_test, y_test = data
    (ax,) = linreg.plot_predictions(*data, predictions=y_test + 0.1).axes
    lines = {line.get_label(): line for line in ax.lines}
    expected = {
        "train": (X_train, y_train),
        "test": (X_test, y_test),
        "prediction": (X_test, y_test + 0.1),
    }
    assert list(lines) == list(expected)
    for name, (x_values, y_values) in expected.items():
        assert lines[name].get_xdata() == pytest.approx(x_values)
        assert lines[name].get_ydata() == pytest.approx(y_values)
        assert lines[name].get_color() == linreg.COLORS[name]
        assert lines[name].get_marker() == linreg.MARKERS[name]
    assert len(set(linreg.MARKERS.values())) == len(set(linreg.COLORS.values())) == 3
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("X (feature)", "y (label)")


def test_plots_draw_into_the_axes_given(data):
    fig, axes = plt.subplots(1, 2)
    assert linreg.plot_predictions(*data, ax=axes[0]) is fig
    assert linreg.plot_losses({"train": [2, 1], "test": [3, 2]}, ax=axes[1]) is fig
    assert len(axes[0].lines) == 2
    train_line, test_line = axes[1].lines
    assert list(train_line.get_ydata()) == [2, 1]
    assert list(test_line.get_ydata()) == [3, 2]
    assert train_line.get_linestyle() != test_line.get_linestyle()


def test_show_carries_the_text_alternative(monkeypatch):
    shown = []
    monkeypatch.setattr(linreg, "display", lambda data, raw: shown.append(data))
    fig = plt.figure()
    linreg.show(fig, 'A line "y" & a <point>.')
    (data,) = shown
    assert data["text/plain"] == 'Figure: A line "y" & a <point>.'
    assert data["text/html"].startswith(
        '<img alt="A line &quot;y&quot; &amp; a &lt;point&gt;." width="640" '
        'src="data:image/png;base64,'
    )
    assert not plt.fignum_exists(fig.number)


# Bad input


@pytest.mark.parametrize(
    ("error", "argument", "settings"),
    [
        (ValueError, "n_points", {"n_points": 0}),
        (TypeError, "n_points", {"n_points": 10.0}),
        (TypeError, "n_points", {"n_points": True}),
        (ValueError, "weight", {"weight": math.nan}),
        (TypeError, "weight", {"weight": "0.7"}),
        (ValueError, "bias", {"bias": math.inf}),
        (TypeError, "seed", {"seed": None}),
    ],
)
def test_make_data_refuses(error, argument, settings):
    with pytest.raises(error, match=rf"^{argument}: "):
        linreg.make_data(**settings)


BAD_PAIRS = [
    (ValueError, r"^X\w*: .*empty", EMPTY, EMPTY),
    (ValueError, r"^X\w*: .*finite", NAN, TEN),
    (ValueError, r"^y\w*: .*finite", TEN, NAN),
    (ValueError, r"^X\w* and y\w*: .*\(10,\) and \(10, 1\)", TEN, COLUMN),
    (ValueError, r"^X\w* and y\w*: .*\(10,\) and \(9,\)", TEN, TEN[:9]),
    (ValueError, r"^X\w* and y\w*: ", torch.tensor(1.0), torch.tensor(1.0)),
    (TypeError, r"^X\w*: .*int64", INTEGERS, TEN),
    (TypeError, r"^y\w*: .*list", TEN, TEN.tolist()),
]


@pytest.mark.parametrize(("error", "message", "X", "y"), BAD_PAIRS)
def test_every_function_refuses_bad_data(model, error, message, X, y):
    with pytest.raises(error, match=message):
        linreg.split(X, y)
    for data in [(X, y, TEN, TEN), (TEN, TEN, X, y)]:
        with pytest.raises(error, match=message):
            linreg.train(model, nn.L1Loss(), sgd(model), *data, epochs=1)
        with pytest.raises(error, match=message):
            linreg.plot_predictions(*data)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 80, 0.01, 0.99, math.nan])
def test_split_refuses_a_fraction_that_leaves_a_part_empty(fraction):
    with pytest.raises(ValueError, match=r"^train_fraction: "):
        linreg.split(TEN, TEN, fraction)


def test_split_refuses_a_fraction_that_is_no_number():
    with pytest.raises(TypeError, match=r"^train_fraction: "):
        linreg.split(TEN, TEN, "0.8")


def test_predict_refuses_bad_features(model):
    for error, X in [(TypeError, [0.5]), (ValueError, EMPTY), (ValueError, NAN)]:
        with pytest.raises(error, match=r"^X: "):
            linreg.predict(model, X)


@pytest.mark.parametrize(
    ("error", "epochs"),
    [(ValueError, 0), (ValueError, -1), (TypeError, 1.0), (TypeError, None)],
)
def test_train_refuses_epochs(model, data, error, epochs):
    with pytest.raises(error, match=r"^epochs: "):
        linreg.train(model, nn.L1Loss(), sgd(model), *data, epochs=epochs)


def test_train_refuses_an_optimizer_of_another_model(model, data):
    other = linreg.LinearRegressionModel()
    with pytest.raises(ValueError, match=r"^optimizer: "):
        linreg.train(model, nn.L1Loss(), sgd(other), *data, epochs=1)


def test_train_refuses_predictions_of_another_shape(data):
    class Column(linreg.LinearRegressionModel):
        def forward(self, X):
            return super().forward(X).unsqueeze(1)

    model = Column()
    with pytest.raises(ValueError, match=r"model: .*\(80, 1\).*\(80,\)"):
        linreg.train(model, nn.L1Loss(), sgd(model), *data, epochs=1)


def test_train_says_in_which_epoch_the_loss_stops_being_finite(model, data):
    with pytest.raises(ValueError, match=r"loss is (inf|nan) in epoch \d+"):
        linreg.train(model, nn.MSELoss(), sgd(model, lr=100.0), *data, epochs=1_000)
    # The last step was refused before it could write NaN into the model.
    assert all(torch.isfinite(p).all() for p in model.parameters())


def test_plot_predictions_refuses_predictions(model, data):
    with pytest.raises(ValueError, match=r"predictions: .*detach"):
        linreg.plot_predictions(*data, predictions=model(data[2]))
    with pytest.raises(ValueError, match=r"^X_test and predictions: "):
        linreg.plot_predictions(*data, predictions=TEN)


@pytest.mark.parametrize("history", [{}, {"train": [1.0]}, {"train": [], "test": []}])
def test_plot_losses_refuses_an_incomplete_history(history):
    with pytest.raises(ValueError, match=r"^history: "):
        linreg.plot_losses(history)


@pytest.mark.parametrize(
    ("error", "argument", "fig", "alt"),
    [
        (TypeError, "fig", "picture", "A line."),
        (TypeError, "alt", plt.Figure(), None),
        (ValueError, "alt", plt.Figure(), "  "),
    ],
)
def test_show_refuses(error, argument, fig, alt):
    with pytest.raises(error, match=rf"^{argument}: "):
        linreg.show(fig, alt)
