"""Check the exercises of lesson 06: slopes, momentum, and training by hand."""

from typing import Any
from unittest import mock

import torch

from checks.core import WrongError, call, compare, expect, normal, without_answer
from checks.records import Exercise, altered, defined, exercise, number

bias_slope = number(
    answer=-1,
    mistakes={
        0: "That is the slope of the MAE. How fast does each square change?",
        -0.5: "The square gives a factor of 2.",
        -2: "That is the sum over both points. Take the mean.",
        1: "That is for the weight, or without the signs. Leave X out, and keep them.",
        3: "Keep the signs: the second error is below zero.",
    },
    hint="Double both errors, and take the mean.",
    goal="What is the slope of the MSE for the bias, at the same two points?",
    idea="The two errors stand above. A slope for the bias does without X.",
    praise="With squares, the second point pulls twice as hard as the first.",
)

bias_grad = number(
    answer=8,
    mistakes={
        32: "That is for the weight. The bias is not multiplied by X.",
        1: "Adding is only the first operation on its way. What follows?",
        4: "That is the error. How fast does its square change?",
        16: "That is the loss. How fast does it change?",
    },
    hint="Multiply the slopes of all operations from the bias to the loss.",
    goal="What will `bias.grad` be?",
    idea="Follow the bias: it is added, the label subtracted, the error squared.",
    praise="Its path to the loss has one operation fewer, and so one factor fewer.",
)

third_velocity = number(
    answer=2.71,
    mistakes={
        3: "Each step keeps only 0.9 of the old velocity.",
        1.9: "That is the second one. Go on for another step.",
        0.81: "The gradient of 1 is added in every step.",
        0.271: "The gradient comes in whole, not as a tenth.",
        1: "That is the first one. Go on for two more steps.",
    },
    tolerance=1e-3,
    hint="Three times in a row: 0.9 times the old velocity, plus the gradient.",
    goal="What is the velocity after three steps?",
    idea="The ball begins at rest, so its first velocity is 1.",
    praise="As long as the slope stays the same, each step is longer than the last.",
)


@exercise(
    goal="What is the slope of the MAE for the weight, and what is that of the MSE?",
    idea="Work out the error first, and keep its sign.",
    praise="A step would raise the weight, because the prediction is too low.",
    solution="",
    mistakes=[
        ((3, 24), "The error is the prediction minus the label, in this order."),
        ((-1, -8), "Those are for the bias. The weight is multiplied by X."),
        ((-12, -24), "The MAE asks only for the sign of the error."),
        ((-3, -12), "The square of the error gives a factor of 2."),
        ((-3, -30), "Does the prediction hold the bias?"),
        ((-24, -3), "The order is: MAE first, then MSE."),
    ],
)
def one_slope(attempt: Any) -> None:
    with without_answer(attempt):
        expect(attempt, "Give two numbers, with a comma between them.", 2)
        for given in attempt:
            compare(given, float(given), "")  # a plain number
        mistakes = [(torch.tensor(wrong), hint) for wrong, hint in one_slope.mistakes]
        hint = (
            "For the MAE the sign of the error, for the MSE twice the error; times X."
        )
        right = torch.tensor([-3.0, -24.0])
        compare(torch.tensor(attempt), right, "", mistakes, hint=hint)


ADVICE = [
    ("not associated", "A line uses a name before another one makes it."),
    ("must match the size", "Use the X and y that are given, whatever their number."),
]


def verify_pair(record: Exercise, attempt: Any, names: str, cases: dict) -> None:
    """Say what is wrong with two numbers, such as weight and bias."""
    right = defined(record.solution)
    for given, case in cases.items():
        result = call(attempt, *case, advice=ADVICE)
        expect(result, f"Return two plain numbers: {names}.", 2, given)
        expected = right(*case)
        for i, name in enumerate(names.split(" and ")):
            mistakes = [(wrong(*case)[i], hint) for wrong, hint in record.mistakes]
            compare(result[i], expected[i], f"{given}, as {name}", mistakes)


def walks() -> dict[str, tuple]:
    """Return points, a learning rate and a number of steps, three times, in words."""
    X = normal(3, 20) + 0.5
    y = X * torch.tensor([[-1.5], [2.0], [0.5]]) + 4 + 0.3 * normal(3, 20, seed=1)
    cases = zip(X, y, [0.03, 0.1, 0.1], [3, 1, 40], strict=True)
    return {f"20 points, lr {case[2]} and steps {case[3]}": case for case in cases}


STEP = """\
def momentum_step(value, velocity, gradient, lr, momentum):
    velocity = momentum * velocity + gradient
    return value - lr * velocity, velocity
"""
SWAPPED = "velocity, value - lr * velocity"
OLD = "return value - lr * velocity, momentum * velocity + gradient"


@exercise(
    goal="Write one step with momentum.",
    idea="Two lines: first the new velocity, then the value that it moves.",
    praise="`torch.optim.SGD` takes the very same steps.",
    solution=STEP,
    mistakes=altered(
        STEP,
        (f"value - lr * velocity, velocity -> {SWAPPED}", "Return the value first."),
        ("+ g -> - g", "Add the gradient to the velocity."),
        ("+ g -> + (1 - momentum) * g", "The gradient comes in whole, not as a share."),
        ("+ g -> + lr * g", "`lr` belongs to the step only."),
        ("momentum * v -> v", "Only a part of the old velocity is kept."),
        ("lr * velocity -> lr * gradient", "Move by the velocity, not the gradient."),
        ("- lr -> + lr", "The step goes against the velocity."),
        ("lr * velocity -> velocity", "The step is `lr` times the velocity."),
        (f"{STEP[64:-1]} -> {OLD}", "Move by the new velocity, not by the old one."),
    ),
    other="""\
def momentum_step(value, velocity, gradient, lr, momentum):
    after = gradient + momentum * velocity
    return value - lr * gradient - lr * momentum * velocity, after
""",
)
def momentum_step(attempt: Any) -> None:
    cases = [(1.0, 4.0, 3.0, 0.1, 0.5), (-2.0, 0.5, -1.0, 0.03, 0.9)]
    cases = {", ".join(map(str, case)): case for case in cases}
    verify_pair(momentum_step, attempt, "value and velocity", cases)


FIVE_LINES = """\
def five_lines(X, y, lr, steps):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        slope_weight = (error.sign() * X).mean().item()
        slope_bias = error.sign().mean().item()
        weight = weight - lr * slope_weight
        bias = bias - lr * slope_bias
    return weight, bias
"""
LOOP, ERROR = FIVE_LINES.splitlines(keepends=True)[2:4]


@exercise(
    goal="Put the five lines into an order that trains a line with the MAE.",
    idea="Which line needs no name that another one makes?",
    praise="Error, slopes, step: that is all of gradient descent.",
    starter=FIVE_LINES[: FIVE_LINES.index("error")] + "...\n    return weight, bias\n",
    solution=FIVE_LINES,
    mistakes=altered(
        FIVE_LINES,
        (f"{LOOP + ERROR} -> {ERROR[4:] + LOOP}", "Each step has errors of its own."),
        ("    return ->         return", "Return after the loop, not within it."),
        ("bias = bias - lr * slope_bias -> ", "The bias has not moved. Five lines?"),
    ),
)
def five_lines(attempt: Any) -> None:
    verify_pair(five_lines, attempt, "weight and bias", walks())


MENDED = """\
def mended(X, y, lr, steps):
    weight = torch.tensor(0.0, requires_grad=True)
    bias = torch.tensor(0.0, requires_grad=True)
    for _ in range(steps):
        weight.grad = None
        bias.grad = None
        error = weight * X + bias - y
        loss = (error * error).mean()
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
            bias -= lr * bias.grad
    return weight.item(), bias.item()
"""
CLEAR = "        weight.grad = None\n        bias.grad = None\n"


@exercise(
    goal="Repair it, so that it takes steps with the mean squared error.",
    idea="Print both gradients after `backward()`, for two steps, beside the formula.",
    praise="Neither fault raised an error: only the steps were wrong.",
    starter=MENDED.replace(CLEAR, "").replace("* error)", "* error.detach())"),
    solution=MENDED,
    mistakes=altered(
        MENDED,
        ("* error) -> * error.detach())", "The steps are too short. Is a path cut?"),
        (f"{CLEAR} -> ", "Old gradients are added. Clear both in each step."),
        ("weight.grad = None -> ", "Clear the weight's gradient, too."),
        ("bias.grad = None -> ", "Clear the bias's gradient, too."),
        ("-= -> +=", "Step downhill, against the gradient."),
    ),
)
def mended(attempt: Any) -> None:
    verify_pair(mended, attempt, "weight and bias", walks())


FIT_LINE = """\
def fit_line(X, y, lr, steps):
    weight, bias = 0.0, 0.0
    for _ in range(steps):
        error = weight * X + bias - y
        weight -= lr * 2 * (error * X).mean().item()
        bias -= lr * 2 * error.mean().item()
    return weight, bias
"""
IN_TURN = "2 * (weight * X + bias - y).mean"
SIGNS = "error = (weight * X + bias - y).sign()"


@exercise(
    goal="Write gradient descent with the mean squared error, for any points",
    idea="Like the five lines, with twice the error in place of its sign.",
    praise="No `nn`, no optimizer, no `backward()`: the training is your own.",
    solution=FIT_LINE,
    mistakes=altered(
        FIT_LINE,
        ("lr * 2 -> lr", "Both slopes have a factor of 2."),
        ("-= -> +=", "The step goes against the slope."),
        ("return weight, bias -> return bias, weight", "The order is: weight, bias."),
        (f"2 * error.mean -> {IN_TURN}", "Take the error from before either moves."),
        (
            "= weight * X + bias - y -> = y - weight * X + bias",
            "Minus all of the prediction: weight and bias.",
        ),
        ("mean -> sum", "Those are sums. Take the mean."),
        ("    return ->         return", "It stops after one step: return at the end."),
        (f"{ERROR.strip()} -> {SIGNS}", "Take the error itself, not its sign."),
        ("range(steps) -> []", "It has not moved. Are the new numbers kept?"),
    ),
    other="""\
def fit_line(X, y, lr, steps):
    line = torch.zeros(2)
    for _ in range(steps):
        error = line[0] * X + line[1] - y
        line = line - lr * 2 * torch.stack([(error * X).mean(), error.mean()])
    return line[0].item(), line[1].item()
""",
)
def fit_line(attempt: Any) -> None:
    backward = torch.autograd.backward
    with mock.patch("torch.autograd.backward", wraps=backward) as asked:
        verify_pair(fit_line, attempt, "weight and bias", walks())
    if asked.called:
        hint = "Write both slopes out, as in `mse_gradient`."
        raise WrongError("`backward()` found the slopes", hint)
