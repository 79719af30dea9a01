"""Captions in English and Turkish, and the way back from a caption to its facts."""

from collections.abc import Callable

from cmp784.worlds.errors import WorldError, known
from cmp784.worlds.scenes import Block, Scene
from cmp784.worlds.turkish import genitive, locative
from cmp784.worlds.vocabulary import COLOURS, RELATIONS, SHAPES, SIZES

LANGUAGES = ("en", "tr")

TURKISH = {
    "small": "küçük",
    "large": "büyük",
    "red": "kırmızı",
    "green": "yeşil",
    "blue": "mavi",
    "yellow": "sarı",
    "purple": "mor",
    "black": "siyah",
    "square": "kare",
    "circle": "daire",
    "triangle": "üçgen",
    "left of": "sol",
    "right of": "sağ",
    "above": "üst",
    "below": "alt",
}
"""The world's words in Turkish; the relations are nouns there: its left, its right, its top."""

_ENGLISH_RELATIONS = {
    "left of": "to the left of",
    "right of": "to the right of",
    "above": "above",
    "below": "below",
}
# "dairenin solunda": the circle's at-its-left. All four come from the rules of turkish.py.
TURKISH_RELATIONS = {name: locative(TURKISH[name], possessed=True) for name in RELATIONS}
TURKISH_GENITIVES = {shape: genitive(TURKISH[shape]) for shape in SHAPES}


def caption(scene: Scene, language: str = "en", *, sentence: bool = False) -> str:
    """Return a caption from which every fact of the scene can be read.

    Parameters
    ----------
    scene : Scene
        One or two blocks. The first block is what the caption is about.
    language : str, default "en"
        "en" or "tr".
    sentence : bool, default False
        Return a whole sentence, "There is ...", in place of the bare phrase.

    Returns
    -------
    str
        The caption.

    Raises
    ------
    WorldError
        If the language is not known.

    Examples
    --------
    >>> square, circle = Block("small", "red", "square"), Block("large", "blue", "circle")
    >>> scene = Scene((square, circle), "left of")
    >>> caption(scene)
    'a small red square to the left of a large blue circle'
    >>> caption(scene, "tr")
    'büyük mavi dairenin solunda küçük kırmızı bir kare'
    >>> caption(scene, "tr", sentence=True)
    'Büyük mavi dairenin solunda küçük kırmızı bir kare var.'
    """
    check_language(language)
    phrase = _english(scene) if language == "en" else _turkish(scene)
    if not sentence:
        return phrase
    if language == "en":
        return f"There is {phrase}."
    return f"{_upper(phrase[0])}{phrase[1:]} var."


def parse_caption(text: str, language: str | None = None) -> Scene:
    """Return the scene that a caption tells: the inverse of ``caption``.

    Capital letters, a full stop and the frame of a sentence do not matter. English may leave out
    "a", and say "left of" for "to the left of". Turkish may say "bir" twice or not at all.

    Parameters
    ----------
    text : str
        A caption in the words of the world.
    language : str, optional
        "en" or "tr"; by default the one whose words it uses.

    Returns
    -------
    Scene
        With one or two blocks, told from the same block as the caption.

    Raises
    ------
    WorldError
        If a word is unknown (it is quoted, and the known ones are listed), or the words do not
        make a caption, or the two blocks look the same.

    Examples
    --------
    >>> parse_caption("a small red square to the left of a large blue circle").relation
    'left of'
    >>> parse_caption("Büyük sarı dairenin üstünde küçük mor bir kare var.").blocks[0]
    Block(size='small', colour='purple', shape='square')
    """
    if not isinstance(text, str):
        raise WorldError(f"caption is a '{type(text).__name__}', but expected text.")
    if language is not None:
        check_language(language)
        return _PARSERS[language](text)
    turkish = set(_words(text, "tr")) & _TURKISH_WORDS
    english = set(_words(text, "en")) & _ENGLISH_WORDS
    return _PARSERS["tr" if len(turkish) > len(english) else "en"](text)


def check_language(language: str) -> None:
    """Refuse a language other than English and Turkish.

    Parameters
    ----------
    language : str
        "en" or "tr".

    Raises
    ------
    WorldError
        If it is another.
    """
    if language not in LANGUAGES:
        raise WorldError(f"language is '{language}', but expected one of {known(LANGUAGES)}.")


def _english(scene: Scene) -> str:
    """Return the English phrase."""
    phrases = [f"a {block.size} {block.colour} {block.shape}" for block in scene.blocks]
    if scene.relation is None:
        return phrases[0]
    return f"{phrases[0]} {_ENGLISH_RELATIONS[scene.relation]} {phrases[1]}"


def _turkish(scene: Scene) -> str:
    """Return the Turkish phrase: the landmark in the genitive, its side, then the block."""
    first = scene.blocks[0]
    phrase = f"{TURKISH[first.size]} {TURKISH[first.colour]} bir {TURKISH[first.shape]}"
    if scene.relation is None:
        return phrase
    other = scene.blocks[1]
    landmark = f"{TURKISH[other.size]} {TURKISH[other.colour]} {TURKISH_GENITIVES[other.shape]}"
    return f"{landmark} {TURKISH_RELATIONS[scene.relation]} {phrase}"


def _upper(letter: str) -> str:
    """Return a capital letter by the Turkish rule: i has a dot on top as well."""
    return "İ" if letter == "i" else letter.upper()


def _words(text: str, language: str) -> list[str]:
    """Return the words of a caption in small letters, without full stop."""
    if language == "tr":
        text = text.replace("İ", "i").replace("I", "ı")
    return text.lower().strip().removesuffix(".").split()


_FROM_TURKISH = {word: name for name, word in TURKISH.items()}
_FROM_SIDE = {word: name for name, word in TURKISH_RELATIONS.items()}
_FROM_GENITIVE = {word: shape for shape, word in TURKISH_GENITIVES.items()}
_TURKISH_BLOCK_WORDS = {TURKISH[name] for name in (*SIZES, *COLOURS, *SHAPES)}
_TURKISH_WORDS = {*_TURKISH_BLOCK_WORDS, *_FROM_SIDE, *_FROM_GENITIVE, "bir", "var"}
_ENGLISH_WORDS = {
    *SIZES, *COLOURS, *SHAPES, "a", "to", "the", "left", "right", "of", "above", "below", "there",
    "is",
}  # fmt: skip


class _Reader:
    """The words of one caption, taken from the front."""

    def __init__(self, text: str, language: str, vocabulary: set[str]) -> None:
        self.text, self.words = text, _words(text, language)
        for word in self.words:
            if word not in vocabulary:
                raise WorldError(
                    f"caption '{text}': unknown word '{word}'. The words of this world are "
                    f"{known(sorted(vocabulary))}."
                )

    def skip(self, *words: str) -> bool:
        """Take these words if they come next."""
        if self.words[: len(words)] != list(words):
            return False
        del self.words[: len(words)]
        return True

    def take(self, what: str, table: dict[str, str]) -> str:
        """Take one word of a table and return what it stands for."""
        word = self.words.pop(0) if self.words else "the end"
        if word not in table:
            raise WorldError(
                f"caption '{self.text}': expected a {what} ({known(table)}), but found '{word}'."
            )
        return table[word]

    def finish(self) -> None:
        """Refuse words that are left over."""
        if self.words:
            raise WorldError(
                f"caption '{self.text}': it should end before '{' '.join(self.words)}'."
            )


def _same(words: tuple[str, ...]) -> dict[str, str]:
    """Return a table of words that stand for themselves."""
    return {word: word for word in words}


def _turkish_table(words: tuple[str, ...]) -> dict[str, str]:
    """Return a table from Turkish words to the world's."""
    return {TURKISH[word]: word for word in words}


def _parse_english(text: str) -> Scene:
    """Return the scene of an English caption."""
    reader = _Reader(text, "en", _ENGLISH_WORDS)
    reader.skip("there", "is")
    first = _english_block(reader)
    if not reader.words:
        return Scene((first,))
    reader.skip("to", "the")
    relation = reader.take(
        "relation", {"left": "left of", "right": "right of", "above": "above", "below": "below"}
    )
    if relation.endswith("of") and not reader.skip("of"):
        reader.take("word 'of' after the side", {"of": "of"})
    second = _english_block(reader)
    reader.finish()
    return Scene((first, second), relation)


def _english_block(reader: _Reader) -> Block:
    """Take "a small red square", with or without its article."""
    reader.skip("a")
    return Block(
        reader.take("size", _same(SIZES)),
        reader.take("colour", _same(COLOURS)),
        reader.take("shape", _same(SHAPES)),
    )


def _parse_turkish(text: str) -> Scene:
    """Return the scene of a Turkish caption."""
    reader = _Reader(text, "tr", _TURKISH_WORDS)
    if reader.words and reader.words[-1] == "var":
        reader.words.pop()
    shapes = {**_turkish_table(SHAPES), **{word: f"{word}'" for word in _FROM_GENITIVE}}
    size, colour, shape = _turkish_block(reader, shapes)
    if not shape.endswith("'"):
        reader.finish()
        return Scene((Block(size, colour, shape),))
    second = Block(size, colour, _FROM_GENITIVE[shape[:-1]])
    relation = reader.take("side", _FROM_SIDE)
    first = Block(*_turkish_block(reader, _turkish_table(SHAPES)))
    reader.finish()
    return Scene((first, second), relation)


def _turkish_block(reader: _Reader, shapes: dict[str, str]) -> tuple[str, str, str]:
    """Take "küçük kırmızı bir kare", with or without its article, as size, colour and shape."""
    size = reader.take("size", _turkish_table(SIZES))
    colour = reader.take("colour", _turkish_table(COLOURS))
    reader.skip("bir")
    return size, colour, reader.take("shape", shapes)


_PARSERS: dict[str, Callable[[str], Scene]] = {"en": _parse_english, "tr": _parse_turkish}
