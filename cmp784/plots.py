"""The house style of figures: safe for the colour-blind, readable in grey, described in words."""

import base64
import html
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cmp784 import outputs
from cmp784.errors import Cmp784Error

#: Okabe and Ito's palette (2008), in an order whose first four also differ in lightness.
COLOURS: Mapping[str, str] = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "black": "#000000",
    "green": "#009E73",
    "red": "#D55E00",
    "sky": "#56B4E9",
    "pink": "#CC79A7",
    "grey": "#7F7F7F",
}

#: A line says with its dashes what it also says with its colour.
DASHES: Sequence[Any] = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1)), "-")

#: Colour map for values on both sides of zero, and for values from zero up.
DIVERGING, SEQUENTIAL = "PuOr", "cividis"

#: Pixels an inch: of a still picture, and of a moving one, which has to be quick.
STILL_DPI, MOVING_DPI = 144, 96


class PlotError(Cmp784Error, ValueError):
    """A figure that lacks what every figure of the course has."""


def use_style() -> None:
    """Set the house style for all figures that follow.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["axes.spines.top"]
    False
    """
    plt.rcParams.update(
        {
            "figure.figsize": (7.0, 3.4),
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "figure.constrained_layout.h_pad": 0.08,
            "figure.constrained_layout.w_pad": 0.08,
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.labelsize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": False,
            "axes.axisbelow": True,
            "grid.color": "#D9D9D9",
            "grid.linewidth": 0.8,
            "lines.linewidth": 2.0,
            "lines.markersize": 6,
            "legend.frameon": False,
            "legend.fontsize": 10,
            "image.cmap": SEQUENTIAL,
            "image.interpolation": "nearest",
            "axes.prop_cycle": cycler(color=list(COLOURS.values())) + cycler(linestyle=DASHES),
        }
    )


def show(figure: Figure, alt: str) -> None:
    """Show a figure with its alternative text, and close it.

    The text travels with the picture: it is in the notebook's output and in exported HTML.

    Parameters
    ----------
    figure
        The finished figure.
    alt
        What a reader who cannot see the figure needs to know: what is drawn, and what it shows.

    Raises
    ------
    PlotError
        When the text is empty.

    Examples
    --------
    >>> figure, axes = plt.subplots()
    >>> show(figure, alt="Empty axes.")
    Empty axes.
    """
    words = checked_alt(alt)
    picture = to_png(figure, STILL_DPI)
    width, height = (round(inches * MOVING_DPI) for inches in figure.get_size_inches())
    plt.close(figure)
    # The same picture twice: nbconvert's default page drops the alternative text of image/png.
    outputs.show(
        {
            "text/html": to_html(picture, words, width),
            "image/png": base64.b64encode(picture).decode(),
            "text/plain": words,
        },
        metadata={"image/png": {"alt": words, "width": width, "height": height}},
    )


def to_png(figure: Figure, dpi: int = STILL_DPI) -> bytes:
    """Return a figure as the bytes of a PNG file, ``dpi`` pixels an inch."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def to_html(picture: bytes, alt: str, width: int) -> str:
    """Return a PNG as an HTML image, ``width`` pixels wide or as wide as the page."""
    data = base64.b64encode(picture).decode()
    words = html.escape(alt, quote=True)
    style = f"width:{width}px;max-width:100%"
    return f'<img alt="{words}" style="{style}" src="data:image/png;base64,{data}">'


def checked_alt(alt: str) -> str:
    """Return an alternative text on one line; raise ``PlotError`` when there is none."""
    words = " ".join(str(alt).split())
    if not words:
        raise PlotError(
            "the figure has no alternative text. Pass alt= with a sentence that says "
            "what is drawn and what it shows."
        )
    return words


def image_grid(
    images: Any,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 8,
    size: float = 0.9,
    limits: tuple[float, float] | None = None,
    cmap: str = "gray_r",
) -> Figure:
    """Draw small pictures side by side.

    Parameters
    ----------
    images
        Array or tensor of shape (n, height, width) for grey pictures, (n, 3, height, width) for
        colour in [0, 1]; or a list of such pictures.
    titles
        One a picture, shown above it.
    columns
        How many pictures stand in a row.
    size
        Side of a picture in inches.
    limits
        Values shown as the two ends of ``cmap``; by default the extremes of all pictures.
    cmap
        Colour map of grey pictures.

    Returns
    -------
    Figure
        To be given to ``show`` with its alternative text.

    Raises
    ------
    PlotError
        When there are no pictures, or not as many titles as pictures.

    Examples
    --------
    >>> figure = image_grid(np.zeros((3, 8, 8)), ["a", "b", "c"])
    >>> len(figure.axes)
    3
    >>> plt.close(figure)
    """
    pictures = [np.asarray(picture) for picture in images]
    if not pictures:
        raise PlotError("there is no picture to draw: images is empty.")
    if titles is not None and len(titles) != len(pictures):
        raise PlotError(f"{len(pictures)} pictures, but {len(titles)} titles; pass one for each.")
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    height = size + (0.24 if titles is not None else 0.06)
    figure, grid = plt.subplots(
        rows, columns, figsize=(columns * (size + 0.06), rows * height), squeeze=False
    )
    low, high = limits or (min(p.min() for p in pictures), max(p.max() for p in pictures))
    for number, axes in enumerate(grid.flat):
        axes.set_axis_off()
        if number >= len(pictures):
            axes.remove()
            continue
        picture = pictures[number]
        if picture.ndim == 3:
            axes.imshow(picture.transpose(1, 2, 0).clip(0, 1))
        else:
            axes.imshow(picture, cmap=cmap, vmin=low, vmax=high)
        if titles is not None:
            axes.set_title(titles[number], fontsize=9, loc="center", fontweight="normal", pad=2)
    return figure


def mean_and_spread(axes: Axes, x: Any, runs: Any, label: str, **line: Any) -> None:
    """Draw the mean of several runs as a line and one standard deviation as a band.

    Parameters
    ----------
    axes
        Where to draw.
    x
        Shape (points,).
    runs
        Shape (runs, points): one row a seed.
    label
        Words for the legend.
    **line
        Passed on to ``axes.plot``.

    Examples
    --------
    >>> figure, axes = plt.subplots()
    >>> mean_and_spread(axes, [1, 2], [[0.5, 0.9], [0.7, 0.9]], "two seeds")
    >>> plt.close(figure)
    """
    x, runs = np.asarray(x), np.asarray(runs, dtype=float)
    middle, spread = runs.mean(axis=0), runs.std(axis=0, ddof=1 if len(runs) > 1 else 0)
    (drawn,) = axes.plot(x, middle, label=label, **line)
    axes.fill_between(
        x, middle - spread, middle + spread, color=drawn.get_color(), alpha=0.18, linewidth=0
    )
