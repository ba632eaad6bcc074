"""Check the exercises of lesson 02: parameters, a table, a model and its size."""

from typing import Any

import torch
from torch import Tensor, nn

from checks.core import WrongError, call, compare, expect, new_line, normal, show
from checks.records import exercise, number
from linreg import make_data, split

X_train, _, X_test, _ = split(*make_data())
ADVICE = [
    ("'float' object has no attribute 'detach'", "Hand `nn.Parameter` a tensor."),
    ("'str' object", "These are names. `parameters()` gives tensors."),
    ("builtin_function_or_method", "Call it: `numel()`, with its brackets."),
    ("forward() takes", "Write `forward(self, X)`, with both names."),
]

found = number(
    answer=1,
    mistakes={
        2: "`parameters()` gives what is an `nn.Parameter`. Is the bias one?",
        0: "The weight is an `nn.Parameter`, and so it is found.",
    },
    hint="Count the tensors that are held in an `nn.Parameter`.",
    goal="How many tensors does `parameters()` give?",
    idea="Only one of the two numbers is marked as something to be learned.",
    praise="No error warns you that the other one is left out.",
)


@exercise(
    goal="Turn the 80 numbers of `X_train` into a table with a single column.",
    idea="The cell above does it with `X_test`.",
    praise="80 rows for 80 cases, and one column for one feature.",
    solution="",
    mistakes=[
        (X_train, "This is the row itself. `unsqueeze(1)` makes a table of it."),
        (X_train.unsqueeze(0), "This is a single row of 80. Which number turns it?"),
        (X_test.unsqueeze(1), "This table holds the test points."),
        (X_train.unsqueeze, "Call it: `unsqueeze(1)`, with its brackets."),
    ],
)
def table(attempt: Any) -> None:
    hint = "One row for each case, and one column: shape (80, 1)."
    for wrong, text in table.mistakes:
        if isinstance(attempt, Tensor) and isinstance(wrong, Tensor):
            hint = text if torch.equal(attempt, wrong) else hint
        elif callable(attempt) and callable(wrong):
            hint = text
    right = X_train.unsqueeze(1)
    if not isinstance(attempt, Tensor) or not torch.equal(attempt, right):
        raise WrongError(f"you made {show(attempt)}", hint)


combined = number(
    answer=12,
    mistakes={
        7: "Every number meets every other one: multiply.",
        4: "Each of the four meets all three of the row.",
        3: "Each of the three meets all four of the column.",
        16: "The row has three numbers.",
    },
    hint="Each number of the column meets each number of the row.",
    goal="How many numbers are in the result?",
    idea="It is a table with a line for each number of the column.",
    praise="Two short tensors make a large one, and nothing warns you.",
)


@exercise(
    goal="Write a model y = weight * X, with no bias.",
    idea="Take the class from the beginning of this lesson, and leave out the bias.",
    praise="A few lines of your own, and PyTorch can train it.",
    solution="""\
class Proportional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1))

    def forward(self, X):
        return self.weight * X
""",
    other="""\
class Proportional(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.rand(1)))

    def forward(self, X):
        return X * self.weight
""",
)
def proportional(attempt: Any) -> None:
    hint = "Keep the class as it is: the check makes a model of it."
    if isinstance(attempt, nn.Module):
        raise WrongError("it is a model, and no class", hint)
    model = call(attempt, advice=ADVICE)
    if not isinstance(model, nn.Module):
        raise WrongError("it is no PyTorch model", "Inherit from `nn.Module`.")
    hint = "Hold the weight in an `nn.Parameter` named `weight`."
    if len(list(model.parameters())) > 1:
        hint = "A line through the origin has a weight and no bias."
    expect_names(model, ["weight"], hint)
    if type(model).forward is nn.Module.forward:
        raise WrongError("it has no forward()", "Write `forward(self, X)`.")
    weight = model.weight
    if weight.numel() != 1 or not weight.requires_grad:
        hint = "One number, which training may change: `nn.Parameter(torch.randn(1))`."
        raise WrongError("its weight is not one number that can be learned", hint)
    if torch.equal(weight, call(attempt).weight):
        hint = "Let the weight start at random: `torch.randn(1)`."
        raise WrongError("two new models have the same weight", hint)
    verify_forward(model, normal(5))
    with torch.no_grad():
        weight.fill_(-1.5)  # as training would change it
    verify_forward(model, normal(3, seed=1))


def verify_forward(model: nn.Module, X: Tensor) -> None:
    """Raise `WrongError` unless the model multiplies features by its weight."""
    weight = model.weight.reshape(1)
    given = f"{show(X)} and the weight {weight.item():.4f}"
    if model.weight.ndim == 2:  # as in `nn.Linear`, whose features are a table
        X = X.unsqueeze(1)
    result = call(model, X, advice=ADVICE)
    if isinstance(result, Tensor) and model.weight.ndim == 2:
        result = result.flatten()
    X = X.flatten()
    mistakes = [
        (weight + X, "Multiply by the weight; do not add it."),
        (X / weight, "Multiply by the weight; do not divide by it."),
        (-weight * X, "Multiply by the weight as it is, sign and all."),
    ]
    hint = "`forward` returns `self.weight` times X."
    compare(result, weight * X, given, mistakes, hint=hint)


def expect_names(model: nn.Module, names: list[str], hint: str) -> None:
    """Raise `WrongError` unless these are the names of the parameters."""
    have = [name for name, _ in model.named_parameters()]
    if have != names:
        raise WrongError(f"its parameters are {have}, and not {names}", hint)


@exercise(
    goal="Write a function that returns how many numbers a model can learn.",
    idea="Go through `model.parameters()`, and add up the size of each.",
    praise="Even a large language model is counted this way.",
    solution="""\
def count_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())
""",
    other="""\
def count_parameters(model):
    total = 0
    for parameter in model.parameters():
        total = total + parameter.numel()
    return total
""",
)
def count_parameters(attempt: Any) -> None:
    parts = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
    cases = {"our line": new_line(), "nn.Linear(3, 2)": nn.Linear(3, 2)}
    for given, model in (cases | {"a model of three parts": parts}).items():
        learned, held = list(model.parameters()), model.state_dict().values()
        result = call(attempt, model, advice=ADVICE)
        rows = sum(len(parameter) for parameter in learned)
        hints = [
            (len(learned), "That counts the tensors. How many numbers are in each?"),
            (rows, "`len` counts rows. `numel()` counts all numbers."),
            (
                sum(t.numel() for t in held),
                "A state dict holds more than what is learned.",
            ),
        ]
        hint = "Add up `numel()` over all that `parameters()` gives."
        compare(result, sum(p.numel() for p in learned), given, hints, hint=hint)


@exercise(
    goal="Write a function that returns a `LinearRegressionModel` with the weight and "
    "bias that it is given.",
    idea="Make a model, and put both numbers into it as you did with `linear`.",
    praise="A model with numbers of your choice: handy for testing.",
    solution="""\
def line(weight, bias):
    model = LinearRegressionModel()
    with torch.no_grad():
        model.weight.fill_(weight)
        model.bias.fill_(bias)
    return model
""",
    other="""\
def line(weight, bias):
    model = LinearRegressionModel()
    model.weight = nn.Parameter(torch.tensor([weight]))
    model.bias = nn.Parameter(torch.tensor([bias]))
    return model
""",
)
def line(attempt: Any) -> None:
    made = []
    for weight, bias in [(0.6, 0.2), (-2.0, 5.0), (-1.5, 0.25)]:
        given = f"weight {weight} and bias {bias}"
        model = call(attempt, weight, bias, advice=ADVICE)
        hint = "Make a LinearRegressionModel, change it, and return it."
        expect(model, hint, nn.Module, given)
        hint = "Fill the two parameters; do not replace them by other things."
        expect_names(model, ["weight", "bias"], hint)
        X = torch.tensor([0.0, 1.0])
        hints = [
            (bias * X + weight, "Weight and bias are swapped."),
            (weight * X + weight, "The bias got the weight's number."),
        ]
        hint = "Fill both parameters with `fill_`, under `torch.no_grad()`."
        expected = model.weight * 0 + weight * X + bias
        compare(call(model, X), expected, given, hints, hint=hint)
        if not all(parameter.requires_grad for parameter in model.parameters()):
            hint = "Leave `requires_grad` alone, or training cannot change the line."
            raise WrongError("its parameters are frozen", hint)
        made.append(model)
    if made[0] is made[1]:
        hint = "Make a new LinearRegressionModel in each call."
        raise WrongError("two calls gave the same model", hint)
