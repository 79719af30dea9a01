"""Text to model: tiny Shakespeare and first names."""

import re

from cmp784.data.lines import read_lines, read_text, refuse
from cmp784.data.samples import locate


def tiny_shakespeare(sample: bool = False) -> str:
    r"""Return a million characters of Shakespeare's plays in one text.

    Parameters
    ----------
    sample
        True for the small built-in set instead: four sonnets of Shakespeare, no download.

    Returns
    -------
    str
        1,115,394 characters, 65 different ones. Speeches are separated by an empty line and begin
        with the speaker's name and a colon.

    Raises
    ------
    DataError
        If the file can be had from no place.

    Notes
    -----
    Source: plays of William Shakespeare, joined by A. Karpathy for char-rnn, 2015.
    Licence: public domain. 1.1 MB to download.

    Examples
    --------
    >>> tiny_shakespeare(sample=True)[:41]
    "Shall I compare thee to a summer's day?\nT"
    """
    return read_text(locate("tinyshakespeare", "input.txt", sample))


def names(sample: bool = False) -> list[str]:
    """Return first names in small letters, for models that make up new ones.

    Parameters
    ----------
    sample
        True for the small built-in set instead: 120 names, no download.

    Returns
    -------
    list of str
        32,033 names of 2 to 15 letters a to z, in the order of the file. 29,494 are different: a
        name that is common for girls and for boys is there twice.

    Raises
    ------
    DataError
        If the file can be had from no place, or a line is not a name.

    Notes
    -----
    Source: US Social Security Administration, selected by A. Karpathy for makemore, 2022.
    Licence: data of the US government, public domain; the repository is under MIT. 0.2 MB to
    download.

    Examples
    --------
    >>> names(sample=True)[:3]
    ['ada', 'adam', 'agnes']
    """
    path = locate("names", "names.txt", sample)
    lines = read_lines(path)
    for number, line in enumerate(lines, start=1):
        if not re.fullmatch("[a-z]+", line):
            refuse(path, number, line, "one name in the letters a to z")
    return lines
