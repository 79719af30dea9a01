"""Sentences in two languages, from Tatoeba."""

import zipfile
from pathlib import Path

from cmp784.data.downloads import fetch
from cmp784.data.errors import DataError
from cmp784.data.lines import decode, read_lines, refuse, split_lines
from cmp784.data.samples import locate


def tatoeba_english_turkish(sample: bool = False) -> list[tuple[str, str]]:
    """Return short English sentences with a Turkish translation each.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 40 pairs written for this course, no download.

    Returns
    -------
    list of tuple of str
        73,841 pairs (English, Turkish) of 70,085 English sentences of at most 7 words, nearly all
        in the order of their length. A sentence with several translations is there several times,
        in a row: split by English sentence, not by pair, or the test set leaks.

    Raises
    ------
    DataError
        If the file can be had from no place, or a line is malformed.

    Notes
    -----
    Licence: CC BY 2.0 FR. Attribution: www.manythings.org/anki and tatoeba.org, whose volunteers
    wrote the sentences. A snapshot at a fixed commit, because the current file changes over time.
    3.0 MB to download.

    Examples
    --------
    >>> tatoeba_english_turkish(sample=True)[0]
    ('Good morning.', 'Günaydın.')
    """
    path = locate("tatoeba_en_tr", "tur.txt", sample)
    return parse_pairs(read_lines(path), path)


def tatoeba_english_french(sample: bool = False) -> list[tuple[str, str]]:
    """Return English sentences with a French translation each.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 40 pairs written for this course, no download.

    Returns
    -------
    list of tuple of str
        142,787 pairs (English, French) of 98,659 English sentences of at most 47 words, nearly all
        in the order of their length. A sentence with several translations is there several times,
        in a row: split by English sentence, not by pair. French text has the narrow blank U+202F or
        the fixed one U+00A0 before some marks.

    Raises
    ------
    DataError
        If the file can be had from no place, or a line is malformed.

    Notes
    -----
    Licence: CC BY 2.0 FR. Attribution: www.manythings.org/anki and tatoeba.org, whose volunteers
    wrote the sentences. Snapshot of 2017-09-29. 3.0 MB to download.

    Examples
    --------
    >>> tatoeba_english_french(sample=True)[0]
    ('Good morning.', 'Bonjour.')
    """
    if sample:
        path = locate("tatoeba_en_fr", "fra.txt", sample)
        return parse_pairs(read_lines(path), path)
    return _zipped_pairs(fetch("tatoeba_en_fr", "fra-eng.zip"), "fra.txt")


def _zipped_pairs(path: Path, member: str) -> list[tuple[str, str]]:
    """Read the pairs from one file of an archive."""
    place = f"{path}, {member}"
    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise DataError(
            f'"{place}": cannot be read ({error}); expected a zip archive with "{member}".'
        ) from None
    return parse_pairs(split_lines(decode(content, place)), place)


def parse_pairs(lines: list[str], place: Path | str) -> list[tuple[str, str]]:
    r"""Split each line at its tab.

    Parameters
    ----------
    lines
        Lines of the form "sentence, tab, translation".
    place
        Where they are from, for the error.

    Returns
    -------
    list of tuple of str
        The pairs.

    Raises
    ------
    DataError
        If a line does not hold exactly one tab with text on both sides.

    Examples
    --------
    >>> parse_pairs(["Good.\tGüzel."], "pairs.txt")
    [('Good.', 'Güzel.')]
    """
    pairs = []
    for number, line in enumerate(lines, start=1):
        parts = line.split("\t")
        if len(parts) != 2 or not all(part.strip() for part in parts):
            refuse(place, number, line, "a sentence, one tab, and its translation")
        pairs.append((parts[0], parts[1]))
    return pairs
