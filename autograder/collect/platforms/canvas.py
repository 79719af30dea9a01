"""Canvas: "Download Submissions", one flat archive of all students' files.

`lib/content_zipper.rb` names each file ``lastfirst_[LATE_]userid_attachmentid_name``: the sortable
name in small letters without spaces, the user's number, the attachment's number. Anonymous
grading writes ``[LATE_]anon_aBcDe_attachmentid_name``; its ids may differ only in case. A file
handed in again is called ``name-1``, ``name-2`` and so on, after eight of one name
``name-<uuid>``. Attachments are numbered in the order of their uploads.

Times: Canvas records none; the zip's entries have the moment at which the archive was made. Only
``LATE`` says that Canvas holds a hand-in to be late, not by how much.
"""

import re
from dataclasses import replace

from autograder.collect.archives import Source
from autograder.collect.platforms.forms import Context, Parsed, Reading, read_paths

NAME = "canvas"

_FORM = re.compile(
    r"(?:(?P<late1>LATE_)?anon_(?:(?P<late2>LATE)_)?(?P<anon>[A-Za-z0-9]+)"
    r"|(?P<name>[^/]+?)(?:_(?P<late3>LATE))?_(?P<user>\d+))"
    r"_(?:(?P<attachment>\d+)_(?P<file>[^/]+)|(?P<own>text|link)\.html)"
)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def parse(path: str) -> Parsed | None:
    """Take a path of Canvas apart.

    Examples
    --------
    >>> parts = parse("onesample_LATE_123_4567_practical1-2.ipynb")
    >>> parts.ids, parts.version, parts.late, parts.file
    ((('canvas_id', '123'),), 4567, True, 'practical1-2.ipynb')
    >>> parse("anon_aBcDe_4567_practical1.ipynb").ids
    (('anonymous', 'aBcDe'), ('canvas_id', 'aBcDe'))
    """
    last = path.rpartition("/")[2]
    match = _FORM.fullmatch(last)
    if not match:
        return None
    anonymous = match["anon"]
    ids = (("anonymous", anonymous), ("canvas_id", anonymous))
    return Parsed(
        match["file"] or "",
        ids if anonymous else (("canvas_id", match["user"]),),
        match["name"] or "",
        last_first=True,
        pseudonym=bool(anonymous),
        version=int(match["attachment"]) if match["attachment"] else None,
        late=bool(match["late1"] or match["late2"] or match["late3"]),
        own=bool(match["own"]),
    )


def original(file: str) -> str:
    """Give the name under which a student uploaded a file, without Canvas's number.

    Examples
    --------
    >>> original("practical1-2.ipynb")
    'practical1.ipynb'
    """
    stem, dot, ending = file.rpartition(".")
    return re.sub(rf"(?:-\d{{1,3}}|-{_UUID})$", "", stem) + dot + ending


def read(source: Source, context: Context) -> Reading:
    """Read a download of Canvas; no times, but attempts in the order of their attachments."""
    reading = read_paths(source, parse)
    reading.pieces = [replace(piece, problem=_problem(piece.late)) for piece in reading.pieces]
    return reading


def _problem(late: bool) -> str:
    mark = "Canvas marks it LATE, and does" if late else "Canvas does"
    return f"{mark} not record in the archive when it was handed in"
