"""The module that the notebooks teach: what it computes, and what it refuses."""

import math

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import linreg
from linreg import figures
from linreg.figures import COLORS, MARKERS, plot_losses, plot_predictions, show

DATA = X_train, y_train, X_test, y_test = linreg.split(*linreg.make_data())
TEN = torch.linspace(0, 1, 10)
COLUMN, NAN, EMPTY = TEN.unsqueeze(1), math.nan * TEN, TEN[:0]
T, V = TypeError, ValueError
L1 = nn.L1Loss()


def new_line() -> linreg.LinearRegressionModel:
    torch.manual_seed(37)
    return linreg.LinearRegressionModel()


def sgd(model: nn.Module, lr: float = 0.01) -> torch.optim.SGD:
    return torch.optim.SGD(model.parameters(), lr=lr)


def fit(model, data=DATA, epochs=1, loss_fn=L1, optimizer=None, scheduler=None):
    optimizer = optimizer or sgd(model)
    return linreg.train(model, loss_fn, optimizer, *data, epochs, scheduler)


def test_make_data_is_the_line_over_seeded_uniform_features():
    X, y = linreg.make_data(n_points=50, weight=-2.0, bias=1.5, seed=3)
    uniform = torch.rand(50, generator=torch.Generator().manual_seed(3))
    assert_close(X, uniform, rtol=0, atol=0)  # and so of its shape and dtype
    assert_close(y, -2.0 * X + 1.5)
    X, y = linreg.make_data()
    assert len(X) == 100
    assert_close(y, 0.7 * X + 0.3)
    before = torch.get_rng_state()
    assert torch.equal(X, linreg.make_data(seed=42)[0])
    assert not torch.equal(X, linreg.make_data(seed=43)[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_split_keeps_order_and_pairs_and_rounds_to_the_nearest_row():
    for X in (torch.arange(100.0), torch.arange(100.0).unsqueeze(1)):
        parts = linreg.split(X, 2 * X)
        assert [len(part) for part in parts] == [80, 80, 20, 20]
        assert torch.equal(torch.cat([parts[0], parts[2]]), X)
        assert torch.equal(torch.cat([parts[1], parts[3]]), 2 * X)
    assert len(linreg.split(TEN, TEN, 0.29)[0]) == 3


def test_model_is_the_formula_for_any_shape_and_predict_records_nothing():
    model = new_line()
    assert [name for name, _ in model.named_parameters()] == ["weight", "bias"]
    for X in (TEN, COLUMN, torch.tensor(0.5)):
        assert_close(model(X), model.weight * X + model.bias)
    assert model(COLUMN).shape == COLUMN.shape
    predictions = linreg.predict(model, TEN)
    assert predictions.is_inference()
    assert torch.equal(predictions, model(TEN).detach())


@pytest.mark.parametrize("training", [True, False])
def test_predict_works_in_evaluation_mode_and_puts_back_the_mode_it_found(training):
    model = torch.nn.Sequential(torch.nn.Dropout(), new_line()).train(training)
    assert torch.equal(linreg.predict(model, TEN), model[1](TEN))
    model.append(torch.nn.Linear(3, 3))
    with pytest.raises(RuntimeError):
        linreg.predict(model, TEN)
    assert all(module.training == training for module in model.modules())


def test_one_step_is_the_gradient_written_by_hand():
    model = new_line()
    weight, bias = model.weight.item(), model.bias.item()
    sign = torch.sign(weight * X_train + bias - y_train)
    fit(model)
    assert model.weight.item() == pytest.approx(weight - 0.01 * (sign * X_train).mean())
    assert model.bias.item() == pytest.approx(bias - 0.01 * sign.mean())


def test_history_is_before_the_step_for_train_and_after_it_for_test():
    model, expected = new_line(), {"train": [], "test": []}
    for _ in range(3):
        expected["train"].append(L1(linreg.predict(model, X_train), y_train).item())
        fit(model)
        expected["test"].append(L1(linreg.predict(model, X_test), y_test).item())
    history = fit(new_line(), epochs=3)
    assert history == {name: pytest.approx(losses) for name, losses in expected.items()}


def test_the_trained_line_is_the_exact_answer():
    model = new_line()
    optimizer = sgd(model)
    schedule = {"start_factor": 1.0, "end_factor": 1e-4, "total_iters": 5_000}
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, **schedule)
    fit(model, epochs=5_000, optimizer=optimizer, scheduler=scheduler)
    table = torch.stack([X_train, torch.ones_like(X_train)], dim=1).double()
    exact = torch.linalg.lstsq(table, y_train.double().unsqueeze(1)).solution.squeeze(1)
    learned = torch.cat([model.weight, model.bias]).double()
    for line in (exact, exact.new_tensor([0.7, 0.3])):
        assert_close(learned, line, rtol=0, atol=5e-5)  # four decimals are printed


def test_train_switches_modes_around_the_two_passes():
    modes = []

    class Recorder(linreg.LinearRegressionModel):
        def forward(self, X):
            modes.append((self.training, torch.is_inference_mode_enabled()))
            return super().forward(X)

    fit(Recorder(), epochs=2)
    assert modes == [(True, False), (False, True)] * 2


def test_plots_draw_each_series_in_its_own_way_and_into_the_axes_given():
    (ax,) = plot_predictions(*DATA, predictions=y_test + 0.1).axes
    drawn = {"train": DATA[:2], "test": DATA[2:], "prediction": (X_test, y_test + 0.1)}
    assert [line.get_label() for line in ax.lines] == list(drawn)
    for line, (name, (x_values, y_values)) in zip(ax.lines, drawn.items(), strict=True):
        assert line.get_xdata() == pytest.approx(x_values)
        assert line.get_ydata() == pytest.approx(y_values)
        assert (line.get_color(), line.get_marker()) == (COLORS[name], MARKERS[name])
    assert len(set(MARKERS.values())) == len(set(COLORS.values())) == 3
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("X (feature)", "y (label)")

    fig, (left, right) = plt.subplots(1, 2)
    assert plot_predictions(*DATA, ax=left) is fig
    assert plot_losses({"train": [2, 1], "test": [3, 2]}, ax=right) is fig
    assert len(left.lines) == 2
    assert [list(line.get_ydata()) for line in right.lines] == [[2, 1], [3, 2]]
    assert len({line.get_linestyle() for line in right.lines}) == 2
    plt.close("all")


def test_show_carries_the_text_alternative(monkeypatch):
    shown, fig = [], plt.figure()
    monkeypatch.setattr(figures, "display", lambda data, raw: shown.append(data))
    show(fig, 'A line "y" & a <point>.')
    (data,) = shown
    assert data["text/plain"] == 'Figure: A line "y" & a <point>.'
    alt = "A line &quot;y&quot; &amp; a &lt;point&gt;."
    img = f'<img alt="{alt}" width="640" src="data:image/png;base64,'
    assert data["text/html"].startswith(img)
    assert not plt.fignum_exists(fig.number)


BAD_PAIRS = [
    (V, r"^X\w*: .*empty", EMPTY, EMPTY),
    (V, r"^X\w*: .*finite", NAN, TEN),
    (V, r"^y\w*: .*finite", TEN, NAN),
    (V, r"^X\w* and y\w*: .*\(10,\) and \(10, 1\)", TEN, COLUMN),
    (V, r"^X\w* and y\w*: .*\(10,\) and \(9,\)", TEN, TEN[:9]),
    (V, r"^X\w* and y\w*: ", torch.tensor(1.0), torch.tensor(1.0)),
    (T, r"^X\w*: .*int64", torch.arange(10), TEN),
    (T, r"^y\w*: .*list", TEN, TEN.tolist()),
]


@pytest.mark.parametrize(("error", "message", "X", "y"), BAD_PAIRS)
def test_every_function_refuses_bad_data(error, message, X, y):
    with pytest.raises(error, match=message):
        linreg.split(X, y)
    for data in [(X, y, TEN, TEN), (TEN, TEN, X, y)]:
        with pytest.raises(error, match=message):
            fit(new_line(), data)
        with pytest.raises(error, match=message):
            plot_predictions(*data)


class Column(linreg.LinearRegressionModel):
    def forward(self, X):
        return super().forward(X).unsqueeze(1)


FRACTIONS = [0.0, 1.0, -0.1, 80, 0.01, 0.99, math.nan]
RECORDED = new_line()(X_test)
HISTORIES = [{}, {"train": [1.0]}, {"train": [], "test": []}]
REFUSED = {  # what is said: the call, and the values that are wrong, or of a wrong type
    "^n_points: ": (lambda v: linreg.make_data(n_points=v), [0], [10.0, True]),
    "^weight: ": (lambda v: linreg.make_data(weight=v), [math.nan], ["0.7"]),
    "^bias: ": (lambda v: linreg.make_data(bias=v), [math.inf], []),
    "^seed: ": (lambda v: linreg.make_data(seed=v), [], [None]),
    "^train_fraction: ": (lambda v: linreg.split(TEN, TEN, v), FRACTIONS, ["0.8"]),
    "^X: ": (lambda v: linreg.predict(new_line(), v), [EMPTY, NAN], [[0.5]]),
    "^epochs: ": (lambda v: fit(new_line(), epochs=v), [0, -1], [1.0, None]),
    "^optimizer: ": (lambda v: fit(new_line(), optimizer=v), [sgd(new_line())], []),
    r"model: .*\(80, 1\).*\(80,\)": (fit, [Column()], []),
    "predictions: .*detach": (lambda v: plot_predictions(*DATA, v), [RECORDED], []),
    "^X_test and predictions: ": (lambda v: plot_predictions(*DATA, v), [TEN], []),
    "^history: ": (plot_losses, HISTORIES, []),
    "^fig: ": (lambda v: show(v, "A line."), [], ["picture"]),
    "^alt: ": (lambda v: show(plt.Figure(), v), ["  "], [None]),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_refused(message):
    call, wrong, of_a_wrong_type = REFUSED[message]
    for error, values in [(V, wrong), (T, of_a_wrong_type)]:
        for value in values:
            with pytest.raises(error, match=message):
                call(value)


def test_train_says_in_which_epoch_the_loss_stops_being_finite():
    model = new_line()
    with pytest.raises(ValueError, match=r"loss is (inf|nan) in epoch \d+"):
        fit(model, DATA, 1_000, nn.MSELoss(), sgd(model, lr=100.0))
    # The last step was refused before it could write NaN into the model.
    assert all(torch.isfinite(p).all() for p in model.parameters())
