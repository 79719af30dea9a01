"""People's names, compared as people read them: any normalisation, any case, any code page.

An archive stores names as bytes, and often does not say in which code page. `spellings` gives
every reading that is possible; which one is right, only a roster can say. `keys` gives a name in
forms to compare, from the strictest to the loosest.

>>> keys("İrem Işık")[1] == keys("irem IŞIK")[1]
True
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

#: Code pages of names without the UTF-8 flag: DOS and Windows, in the West and in Turkey, and Mac.
CODE_PAGES = ("cp437", "cp857", "cp1254", "cp1252", "cp850", "mac_turkish", "mac_roman")

#: Letters without a decomposition, as they are written where they cannot be typed.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def spellings(raw: bytes) -> tuple[str, ...]:
    """Give every text that these bytes may stand for, the likeliest first.

    UTF-8 is tried first, because other text is hardly ever valid UTF-8 by chance. A text that
    was UTF-8, read in a code page and stored as UTF-8 again, is undone.

    Examples
    --------
    >>> spellings("Şule".encode("cp857"))[:2]
    ('₧ule', 'Şule')
    >>> spellings("Şule".encode())[0]
    'Şule'
    """
    if raw.isascii():
        return (raw.decode(),)
    text = _decoded(raw, "utf-8")
    if text is None:
        return _distinct(_decoded(raw, page) for page in CODE_PAGES)
    again = (_encoded(text, page) for page in CODE_PAGES)
    undone = (_decoded(old, "utf-8") for old in again if old is not None)
    misread = (_decoded(raw, page) for page in CODE_PAGES)
    return _distinct((text, *undone, *misread))


def _decoded(raw: bytes, page: str) -> str | None:
    try:
        return unicodedata.normalize("NFC", raw.decode(page))
    except UnicodeDecodeError:
        return None


def _encoded(text: str, page: str) -> bytes | None:
    try:
        return text.encode(page)
    except UnicodeEncodeError:
        return None


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Drop what is missing and what is there already."""
    return tuple(dict.fromkeys(text for text in texts if text is not None))


def folded(text: str) -> str:
    """Give a text in one case and normalisation; Turkish dotted and dotless i become one letter.

    Examples
    --------
    >>> folded("IĞDIR") == folded("ığdır") == folded("İğdir")
    True
    """
    text = unicodedata.normalize("NFKD", text).replace("ı", "i").casefold()
    return unicodedata.normalize("NFC", text.replace("i\u0307", "i"))


def cased(text: str) -> str:
    """Give the name of a file in the form in which some systems compare it: in one case.

    Examples
    --------
    >>> cased("Data.CSV") == cased("data.csv"), cased("ı") == cased("i")
    (True, False)
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def words(text: str) -> list[str]:
    """Give the words of a name, folded, without marks of punctuation.

    Apostrophes and full stops join: platforms drop them from file names.

    Examples
    --------
    >>> words("O'Neil-Ş. Ay")
    ['oneil', 'ş', 'ay']
    """
    text = re.sub(r"['’`´.]", "", folded(text))
    spaced = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text)
    return spaced.split()


def joined(text: str) -> str:
    """Give the letters of a name as one word: how Canvas writes it.

    Examples
    --------
    >>> joined("Işık, Ali Can")
    'işikalican'
    """
    return "".join(words(text))


def plain(text: str) -> str:
    """Give the letters of a name as one word, without accents.

    Examples
    --------
    >>> plain("Çağla Gül")
    'caglagul'
    """
    stripped = unicodedata.normalize("NFKD", joined(text).translate(_PLAIN))
    return "".join(letter for letter in stripped if not unicodedata.combining(letter))


@lru_cache(maxsize=100_000)
def keys(text: str) -> tuple[str, str, str, str]:
    """Give the forms by which two names are compared, the strictest first.

    As written (NFC); in one case; words in any order; without accents.
    """
    exact = " ".join(unicodedata.normalize("NFC", text).replace("_", " ").split())
    return exact, joined(text), " ".join(sorted(words(text))), plain(text)
