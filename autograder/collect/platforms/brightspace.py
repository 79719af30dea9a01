"""Brightspace (D2L): "Download" of an assignment's submissions, in folders or flat.

Folders, or names of files, begin ``1234567-7654321 - Full Name - Oct 24, 2024 1155 PM``: the
user's number and the assignment's, the name, sometimes a username before it, and the time without
a colon, in the language and order of the interface. ``index.html`` lists them all.

Times: in that name, by the clock of the course.
"""

import re
from dataclasses import replace

from autograder.collect.archives import Source
from autograder.collect.platforms.forms import Context, Parsed, Piece, Reading, read_paths
from autograder.collect.times import read_time

NAME = "brightspace"

_START = re.compile(r"(?P<user>\d+)-(?P<box>\d+) - (?P<rest>[^/]+)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def parse(path: str) -> Parsed | None:
    """Take a path of Brightspace apart.

    Examples
    --------
    >>> parts = parse("1234567-7654321 - Sample One - Oct 24, 2024 1155 PM/practical1.ipynb")
    >>> parts.ids, parts.name, parts.time, parts.file
    ((('brightspace', '1234567'),), 'Sample One', 'Oct 24, 2024 1155 PM', 'practical1.ipynb')
    """
    parts = path.split("/")
    for place, part in enumerate(parts):
        match = _START.fullmatch(part)
        if match and (split := _split(match["rest"], flat=part is parts[-1])):
            username, name, time, file = split
            ids = [("brightspace", match["user"])]
            ids += [("login", username), ("student_id", username)] if username else []
            inside = "/".join(filter(None, (file, *parts[place + 1 :])))
            return Parsed(inside, tuple(ids), name, attempt=f"{match['user']} {time}", time=time)
    return Parsed("", own=True) if parts[-1].lower() == "index.html" else None


def _split(rest: str, flat: bool) -> tuple[str, str, str, str] | None:
    """Split what follows the numbers into username, name, time and file."""
    parts = rest.split(" - ")
    # The time is what can be read as one; if none can, what has a year, or else the place tells.
    readable = [place for place, part in enumerate(parts) if place and read_time(part)]
    dated = [place for place, part in enumerate(parts) if place and _YEAR.search(part)]
    found = (readable or dated or [len(parts) - (2 if flat else 1)])[0]
    if found < 1 or (flat and found + 1 >= len(parts)):
        return None
    *before, name = parts[:found]
    username = before[0] if len(before) == 1 and " " not in before[0] else ""
    name = name if username or not before else " - ".join((*before, name))
    return username, name, parts[found], " - ".join(parts[found + 1 :])


def read(source: Source, context: Context) -> Reading:
    """Read a download of Brightspace: owners by name or username, times by folder."""
    reading = read_paths(source, parse)
    reading.pieces = [_timed(piece) for piece in reading.pieces]
    return reading


def _timed(piece: Piece) -> Piece:
    time = piece.attempt.partition(" ")[2]
    submitted = read_time(time)
    problem = "" if submitted else f"'{time}' is no time that can be read"
    return replace(piece, submitted=submitted, source="folder name", problem=problem)
