"""Read what a student handed in from its folder: no link is followed, nothing large is opened."""

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.choosing import choose
from autograder.intake.notebook_file import MAX_BYTES
from autograder.intake.source import SourceNotebook

#: Bytes of a file, and of all files; files read, names listed; folders within folders.
MAX_FILE = 64 * 2**20
MAX_TOTAL = 256 * 2**20
MAX_FILES = 2_000
MAX_ENTRIES = 50_000
MAX_DEPTH = 12

#: Files that nbgrader puts there.
OURS = frozenset({"timestamp.txt"})
_NOTEBOOK = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True)
class HandIn:
    """What a student handed in.

    Parameters
    ----------
    notebooks
        The assignment's name of a notebook to the bytes of the file.
    files
        Other files, by their path in the folder.
    notes
        What was left out or taken under another name, in words.
    problems
        The assignment's name of a notebook to why a person is needed.
    """

    notebooks: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Found:
    """What has been read so far."""

    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    total: int = 0
    seen: int = 0


def read_folder(folder: Path, sources: Sequence[SourceNotebook]) -> HandIn:
    """Read a hand-in and find its notebooks, by name or by what is in them.

    Symbolic links, devices, pipes, and what is too large or too much is refused before anything of
    it is opened; the rest is read all the same.

    Parameters
    ----------
    folder
        ``submitted/<student>/<assignment>``.
    sources
        The assignment's notebooks.
    """
    found = _Found()
    try:
        handle = os.open(folder, _FLAGS | os.O_DIRECTORY)
    except OSError as error:
        reason = f"the folder of the hand-in cannot be read ({error.strerror}). Collect it again."
        return HandIn(problems={source.name: reason for source in sources})
    try:
        _read_folder(handle, "", found, 0)
    finally:
        os.close(handle)
    notebooks = {name: data for name, data in found.files.items() if _may_be_notebook(name)}
    chosen = choose(notebooks, found.refused, sources)
    others = {name: data for name, data in found.files.items() if name not in chosen.spent}
    notes = [f"'{shown(name)}' was refused: {why}" for name, why in found.refused.items()]
    taken = {name: found.files[path] for name, path in chosen.paths.items()}
    kept = {name: data for name, data in others.items() if not name.endswith(".ipynb")}
    return HandIn(taken, kept, tuple(notes[:20]) + chosen.notes, chosen.problems)


def shown(name: str) -> str:
    r"""Give a name as it can be printed anywhere, and is not too long for a line.

    Examples
    --------
    >>> shown("a" * 100)[-5:], shown("\udcffx")
    ('aaa..', '\\udcffx')
    """
    printable = name if name.isprintable() else ascii(name)[1:-1]
    return printable if len(printable) <= 80 else f"{printable[:78]}.."


def _is_junk(path: str) -> bool:
    # The package around it imports nbgrader, which takes longer than all of this one.
    from autograder.collect.safety import is_junk

    return is_junk(path)


def _may_be_notebook(name: str) -> bool:
    return name.lower().endswith(_NOTEBOOK) or "." not in name.rpartition("/")[2]


def _read_folder(handle: int, above: str, found: _Found, depth: int) -> None:
    """Read what lies in an open folder, files before folders."""
    for entry, about in _entries(handle, found, above):
        path = above + entry
        kind = stat.S_IFMT(about.st_mode)
        if path in OURS or _is_junk(path):
            continue
        if kind == stat.S_IFREG:
            _take(handle, entry, path, about, found)
        elif kind == stat.S_IFDIR and depth < MAX_DEPTH:
            try:
                inner = os.open(entry, _FLAGS | os.O_DIRECTORY, dir_fd=handle)
            except OSError as error:
                found.refused[path] = f"it cannot be opened ({error.strerror})"
                continue
            try:
                _read_folder(inner, f"{path}/", found, depth + 1)
            finally:
                os.close(inner)
        else:
            found.refused[path] = _KINDS.get(kind, "it is a device, a pipe or a socket")


_KINDS = {
    stat.S_IFLNK: "it is a symbolic link, which is never followed",
    stat.S_IFDIR: f"it lies in more than {MAX_DEPTH} folders",
}


def _entries(handle: int, found: _Found, above: str) -> Iterator[tuple[str, os.stat_result]]:
    """List a folder: notebooks, other files, folders, each by name, as far as the limit goes."""
    listed = []
    with os.scandir(handle) as entries:
        for entry in entries:
            found.seen += 1
            if found.seen > MAX_ENTRIES:
                found.refused[above or "."] = f"there are more than {MAX_ENTRIES} names"
                break
            listed.append((entry.name, entry.stat(follow_symlinks=False)))
    yield from sorted(listed, key=lambda one: (*_rank(*one), one[0]))


def _rank(entry: str, about: os.stat_result) -> tuple[bool, bool]:
    return stat.S_ISDIR(about.st_mode), not entry.lower().endswith(".ipynb")


def _take(handle: int, entry: str, path: str, about: os.stat_result, found: _Found) -> None:
    """Read a file, if it is not too large."""
    try:
        path.encode()
    except UnicodeEncodeError:
        found.refused[path] = "its name is no Unicode"
        return
    if len(found.files) >= MAX_FILES:
        found.refused["."] = f"there are more than {MAX_FILES} files"
        return
    most = MAX_BYTES if path.lower().endswith(".ipynb") else MAX_FILE
    if about.st_size > most:
        found.refused[path] = f"it has {about.st_size >> 20} MiB, more than {most >> 20}"
        return
    if found.total + about.st_size > MAX_TOTAL:
        found.refused[path] = f"all files together have more than {MAX_TOTAL >> 20} MiB"
        return
    try:
        opened = os.open(entry, _FLAGS, dir_fd=handle)
        with os.fdopen(opened, "rb") as file:
            # It may be another file than a moment ago.
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise OSError(0, "it is no longer a file")
            content = file.read(most + 1)
    except OSError as error:
        found.refused[path] = f"it cannot be read ({error.strerror})"
        return
    if len(content) > most:
        found.refused[path] = f"it has more than {most >> 20} MiB"
        return
    found.total += len(content)
    found.files[unicodedata.normalize("NFC", path)] = content
