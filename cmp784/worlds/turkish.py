"""Turkish noun endings: vowel harmony, consonant softening, buffer letters and their exceptions.

Rules: a suffix vowel A is *a* after a back vowel and *e* after a front one; I is one of *ı i u ü*
by backness and rounding. D is *t* after one of *f s t k ç ş h p*. Final *p ç t k* soften to
*b c d ğ* before a vowel, in words of several syllables (*t* only in listed words). What does not
follow the rules stands in small tables: *saat* takes front vowels, *su* a *y*, and
*burun* loses its *u*.

Source: A. Göksel and C. Kerslake, Turkish: A Comprehensive Grammar (Routledge, 2005), chapters 2,
3 and 8; spellings after Türk Dil Kurumu, Güncel Türkçe Sözlük.
"""

from cmp784.worlds.errors import WorldError

_LETTERS = frozenset("abcçdefgğhıijklmnoöprsştuüvyzâîû")
_VOWELS = frozenset("aeıioöuüâîû")
_VOICELESS = frozenset("fstkçşhp")
# Backness and rounding of the last vowel decide A and I.
_HARMONY = {
    **dict.fromkeys("aâı", ("a", "ı")),
    **dict.fromkeys("eiî", ("e", "i")),
    **dict.fromkeys("ouû", ("a", "u")),
    **dict.fromkeys("öü", ("e", "ü")),
}
_FRONTED = {"a": "e", "ı": "i", "u": "ü"}
_SOFT = {"p": "b", "ç": "c", "t": "d", "k": "ğ", "g": "ğ"}


def _table(words: str) -> frozenset[str]:
    """Return the words of a table that is written as running text."""
    return frozenset(words.split())


# Back last vowel, but front suffixes (a palatal last consonant).
_PALATAL = _table(
    "saat kalp harf rol gol kontrol hal alkol petrol festival hayal sembol ihtimal misal normal "
    "dikkat seyahat kabahat şefkat terminal sosyal usul ideal hakikat mentol harp moral final "
    "sinyal metal kristal mineral general"
)
# Before a vowel the last vowel falls out.
_DROPPING = {
    "ağız": "ağz", "akıl": "akl", "alın": "aln", "beyin": "beyn", "boyun": "boyn", "burun": "burn",
    "fikir": "fikr", "göğüs": "göğs", "isim": "ism", "karın": "karn", "nehir": "nehr",
    "oğul": "oğl", "omuz": "omz", "resim": "resm", "şehir": "şehr", "vakit": "vakt",
    "gönül": "gönl", "beniz": "benz", "şekil": "şekl", "metin": "metn", "izin": "izn",
    "kısım": "kısm", "kayıt": "kayd", "sabır": "sabr", "zehir": "zehr", "nesil": "nesl",
}  # fmt: skip
# Before a vowel the last consonant doubles.
_DOUBLING = {
    "hak": "hakk", "his": "hiss", "hat": "hatt", "sır": "sırr", "tıp": "tıbb", "zam": "zamm",
    "üs": "üss", "ret": "redd", "şık": "şıkk",
}  # fmt: skip
# Soften although of one syllable, or although they end in t.
_SOFTENING = _table(
    "cep dip kap kalp kurt yurt uç taç borç genç harp grup renk denk çok gök tat "
    "armut kanat kağıt kâğıt kilit geçit yiğit söğüt yoğurt umut senet cilt"
)
# Of several syllables, and yet do not soften.
_HARD = _table("hukuk ahlak ahlâk merak ittifak erzak evrak sandviç")
_G_ENDINGS = ("log", "gog")


def genitive(noun: str, *, possessed: bool = False) -> str:
    """Return the genitive, -(n)In: of the noun.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters. Of several words, the last one is inflected.
    possessed : bool, default False
        Put the third person's possessive first: *sol*, "left", becomes *solu-*, "its left".

    Returns
    -------
    str
        The inflected noun.

    Raises
    ------
    WorldError
        If the noun is empty, has no vowel, or has a letter that Turkish does not.

    Examples
    --------
    >>> [genitive(noun) for noun in ("ev", "kare", "üçgen", "kitap", "renk", "su", "saat")]
    ['evin', 'karenin', 'üçgenin', 'kitabın', 'rengin', 'suyun', 'saatin']
    """
    if possessed:
        return _join(possessive(noun), "nIn", noun)
    if _last_word(noun) in ("su", "ne"):
        return _join(noun, "yIn")
    return _join(noun, "nIn") if _ends_in_vowel(noun) else _join(_before_vowel(noun), "In", noun)


def accusative(noun: str, *, possessed: bool = False) -> str:
    """Return the accusative, -(y)I: the noun as the object of a verb.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters.
    possessed : bool, default False
        Put the third person's possessive first.

    Returns
    -------
    str
        The inflected noun.

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [accusative(noun) for noun in ("ev", "araba", "çocuk", "göl")]
    ['evi', 'arabayı', 'çocuğu', 'gölü']
    """
    return _vowel_case(noun, "I", possessed)


def dative(noun: str, *, possessed: bool = False) -> str:
    """Return the dative, -(y)A: to the noun.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters.
    possessed : bool, default False
        Put the third person's possessive first.

    Returns
    -------
    str
        The inflected noun.

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [dative(noun) for noun in ("ev", "araba", "ağaç")], dative("sol", possessed=True)
    (['eve', 'arabaya', 'ağaca'], 'soluna')
    """
    return _vowel_case(noun, "A", possessed)


def locative(noun: str, *, possessed: bool = False) -> str:
    """Return the locative, -DA: at, on or in the noun.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters.
    possessed : bool, default False
        Put the third person's possessive first: *dairenin solunda* is "to the left of the
        circle", word for word "the circle's at-its-left".

    Returns
    -------
    str
        The inflected noun.

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [locative(noun) for noun in ("ev", "kitap", "okul", "ağaç", "göl")]
    ['evde', 'kitapta', 'okulda', 'ağaçta', 'gölde']
    >>> [locative(noun, possessed=True) for noun in ("sol", "sağ", "üst", "alt")]
    ['solunda', 'sağında', 'üstünde', 'altında']
    """
    return _d_case(noun, "DA", possessed)


def ablative(noun: str, *, possessed: bool = False) -> str:
    """Return the ablative, -DAn: from the noun.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters.
    possessed : bool, default False
        Put the third person's possessive first.

    Returns
    -------
    str
        The inflected noun.

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [ablative(noun) for noun in ("ev", "kitap", "saat")]
    ['evden', 'kitaptan', 'saatten']
    """
    return _d_case(noun, "DAn", possessed)


def plural(noun: str) -> str:
    """Return the plural, -lAr. It can be inflected further: ``genitive(plural("kare"))``.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters.

    Returns
    -------
    str
        The plural.

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [plural(noun) for noun in ("ev", "okul", "saat")], genitive(plural("kare"))
    (['evler', 'okullar', 'saatler'], 'karelerin')
    """
    return _join(noun, "lAr")


def possessive(noun: str) -> str:
    """Return the noun with the third person's possessive, -(s)I: his, her or its noun.

    Parameters
    ----------
    noun : str
        A noun in the nominative, in small letters.

    Returns
    -------
    str
        The possessed noun.

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [possessive(noun) for noun in ("renk", "araba", "su", "burun", "hak")]
    ['rengi', 'arabası', 'suyu', 'burnu', 'hakkı']
    """
    if _last_word(noun) in ("su", "ne"):
        return _join(noun, "yI")
    return _join(noun, "sI") if _ends_in_vowel(noun) else _join(_before_vowel(noun), "I", noun)


def question_particle(word: str) -> str:
    """Return the particle mI that makes a question of what stands before it.

    Parameters
    ----------
    word : str
        The word before it, with its endings.

    Returns
    -------
    str
        "mı", "mi", "mu" or "mü".

    Raises
    ------
    WorldError
        As ``genitive``.

    Examples
    --------
    >>> [question_particle(word) for word in ("solunda", "üstünde", "okul", "büyük")]
    ['mı', 'mi', 'mu', 'mü']
    """
    return _join(word, " mI").removeprefix(f"{word} ")


def _vowel_case(noun: str, vowel: str, possessed: bool) -> str:
    """Return a case whose suffix is one vowel, after the right stem or buffer letter."""
    if possessed:
        return _join(possessive(noun), "n" + vowel, noun)
    if _ends_in_vowel(noun):
        return _join(noun, "y" + vowel)
    return _join(_before_vowel(noun), vowel, noun)


def _d_case(noun: str, suffix: str, possessed: bool) -> str:
    """Return a case whose suffix begins with D, after a buffer n if the noun is possessed."""
    return _join(possessive(noun), "n" + suffix, noun) if possessed else _join(noun, suffix)


def _before_vowel(noun: str) -> str:
    """Return the stem that a noun ending in a consonant takes before a vowel."""
    word = _last_word(noun)
    start = noun[: len(noun) - len(word)]
    for table in (_DROPPING, _DOUBLING):
        if word in table:
            return start + table[word]
    return start + (word[:-1] + _softened(word) if _softens(word) else word)


def _softens(word: str) -> bool:
    """Return whether the last consonant of a word softens before a vowel."""
    if word in _SOFTENING:
        return True
    several = len(_vowels_of(word)) > 1
    return several and word.endswith(("p", "ç", "k", *_G_ENDINGS)) and word not in _HARD


def _softened(word: str) -> str:
    """Return the soft form of the last consonant: k is g after n, ğ after a vowel."""
    return "g" if word.endswith("nk") else _SOFT.get(word[-1], word[-1])


def _join(stem: str, suffix: str, noun: str | None = None) -> str:
    """Append a suffix, its A, I and D replaced by harmony with the stem's last vowel.

    ``noun`` is the bare noun that the stem comes from, to look up exceptions.
    """
    word = _last_word(noun or stem)
    vowels = _vowels_of(word) if noun and stem[-1] not in _VOWELS else _vowels_of(_last_word(stem))
    low, high = _HARMONY[vowels[-1]]
    if word in _PALATAL:
        low, high = _FRONTED.get(low, low), _FRONTED.get(high, high)
    hard = "t" if stem[-1] in _VOICELESS else "d"
    if suffix[0] == "n" and "D" in suffix:
        hard = "d"
    return stem + suffix.replace("D", hard).replace("A", low).replace("I", high)


def _ends_in_vowel(noun: str) -> bool:
    """Return whether a noun ends in a vowel."""
    return _last_word(noun)[-1] in _VOWELS


def _last_word(noun: str) -> str:
    """Return the word that takes the suffix, checked to be Turkish."""
    words = noun.split()
    if not words or noun != " ".join(words):
        raise WorldError(f"noun is '{noun}', but expected words with one space between them.")
    strange = sorted(set(words[-1]) - _LETTERS)
    if strange or not _vowels_of(words[-1]):
        raise WorldError(
            f"noun '{noun}' has {f'the letter {strange[0]!r}' if strange else 'no vowel'}; "
            "expected small Turkish letters and at least one vowel."
        )
    return words[-1]


def _vowels_of(word: str) -> list[str]:
    """Return the vowels of a word in order."""
    return [letter for letter in word if letter in _VOWELS]
