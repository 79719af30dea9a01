"""Strict reading of text files: every complaint names the file and the line."""

from pathlib import Path
from typing import NoReturn

from cmp784.data.errors import DataError


def read_lines(path: Path) -> list[str]:
    r"""Read the lines of a UTF-8 file, split at line feeds only.

    Some of the files hold other characters that ``str.splitlines`` would split at, in the middle
    of a sentence. The end of the last line may or may not have a line feed.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    list of str
        The lines without their line feeds.

    Raises
    ------
    DataError
        If the file is not UTF-8.
    """
    return split_lines(read_text(path))


def read_text(path: Path) -> str:
    """Read a UTF-8 file as it is, without translating line ends.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        The whole text.

    Raises
    ------
    DataError
        If the file is not UTF-8.
    """
    return decode(path.read_bytes(), path)


def decode(content: bytes, place: Path | str) -> str:
    """Turn bytes into text.

    Parameters
    ----------
    content
        UTF-8 bytes.
    place
        Where they are from, for the error.

    Returns
    -------
    str
        The text.

    Raises
    ------
    DataError
        If the bytes are not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = content[error.start : error.end].hex(" ")
        raise DataError(
            f'"{place}", line {line}: found the bytes "{found}", but expected UTF-8 text.'
        ) from None


def split_lines(text: str) -> list[str]:
    r"""Split a text at line feeds only.

    Parameters
    ----------
    text
        The text; a line feed at its end makes no line.

    Returns
    -------
    list of str
        The lines.

    Examples
    --------
    >>> split_lines("one\x85still one\ntwo\n")
    ['one\x85still one', 'two']
    """
    return text.removesuffix("\n").split("\n") if text else []


def refuse(place: Path | str, number: int, line: str, expected: str) -> NoReturn:
    """Raise the error for a line of the wrong form.

    Parameters
    ----------
    place
        The file.
    number
        The line's number, from 1.
    line
        The line as found.
    expected
        What it should have been, in words.

    Raises
    ------
    DataError
        Always.
    """
    shown = line if len(line) <= 80 else line[:77] + "..."
    raise DataError(f'"{place}", line {number}: found "{shown}", but expected {expected}.')
