"""The checker: recover a scene from its pixels.

It knows how the world is drawn and nothing about how a picture came about, so it judges what a
model draws without a person looking. What is no picture of the world it calls malformed, with the
reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from cmp784.worlds.draws import whole_number
from cmp784.worlds.errors import WorldError
from cmp784.worlds.fitting import (
    FOREGROUND,
    SMALLEST_AREA,
    Blobs,
    Ink,
    find_blobs,
    fit_shapes,
    read_ink,
)
from cmp784.worlds.scenes import Block, Scene
from cmp784.worlds.vocabulary import COLOURS, SHAPES, SIZES

LEAST_OVERLAP = 0.75
LEAST_MAJORITY = 0.75  # share of a block's ink that must be of its colour
LARGEST_ERROR = 0.2  # mean RGB distance of its pixels from that colour
# Half widths in units; true ones are 3.4 to 3.8 and 5.9 to 6.4.
SMALL, LARGE = (2.6, 4.4), (5.2, 7.4)
LARGEST_STRETCH = 1.2  # wider than high, or higher than wide; a block that was cut off is
STEEPEST = 0.7  # shorter over longer distance of the centres; true pictures stay below 0.35
MOST_CRUMBS = 0.25  # area of stray specks over area of the blocks
_CHUNK = 512


@dataclass(frozen=True)
class Seen:
    """One block as the checker saw it.

    Attributes
    ----------
    block : Block
        Its size, colour and shape, and its centre in pixels.
    half_width : float
        Half the width of its bounding box in pixels.
    overlap : float
        Common over joint area of what was seen and the ideal shape, 0 to 1.
    problem : str or None
        Why it is malformed, or None.
    """

    block: Block
    half_width: float
    overlap: float
    problem: str | None


@dataclass(frozen=True)
class Description:
    """What a picture shows.

    Attributes
    ----------
    seen : tuple of Seen
        The blocks, the left or upper one first; at most four.
    relation : str or None
        "left of" or "above" for two blocks, from the first to the second; else None.
    problem : str or None
        Why the picture is malformed, or None.
    colours : dict
        Centre of mass (x, y) in pixels of each colour of which there is enough for a block,
        whatever its form.
    """

    seen: tuple[Seen, ...]
    relation: str | None
    problem: str | None
    colours: dict[str, tuple[float, float]]

    @property
    def well_formed(self) -> bool:
        """Whether the picture shows a scene of the world."""
        return self.problem is None

    @property
    def scene(self) -> Scene | None:
        """The scene in canonical form; None if the picture is malformed."""
        if not self.well_formed:
            return None
        return Scene(tuple(seen.block for seen in self.seen), self.relation)

    def __str__(self) -> str:
        if self.problem is not None:
            return f"malformed: {self.problem}"
        looks = [f"{b.size} {b.colour} {b.shape}" for b in (seen.block for seen in self.seen)]
        return f" {self.relation} ".join(looks)


def describe(images: torch.Tensor, *, objects: int = 2) -> Description | list[Description]:
    """Recover the scene from the pixels of a picture, or of each picture of a batch.

    Parameters
    ----------
    images : torch.Tensor
        One picture (3, side, side) or a batch (n, 3, side, side), 16 to 64 pixels a side, red,
        green and blue from 0 to 1. Values outside are cut off. On any device, of any float type.
    objects : int, default 2
        Blocks that a well-formed picture has, 1 or 2.

    Returns
    -------
    Description or list of Description
        One for a single picture, n for a batch.

    Raises
    ------
    WorldError
        If the tensor is no picture: wrong shape or type, or a value that is not finite. A picture
        of something else, or of nothing, is described as malformed and raises nothing.

    Examples
    --------
    >>> from cmp784 import worlds
    >>> batch = worlds.blocks(3, seed=1)
    >>> [seen.scene == true.canonical() for seen, true in zip(describe(batch.images), batch.scenes)]
    [True, True, True]
    >>> print(describe(torch.ones(3, 32, 32)))
    malformed: no block, expected 2
    """
    objects = whole_number("objects", objects, 1, 2)
    batch, single = as_batch(images)
    found = describe_each(batch, [objects] * len(batch))
    return found[0] if single else found


def as_batch(images: torch.Tensor) -> tuple[torch.Tensor, bool]:
    """Return pictures as the checker wants them, or refuse what are none.

    Parameters
    ----------
    images : torch.Tensor
        One picture or a batch, as for ``describe``.

    Returns
    -------
    batch : torch.Tensor
        float32 of shape (n, 3, side, side) on the CPU, cut off to 0 to 1.
    single : bool
        Whether it was a single picture.

    Raises
    ------
    WorldError
        If the type, the shape or a value is wrong.
    """
    if not isinstance(images, torch.Tensor):
        raise WorldError(
            f"images is a '{type(images).__name__}', but expected a torch.Tensor; convert it with "
            "torch.from_numpy(...) or torch.stack(...)."
        )
    if not images.is_floating_point():
        raise WorldError(
            f"images has the type '{images.dtype}', but expected floats from 0 to 1; divide bytes "
            "by 255."
        )
    shape = tuple(images.shape)
    square = len(shape) in (3, 4) and shape[-3] == 3 and shape[-1] == shape[-2]
    if not square or not 16 <= shape[-1] <= 64:
        raise WorldError(
            f"images has the shape '{shape}', but expected (3, side, side) or (n, 3, side, side) "
            "with a side of 16 to 64. Colours come first: image.permute(2, 0, 1) may help."
        )
    batch = images.detach().to("cpu", torch.float32).reshape(-1, *shape[-3:])
    if not bool(batch.isfinite().all()):
        bad = int((~batch.isfinite()).flatten(1).any(dim=1).nonzero()[0])
        raise WorldError(
            f"images: picture '{bad}' has values that are not finite (NaN or infinity). Look for a "
            "division by zero or a learning rate that is too large."
        )
    return batch.clamp(0, 1), len(shape) == 3


def describe_each(images: torch.Tensor, objects: Sequence[int]) -> list[Description]:
    """Describe pictures that ``as_batch`` has passed, a few hundred at a time.

    Parameters
    ----------
    images : torch.Tensor
        float32 of shape (n, 3, side, side).
    objects : sequence of int
        Blocks that are expected in each picture.

    Returns
    -------
    list of Description
        One a picture.
    """
    return [
        description
        for i in range(0, len(images), _CHUNK)
        for description in _describe_batch(images[i : i + _CHUNK], objects[i : i + _CHUNK])
    ]


def _describe_batch(images: torch.Tensor, objects: Sequence[int]) -> list[Description]:
    """Describe a few pictures at once."""
    ink = read_ink(images)
    blobs = find_blobs(ink.cover)
    found: list[list[Seen]] = [[] for _ in images]
    for picture, seen in zip(blobs.picture.tolist(), _see(ink, blobs), strict=True):
        found[picture].append(seen)
    total = (ink.cover * (ink.cover > FOREGROUND)).sum(dim=(1, 2))
    crumbs = blobs.crumbs / total.clamp(min=1e-6)
    rows = zip(found, blobs.count.tolist(), crumbs.tolist(), _colours(ink), objects, strict=True)
    return [_judge(*row) for row in rows]


def _see(ink: Ink, blobs: Blobs) -> list[Seen]:
    """Return each blob as a block with its problem, if any."""
    unit = ink.cover.shape[-1] / 32
    fits = fit_shapes(blobs.cover)
    kinds = torch.stack([(ink.colour == i)[blobs.picture] for i in range(len(COLOURS))], dim=1)
    weight = blobs.cover.sum(dim=(1, 2)).clamp(min=1e-6)
    votes = (blobs.cover[:, None] * kinds).sum(dim=(2, 3)) / weight[:, None]
    majority, colour = votes.max(dim=1)
    error = (blobs.cover * ink.error[blobs.picture]).sum(dim=(1, 2)) / weight
    rows = zip(
        colour.tolist(),
        majority.tolist(),
        error.tolist(),
        fits.shape.tolist(),
        fits.centre.tolist(),
        fits.half.tolist(),
        fits.overlap.tolist(),
        fits.stretch.tolist(),
        strict=True,
    )
    seen = []
    for hue, share, distance, shape, (x, y), half, overlap, stretch in rows:
        size = SIZES[int(half / unit > (SMALL[1] + LARGE[0]) / 2)]
        block = Block(size, COLOURS[hue], SHAPES[shape], centre=(x, y))
        problem = _problem(block, share, distance, half / unit, overlap, stretch)
        seen.append(Seen(block, half, overlap, problem))
    return seen


def _problem(
    block: Block, majority: float, error: float, half: float, overlap: float, stretch: float
) -> str | None:
    """Return why a block is malformed, or None."""
    if majority < LEAST_MAJORITY:
        return f"a block of several colours, only {majority:.0%} {block.colour}"
    if error > LARGEST_ERROR:
        return f"a colour that is not of this world, nearest to {block.colour}"
    if SMALL[1] < half < LARGE[0]:
        return f"a {block.colour} block that is neither small nor large"
    if not SMALL[0] <= half <= LARGE[1]:
        return f"a {block.colour} block that is too {'large' if half > 5 else 'small'}"
    if not 1 / LARGEST_STRETCH <= stretch <= LARGEST_STRETCH:
        return f"a {block.colour} {block.shape} cut or stretched, {stretch:.2f} as wide as high"
    if overlap < LEAST_OVERLAP:
        return f"a {block.colour} block without form, {overlap:.0%} like a {block.shape}"
    return None


def _colours(ink: Ink) -> list[dict[str, tuple[float, float]]]:
    """Return for each picture the colours of which there is enough, with their centres of mass."""
    n, side, _ = ink.cover.shape
    weight = ink.cover * (ink.cover > FOREGROUND)
    middles = torch.arange(side) + 0.5
    found: list[dict[str, tuple[float, float]]] = [{} for _ in range(n)]
    for index, name in enumerate(COLOURS):
        part = weight * (ink.colour == index)
        area = part.sum(dim=(1, 2))
        x, y = (part.sum(dim=1) @ middles) / area, (part.sum(dim=2) @ middles) / area
        for i in (area >= SMALLEST_AREA * (side / 32) ** 2).nonzero()[:, 0].tolist():
            found[i][name] = (float(x[i]), float(y[i]))
    return found


def _judge(
    found: list[Seen],
    count: int,
    crumbs: float,
    colours: dict[str, tuple[float, float]],
    objects: int,
) -> Description:
    """Put the blocks of one picture in order and say what is wrong with it, if anything."""
    relation = None
    if len(found) == 2:
        found, relation = _in_order(found[0], found[1])
    problem = next((seen.problem for seen in found if seen.problem), None)
    looks = {(seen.block.colour, seen.block.shape) for seen in found}
    if count != objects:
        problem = f"{count or 'no'} block{'s' * (count > 1)}, expected {objects}"
    elif problem is None and crumbs > MOST_CRUMBS:
        problem = f"stray specks, {crumbs:.0%} of all that is drawn"
    elif problem is None and len(looks) < objects:
        problem = f"two {found[0].block.colour} {found[0].block.shape}s"
    elif problem is None and objects == 2 and relation is None:
        problem = "two blocks that stand neither beside nor above each other"
    return Description(tuple(found), relation, problem, colours)


def _in_order(one: Seen, other: Seen) -> tuple[list[Seen], str | None]:
    """Return two blocks, the left or upper first, with their relation if it is clear."""
    (x0, y0), (x1, y1) = (seen.block.centre or (0.0, 0.0) for seen in (one, other))
    across, down = x1 - x0, y1 - y0
    beside = abs(across) > abs(down)
    swap = (across if beside else down) < 0
    short, long = sorted((abs(across), abs(down)))
    clear = short <= STEEPEST * long
    return [other, one] if swap else [one, other], (
        ("left of" if beside else "above") if clear else None
    )
