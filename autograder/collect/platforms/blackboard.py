"""Blackboard: "Assignment File Download", one flat archive with a receipt for each attempt.

Every file is named ``Title_username_attempt_2024-10-24-23-55-12_name``, the receipt the same
without a name, as ``.txt``. Title and username may hold underscores: the receipt's first line,
``Name: Full Name (username)``, tells them apart, or the roster does.

Times: in the name, by the clock of the server.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from autograder.collect.archives import Entry, Source, UnreadableError
from autograder.collect.names import spellings
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

NAME = "blackboard"

#: "Attempt", in the languages of the interface.
_ATTEMPT = "attempt|poging|versuch|tentative|intento|tentativo|tentativa|deneme"
_FORM = re.compile(
    # The first time in the name is Blackboard's: what follows it, a student may have chosen.
    rf"(?P<owner>[^/]+?)_(?:{_ATTEMPT})_(?P<time>\d{{4}}(?:-\d\d){{5}})"
    r"(?:_(?P<file>[^/]+)|(?P<receipt>\.txt))",
    re.IGNORECASE,
)
_RECEIPT = re.compile(r"^[^:\n]+: *(?P<name>.+?) *\((?P<login>[^()\n]+)\)\s*$", re.MULTILINE)
#: Its first lines; what the student wrote comes later.
_LINES = 2
_SIZE = 10_000


def parse(path: str) -> Parsed | None:
    """Take a path of Blackboard apart.

    Examples
    --------
    >>> parts = parse("Practical 1_sample1_attempt_2024-10-24-23-55-12_practical1.ipynb")
    >>> parts.ids, parts.time, parts.file
    ((('login', 'sample1'),), '2024-10-24-23-55-12', 'practical1.ipynb')
    """
    found = component(path, _FORM)
    if not found:
        return None
    match, inside = found
    file = "/".join(filter(None, (match["file"], inside)))
    owner = match["owner"]
    return Parsed(
        file,
        _logins(owner),
        # Without a receipt, a group's name stands where the username would.
        owner.rpartition("_")[2],
        attempt=f"{owner} {match['time']}",
        time=match["time"],
        own=bool(match["receipt"]),
    )


def _logins(owner: str) -> tuple[tuple[str, str], ...]:
    """List what may be the username: everything behind any underscore, the shortest first.

    Examples
    --------
    >>> _logins("Practical_1_a_b")
    (('login', 'b'), ('login', 'a_b'), ('login', '1_a_b'))
    """
    parts = owner.split("_")[1:] or [owner]
    return tuple(("login", "_".join(parts[place:])) for place in reversed(range(len(parts))))


def read(source: Source, context: Context) -> Reading:
    """Read a download of Blackboard: owners by username or receipt, times by file name."""
    reading = read_paths(source, parse)
    receipts = {}
    for entry, parts in reading.own:
        receipts.update({parts.attempt: receipt(entry)})
    times = {piece.attempt: piece.attempt.rpartition(" ")[2] for piece in reading.pieces}
    reading.pieces = [
        _timed(_owned(piece, receipts.get(piece.attempt, ()), context), times[piece.attempt])
        for piece in reading.pieces
    ]
    return reading


def receipt(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Read names and username from a receipt: one pair for each spelling of the name."""
    try:
        data = entry.read()[:_SIZE]
    except UnreadableError:
        return ()
    head = b"\n".join(data.splitlines()[:_LINES])
    matches = (_RECEIPT.search(text) for text in spellings(head))
    return tuple((match["name"], match["login"]) for match in matches if match)


def _owned(piece: Piece, receipts: Iterable[tuple[str, str]], context: Context) -> Piece:
    """Let the receipt, where there is one, say who it was; else what of the name can be."""
    names = tuple(dict.fromkeys(name for name, _ in receipts))
    logins = tuple(dict.fromkeys(login for _, login in receipts))
    possible = {value for _, value in piece.claim.ids}
    if logins and logins[0] in possible:
        claim = Claim((("login", logins[0]), ("student_id", logins[0])), names)
        return replace(piece, claim=claim)
    ids = piece.claim.ids
    if context.owners.roster is None and len(ids) > 1:
        return replace(piece, claim=Claim((), (piece.attempt.rpartition(" ")[0],)))
    either = tuple((column, value) for _, value in ids for column in ("login", "student_id"))
    return replace(piece, claim=replace(piece.claim, ids=either))


def _timed(piece: Piece, time: str) -> Piece:
    submitted = read_time(time)
    problem = "" if submitted else f"'{time}' in its name is no time"
    return replace(piece, submitted=submitted, source="file name", problem=problem)
