"""Check the exercises of lesson 07: units, one-hot columns, no leak, small batches."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from checks.core import WrongError, call, compare, expect, normal, show
from checks.records import Exercise, altered, defined, exercise, number

FAR = "That is the distance in mm. How many standard deviations is it?"
scaled_flipper = number(
    answer=-0.5,
    mistakes={
        0.5: "This flipper is shorter than the mean: what does that do to the sign?",
        -7: FAR,
        7: FAR,
        -98: "Divide by the standard deviation, instead of multiplying by it.",
        193 / 14: "Subtract the mean first.",
        193 - 200 / 14: "The subtraction comes first: put it into brackets.",
    },
    hint="Subtract the mean from 193, then divide by the standard deviation.",
    goal="What is the standardized value of a flipper of 193 mm?",
    idea="How many millimetres is it from the mean, and in which direction?",
    praise="A standardized value says how unusual a bird is, whatever the unit.",
)

steps_per_epoch = number(
    answer=13,
    mistakes={
        12: "Twelve full batches leave some birds over, and they get a step, too.",
        12.875: "There is no part of a step: the last batch is only smaller.",
        206: "That would be a batch for each single bird.",
        16: "That is how many birds are in a full batch.",
        1: "That is a step with all birds at once, as before.",
        14: "That is how many birds the last batch holds. How many batches are there?",
    },
    hint="How often does 16 go into 206, and is anything left over?",
    goal="How many steps does an epoch have?",
    idea="Fill one batch after the other until no bird is left.",
    praise="Each of them costs about a thirteenth of a step with all birds.",
)

grams_per_mm = number(
    answer=29,
    mistakes={
        57: "That is 800 g for each 14 mm. Where does the weight come in?",
        57.14: "That is 800 g for each 14 mm. Where does the weight come in?",
        800 / 14: "That is 800 g for each 14 mm. Where does the weight come in?",
        0.5
        * 14
        / 800: "Upside down: multiply by the grams, divide by the millimetres.",
        14 / 800: "Upside down: multiply by the grams, divide by the millimetres.",
        28: "Round to whole grams, up or down to the nearest one.",
        28.6: "Round to whole grams, up or down to the nearest one.",
        28.57: "Round to whole grams, up or down to the nearest one.",
        400 / 14: "Round to whole grams, up or down to the nearest one.",
        400: "That is for 14 mm. How much is it for one?",
        114: "Multiply by the weight, instead of dividing by it.",
    },
    hint="Multiply the weight by the grams, and divide by the millimetres.",
    goal="How many grams for each millimetre is that?",
    idea="One step on the standardized feature is 14 mm; how many grams follow it?",
    praise="Numbers with their units back are numbers that one can talk about.",
)


ONE_HOT = """\
def one_hot(names, kinds):
    return torch.tensor([[float(name == kind) for kind in kinds] for name in names])
"""


@exercise(
    goal="Write a function that turns names into one-hot columns",
    idea="For each name, go through the kinds, and ask whether the two are equal.",
    praise="Now a name can stand beside numbers, and no kind counts more than another.",
    solution="""\
def one_hot(names, kinds):
    columns = torch.zeros(len(names), len(kinds))
    for row, name in enumerate(names):
        columns[row, kinds.index(name)] = 1
    return columns
""",
    other=ONE_HOT,
    mistakes=altered(
        ONE_HOT,
        ("in kinds -> in sorted(kinds)", "Keep the kinds in the order given."),
        ("== -> !=", "The one belongs where name and kind are equal."),
        ("== -> in", "Ask with `==`: a part is not the whole name."),
        (
            "name == kind -> kind in name",
            "Ask with `==`: a part is not the whole name.",
        ),
        (
            "name == kind -> name[0] == kind[0]",
            "Ask with `==`: a part is not the whole name.",
        ),
        ("float(name == kind) -> name == kind", "Turn each answer into a float."),
    ),
)
def one_hot(attempt: Any) -> None:
    large = ["x", "z", "z", "y", "x"], ["z", "x", "y"]
    similar = ["Adela", "Adel", "Ada"], ["Ada", "Adela", "Adel"]
    for names, kinds in [(["b", "a"], ["a", "b"]), large, similar]:
        given = f"{names} and {kinds}"
        expected = defined(ONE_HOT)(names, kinds)
        result = call(attempt, names, kinds)
        if isinstance(result, Tensor):
            came = f"for {given}, {show(result)} came back"
            if result.ndim == 1:
                hint = "Numbers would put the kinds in order. Make a column for each."
                raise WrongError(came, hint)
            if not result.is_floating_point():
                hint = "Turn each answer into a float."
                raise WrongError(f"{came}, of {result.dtype}", hint)
            if result.shape != expected.shape == result.shape[::-1]:
                hint = "Make a row for each name, with a column for each kind."
                raise WrongError(f"for {given}, rows and columns are swapped", hint)
        mistakes = [(wrong(names, kinds), hint) for wrong, hint in one_hot.mistakes]
        hint = "Each row has a single one, in the column of its name."
        compare(result, expected, given, mistakes, hint=hint)


def scaled(X: Tensor, like: Tensor) -> Tensor:
    low, high = like.aminmax(dim=0)
    return (X - low) / (high - low)


@exercise(
    goal="subtract its smallest value, then divide by its range",
    idea="Take the smallest and the largest of each column once, from one table only.",
    praise="What is learned from the training set stays honest on the test set.",
    solution="""\
def scale_to_one(X_train, X_test):
    low = X_train.amin(dim=0)
    width = X_train.amax(dim=0) - low
    return (X_train - low) / width, (X_test - low) / width
""",
    mistakes=[
        (
            lambda a, b: (scaled(a, a), scaled(b, b)),
            "Use the smallest value and the range of the training table here, too.",
        ),
        (
            lambda a, b: [scaled(X, torch.cat([a, b])) for X in (a, b)],
            "The test rows had a say in it: that is a leak.",
        ),
        (
            lambda a, b: [scaled(X, a.flatten()) for X in (a, b)],
            "That is the smallest of the whole table. For each column: `dim=0`.",
        ),
        (
            lambda a, b: [(X - a.amin(0)) / a.amax(0) for X in (a, b)],
            "Divide by the range: the largest value minus the smallest.",
        ),
        (
            lambda a, b: [X / a.amax(0) for X in (a, b)],
            "Subtract the smallest value first, then divide by the range.",
        ),
        (lambda a, b: [X - a.amin(0) for X in (a, b)], "Now divide by the range."),
        (
            lambda a, b: [X - a.amin(0) / (a.amax(0) - a.amin(0)) for X in (a, b)],
            "The subtraction comes first: put it into brackets.",
        ),
        (
            lambda a, b: [(X - a.mean(0)) / a.std(0) for X in (a, b)],
            "That is standardizing. Here, each training column runs from 0 to 1.",
        ),
        (lambda a, b: (scaled(b, a), scaled(a, a)), "The training table comes first."),
    ],
    other="""\
def scale_to_one(X_train, X_test):
    low, high = X_train.aminmax(dim=0)
    return [(X - low) / (high - low) for X in (X_train, X_test)]
""",
)
def scale_to_one(attempt: Any) -> None:
    units = torch.tensor([1.0, 10.0, 100.0])
    tables = normal(12, 3) * units + 5, normal(12, 3, seed=1) * units + 5
    given = "12 training and 12 test rows with 3 columns"
    advice = [
        ("must match", "The smallest of each column is found along `dim=0`."),
        ("return_types", "`min` gives places as well; `amin` gives the values alone."),
    ]
    result = call(attempt, *tables, advice=advice)
    expect(result, "Return two tables: first the training table.", 2, given)
    expected = scaled(tables[0], tables[0]), scaled(tables[1], tables[0])
    for i, name in enumerate(["training", "test"]):
        mistakes = [(wrong(*tables)[i], hint) for wrong, hint in scale_to_one.mistakes]
        hint = "Both tables need the training table's smallest values and ranges."
        compare(
            result[i], expected[i], f"{given}, as {name} table", mistakes, hint=hint
        )


LOOP = """\
def train_in_batches(model, loss_fn, optimizer, loader, epochs):
    losses = []
    for _ in range(epochs):
        for X, y in loader:
            loss = loss_fn(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses
"""
FIRST = "Give the loss function the predictions first, and then the labels."
OWN = "optimizer = torch.optim.SGD(model.parameters(), lr=0.01)"
RETURN = "Go through all epochs and batches, and return behind both loops."
CLEAR = "            optimizer.zero_grad()\n"
BATCH = LOOP[LOOP.index("        for X") : LOOP.index("            loss.backward")]


@exercise(
    goal="Write the whole training loop from memory",
    idea="A loop over the epochs, and in it a loop over the batches; then five steps.",
    praise="With this loop, you can train any model on a table of any length.",
    solution=LOOP,
    mistakes=altered(
        LOOP,
        (
            "optimizer.step() -> pass",
            "Nothing moved: call `backward()`, then `step()` at once.",
        ),
        (
            "loss.backward() -> pass",
            "Nothing moved: call `backward()`, then `step()` at once.",
        ),
        (f"{CLEAR} -> ", "Old gradients are added. Clear them before `backward()`."),
        (
            f"{BATCH} ->         optimizer.zero_grad()\n{BATCH.replace(CLEAR, '')}",
            "Clear the gradients before each `backward()`, not once in each epoch.",
        ),
        ("range(epochs) -> range(1)", RETURN),
        ("    return ->         return", RETURN),
        ("    return ->             return", RETURN),
        ("            losses. ->         losses.", "Keep a loss for each single step."),
        ("(loss.item() -> (loss_fn(model(X), y).item()", "Keep the loss from before."),
        (f"losses = [] -> losses = []; {OWN}", "Use the optimizer you are given."),
        ("loss_fn(model(X), y) -> loss_fn(y, model(X))", FIRST),
        ("loss_fn(m -> nn.MSELoss()(m", "Use the loss function you are given."),
    ),
)
def train_in_batches(attempt: Any) -> None:
    X = normal(12, 2)
    y = X @ torch.tensor([[2.0], [-1.0]]) + 0.5
    loader = DataLoader(TensorDataset(X, y), batch_size=5)

    def start(loss_fn: Callable, kind: type) -> tuple:
        torch.manual_seed(0)
        model = nn.Linear(2, 1)
        return model, loss_fn, kind(model.parameters(), lr=0.1), loader, 2

    starts = {
        "2 epochs of 3 batches": lambda: start(lopsided, torch.optim.SGD),
        "2 epochs with Adam": lambda: start(nn.MSELoss(), torch.optim.Adam),
    }
    verify_training(train_in_batches, attempt, starts)


def lopsided(predictions: Tensor, labels: Tensor) -> Tensor:
    """Return the mean error, where one that is too low counts twice."""
    errors = predictions - labels
    return torch.maximum(errors, -2 * errors).mean()


def verify_training(
    record: Exercise, attempt: Any, starts: Mapping[str, Callable[[], tuple]]
) -> None:
    """Say what is wrong with a loop that trains a model and returns a list of losses.

    Args:
        record: the exercise, with a solution, and mistakes that do not raise.
        attempt: what the reader wrote.
        starts: by their description, what gives new arguments, with the model first.
    """

    def trained(loop: Callable) -> tuple[list[float], Tensor]:
        """Return the losses, and the parameters of the model that was trained."""
        model, *rest = starts[given]()
        losses = call(loop, model, *rest, shared=True, advice=advice)
        expect(losses, "Return a list with one number for each loss.", list, given)
        for loss in losses:
            expect(loss, "Take the number out of each loss with `item()`.", float)
        return losses, torch.cat([p.detach().flatten() for p in model.parameters()])

    def same(one: tuple, other: tuple) -> bool:
        alike = len(one[0]) == len(other[0]) and torch.allclose(one[1], other[1])
        return alike and torch.allclose(torch.tensor(one[0]), torch.tensor(other[0]))

    advice = [("'backward'", "It is the loss that goes back: `loss.backward()`.")]
    for given in starts:
        came, right = trained(attempt), trained(defined(record.solution))
        if not same(came, right):
            hint = (
                "Take the steps with what you are given, and measure in each of them."
            )
            fits = (text for loop, text in record.mistakes if same(came, trained(loop)))
            told = f"for {given}, {show(torch.tensor(came[0]))} came back as losses"
            what = f"{told}, and not {show(torch.tensor(right[0]))}"
            raise WrongError(what, next(fits, hint))
