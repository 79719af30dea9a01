"""The blocks world: many random pictures at once, with everything there is to know about them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import torch

from cmp784.worlds.captions import caption
from cmp784.worlds.draws import uniform, whole_number
from cmp784.worlds.holdout import HELD_OUT, check_kinds, scenes_of
from cmp784.worlds.rendering import boxes_of, draw, keypoints_of
from cmp784.worlds.scenes import Block, Scene, all_scenes
from cmp784.worlds.vocabulary import COLOURS, RELATIONS, SHAPES, SIZES

# Lengths in units of 1/32 of the side. The largest row is 4 x 6.4 + 4 + 2 margins = 31.6.
MARGIN = 1.0
HALF_WIDTHS = {"small": (3.4, 3.8), "large": (5.9, 6.4)}
GAP = (2.0, 4.0)
JITTER = 3.0
SMALLEST_GAP = 2.0  # in pixels: with less, two red blocks run into each other in small pictures

_CHUNK_PIXELS = 1 << 20
_DRAWS = 8


@dataclass(frozen=True, eq=False)
class Blocks:
    """A batch of n pictures of k blocks. All tensors live on the CPU.

    Attributes
    ----------
    images : torch.Tensor
        float32 of shape (n, 3, side, side), red, green and blue from 0 to 1.
    boxes : torch.Tensor
        float32 of shape (n, k, 4): x0, y0, x1, y1 in pixels, the extent of each mask.
    masks : torch.Tensor
        bool of shape (n, k, side, side): the pixels that a block covers by a half or more.
    keypoints : torch.Tensor
        float32 of shape (n, k, 5, 2): (x, y) of the centre and of four points of the outline,
        named in ``worlds.KEYPOINTS``. They are exact, not rounded to pixels.
    shape, colour, size : torch.Tensor
        int64 of shape (n, k): places in ``worlds.SHAPES``, ``worlds.COLOURS``, ``worlds.SIZES``.
    relation : torch.Tensor
        int64 of shape (n,): place in ``worlds.RELATIONS`` of what block 0 is to block 1; -1 in
        pictures of one block.
    """

    images: torch.Tensor
    boxes: torch.Tensor
    masks: torch.Tensor
    keypoints: torch.Tensor
    shape: torch.Tensor
    colour: torch.Tensor
    size: torch.Tensor
    relation: torch.Tensor

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        n, k = self.shape.shape
        return f"Blocks({n} pictures of {k} block(s), {self.images.shape[-1]} pixels a side)"

    @property
    def scenes(self) -> "Scenes":
        """The pictures in words: ``batch.scenes[i]`` is a ``Scene``, made when asked for."""
        return Scenes(self)

    def captions(self, language: str = "en") -> list[str]:
        """Return one caption a picture, told from block 0.

        Parameters
        ----------
        language : str, default "en"
            "en" or "tr".

        Returns
        -------
        list of str
            n captions.
        """
        return [caption(scene, language) for scene in self.scenes]


class Scenes(Sequence[Scene]):
    """The scenes of a batch, each made when asked for.

    Parameters
    ----------
    batch : Blocks
        The pictures.
    """

    def __init__(self, batch: Blocks) -> None:
        self._batch = batch

    def __len__(self) -> int:
        return len(self._batch)

    @overload
    def __getitem__(self, index: int) -> Scene: ...

    @overload
    def __getitem__(self, index: slice) -> list[Scene]: ...

    def __getitem__(self, index: int | slice) -> Scene | list[Scene]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        batch, i = self._batch, int(index)
        blocks = tuple(
            Block(SIZES[size], COLOURS[colour], SHAPES[shape], centre=(x, y))
            for size, colour, shape, (x, y) in zip(
                batch.size[i].tolist(),
                batch.colour[i].tolist(),
                batch.shape[i].tolist(),
                batch.keypoints[i, :, 0].tolist(),
                strict=True,
            )
        )
        relation = int(batch.relation[i])
        return Scene(blocks, RELATIONS[relation] if relation >= 0 else None)

    def __iter__(self) -> Iterator[Scene]:
        return (self[i] for i in range(len(self)))


def blocks(
    count: int,
    side: int = 32,
    *,
    objects: int = 2,
    split: str = "all",
    held_out: Collection[str] | None = None,
    seed: int | torch.Generator = 0,
) -> Blocks:
    """Draw random pictures of coloured shapes, with boxes, masks, keypoints and attributes.

    Every scene of the split is equally likely, and is told from either block equally often. Two
    blocks stand 2 to 4 units apart (a unit is 1/32 of the side; never under 2 pixels), and off
    their common axis by at most 3 units, so that their relation is never in doubt.

    The same arguments give the same pictures on every run. The first n pictures of a larger
    batch are the pictures of a batch of n. The same seed gives the same scenes at every side.

    Parameters
    ----------
    count : int
        Number of pictures, at least 1.
    side : int, default 32
        Side of the pictures in pixels, 16 to 64.
    objects : int, default 2
        Blocks in each picture, 1 or 2.
    split : str, default "all"
        "all" for any scene, "train" for scenes of no held-out kind, or one of ``held_out``.
    held_out : collection of str, optional
        Kinds of combination that are held out, of "pairs", "mirror" and "scenes" (see
        ``worlds.HELD_OUT``). By default all three; with one block, "pairs" and "scenes".
    seed : int or torch.Generator, default 0
        Source of randomness. A generator moves on: its next batch differs.

    Returns
    -------
    Blocks
        The pictures and all that is known about them.

    Raises
    ------
    WorldError
        If a number is out of range, or a split or a kind is not known.

    Examples
    --------
    >>> batch = blocks(4, seed=1)
    >>> batch.images.shape, batch.boxes.shape, batch.masks.shape
    (torch.Size([4, 3, 32, 32]), torch.Size([4, 2, 4]), torch.Size([4, 2, 32, 32]))
    >>> len(batch.scenes), batch.scenes[0].blocks[0].shape in SHAPES
    (4, True)
    >>> new = blocks(100, split="pairs", seed=2)   # scenes with colour-shape pairs ...
    >>> old = blocks(100, split="train", seed=2)   # ... that never occur here
    """
    side = whole_number("side", side, 16, 64)
    objects = whole_number("objects", objects, 1, 2)
    if held_out is None:
        held_out = HELD_OUT if objects == 2 else ("pairs", "scenes")
    check_kinds(held_out)
    table = _table(objects)[list(scenes_of(split, objects, tuple(held_out)))]

    draws = uniform(count, _DRAWS, seed)
    rows = table[(draws[:, 0] * len(table)).long()]  # (n, 3k + 1)
    attributes = rows[:, :-1].reshape(-1, objects, 3)
    relation = rows[:, -1]
    halves = _half_widths(attributes[..., 0], draws[:, 1 : 1 + objects]) * side / 32
    if objects == 1:
        low = MARGIN * side / 32 + halves
        centres = (low + draws[:, 2:4] * (side - 2 * low))[:, None]
    else:
        centres = _place_pair(halves, relation, draws[:, 3:7], side)
        attributes, relation, halves, centres = _tell_from_either(
            draws[:, 7] < 0.5, attributes, relation, halves, centres
        )
    size, colour, shape = (part.contiguous() for part in attributes.unbind(-1))
    images, masks = _draw_in_chunks(shape, colour, centres.float(), halves.float(), side)
    return Blocks(
        images=images,
        boxes=boxes_of(masks),
        masks=masks,
        keypoints=keypoints_of(shape, centres, halves).float(),
        shape=shape,
        colour=colour,
        size=size,
        relation=relation,
    )


def _table(objects: int) -> torch.Tensor:
    """Return all scenes as integers: size, colour, shape of each block, then the relation."""
    return torch.tensor(
        [
            [
                place
                for block in scene.blocks
                for place in (
                    SIZES.index(block.size),
                    COLOURS.index(block.colour),
                    SHAPES.index(block.shape),
                )
            ]
            + [RELATIONS.index(scene.relation) if scene.relation else -1]
            for scene in all_scenes(objects)
        ]
    )


def _half_widths(size: torch.Tensor, draw: torch.Tensor) -> torch.Tensor:
    """Return half widths in units, uniform in the range of each size."""
    ranges = torch.tensor([HALF_WIDTHS[name] for name in SIZES], dtype=draw.dtype)[size]
    return ranges[..., 0] + draw * (ranges[..., 1] - ranges[..., 0])


def _place_pair(
    halves: torch.Tensor, relation: torch.Tensor, draws: torch.Tensor, side: int
) -> torch.Tensor:
    """Return centres (n, 2, 2) of a left or upper block 0 and a right or lower block 1."""
    unit = side / 32
    gap = (GAP[0] + draws[:, 0] * (GAP[1] - GAP[0])) * unit
    gap = gap.clamp(min=SMALLEST_GAP)
    length = 2 * halves.sum(dim=1) + gap
    start = MARGIN * unit + draws[:, 1] * (side - 2 * MARGIN * unit - length)
    first = start + halves[:, 0]
    along = torch.stack([first, first + halves[:, 0] + gap + halves[:, 1]], dim=1)

    # Across the axis: the second block is off the first by the jitter, and both have room.
    jitter = (2 * draws[:, 2] - 1) * JITTER * unit
    off = torch.stack([torch.zeros_like(jitter), jitter], dim=1)
    low = (MARGIN * unit + halves - off).amax(dim=1)
    high = (side - MARGIN * unit - halves - off).amin(dim=1)
    across = (low + draws[:, 3] * (high - low))[:, None] + off

    beside = (relation == RELATIONS.index("left of"))[:, None]
    return torch.stack(
        [torch.where(beside, along, across), torch.where(beside, across, along)], dim=-1
    )


def _tell_from_either(
    swap: torch.Tensor, attributes: torch.Tensor, relation: torch.Tensor, *parts: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """Exchange blocks 0 and 1 where asked, and turn the relation round."""
    swapped = [
        torch.where(swap.view(-1, *[1] * (part.dim() - 1)), part.flip(1), part)
        for part in (attributes, *parts)
    ]
    # In RELATIONS, "left of" and "right of" are neighbours, and so are "above" and "below".
    return swapped[0], torch.where(swap, relation + 1, relation), *swapped[1:]


def _draw_in_chunks(
    shape: torch.Tensor,
    colour: torch.Tensor,
    centres: torch.Tensor,
    halves: torch.Tensor,
    side: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw a few hundred pictures at a time, so that little memory is needed beside the result."""
    n, k = shape.shape
    images = torch.empty(n, 3, side, side)
    masks = torch.empty(n, k, side, side, dtype=torch.bool)
    step = max(1, _CHUNK_PIXELS // (side * side))
    for i in range(0, n, step):
        part = slice(i, i + step)
        images[part], masks[part] = draw(
            shape[part], colour[part], centres[part], halves[part], side
        )
    return images, masks
