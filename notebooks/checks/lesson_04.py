"""Check the exercises of lesson 04: a step, a slope, and the training of a line."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from checks.core import WrongError, alike, call, compare, expect, new_line, normal
from checks.records import defined, exercise, function, number
from linreg import LinearRegressionModel

new_bias = number(
    answer=0.9957,
    mistakes={
        0.9947: "The step goes against the gradient, and this one is negative.",
        0.9952: "It moves a little: by learning rate times gradient.",
        1.0452: "Multiply the gradient by the learning rate, 0.01, first.",
        0.9452: "Multiply by the learning rate, 0.01, and then subtract.",
        0.0005: "That is how far it moves. Where does it end up?",
        0.996: "Keep four digits after the point.",
    },
    hint="The old bias, minus the learning rate times its gradient.",
    goal="What is the bias after this step?",
    idea="Do with the bias what the cell above does with the weight.",
    praise="Each parameter goes its own way, with its own gradient.",
)

lowest_epoch = number(
    answer=122,
    tolerance=10,
    mistakes={
        61: "That is for 0.1. A step half as long needs more epochs.",
        30.5: "Shorter steps need more epochs, because the distance is the same.",
        610: "That is for a tenth of the rate. How many for half of it?",
    },
    hint="The distance stays the same, and each step is half as long.",
    goal="In about which epoch is it lowest with a rate of 0.05?",
    idea="Number of steps times length of a step is roughly the distance.",
    praise="Try it above, with 0.05 in place of 0.1, and 150 epochs.",
)

halfway = number(
    answer=0.005,
    mistakes={
        0.01: "That is the rate of the first epoch.",
        0.000001: "That is the rate at the end.",
        0.5: "Half of the way is done. Half of which rate is left?",
    },
    hint="It falls by the same amount in each epoch.",
    tolerance=0.00002,
    goal="What is the learning rate after 2,500 epochs?",
    idea="2,500 is half of 5,000.",
    praise="At the end, the steps are ten thousand times shorter than at the start.",
)

after_step = number(
    answer=0.7,
    mistakes={
        0.3: "The step goes against the gradient: subtract it.",
        2.5: "Multiply the gradient by the learning rate first.",
        -1.5: "Multiply the gradient by the learning rate, then subtract.",
        0.2: "That is the step itself. Where does the weight end up?",
    },
    hint="The weight, minus the learning rate times the gradient.",
    goal="What is the weight after one step?",
    idea="A negative gradient says that the loss falls as the weight grows.",
    praise="Against a negative gradient is upwards.",
)


def rise(f: Callable, at: float, nudge: float = 0.001) -> float:
    return (f(at + nudge) - f(at)) / nudge


slope = function(
    solution="""\
def slope(function, at):
    return (function(at + 0.001) - function(at)) / 0.001
""",
    cases={
        "x * x at 3": (lambda x: x * x, 3.0),
        "2 - 5.37 * x at 1": (lambda x: 2 - 5.37 * x, 1.0),
        "x ** 3 at -2": (lambda x: x**3, -2.0),
    },
    mistakes=[
        (lambda f, at: rise(f, at) * 0.001, "Divide by the size of the nudge."),
        (lambda f, at: -rise(f, at), "The sign is wrong: new value minus old."),
        (lambda f, at: f(at), "That is the value. How much does it change?"),
        (lambda f, at: rise(f, at, 1), "Nudge by 0.001: a slope belongs to one spot."),
        (
            lambda f, at: f(at + 0.001) - f(at) / 0.001,
            "Put the difference in brackets.",
        ),
        (
            lambda f, at: 2 * at,
            "That fits one example. Call `function`, whatever it is.",
        ),
    ],
    tolerance=0.02,
    goal="Write a function that finds the slope of `function` at a number.",
    idea="Call `function` twice: at the number, and a little above it.",
    praise="`backward()` gives the same number exactly, for all parameters at once.",
    other="""\
def slope(function, at):
    h = 0.001
    return (function(at + h / 2) - function(at - h / 2)) / h
""",
)

STEP = """\
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
"""


@exercise(
    goal="Complete one training step.",
    idea="Forget the old gradients, compute new ones, move the parameters.",
    praise="These lines train any PyTorch model.",
    starter="""\
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    ...  # forget the old gradients
    ...  # compute new ones
    ...  # move the parameters
    return loss.item()
""",
    solution=STEP,
    other="""\
def train_step(model, loss_fn, optimizer, X, y):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
)
def train_step(attempt: Any) -> None:
    X = normal(12)
    y = 0.7 * X + 3

    def start(loss_fn: nn.Module, lr: float) -> tuple:
        model = new_line()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        return model, loss_fn, optimizer, X, y

    for loss_fn, lr in [(nn.L1Loss(), 0.1), (nn.MSELoss(), 0.03)]:
        tried, right, piled_up = (start(loss_fn, lr) for _ in range(3))
        for step in ("first", "second"):
            model, old = tried[0], tried[0].weight.item()
            result = call(attempt, *tried, shared=True)
            loss = defined(STEP)(*right)
            defined(STEP.replace("    optimizer.zero_grad()\n", ""))(*piled_up)
            given = f"the {step} step from {old:.4f} ({type(loss_fn).__name__})"
            weight, expected = model.weight.item(), right[0].weight.item()
            if weight == old:
                hint = (
                    "`backward()`, then `step()`: both with brackets, or nothing runs."
                )
                if model.weight.grad is not None:
                    hint = "The gradients are there. `optimizer.step()` uses them."
                raise WrongError("the parameters did not move", hint)
            added = piled_up[0].weight.item()
            mistakes = [
                (2 * old - expected, "The parameters moved the wrong way."),
                (added, "The old gradient was added: clear it with zero_grad."),
            ]
            hint = "One call is one step, with the loss and the optimizer it is given."
            compare(weight, expected, f"{given}, as new weight", mistakes, hint=hint)
            after = loss_fn(model(X), y).item()
            mistakes = [
                (after, "That is the loss after the step. Return the one before.")
            ]
            compare(result, loss, given, mistakes)


@exercise(
    goal="Repair this function, so that it returns a trained line.",
    idea="Whose parameters does the optimizer hold? And what is left when it steps?",
    praise="Nothing had complained: only a loss that is watched shows such faults.",
    starter="""\
def fit_line(X, y):
    model = LinearRegressionModel()
    loss_fn = nn.L1Loss()
    optimizer = torch.optim.SGD(LinearRegressionModel().parameters(), lr=0.02)
    for _ in range(500):
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return model
""",
    solution="""\
def fit_line(X, y):
    model = LinearRegressionModel()
    loss_fn = nn.L1Loss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    for _ in range(500):
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
""",
)
def fit_line(attempt: Any) -> None:
    X = normal(40)
    for seed, (weight, bias) in enumerate([(-0.8, 1.2), (1.5, -0.5)]):
        torch.manual_seed(seed)
        start = LinearRegressionModel()
        torch.manual_seed(seed)
        model = call(attempt, X, weight * X + bias, patience=3)
        expect(model, "Return the model, as before.", LinearRegressionModel)
        if (model(X) - weight * X - bias).abs().max() < 0.1:
            continue
        hint = "Take one step in every epoch, with the rate and the loss as they were."
        if model.weight.grad is None:
            hint = "When `step` comes, the new gradients are gone: what cleared them?"
        elif model.bias.grad.abs() > 1.01:  # 1 is the most that one epoch can give
            hint = "Old gradients pile up: clear them in every epoch."
            if alike(model, start):
                hint = "The optimizer moves the parameters of another model."
        raise WrongError(f"the line for {weight} * X + {bias} is not found", hint)
