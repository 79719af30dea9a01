"""Questions about a scene with their answers, in English and Turkish, correct by construction.

Only questions with one answer are asked: "what colour is the circle?" is left out when there are
two circles. Half of the yes/no questions have the answer yes, and each of them comes with its
opposite, so that neither the words nor the answers alone help a model that does not look.
"""

from collections import Counter
from typing import NamedTuple

from cmp784.worlds.captions import TURKISH, TURKISH_GENITIVES, TURKISH_RELATIONS, check_language
from cmp784.worlds.scenes import Block, Scene
from cmp784.worlds.turkish import question_particle
from cmp784.worlds.vocabulary import COLOURS, INVERSE, SHAPES, SIZES

KINDS = ("colour", "shape", "size", "relation", "count", "colour of related")
"""What a question asks for; "colour of related" needs the relation to find the block."""

_NUMBERS = {"en": ("zero", "one", "two"), "tr": ("sıfır", "bir", "iki")}


class Question(NamedTuple):
    """A question, its answer, and what it asks for; unpacks as three strings.

    Attributes
    ----------
    question : str
        The question, in small letters, with its question mark.
    answer : str
        One word.
    kind : str
        One of ``KINDS``.
    """

    question: str
    answer: str
    kind: str


def questions(scene: Scene, language: str = "en") -> list[Question]:
    """Return every question about a scene that has one answer.

    Parameters
    ----------
    scene : Scene
        One or two blocks.
    language : str, default "en"
        "en" or "tr". The same questions in the same order.

    Returns
    -------
    list of Question
        Question, answer and kind.

    Raises
    ------
    WorldError
        If the language is not known.

    Examples
    --------
    >>> from cmp784.worlds import Block
    >>> scene = Scene((Block("small", "red", "square"), Block("large", "blue", "circle")), "above")
    >>> asked = questions(scene)
    >>> asked[0]
    Question(question='what colour is the square?', answer='red', kind='colour')
    >>> [text for text, answer, kind in asked if kind == "relation" and answer == "no"]
    ['is the red square below the blue circle?', 'is the blue circle above the red square?']
    >>> [text for text, _, kind in questions(scene, "tr") if kind == "relation"][0]
    'kırmızı kare mavi dairenin üstünde mi?'
    """
    check_language(language)
    asked: list[Question] = []
    for block in scene.blocks:
        asked += _about(block, scene, language)
    if scene.relation is not None:
        asked += _relations(scene, language)
    return asked + _counts(scene, language)


def _about(block: Block, scene: Scene, language: str) -> list[Question]:
    """Return the questions about one block that point at no other."""
    others = [other for other in scene.blocks if other is not block]
    size, colour, shape = (
        _word(word, language) for word in (block.size, block.colour, block.shape)
    )
    english = language == "en"
    asked = []
    if all(other.shape != block.shape for other in others):
        text = f"what colour is the {shape}?" if english else f"{shape} ne renk?"
        asked.append(Question(text, colour, "colour"))
    if all((other.size, other.shape) != (block.size, block.shape) for other in others):
        text = f"what colour is the {size} {shape}?" if english else f"{size} {shape} ne renk?"
        asked.append(Question(text, colour, "colour"))
    if all(other.colour != block.colour for other in others):
        text = f"what shape is {colour}?" if english else f"{colour} olan hangi şekil?"
        asked.append(Question(text, shape, "shape"))
    if english:
        text = f"what size is the {colour} {shape}?"
    else:
        # "Is it large or small?": the two words in the order of the alphabet.
        small, large = TURKISH["small"], TURKISH["large"]
        text = (
            f"{colour} {shape} {large} {question_particle(large)} {small} "
            f"{question_particle(small)}?"
        )
    return [*asked, Question(text, size, "size")]


def _relations(scene: Scene, language: str) -> list[Question]:
    """Return each true statement about the places with its opposite, and who stands there."""
    asked = []
    for told in (scene, scene.swapped()):
        assert told.relation is not None
        for relation in (told.relation, INVERSE[told.relation]):
            answer = relation == told.relation
            text = _is_it(told, relation, language)
            asked.append(Question(text, _yes(answer, language), "relation"))
        first, second = told.blocks
        answer_word = _word(first.colour, language)
        text = _who_is(told.relation, second, language)
        asked.append(Question(text, answer_word, "colour of related"))
    return asked


def _is_it(told: Scene, relation: str, language: str) -> str:
    """Return "is the red square left of the blue circle?"."""
    first, second = told.blocks
    if language == "en":
        return f"is the {first.colour} {first.shape} {relation} the {second.colour} {second.shape}?"
    side = TURKISH_RELATIONS[relation]
    return (
        f"{TURKISH[first.colour]} {TURKISH[first.shape]} {TURKISH[second.colour]} "
        f"{TURKISH_GENITIVES[second.shape]} {side} {question_particle(side)}?"
    )


def _who_is(relation: str, landmark: Block, language: str) -> str:
    """Return "what colour is the shape left of the blue circle?"."""
    if language == "en":
        return f"what colour is the shape {relation} the {landmark.colour} {landmark.shape}?"
    genitive = TURKISH_GENITIVES[landmark.shape]
    side = TURKISH_RELATIONS[relation]
    return f"{TURKISH[landmark.colour]} {genitive} {side}ki şekil ne renk?"


def _counts(scene: Scene, language: str) -> list[Question]:
    """Return how many there are of each shape, of each size, and of each colour present.

    One colour that is absent is asked for too, the next one in the table, so that "zero" occurs
    with colours as well.
    """
    colours = [block.colour for block in scene.blocks]
    after = COLOURS[COLOURS.index(colours[0]) + 1 :] + COLOURS
    absent = next(colour for colour in after if colour not in colours)
    asked = []
    for words, found in (
        (SHAPES, [block.shape for block in scene.blocks]),
        (SIZES, [block.size for block in scene.blocks]),
        (tuple(dict.fromkeys([*colours, absent])), colours),
    ):
        counts = Counter(found)
        for word in words:
            text = _how_many(word, language)
            asked.append(Question(text, _NUMBERS[language][counts[word]], "count"))
    return asked


def _how_many(word: str, language: str) -> str:
    """Return "how many circles are there?" or "how many red shapes are there?"."""
    if language == "en":
        return f"how many {f'{word}s' if word in SHAPES else f'{word} shapes'} are there?"
    return f"kaç {TURKISH[word] if word in SHAPES else f'{TURKISH[word]} şekil'} var?"


def _yes(answer: bool, language: str) -> str:
    """Return yes or no."""
    return {"en": ("no", "yes"), "tr": ("hayır", "evet")}[language][answer]


def _word(word: str, language: str) -> str:
    """Return a word of the world in a language."""
    return word if language == "en" else TURKISH[word]
