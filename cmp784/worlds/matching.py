"""Scores of a picture against its caption, strict and lenient."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from cmp784.worlds.captions import parse_caption
from cmp784.worlds.checker import Description, as_batch, describe_each
from cmp784.worlds.errors import WorldError
from cmp784.worlds.scenes import Scene


class Match(NamedTuple):
    """How well a picture shows what a caption says.

    Attributes
    ----------
    objects : bool
        The picture is well formed, and has the colours and shapes of the caption.
    sizes : bool
        ``objects``, and the sizes are right as well.
    relation : bool
        ``objects``, and they stand as the caption says. Always true with one block.
    strict : bool
        Everything is right: ``sizes`` and ``relation``.
    lenient : bool or None
        The picture has exactly the named colours, and they stand as the caption says, whatever
        their form. None if the caption names one colour twice: colours cannot tell then.
    """

    objects: bool
    sizes: bool
    relation: bool
    strict: bool
    lenient: bool | None


def matches(
    images: torch.Tensor, captions: str | Scene | Sequence[str | Scene]
) -> Match | list[Match]:
    """Score a picture against its caption, strictly and leniently.

    Early in training a model puts the right colours in the right places long before its shapes
    are clean. One score alone hides that; report both.

    Parameters
    ----------
    images : torch.Tensor
        One picture (3, side, side), or a batch (n, 3, side, side), as for ``describe``.
    captions : str, Scene, or a sequence of them
        One for a picture, n for a batch; English or Turkish.

    Returns
    -------
    Match or list of Match
        One for a single picture, n for a batch.

    Raises
    ------
    WorldError
        If the numbers of pictures and captions differ, or as ``describe`` and ``parse_caption``.

    Examples
    --------
    >>> from cmp784 import worlds
    >>> batch = worlds.blocks(2, seed=1)
    >>> [match.strict for match in matches(batch.images, batch.captions("tr"))]
    [True, True]
    >>> swapped = [scene.mirrored() for scene in batch.scenes]
    >>> [(match.objects, match.relation) for match in matches(batch.images, swapped)]
    [(True, False), (True, False)]
    """
    batch, single = as_batch(images)
    listed = [captions] if isinstance(captions, str | Scene) else list(captions)
    if len(listed) != len(batch) or single != isinstance(captions, str | Scene):
        raise WorldError(
            f"'{len(listed)}' caption(s) for '{len(batch)}' picture(s): give one caption with one "
            "picture (3, side, side), or a list of n with a batch (n, 3, side, side)."
        )
    scenes = [parse_caption(text) if isinstance(text, str) else text for text in listed]
    found = describe_each(batch, [len(scene.blocks) for scene in scenes])
    scored = [
        _score(description, scene.canonical())
        for description, scene in zip(found, scenes, strict=True)
    ]
    return scored[0] if single else scored


def _score(description: Description, told: Scene) -> Match:
    """Score a description against a canonical scene."""
    seen, lenient = description.scene, _lenient(description, told)
    if seen is None:
        return Match(False, False, False, False, lenient)
    # Two blocks never share colour and shape, so these tell which is which.
    sizes = {(block.colour, block.shape): block.size for block in seen.blocks}
    wanted = {(block.colour, block.shape): block.size for block in told.blocks}
    objects = sizes.keys() == wanted.keys()
    same_order = list(sizes) == list(wanted) and seen.relation == told.relation
    return Match(
        objects=objects,
        sizes=objects and sizes == wanted,
        relation=objects and same_order,
        strict=seen == told,
        lenient=lenient,
    )


def _lenient(description: Description, told: Scene) -> bool | None:
    """Return whether exactly the named colours are there, and stand as told."""
    names = [block.colour for block in told.blocks]
    if len(set(names)) < len(names):
        return None
    if set(description.colours) != set(names):
        return False
    if told.relation is None:
        return True
    (x0, y0), (x1, y1) = (description.colours[name] for name in names)
    right, down = x1 - x0, y1 - y0
    return right > abs(down) if told.relation == "left of" else down > abs(right)
