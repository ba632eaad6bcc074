"""`watch` names what only a loop shows, and leaves the loop as it was."""

import contextlib
import copy
import io
import statistics
import time

import pytest
import torch
from torch import nn
from torch.func import functional_call, grad, vmap
from torch.optim import lr_scheduler

import linreg
from diagnosis import watch
from reports.loops import (
    FAULTY,
    HEALTHY_LOOPS,
    batches,
    loss_of,
    network,
    optimizer_for,
)


def watched(loop):
    """Return what is seen of a loop; an error in it is passed over."""
    torch.manual_seed(0)
    model = network()
    optimizer = optimizer_for(loop, model)
    with contextlib.suppress(RuntimeError, ValueError), watch(model, optimizer) as seen:
        loop(model, optimizer)
    assert not any(m._forward_hooks for m in model.modules())
    assert not any(p._post_accumulate_grad_hooks for p in model.parameters())
    assert not optimizer._optimizer_step_pre_hooks
    return seen


@pytest.mark.parametrize("name", FAULTY)
def test_it_names_each_faulty_loop(name):
    loop, kind = FAULTY[name]
    (found,) = watched(loop).findings
    assert (found.level, found.kind) == ("fault", kind)
    assert found.sentence in str(found)
    assert found.line


@pytest.mark.parametrize("loop", HEALTHY_LOOPS, ids=lambda loop: loop.__name__)
def test_it_is_silent_on_each_healthy_loop(loop):
    assert list(map(str, watched(loop).findings)) == []


def test_it_says_which_step_and_which_layer_gave_nan_first():
    class Root(nn.Module):
        def forward(self, x):
            return (x - 0.5).sqrt()

    model = nn.Sequential(nn.Linear(1, 1), Root(), nn.Linear(1, 1))
    nn.init.ones_(model[0].weight), nn.init.ones_(model[0].bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
    with watch(model, optimizer) as seen:
        for step in range(20):
            optimizer.zero_grad()
            model(torch.full((4, 1), 5.0 - step)).mean().backward()
            optimizer.step()
    (found,) = seen.findings
    assert found.kind == "not-finite"
    assert "prediction 7 " in found.sentence
    assert "'1'" in found.sentence


def kinds_seen(loop, model=None, optimizer=None):
    """Return the kinds of what `watch` finds in a loop."""
    torch.manual_seed(0)
    model = model or nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.01)
    with watch(model, optimizer) as seen:
        loop(model, optimizer)
    assert not any(p._backward_hooks for p in model.parameters())
    return [found.kind for found in seen.findings]


def step(model, optimizer, X, y):
    optimizer.zero_grad()
    loss_of(model, X, y).backward()
    optimizer.step()


def test_a_model_can_be_copied_and_saved_while_it_is_watched():
    def loop(model, optimizer):
        for X, y in batches(5):
            step(model, optimizer, X, y)
            copied = copy.deepcopy(model)
            file = io.BytesIO()
            torch.save(model, file)
            assert b"diagnosis" not in file.getvalue()
            file.seek(0)
            loaded = torch.load(file, weights_only=False)
            assert torch.equal(copied(X), model(X))
            assert torch.equal(loaded(X), model(X))

    assert kinds_seen(loop) == []


def test_gradients_of_single_rows_can_be_taken_while_it_watches():
    def loop(model, optimizer):
        def loss_of_row(parameters, x, y):
            return (functional_call(model, parameters, (x[None],)) - y).square().mean()

        for X, y in batches(5):
            parameters = {name: p.detach() for name, p in model.named_parameters()}
            rows = vmap(grad(loss_of_row), (None, 0, 0))(parameters, X, y)
            for name, parameter in model.named_parameters():
                parameter.grad = rows[name].mean(dim=0)
            optimizer.step()

    assert kinds_seen(loop) == []


@pytest.mark.parametrize("steps", [3, 20])
def test_gradients_cleared_by_their_data_are_cleared(steps):
    def loop(model, optimizer):
        for X, y in batches(steps):
            loss_of(model, X, y).backward()
            optimizer.step()
            for parameter in model.parameters():
                parameter.grad.data.zero_()

    assert kinds_seen(loop) == []


@pytest.mark.parametrize("to_none", [True, False])
def test_steps_may_be_made_in_hooks_of_the_parameters(to_none):
    model = nn.Linear(3, 1)
    optimizers = {p: torch.optim.SGD([p], lr=0.01) for p in model.parameters()}

    def now(parameter):
        optimizers[parameter].step()
        optimizers[parameter].zero_grad(set_to_none=to_none)

    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(now)

    def loop(model, _):
        for X, y in batches():
            loss_of(model, X, y).backward()

    assert kinds_seen(loop, model, optimizers[model.weight]) == []


def test_infinity_is_meant_if_it_does_no_harm():
    class Choice(nn.Linear):
        allowed = torch.tensor([True, True, False])

        def forward(self, x):
            return super().forward(x).masked_fill(~self.allowed, -torch.inf)

    def loop(model, optimizer):
        for X, _ in batches():
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(X), X[:, :2].argmax(dim=1)).backward()
            optimizer.step()

    assert kinds_seen(loop, Choice(3, 3)) == []


@pytest.mark.parametrize(
    ("left_on", "kinds"), [(False, []), (True, ["evaluation-mode"])]
)
def test_the_mode_is_seen_if_forward_is_never_called(left_on, kinds):
    def loop(model, optimizer):
        def predict(X):
            for layer in model:
                X = layer(X)
            return X

        for X, y in batches():
            if not left_on:
                model.train()
            step(predict, optimizer, X, y)
            model.eval()
            predict(X)

    assert kinds_seen(loop, network()) == kinds


def test_windows_may_overlap_between_two_steps():
    class Step(nn.RNNCell):
        def forward(self, x, state):
            state = super().forward(x, state)
            return state, state

    def loop(model, optimizer):
        for _ in range(5):
            state = torch.zeros(16, 1)
            optimizer.zero_grad()
            for X, y in batches(4):
                out, state = model(X, state)
                nn.functional.mse_loss(out, y).backward(retain_graph=True)
            optimizer.step()

    assert kinds_seen(loop, Step(3, 1)) == []


def test_gradients_put_together_by_hand_are_not_lost():
    def loop(model, optimizer):
        for X, y in batches(5):
            sums = [torch.zeros_like(p) for p in model.parameters()]
            for x, label in zip(X, y, strict=True):
                model.zero_grad()
                loss_of(model, x, label).backward()
                for total, parameter in zip(sums, model.parameters(), strict=True):
                    total += parameter.grad.clamp(-1, 1)
            for total, parameter in zip(sums, model.parameters(), strict=True):
                parameter.grad = total / len(X)
            optimizer.step()

    assert kinds_seen(loop) == []


def test_gradients_for_the_input_are_not_lost():
    def loop(model, optimizer):
        for X, y in batches(5):
            attack = torch.zeros_like(X)
            for _ in range(7):
                attack.requires_grad_()
                model.zero_grad()
                loss_of(model, X + attack, y).backward()
                attack = (attack + 0.01 * attack.grad.sign()).detach()
            step(model, optimizer, X + attack, y)

    assert kinds_seen(loop) == []


def test_a_rate_may_be_nothing_for_some_layers_or_when_the_loss_stays():
    model = nn.Sequential(nn.Linear(3, 8), nn.Linear(8, 1))
    body = {"params": model[0].parameters(), "lr": 0.0}
    both = torch.optim.SGD([body, {"params": model[1].parameters()}], lr=0.01)

    def loop(model, optimizer):
        for X, y in batches():
            step(model, optimizer, X, y)

    def slower(model, optimizer):
        scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
        for _ in range(100):
            step(model, optimizer, torch.ones(4, 3), torch.ones(4, 1))
            scheduler.step(1.0)
        assert optimizer.param_groups[0]["lr"] < 1e-6

    assert kinds_seen(loop, model, both) == []
    assert kinds_seen(slower) == []


def test_a_rate_of_whole_numbers_can_be_nothing():
    model = nn.Linear(3, 1)

    def loop(model, optimizer):
        for X, y in batches():
            step(model, optimizer, X, y)

    none = torch.optim.SGD(model.parameters(), lr=1 // 10)
    assert kinds_seen(loop, model, none) == ["rate-gone"]


@pytest.mark.parametrize("clear_first", [True, False])
def test_a_gap_is_named_if_a_scaler_leaves_all_steps_out(clear_first):
    def loop(model, optimizer):
        scaler = torch.amp.GradScaler("cpu")
        for X, y in batches(10):
            optimizer.zero_grad()
            X[0, 0] = torch.nan
            scaler.scale(loss_of(model, X, y)).backward()
            scaler.step(optimizer)
            scaler.update()
            if not clear_first:
                optimizer.zero_grad()

    assert kinds_seen(loop) == ["not-finite"]


def test_one_prediction_for_all_steps_is_used_twice():
    def loop(model, optimizer):
        ((X, y),) = batches(1)
        loss = loss_of(model, X, y)
        for _ in range(10):
            optimizer.zero_grad()
            loss.backward(retain_graph=True)
            optimizer.step()

    assert kinds_seen(loop, nn.Linear(3, 1)) == ["used-twice"]


def test_losses_that_are_kept_later_are_found():
    def loop(model, optimizer):
        kept = []
        for i, (X, y) in enumerate(batches(600)):
            loss = loss_of(model, X, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if i > 200:
                kept.append(loss)

    assert kinds_seen(loop) == ["losses-kept"]


def test_an_exception_goes_on_and_hooks_are_gone():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    seen = watch(model, optimizer)

    def loop():
        with seen:
            model(torch.randn(4, 3)).sum().backward()
            raise KeyError("odd")

    with pytest.raises(KeyError):
        loop()
    assert not model._forward_hooks
    assert seen.findings[0].kind == "never-stepped"


def test_a_watched_loop_ends_where_it_would():
    ends = []
    for stand_beside in (contextlib.nullcontext(), None):
        torch.manual_seed(0)
        model = network()
        optimizer = torch.optim.Adam(model.parameters())
        with stand_beside or watch(model, optimizer):
            HEALTHY_LOOPS[0](model, optimizer)
        ends.append(list(model.parameters()))
    assert all(map(torch.equal, *ends))


def seconds_of_a_loop(data, stand_beside) -> float:
    model = linreg.LinearRegressionModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with stand_beside(model, optimizer):
        begin = time.process_time()
        linreg.train(model, nn.L1Loss(), optimizer, *data, epochs=500)
        return time.process_time() - begin


@pytest.mark.slow
def test_it_costs_about_a_tenth_of_the_loop_at_most():
    data = linreg.split(*linreg.make_data())

    def one_pair(_) -> float:
        alone = seconds_of_a_loop(data, lambda *_: contextlib.nullcontext())
        return seconds_of_a_loop(data, watch) / alone

    # Measured: 1.08 to 1.1. A busy machine gets five tries of twelve pairs.
    tries = (statistics.median(map(one_pair, range(12))) for _ in range(5))
    assert any(ratio < 1.15 for ratio in tries)
