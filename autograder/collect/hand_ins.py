"""A hand-in: what one student gave at one time, and which of its files is the notebook."""

import codecs
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath

from autograder.collect.archives import Archives, UnreadableError
from autograder.collect.names import cased, folded
from autograder.collect.platforms.forms import Piece
from autograder.collect.safety import is_junk
from autograder.collect.troubles import Troubles
from autograder.roster import DEVICES

#: Files and bytes of a hand-in that are kept beside its notebook.
MAX_FILES = 200
MAX_BYTES = 100 * 2**20
#: Bytes of a file's or folder's name, as most systems limit it.
MAX_NAME = 200
#: What nbgrader reads as the time of a hand-in: only collecting writes it.
TIMESTAMP = "timestamp.txt"


@dataclass(frozen=True)
class HandIn:
    """Pieces of one student's attempt.

    Parameters
    ----------
    student
        Whose it is.
    platform
        Where it comes from.
    pieces
        Its files.
    submitted
        When, in UTC; None if not known.
    source
        Where that time stands.
    rank
        Orders attempts without times.
    late
        Whether the platform marks it late.
    """

    student: str
    platform: str
    pieces: tuple[Piece, ...]
    submitted: datetime | None = None
    source: str = ""
    rank: int | None = None
    late: bool = False

    @property
    def archive(self) -> str:
        """The archive's name."""
        return self.pieces[0].entry.archive

    @property
    def entry(self) -> str:
        """The first file's path in the archive."""
        return self.pieces[0].entry.path


@dataclass
class Contents:
    """The files of a hand-in, under the names that they get.

    Parameters
    ----------
    files
        Path below the student's folder to bytes.
    problem
        Why nothing here can be graded, in words; empty if something can.
    kind
        The kind of that problem.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    problem: str = ""
    kind: str = ""

    @property
    def sums(self) -> dict[str, str]:
        """SHA-256 of each file."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(self.files.items())}


def digest(sums: dict[str, str]) -> str:
    """Give one digest for a whole hand-in, of the digests of its files."""
    text = "".join(f"{name}\0{total}\n" for name, total in sorted(sums.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def contents(
    hand_in: HandIn,
    notebooks: tuple[str, ...],
    archives: Archives,
    troubles: Troubles,
    original: Callable[[str], str] = str,
) -> Contents:
    """Read a hand-in, and find its notebook.

    A notebook of the right name is taken; else the only one, which is renamed. Of several, none
    is guessed. The folder around it becomes the student's folder.

    Parameters
    ----------
    notebooks
        The names that the assignment's notebooks have.
    original
        Gives a name as it was before the platform changed it.
    """

    def warn(kind: str, message: str, entry: str = "") -> None:
        troubles.add(
            kind,
            message,
            archive=hand_in.archive,
            entry=entry or hand_in.entry,
            student=hand_in.student,
        )

    found = _read(hand_in, archives, warn)
    chosen, kind, problem = _notebooks(found, notebooks, original, warn)
    if problem:
        warn(kind, f"{problem}. Nothing was chosen; a person should look.")
    files = _placed(found, chosen, warn)
    for name in () if problem else notebooks:
        if name not in files:
            continue
        # Some editors put this mark before the text; nbgrader does not read past it.
        files[name] = files[name].removeprefix(codecs.BOM_UTF8)
        if reason := unreadable(files[name]):
            kind = "empty-notebook" if not files[name].strip() else "cut-notebook"
            problem = f"'{name}' {reason}"
            break
    return Contents(files, problem, kind if problem else "")


def _read(hand_in: HandIn, archives: Archives, warn: Callable[..., None]) -> dict[str, bytes]:
    """Read all files of a hand-in, those in its archives too; what cannot be read is named."""
    found: dict[str, bytes] = {}
    twice: set[str] = set()
    todo, size = list(hand_in.pieces), 0
    while todo:
        piece = todo.pop(0)
        if piece.entry.is_zip:
            todo += _opened(piece, archives, alone=len(hand_in.pieces) == 1)
            continue
        notebook = piece.file.lower().endswith(".ipynb")
        if not notebook and (len(found) >= MAX_FILES or size > MAX_BYTES):
            warn("too-much", f"more than {MAX_FILES} files or {MAX_BYTES} bytes in one hand-in. "
                 "It was left out.", piece.entry.path)  # fmt: skip
            continue
        try:
            data = piece.entry.read()
        except UnreadableError as error:
            warn("unreadable-entry", f"{error}. It was left out.", piece.entry.path)
            continue
        size += len(data)
        if found.get(piece.file, data) != data:
            twice.add(piece.file)
        found[piece.file] = data
    for name in twice:
        del found[name]
        warn("duplicate-entry", f"'{name}' comes twice, with different contents; none was taken.")
    return found


def _opened(piece: Piece, archives: Archives, *, alone: bool) -> list[Piece]:
    """Give the files of an archive that a student handed in, below its own name if not alone."""
    above = "" if alone else piece.file[: -len(".zip")] + "/"
    source = archives.nested(piece.entry)
    return [replace(piece, entry=entry, file=above + entry.path) for entry in source.entries]


def _notebooks(
    found: dict[str, bytes],
    notebooks: tuple[str, ...],
    original: Callable[[str], str],
    warn: Callable[..., None],
) -> tuple[dict[str, str], str, str]:
    """Choose notebooks: paths in the hand-in to the names that they get; or a kind and problem."""
    paths = [path for path in found if original(path).lower().endswith(".ipynb")]
    chosen: dict[str, str] = {}
    for name in notebooks:
        several = _candidates(paths, name, original)
        if not several and len(notebooks) == 1:
            several = paths
        if len({found[path] for path in several}) > 1:
            several = _highest(several)
        if len({found[path] for path in several}) > 1:
            listed = ", ".join(f"'{path}'" for path in sorted(several))
            return {}, "several-notebooks", f"several notebooks ({listed}) and none is '{name}'"
        if several:
            path = min(several, key=lambda path: (path.count("/"), path))
            chosen[path] = name
            if original(path.rpartition("/")[2]) not in (name, original(name)):
                warn("renamed", f"its notebook '{path}' was renamed to '{name}'.")
    missing = [name for name in notebooks if name not in chosen.values()]
    if not chosen:
        listed = ", ".join(f"'{path}'" for path in sorted(found)) or "nothing that can be read"
        return {}, "no-notebook", f"no notebook; there is {listed}"
    for name in missing:
        warn("missing-notebook", f"'{name}' is missing; the rest was taken.")
    extra = [path for path in paths if path not in chosen and found[path] not in
             {found[other] for other in chosen}]  # fmt: skip
    if extra:
        listed = ", ".join(f"'{path}'" for path in sorted(extra))
        warn(
            "other-notebooks", f"'{next(iter(chosen))}' was taken; others lie beside it: {listed}."
        )
    return chosen, "", ""


def _candidates(paths: list[str], name: str, original: Callable[[str], str]) -> list[str]:
    """List the paths of a name: as it is, else as it was, else in another case."""
    last = {path: path.rpartition("/")[2] for path in paths}
    exact = [path for path in paths if last[path] == name]
    renamed = [path for path in paths if original(last[path]) in (name, original(name))]
    alike = [path for path in paths if folded(original(last[path])) == folded(name)]
    return exact or renamed or alike


def _highest(paths: list[str]) -> list[str]:
    """Keep the paths in the fewest folders."""
    least = min(path.count("/") for path in paths)
    return [path for path in paths if path.count("/") == least]


def _placed(
    found: dict[str, bytes], chosen: dict[str, str], warn: Callable[..., None]
) -> dict[str, bytes]:
    """Give every file the path that it gets: the notebook's folder becomes the top."""
    top = {path.rpartition("/")[0] for path in chosen}
    above = f"{top.pop()}/" if len(top) == 1 and top != {""} else ""
    files = {name: found[path] for path, name in chosen.items()}
    taken = {cased(name) for name in files}
    folders: set[str] = set()
    copies = {found[path] for path in chosen}
    for path, data in sorted(found.items()):
        if path in chosen or (path.lower().endswith(".ipynb") and data in copies):
            continue
        name, reason = safe_name(path.removeprefix(above))
        around = {cased(parent.as_posix()) for parent in PurePosixPath(name).parents} - {"."}
        if not reason and (cased(name) in taken | folders or around & taken):
            reason = f"has the name of another file, '{name}', or of a folder"
        if reason:
            warn("left-out", f"'{path}' {reason}. It was left out.")
            continue
        taken.add(cased(name))
        folders |= around
        files[name] = data
    return files


def safe_name(path: str) -> tuple[str, str]:
    """Give a path that every system can write, and why it may not be kept.

    Examples
    --------
    >>> safe_name("data/a:b?.csv"), safe_name("timestamp.txt")[1]
    (('data/a_b_.csv', ''), 'would be read as the time of the hand-in')
    """
    parts = [
        re.sub(r'[<>:"|?*\\\x00-\x1f\x7f]', "_", part).rstrip(". ") for part in path.split("/")
    ]
    parts = [unicodedata.normalize("NFC", part) for part in parts if part]
    name = "/".join(f"_{part}" if DEVICES.fullmatch(part) else part for part in parts)
    if not name or any(part.startswith(".") for part in parts) or is_junk(name):
        return name, "is hidden"
    if folded(name) == TIMESTAMP:
        return name, "would be read as the time of the hand-in"
    if any(len(part.encode(errors="replace")) > MAX_NAME for part in parts) or len(parts) > 12:
        return name, "has an overlong name"
    if not name.isprintable():
        return name, "has a name that cannot be written"
    return name, ""


def unreadable(data: bytes) -> str:
    """Say why bytes are no notebook, or nothing.

    Examples
    --------
    >>> unreadable(b"")
    'is empty'
    >>> unreadable(b'{"cells": [], "nbformat": 4, "nbformat_minor": 0, "metadata": {}}')
    ''
    """
    if not data.strip(b"\0 \t\r\n"):
        return "is empty"
    try:
        parsed = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        return "is not text in UTF-8"
    except json.JSONDecodeError as error:
        cut = error.pos >= len(data.decode("utf-8").rstrip()) or "Unterminated" in error.msg
        return f"is cut off in line {error.lineno}" if cut else (
            f"is damaged in line {error.lineno} ({error.msg})"
        )  # fmt: skip
    except (RecursionError, ValueError) as error:
        return f"is damaged ({error})"
    if not isinstance(parsed, dict) or not isinstance(parsed.get("nbformat"), int):
        return "is no notebook: it has no 'nbformat'"
    if not isinstance(parsed.get("cells", parsed.get("worksheets")), list):
        return "is no notebook: it has no cells"
    return ""
