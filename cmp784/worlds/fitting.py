"""From pixels to shapes: find the blobs of a picture and fit the three ideal shapes to each.

The fit is analysis by synthesis. A blob's area and centre of mass give the size and place of each
shape; the shape is drawn there, its own area and centre of mass correct the guess, twice more; and
the overlap of drawing and blob says how well the shape fits. Nothing is searched on a grid, so a
true picture fits almost exactly, also at 16 pixels.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional

from cmp784.worlds.rendering import coverage, palette
from cmp784.worlds.vocabulary import BACKGROUND, SHAPES

FOREGROUND = 0.3  # a pixel this much covered belongs to a blob
SMALLEST_AREA = 8.0  # in square units; the smallest true block has 23
LARGEST_COUNT = 4  # blobs that are fitted in one picture; more only count as too many

# Area of a shape of half width 1, and how far its centre of mass lies below its box's middle.
_AREA = {"square": 4.0, "circle": np.pi, "triangle": 2.0}
_SINK = {"square": 0.0, "circle": 0.0, "triangle": 1 / 3}
# Spread of a shape to the sides over its spread up and down.
_FLATNESS = {"square": 1.0, "circle": 1.0, "triangle": 0.75**0.5}
_ROUNDS = 3
_SCALES = (1.0, 0.93, 1.07)


@dataclass(frozen=True, eq=False)
class Ink:
    """What colour covers each pixel of n pictures, and how much of it.

    Attributes
    ----------
    colour : torch.Tensor
        int64 of shape (n, side, side): the colour that explains the pixel best.
    cover : torch.Tensor
        (n, side, side): 0 is background, 1 is that colour.
    error : torch.Tensor
        (n, side, side): distance of the pixel from the mixture, in RGB.
    """

    colour: torch.Tensor
    cover: torch.Tensor
    error: torch.Tensor


@dataclass(frozen=True, eq=False)
class Blobs:
    """Connected regions, the larger first within each picture, at most four each.

    Attributes
    ----------
    picture : torch.Tensor
        int64 of shape (m,): the picture of each blob, rising.
    cover : torch.Tensor
        (m, side, side): the blob alone, with the pale pixels of its edge.
    count : torch.Tensor
        int64 of shape (n,): how many each picture has, however many were kept.
    crumbs : torch.Tensor
        (n,): covered area of each picture in regions too small to be a block, in pixels.
    """

    picture: torch.Tensor
    cover: torch.Tensor
    count: torch.Tensor
    crumbs: torch.Tensor


@dataclass(frozen=True, eq=False)
class Fits:
    """The best ideal shape for each of m blobs.

    Attributes
    ----------
    shape : torch.Tensor
        int64 of shape (m,), place in ``SHAPES``.
    centre : torch.Tensor
        (m, 2), middle of its bounding box, (x, y) in pixels.
    half : torch.Tensor
        (m,), half its width in pixels.
    overlap : torch.Tensor
        (m,), common area over joint area of blob and shape, 0 to 1.
    stretch : torch.Tensor
        (m,), how much wider than high the blob is, against the shape: 1 if it is neither.
    """

    shape: torch.Tensor
    centre: torch.Tensor
    half: torch.Tensor
    overlap: torch.Tensor
    stretch: torch.Tensor


def read_ink(images: torch.Tensor) -> Ink:
    """Explain each pixel as a mixture of the background and one colour.

    Parameters
    ----------
    images : torch.Tensor
        (n, 3, side, side), 0 to 1.

    Returns
    -------
    Ink
        The best colour, its share and what is left unexplained.
    """
    pixels = images.permute(0, 2, 3, 1) - BACKGROUND  # (n, side, side, 3)
    inks = palette() - BACKGROUND  # (6, 3)
    lengths = inks.square().sum(dim=1)
    along = pixels @ inks.T  # (n, side, side, 6)
    share = (along / lengths).clamp(0, 1)
    error = pixels.square().sum(dim=-1, keepdim=True) - 2 * share * along + share**2 * lengths
    best, colour = error.min(dim=-1)
    cover = share.gather(-1, colour[..., None])[..., 0]
    return Ink(colour, cover, best.clamp(min=0).sqrt())


def find_blobs(cover: torch.Tensor) -> Blobs:
    """Find the connected regions of pixels that are covered.

    Parameters
    ----------
    cover : torch.Tensor
        (n, side, side), 0 to 1.

    Returns
    -------
    Blobs
        The regions of at least ``SMALLEST_AREA`` square units.
    """
    n, side, _ = cover.shape
    inside = cover > FOREGROUND
    plane = np.zeros((3, 3, 3), dtype=bool)  # neighbours within a picture, not across pictures
    plane[1] = ndimage.generate_binary_structure(2, 1)
    labels, total = ndimage.label(inside.numpy(), structure=plane)
    flat = torch.from_numpy(labels).long()
    area = torch.bincount(flat.flatten(), (cover * inside).flatten(), total + 1)
    owner = torch.zeros(total + 1, dtype=torch.long)
    owner[flat] = torch.arange(n)[:, None, None].expand_as(flat)

    big = area >= SMALLEST_AREA * (side / 32) ** 2
    big[0] = False
    count = torch.bincount(owner[big], minlength=n)
    crumbs = torch.bincount(owner[1:], area[1:] * ~big[1:], n)
    kept = big.nonzero()[:, 0]
    kept = kept[area[kept].argsort(descending=True)]
    kept = kept[owner[kept].argsort(stable=True)]  # by picture, the larger first
    first = torch.cat([torch.zeros(1, dtype=torch.long), count.cumsum(0)[:-1]])
    kept = kept[torch.arange(len(kept)) - first[owner[kept]] < LARGEST_COUNT]
    picture = owner[kept]
    alone = (flat[picture] == kept[:, None, None]).float()[:, None]
    grown = functional.max_pool2d(alone, 3, stride=1, padding=1)[:, 0]
    # The rim belongs to the blob, but not where it touches another blob.
    mine = (grown > 0) & ((alone[:, 0] > 0) | ~inside[picture])
    return Blobs(picture, cover[picture] * mine, count, crumbs)


def fit_shapes(cover: torch.Tensor) -> Fits:
    """Fit a square, a circle and a triangle to each blob and keep the best.

    Parameters
    ----------
    cover : torch.Tensor
        (m, side, side), one blob each.

    Returns
    -------
    Fits
        Shape, place, size and overlap.
    """
    area = cover.sum(dim=(1, 2))
    mass = _centre_of_mass(cover)
    window, first = _windows(cover, mass)
    fits = [_fit(shape, window, first, area, mass) for shape in SHAPES]
    closeness, centres, halves, overlaps = (torch.stack(part) for part in zip(*fits, strict=True))
    shape, rows = closeness.argmax(dim=0), torch.arange(len(cover))
    centre, half, overlap = (part[shape, rows] for part in (centres, halves, overlaps))
    ideal = torch.tensor([_FLATNESS[name] for name in SHAPES])[shape]
    return Fits(shape, centre, half, overlap, _flatness(cover, mass) / ideal)


def _fit(
    shape: str, window: torch.Tensor, first: torch.Tensor, area: torch.Tensor, mass: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return closeness, centre, half width and overlap of one shape for each blob."""
    side = window.shape[-1]
    half = (area / _AREA[shape]).sqrt()
    centre = mass.clone()
    centre[:, 1] -= _SINK[shape] * half
    for _ in range(_ROUNDS):
        drawn = coverage(shape, centre, half, side, first)
        half = half * (area / drawn.sum(dim=(1, 2)).clamp(min=1e-3)).sqrt().clamp(0.5, 2)
        centre = centre + (mass - first - _centre_of_mass(drawn))
    outside = area - window.sum(dim=(1, 2))

    def drawn_at(width: torch.Tensor) -> torch.Tensor:
        return coverage(shape, centre, width, side, first)

    # A picture that a model drew may be blurred: a small square then looks round.
    drawn = drawn_at(half)
    closeness = torch.maximum(
        _overlap(drawn, window, outside), _overlap(_soften(drawn), window, outside)
    )
    # A ragged blob can be a little larger or smaller than the shape that it shows.
    tries = [
        _overlap(_harden(drawn_at(half * scale)), _harden(window), outside) for scale in _SCALES
    ]
    overlap, best = torch.stack(tries).max(dim=0)
    return closeness, centre, half * torch.tensor(_SCALES)[best], overlap


def _overlap(drawn: torch.Tensor, window: torch.Tensor, outside: torch.Tensor) -> torch.Tensor:
    """Return the common over the joint area; what lies outside the window counts as missed."""
    common = torch.minimum(drawn, window).sum(dim=(1, 2))
    joint = torch.maximum(drawn, window).sum(dim=(1, 2))
    return common / (joint + outside).clamp(min=1e-6)


def _harden(cover: torch.Tensor) -> torch.Tensor:
    """Make edges steeper, so that a blurred block is judged by its form and not by its blur."""
    return (2 * cover - 0.5).clamp(0, 1)


def _soften(cover: torch.Tensor) -> torch.Tensor:
    """Blur over 3 x 3 pixels."""
    return functional.avg_pool2d(cover[:, None], 3, stride=1, padding=1)[:, 0]


def _windows(cover: torch.Tensor, mass: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut out a window that holds the largest block, and return it with its left upper corner."""
    side = cover.shape[-1]
    width = side // 2 + 2
    first = (mass - width / 2).round().long()  # (m, 2)
    padded = functional.pad(cover, (width,) * 4)
    steps = torch.arange(width) + width
    rows = (first[:, 1:] + steps)[:, :, None]
    columns = (first[:, :1] + steps)[:, None, :]
    return padded[torch.arange(len(cover))[:, None, None], rows, columns], first.float()


def _centre_of_mass(cover: torch.Tensor) -> torch.Tensor:
    """Return the centre of mass (x, y) of each picture, (m, 2), from its left upper corner."""
    middles = torch.arange(cover.shape[-1], dtype=cover.dtype) + 0.5
    total = cover.sum(dim=(1, 2)).clamp(min=1e-6)
    x, y = cover.sum(dim=1) @ middles, cover.sum(dim=2) @ middles
    return torch.stack([x, y], dim=1) / total[:, None]


def _flatness(cover: torch.Tensor, mass: torch.Tensor) -> torch.Tensor:
    """Return the spread to the sides over the spread up and down, as standard deviations."""
    middles = torch.arange(cover.shape[-1], dtype=cover.dtype) + 0.5
    x = (cover.sum(dim=1) * (middles - mass[:, :1]).square()).sum(dim=1)
    y = (cover.sum(dim=2) * (middles - mass[:, 1:]).square()).sum(dim=1)
    return ((x + 1e-6) / (y + 1e-6)).sqrt()
