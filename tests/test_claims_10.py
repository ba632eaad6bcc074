"""What lesson 10 claims, tried beyond its own example."""

import ast
import builtins
import copy
import itertools
import math
import re
import warnings
import weakref

import pytest
import torch
from torch import nn

from diagnosis import diagnose
from lessons import NOTEBOOKS, claims, read
from linreg import LinearRegressionModel as Line
from linreg.tables import standardize

L1, MSE = nn.L1Loss(), nn.MSELoss()


def points(n, noise=0.0, seed=0, dtype=torch.float32):
    """Return X and y of the line 0.7 * X + 0.3, of shape (n, 1)."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.rand(n, 1, generator=generator, dtype=dtype)
    scatter = torch.randn(n, 1, generator=generator, dtype=dtype)
    return X, 0.7 * X + 0.3 + noise * scatter


def line(seed=37):
    torch.manual_seed(seed)
    return Line()


def network(seed=37, dropout=0.0):
    torch.manual_seed(seed)
    bend = nn.ReLU(), nn.Dropout(dropout)
    return nn.Sequential(nn.Linear(1, 50), *bend, nn.Linear(50, 1))


def sgd(model, lr=0.01):
    return torch.optim.SGD(model.parameters(), lr=lr)


def fit(model, optimizer, X, y, loss_fn=MSE, epochs=1_000, clear=True):
    """Return the losses, each before its step."""
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(X), y)
        if clear:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def rises(losses):
    """Return how many of the last 100 losses are above the one before them."""
    last = losses[-101:]
    return sum(new > 1.001 * old for old, new in itertools.pairwise(last))


def cases():
    """Return the code of the first two cells of lesson 10, and of each case."""
    code = {"first": ""}
    case, n_cells = "first", 0
    for cell in read(NOTEBOOKS[10]).cells:
        if cell.cell_type == "markdown":
            if "\n## Habits" in "\n" + cell.source:
                break
            found = re.findall(r"^### (\d+) ", cell.source, re.MULTILINE)
            case = found[-1] if found else case
        else:
            code[case] = code.get(case, "") + cell.source + "\n"
            n_cells += case == "first"
    assert n_cells == 2 and len(code) == 22
    return code


@claims("10", "Run the first two code cells", "go straight to that case")
def test_each_case_needs_only_its_own_names_and_those_of_the_first_cells():
    known = {}
    for case, source in cases().items():
        nodes = list(ast.walk(ast.parse(source)))
        named = [node for node in nodes if isinstance(node, ast.Name)]
        made = {node.id for node in named if isinstance(node.ctx, ast.Store)}
        made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        made |= {node.name for node in nodes if hasattr(node, "name")}
        made |= {
            alias.asname or alias.name
            for node in nodes
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        known = known or made | {*dir(builtins), "plt"}
        assert {node.id for node in named} <= made | known, case


@claims("10", "training goes on in that mode, silently without dropout")
def test_a_wrong_mode_does_not_stop_the_loss():
    X, y = points(80)
    model = network(dropout=0.5).eval()
    losses = fit(model, sgd(model, 0.1), X, y, epochs=100)
    assert losses[-1] < 0.01 * losses[0]


@claims("10", "Other losses bounce, too, when the learning rate is too high")
def test_a_learning_rate_that_is_too_high_makes_other_losses_bounce():
    for noise in (0.0, 0.1):
        X, y = points(80, noise)
        counts = []
        for lr in (0.1, 3.0):
            model = line()
            losses = fit(model, sgd(model, lr), X, y, nn.HuberLoss(), epochs=150)
            counts.append(rises(losses))
        assert counts[0] == 0 and counts[1] > 20


@claims("10", "or on mini-batches, each with a slope of its own")
def test_mini_batches_bounce_where_all_rows_at_once_do_not():
    X, y = points(80, noise=0.1)
    counts = []
    for size in (80, 8):
        generator = torch.Generator().manual_seed(0)
        model, losses = nn.Linear(1, 1), []
        for _ in range(110):
            for rows in torch.randperm(80, generator=generator).split(size):
                fit(model, sgd(model, 0.3), X[rows], y[rows], epochs=1)
            losses.append(MSE(model(X), y).item())
        counts.append(rises(losses))
    assert counts[0] == 0 and counts[1] > 20


@claims("10", "This loss warns, once, somewhere among your other output")
def test_a_loss_of_pytorch_warns_about_shapes_and_a_subtraction_does_not():
    row, column = torch.ones(4), torch.ones(4, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (row - column).abs().mean() == 0
        for loss_fn in (L1, MSE):
            with pytest.raises(UserWarning, match="target size"):
                loss_fn(row, column)


def last_slopes(noise, n):
    X, y = points(n, noise, dtype=torch.float64)
    model = line().double()
    with torch.no_grad():
        model.weight.fill_(0.6)  # near the goal
    fit(model, sgd(model, 0.1), X, y, L1, epochs=200)
    losses = fit(model, sgd(model), X, y, L1, epochs=200)
    slopes = []
    for _ in range(2):
        fit(model, sgd(model), X, y, L1, epochs=1)
        slopes.append(model.bias.grad.item())
    return slopes, abs(losses[-1] - losses[-2])


@claims("10", "On exact labels, all signs", "flip together near the goal")
@claims("10", "about as many points lie above the line as below: the slope fades")
@pytest.mark.parametrize("n", [80, 2_000])
def test_a_fixed_step_leaps_on_exact_labels_and_settles_on_noisy_ones(n):
    (first, second), jump = last_slopes(0, n)
    assert first * second == pytest.approx(-1) and jump > 1e-4  # all signs flip
    slopes, jump = last_slopes(0.1, n)
    assert max(map(abs, slopes)) < 0.05 and jump < 1e-5


@claims("10", "once a parameter is NaN, no step brings it back")
def test_a_loss_that_is_not_finite_can_pass_and_a_parameter_that_is_nan_cannot():
    X, y = points(20)
    spoiled = y.clone()
    spoiled[0] = math.inf
    model = line()
    assert fit(model, sgd(model), X, spoiled, L1, epochs=3)[-1] == math.inf
    assert math.isfinite(fit(model, sgd(model), X, y, L1, epochs=1)[0])
    with torch.no_grad():
        model.bias.fill_(math.nan)
    assert math.isnan(fit(model, sgd(model), X, y, epochs=5)[-1])


@claims("10", "so the gradient is about a million times as large")
def test_millimetres_make_the_first_gradient_a_million_times_as_large():
    X, y = points(80)
    ratios = []
    for seed in range(40):
        slopes = []
        for scale in (1, 1_000):
            model = line(seed)
            fit(model, sgd(model, 0.0), scale * X, y, epochs=1)
            slopes.append(abs(model.weight.grad.item()))
        ratios.append(slopes[1] / slopes[0])
    assert ratios[37] > 1e6  # the start of the lesson
    assert 2e5 < sorted(ratios)[20] < 5e6


@claims("10", "Look for a sigmoid in your network", "longer steps do not free it")
def test_larger_steps_do_not_free_a_sigmoid_that_is_stuck():
    X, y = points(80)
    (Z,) = standardize(X)
    assert torch.linalg.cond(torch.cat([Z, torch.ones_like(Z)], dim=1)) < 1.1
    ends = []
    for bias in (1.0, 10.0):
        for lr in (0.1, 10.0):
            model = nn.Sequential(network(), nn.Sigmoid())
            with torch.no_grad():
                model[0][-1].bias.fill_(bias)
            losses = fit(model, sgd(model, lr), Z, y, epochs=50)
            ends.append(losses[-1] / losses[0])
    free_small, free_large, stuck_small, stuck_large = ends
    assert free_large < 0.5 * free_small
    assert min(stuck_small, stuck_large) > 0.99


@claims("10", "short enough for the steep sides of the valley hardly move along it")
def test_steps_short_enough_for_the_steep_side_hardly_move_along_the_valley():
    X, y = points(80)
    ends = []
    for feature in (2_000 + 20 * X, *standardize(2_000 + 20 * X)):
        table = torch.cat([feature, torch.ones_like(feature)], dim=1).double()
        steepest = 2 * torch.linalg.matrix_norm(table, 2).item() ** 2 / len(X)
        model = line().double()
        optimizer = sgd(model, 1.0 / steepest)
        losses = fit(model, optimizer, feature.double(), y.double(), epochs=300)
        ends.append((losses[10], losses[-1]))
    (early, late), (_, scaled) = ends
    assert late > 0.99 * early > 0.01 and scaled < 1e-6


@claims("10", "like a ball that never loses speed")
@claims("10", "it is left over from the step before, and `backward()` adds to it")
def test_gradients_that_pile_up_swing_in_training_and_double_on_one_batch():
    for noise in (0.0, 0.1):
        X, y = points(80, noise)
        model, norms = line(), []
        optimizer = sgd(model)
        for _ in range(400):
            fit(model, optimizer, X, y, L1, epochs=1, clear=False)
            norms.append(math.hypot(model.weight.grad, model.bias.grad))
        falls = sum(b < a for a, b in itertools.pairwise(norms))
        assert 0.3 < falls / 399 < 0.7
        model, slopes = line(), []
        for _ in range(2):
            L1(model(X), y).backward()
            slopes.append(model.weight.grad.item())
        assert slopes[1] == pytest.approx(2 * slopes[0])


@claims("10", "layers in a plain Python list are invisible to `parameters()`")
def test_layers_in_a_list_are_invisible_and_in_a_module_list_are_not():
    for listed, seen in ((list, 2), (nn.ModuleList, 4)):
        model = nn.Module()
        model.hidden, model.out = listed([nn.Linear(1, 4)]), nn.Linear(4, 1)
        assert len(list(model.parameters())) == len(model.state_dict()) == seen
        assert (model.double().hidden[0].weight.dtype == torch.float64) == (seen == 4)


@claims("10", "after 5 steps, more than half of each average", "Cure: more steps")
def test_batchnorm_is_far_worse_in_evaluation_at_first_and_not_later():
    for seed, noise in ((37, 0.0), (1, 0.1), (2, 0.0)):
        X, y = points(80, noise)
        torch.manual_seed(seed)
        layers = nn.Linear(1, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Linear(50, 1)
        model, ratios = nn.Sequential(*layers), []
        for epochs in (5, 45):
            training = fit(model, sgd(model), 1_000 * X, y, epochs=epochs)[-1]
            model.eval()
            ratios.append(MSE(model(1_000 * X), y).item() / training)
            model.train()
        assert ratios[0] > 2 and 0.9 < ratios[1] < 1.1
    assert (1 - nn.BatchNorm1d(1).momentum) ** 5 > 0.5


def errors(X, y, X_new, y_new):
    return (y[torch.cdist(X_new, X).argmin(dim=1)] - y_new).abs()


@claims("10", "the model is worse than saying 0, since each error is the difference")
def test_the_nearest_row_of_chance_is_worse_than_0_and_twelve_rows_do_not_show_it():
    shown = {60: 0, 2_000: 0}
    for n in shown:
        for seed in range(20):
            generator = torch.Generator().manual_seed(seed)
            X = torch.randn(n, 4, generator=generator)
            y = torch.randn(n, 1, generator=generator)
            old = n * 4 // 5
            off = errors(X[:old], y[:old], X[old:], y[old:])
            worse = off - y[old:].abs()
            shown[n] += (worse.mean() > 2 * worse.std() / math.sqrt(n - old)).item()
    assert shown[2_000] == 20 and shown[60] < 15


@claims("10", "the split put most copies of test rows into training")
def test_most_and_not_all_copies_of_test_rows_are_in_training():
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(4_000, generator=generator)
        twice = torch.arange(2_000).repeat(2)[order]
        known = torch.isin(twice[3_200:], twice[:3_200]).float().mean()
        assert 0.7 < known < 0.9


@claims("10", "With the scale of all rows, the training rows no longer lie around 0")
def test_the_scale_of_all_rows_moves_the_training_rows_off_0():
    uniform = torch.rand(100, generator=torch.Generator().manual_seed(0)).double()
    for values in (uniform, -uniform.log(), uniform**4):
        rows = values.sort().values
        means = [(rows[:80].mean() - k.mean()) / k.std() for k in (rows[:80], rows)]
        assert means[0].abs() < 1e-9 and means[1] < -0.2


@claims("10", "to add up in each step, use `loss.detach()`, which stays on the device")
@claims("12", "without waiting for a GPU. `.item()` waits")
def test_detach_adds_up_without_a_record_and_item_gives_a_number():
    X, y = points(8)
    loss = L1(line()(X), y)
    total = sum(loss.detach() for _ in range(3))
    assert total.grad_fn is None and total.device == loss.device
    assert type(loss.item()) is float


class Saved:
    """What is saved for `backward()`, until nobody needs it any more."""

    def __init__(self, tensor):
        self.tensor = tensor


@claims("10", "The sum holds on to the notes of each loss", "that `backward()` would")
def test_a_sum_of_losses_keeps_what_each_needs_and_a_detached_one_does_not():
    X, y = points(8)
    for kept, added in ((True, lambda loss: loss), (False, lambda loss: loss.detach())):
        saved, total, counts = weakref.WeakSet(), 0, []

        def pack(tensor, saved=saved):
            held = Saved(tensor.detach())
            saved.add(held)
            return held

        for _ in range(5):
            with torch.autograd.graph.saved_tensors_hooks(pack, lambda s: s.tensor):
                total = total + added(MSE(network()(X), y))
            counts.append(len(saved))
        assert counts == ([counts[0] * n for n in range(1, 6)] if kept else [0] * 5)
        assert counts[0] > 0 or not kept


@claims("10", "without its brackets it does nothing and does not complain")
def test_a_step_without_its_brackets_does_nothing_and_does_not_complain():
    X, y = points(20)
    model = line()
    optimizer, start = sgd(model), model.weight.item()
    MSE(model(X), y).backward()
    optimizer.step  # noqa: B018
    assert model.weight.item() == start
    optimizer.step()
    assert model.weight.item() != start


@claims("10", "soon the steps are too small to change a weight")
@pytest.mark.parametrize("kind", ["StepLR", "ExponentialLR"])
def test_a_scheduler_for_each_batch_shrinks_the_steps_to_nothing(kind):
    step = {"step_size": 10, "gamma": 0.1} if kind == "StepLR" else {"gamma": 0.8}
    X, y = points(80, noise=0.1)
    model = line()
    optimizer = sgd(model, 0.1)
    scheduler = getattr(torch.optim.lr_scheduler, kind)(optimizer, **step)
    for _ in range(30 * 5):
        fit(model, optimizer, X[:16], y[:16], epochs=1)
        scheduler.step()
    before = model.weight.item()
    fit(model, optimizer, X, y, epochs=1)
    assert model.weight.item() == before


@claims("10", "What is left is the last bias, which says the same to every row")
@pytest.mark.slow
def test_one_step_far_too_long_leaves_dead_units_and_equal_predictions():
    for seed, noise in ((37, 0.0), (0, 0.1), (2, 0.0)):
        X, y = points(80, noise)
        model = network(seed)
        fit(model, sgd(model, 100), X, y, epochs=1)
        loss = fit(model, sgd(model, 0.1), X, y, epochs=300)[-1]
        assert loss == pytest.approx(y.var(correction=0).item(), rel=0.01)
        assert torch.equal(model(X), model(X)[:1].expand(80, 1))
        assert not model[0].weight.grad.any()
        fresh = network(seed)
        assert fit(fresh, sgd(fresh, 0.1), X, y, epochs=300)[-1] < 0.5 * loss


@claims("10", "`nn.LeakyReLU` lets a little of the gradient through")
def test_a_leaky_relu_lets_a_gradient_through():
    X = -torch.ones(4, 1)
    for kind, passes in ((nn.ReLU, False), (nn.LeakyReLU, True)):
        layer = nn.Linear(1, 1)
        with torch.no_grad():
            layer.weight.fill_(1.0), layer.bias.zero_()
        kind()(layer(X)).sum().backward()
        assert bool(layer.weight.grad.any()) == passes


@claims("10", "layers in a row can say no more than one, however wide")
@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 3])
def test_layers_without_a_bend_end_at_the_best_line(depth):
    for seed, noise in ((0, 0.0), (1, 0.2)):
        X, _ = points(80, seed=seed)
        (Z,) = standardize(X)
        y = Z**2 + noise * torch.randn(80, 1, generator=torch.Generator())
        table = torch.cat([Z, torch.ones_like(Z)], dim=1)
        best = MSE(table @ torch.linalg.lstsq(table, y).solution, y).item()
        torch.manual_seed(seed)
        hidden = [nn.Linear(20, 20) for _ in range(depth - 2)]
        model = nn.Sequential(nn.Linear(1, 20), *hidden, nn.Linear(20, 1))
        assert fit(model, sgd(model, 0.05), Z, y, epochs=600)[-1] > 0.999 * best


@claims("10", "with no output above 1 the loss stays high above zero")
@claims("10", "so the loss is zero and nothing is learned")
@claims("10", "and the loss falls below zero, without end")
def test_what_losses_do_with_a_last_layer_that_does_not_fit():
    entropy, two = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
    for seed in (0, 1, 2):
        X, _ = points(80, seed=seed)
        (Z,), kinds = standardize(X), (X[:, 0] > 0.5).long()
        column = kinds[:, None].float()
        torch.manual_seed(seed)
        twice = nn.Sequential(nn.Linear(1, 2), nn.Softmax(dim=1))
        lowest = min(fit(twice, sgd(twice, 1.0), Z, kinds, entropy, 300))
        assert lowest > math.log(1 + math.exp(-1)) > 0.313
        one = nn.Linear(1, 1)
        assert set(fit(one, sgd(one), Z, column, entropy, 5)) == {0.0}
        assert not one.weight.grad.any()
        losses = fit(one, sgd(one, 1.0), Z, 1 + column, two, 400)
        assert 0 > losses[200] > losses[399]


@claims("10", "A logarithm of 0 and a division by 0 do the same")
@claims("10", "Cure: a small number inside the root or the logarithm")
@pytest.mark.parametrize("name", ["sqrt", "log", "reciprocal"])
def test_a_root_a_logarithm_and_a_division_spoil_the_gradient_at_0(name):
    function = getattr(torch, name)
    for extra, spoiled in ((0.0, True), (1e-8, False)):
        weight = torch.zeros(1, requires_grad=True)
        (function(weight * weight + extra)).sum().backward()
        assert bool(weight.grad.isnan()) == spoiled
    weight = torch.zeros(1, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torch.autograd.set_detect_anomaly(True), pytest.raises(RuntimeError):
            torch.sqrt(weight * weight).sum().backward()


@claims("10", "one step ruined it, because infinity times 0 is NaN")
def test_a_perfect_line_is_nan_after_one_step_of_a_root():
    for seed in (0, 37):
        X, _ = points(80, seed=seed)
        model = line(seed)
        y = model(X).detach()
        losses = fit(model, sgd(model), X, y, lambda p, y: MSE(p, y).sqrt(), 3)
        assert losses[0] == 0 and math.isnan(losses[1]) and math.isnan(losses[2])


@claims("10", "write `raised = raised + 1`, which makes a new tensor")
def test_adding_in_place_breaks_backward_and_a_new_tensor_does_not():
    X, _ = points(8)
    share = torch.sigmoid(line()(X))
    (share + 1).sum().backward(retain_graph=True)
    share += 1
    with pytest.raises(RuntimeError, match="inplace"):
        share.sum().backward()


@claims("10", "or noise that the model cannot follow")
def test_five_noisy_points_stop_a_healthy_line():
    for seed in (0, 1):
        X, noisy = points(5, noise=0.1, seed=seed)
        ends = []
        for y in (0.7 * X + 0.3, noisy):
            model = line()
            ends.append(fit(model, sgd(model, 0.3), X, y, epochs=300)[-1])
        assert ends[0] < 5e-4 < 1e-3 < ends[1]


@claims("10", "some layer may not be trained, and the mode may be wrong")
@pytest.mark.parametrize("trained", [slice(None), slice(-1, None)])
def test_five_points_pass_a_wrong_mode_and_a_network_with_a_layer_at_rest(trained):
    for seed in (0, 1):
        X, y = points(5, seed=seed)
        model = network(seed, dropout=0.5).eval()
        before = copy.deepcopy(model[0])
        losses = fit(model, sgd(model[trained], 0.03), X, y, epochs=300)
        assert losses[-1] < 1e-4
        rests = torch.equal(before.weight, model[0].weight)
        assert rests == (trained.start == -1)


@claims("10", "If it stays high, look for cases 1 to 4, 8 and 13 to 16")
def test_five_points_do_not_pass_what_the_lesson_lists():
    X, y = points(5)
    X, y = X.squeeze(1), y.squeeze(1)
    ends = []
    for labels, clear, elsewhere, held in [
        (y, True, True, False),  # cases 1 and 13: nothing moves
        (y, True, False, True),  # cases 2 and 3: the weight does not
        (y.unsqueeze(1), True, False, False),  # case 4
        (y, False, False, False),  # case 8
    ]:
        model = line()
        model.weight.requires_grad_(not held)
        optimizer = sgd(line() if elsewhere else model)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            losses = fit(model, optimizer, X, labels, L1, 300, clear)
        ends.append(sum(losses[-100:]) / 100)
    assert min(ends) > 0.02


SEEN: list[int] = []  # shared by all copies, as a counter or a log is


class Counting(Line):
    def forward(self, X):
        SEEN.append(len(X))
        return super().forward(X)


@claims("10", "and puts everything back that it can reach")
def test_diagnose_puts_back_what_a_model_shares():
    X, y = points(8)
    model = Counting()
    before, seen = copy.deepcopy(model.state_dict()), list(SEEN)
    assert diagnose(model, sgd(model), L1, X, y) == []
    assert seen == SEEN
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())
