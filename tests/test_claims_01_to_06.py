"""What lessons 01 to 06 claim, tried beyond their own example."""

import pickle
import zipfile

import pytest
import torch
from torch import nn

from lessons import ROOT, claims
from linreg import LinearRegressionModel, make_data, split

X, y, _, _ = split(*make_data())
X64, y64 = X.double(), y.double()
TABLE = torch.stack([X64, torch.ones_like(X64)], dim=1)
L1 = nn.L1Loss()


def noise(size: float, seed: int = 0) -> torch.Tensor:
    return size * torch.randn(80, generator=torch.Generator().manual_seed(seed))


def mae_gradient(places: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the slopes for weight and bias at places of shape (n, 2)."""
    signs = (places @ TABLE.float().T - labels).sign()
    return signs @ TABLE.float() / len(labels)


def descend(labels, epochs, start=(-0.54, 1.0), lr=0.01):
    """Return the gradients' lengths on the way down the mean absolute error."""
    place, lengths = torch.tensor([start]), []
    for _ in range(epochs):
        gradient = mae_gradient(place, labels)
        place = place - lr * gradient
        lengths.append(gradient.norm().item())
    return lengths


@claims("04", "so the last steps are the longest of all")
def test_on_exact_labels_the_last_steps_are_the_longest_and_never_shrink():
    lengths = descend(y, 2_000)
    assert lengths[-1] == max(lengths) > 4 * max(lengths[100:600])


@claims("04", "If the noise is large compared with a step, the jumps die down")
@pytest.mark.parametrize("seed", range(5))
def test_with_noise_a_fixed_step_comes_to_rest(seed):
    assert max(descend(y + noise(0.1, seed), 4_000)[-100:]) < 0.1


@claims("04", "**Zero the gradients**: forget", "`None` stands for no slope")
def test_zero_grad_leaves_none():
    model = nn.Linear(1, 1)
    model(torch.ones(1, 1)).sum().backward()
    torch.optim.SGD(model.parameters(), lr=1.0).zero_grad()
    assert model.weight.grad is None


@claims("05", "It is stored with pickle, too.", "names or shapes differ")
@claims("05", "with the same names and shapes is taken, whatever it was trained for")
def test_a_state_dict_is_stored_with_pickle_and_taken_by_names_and_shapes(tmp_path):
    class Squares(LinearRegressionModel):
        def forward(self, X):
            return self.weight * X**2 + self.bias

    path = tmp_path / "line.pt"
    torch.save(LinearRegressionModel().state_dict(), path)
    with zipfile.ZipFile(path) as file:
        (stored,) = (name for name in file.namelist() if name.endswith("data.pkl"))
        assert file.read(stored)[:1] == pickle.PROTO
    state = torch.load(path, weights_only=True)
    Squares().load_state_dict(state)  # of another model, and no error
    with pytest.raises(RuntimeError, match="size mismatch"):
        nn.Linear(1, 1).load_state_dict(state)


@claims("05", "before 2.10, it could damage what the program holds in memory")
def test_the_pinned_pytorch_has_the_known_holes_of_weights_only_mended():
    (pin,) = [
        line.split("==")[1].split()[0]
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line.startswith("torch==")
    ]
    assert tuple(map(int, pin.split(".")[:2])) >= (2, 10)


@claims("06", "**subgradient**. PyTorch takes 0, and so do we")
def test_at_a_kink_pytorch_takes_the_slope_0():
    for function in (torch.abs, torch.relu):
        zero = torch.zeros(1, requires_grad=True)
        function(zero).backward()
        assert zero.grad == 0


def mse_walk(labels, lr, steps, batch=80):
    generator = torch.Generator().manual_seed(0)
    place, places = torch.tensor([-0.54, 1.0], dtype=torch.float64), []
    for _ in range(steps):
        rows = torch.randperm(80, generator=generator)[:batch]
        errors = TABLE[rows] @ place - labels[rows]
        place = place - lr * 2 * errors @ TABLE[rows] / batch
        places.append(place)
    return torch.stack(places)[-200:]


@claims("06", "if the learning rate is not too large", "steps that see all points")
def test_mse_settles_with_all_points_and_steps_that_are_not_too_long():
    limit = 2 / torch.linalg.eigvalsh(2 * TABLE.T @ TABLE / 80)[-1].item()
    for labels in (y64, y64 + noise(0.1)):
        best = torch.linalg.lstsq(TABLE, labels).solution
        found = mse_walk(labels, 0.98 * limit, 4_000)[-1]
        assert torch.allclose(found, best, atol=1e-4)
        assert not torch.allclose(mse_walk(labels, 1.05 * limit, 1_000)[-1], best)
    wander = mse_walk(labels, 0.1, 4_000, batch=16)[:, 0]
    assert wander.max() - wander.min() > 0.01


@claims("06", "It cannot explode, because signs do not grow")
@claims("06", "On exact labels, each walk with the MAE bounces in the end")
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.75, 0.9, 10.0])
def test_the_mae_bounces_on_exact_labels_and_never_explodes(rate):
    for labels, restless in ((y, True), (y + noise(0.1), rate > 0.5)):
        for start in [(-0.5, 0.4), (-0.54, 1.0), (2.0, -0.5)]:
            place, losses = torch.tensor([start]), []
            for _ in range(2_000):
                place = place - rate * mae_gradient(place, labels)
                losses.append((place @ TABLE.float().T - labels).abs().mean().item())
            assert max(losses) < 3 + 4 * rate
            rises = sum(losses[i] - losses[i - 1] > 0.0001 for i in range(-10, 0))
            assert (rises > 0) == restless


def best_by_pairs(X, y):
    i, j = torch.triu_indices(len(X), len(X), offset=1)
    weight = (y[j] - y[i]) / (X[j] - X[i])
    bias = y[i] - weight * X[i]
    losses = (weight.unsqueeze(1) * X + bias.unsqueeze(1) - y).abs().mean(dim=1)
    return weight[losses.argmin()].item()


@claims("06", "MAE is hardly moved by a few wrong labels")
@claims("06", "it works like a lever, and can turn the line of the MAE, too")
def test_mae_shrugs_at_a_wrong_label_and_not_at_a_wrong_feature():
    def with_one_more(x, label):
        return torch.cat([X, torch.tensor([x])]), torch.cat([y, torch.tensor([label])])

    assert best_by_pairs(*with_one_more(0.5, -60.0)) == pytest.approx(0.7, abs=1e-4)
    assert abs(best_by_pairs(*with_one_more(60.0, 0.3))) < 0.02


@claims("06", "It works for every model that is **linear in its parameters**")
def test_what_is_linear_in_its_parameters_has_an_exact_answer():
    table = torch.stack([X64**k for k in range(4)] + [(5 * X64).sin()], dim=1)
    true = torch.tensor([1.0, -2.0, 0.5, 3.0, -1.0], dtype=torch.float64)
    assert torch.allclose(torch.linalg.lstsq(table, table @ true).solution, true)


def first_within(optimizer, starts, lr, steps=700):
    """Return for each start the first step with a mean absolute error below 0.001."""
    place = starts.clone().requires_grad_()
    optimizer = optimizer([place], lr)
    first = torch.full((len(starts),), float(steps))
    for step in range(steps):
        near = (place @ TABLE.float().T - y).abs().mean(dim=1) < 1e-3
        first[near] = first[near].clamp(max=step)
        place.grad = mae_gradient(place.detach(), y)
        optimizer.step()
    return first


@claims("06", "arrives first depends on the start and on the learning rate")
def test_who_is_first_depends_on_the_start_and_the_learning_rate():
    def momentum(parameters, lr):
        return torch.optim.SGD(parameters, lr=lr, momentum=0.9)

    torch.manual_seed(0)
    starts = torch.rand(100, 2) * torch.tensor([3.0, 2.0]) - torch.tensor([1.0, 0.5])
    with torch.no_grad():
        adam = first_within(torch.optim.Adam, starts, 0.01)
        for lr, low, high in [(0.01, 0.5, 0.9), (0.001, 0.0, 0.3)]:
            ahead = (first_within(momentum, starts, lr) < adam).float().mean()
            assert low < ahead < high


@claims("06", "the velocity would grow towards 10")
@claims("06", "each step is about as long as the learning rate, steep or flat")
def test_momentum_makes_a_step_ten_times_as_long_and_adam_forgets_the_size():
    for size in (1e-4, 1.0, 1e4):
        ends = []
        for make in (torch.optim.SGD, torch.optim.Adam):
            value = torch.zeros(1)
            settings = {"momentum": 0.9} if make is torch.optim.SGD else {}
            optimizer = make([value], lr=0.01, **settings)
            for _ in range(300):
                before = value.clone()
                value.grad = torch.full((1,), size)
                optimizer.step()
            ends.append((before - value).item())
        assert ends == pytest.approx([0.1 * size, 0.01], rel=1e-2)
