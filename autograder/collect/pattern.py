"""Archives of no known platform: a regular expression of the instructor's says what a path means.

It is searched in the path of every file, parts separated by ``/``. Its named groups:

=============================  ===========================================================
``student_id`` ``login``       looked up in that column of the roster
``email`` ``canvas_id``
``participant``
``name``                       the whole name
``first_name`` ``last_name``   or its parts
``timestamp``                  when it was handed in, by the course's clock or with a zone
``attempt``                    a number that rises with each attempt
``notebook`` or ``file_id``    name of the notebook, with or without ``.ipynb``
=============================  ===========================================================
"""

import re
from collections.abc import Callable
from dataclasses import replace

from autograder.collect.archives import Source
from autograder.collect.platforms.forms import Context, Parsed, Piece, Reading, read_paths
from autograder.collect.times import read_time
from autograder.collect.troubles import CollectError

#: Groups that say whose it is.
IDS = ("student_id", "login", "email", "canvas_id", "participant")
NAMES = ("name", "first_name", "last_name")
#: All groups.
GROUPS = (*IDS, *NAMES, "timestamp", "attempt", "notebook", "file_id")


def compiled(pattern: str) -> re.Pattern[str]:
    r"""Check and compile a pattern.

    Raises
    ------
    CollectError
        When it is no regular expression, names an unknown group, or none that says whose it is.

    Examples
    --------
    >>> compiled(r"(?P<student_id>\w+)/").groupindex["student_id"]
    1
    """
    known = f"Groups are: {', '.join(GROUPS)}."
    try:
        found = re.compile(pattern)
    except re.error as error:
        at = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise CollectError(
            f"--pattern '{pattern}': no regular expression{at} ({error.msg}). {known}"
        ) from None
    unknown = [name for name in found.groupindex if name not in GROUPS]
    if unknown:
        raise CollectError(f"--pattern '{pattern}': unknown group '{unknown[0]}'. {known}")
    if not any(name in found.groupindex for name in (*IDS, *NAMES)):
        raise CollectError(f"--pattern '{pattern}': no group says whose the file is. {known}")
    return found


def reader(pattern: str) -> Callable[[Source, Context], Reading]:
    """Give a reader, as platforms have one, for a pattern."""
    form = compiled(pattern)

    def read(source: Source, context: Context) -> Reading:
        reading = read_paths(source, lambda path: _parse(form, path))
        reading.pieces = [_timed(piece) for piece in reading.pieces]
        return reading

    return read


def _parse(form: re.Pattern[str], path: str) -> Parsed | None:
    """Take one path apart."""
    match = form.search(path)
    if not match:
        return None
    groups = {name: value for name, value in match.groupdict().items() if value}
    parts = (groups.get(part, "") for part in ("first_name", "last_name"))
    name = groups.get("name", " ".join(filter(None, parts)))
    attempt = groups.get("attempt", "")
    time = groups.get("timestamp", "")
    return Parsed(
        _file(groups, path),
        tuple((column, groups[column]) for column in IDS if column in groups),
        name.replace("_", " "),
        attempt=f"{attempt} {time}",
        time=time,
        version=int(attempt) if attempt.isdecimal() else None,
    )


def _file(groups: dict[str, str], path: str) -> str:
    """Give the file's name inside the hand-in."""
    last = path.rpartition("/")[2]
    named = groups.get("notebook", groups.get("file_id", ""))
    ending = last[last.rfind(".") :] if "." in last else ""
    return last if not named else named if named.endswith(ending) else named + ending


def _timed(piece: Piece) -> Piece:
    time = piece.attempt.partition(" ")[2]
    if not time:
        return replace(piece, problem="the pattern has no time")
    submitted = read_time(time)
    problem = "" if submitted else f"'{time}' is no time that can be read"
    return replace(piece, submitted=submitted, source="pattern", problem=problem)
