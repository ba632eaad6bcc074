"""`watch` names what only a loop shows, and leaves the loop as it was."""

import contextlib
import statistics
import time

import pytest
import torch
from torch import nn

import linreg
from diagnosis import watch
from reports.loops import FAULTY, HEALTHY_LOOPS, network, optimizer_for


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
