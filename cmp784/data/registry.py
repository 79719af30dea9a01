"""The list of the files that can be fetched, with addresses, checksums and licences."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from cmp784.data.errors import DataError, check_name

#: Length of a checksum in hexadecimal digits, by algorithm. The first one found is used.
DIGITS = {"sha256": 64, "md5": 32}


@dataclass(frozen=True)
class Source:
    """One public file: where it comes from and what may be done with it.

    Attributes
    ----------
    dataset : str
        The folder that the file lies in, for example ``"mnist"``.
    name : str
        The name of the file.
    checksum : str
        Algorithm and hexadecimal digits, for example ``"sha256:440fca..."``.
    urls : tuple of str
        Addresses, tried in this order.
    size : int or None
        Length in bytes; None where no source states it.
    licence : str
        Terms of use, in words.
    note : str
        What else to watch, for example attribution.
    description : str
        What is inside, in one line.

    Examples
    --------
    >>> source("names", "names.txt").size
    228145
    """

    dataset: str
    name: str
    checksum: str
    urls: tuple[str, ...]
    size: int | None
    licence: str
    note: str
    description: str

    @property
    def place(self) -> str:
        """Path of the file below the cache or the mirror: data set, slash, name."""
        return f"{self.dataset}/{self.name}"


def sources() -> tuple[Source, ...]:
    """List every file that the loaders can fetch, in the order of the registry.

    Returns
    -------
    tuple of Source
        One entry a file, with ``dataset``, ``name``, ``checksum``, ``urls``, ``size`` in bytes,
        ``licence``, ``note`` and ``description``.

    Examples
    --------
    >>> [each.name for each in sources() if each.dataset == "xquad"]
    ['xquad.en.json', 'xquad.tr.json']
    """
    return tuple(_registry().values())


def source(dataset: str, name: str) -> Source:
    """Return the entry of one file.

    Parameters
    ----------
    dataset
        Name of the data set, for example ``"mnist"``.
    name
        Name of the file.

    Returns
    -------
    Source
        Its addresses, checksum and licence.

    Raises
    ------
    DataError
        If there is no such data set, or no such file in it. The message lists the known ones.

    Examples
    --------
    >>> source("names", "names.txt").description
    'First names, one per line, for name-generating models'
    """
    check_name("data set", dataset, dict.fromkeys(each.dataset for each in sources()))
    names = [each.name for each in sources() if each.dataset == dataset]
    check_name(f'file of the data set "{dataset}"', name, names)
    return _registry()[dataset, name]


@cache
def _registry() -> dict[tuple[str, str], Source]:
    """Read the registry that ships with the package, once."""
    with resources.as_file(resources.files(__package__) / "registry.toml") as path:
        return read_registry(path)


def read_registry(path: Path) -> dict[tuple[str, str], Source]:
    """Read a registry file.

    Parameters
    ----------
    path
        A TOML file with one table ``[<data set>."<file>"]`` for each file.

    Returns
    -------
    dict
        From (data set, file name) to `Source`, in the order of the file.

    Raises
    ------
    DataError
        If an entry lacks a key, or holds a checksum or an address of the wrong form.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        (dataset, name): _entry(f'{path.name}, entry [{dataset}."{name}"]', dataset, name, entry)
        for dataset, files in tables.items()
        for name, entry in files.items()
    }


def _entry(where: str, dataset: str, name: str, entry: dict[str, Any]) -> Source:
    """Check one table of the registry and turn it into a `Source`."""
    for key in ("urls", "licence", "note", "description"):
        if key not in entry:
            raise DataError(f'{where}: the key "{key}" is missing. Add it.')
    wrong = [url for url in entry["urls"] if not re.match(r"https?://[^/\s]+/\S+$", url)]
    if wrong or not entry["urls"]:
        raise DataError(
            f'{where}: "urls" is {entry["urls"]}, but expected are one or more addresses '
            'that begin with "https://".'
        )
    return Source(
        dataset=dataset,
        name=name,
        checksum=_checksum(where, entry),
        urls=tuple(entry["urls"]),
        size=entry.get("bytes"),
        licence=entry["licence"],
        note=entry["note"],
        description=entry["description"],
    )


def _checksum(where: str, entry: dict[str, Any]) -> str:
    """Return the checksum of a table of the registry as "algorithm:digits"."""
    algorithm = next((each for each in DIGITS if each in entry), None)
    if algorithm is None:
        raise DataError(f'{where}: neither "sha256" nor "md5" is there. Add the checksum.')
    digits = entry[algorithm]
    if not re.fullmatch(rf"[0-9a-f]{{{DIGITS[algorithm]}}}", digits):
        raise DataError(
            f'{where}: "{algorithm}" is "{digits}", but expected are {DIGITS[algorithm]} '
            "hexadecimal digits in small letters."
        )
    return f"{algorithm}:{digits}"
