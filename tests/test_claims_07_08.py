"""What lessons 07 and 08 claim, tried beyond their own example."""

import inspect
import math
import re

import pytest
import torch
from torch import nn

from lessons import NOTEBOOKS, ROOT, before_exercises, claims
from linreg.tables import least_squares, read_rows, standardize

DATA = ROOT / "notebooks" / "data"


def penguins() -> tuple[torch.Tensor, torch.Tensor]:
    """Return three measures and three one-hot columns, and the mass, in float64."""
    columns = ["flipper_length_mm", "bill_length_mm", "bill_depth_mm", "body_mass_g"]
    rows = read_rows(DATA / "penguins.csv", ["species", *columns])
    table = torch.tensor([[*map(float, row[1:])] for row in rows]).double()
    kinds = ["Adelie", "Chinstrap", "Gentoo"]
    one_hot = torch.tensor([[float(row[0] == kind) for kind in kinds] for row in rows])
    return torch.cat([table[:, :3], one_hot.double()], dim=1), table[:, 3]


def descend(Z, t, seed, epochs=1_000, lr=0.1):
    """Return the weights that gradient descent on the MSE finds from a random start."""
    weights = torch.randn(Z.shape[1], generator=torch.Generator().manual_seed(seed))
    weights = weights.to(Z.dtype)
    for _ in range(epochs):
        weights = weights - lr * 2 / len(Z) * (Z.T @ (Z @ weights - t))
    return weights


def powers(X, degree):
    return torch.stack([X**k for k in range(degree + 1)], dim=1)


def wave(n_points, seed, noise=0.3):
    generator = torch.Generator().manual_seed(seed)
    X = 2 * torch.rand(n_points, generator=generator, dtype=torch.float64) - 1
    scatter = torch.randn(n_points, generator=generator, dtype=torch.float64)
    return X, (3 * X).sin() + noise * scatter


def polynomial_losses(n_points, seed, degree, noise=0.3):
    """Return the mean squared errors on training points and on fresh ones."""
    X, y = wave(n_points, seed, noise)
    weights = torch.linalg.lstsq(powers(X, degree), y.unsqueeze(1)).solution.squeeze(1)
    cuts = [(X, y), wave(2_000, seed + 1_000, noise)]
    return [(powers(X, degree) @ weights - y).square().mean().item() for X, y in cuts]


def lesson_code(path) -> list[str]:
    """Return the code cells before the questions and exercises."""
    return [c.source for c in before_exercises(path) if c.cell_type == "code"]


@claims("07", "Now, and only now, the test birds say how far off it is")
@claims("08", "Now score the test birds, for the line alone")
def test_the_test_birds_are_scored_once_in_the_last_cell_of_the_lesson():
    scored = re.compile(r"(?:\by\[|mass\[|_errors\(\w+, |mass_parts\[)test\b")
    for path, n_uses in [(NOTEBOOKS[7], 1), (NOTEBOOKS[8], 1)]:
        uses = [len(scored.findall(source)) for source in lesson_code(path)]
        assert uses[-1] == n_uses and sum(uses) == n_uses, path.name


@claims("07", "nobody looks at the masses of the test birds before the last section")
def test_masses_are_not_drawn_before_the_split():
    sources = lesson_code(NOTEBOOKS[7])
    (split,) = (i for i, source in enumerate(sources) if "order[:68]" in source)
    (first, *_) = (i for i, source in enumerate(sources) if "show(" in source)
    assert split < first and "for i in training" in sources[first]


@claims("07", "then their weights are not determined, however long you train")
@claims("07", "Only differences mean something: Gentoo minus Adelie is the same")
def test_three_one_hot_columns_leave_the_weights_open_and_fix_their_differences():
    X, y = penguins()
    (Z,), (t,) = standardize(X), standardize(y.unsqueeze(1))
    found = [descend(Z, t.squeeze(1), seed, epochs=4_000) for seed in (0, 1)]
    first, second = (weights * y.std() / X.std(dim=0) for weights in found)
    assert torch.allclose(Z @ found[0], Z @ found[1], atol=1e-3)
    assert (first[5] - second[5]).abs() > 50
    assert abs((first[5] - first[3]) - (second[5] - second[3])) < 1
    _, *with_reference = least_squares(X[:, [0, 1, 2, 4, 5]], y)
    assert abs(with_reference[-1] - (first[5] - first[3])) < 1


@claims("07", "to a line, another scale makes no difference")
def test_a_scale_that_leaked_does_nothing_to_a_line():
    X, y = penguins()
    X = X[:, [0, 1, 2, 4, 5]]
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    training, validation = order[136:], order[68:136]
    predictions = []
    for rows in (training, order[68:]):
        _, *Z = standardize(X[rows], X[training], X[validation])
        bias, *weights = least_squares(Z[0], y[training])
        predictions.append(bias + Z[1] @ torch.stack(weights))
    assert torch.allclose(*predictions, atol=1e-6, rtol=0)


@claims("07", "When the validation birds helped to pick, noise seems to beat the mean")
@claims("07", "When only the training birds did, it turns out worse than the mean")
def test_features_picked_by_all_rows_make_noise_beat_the_mean():
    _, y = penguins()
    gains = {"training": [], "all": []}
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(274, 2_000, generator=generator, dtype=torch.float64)
        order = torch.randperm(len(y), generator=generator)[:274]
        labels = y[order]
        for name, rows in {"training": slice(206), "all": slice(None)}.items():
            t = labels[rows] - labels[rows].mean()
            best = (standardize(noise[rows])[0].T @ t).abs().topk(20).indices
            bias, *weights = least_squares(noise[:206][:, best], labels[:206])
            predictions = bias + noise[206:][:, best] @ torch.stack(weights)
            mean_off = (labels[:206].mean() - labels[206:]).abs().mean()
            off = (predictions - labels[206:]).abs().mean()
            gains[name].append((mean_off - off).item())
    assert min(gains["all"]) > 0 and sum(gains["all"]) / 5 > 50
    assert sum(gains["training"]) < 0


@claims("07", "On average, the steps still lead the same way")
def test_mini_batches_lead_the_same_way_on_average_and_not_each_time():
    _, y = penguins()
    (x,), (t,) = standardize(penguins()[0][:, :1]), standardize(y.unsqueeze(1))
    batches = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    weight = 0.8  # near the best one, 0.87
    slopes = [
        (2 * (x[rows] * (weight * x[rows] - t[rows])).mean()).item()
        for rows in batches.split(16)[:-1]
    ]
    whole = (2 * (x * (weight * x - t)).mean()).item()
    assert whole < 0 and max(slopes) > 0  # some lead away
    assert abs(sum(slopes) / len(slopes) - whole) < 0.1


@claims("07", "the valley curves about 111 times 111 times more across than along")
@claims("07", "one more digit would take tens of thousands of epochs")
def test_gradient_descent_pays_the_square_of_the_condition_number():
    names = ["deflator", "gnp", "unemployed", "armed_forces", "population", "year"]
    rows = read_rows(DATA / "longley.csv", names)
    X = torch.tensor([[*map(float, row)] for row in rows], dtype=torch.float64)
    (Z,) = standardize(X)
    curvatures, axes = torch.linalg.eigh(2 * Z.T @ Z / len(Z))
    assert curvatures[-1] / curvatures[0] == pytest.approx(
        torch.linalg.cond(Z).item() ** 2, rel=1e-6
    )
    t = torch.zeros(len(Z), dtype=torch.float64)
    weights = descend(Z, t, seed=0, epochs=0)
    after = descend(Z, t, seed=0, epochs=3_260)
    left = ((axes[:, 0] @ after) / (axes[:, 0] @ weights)).item()
    assert left == pytest.approx(10**-0.1, rel=0.01)  # a tenth of a digit


@claims("07", "about 19 in 20 of the intervals made in this way contain the slope")
@claims("07", "It says nothing about a single bird.")
def test_the_interval_is_one_for_the_slope_and_not_for_a_bird():
    generator = torch.Generator().manual_seed(0)
    holds, birds = 0, []
    for _ in range(200):
        x = torch.randn(100, generator=generator)
        noise = torch.randn(100, generator=generator)
        y = 2 * x + noise
        draws = torch.randint(100, (300, 100), generator=generator)
        x_off = x[draws] - x[draws].mean(dim=1, keepdim=True)
        slopes = (x_off * y[draws]).sum(dim=1) / x_off.square().sum(dim=1)
        low, high = slopes.quantile(torch.tensor([0.025, 0.975])).tolist()
        holds += low < 2 < high
        birds.append((noise.abs() < (high - low) / 2).float().mean().item())
    assert 0.88 < holds / 200 < 0.99
    assert sum(birds) / 200 < 0.3


@claims("08", "cannot stay below that on average. On the training points it can")
def test_a_training_loss_can_fall_below_the_noise_and_a_loss_on_new_points_not():
    for seed in range(10):
        training, fresh = polynomial_losses(12, seed, degree=11)
        assert training < 0.01 < 0.3**2 * 0.9 < fresh


@claims("08", "A model may know every training point and still do well")
def test_overfitting_is_worse_on_new_points_and_not_knowing_the_training_points():
    for seed in range(5):  # without noise, all training points are known and no harm
        training, fresh = polynomial_losses(12, seed, degree=11, noise=0)
        assert training < 1e-9 and fresh < 1e-3


@claims("08", "so it may look better on them than it is")
def test_the_validation_loss_of_early_stopping_flatters_it():
    chosen, on_fresh = [], []
    for seed in range(20):
        (X, y), (X_val, y_val) = wave(12, seed), wave(20, 500 + seed)
        X_fresh, y_fresh = wave(1_000, 900 + seed)
        learned, judged, new = (powers(x, 9) for x in (X, X_val, X_fresh))
        weights, best = torch.zeros(10, dtype=torch.float64), (math.inf, None)
        for _ in range(300):
            weights = weights - 0.2 * learned.T @ (learned @ weights - y) / len(y)
            loss = (judged @ weights - y_val).square().mean().item()
            best = min(best, (loss, weights), key=lambda pair: pair[0])
        chosen.append(best[0])
        on_fresh.append((new @ best[1] - y_fresh).square().mean().item())
    assert sum(chosen) < sum(on_fresh)


@claims("08", "Against overfitting it helps on average. A model that cannot bend")
def test_more_data_help_against_overfitting_and_not_a_model_that_cannot_bend():
    def mean_fresh(n_points, degree):
        fresh = [polynomial_losses(n_points, s, degree)[1] for s in range(40)]
        return sum(fresh) / len(fresh)

    assert mean_fresh(200, degree=7) < 0.5 * mean_fresh(12, degree=7)
    assert mean_fresh(2_000, degree=1) > 0.9 * mean_fresh(200, degree=1) > 0.15


@claims("08", "which is 1 percent, off each parameter, biases included")
@claims("08", "The default is a hundredth of our 1.0")
def test_the_decay_of_adamw_is_decoupled_takes_biases_and_is_small_by_default():
    default = inspect.signature(torch.optim.AdamW).parameters["weight_decay"].default
    assert default == pytest.approx(1.0 / 100)
    model = nn.Linear(2, 1)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=1.0)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for old, new in zip(before, model.parameters(), strict=True):
        assert torch.allclose(new, 0.99 * old)


@claims("08", "so that their sum is about as large as before")
@claims("08", "they only set a switch, which is on training in a new model")
def test_dropout_keeps_the_sum_on_average_and_a_new_model_is_in_training_mode():
    torch.manual_seed(0)
    model, ones = nn.Sequential(nn.Dropout(0.3)), torch.ones(100_000)
    assert model.training and model[0].training
    assert model(ones).mean().item() == pytest.approx(1, abs=0.02)
    assert (model(ones) != model(ones)).any()
    assert torch.equal(model.eval()(ones), ones) and not model[0].training


@claims("08", "treats the splits as 25 experiments, although all of them share")
def test_splits_that_share_birds_are_no_experiments_of_their_own():
    generator = torch.Generator().manual_seed(0)
    means, naive, corrected = [], [], []
    for _ in range(300):
        values = torch.randn(80, generator=generator)
        orders = torch.rand(25, 80, generator=generator).argsort(dim=1)
        old, new = values[orders[:, :60]], values[orders[:, 60:]]
        line, other = old.mean(dim=1, keepdim=True), old.median(dim=1, keepdim=True)
        off = [(new - guess).abs().mean(dim=1) for guess in (line, other.values)]
        gain = off[0] - off[1]
        means.append(gain.mean().item())
        naive.append((gain.std() / 5).item())
        corrected.append((gain.std() * math.sqrt(1 / 25 + 20 / 60)).item())
    true = torch.tensor(means).std().item()
    assert sum(naive) / 300 < 0.6 * true
    assert 0.7 * true < sum(corrected) / 300 < 2 * true


@claims("08", "No difference shown is not equality")
def test_a_difference_that_is_not_shown_may_be_there():
    gains = 10 + 100 * torch.randn(
        1_000, 68, generator=torch.Generator().manual_seed(0)
    )
    error_bar = 2 * gains.std(dim=1) / math.sqrt(68)
    hidden = (gains.mean(dim=1).abs() < error_bar).float().mean()
    assert hidden > 0.7


@claims("08", "makes float64 the default for everything that comes after it")
def test_the_default_dtype_is_a_switch_for_all_that_comes_after():
    def made_elsewhere():
        return nn.Linear(1, 1).weight.dtype

    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        assert made_elsewhere() == torch.float64
    finally:
        torch.set_default_dtype(before)
    assert made_elsewhere() == before


@claims("08", "Call `eval()` before you export, or dropout stays in for good")
def test_dropout_stays_in_what_is_exported_without_eval():
    model, X = nn.Dropout(0.5), torch.ones(100)
    assert (torch.export.export(model.train(), (X,)).module()(X) == 0).any()
    assert (torch.export.export(model.eval(), (X,)).module()(X) == X).all()
