"""Moodle: "Download all submissions", in folders or flat, of students, teams or participants.

One prefix, written by `mod/assign/classes/downloader.php`, begins every folder or file:
``Full Name_1234567_assignsubmission_file_``, the last underscore not in every version. The number
is the participant's in this assignment; blind marking writes ``Participant`` for the name; teams
have their name and their own number, older versions ``Team-Full Name`` and the participant's.

Times: Moodle up to 3.10 stores with each file when it was uploaded, by the server's clock. Later
versions stream the archive and store the moment of the download, the same for all files within
seconds: that is no hand-in time, and only orders one download after another. A grading worksheet
(a CSV from "Download grading worksheet"), collected beside the archive, has the exact times.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from autograder.collect.archives import Entry, Source, UnreadableError
from autograder.collect.names import folded
from autograder.collect.owners import Claim
from autograder.collect.platforms.forms import (
    Context,
    Parsed,
    Piece,
    Reading,
    component,
    read_paths,
)
from autograder.collect.times import read_time

NAME = "moodle"
#: Names of blind marking, in the languages of the interface.
PARTICIPANT = {
    "participant", "katılımcı", "teilnehmer", "teilnehmer/in", "teilnehmerin", "participante",
    "partecipante", "deelnemer", "teilnehmende person",
}  # fmt: skip
#: A download writes its files within seconds; hand-ins of this many people do not fall together.
DOWNLOAD = timedelta(seconds=60)
DOWNLOADED_FROM = 3

_FORM = re.compile(
    r"(?P<name>[^/]*?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>[^/]*)"
)
_FOLDED = {folded(word) for word in PARTICIPANT}


def parse(path: str) -> Parsed | None:
    """Take a path of Moodle apart.

    Examples
    --------
    >>> parts = parse("Sample One_1234567_assignsubmission_file_/practical1.ipynb")
    >>> parts.name, parts.ids, parts.file
    ('Sample One', (('participant', '1234567'),), 'practical1.ipynb')
    """
    found = component(path, _FORM)
    if not found:
        return None
    match, inside = found
    file = "/".join(filter(None, (match["file"], inside)))
    hidden = folded(match["name"]) in _FOLDED
    return Parsed(
        file,
        (("participant", match["number"]),) if match["number"] else (),
        "" if hidden else match["name"],
        pseudonym=hidden,
        own=match["kind"] != "file" or not file,
    )


def read(source: Source, context: Context) -> Reading:
    """Read a download of Moodle: owners by number and name, times by entry."""
    reading = read_paths(source, parse)
    reading.pieces = _without_groups(_blind(reading.pieces, context), context)
    reading.pieces = _timed(reading.pieces)
    return reading


def _blind(pieces: list[Piece], context: Context) -> list[Piece]:
    """See blind marking in a language that is not known: one word for everybody."""
    names = {piece.claim.names for piece in pieces}
    numbers = {piece.claim.ids for piece in pieces}
    if len(names) > 1 or len(numbers) < DOWNLOADED_FROM or ("",) in names:
        return pieces
    if any(context.owners.knows(replace(piece.claim, ids=())) for piece in pieces[:1]):
        return pieces
    return [
        replace(piece, claim=replace(piece.claim, names=(), pseudonym=True)) for piece in pieces
    ]


def _without_groups(pieces: list[Piece], context: Context) -> list[Piece]:
    """Let a name be also what follows the name of a group, where that is in use."""
    groups = Counter(
        group
        for claim in {piece.claim for piece in pieces}
        for name in claim.names[:1]
        for group in _prefixes(name)
    )
    return [replace(piece, claim=_member(piece.claim, groups, context)) for piece in pieces]


def _prefixes(name: str) -> list[str]:
    """List what stands before each hyphen.

    Examples
    --------
    >>> _prefixes("Group A-Sample-Two Person")
    ['Group A', 'Group A-Sample']
    """
    return [name[: match.start()] for match in re.finditer("-", name)]


def _member(claim: Claim, groups: Counter[str], context: Context) -> Claim:
    """Leave out the group of a name that is not in the roster with it."""
    if context.owners.knows(replace(claim, ids=())):
        return claim
    for name in claim.names:
        for group in _prefixes(name):
            members = (name[len(group) + 1 :],)
            team = context.owners.knows_team(group)
            # "Group A" and "Team 3" are no first names.
            used = groups[group] > 1 or re.search(r"[ \d]", group)
            if (team or used) and context.owners.named(members)[0]:
                return replace(claim, names=members)
    return claim


def _timed(pieces: list[Piece]) -> list[Piece]:
    """Give every piece the time of its entry, or say why it has none."""
    # Zip's zero is 1980: the entry has no time.
    locals_ = (piece.entry.local for piece in pieces)
    known = [moment for moment in locals_ if moment and moment.year > 1980]
    owners = {piece.claim for piece in pieces}
    if known and len(owners) >= DOWNLOADED_FROM and max(known) - min(known) <= DOWNLOAD:
        words = (
            "the archive has the time of the download only. Download the grading worksheet "
            "(CSV) too, and collect it beside the archive"
        )
        return [replace(piece, problem=words, rank=_rank(piece.entry.local)) for piece in pieces]
    return [_by_entry(piece) for piece in pieces]


def _rank(local: datetime | None) -> int | None:
    """Give a number to a moment, so that a later download comes after an earlier one."""
    return int(f"{local:%Y%m%d%H%M%S}") if local else None


def _by_entry(piece: Piece) -> Piece:
    """Take the time of the zip's entry: in UTC, where it has that, else by the course's clock."""
    local = piece.entry.local
    if not local or local.year == 1980:
        words = "the archive has no time for it: collect the zip as Moodle wrote it"
        return replace(piece, problem=words)
    if piece.entry.moment:
        return replace(piece, submitted=piece.entry.moment, source="zip entry, UTC")
    words = "the archive does not name the zone of its times: read by the course's clock"
    return replace(piece, submitted=local, source="zip entry", problem=words)


def worksheet(entry: Entry) -> list[dict[str, str]]:
    """Read a grading worksheet; an empty list if the file is none.

    Needed are Moodle's columns ``Identifier`` ("Participant 1234567") and
    ``Last modified (submission)``; ``Email address``, ``ID number`` and ``Full name`` help to
    find the owner. Columns are found by their place and contents where the language differs.
    """
    if not entry.path.lower().endswith(".csv"):
        return []
    try:
        text = entry.read().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
    except (UnreadableError, UnicodeDecodeError, csv.Error):
        return []
    return [_row(row) for row in rows if _participant(row)]


def _participant(row: dict[str, str]) -> str:
    """Give the number of a worksheet's row, from its first column."""
    first = next(iter(row.values()), "") or ""
    match = re.fullmatch(r"\D+ (\d+)", first.strip())
    return match[1] if match else ""


def _row(row: dict[str, str]) -> dict[str, str]:
    """Take from a worksheet's row what collecting needs."""
    cells = {(key or "").strip().lower(): value or "" for key, value in row.items() if key}
    times = [value for key, value in cells.items() if read_time(value)]
    submitted = cells.get("last modified (submission)", times[0] if times else "")
    return {
        "participant": _participant(row),
        "time": submitted,
        "email": next((value for value in cells.values() if "@" in value), ""),
        "student_id": cells.get("id number", ""),
        "name": cells.get("full name", ""),
    }


def by_worksheet(pieces: Iterable[Piece], rows: list[dict[str, str]]) -> list[Piece]:
    """Give pieces the times, and the owners, that a worksheet has for their numbers."""
    known = {row["participant"]: row for row in rows}
    return [
        _from_row(piece, known.get(dict(piece.claim.ids).get("participant", "")))
        for piece in pieces
    ]


def _from_row(piece: Piece, row: dict[str, str] | None) -> Piece:
    if row is None:
        return piece
    ids = tuple((column, row[column]) for column in ("email", "student_id") if row[column])
    names = piece.claim.names or ((row["name"],) if row["name"] else ())
    claim = replace(piece.claim, ids=(*piece.claim.ids, *ids), names=names)
    submitted = read_time(row["time"])
    if submitted is None:
        return replace(piece, claim=claim)
    return replace(piece, claim=claim, submitted=submitted, source="grading worksheet", problem="")
