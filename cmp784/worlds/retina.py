"""Rosenblatt's cards: a square on the left or on the right of a retina of 400 photocells.

In July 1958 the perceptron was shown to the press on an IBM 704: it learnt to tell cards with a
square on the left from cards with a square on the right, in about fifty trials. This module
draws such cards. The machine itself is built in the notebook.

Source: "New Navy Device Learns by Doing", The New York Times, 8 July 1958, page 25; F. Rosenblatt,
"The perceptron", Psychological Review 65 (1958), pages 386-408. The numbers of the drawing (size
and place of the squares) are ours: the sources do not give them.
"""

import math
from typing import NamedTuple

import torch

from cmp784.worlds.draws import uniform
from cmp784.worlds.errors import WorldError

SIDE = 20
HALF = SIDE // 2


class Cards(NamedTuple):
    """Cards and the side on which each has its square; unpacks as ``images, labels``.

    Attributes
    ----------
    images : torch.Tensor
        Photocells, float32 of shape (n, 20, 20): 1 where the square (or noise) is, else 0.
    labels : torch.Tensor
        float32 of shape (n,): -1 for a square on the left, +1 for one on the right.
    """

    images: torch.Tensor
    labels: torch.Tensor


def cards(
    count: int,
    *,
    size: int | tuple[int, int] = 5,
    rows: tuple[int, int] = (0, SIDE),
    columns: tuple[int, int] = (0, HALF),
    shift: tuple[int, int] = (0, 0),
    rotation: float | tuple[float, float] = 0.0,
    noise: float = 0.0,
    seed: int | torch.Generator = 0,
) -> Cards:
    """Draw cards with one square each, wholly on the left or wholly on the right.

    Sides, sizes, turns and places are uniform and independent. To test a trained machine on what
    it has not seen, train inside one range and test in another: other ``rows`` or ``columns``, a
    ``shift``, another ``size``, a ``rotation``, some ``noise``.

    The same seed gives the same cards, and the first n cards of a larger draw are the cards of a
    draw of n. At another setting, the same seed keeps the sides and the relative places. (A
    ``torch.Generator`` moves on instead: its next draw differs.)

    Parameters
    ----------
    count : int
        Number of cards, at least 1.
    size : int or (int, int), default 5
        Side of the square in cells, or its smallest and largest value.
    rows : (int, int), default (0, 20)
        The square stays within rows ``low`` to ``high - 1``, counted from the top.
    columns : (int, int), default (0, 10)
        The square stays within these columns of its half, counted *outwards* from the middle
        line, so that the two sides are mirror images of each other: (0, 10) is the whole half.
    shift : (int, int), default (0, 0)
        Cells by which every square is moved (down, right) afterwards.
    rotation : float or (float, float), default 0
        Turn about the square's middle in degrees, or its smallest and largest value. A cell is
        on if its middle lies in the turned square. The corners need more room, and get it.
    noise : float, default 0
        Chance of each cell to be flipped, 0 to 1.
    seed : int or torch.Generator, default 0
        Source of randomness.

    Returns
    -------
    Cards
        ``images`` of shape (n, 20, 20) with values 0 and 1, ``labels`` of shape (n,), -1 or +1.

    Raises
    ------
    WorldError
        If a value is out of range, or the square has no room, or the shift moves it off the
        retina or over the middle line.

    Examples
    --------
    >>> images, labels = cards(50, seed=1)
    >>> images.shape, labels.shape, images.sum(dim=(1, 2)).unique()
    (torch.Size([50, 20, 20]), torch.Size([50]), tensor([25.]))
    >>> seen = cards(50, rows=(0, 10), seed=1)      # squares in the upper half ...
    >>> unseen = cards(50, rows=(10, 20), seed=2)   # ... and where the machine never saw one
    >>> turned = cards(50, rotation=45, seed=3)
    """
    sizes, turns = _range("size", size), _range("rotation", rotation)
    if sizes != (int(sizes[0]), int(sizes[1])) or sizes[0] < 1:
        raise WorldError(
            f"size is '{size}', but a square is a whole number of cells wide, at least 1."
        )
    if not 0 <= noise <= 1:
        raise WorldError(f"noise is '{noise}', but it is a chance: give a number from 0 to 1.")
    _check_band("rows", rows, SIDE)
    _check_band("columns", columns, HALF)

    draws = uniform(count, 5 + SIDE * SIDE, seed)
    label = torch.where(draws[:, 0] < 0.5, -1.0, 1.0)
    width = sizes[0] + (draws[:, 1] * (sizes[1] - sizes[0] + 1)).floor()
    angle = torch.deg2rad(turns[0] + draws[:, 2] * (turns[1] - turns[0]))

    # The smallest whole box around the turned square; what is left of the band is for its place.
    spread = angle.cos().abs() + angle.sin().abs()
    box = (width * spread - 1e-6).ceil()
    top = rows[0] + _place(draws[:, 3], rows, box, "rows")
    outward = columns[0] + _place(draws[:, 4], columns, box, "columns")
    left = torch.where(label > 0, HALF + outward, HALF - outward - box)
    top, left = top + shift[0], left + shift[1]
    _check_on_retina(label, top, left, box, shift)

    images = _draw(top + box / 2, left + box / 2, width, angle)
    if noise:
        flip = draws[:, 5:].reshape(-1, SIDE, SIDE) < noise
        images = torch.where(flip, 1 - images, images)
    return Cards(images.float(), label.float())


def _draw(
    y: torch.Tensor, x: torch.Tensor, width: torch.Tensor, angle: torch.Tensor
) -> torch.Tensor:
    """Return squares with these middles: 1 where the middle of a cell lies inside."""
    cells = torch.arange(SIDE, dtype=torch.float64) + 0.5
    dy = cells[None, :, None] - y[:, None, None]  # (n, 20, 1)
    dx = cells[None, None, :] - x[:, None, None]  # (n, 1, 20)
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    reach = width[:, None, None] / 2 - 1e-6
    return ((along.abs() <= reach) & (across.abs() <= reach)).double()


def _place(draw: torch.Tensor, band: tuple[int, int], box: torch.Tensor, name: str) -> torch.Tensor:
    """Return the whole-cell offset of a box in its band."""
    room = band[1] - band[0] - box
    if bool((room < 0).any()):
        raise WorldError(
            f"{name} is '{band}', {band[1] - band[0]} cells, but the square needs up to "
            f"{int(box.max())} there. Widen {name}, or make the square smaller or turn it less."
        )
    return (draw * (room + 1)).floor()


def _range(name: str, value: float | tuple[float, float]) -> tuple[float, float]:
    """Return a number or a pair as (low, high)."""
    low, high = value if isinstance(value, tuple | list) else (value, value)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise WorldError(f"{name} is '{value}', but give one number or (smallest, largest).")
    return low, high


def _check_band(name: str, band: tuple[int, int], limit: int) -> None:
    """Refuse a band that is empty or leaves the retina."""
    if not 0 <= band[0] < band[1] <= limit:
        raise WorldError(
            f"{name} is '{band}', but expected (low, high) with 0 <= low < high <= {limit}."
        )


def _check_on_retina(
    label: torch.Tensor,
    top: torch.Tensor,
    left: torch.Tensor,
    box: torch.Tensor,
    shift: tuple[int, int],
) -> None:
    """Refuse a shift after which a square is cut off or stands on the other side."""
    first = torch.where(label > 0, HALF, 0)
    fits = (top >= 0) & (top + box <= SIDE) & (left >= first) & (left + box <= first + HALF)
    if not bool(fits.all()):
        raise WorldError(
            f"shift is '{shift}' (down, right): it moves {int((~fits).sum())} of {len(fits)} "
            "squares off the retina or over the middle line. Leave room by narrower rows and "
            "columns, e.g. rows=(0, 15), columns=(2, 8), or shift by fewer cells."
        )
