"""Archives and folders, read without trusting them: nothing is followed, unpacked or written here.

An `Entry` is one regular file, with every spelling that its name may have; its bytes are read only
when asked for. What is unsafe or broken is named in a warning and left out; the rest goes on.
"""

import io
import os
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO

from autograder.collect.names import spellings
from autograder.collect.safety import (
    MAX_ENTRIES,
    MAX_FILE,
    MAX_NESTED_TOTAL,
    MAX_TOTAL,
    is_junk,
    overlapping,
    refused,
)
from autograder.collect.times import extended_time, unicode_path
from autograder.collect.troubles import Troubles

#: Files that may stand alone, without an archive: a worksheet, one notebook.
SINGLE = (".csv", ".ipynb")
#: Archives inside archives.
MAX_DEPTH = 3
#: Bytes of an archive's list of contents; read whole before its entries can be counted.
MAX_DIRECTORY = 32 * 2**20


class UnreadableError(Exception):
    """An entry whose bytes cannot be had; the message says why."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One file.

    Parameters
    ----------
    archive
        The archive's name, as in warnings.
    spellings
        What its path may read as, the likeliest first; parts are separated by ``/``.
    size
        Bytes, unpacked.
    depth
        Archives around it: 0 in a plain folder.
    local
        Time in the zip's entry, without a zone; None in a folder.
    moment
        Time in the zip's entry in UTC, where it has that extra field.
    """

    archive: str
    spellings: tuple[str, ...]
    size: int
    depth: int
    local: datetime | None
    moment: datetime | None
    _read: Callable[[], bytes] = field(repr=False)

    @property
    def path(self) -> str:
        """The likeliest spelling of the path."""
        return self.spellings[0]

    @property
    def is_zip(self) -> bool:
        """Whether its name says that it is a zip archive."""
        return self.path.lower().endswith(".zip")

    def read(self) -> bytes:
        """Give the bytes.

        Raises
        ------
        UnreadableError
            When the archive is broken here, encrypted, or packed in an unknown way.
        """
        try:
            return self._read()
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise UnreadableError(f"is damaged ({error})") from error
        except (NotImplementedError, RuntimeError) as error:
            raise UnreadableError(f"cannot be unpacked ({error})") from error
        except OSError as error:
            raise UnreadableError(f"cannot be read ({error.strerror or error})") from error


@dataclass(frozen=True)
class Source:
    """An archive or folder: its name in warnings, and its files in the archive's order."""

    label: str
    entries: tuple[Entry, ...]
    depth: int = 0


class Archives:
    """Opens archives and folders, and holds them open; use it as a context manager.

    Parameters
    ----------
    troubles
        Where warnings go.
    """

    def __init__(self, troubles: Troubles) -> None:
        self.troubles = troubles
        self._open = ExitStack()
        # Archives inside archives are opened again when read: ten thousand stay closed.
        self._nested = lru_cache(maxsize=4)(self._open_nested)

    def __enter__(self) -> "Archives":
        return self

    def __exit__(self, *_: object) -> None:
        self._nested.cache_clear()
        self._open.close()

    def source(self, path: Path) -> Source:
        """Open a zip archive or a plain folder by its path; a broken one gives no entries."""
        if path.is_dir():
            return Source(path.name, tuple(_walk(path, self.troubles)))
        if path.suffix.lower() in SINGLE:
            return Source(path.parent.name, (_plain(path.parent, path),))
        try:
            # A zip archive leaves the file that it was given open.
            file = self._open.enter_context(path.open("rb"))
            archive = self._open.enter_context(_open_zip(file))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self.troubles.add("broken-archive", _broken(path.name, error), archive=path.name)
            return Source(path.name, ())
        entries = self._listed(archive, path.name, 1, archive.open)
        return Source(path.name, tuple(entries), 1)

    def nested(self, entry: Entry) -> Source:
        """Open an archive that lies in another one, or in a folder."""
        label = f"{entry.archive} > {entry.path}"
        place = {"archive": entry.archive, "entry": entry.path}
        if entry.depth >= MAX_DEPTH:
            words = f"more than {MAX_DEPTH} archives one inside the other. It was not opened."
            self.troubles.add("nested-too-deep", words, **place)
            return Source(label, ())
        try:
            archive = self._nested(entry)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self.troubles.add("broken-archive", _broken(entry.path, error), **place)
            return Source(label, ())
        except UnreadableError as error:
            self.troubles.add("unreadable-entry", f"{error}. It was left out.", **place)
            return Source(label, ())

        def opened(info: zipfile.ZipInfo) -> IO[bytes]:
            return self._nested(entry).open(info)

        depth = entry.depth + 1
        return Source(label, tuple(self._listed(archive, label, depth, opened)), depth)

    def _open_nested(self, entry: Entry) -> zipfile.ZipFile:
        return _open_zip(io.BytesIO(entry.read()))

    def _listed(
        self,
        archive: zipfile.ZipFile,
        label: str,
        depth: int,
        opened: Callable[[zipfile.ZipInfo], IO[bytes]],
    ) -> Iterator[Entry]:
        """List what is safe in a zip archive, and warn of the rest."""
        infos = archive.infolist()
        limit = MAX_TOTAL if depth == 1 else MAX_NESTED_TOTAL
        bad, total, entries = overlapping(infos), 0, []
        for place, info in enumerate(infos):
            entry = _entry(info, label, depth, opened)
            kind, problem = refused(info, entry.path)
            if not problem and (info.header_offset in bad or total + info.file_size > limit):
                kind, problem = "zip-bomb", "unpacks, with the others, to more than it holds"
            if not problem and place >= MAX_ENTRIES:
                words = f"holds more than {MAX_ENTRIES} files. The others were left out."
                self.troubles.add("zip-bomb", words, archive=label)
                break
            if problem:
                words = f"{problem}. It was left out."
                self.troubles.add(kind, words, archive=label, entry=entry.path)
            elif not info.is_dir() and not is_junk(entry.path):
                total += info.file_size
                entries.append((entry, (info.CRC, info.file_size)))
        if not infos:
            self.troubles.add("empty-archive", "holds no files.", archive=label)
        yield from self._without_duplicates(entries, label)

    def _without_duplicates(
        self, entries: list[tuple[Entry, tuple[int, int]]], label: str
    ) -> Iterator[Entry]:
        """Keep one of several equal files of one name, and none of several different ones."""
        names = Counter(entry.path for entry, _ in entries)
        seen: dict[str, set[tuple[int, int]]] = {}
        for entry, contents in entries:
            if names[entry.path] > 1:
                seen.setdefault(entry.path, set()).add(contents)
        for path, several in seen.items():
            equal = len(several) == 1
            words = "the same contents; one was taken" if equal else "different contents; none was"
            message = f"{names[path]} entries of this name, with {words}."
            self.troubles.add("duplicate-entry", message, archive=label, entry=path)
        for entry, _ in entries:
            if entry.path not in seen:
                yield entry
            elif len(seen[entry.path]) == 1:
                seen[entry.path].add((-1, -1))
                yield entry


def _broken(name: str, error: Exception) -> str:
    """Say what is wrong with an archive that does not open."""
    if re.search(r"\.(rar|7z|tar|tgz|gz|bz2|xz)$", name.lower()):
        return "is no zip archive. Unpack it, and collect the folder."
    return f"is broken, or no zip archive ({error}). It was left out. Download it again."


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip archive whose names may contradict their UTF-8 flags."""
    directory = _directory_size(file)
    if directory > MAX_DIRECTORY:
        raise zipfile.BadZipFile(f"a list of contents of {directory} bytes")
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError:
        file.seek(0)
        return zipfile.ZipFile(io.BytesIO(_without_flags(file.read(MAX_NESTED_TOTAL))))


def _directory_size(file: IO[bytes]) -> int:
    """Read the size of the list of contents, before it is read whole."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    file.seek(0)
    directory = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    # All ones: the size stands in the record of the 64-bit form.
    if directory == 0xFFFFFFFF:
        place = tail.rfind(b"PK\6\6")
        directory = int.from_bytes(tail[place + 40 : place + 48], "little") if place >= 0 else size
    return directory


def _without_flags(data: bytes) -> bytes:
    """Clear the UTF-8 flag of every entry, in the list of contents and at the entry itself."""
    end = data.rfind(b"PK\5\6")
    at, patched = int.from_bytes(data[end + 16 : end + 20], "little"), bytearray(data)
    while patched[at : at + 4] == b"PK\1\2":
        patched[at + 9] &= 0xF7
        entry = int.from_bytes(patched[at + 42 : at + 46], "little")
        if patched[entry : entry + 4] == b"PK\3\4":
            patched[entry + 7] &= 0xF7
        lengths = (patched[at + 28 + 2 * part : at + 30 + 2 * part] for part in range(3))
        at += 46 + sum(int.from_bytes(length, "little") for length in lengths)
    return bytes(patched)


def _entry(
    info: zipfile.ZipInfo,
    label: str,
    depth: int,
    opened: Callable[[zipfile.ZipInfo], IO[bytes]],
) -> Entry:
    """Make an entry of what the archive lists."""

    def read() -> bytes:
        with opened(info) as stream:
            return stream.read()

    raw = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
    raw = unicode_path(info.extra, zlib.crc32(raw)) or raw
    paths = tuple(path.replace("\\", "/") for path in spellings(raw))
    try:
        local = datetime(*info.date_time)
    except ValueError:
        local = None
    return Entry(label, paths, info.file_size, depth, local, extended_time(info.extra), read)


def _walk(top: Path, troubles: Troubles) -> Iterator[Entry]:
    """List the regular files below a folder, in the order of their names."""
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted([*files, *folders]):
            path = Path(folder, name)
            entry = _plain(top, path)
            mode = path.lstat().st_mode
            if is_junk(entry.path) or stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode):
                link = stat.S_ISLNK(mode)
                words = "a symbolic link, which is never followed" if link else "a device or pipe"
                troubles.add(
                    "symbolic-link" if link else "special-file",
                    f"is {words}. It was left out.",
                    archive=top.name,
                    entry=entry.path,
                )
                continue
            yield entry


def _plain(top: Path, path: Path) -> Entry:
    """Make an entry of a file below a folder."""
    raw = os.fsencode(path.relative_to(top).as_posix())
    return Entry(top.name, spellings(raw), 0, 0, None, None, lambda: _contents(path))


def _contents(path: Path) -> bytes:
    """Read a regular file; one that became a link meanwhile is not followed."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise ValueError(f"more than {MAX_FILE} bytes")
    return data
