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


@faulty("never-cleared")
def cleared_for_each_epoch(model, optimizer):
    for _ in range(5):
        optimizer.zero_grad()
        for X, y in batches(6):
            loss_of(model, X, y).backward()
            optimizer.step()


@faulty("never-cleared")
def closure_that_never_clears(model, optimizer):
    for X, y in batches(5):

        def closure(X=X, y=y):
            loss = loss_of(model, X, y)
            loss.backward()
            return loss

        optimizer.step(closure)


closure_that_never_clears.make = lambda model: torch.optim.LBFGS(
    model.parameters(), lr=0.01, max_iter=4
)


@faulty("gradients-lost")
def step_after_all_batches(model, optimizer):
    for _ in range(5):
        for X, y in batches(6):
            optimizer.zero_grad()
            loss_of(model, X, y).backward()
        optimizer.step()


@faulty("stepped-twice")
def stepped_twice(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()
        optimizer.step()


@faulty("other-optimizer")
def optimizer_made_in_each_epoch(model, optimizer):
    for _ in range(5):
        optimizer = torch.optim.Adam(model.parameters())
        plain(model, optimizer, list(batches(4)))


@faulty("other-model")
def model_made_in_each_epoch(model, optimizer):
    for _ in range(5):
        model = network()
        plain(model, optimizer, list(batches(4)))


@faulty("not-held")
def optimizer_of_another_model(model, optimizer):
    plain(model, optimizer)


optimizer_of_another_model.make = lambda _: torch.optim.SGD(network().parameters())


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


@faulty("never-backward")
def backward_on_a_number(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        loss = torch.tensor(loss_of(model, X, y).item(), requires_grad=True)
        loss.backward()
        optimizer.step()


@faulty("recording-off")
def loss_that_is_told_to_record(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        with torch.no_grad():
            loss = loss_of(model, X, y)
        loss.requires_grad_().backward()
        optimizer.step()


@faulty("no-gradient")
def forward_that_detaches(model, optimizer):
    cut = model[-1].register_forward_hook(lambda _module, _args, out: out.detach())
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).requires_grad_().backward()
        optimizer.step()
    cut.remove()


@faulty("zero-gradient")
def loss_that_is_cut_off(model, optimizer):
    for X, y in batches():
        optimizer.zero_grad()
        (model(X) - y).abs().clamp(0, 1e-9).mean().backward()
        optimizer.step()


# ---------------------------------------------------------------------- modes and rates


@faulty("scheduler-end")
def cycle_too_short(model, optimizer):
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=5)
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()
        scheduler.step()


@faulty("rate-gone")
def rate_of_whole_numbers(model, optimizer):
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda step: 1 // (2 + step))
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()
        scheduler.step()


@faulty("evaluation-mode")
def closure_in_evaluation_mode(model, optimizer):
    model.eval()
    with_a_closure(model, optimizer)


closure_in_evaluation_mode.make = lambda model: torch.optim.LBFGS(
    model.parameters(), max_iter=3
)


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


@faulty("losses-kept")
def losses_kept_in_a_function(model, optimizer):
    def one_epoch():
        total = 0
        for X, y in batches():
            optimizer.zero_grad()
            loss = loss_of(model, X, y)
            loss.backward()
            optimizer.step()
            total += loss
        return total.item()

    one_epoch()


# ------------------------------------------------------------------------------- values


@faulty("grows")
def away_from_the_labels(model, optimizer):
    for X, y in batches(10):
        optimizer.zero_grad()
        loss = -loss_of(model, X, y)
        loss.backward()
        optimizer.step()


away_from_the_labels.make = lambda model: torch.optim.SGD(model.parameters(), lr=0.07)


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


def judged(judge, X, real):
    labels = torch.full((len(X), 1), float(real))
    return F.binary_cross_entropy_with_logits(judge(X), labels)


@healthy_loop
def judge_beside_a_painter(model, optimizer):  # as in a GAN: its gradients are left
    painter = nn.Linear(2, 3)
    other = torch.optim.SGD(painter.parameters(), lr=0.01)
    for X, _ in batches():
        optimizer.zero_grad()
        judged(model, X, real=True).backward()
        judged(model, painter(torch.randn(16, 2)).detach(), real=False).backward()
        optimizer.step()
        other.zero_grad()
        judged(model, painter(torch.randn(16, 2)), real=True).backward()
        other.step()


@healthy_loop
def painter_beside_a_judge(model, optimizer):
    judge = nn.Linear(1, 1)
    other = torch.optim.SGD(judge.parameters(), lr=0.01)
    for X, y in batches():
        for _ in range(5):
            other.zero_grad()
            (
                judged(judge, y, True) + judged(judge, model(X).detach(), False)
            ).backward()
            other.step()
        optimizer.zero_grad()
        judged(judge, model(X), real=True).backward()
        optimizer.step()


@healthy_loop
def trained_against_attacks(model, optimizer):
    for X, y in batches(10):
        for _ in range(5):
            X = X.detach().requires_grad_()
            loss_of(model, X, y).backward()
            X = X + 0.01 * X.grad.sign()
        optimizer.zero_grad()
        loss_of(model, X.detach(), y).backward()
        optimizer.step()


@healthy_loop
def two_optimizers_in_turn(model, optimizer):
    other = torch.optim.Adam(model.parameters())
    for step, (X, y) in enumerate(batches()):
        now = other if step % 4 else optimizer
        now.zero_grad()
        loss_of(model, X, y).backward()
        now.step()


@healthy_loop
def closure_in_pieces(model, optimizer):
    for X, y in batches(5):

        def closure(X=X, y=y):
            optimizer.zero_grad()
            losses = [loss_of(model, *p) for p in zip(X.split(4), y.split(4))]  # noqa: B905
            for loss in losses:
                loss.backward()
            return sum(losses).detach()

        optimizer.step(closure)


closure_in_pieces.make = lambda model: torch.optim.LBFGS(
    model.parameters(), lr=0.1, max_iter=3
)


@healthy_loop
def losses_of_an_episode(model, optimizer):
    for _ in range(5):
        kept = [loss_of(model, X, y) for X, y in batches(8)]
        optimizer.zero_grad()
        torch.stack(kept).sum().backward()
        optimizer.step()


@healthy_loop
def large_labels(model, optimizer):
    for X, y in batches(10):
        optimizer.zero_grad()
        loss_of(model, X, 10_000 * y).backward()
        optimizer.step()


large_labels.make = lambda model: torch.optim.Adam(model.parameters(), lr=0.5)


@healthy_loop
def rate_that_starts_at_zero(model, optimizer):
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda step: min(1, step / 20))
    for X, y in batches():
        optimizer.zero_grad()
        loss_of(model, X, y).backward()
        optimizer.step()
        scheduler.step()
