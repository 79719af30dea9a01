"""Generated worlds: Rosenblatt's cards, and the blocks world.

>>> from cmp784 import worlds
>>> batch = worlds.blocks(2, side=32, seed=1)
>>> batch
Blocks(2 pictures of 2 block(s), 32 pixels a side)
"""

from cmp784.worlds import retina, turkish
from cmp784.worlds.captions import caption, parse_caption
from cmp784.worlds.checker import Description, Seen, describe
from cmp784.worlds.errors import WorldError
from cmp784.worlds.holdout import HELD_OUT, split_of
from cmp784.worlds.matching import Match, matches
from cmp784.worlds.pictures import Blocks, blocks
from cmp784.worlds.quiz import Question, questions
from cmp784.worlds.retina import Cards, cards
from cmp784.worlds.scenes import Block, Scene, all_scenes
from cmp784.worlds.vocabulary import (
    BACKGROUND,
    COLOURS,
    KEYPOINTS,
    PALETTE,
    RELATIONS,
    SHAPES,
    SIZES,
)

__all__ = [
    "BACKGROUND",
    "COLOURS",
    "HELD_OUT",
    "KEYPOINTS",
    "PALETTE",
    "RELATIONS",
    "SHAPES",
    "SIZES",
    "Block",
    "Blocks",
    "Cards",
    "Description",
    "Match",
    "Question",
    "Scene",
    "Seen",
    "WorldError",
    "all_scenes",
    "blocks",
    "caption",
    "cards",
    "describe",
    "matches",
    "parse_caption",
    "questions",
    "retina",
    "split_of",
    "turkish",
]
