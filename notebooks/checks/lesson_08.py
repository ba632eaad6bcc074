"""Check the exercises of lesson 08: bends, joints, patience, and a loop with modes."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, call, compare, expect, normal
from checks.lesson_07 import FIRST, lopsided, verify_training
from checks.records import altered, exercise, function, number

bend = function(
    solution="""\
def bend(x):
    return x * (x > 0)
""",
    cases={
        "tensor([-2, -0.5, 0, 0.5, 3])": (torch.tensor([-2.0, -0.5, 0.0, 0.5, 3.0]),),
        "a table of shape (4, 3)": (normal(4, 3),),
        "tensor(-0.2)": (torch.tensor(-0.2),),
    },
    mistakes=[
        (lambda x: (x > 0).float(), "That says where x is positive. Multiply it by x."),
        (lambda x: x * (x < 0), "That keeps the negative numbers."),
        (lambda x: x.abs(), "That drops the signs. A negative number becomes zero."),
        (lambda x: x, "The negative numbers are still there."),
        (lambda x: x * 0, "Leave the positive numbers alone."),
        (lambda x: x[x > 0], "Each number keeps its place: multiply by `x > 0`."),
    ],
    advice=[("ambiguous", "An `if` asks about one number. Multiply by `x > 0`.")],
    hint="Zero for each negative number, and every other number as it is.",
    goal="Write that bend yourself",
    idea="What is 3 times `3 > 0`? And what is -2 times `-2 > 0`?",
    praise="`nn.ReLU` does no more than this.",
    other="""\
def bend(x):
    return x.clamp(min=0)
""",
)

network_size = number(
    answer=61,
    mistakes={
        60: "Is the bias of the last layer counted, too?",
        40: "Those are the weights. Each unit has a bias as well.",
        41: "The units of the first layer have biases as well.",
        62: "The last layer gives one number, and has one bias.",
        81: "ReLU has no parameters.",
        20: "That is the number of hidden units.",
        25: "That was for 8 hidden units.",
        4: "That is the number of tensors. How many numbers are in each?",
    },
    hint="Count each layer: weights, then one bias for each of its units.",
    goal="How many parameters does",
    idea="A layer from a to b numbers holds a * b weights in a table, and b biases.",
    praise="ReLU adds none: a bend has nothing to learn.",
)

UPSIDE_DOWN = "Upside down: divide the bias by the weight."
joint = number(
    answer=-2.5,
    mistakes={
        2.5: "At that X, the unit computes 10. What must X be for it to be zero?",
        -5: "That leaves out the weight: 2 times X has to cancel the 5.",
        5: "That is the bias. Where is 2 · X + 5 zero?",
        -0.4: UPSIDE_DOWN,
        0.4: UPSIDE_DOWN,
        0: "There, the unit gives its bias. Where does it give zero?",
    },
    hint="The joint is where 2 · X + 5 changes its sign.",
    goal="A hidden unit has weight 2 and bias 5: at which X is its joint?",
    idea="Set 2 · X + 5 to zero, and solve for X.",
    praise="So a joint moves whenever training changes a weight or a bias.",
)


@exercise(
    goal="Build it without any training",
    idea="One unit rises to the right of zero, the other to the left: add them.",
    praise="Any chain of straight pieces can be put together from hinges.",
    solution="""\
def absolute():
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0], [-1.0]]))
        model[0].bias.zero_()
        model[2].weight.fill_(1.0)
        model[2].bias.zero_()
    return model
""",
    other="""\
def absolute():
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    model[0].weight = nn.Parameter(torch.tensor([[2.0], [-2.0]]))
    model[0].bias = nn.Parameter(torch.zeros(2))
    model[2].weight = nn.Parameter(torch.tensor([[0.5, 0.5]]))
    model[2].bias = nn.Parameter(torch.zeros(1))
    return model
""",
)
def absolute(attempt: Any) -> None:
    advice = [
        ("size", "Give each parameter a tensor of its own shape: see above."),
        ("shape", "Give each parameter a tensor of its own shape: see above."),
        ("0-dim", "`fill_` takes one number. For several, use `copy_`."),
    ]
    model = call(attempt, advice=advice)
    expect(model, "Return the `nn.Sequential` with three layers.", nn.Sequential)
    kinds = [type(layer).__name__ for layer in model]
    if kinds != ["Linear", "ReLU", "Linear"]:
        raise WrongError(f"its layers are {kinds}", "Linear, then ReLU, then Linear.")
    if model[0].out_features != 2:
        hint = "Two hinges are enough: one for each side."
        raise WrongError(f"it has {model[0].out_features} hidden units", hint)
    places = [-40, -3, -0.5, 0, 0.5, 3, 40]
    X = torch.tensor(places, dtype=model[0].weight.dtype).unsqueeze(1)
    unbiased = copy.deepcopy(model)
    for layer in (unbiased[0], unbiased[2]):
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    mistakes = [
        (X.relu(), "The right half is there. A second hinge makes the left one."),
        ((-X).relu(), "The left half is there. A second hinge makes the right one."),
        (X, "That is x itself: the last layer should add the hinges, not subtract."),
        (-X.abs(), "Upside down: which sign has each weight of the last layer?"),
        (2 * X.abs(), "Twice too steep: the weights of both layers are multiplied."),
        (2 * X.relu(), "Both hinges rise to the right. Turn one of them round."),
    ]
    hint = "Draw both hinges: which one rises to the left, and which to the right?"
    if torch.allclose(call(unbiased, X), X.abs(), rtol=0, atol=1e-4):
        hint = "The weights are right. The biases began at random: make them zero."
    result = call(model, X).detach()
    compare(result, X.abs(), "numbers from -40 to 40", mistakes, hint=hint)


RULE = """\
def best_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best
"""
RUNS = [
    ([5.5, 3.5, 4.5, 4.5, 1.5, 2.5, 2.5, 2.5, 0.5], 2),
    ([5.5, 3.5, 4.5, 4.5, 1.5], 3),
    ([0.9, 0.7, 0.8, 0.5, 0.6, 0.3, 0.4], 2),
    ([1.5, 2.5, 3.5], 1),
    ([3.5, 2.5, 1.5], 2),
    ([2.5, 2.5, 2.5, 1.5], 2),
    ([9.5, 4.5, 6.5, 5.5, 7.5, 3.5], 4),
    ([4.5, 1.5, 3.5, 2.5, 5.5], 3),
]

best_epoch = function(
    solution=RULE,
    cases={
        f"{run} and a patience of {patience}": (run, patience) for run, patience in RUNS
    },
    mistakes=[
        *altered(
            RULE,
            ("return best -> return epoch", "That is where it stops, not the best."),
            ("return best -> return losses[best]", "That is a loss. Return its epoch."),
            ("< losses -> <= losses", "An equal loss is no new best."),
            (">= -> >", "It goes on for too long: stop as soon as they are used up."),
            ("[best]: -> [epoch - 1]:", "Is it lower than all before it?"),
        ),
        (lambda run, _: run.index(min(run)), "It stops before it sees that one."),
    ],
    hint="Count the epochs since the last new best, and start anew at each one.",
    goal="return the number of the best epoch until then",
    idea="Remember the best epoch so far; how many epochs have passed since then?",
    praise="This rule, with a copy of the parameters, is all of early stopping.",
    other="""\
def best_epoch(losses, patience):
    best, lowest, waited = 0, losses[0], 0
    for epoch in range(1, len(losses)):
        waited += 1
        if losses[epoch] < lowest:
            best, lowest, waited = epoch, losses[epoch], 0
        if waited == patience:
            return best
    return best
""",
)


class Halved(nn.Module):
    """Pass on half of what comes in while training, and all of it otherwise."""

    def forward(self, X: Tensor) -> Tensor:
        """Return X, or half of it."""
        return X / 2 if self.training else X


LOOP = """\
def train_and_validate(model, loss_fn, optimizer, parts, epochs):
    X_train, y_train, X_validation, y_validation = parts
    losses = []
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(X_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.inference_mode():
            losses.append(loss_fn(model(X_validation), y_validation).item())
    return losses
"""
TRAIN, EVAL = "        model.train()\n", "        model.eval()\n"
STEP, VALIDATE = LOOP[LOOP.index(TRAIN) : LOOP.index("    return")].split(EVAL)
MEASURE = "loss_fn(model(X_validation), y_validation).item()"


@exercise(
    goal="Write the loop with both modes from memory",
    idea="An epoch has two halves, and each begins by setting its mode.",
    praise="Any network can be trained by this loop, whatever layers it has.",
    solution=LOOP,
    mistakes=altered(
        LOOP,
        (
            f"{TRAIN} -> ",
            "Each step needs training mode, and `eval()` lasts: call `train()`.",
        ),
        (
            f"{STEP + EVAL + VALIDATE} -> {EVAL + VALIDATE + STEP}",
            "Measure after the step of each epoch, instead of before it.",
        ),
        ("model.eval() -> pass", "Measure in evaluation mode: `model.eval()` first."),
        (
            f"{MEASURE} -> loss.item()",
            "That is the training loss, from before the step.",
        ),
        ("loss_fn(model(X_train), y_train) -> loss_fn(y_train, model(X_train))", FIRST),
        (f"{MEASURE} -> loss_fn(y_validation, model(X_validation)).item()", FIRST),
        ("optimizer.zero_grad() -> pass", "Old gradients are added: clear them first."),
        (
            "loss.backward() -> pass",
            "Nothing moved: call `backward()`, then `step()` at once.",
        ),
        (
            "optimizer.step() -> pass",
            "Nothing moved: call `backward()`, then `step()` at once.",
        ),
        ("    return ->         return", "Return behind the loop, after all epochs."),
    ),
)
def train_and_validate(attempt: Any) -> None:
    X = normal(12, 1)
    y = 3 * X + 1
    parts = X[:8], y[:8], X[8:], y[8:]

    def start(loss_fn: Callable, kind: type, mode: bool) -> tuple:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(1, 1), Halved()).train(mode)
        return model, loss_fn, kind(model.parameters(), lr=0.1), parts, 3

    starts = {
        "3 epochs": lambda: start(lopsided, torch.optim.SGD, True),
        "3 epochs of a model in evaluation mode": lambda: start(
            nn.MSELoss(), torch.optim.Adam, False
        ),
    }
    verify_training(train_and_validate, attempt, starts)
