"""What the notebooks teach and later notebooks use again.

The definitions without a leading ``check_`` are taught in a notebook, and a test
holds the two equal. All data are float32 tensors without units.
"""

from __future__ import annotations

import base64
import copy
import csv
import html
import io
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset

# From Okabe and Ito's palette: told apart with any colour vision, and a prediction
# is still seen where it lies on a test point.
COLORS = {"train": "#0072B2", "test": "#D55E00", "prediction": "#000000"}
MARKERS = {"train": "o", "test": "s", "prediction": "x"}

plt.rcParams.update(
    {
        "figure.figsize": (6.4, 4.0),  # inches, shown at 100 pixels an inch
        "figure.constrained_layout.use": True,
        "savefig.dpi": 200,  # two picture pixels for each pixel on the page
        "font.size": 12,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": "#DDDDDD",
        "lines.markersize": 6,
    }
)


def make_data(
    n_points: int = 100, weight: float = 0.7, bias: float = 0.3, seed: int = 42
) -> tuple[Tensor, Tensor]:
    """Return features X, uniform in [0, 1), and labels y = weight * X + bias.

    Both are float32 of shape (n_points,). Sets PyTorch's random state to `seed`.

    Raises:
        TypeError: a count or a number is of the wrong kind.
        ValueError: `n_points` is not positive; `weight` or `bias` is not finite.
    """
    check_data_settings(n_points, weight, bias, seed)
    torch.manual_seed(seed)
    X = torch.rand(n_points)
    y = weight * X + bias
    return X, y


def split(
    X: Tensor, y: Tensor, train_fraction: float = 0.8
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return X_train, y_train, X_test, y_test: the first rows and the rest.

    `X` and `y` have the same number of rows and of dimensions; the order is kept,
    so the rows should be in random order.

    Raises:
        TypeError: `X` or `y` is no floating-point tensor; the fraction no number.
        ValueError: shapes that do not match, empty data or values that are not
            finite; a fraction outside 0 to 1, or one that leaves a part empty.
    """
    check_split(X, y, train_fraction)
    n_train = round(train_fraction * len(X))
    return X[:n_train], y[:n_train], X[n_train:], y[n_train:]


class LinearRegressionModel(nn.Module):
    """A straight line, y = weight * X + bias, that starts at random.

    `weight` and `bias` are float32 parameters of shape (1,). The input is a
    tensor of any shape, and the output has the same shape.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1))
        self.bias = nn.Parameter(torch.randn(1))

    def forward(self, X: Tensor) -> Tensor:
        """Return the prediction for each value of X, in X's shape."""
        return self.weight * X + self.bias


def predict(model: nn.Module, X: Tensor) -> Tensor:
    """Return the model's output for `X`, without recording gradients.

    Leaves the model in evaluation mode.

    Raises:
        TypeError: `X` is no floating-point tensor.
        ValueError: `X` is empty or holds values that are not finite.
    """
    check_tensor(X=X)
    model.eval()
    with torch.inference_mode():
        return model(X)


def train(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    X_train: Tensor,
    y_train: Tensor,
    X_test: Tensor,
    y_test: Tensor,
    epochs: int,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
) -> dict[str, list[float]]:
    """Train `model` in place and return the losses, one of each for every epoch.

    `history["train"]` is measured before the epoch's step, `history["test"]` after
    it. Features and labels have the same number of rows and of dimensions.

    Raises:
        TypeError: data that are no floating-point tensors; `epochs` no integer.
        ValueError: empty data, values that are not finite or shapes that do not
            match; `epochs` below 1; an optimizer that holds none of the model's
            parameters; predictions and labels of different shape; a loss that
            stops being finite.
    """
    loss_fn = check_training(
        model, loss_fn, optimizer, X_train, y_train, X_test, y_test, epochs
    )
    history = {"train": [], "test": []}
    for _ in range(epochs):
        model.train()
        loss = loss_fn(model(X_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()

        model.eval()
        with torch.inference_mode():
            test_loss = loss_fn(model(X_test), y_test)
        history["train"].append(loss.item())
        history["test"].append(test_loss.item())
    return history


def plot_predictions(
    X_train: Tensor,
    y_train: Tensor,
    X_test: Tensor,
    y_test: Tensor,
    predictions: Tensor | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw training points, test points and, where given, predictions for X_test.

    All tensors are of shape (n,), or (n, 1). Draws into `ax`, or a new figure, and
    returns the figure.

    Raises:
        TypeError: an argument is no floating-point tensor.
        ValueError: empty data, values that are not finite, shapes that do not match,
            or predictions that still require grad.
    """
    check_plot(X_train, y_train, X_test, y_test, predictions)
    ax = ax or plt.figure().add_subplot()
    series = {"train": (X_train, y_train), "test": (X_test, y_test)}
    if predictions is not None:
        series["prediction"] = (X_test, predictions)
    for name, (x_values, y_values) in series.items():
        ax.plot(x_values, y_values, MARKERS[name], color=COLORS[name], label=name)
    ax.set(xlabel="X (feature)", ylabel="y (label)")
    ax.legend()
    return ax.figure


def plot_losses(history: dict[str, list[float]], ax: Axes | None = None) -> Figure:
    """Draw the training and the test loss for each epoch, and return the figure.

    `history` is what `train` returns. The loss axis is logarithmic.

    Raises:
        ValueError: `history` has no "train" or no "test", or one of them is empty.
    """
    check_history(history)
    ax = ax or plt.figure().add_subplot()
    ax.plot(history["train"], "-", color=COLORS["train"], label="train")
    ax.plot(history["test"], "--", color=COLORS["test"], label="test")
    ax.set(xlabel="epoch", ylabel="mean absolute error", yscale="log")
    ax.legend()
    return ax.figure


def read_rows(path: str | Path, columns: Sequence[str]) -> list[list[str]]:
    """Return some columns of a CSV file with a header, row by row, as text.

    Leaves out a row where one of these columns is `NA`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: no columns are asked for, or the file lacks one of them.
    """
    check_table(path, columns)
    with Path(path).open(newline="") as file:
        rows = [[row[column] for column in columns] for row in csv.DictReader(file)]
    return [row for row in rows if "NA" not in row]


def standardize(train_values: Tensor, *others: Tensor) -> list[Tensor]:
    """Subtract the mean of `train_values` and divide by their standard deviation.

    All are tables of floating point with the same columns. Mean and standard
    deviation are taken for each column of the first table and used for all, so that
    nothing leaks from the others.

    Raises:
        TypeError: an argument is no floating-point tensor.
        ValueError: empty data, values that are not finite, other columns, or a
            column in which all values are equal.
    """
    check_standardize(train_values, *others)
    mean, std = train_values.mean(dim=0), train_values.std(dim=0)
    return [(values - mean) / std for values in (train_values, *others)]


def least_squares(X: Tensor, y: Tensor) -> Tensor:
    """Return the bias and the weights with the lowest mean squared error.

    `X` has shape (n, k), `y` shape (n,), the result shape (k + 1,), bias first. The
    columns are centred and scaled and the QR decomposition is used, because solving
    the normal equations would lose half of the digits (Golub and Van Loan, "Matrix
    Computations", chapter 5).

    Raises:
        TypeError: `X` or `y` is no floating-point tensor.
        ValueError: shapes that do not match, empty data or values that are not
            finite; fewer rows than unknowns; a column in which all values are equal.
    """
    check_features(X, y)
    center, scale = X.mean(dim=0), X.std(dim=0)
    Q, R = torch.linalg.qr((X - center) / scale)
    right = (Q.T @ (y - y.mean())).unsqueeze(1)
    weights = torch.linalg.solve_triangular(R, right, upper=True).squeeze(1) / scale
    return torch.cat([(y.mean() - weights @ center).unsqueeze(0), weights])


def correct_digits(found: Tensor, certified: Tensor) -> int:
    """Return how many decimal digits of the worst of some numbers are right, up to 12.

    Both are of the same shape. This is the log relative error (McCullough, "Assessing
    the Reliability of Statistical Software", 1998), rounded down.

    Raises:
        TypeError: an argument is no floating-point tensor.
        ValueError: shapes that differ, values that are not finite, a certified zero.
    """
    check_digits(found, certified)
    share = ((found - certified) / certified).abs().max().item()
    return 12 if share < 1e-12 else max(0, math.floor(-math.log10(share)))


def setup_faults(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[str]:
    """Return what is wrong with the parameters, the optimizer or the mode."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    faults = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            faults.append(f"{name} is frozen: its requires_grad is False")
        elif id(parameter) not in held:
            faults.append(f"{name} is not in the optimizer")
        if not parameter.isfinite().all():
            faults.append(f"{name} holds values that are not finite")
    for module in model.modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor):
                faults.append(f"{name} is a plain tensor, so it is not trained")
    if not all(module.training for module in model.modules()):
        faults.append("the model is in evaluation mode: call model.train()")
    return faults


def data_faults(model: nn.Module, X: Tensor, y: Tensor) -> list[str]:
    """Return where `X` or `y` do not fit the model's first parameter."""
    parameter = next(model.parameters())
    faults = []
    for name, values in {"X": X, "y": y}.items():
        if values.device != parameter.device:
            faults.append(f"{name} is on {values.device}, not {parameter.device}")
        elif not values.isfinite().all():
            faults.append(f"{name} holds values that are not finite")
        if values.is_floating_point() and values.dtype != parameter.dtype:
            faults.append(f"{name} is {values.dtype}, not {parameter.dtype}")
    return faults


def step_faults(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
) -> list[str]:
    """Return what goes wrong in one training step, taken by copies."""
    model, optimizer, loss_fn = copy.deepcopy((model, optimizer, loss_fn))
    if isinstance(optimizer, torch.optim.LBFGS):  # a copy forgets what it moves
        optimizer._params = optimizer.param_groups[0]["params"]
        optimizer._numel_cache = None
    predictions = model(X.clone())
    if y.is_floating_point() and predictions.shape != y.shape:
        shapes = f"{tuple(predictions.shape)} and {tuple(y.shape)}"
        return [f"predictions and labels have shapes {shapes}: the loss broadcasts"]

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_fn(model(X.clone()), y.clone())
        loss.backward()
        return loss

    loss = loss_fn(predictions, y.clone())
    if not loss.isfinite():
        return [f"the loss is {loss.item()}"]
    if not loss.requires_grad:
        return ["no gradient reaches any parameter: is the model's output detached?"]
    optimizer.zero_grad()
    loss.backward()
    faults = []
    for name, parameter in model.named_parameters():
        if parameter.grad is None and parameter.requires_grad:
            faults.append(f"no gradient reaches {name}: is it cut, or not used?")
        elif parameter.grad is not None and not parameter.grad.isfinite().all():
            faults.append(f"the gradient of {name} is not finite")
    optimizer.step(closure)
    if not faults and not all(p.isfinite().all() for p in model.parameters()):
        faults.append("after one step, a parameter is not finite")
    return faults


def diagnose(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
) -> list[str]:
    """Return a plain sentence for each fault that one training step can show.

    An empty list says that the usual suspects are innocent: every parameter is in the
    optimizer and reached by a gradient; shapes, dtypes and devices match; all values
    are finite; nothing is frozen or in evaluation mode. `X` and `y` are one batch, of
    any shape that model and loss take. Model, optimizer, gradients, data and the
    random state on the CPU stay exactly as they were.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: the model has no parameters, or `X` or `y` is empty.
    """
    check_diagnose(model, optimizer, loss_fn, X, y)
    faults = setup_faults(model, optimizer) + data_faults(model, X, y)
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            faults += step_faults(model, optimizer, loss_fn, X, y)
    except Exception as error:
        if not faults:
            first_line = str(error).splitlines()[0]
            faults.append(f"a step raises {type(error).__name__}: {first_line}")
    return faults


class SlowRows(Dataset):
    """Rows of the line 0.7 * X + 0.3 that take a millisecond each to make.

    Feature and label are float32 tensors of shape (), with X from 0 to 1.

    Raises:
        TypeError: `n_rows` is no integer.
        ValueError: `n_rows` is not positive.
    """

    def __init__(self, n_rows: int) -> None:
        check_integer(minimum=1, n_rows=n_rows)
        self.X = torch.linspace(0, 1, n_rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.X)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Wait a millisecond, and return the feature and the label of one row."""
        time.sleep(0.001)
        return self.X[index], 0.7 * self.X[index] + 0.3


def line_from_sums(
    n_rows: int, sum_x: float, sum_y: float, sum_xx: float, sum_xy: float
) -> tuple[float, float]:
    """Return weight and bias with the lowest mean squared error.

    The sums go over all rows: of the features, the labels, the squared features, and
    the products of feature and label. Both slopes of the error are zero there.

    Raises:
        ZeroDivisionError: there are no rows, or all features are equal.
    """
    weight = (sum_xy - sum_x * sum_y / n_rows) / (sum_xx - sum_x * sum_x / n_rows)
    return weight, (sum_y - weight * sum_x) / n_rows


def line_from_blocks(blocks: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
    """Return weight and bias with the lowest mean squared error, from a single pass.

    `blocks` gives features X and labels y, each of shape (n,) and on the CPU; n may
    differ. Only one block is held at a time. Each block is summed in its own dtype
    and the totals in float64, after subtracting the mean of the first block, because
    raw sums of squares lose the digits that matter (Chan, Golub and LeVeque,
    "Algorithms for Computing the Sample Variance", 1983).

    Raises:
        TypeError: a block is no pair of floating-point tensors of one dtype.
        ValueError: there are no blocks, an empty one, or one with other shapes;
            values that are not finite; a feature of which all values are equal.
    """
    n_rows, sums, room = 0, [0.0, 0.0, 0.0, 0.0], torch.empty(2, 0)
    for X, y in blocks:
        check_block(X, y)
        if n_rows == 0:
            X_near, y_near = X.mean(), y.mean()
        if (room.shape[1], room.dtype) != (len(X), X.dtype):
            room = X.new_empty(2, len(X))
            X_room, y_room = room
        torch.sub(X, X_near, out=X_room)
        torch.sub(y, y_near, out=y_room)
        block_sums = room.sum(dim=1).tolist() + (room @ X_room).tolist()
        sums = [a + b for a, b in zip(sums, block_sums, strict=True)]
        n_rows += len(X)
    check_sums(n_rows, sums)
    weight, bias = line_from_sums(n_rows, *sums)
    return weight, y_near.item() + bias - weight * X_near.item()


def launch(
    n_processes: int,
    *arguments: str | float | Path,
    options: Sequence[str] = ("--standalone",),
    **environment: str,
) -> subprocess.Popen:
    """Start torchrun with `n_processes` copies of a script, on one CPU thread each.

    `arguments` are the script's file and its arguments, `options` torchrun's own, and
    `environment` holds more environment variables. Give what is returned to `finish`,
    which waits for it.

    Raises:
        TypeError: `n_processes` is no integer.
        ValueError: `n_processes` is not positive.
    """
    check_integer(minimum=1, n_processes=n_processes)
    torchrun = [sys.executable, "-m", "torch.distributed.run", *options]
    command = [*torchrun, f"--nproc-per-node={n_processes}", *map(str, arguments)]
    alone = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        command,
        env=os.environ | alone | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*launchers: subprocess.Popen, seconds: float = 60.0) -> tuple[str, str]:
    """Wait for launchers, and return what their processes wrote to stdout and stderr.

    If the waiting is interrupted, the launchers and their processes are ended first.

    Raises:
        subprocess.TimeoutExpired: one was not done after so many seconds.
        RuntimeError: one failed; the message is what was written to stderr.
    """
    try:
        texts = [launcher.communicate(timeout=seconds) for launcher in launchers]
    except BaseException:
        for launcher in launchers:
            launcher.terminate()  # torchrun then ends its processes
            launcher.communicate()
        raise
    printed, progress = map("".join, zip(*texts, strict=True))
    if any(launcher.returncode for launcher in launchers):
        raise RuntimeError(progress)
    return printed, progress


def show(fig: Figure, alt: str) -> None:
    """Display `fig` as a picture with the text alternative `alt`, and close it.

    The alternative goes into an HTML `<img>`, which JupyterLab, nbconvert and static
    sites all keep; where there is no HTML, the text itself is shown.

    Raises:
        TypeError: `fig` is no matplotlib figure, or `alt` no string.
        ValueError: `alt` is blank.
    """
    check_figure(fig, alt)
    width = round(fig.get_figwidth() * 100)
    img = (
        f'<img alt="{html.escape(alt)}" width="{width}" src="{data_uri(to_png(fig))}">'
    )
    plt.close(fig)
    display({"text/html": img, "text/plain": f"Figure: {alt}"}, raw=True)


def to_png(fig: Figure) -> bytes:
    """Return `fig` as a PNG file with 64 colours, a third of the usual size."""
    drawn, small = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(64).save(small, "png", optimize=True)
    return small.getvalue()


def data_uri(png: bytes) -> str:
    """Return a PNG file as an address that holds all of it."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


# What the functions above refuse, and how they say so.


def check_tensor(**arguments: Tensor) -> None:
    """Refuse anything but a non-empty, finite, floating-point tensor."""
    for name, value in arguments.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"{name}: expected a tensor, got {type(value).__name__}")
        if not value.is_floating_point():
            raise TypeError(f"{name}: expected floating point, got {value.dtype}")
        if value.numel() == 0:
            raise ValueError(f"{name}: expected data, got an empty tensor")
        if not torch.isfinite(value).all():
            raise ValueError(f"{name}: expected finite values, got NaN or infinity")


def check_pair(**pair: Tensor) -> None:
    """Refuse features and labels whose rows or dimensions do not match."""
    check_tensor(**pair)
    (X_name, X), (y_name, y) = pair.items()
    if X.ndim == 0 or X.ndim != y.ndim or len(X) != len(y):
        raise ValueError(
            f"{X_name} and {y_name}: expected as many rows and dimensions in both, "
            f"got shapes {tuple(X.shape)} and {tuple(y.shape)}"
        )


def check_integer(minimum: int | None = None, **arguments: int) -> None:
    """Refuse anything but an integer, and one below `minimum`."""
    for name, value in arguments.items():
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{name}: expected an integer, got {value!r}")
        if minimum is not None and value < minimum:
            raise ValueError(f"{name}: expected {minimum} or more, got {value}")


def check_number(**arguments: float) -> None:
    """Refuse anything but a finite number."""
    for name, value in arguments.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name}: expected a number, got {value!r}")
        if not math.isfinite(value):
            raise ValueError(f"{name}: expected a finite number, got {value}")


def check_data_settings(n_points: int, weight: float, bias: float, seed: int) -> None:
    """Check the arguments of `make_data`."""
    check_integer(minimum=1, n_points=n_points)
    check_number(weight=weight, bias=bias)
    check_integer(seed=seed)


def check_split(X: Tensor, y: Tensor, train_fraction: float) -> None:
    """Check the arguments of `split`."""
    check_pair(X=X, y=y)
    check_number(train_fraction=train_fraction)
    if not 0 < train_fraction < 1:
        raise ValueError(
            f"train_fraction: expected a number between 0 and 1, got {train_fraction}"
        )
    if not 0 < round(train_fraction * len(X)) < len(X):
        raise ValueError(
            f"train_fraction: {train_fraction} of {len(X)} rows leaves a part empty"
        )


def check_training(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    X_train: Tensor,
    y_train: Tensor,
    X_test: Tensor,
    y_test: Tensor,
    epochs: int,
) -> Callable[[Tensor, Tensor], Tensor]:
    """Check the arguments of `train`; return a `loss_fn` that checks each call too."""
    check_pair(X_train=X_train, y_train=y_train)
    check_pair(X_test=X_test, y_test=y_test)
    check_integer(minimum=1, epochs=epochs)
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if held.isdisjoint(id(p) for p in model.parameters()):
        raise ValueError("optimizer: it holds none of the parameters of this model")
    epoch = -1

    def checked_loss_fn(predictions: Tensor, labels: Tensor) -> Tensor:
        nonlocal epoch
        epoch += model.training
        if predictions.shape != labels.shape:
            raise ValueError(
                f"model: its predictions have shape {tuple(predictions.shape)}, "
                f"the labels {tuple(labels.shape)}"
            )
        loss = loss_fn(predictions, labels)
        if not math.isfinite(loss.item()):
            raise ValueError(
                f"optimizer: the loss is {loss.item()} in epoch {epoch}; "
                "a smaller learning rate may help"
            )
        return loss

    return checked_loss_fn


def check_plot(
    X_train: Tensor,
    y_train: Tensor,
    X_test: Tensor,
    y_test: Tensor,
    predictions: Tensor | None,
) -> None:
    """Check the arguments of `plot_predictions`."""
    check_pair(X_train=X_train, y_train=y_train)
    check_pair(X_test=X_test, y_test=y_test)
    if predictions is not None:
        check_pair(X_test=X_test, predictions=predictions)
        if predictions.requires_grad:
            raise ValueError(
                "predictions: they still require grad; pass predictions.detach()"
            )


def check_history(history: dict[str, list[float]]) -> None:
    """Check the argument of `plot_losses`."""
    for name in ("train", "test"):
        if not history.get(name):
            raise ValueError(f'history: expected losses under "{name}", got none')


def check_table(path: str | Path, columns: Sequence[str]) -> None:
    """Check the arguments of `read_rows`."""
    with Path(path).open(newline="") as file:
        header = next(csv.reader(file), [])
    missing = [column for column in columns if column not in header]
    if not columns or missing:
        raise ValueError(f"columns: expected some of {header}, got {missing or 'none'}")


def check_standardize(train_values: Tensor, *others: Tensor) -> None:
    """Check the arguments of `standardize`."""
    check_tensor(train_values=train_values)
    for values in others:
        check_tensor(others=values)
        if values.shape[1:] != train_values.shape[1:]:
            raise ValueError(
                "others: expected the columns of train_values, got shapes "
                f"{tuple(values.shape)} and {tuple(train_values.shape)}"
            )
    check_spread(train_values=train_values)


def check_spread(**table: Tensor) -> None:
    """Refuse a table with a column that says nothing."""
    ((name, values),) = table.items()
    if len(values) < 2 or (values == values[0]).all(dim=0).any():
        raise ValueError(f"{name}: expected different values in each column")


def check_features(X: Tensor, y: Tensor) -> None:
    """Check the arguments of `least_squares`."""
    check_tensor(X=X, y=y)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            "X and y: expected shapes (n, k) and (n,), "
            f"got {tuple(X.shape)} and {tuple(y.shape)}"
        )
    if len(X) <= X.shape[1]:
        raise ValueError(f"X: expected more rows than columns, got {tuple(X.shape)}")
    check_spread(X=X)


def check_digits(found: Tensor, certified: Tensor) -> None:
    """Check the arguments of `correct_digits`."""
    check_tensor(found=found, certified=certified)
    if found.shape != certified.shape:
        raise ValueError(
            "found and certified: expected the same shape, "
            f"got {tuple(found.shape)} and {tuple(certified.shape)}"
        )
    if (certified == 0).any():
        raise ValueError("certified: expected no zeros, as errors are shares of it")


def check_diagnose(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
) -> None:
    """Check the arguments of `diagnose`, which looks at unfit values itself."""
    kinds = {
        "model": (model, nn.Module),
        "optimizer": (optimizer, torch.optim.Optimizer),
        "loss_fn": (loss_fn, Callable),
        "X": (X, Tensor),
        "y": (y, Tensor),
    }
    for name, (value, kind) in kinds.items():
        if not isinstance(value, kind):
            expected, given = kind.__name__, type(value).__name__
            raise TypeError(f"{name}: expected {expected}, got {given}")
    if next(model.parameters(), None) is None:
        raise ValueError("model: expected parameters, got none")
    for name, values in {"X": X, "y": y}.items():
        if values.numel() == 0:
            raise ValueError(f"{name}: expected data, got an empty tensor")


def check_block(X: Tensor, y: Tensor) -> None:
    """Refuse a block of wrong kind or shape, without reading its values."""
    for name, values in {"X": X, "y": y}.items():
        if not isinstance(values, Tensor) or not values.is_floating_point():
            given = getattr(values, "dtype", type(values).__name__)
            raise TypeError(f"blocks: {name} must be floating point, got {given}")
    if X.dtype != y.dtype:
        raise TypeError(f"blocks: X is {X.dtype} and y {y.dtype}, expected the same")
    if X.ndim != 1 or X.shape != y.shape or len(X) == 0:
        shapes = f"{tuple(X.shape)} and {tuple(y.shape)}"
        raise ValueError(f"blocks: X and y must be of one shape (n,), got {shapes}")


def check_sums(n_rows: int, sums: list[float]) -> None:
    """Refuse sums from which no line follows."""
    if n_rows == 0:
        raise ValueError("blocks: expected rows, got none")
    if not all(map(math.isfinite, sums)):
        raise ValueError("blocks: expected finite values, got NaN or infinity")
    sum_x, _, sum_xx, _ = sums
    if sum_xx - sum_x * sum_x / n_rows <= 0:
        raise ValueError("blocks: expected different values of X")


def check_figure(fig: Figure, alt: str) -> None:
    """Check the arguments of `show`."""
    if not isinstance(fig, Figure):
        raise TypeError(f"fig: expected a figure, got {type(fig).__name__}")
    check_alt(alt)


def check_alt(alt: str) -> None:
    """Refuse a text alternative that says nothing."""
    if not isinstance(alt, str):
        raise TypeError(f"alt: expected a string, got {type(alt).__name__}")
    if not alt.strip():
        raise ValueError("alt: expected a sentence that says what can be seen")
