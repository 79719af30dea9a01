"""Gradescope: "Export Submissions", a folder for each submission and one file that describes them.

``assignment_123_export/submission_987654/practical1.ipynb``; beside the folders
``submission_metadata.yml`` has for each its submitters (name, student id, email; several for a
group) and ``:created_at:``, the time with its zone.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import yaml

from autograder.collect.archives import Entry, Source, UnreadableError
from autograder.collect.owners import Claim
from autograder.collect.platforms.forms import (
    Context,
    Parsed,
    Piece,
    Reading,
    component,
    read_paths,
    untimed,
)
from autograder.collect.times import read_time

NAME = "gradescope"
METADATA = "submission_metadata.yml"
#: Bytes of the description that are read: with all results, a large class has some ten million.
MAX_METADATA = 100 * 2**20

_FORM = re.compile(r"(?P<submission>submission_(?P<number>\d+))(?P<ending>\.[^/.]+)?")
# Plain strings everywhere: a student id 0123 stays one. The C loader, where there is one.
_LOADER = type("Loader", (getattr(yaml, "CBaseLoader", yaml.BaseLoader),), {})


def parse(path: str) -> Parsed | None:
    """Take a path of Gradescope apart.

    Examples
    --------
    >>> parse("assignment_1_export/submission_22/practical1.ipynb").attempt
    'submission_22'
    """
    found = component(path, _FORM)
    # One that a student handed in lies in a submission's folder, and describes nothing.
    if not found:
        return Parsed("", own=True) if path.split("/")[-1] == METADATA else None
    match, inside = found
    file = inside or match[0]
    return Parsed(file, attempt=match["submission"], version=int(match["number"]))


def read(source: Source, context: Context) -> Reading:
    """Read an export of Gradescope: owners and times by its description."""
    reading = read_paths(source, parse)
    described: dict[str, Any] = {}
    for entry, _ in reading.own:
        described.update(_description(entry, context))
    pieces = []
    for piece in reading.pieces:
        record = described.get(piece.attempt, described.get(piece.entry.path.split("/")[-1]))
        pieces += _described(piece, record)
    reading.pieces = pieces
    return reading


def _description(entry: Entry, context: Context) -> dict[str, Any]:
    """Read the description; one that cannot be read is named in a warning."""
    try:
        data = entry.read()
        if len(data) > MAX_METADATA:
            raise UnreadableError(f"has more than {MAX_METADATA} bytes")
        found = yaml.load(data, Loader=_LOADER)  # a BaseLoader makes nothing but strings
    except (UnreadableError, yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        words = f"cannot be read ({first}): owners and times are not known."
        context.troubles.add("broken-metadata", words, archive=entry.archive, entry=entry.path)
        return {}
    return found if isinstance(found, dict) else {}


def _described(piece: Piece, record: Any) -> list[Piece]:
    """Give a piece its submitters, once for each, and its time."""
    people = _field(record, "submitters")
    people = people if isinstance(people, list) else []
    claims = [claim for person in people if (claim := _claim(person)).ids or claim.names]
    if not claims:
        name = (piece.attempt,)
        return untimed([replace(piece, claim=Claim((), name))], f"{METADATA} does not describe it")
    time = str(_field(record, "created_at") or "")
    submitted = _moment(time)
    problem = "" if submitted else f"'{time}' in {METADATA} is no time"
    timed = replace(piece, submitted=submitted, source=METADATA, problem=problem)
    return [replace(timed, claim=claim) for claim in claims]


def _field(record: Any, name: str) -> Any:
    """Look up a key as Ruby writes its symbols, with a colon before."""
    return record.get(f":{name}", record.get(name)) if isinstance(record, dict) else None


def _claim(person: Any) -> Claim:
    """Make a claim of one submitter."""
    sid, email = (str(_field(person, key) or "").strip() for key in ("sid", "email"))
    ids = tuple(
        (column, value) for column, value in (("student_id", sid), ("email", email)) if value
    )
    name = str(_field(person, "name") or "").strip()
    return Claim(ids, (name,) if name else ())


def _moment(text: str) -> datetime | None:
    """Read a time; Gradescope writes a zone always, and one without is not believed."""
    moment = read_time(text.strip())
    return moment if moment and moment.tzinfo else None
