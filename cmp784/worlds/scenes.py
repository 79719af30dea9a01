"""A scene in words: one block, or two blocks and the relation of the first to the second."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from cmp784.worlds.errors import WorldError, known
from cmp784.worlds.vocabulary import COLOURS, INVERSE, RELATIONS, SHAPES, SIZES


@dataclass(frozen=True)
class Block:
    """One coloured shape.

    Parameters
    ----------
    size : str
        "small" or "large".
    colour : str
        "red", "green", "blue", "yellow", "purple" or "black".
    shape : str
        "square", "circle" or "triangle".
    centre : (float, float), optional
        Middle of its bounding box in pixels, (x, y), y downwards. Not compared: two blocks of
        the same look are equal wherever they stand.

    Raises
    ------
    WorldError
        If a word is not one of the world's.

    Examples
    --------
    >>> Block("small", "red", "square")
    Block(size='small', colour='red', shape='square')
    """

    size: str
    colour: str
    shape: str
    centre: tuple[float, float] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_word("size", self.size, SIZES)
        _check_word("colour", self.colour, COLOURS)
        _check_word("shape", self.shape, SHAPES)


@dataclass(frozen=True)
class Scene:
    """One block, or two blocks with the relation of the first to the second.

    Parameters
    ----------
    blocks : tuple of Block
        One or two. Two blocks never share colour *and* shape: "the red square is left of the
        red square" would say nothing.
    relation : str or None
        "left of", "right of", "above" or "below" with two blocks, None with one.

    Raises
    ------
    WorldError
        If the number of blocks and the relation do not fit, or two blocks look the same.

    Examples
    --------
    >>> red, blue = Block("small", "red", "square"), Block("large", "blue", "circle")
    >>> scene = Scene((blue, red), "right of")
    >>> scene.blocks[0].colour, scene.relation
    ('blue', 'right of')
    >>> scene.canonical() == Scene((red, blue), "left of")  # the same picture
    True
    >>> scene == scene.canonical()                          # but not the same sentence
    False
    """

    blocks: tuple[Block, ...]
    relation: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))
        if len(self.blocks) not in (1, 2):
            raise WorldError(f"a scene of '{len(self.blocks)}' blocks, but expected 1 or 2.")
        if len(self.blocks) == 1 and self.relation is not None:
            raise WorldError(
                f"relation '{self.relation}' with one block; leave it out, or add a block."
            )
        if len(self.blocks) == 2:
            _check_word("relation", self.relation, RELATIONS)
            first, second = self.blocks
            if (first.colour, first.shape) == (second.colour, second.shape):
                raise WorldError(
                    f"two blocks are '{first.colour} {first.shape}': no caption could tell them "
                    "apart. Change the colour or the shape of one."
                )

    def swapped(self) -> "Scene":
        """Return the same picture told from the other block: B right of A for A left of B."""
        if self.relation is None:
            return self
        return Scene(self.blocks[::-1], INVERSE[self.relation])

    def canonical(self) -> "Scene":
        """Return the same picture told from its left or upper block.

        Two scenes show the same picture (but for the exact places) if and only if their
        canonical scenes are equal.
        """
        return self.swapped() if self.relation in ("right of", "below") else self

    def mirrored(self) -> "Scene":
        """Return the scene with the two blocks' places exchanged: B left of A for A left of B."""
        return Scene(self.blocks[::-1], self.relation)


def all_scenes(objects: int = 2) -> tuple[Scene, ...]:
    """Return every different scene, each once, in canonical form.

    Parameters
    ----------
    objects : int, default 2
        Blocks in a scene, 1 or 2.

    Returns
    -------
    tuple of Scene
        36 scenes of one block, or 2448 of two: 36 x 34 ordered pairs in 2 canonical relations.

    Raises
    ------
    WorldError
        If ``objects`` is neither 1 nor 2.

    Examples
    --------
    >>> len(all_scenes(1)), len(all_scenes(2))
    (36, 2448)
    """
    blocks = [Block(*words) for words in itertools.product(SIZES, COLOURS, SHAPES)]
    if objects == 1:
        return tuple(Scene((block,)) for block in blocks)
    if objects != 2:
        raise WorldError(f"objects is '{objects}', but a scene has 1 or 2 blocks.")
    return tuple(
        Scene((first, second), relation)
        for relation in ("left of", "above")
        for first, second in itertools.product(blocks, blocks)
        if (first.colour, first.shape) != (second.colour, second.shape)
    )


def _check_word(what: str, word: object, words: Sequence[str]) -> None:
    """Refuse a word that is not in its table."""
    if word not in words:
        raise WorldError(f"{what} is '{word}', but expected one of {known(words)}.")
