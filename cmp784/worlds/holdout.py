"""Held-out combinations: what a model must not see in training, split by picture.

"A left of B" and "B right of A" are two captions of one picture. A split by caption would leak;
so every split here looks at the canonical scene (``Scene.canonical``) alone.
"""

import functools
import zlib
from collections.abc import Collection, Iterable

from cmp784.worlds.errors import WorldError, known
from cmp784.worlds.scenes import Scene, all_scenes

HELD_OUT = ("pairs", "mirror", "scenes")
"""The three kinds of held-out combination; a scene that is of several kinds counts as the first.

``pairs``
    Scenes with a yellow triangle or a black circle: colours and shapes that were each seen, but
    never together.
``mirror``
    Blue left of or above red, purple left of or above green: only the mirror image was seen.
``scenes``
    One in ten of all complete scenes, chosen by a hash that never changes.
"""

_PAIRS = (("yellow", "triangle"), ("black", "circle"))
_MIRRORS = (("blue", "red"), ("purple", "green"))


def split_of(scene: Scene, held_out: Collection[str] = HELD_OUT) -> str:
    """Return the split to which a scene belongs.

    Parameters
    ----------
    scene : Scene
        Any scene; both ways of telling it give the same answer.
    held_out : collection of str, default all three
        Kinds of combination that are held out, of "pairs", "mirror" and "scenes".

    Returns
    -------
    str
        One of ``held_out``, or "train".

    Raises
    ------
    WorldError
        If a kind is not known.

    Examples
    --------
    >>> from cmp784.worlds import Block
    >>> blue, red = Block("small", "blue", "square"), Block("large", "red", "circle")
    >>> split_of(Scene((blue, red), "above")), split_of(Scene((red, blue), "below"))
    ('mirror', 'mirror')
    >>> split_of(Scene((blue, red), "above"), held_out=["pairs"])
    'train'
    """
    check_kinds(held_out)
    canonical = scene.canonical()
    looks = [(block.colour, block.shape) for block in canonical.blocks]
    colours = tuple(block.colour for block in canonical.blocks)
    if "pairs" in held_out and any(look in _PAIRS for look in looks):
        return "pairs"
    if "mirror" in held_out and colours in _MIRRORS:
        return "mirror"
    if "scenes" in held_out and _hash(canonical) % 10 == 0:
        return "scenes"
    return "train"


def _hash(scene: Scene) -> int:
    """Return a number that depends on the words of a scene alone, on every machine and for ever."""
    words = [f"{block.size} {block.colour} {block.shape}" for block in scene.blocks]
    return zlib.crc32(f" {scene.relation} ".join(words).encode())


@functools.cache
def scenes_of(
    split: str, objects: int = 2, held_out: tuple[str, ...] = HELD_OUT
) -> tuple[int, ...]:
    """Return the places in ``all_scenes(objects)`` of the scenes of one split.

    Parameters
    ----------
    split : str
        "all", "train" or one of ``held_out``.
    objects : int, default 2
        Blocks in a scene, 1 or 2.
    held_out : tuple of str, default all three
        Kinds of combination that are held out.

    Returns
    -------
    tuple of int
        Places, rising.

    Raises
    ------
    WorldError
        If the split or a kind is not known, or the split is empty.

    Examples
    --------
    >>> [len(scenes_of(split)) for split in ("all", "train", "pairs", "mirror", "scenes")]
    [2448, 1583, 528, 144, 193]
    """
    check_kinds(held_out)
    splits = ("all", "train", *held_out)
    if split not in splits:
        raise WorldError(
            f"split is '{split}', but with held_out={list(held_out)} expected one of "
            f"{known(splits)}."
        )
    scenes = enumerate(all_scenes(objects))
    places = tuple(i for i, scene in scenes if split in ("all", split_of(scene, held_out)))
    if not places:
        raise WorldError(
            f"split '{split}' has no scene of {objects} block(s). Choose another split, "
            "or objects=2."
        )
    return places


def check_kinds(held_out: Iterable[str]) -> None:
    """Refuse kinds of held-out combination that are not known.

    Parameters
    ----------
    held_out : iterable of str
        Kinds.

    Raises
    ------
    WorldError
        If one is not known, or ``held_out`` is a single string.
    """
    kinds = [held_out] if isinstance(held_out, str) else list(held_out)
    unknown = [kind for kind in kinds if kind not in HELD_OUT]
    if unknown or isinstance(held_out, str):
        raise WorldError(
            f"held_out is '{held_out}', but expected a list of kinds from {known(HELD_OUT)}."
        )
