"""Texts with one class each: sentiment, spam and DNA."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from cmp784.data.errors import check_name
from cmp784.data.lines import read_lines, refuse
from cmp784.data.samples import locate

SENTIMENT = {
    "amazon": "amazon_cells_labelled.txt",
    "imdb": "imdb_labelled.txt",
    "yelp": "yelp_labelled.txt",
}


@dataclass(frozen=True)
class LabelledTexts:
    """Texts with one class each.

    Attributes
    ----------
    texts : list of str
        n texts.
    labels : Tensor
        int64 (n,): positions in ``class_names``.
    class_names : tuple of str
        What each label means.
    ids : tuple of str
        The source's own name of each text; empty where it gives none.
    """

    texts: list[str]
    labels: Tensor
    class_names: tuple[str, ...]
    ids: tuple[str, ...] = ()


def sentiment_sentences(source: str = "imdb", sample: bool = False) -> LabelledTexts:
    """Return sentences from reviews, each positive or negative.

    Parameters
    ----------
    source
        ``"imdb"`` (films), ``"amazon"`` (mobile phones) or ``"yelp"`` (restaurants).
    sample
        True for the small built-in set instead: 40 sentences written for this course on any of the
        three subjects, no download. It is the same for every source.

    Returns
    -------
    LabelledTexts
        1,000 ``texts`` without the blanks around them; ``labels`` int64 (1000,), 500 of each class,
        0 negative, 1 positive.

    Raises
    ------
    DataError
        If the source is unknown, the file can be had from no place, or a line is malformed.

    Notes
    -----
    Source: D. Kotzias and others, From group to individual labels using deep features, KDD 2015,
    https://archive.ics.uci.edu/dataset/331 . Licence: CC BY 4.0, attribution. At most 0.1 MB to
    download.

    Examples
    --------
    >>> sentiment_sentences(sample=True).class_names
    ('negative', 'positive')
    """
    check_name("source of sentences", source, SENTIMENT)
    file = "sample.txt" if sample else SENTIMENT[source]
    path = locate("sentiment_sentences", file, sample)
    rows = []
    for number, line in enumerate(read_lines(path), start=1):
        text, _, label = line.rpartition("\t")
        if label not in ("0", "1") or not text.strip():
            refuse(path, number, line, 'a sentence, a tab, and "0" or "1"')
        rows.append((text.strip(), int(label)))
    return _labelled(rows, ("negative", "positive"))


def sms_spam(sample: bool = False) -> LabelledTexts:
    """Return text messages, wanted ("ham") or not ("spam"). They are real, and some are rude.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 30 messages written for this course, 20 ham and 10
        spam, no download.

    Returns
    -------
    LabelledTexts
        5,574 ``texts`` without the blanks around them; ``labels`` int64 (5574,): 4,827 of 0, ham,
        and 747 of 1, spam.

    Raises
    ------
    DataError
        If the file can be had from no place, or a line is malformed.

    Notes
    -----
    Source: T. A. Almeida, J. M. Gómez Hidalgo, SMS spam collection, 2011,
    https://archive.ics.uci.edu/dataset/228 . Licence: CC BY 4.0, attribution. 0.5 MB to download.

    Examples
    --------
    >>> sms_spam(sample=True).labels.sum().item()
    10
    """
    path = locate("sms_spam", "SMSSpamCollection", sample)
    classes = ("ham", "spam")
    rows = []
    for number, line in enumerate(read_lines(path), start=1):
        label, _, text = line.partition("\t")
        if label not in classes or not text.strip():
            refuse(path, number, line, '"ham" or "spam", a tab, and a message')
        rows.append((text.strip(), classes.index(label)))
    return _labelled(rows, classes)


def dna_promoters(sample: bool = False) -> LabelledTexts:
    """Return pieces of DNA of the bacterium E. coli: promoters, where a gene starts, and others.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 20 generated sequences, the promoters among them
        with the textbook motifs "ttgaca" and "tataat", no download.

    Returns
    -------
    LabelledTexts
        106 ``texts`` of 57 small letters a, c, g, t, positions -50 to +7 around the start;
        ``labels`` int64 (106,), 53 of each class, 0 no promoter, 1 promoter; ``ids``, the name of
        the gene, or the position for a sequence without one.

    Raises
    ------
    DataError
        If the file can be had from no place, or a line is malformed.

    Notes
    -----
    Source: C. Harley, R. Reynolds, M. Noordewier, Molecular biology (promoter gene sequences),
    1990, https://archive.ics.uci.edu/dataset/67 . Licence: CC BY 4.0, attribution. 7 kB to
    download.

    Examples
    --------
    >>> len(dna_promoters(sample=True).texts[0])
    57
    """
    path = locate("dna", "promoters.data", sample)
    expected = 'the class "+" or "-", a name, and 57 letters acgt, separated by commas'
    return _sequences(path, 1, {"-": "no promoter", "+": "promoter"}, "acgt", 57, expected)


def dna_splice(sample: bool = False) -> LabelledTexts:
    """Return pieces of primate DNA with the border of an exon and an intron in the middle, or not.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 20 generated sequences, with "GT" after the middle
        of the EI ones and "AG" before the middle of the IE ones, no download.

    Returns
    -------
    LabelledTexts
        3,190 ``texts`` of 60 capital letters; ``labels`` int64 (3190,): 767 of 0, "EI" (exon to
        intron), 768 of 1, "IE" (intron to exon), 1,655 of 2, "N" (neither); ``ids``. Besides A, C,
        G, T there are letters for an unsure base: D (A, G or T), N (any), R (A or G), S (C or G).

    Raises
    ------
    DataError
        If the file can be had from no place, or a line is malformed.

    Notes
    -----
    Source: G. Towell, M. Noordewier, J. Shavlik, Molecular biology (splice-junction gene
    sequences), 1991, https://archive.ics.uci.edu/dataset/69 . Licence: CC BY 4.0, attribution.
    0.3 MB to download.

    Examples
    --------
    >>> dna_splice(sample=True).class_names
    ('EI', 'IE', 'N')
    """
    path = locate("dna", "splice.csv", sample)
    expected = 'the class "EI", "IE" or "N", a name, and 60 letters ACGTDNRS, separated by commas'
    return _sequences(path, 2, {each: each for each in ("EI", "IE", "N")}, "ACGTDNRS", 60, expected)


def _sequences(
    path: Path, first: int, classes: dict[str, str], letters: str, length: int, expected: str
) -> LabelledTexts:
    """Read lines "class,name,sequence", with blanks around the parts, from line ``first`` on."""
    lines = read_lines(path)
    header = "label,instance_name,sequence"
    if first == 2 and lines[:1] != [header]:
        refuse(path, 1, "".join(lines[:1]), f'the header "{header}"')
    rows, ids = [], []
    marks = list(classes)
    for number, line in enumerate(lines[first - 1 :], start=first):
        parts = [part.strip() for part in line.split(",")]
        if len(parts) != 3 or parts[0] not in classes or not parts[1]:
            refuse(path, number, line, expected)
        if len(parts[2]) != length or not set(parts[2]) <= set(letters):
            refuse(path, number, line, expected)
        rows.append((parts[2], marks.index(parts[0])))
        ids.append(parts[1])
    return _labelled(rows, tuple(classes.values()), tuple(ids))


def _labelled(
    rows: list[tuple[str, int]], class_names: tuple[str, ...], ids: tuple[str, ...] = ()
) -> LabelledTexts:
    """Put texts and labels into columns."""
    labels = torch.tensor([label for _, label in rows], dtype=torch.int64)
    return LabelledTexts([text for text, _ in rows], labels, class_names, ids)
