"""The look of all figures, the plots that come again, and how a figure is shown."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from linreg.guards import (
    both_losses,
    drawable_predictions,
    guarded,
    instance,
    pair,
    sentence,
)

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


@guarded(pair("X_train", "y_train"), pair("X_test", "y_test"), drawable_predictions)
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
    ax = ax or plt.figure().add_subplot()
    series = {"train": (X_train, y_train), "test": (X_test, y_test)}
    if predictions is not None:
        series["prediction"] = (X_test, predictions)
    for name, (x_values, y_values) in series.items():
        ax.plot(x_values, y_values, MARKERS[name], color=COLORS[name], label=name)
    ax.set(xlabel="X (feature)", ylabel="y (label)")
    ax.legend()
    return ax.figure


@guarded(both_losses)
def plot_losses(history: dict[str, list[float]], ax: Axes | None = None) -> Figure:
    """Draw the training and the test loss for each epoch, and return the figure.

    `history` is what `train` returns. The loss axis is logarithmic.

    Raises:
        ValueError: `history` has no "train" or no "test", or one of them is empty.
    """
    ax = ax or plt.figure().add_subplot()
    ax.plot(history["train"], "-", color=COLORS["train"], label="train")
    ax.plot(history["test"], "--", color=COLORS["test"], label="test")
    ax.set(xlabel="epoch", ylabel="mean absolute error", yscale="log")
    ax.legend()
    return ax.figure


def line_and_loss(
    X: Tensor, y: Tensor, lines: Sequence[Tensor], losses: Sequence[float], every: int
) -> tuple[Figure, Callable[[int], None]]:
    """Return a figure of a line that learns, and a function that draws it at a moment.

    Left, the points `X` and `y`, of shape (n,), and a line; right, all `losses`, one
    for each epoch. At moment i, the line is `lines[i]`, the predictions for X after
    `every` * i epochs, and a dot marks the loss.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    left.plot(X, y, "o", color=COLORS["train"], markersize=4)
    (line,) = left.plot(X, lines[0], color=COLORS["prediction"])
    left.set(xlabel="X (feature)", ylabel="y (label)")
    right.plot(losses, color="#767676", linewidth=1)
    (curve,) = right.plot([], [], color=COLORS["train"], linewidth=3)
    (dot,) = right.plot([], [], "o", color=COLORS["train"])
    right.set(xlabel="epoch", ylabel="mean absolute error")

    def draw(moment: int) -> None:
        epoch = every * moment
        line.set_ydata(lines[moment])
        curve.set_data(range(epoch + 1), losses[: epoch + 1])
        dot.set_data([epoch], [losses[epoch]])

    return fig, draw


@guarded(instance(fig=Figure), sentence("alt"))
def show(fig: Figure, alt: str) -> None:
    """Display `fig` as a picture with the text alternative `alt`, and close it.

    The alternative goes into an HTML `<img>`, which JupyterLab, nbconvert and static
    sites all keep; where there is no HTML, the text itself is shown.

    Raises:
        TypeError: `fig` is no matplotlib figure, or `alt` no string.
        ValueError: `alt` is blank.
    """
    img = as_img(fig, alt, to_png(fig))
    display({"text/html": img, "text/plain": f"Figure: {alt}"}, raw=True)


def as_img(fig: Figure, alt: str, png: bytes) -> str:
    """Return `png`, a picture of `fig`, as HTML with an alternative; close `fig`."""
    width = round(fig.get_figwidth() * 100)
    plt.close(fig)
    return f'<img alt="{html.escape(alt)}" width="{width}" src="{data_uri(png)}">'


def to_png(fig: Figure) -> bytes:
    """Return `fig` as a PNG file with 64 colours, a third of the usual size.

    The colours are chosen so that also a rare one stays what it is.
    """
    fig.set_dpi(plt.rcParams["savefig.dpi"])
    canvas = FigureCanvasAgg(fig)
    canvas.draw()  # once, where `savefig` would draw twice
    pixels = bytes(canvas.buffer_rgba())
    picture = Image.frombytes("RGBA", canvas.get_width_height(), pixels).convert("RGB")
    file = io.BytesIO()
    few = picture.quantize(64, method=Image.Quantize.MAXCOVERAGE)
    few.save(file, "png", compress_level=7)
    return file.getvalue()


def data_uri(png: bytes) -> str:
    """Return a PNG file as an address that holds all of it."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
