"""What lesson 09 claims, against exact answers and beyond its own example."""

import ast
import itertools
import math
import re

import pytest
import torch
from torch import nn

from lessons import NOTEBOOKS, ROOT, before_exercises, claims
from linreg.tables import read_rows, standardize

COLUMNS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
KINDS = ["Adelie", "Chinstrap", "Gentoo"]
ROWS = read_rows(ROOT / "notebooks" / "data" / "penguins.csv", ["species", *COLUMNS])
TABLE = torch.tensor([[float(v) for v in row[1:]] for row in ROWS], dtype=torch.float64)
y = torch.tensor([KINDS.index(row[0]) for row in ROWS])
loss_fn = nn.CrossEntropyLoss()
CODE = [c.source for c in before_exercises(NOTEBOOKS[9]) if c.cell_type == "code"]


def taught(*names: str) -> dict:
    """Return these functions as the lesson defines them."""
    found = {"torch": torch, "nn": nn, "y": y, "kinds": KINDS, "loss_fn": loss_fn}
    for name in names:
        (cell,) = (source for source in CODE if f"def {name}(" in source)
        (definition,) = (
            n for n in ast.parse(cell).body if getattr(n, "name", "") == name
        )
        exec(ast.unparse(definition), found)
    return found


LESSON = taught("cut_by_kind", "fit")
cut_by_kind, fit = LESSON["cut_by_kind"], LESSON["fit"]


def parts(seed: int) -> list[torch.Tensor]:
    """Return test, validation and training birds of a split as in the lesson."""
    torch.manual_seed(seed)
    return cut_by_kind(torch.arange(len(y)), [0.2, 0.4])


def measures(n_columns: int, *birds: torch.Tensor) -> list[torch.Tensor]:
    """Return standardized float32 columns, as the lesson has them."""
    return [Z.float() for Z in standardize(*(TABLE[b, :n_columns] for b in birds))]


def slope(Z: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the slope of the mean cross-entropy, by hand: shares minus one-hot."""
    raised = (Z @ weights.T - (Z @ weights.T).amax(dim=1, keepdim=True)).exp()
    shares = raised / raised.sum(dim=1, keepdim=True)
    return (shares - nn.functional.one_hot(labels, 3)).T @ Z / len(Z)


def with_ones(Z: torch.Tensor) -> torch.Tensor:
    """Return a table in float64, with a last column of ones for the bias."""
    return torch.cat([Z, torch.ones_like(Z[:, :1])], dim=1).double()


def newton(Z, labels, decay=0.0, steps=40) -> torch.Tensor:
    """Return the exact weights, bias last, in float64, by Newton's method.

    Only differences between the scores of a bird count, so the first class is held at
    zero, where no decay settles it. Each step is halved until it helps. Source: Hastie,
    Tibshirani and Friedman, "The Elements of Statistical Learning", 4.4.1.
    """
    Z = with_ones(Z)
    n, d = Z.shape
    free = slice(0 if decay else d, None)
    weights, one = torch.zeros(3, d, dtype=torch.float64), torch.eye(3 * d).double()

    def value(weights):
        scores = Z @ weights.T
        surprise = scores.logsumexp(dim=1) - scores[torch.arange(n), labels]
        return surprise.mean() + decay / 2 * weights.square().sum()

    for _ in range(steps):
        shares = (Z @ weights.T).softmax(dim=1)
        mixed = torch.diag_embed(shares) - shares.unsqueeze(2) * shares.unsqueeze(1)
        curve = torch.einsum("nij,na,nb->iajb", mixed, Z, Z).reshape(3 * d, 3 * d) / n
        down = (slope(Z, labels, weights) + decay * weights).flatten()
        step, length = torch.zeros(3 * d, dtype=torch.float64), 1.0
        curve = (curve + decay * one)[free, free]
        step[free] = torch.linalg.solve(curve, down[free])
        step = step.view(3, d)
        while length > 1e-9 and value(weights - length * step) > value(weights) + 1e-14:
            length /= 2
        weights = weights - length * step
    return weights


def centred(model: nn.Linear) -> torch.Tensor:
    """Return weights and biases of a model, with the first class at zero."""
    both = torch.cat([model.weight, model.bias.unsqueeze(1)], dim=1).detach()
    return both - both[0]


def trained(Z, labels, decay=0.0, seed=0, steps=300) -> nn.Linear:
    """Train a model with LBFGS and autograd, as far as it goes in so many steps."""
    torch.manual_seed(seed)
    model = nn.Linear(Z.shape[1], 3, dtype=torch.float64)
    settings = {"line_search_fn": "strong_wolfe", "max_iter": steps}
    settings |= {"tolerance_grad": 1e-12, "tolerance_change": 0, "history_size": 20}
    optimizer = torch.optim.LBFGS(model.parameters(), **settings)

    def closure():
        optimizer.zero_grad()
        pull = sum(p.square().sum() for p in model.parameters())
        loss = loss_fn(model(Z.double()), labels) + decay / 2 * pull
        loss.backward()
        return loss

    optimizer.step(closure)
    return model


@claims("09", "so there is a lowest loss", "training comes nearer and nearer to it")
@pytest.mark.parametrize("birds", ["all", "the lesson's training birds"])
def test_with_two_measurements_training_finds_the_exact_weights_to_six_digits(birds):
    chosen = torch.arange(len(y)) if birds == "all" else parts(3)[2]
    (Z,), labels = standardize(TABLE[chosen, :2]), y[chosen]
    exact = newton(Z, labels)
    assert slope(with_ones(Z), labels, exact).abs().max() < 1e-12
    for seed in (0, 1):
        found = centred(trained(Z, labels, seed=seed))
        assert ((found - exact)[1:] / exact[1:]).abs().max() < 1e-6


@claims("09", "a lowest loss, with weights of some size")
def test_scikit_learn_finds_them_too():
    from sklearn.linear_model import LogisticRegression  # slow, for this test only

    (Z,) = standardize(TABLE[:, :2])
    settings = {"C": math.inf, "tol": 1e-12, "max_iter": 10_000}
    other = LogisticRegression(solver="newton-cg", **settings).fit(Z.numpy(), y.numpy())
    weights = torch.from_numpy(other.coef_ - other.coef_[0])
    exact = newton(Z, y)[:, :2]
    assert ((weights - exact)[1:] / exact[1:]).abs().max() < 1e-6


@claims("09", "Here it does well", "the slopes fade as the shares come right")
def test_at_rate_1_slopes_fade_on_standardized_features_and_not_on_raw_ones():
    for seed in range(5):
        _, _, train = parts(seed)
        (Z,), raw = measures(2, train), TABLE[train, :2].float()
        for X, fades in [(Z, True), (raw, False)]:
            torch.manual_seed(seed)
            model, slopes = nn.Linear(2, 3), []
            for _ in range(2):
                loss_fn(model(X), y[train]).backward()
                slopes.append(model.weight.grad.norm())
                losses = fit(model, X, y[train])
            falls = all(b < a for a, b in itertools.pairwise(losses))
            assert falls == fades and (slopes[1] < slopes[0] / 20) == fades


@claims("09", "a learning rate of 1 leapt across the valley. Here it does well")
def test_the_lessons_own_training_is_on_its_way_there():
    _, validation, train = parts(3)
    Z, X_val = measures(2, train, validation)
    exact = newton(Z, y[train])
    best = loss_fn(Z.double() @ exact[:, :2].T + exact[:, 2], y[train]).item()
    torch.manual_seed(37)
    losses = fit(nn.Linear(2, 3), Z, y[train])
    assert best < losses[-1] < best + 0.03
    assert all(after < before for before, after in itertools.pairwise(losses))
    names = (X_val.double() @ exact[:, :2].T + exact[:, 2]).argmax(dim=1)
    assert (names == y[validation]).float().mean() > 0.9


@claims("09", "to the power of each score", "Then it divides by their sum")
@claims("09", "Only differences between scores count")
@claims("09", "It is the three shares, minus 1 at the right species")
def test_softmax_cross_entropy_and_its_slope_are_what_the_lesson_says():
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        scores = 5 * torch.randn(20, 3, generator=generator, dtype=torch.float64)
        labels = torch.randint(3, (20,), generator=generator)
        shares = [[math.exp(s) for s in row] for row in scores.tolist()]
        shares = [[part / sum(row) for part in row] for row in shares]
        by_hand = torch.tensor(shares, dtype=torch.float64)
        assert torch.allclose(scores.softmax(dim=1), by_hand, rtol=1e-12, atol=0)
        added = (scores + 5).softmax(dim=1)
        assert torch.allclose(added, by_hand, rtol=1e-12, atol=0)
        pairs = zip(shares, labels.tolist(), strict=True)
        surprise = sum(-math.log(row[label]) for row, label in pairs) / 20
        scores.requires_grad_()
        loss = loss_fn(scores, labels)
        assert loss.item() == pytest.approx(surprise, rel=1e-12)
        loss.backward()
        expected = (by_hand - nn.functional.one_hot(labels, 3)) / 20
        assert torch.allclose(scores.grad, expected, atol=1e-14)


@claims("09", "Only differences count, so with two kinds a single score is enough")
def test_two_scores_and_one_score_are_the_same_loss():
    generator = torch.Generator().manual_seed(0)
    scores = 3 * torch.randn(50, 2, generator=generator, dtype=torch.float64)
    labels = torch.randint(2, (50,), generator=generator)
    ahead = scores[:, 1] - scores[:, 0]
    one = nn.BCEWithLogitsLoss()(ahead, labels.double())
    assert one.item() == pytest.approx(loss_fn(scores, labels).item(), rel=1e-12)


@claims("09", "with four measurements, straight borders can part the species")
@claims("09", "some birds are on the wrong side of any straight border")
def test_four_measurements_tell_all_the_species_apart_and_two_do_not():
    for n_columns, fewest in [(4, 0), (2, 5)]:
        (Z,) = standardize(TABLE[:, :n_columns])
        wrong = (trained(Z, y, steps=60)(Z).argmax(dim=1) != y).sum()
        assert wrong == 0 if fewest == 0 else wrong > fewest


@claims("09", "double all weights and biases, and every border stays where it is")
@claims("09", "the loss falls, towards a zero that no weights reach")
def test_then_doubled_weights_change_no_name_and_lower_the_loss_towards_zero():
    (Z,) = standardize(TABLE)
    scores = trained(Z, y, steps=60)(Z).detach()
    assert (scores.argmax(dim=1) == y).all()
    scores = scores / scores.abs().max()  # back to small weights, with the same names
    losses = [loss_fn(2**n * scores, y).item() for n in range(16)]
    pairs = itertools.pairwise(losses)
    assert all(after < before or after < 1e-9 for before, after in pairs)
    assert losses[0] > 0.3 and losses[-1] < 1e-6


@claims("09", "training has no end", "From 100 to 500 epochs, hardly anything moves")
@pytest.mark.slow
def test_without_decay_weights_grow_and_with_it_they_arrive_at_the_exact_ones():
    for seed in (0, 1):
        _, _, train = parts(seed)
        (Z,) = measures(4, train)
        torch.manual_seed(seed)
        free, held = nn.Linear(4, 3), nn.Linear(4, 3)
        largest = []
        for epochs in (60, 540):
            fit(free, Z, y[train], epochs)
            fit(held, Z, y[train], epochs, weight_decay=0.01)
            largest.append([m.weight.abs().max().item() for m in (free, held)])
        (free_then, held_then), (free_now, held_now) = largest
        assert 1.6 < free_now / free_then < 2.6
        assert held_now / held_then < 1.1
        exact = newton(Z, y[train], decay=0.01)
        assert (held.weight - exact[:, :4]).abs().max() < 1e-3
        found = trained(Z, y[train], decay=0.01)
        both = torch.cat([found.weight, found.bias.unsqueeze(1)], dim=1)
        assert torch.allclose(both, exact, rtol=1e-6, atol=1e-8)


@claims("09", "a border between two species makes no mistake among the training birds")
@pytest.mark.slow
def test_two_measurements_have_no_end_either_where_a_border_makes_no_mistake():
    _, _, train = parts(42)
    (Z,), labels = standardize(TABLE[train, :2]), y[train]
    model = trained(Z, labels)
    assert model.weight.abs().max() > 300
    assert (model(Z).argmax(dim=1) != labels).any()  # other borders make some
    finite = 0
    for seed in range(8):
        _, _, train = parts(seed)
        (Z,) = standardize(TABLE[train, :2])
        finite += trained(Z, y[train]).weight.abs().max() < 100
    assert finite >= 7


@claims(
    "09",
    "whole numbers, of type `int64`",
    "PyTorch's loss refuses a float for each bird",
)
def test_class_numbers_are_int64_and_floats_are_refused():
    scores = torch.zeros(3, 3)
    for labels in (torch.ones(3), torch.ones(3, dtype=torch.int32)):
        with pytest.raises(RuntimeError, match="Long"):
            loss_fn(scores, labels)
    assert loss_fn(scores, torch.tensor([0, 1, 2])).item() == pytest.approx(math.log(3))


@claims("09", "a random part may get too few of them by chance")
@claims("09", "cuts each species by itself, so that its share is nearly the same")
def test_a_stratified_split_keeps_the_shares_and_a_random_one_may_not():
    whole = (y == 1).float().mean()
    random_off = []
    for seed in range(50):
        torch.manual_seed(seed)
        cuts = cut_by_kind(torch.arange(len(y)), [0.2, 0.4])
        assert sorted(torch.cat(cuts).tolist()) == list(range(len(y)))
        for birds in cuts:
            assert abs((y[birds] == 1).float().mean() - whole) < 0.01
        random_off.append((y[torch.randperm(len(y))[:68]] == 1).float().mean() - whole)
    assert min(random_off) < -0.06


@claims("09", "have a loss near ln 3", "such as features that nobody standardized")
def test_an_untrained_loss_is_near_the_logarithm_and_far_off_on_raw_features():
    _, _, train = parts(3)
    (Z,) = measures(2, train)
    near, raw = [], []
    for seed in range(200):
        torch.manual_seed(seed)
        model = nn.Linear(2, 3)
        near.append(loss_fn(model(Z), y[train]).item())
        raw.append(loss_fn(model(TABLE[train, :2].float()), y[train]).item())
    near, raw = torch.tensor(near), torch.tensor(raw)
    assert 0.7 * math.log(3) < near.median() < 1.3 * math.log(3)
    assert near.max() < 2.5 * math.log(3)
    assert raw.median() > 5 * math.log(3)


@claims("09", "move by a hair, and most likely no bird lies under the hair")
def test_a_nudge_changes_the_loss_and_hardly_ever_the_accuracy():
    _, _, train = parts(3)
    (Z,), still = measures(2, train), 0
    Z = Z.double()
    for seed in range(50):
        torch.manual_seed(seed)
        model = nn.Linear(2, 3).double()
        before = model(Z)
        with torch.no_grad():
            model.weight[0, 0] += 0.0001
        after = model(Z)
        assert loss_fn(after, y[train]) != loss_fn(before, y[train])
        still += (after.argmax(dim=1) == before.argmax(dim=1)).all()
    assert still > 40


@claims("09", "even shares of 1, 0 and 0 are only scores to the second softmax")
@claims("09", "The names may be good all the same")
@pytest.mark.slow
def test_softmax_twice_stays_above_its_floor_and_may_name_as_well():
    floor = -math.log(math.e / (math.e + 2))
    for seed in range(5):
        _, validation, train = parts(seed)
        Z, X_val = measures(2, train, validation)
        torch.manual_seed(seed)
        doubled = nn.Sequential(nn.Linear(2, 3), nn.Softmax(dim=1))
        losses = fit(doubled, Z, y[train])
        assert min(losses) > floor and losses[-1] < 0.7
        assert (doubled(X_val).argmax(dim=1) == y[validation]).float().mean() > 0.85
        torch.manual_seed(seed)
        once = fit(nn.Linear(2, 3), Z, y[train])
        assert once[-1] < 0.2 and once[20] < losses[-1]


@claims("09", "Why are the borders straight? Along a border, two scores are equal")
def test_the_areas_of_straight_borders_hold_what_lies_between_two_of_their_places():
    generator = torch.Generator().manual_seed(0)
    for seed in range(5):
        torch.manual_seed(seed)
        model = nn.Linear(2, 3)
        one, other = 6 * torch.rand(2, 500, 2, generator=generator) - 3
        names = [model(X).argmax(dim=1) for X in (one, other, (one + other) / 2)]
        same = names[0] == names[1]
        assert same.sum() > 100 and (names[2][same] == names[0][same]).all()


@claims("09", "No gain is shown, so by our rule the borders stay straight")
@pytest.mark.slow
def test_a_hidden_layer_hardly_ever_shows_a_gain_on_other_splits():
    n_new, n_old, shown = 0, 0, []
    for start in (1, 3, 100):
        _, validation, train = parts(start)
        known, gains = torch.cat([validation, train]), []
        for seed in range(start, start + 8):
            torch.manual_seed(seed)
            new, old = cut_by_kind(known, [0.25])
            n_new, n_old = len(new), len(old)
            Z, X_new = measures(2, old, new)
            network = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
            losses = []
            for model in (nn.Linear(2, 3), network):
                fit(model, Z, y[old])
                losses.append(loss_fn(model(X_new), y[new]).item())
            gains.append(losses[0] - losses[1])
        gains = torch.tensor(gains)
        bar = 2 * gains.std() * math.sqrt(1 / len(gains) + n_new / n_old)
        shown.append(bool(gains.mean() > bar))
    assert sum(shown) <= 1  # the bar is for 19 times in 20


@claims("09", "these birds give no reason to mistrust the shares")
@pytest.mark.slow
def test_the_shares_are_no_further_off_than_chance_allows_most_of_the_time():
    within = []
    for seed in range(3):
        torch.manual_seed(seed)
        sure, hits = [], []
        folds = cut_by_kind(torch.arange(len(y)), [0.2, 0.4, 0.6, 0.8])
        for number, new in enumerate(folds):
            old = torch.cat(folds[:number] + folds[number + 1 :])
            Z, X_new = measures(2, old, new)
            model = nn.Linear(2, 3)
            fit(model, Z, y[old])
            highest = model(X_new).softmax(dim=1).max(dim=1)
            sure.append(highest.values.detach())
            hits.append(highest.indices == y[new])
        sure, hits = torch.cat(sure), torch.cat(hits).float()
        for low, high in [(0.0, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.01)]:
            said = sure[(sure >= low) & (sure < high)]
            right = hits[(sure >= low) & (sure < high)].mean()
            chance = 2 * (said * (1 - said)).sum().sqrt() / len(said)
            within.append(bool((said.mean() - right).abs() < chance))
    assert sum(within) >= 10  # of 12


@claims("09", "would look as good about once in twenty tries")
@claims("09", "the true rate may be as high as about 3 / n")
def test_three_mistakes_in_n_cases_stay_unseen_about_once_in_twenty_tries():
    for n in (30, 69, 1_000):
        assert (1 - 3 / n) ** n == pytest.approx(0.05, abs=0.01)


@claims("09", "## The test, once", "Now name the test birds")
def test_the_test_birds_are_named_once_and_after_all_choices():
    uses = [i for i, s in enumerate(CODE) if re.search(r"Z_test\)|y\[test\]", s)]
    assert len(uses) == 1
    assert not any("weight_decay in" in source for source in CODE[uses[0] :])


@claims("08", "so that a prediction does not depend on the other rows")
@claims("09", "a 1 becomes -0.93 here, and something else in other company")
@claims("09", "to 0.3 with the first one, and to almost 3 with 50 more")
def test_batch_normalization_uses_the_batch_then_what_it_kept():
    batch = torch.tensor([[1.0], [2.0], [6.0]])
    layer = nn.BatchNorm1d(1)
    (first, *_), (_, other_one) = layer(batch), (batch[:1], layer(batch[[0, 1]])[0])
    assert first.item() == pytest.approx((1 - 3) / math.sqrt(14 / 3), abs=1e-3)
    assert abs(first.item() - other_one.item()) > 0.05  # in other company
    layer = nn.BatchNorm1d(1)
    layer(batch)
    assert layer.running_mean.item() == pytest.approx(0.1 * 3)
    assert layer.running_var.item() == pytest.approx(0.9 + 0.1 * 14 / 2)
    for _ in range(50):
        layer(batch)
    assert layer.running_mean.item() == pytest.approx(3, rel=0.01)
    assert layer.eval()(batch)[0].item() == layer(batch[:1])[0].item()


@claims("09", "`programs/recipe.py`, does all of this")
@claims("09", "The cell prints no more than that on purpose")
def test_no_device_is_named_and_the_recipe_does_the_same():
    recipe = (ROOT / "notebooks" / "programs" / "recipe.py").read_text()
    (loop,) = (source for source in CODE if "accelerator" in source)
    for part in (".to(device)", "torch.accelerator.current_accelerator("):
        assert part in recipe and part in loop
    assert "map_location=device" in recipe
    assert not re.search(r"print\(.*device", loop)
    assert any('map_location="cpu"' in source for source in CODE)
