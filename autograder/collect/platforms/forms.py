"""What all platforms have in common: a path of theirs, taken apart, and read in each spelling."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from autograder.collect.archives import Entry, Source
from autograder.collect.owners import Claim, Owners
from autograder.collect.troubles import Troubles


@dataclass(frozen=True)
class Parsed:
    """One spelling of a path, taken apart.

    Parameters
    ----------
    ids, name, last_first, pseudonym
        As in `Claim`; ``name`` may be several, separated by line ends.
    file
        Path inside the hand-in.
    attempt
        What tells one attempt from another, where the path says so.
    time
        The time as the path writes it; empty if it has none.
    version
        A number that rises with each upload; None if there is none.
    late
        Whether the platform marks it late.
    own
        Whether the platform wrote the file, not the student.
    """

    file: str
    ids: tuple[tuple[str, str], ...] = ()
    name: str = ""
    last_first: bool = False
    pseudonym: bool = False
    attempt: str = ""
    time: str = ""
    version: int | None = None
    late: bool = False
    own: bool = False


@dataclass(frozen=True)
class Piece:
    """One file of a hand-in.

    Parameters
    ----------
    entry
        Where it lies.
    file
        Its path inside the hand-in.
    claim
        Whose it is, in the platform's words.
    attempt
        Pieces of one claim and attempt are one hand-in.
    submitted
        When it was handed in: in UTC, or as the platform's clock showed it; None if not known.
    source
        Where that time stands, in words.
    problem
        Why the time is not known, or may be off.
    version, late
        As in `Parsed`.
    rank
        Orders attempts without times.
    """

    entry: Entry
    file: str
    claim: Claim
    attempt: str = ""
    submitted: datetime | None = None
    source: str = ""
    problem: str = ""
    version: int | None = None
    rank: int | None = None
    late: bool = False


@dataclass
class Reading:
    """What a platform makes of a source: pieces of hand-ins, its own files, and what is left."""

    pieces: list[Piece] = field(default_factory=list)
    own: list[tuple[Entry, Parsed]] = field(default_factory=list)
    rest: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What a platform may need to know.

    Parameters
    ----------
    notebooks
        File names of the assignment's notebooks.
    zone
        The clock of the platform.
    owners
        The roster.
    troubles
        Where warnings go.
    """

    notebooks: tuple[str, ...]
    zone: ZoneInfo
    owners: Owners
    troubles: Troubles


def read_paths(source: Source, parse: Callable[[str], Parsed | None]) -> Reading:
    """Take apart every path of a source, in each of its spellings.

    Parameters
    ----------
    parse
        Gives the parts of one path, or None if the platform writes no such path.
    """
    reading = Reading()
    for entry in source.entries:
        parts = [found for path in entry.spellings if (found := parse(path))]
        if not parts:
            reading.rest.append(entry)
        elif parts[0].own:
            reading.own.append((entry, parts[0]))
        else:
            reading.pieces.append(_piece(entry, parts))
    return reading


def _piece(entry: Entry, parts: list[Parsed]) -> Piece:
    """Make a piece of the spellings of one path; which name is right, the roster will say."""
    first = parts[0]
    names = dict.fromkeys(name for one in parts for name in one.name.split("\n") if name)
    ids = dict.fromkeys(pair for one in parts for pair in one.ids)
    claim = Claim(tuple(ids), tuple(names), first.last_first, first.pseudonym)
    return Piece(
        entry,
        first.file,
        claim,
        first.attempt,
        version=first.version,
        rank=first.version,
        late=first.late,
    )


def component(path: str, form: re.Pattern[str]) -> tuple[re.Match[str], str] | None:
    """Find the first part of a path that has a form; give the match and the path behind it."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if match := form.fullmatch(part):
            return match, "/".join(parts[place + 1 :])
    return None


def untimed(pieces: Iterable[Piece], problem: str) -> list[Piece]:
    """Say of every piece why its time is not known."""
    return [replace(piece, problem=problem) for piece in pieces]
