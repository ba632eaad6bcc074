"""Loops of training, faulty and healthy, for `watch`: each takes what it trains.

`FAULTY` holds each loop with the kind that `watch` has to find. The first batches of a
loop come from `batches`, so that a loop looks as a reader would write it.
"""

import torch
from torch import nn
from torch.optim import lr_scheduler

F = nn.functional

FAULTY = {}
HEALTHY_LOOPS = []


def faulty(kind):
    """Return a decorator that adds a faulty loop, with the kind of its fault."""

    def keep(loop):
        FAULTY[loop.__name__] = loop, kind
        return loop

    return keep


def healthy_loop(loop):
    """Add a healthy loop."""
    HEALTHY_LOOPS.append(loop)
    return loop


def network():
    return nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1)
    )


def optimizer_for(loop, model):
    if hasattr(loop, "make"):
        return loop.make(model)
    return torch.optim.SGD(model.parameters(), lr=0.01)


def batches(n=30):
    for _ in range(n):
        X = torch.randn(16, 3)
        yield X, X.sum(dim=1, keepdim=True)


def loss_of(model, X, y):
    return F.mse_loss(model(X), y)


# ---------------------------------------------------------------------------- gradients


@faulty("never-cleared")
def never_cleared(model, optimizer):
    for X, y in batches():
        loss_of(model, X, y).backward()
        optimizer.step()


@faulty("never-cleared")
def cleared_once_before_the_loop(model, optimizer):
    optimizer.zero_grad()
    for X, y in batches():
        loss_of(model, X, y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 100.0)
        optimizer.step()


@faulty("cleared-early")
def cleared_before_the_step(model, optimizer):
    for X, y in batches():
        loss_of(model, X, y).backward()
        optimizer.zero_grad()
        optimizer.step()


@faulty("cleared-early")
def cleared_before_the_step_to_zero(model, optimizer):
    for X, y in batches():
        loss_of(model, X, y).backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()


@faulty("never-stepped")
def never_stepped(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()


@faulty("never-stepped")
def scheduler_stepped_instead(model, optimizer):
    scheduler = lr_scheduler.StepLR(optimizer, 10)
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer._opt_called = True  # else PyTorch itself warns
        scheduler.step()


@faulty("step-first")
def step_before_backward(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss = loss_of(model, X, y)
        optimizer.step()
        loss.backward()


@faulty("step-first")
def step_first_of_all(model, optimizer):
    for X, y in batches():
        loss = loss_of(model, X, y)
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()


@faulty("never-backward")
def never_backward(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y)
        optimizer.step()


# ---------------------------------------------------------------------- modes and rates


@faulty("rate-gone")
def scheduler_for_each_batch(model, optimizer):
    scheduler = lr_scheduler.StepLR(optimizer, 1, gamma=0.1)
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()
        scheduler.step()


@faulty("evaluation-mode")
def evaluation_mode_left_on(model, optimizer):
    for _ in range(5):
        for X, y in batches(4):
            optimizer.zero_grad()
            loss_of(model, X, y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            model(X)


# ------------------------------------------------------------------------------ records


@faulty("used-twice")
def same_loss_twice(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss = loss_of(model, X, y)
        loss.backward(retain_graph=True)
        loss.backward()
        optimizer.step()


@faulty("used-twice")
def same_loss_twice_and_an_error(model, optimizer):
    loss = loss_of(model, *next(batches()))
    for _ in range(3):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@faulty("used-twice")
def total_that_grows(model, optimizer):
    total = 0
    for X, y in batches():
        total = total + loss_of(model, X, y)
        optimizer.zero_grad()
        total.backward(retain_graph=True)
        optimizer.step()


@faulty("losses-kept")
def losses_kept(model, optimizer):
    model.losses = []
    for X, y in batches():
        optimizer.zero_grad()
        loss = loss_of(model, X, y)
        loss.backward()
        optimizer.step()
        model.losses.append(loss)


# ------------------------------------------------------------------------------- values


@faulty("not-finite")
def rate_too_high(model, optimizer):
    optimizer.param_groups[0]["lr"] = 1e9
    plain(model, optimizer)


@faulty("not-finite")
def gap_in_one_batch(model, optimizer):
    given = list(batches())
    given[20][1][0] = float("nan")
    plain(model, optimizer, given)


@faulty("recording-off")
def under_no_grad(model, optimizer):
    with torch.no_grad():
        plain(model, optimizer)


# ------------------------------------------------------------------------------ healthy


@healthy_loop
def plain(model, optimizer, given=None):
    for X, y in given or batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()


@healthy_loop
def cleared_at_the_end(model, optimizer):
    for X, y in batches():
        loss_of(model, X, y).backward()
        optimizer.step()
        optimizer.zero_grad()


@healthy_loop
def cleared_to_zero_by_the_model(model, optimizer):
    for X, y in batches():
        model.zero_grad(set_to_none=False)
        loss = loss_of(model, X, y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()


@healthy_loop
def gradients_added_up(model, optimizer):
    for step, (X, y) in enumerate(batches()):
        (loss_of(model, X, y) / 4).backward()
        if step % 4 == 3:
            optimizer.step()
            optimizer.zero_grad()


@healthy_loop
def losses_added_up(model, optimizer):
    for _ in range(4):
        total = sum(loss_of(model, X, y) for X, y in batches(6))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()


@healthy_loop
def tested_in_evaluation_mode(model, optimizer):
    history = []
    for _ in range(4):
        model.train()
        for X, y in batches(5):
            optimizer.zero_grad()
            loss = loss_of(model, X, y)
            loss.backward()
            optimizer.step()
            history.append(loss.item())
        model.eval()
        for X, y in batches(2):
            history.append(loss_of(model, X, y).item())


@healthy_loop
def measured_with_recording(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        (model(X) - y).abs().mean().item()
        optimizer.step()


@healthy_loop
def warm_up_and_cosine(model, optimizer):
    warm = lr_scheduler.LinearLR(optimizer, 1e-5, 1.0, total_iters=10)
    cool = lr_scheduler.CosineAnnealingLR(optimizer, 20)
    both = lr_scheduler.SequentialLR(optimizer, [warm, cool], [10])
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()
        both.step()


@healthy_loop
def frozen_batchnorm(model, optimizer):
    model[1].eval()
    plain(model, optimizer)


@healthy_loop
def two_losses_of_one_record(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        p = model(X)
        F.mse_loss(p, y).backward(retain_graph=True)
        (0.1 * p.abs().mean()).backward()
        optimizer.step()


@healthy_loop
def with_a_closure(model, optimizer):
    for X, y in batches(5):

        def closure(X=X, y=y):
            optimizer.zero_grad()
            loss = loss_of(model, X, y)
            loss.backward()
            return loss

        optimizer.step(closure)


with_a_closure.make = lambda model: torch.optim.LBFGS(model.parameters(), max_iter=3)


@healthy_loop
def closure_of_plain_sgd(model, optimizer):
    for X, y in batches():

        def closure(X=X, y=y):
            optimizer.zero_grad()
            loss = loss_of(model, X, y)
            loss.backward()
            return loss

        optimizer.step(closure)


@healthy_loop
def a_single_step(model, optimizer):
    optimizer.zero_grad()
    loss_of(model, *next(batches())).backward()
    optimizer.step()


@healthy_loop
def only_measured(model, optimizer):
    model.eval()
    with torch.no_grad():
        for X, y in batches():
            loss_of(model, X, y)


@healthy_loop
def detached_losses_kept(model, optimizer):
    model.losses = []
    for X, y in batches():
        optimizer.zero_grad()
        loss = loss_of(model, X, y)
        loss.backward()
        optimizer.step()
        model.losses.append(loss.detach())
