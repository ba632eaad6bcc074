"""What the notebooks teach and later notebooks use again.

The definitions without a leading ``check_`` are taught in a notebook, and a test
holds the two equal. All data are float32 tensors without units.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Callable
from numbers import Integral, Real

import matplotlib.pyplot as plt
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor, nn

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
