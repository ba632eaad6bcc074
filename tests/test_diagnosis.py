"""`diagnose` names reports of real people, is quiet on the healthy, changes nothing."""

import contextlib
import copy
import random
import re
import time
import warnings
from decimal import Decimal

import numpy as np
import pytest
import torch
from torch import nn

import diagnosis
from diagnosis import LOOKS, Finding, diagnose
from diagnosis.finding import CASES
from diagnosis.tensors import readable, tensors_in
from lessons import ROOT
from reports import FAULTS, HEALTHY
from reports.parts import sgd

# One fault for each look that no other look names: the kind is gone with the look.
PLANTED = {
    "modes": ("under_no_grad", "recording-off"),
    "parameters_held": ("head_left_out", "not-held"),
    "untrained_tensors": ("layers_in_a_list", "untrained"),
    "parameters_reached": ("cut_in_the_middle", "no-gradient"),
    "records_kept": ("hidden_state_not_detached", "used-twice"),
    "one_number": ("loss_for_each_row", "loss-kind"),
    "shapes_meet": ("label_column_of_a_table", "broadcast"),
    "class_numbers": ("one_column_for_classes", "one-column"),
    "label_ranges": ("labels_to_255", "label-range"),
    "outputs_fit": ("softmax_twice", "softmax-twice"),
    "rows_mix": ("rows_taken_for_time", "rows-mix"),
    "not_finite": ("scaled_by_zero", "not-finite-data"),
    "zero_gradients": ("xor_with_dead_units", "zero-gradient"),
    "equal_units": ("all_weights_equal", "equal-units"),
    "predictions_alike": ("features_not_used", "alike"),
    "nothing_between": ("no_activation", "no-activation"),
    "saturated_units": ("many_sigmoids", "saturated"),
    "scales": ("years", "far-from-zero"),
    "steps_taken": ("summed_loss", "grows"),
    "errors": ("added_in_place", "in-place"),
}


def made(build, seed=0):
    """Return a fresh set-up."""
    random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old machinery is still in use
        return build()


def copied(thing):
    """Return what can be compared later: tensors as copies, the rest as it is."""
    if isinstance(thing, torch.Tensor):
        grad = thing.grad if thing.is_leaf else None
        values = thing.detach().to_dense().clone() if readable(thing) else type(thing)
        return [values, None if grad is None else grad.to_dense().clone()]
    if isinstance(thing, dict):
        return {id(key): copied(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [copied(value) for value in thing]
    return thing if isinstance(thing, int | float | str) else id(thing)


def state(model, optimizer, loss_fn, X, y):
    """Return copies of all that the caller owns."""
    modules = [*model.modules(), *vars(model).get("judge", [])]
    tensors = [*model.parameters(), *model.buffers()]
    owned = [vars(module) for module in modules] + [type(m) for m in modules]
    cells = [c.cell_contents for c in getattr(loss_fn, "__closure__", None) or ()]
    beside = [list(c.parameters()) for c in cells if isinstance(c, nn.Module)]
    versions = [t._version for t in [*tensors, *tensors_in((X, y))] if readable(t)]
    randoms = [hash(random.getstate()), hash(np.random.get_state()[1].tobytes())]
    kept = [tensors, owned, optimizer.state, optimizer.param_groups, beside, versions]
    kept += [X, y, randoms, torch.get_rng_state(), torch.is_grad_enabled()]
    return copied([[m.training for m in modules], kept])


def same(a, b):
    """Return whether two states are alike; NaN is like NaN."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        alike = a.shape == b.shape and a.dtype == b.dtype
        return alike and (torch.equal(a, b) or bool(((a == b) | (a != a)).all()))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


NUMBER = re.compile(r"(\d+(?:\.\d+)?(?:e[+-]\d+)?)")


def near(one, other):
    """Return whether two numbers differ by one unit of their last digit at most."""
    if not {".", "e"} & set(one + other):
        return one == other  # a count
    both = Decimal(one), Decimal(other)
    unit = max(Decimal(10) ** number.as_tuple().exponent for number in both)
    return abs(both[0] - both[1]) <= unit


def alike(found, before):
    """Return whether two answers say the same, but for a last digit that rounds."""
    now, then = (NUMBER.split("\n".join(map(repr, one))) for one in (found, before))
    return now[::2] == then[::2] and all(map(near, now[1::2], then[1::2]))


def asked(build, context=contextlib.nullcontext, seed=0, **options):
    """Return what `diagnose` says, having checked that nothing changes."""
    arguments = made(build, seed)
    with context():
        before = state(*arguments)
        found = diagnose(*arguments, **options)
        assert same(state(*arguments), before)
        assert alike(diagnose(*arguments, **options), found)
    assert all(isinstance(one, Finding) and one.line for one in found)
    return found


SEEDS = [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAULTS)
def test_it_names_each_report(name, seed):
    build, right, context = FAULTS[name]
    found = asked(build, context, seed)
    said = "\n".join(map(str, found))
    assert re.search(right, said, re.IGNORECASE), said
    assert len(found) <= 2
    assert "error" not in {one.kind for one in found}  # PyTorch's own words


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
def test_it_is_quiet_on_the_healthy(name, seed):
    found = asked(HEALTHY[name], seed=seed, notes=True)
    assert [str(one) for one in found if one.level == "fault"] == []
    assert [str(one) for one in found if one.kind == "unseen"] == []


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_each_look_is_needed(look, monkeypatch):
    name, kind = PLANTED[look.__name__]
    build, _, context = FAULTS[name]
    assert kind in {one.kind for one in asked(build, context)}
    monkeypatch.setattr(
        diagnosis.diagnosing, "LOOKS", [one for one in LOOKS if one is not look]
    )
    assert kind not in {one.kind for one in asked(build, context)}


def test_a_look_that_fails_says_so_in_a_note(monkeypatch):
    def broken(_seen):
        raise ValueError("no idea")

    monkeypatch.setattr(diagnosis.diagnosing, "LOOKS", [broken])
    arguments = made(HEALTHY["dropout"])
    assert diagnose(*arguments) == []
    (found,) = diagnose(*arguments, notes=True)
    assert found.level == "note"
    assert "no idea" in found.sentence


NOTES = {
    "frozen_backbone": "frozen",
    "two_optimizers": "held-elsewhere",
    "fourier_features": "plain-constant",
    "frozen_batchnorm": "evaluation-mode-part",
    "heads_in_turn": "no-gradient-yet",
    "constant_column": "constant-feature",
}


@pytest.mark.parametrize("name", NOTES)
def test_what_may_be_meant_is_a_note(name):
    assert diagnose(*made(HEALTHY[name])) == []
    found = diagnose(*made(HEALTHY[name]), notes=True)
    assert NOTES[name] in {one.kind for one in found}


def test_a_finding_is_a_sentence_with_its_case():
    (found,) = diagnose(*made(FAULTS["label_column_of_a_table"][0]))
    assert (found.level, found.kind, found.case) == ("fault", "broadcast", 4)
    assert str(found) == f"{found.sentence} (case 4)"
    assert "shape" in found.line
    assert str(Finding("fault", "odd", "It is odd", "print()")) == "It is odd"
    lesson = (ROOT / "notebooks/10_when_training_goes_wrong.ipynb").read_text()
    assert all(f'"### {case} ' in lesson for case in CASES.values())


# ------------------------------------------------------------------- nothing changes


class Failing(nn.Module):
    """A model that fails in its third call, after it changed much."""

    def __init__(self, error):
        super().__init__()
        self.line, self.norm, self.error = nn.Linear(3, 3), nn.BatchNorm1d(3), error
        self.calls, self.kept = 0, []

    def forward(self, x):
        global COUNTED
        COUNTED += 1
        self.calls += 1
        self.kept.append(random.random() + np.random.rand())
        x = self.norm(self.line(x.add_(1)))
        self.eval()
        if self.calls == 3:
            raise self.error
        return x


COUNTED = 0


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt()])
def test_nothing_changes_after_an_exception(error):
    model = Failing(error)
    optimizer = torch.optim.Adam(model.parameters())
    X = torch.randn(8, 3)
    model.line.weight.grad = torch.ones(3, 3)
    arguments = model, optimizer, nn.MSELoss(), X, torch.randn(8, 3)
    before, counted = state(*arguments), COUNTED
    stops = isinstance(error, KeyboardInterrupt)
    with pytest.raises(type(error)) if stops else contextlib.nullcontext():
        assert "odd" in str(diagnose(*arguments)[0])
    assert same(state(*arguments), before)
    assert counted == COUNTED
    assert not hasattr(model.line, "_forward_hooks") or not model.line._forward_hooks


@pytest.mark.parametrize("kind", ["SGD", "Adam", "LBFGS"])
def test_training_goes_on_as_if_nobody_had_looked(kind):
    ends = []
    for look in (False, True):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(), nn.Linear(8, 1))
        optimizer = getattr(torch.optim, kind)(model.parameters(), lr=0.01)
        X, y = torch.randn(20, 3), torch.randn(20, 1)

        def closure(parts=(model, optimizer, X, y)):
            model, optimizer, X, y = parts
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(X), y)
            loss.backward()
            return loss

        for _ in range(3):
            if look:
                diagnose(model, optimizer, nn.MSELoss(), X, y)
            optimizer.step(closure)
        ends.append(copy.deepcopy(list(model.parameters())))
    assert all(map(torch.equal, *ends))


def test_a_loss_that_waits_can_still_go_back():
    model, optimizer, loss_fn, X, y = made(HEALTHY["dropout"])
    loss = loss_fn(model(X), y)
    assert diagnose(model, optimizer, loss_fn, X, y) == []
    loss.backward()
    assert model[0].weight.grad.abs().sum() > 0


def test_autocast_round_the_call_is_healthy():
    arguments = made(HEALTHY["dropout"])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert diagnose(*arguments) == []


def test_a_recording_that_cannot_be_switched_on_is_named():
    arguments = made(HEALTHY["dropout"])
    with torch.inference_mode():
        (found,) = diagnose(*arguments)
    assert found.kind == "recording-off"


def test_nothing_is_printed_and_no_warning_comes(capfd):
    def forward(self, x):
        print("shape", x.shape)
        return nn.Linear.forward(self, x)

    model = type("Talks", (nn.Linear,), {"forward": forward})(3, 1)
    arguments = model, torch.optim.SGD(model.parameters()), nn.MSELoss()
    (found,) = diagnose(*arguments, torch.randn(8, 3), torch.randn(8))
    assert found.kind == "broadcast"
    assert capfd.readouterr() == ("", "")


def test_a_million_parameters_take_less_than_two_seconds():
    model = nn.Sequential(nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 250))
    X, y = torch.rand(256, 784), torch.arange(256) % 250
    optimizer = torch.optim.Adam(model.parameters())
    begin = time.process_time()
    assert diagnose(model, optimizer, nn.CrossEntropyLoss(), X, y) == []
    assert time.process_time() - begin < 2


class Slow(nn.Linear):
    """Takes long for many rows; where `whole`, it insists on all of them."""

    whole = False

    def forward(self, x):
        if self.whole and len(x) < 256:
            raise ValueError("only whole batches")
        end = time.thread_time() + 0.0006 * len(x)
        while time.thread_time() < end:
            pass
        return super().forward(x)


@pytest.mark.parametrize(("whole", "most"), [(False, 1), (True, 3)])
def test_a_slow_model_is_looked_at_with_fewer_rows_if_it_can_be(whole, most):
    model = Slow(3, 1)
    model.whole = whole
    X, column = torch.randn(256, 3), torch.randn(256, 1)
    arguments = model, sgd(model), nn.MSELoss(), X
    begin = time.thread_time()
    assert diagnose(*arguments, column) == []
    (found,) = diagnose(*arguments, column[:, 0])
    assert "(256, 1) and (256,)" in found.sentence
    assert time.thread_time() - begin < most  # seconds; 0.6 and 1.9 on our machine


@pytest.mark.parametrize(
    ("position", "message"),
    [
        (0, "model: expected a Module, got str"),
        (1, "optimizer: expected an Optimizer, got str"),
        (2, "loss_fn: expected a function, got str"),
    ],
)
def test_what_it_refuses(position, message):
    arguments = list(made(HEALTHY["dropout"]))
    arguments[position] = "odd"
    with pytest.raises(TypeError, match=message):
        diagnose(*arguments)
