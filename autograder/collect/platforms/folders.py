"""Plain folders, and Drive's free names: who it was stands in a folder's or file's name.

``folder`` is one folder a student, named by student id, login, email, a platform's number or the
name. ``drive`` is what people do in a shared folder: ``practical1 - Full Name.ipynb``,
``Full Name - Copy of practical1 (1).ipynb``, folders with names. Without a roster, only a folder
named by an id has an owner.

Times: none. The time of a file is that of its last change, or of the download; in a zip it only
orders several files of one student.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from autograder.collect.archives import Entry, Source
from autograder.collect.owners import Claim
from autograder.collect.platforms.forms import Context, Parsed, Piece, Reading, read_paths, untimed
from autograder.roster import is_safe_id

FOLDER = "folder"
DRIVE = "drive"

#: What Drive, Colab and browsers add to the name of a copy.
_COPIES = (
    r"\b(?:copy of|kopie van|kopie von|copie de|copia de)\s+",
    r"\s+adlı (?:dosyanın|not defterinin) kopyası",
    r"\s*[-–]?\s*kopyası(?: \d+)?$",
    r"\s*-\s*copy$",
    r"\s*\(\d+\)$",
)
_SEPARATORS = " \t-–—_.,()[]"


def original(file: str) -> str:
    """Give a file's name without what Drive, Colab or a browser added to it.

    Examples
    --------
    >>> original("Copy of practical1 (1).ipynb"), original("practical1.ipynb adlı dosyanın kopyası")
    ('practical1.ipynb', 'practical1.ipynb')
    """
    stem, ending = _stem(file)
    before = ""
    while stem != before:
        before = stem
        for copy in _COPIES:
            stem = re.sub(copy, "", stem, flags=re.IGNORECASE).strip()
        inner, found = _stem(stem)
        stem, ending = inner, found or ending
    return stem + ending


def _stem(file: str) -> tuple[str, str]:
    """Split off the endings that a hand-in may have."""
    match = re.search(r"\.(ipynb|zip)$", file, re.IGNORECASE)
    return (file[: match.start()], match[0].lower()) if match else (file, "")


def owner_part(file: str, notebooks: tuple[str, ...]) -> str:
    """Give what a file's name says besides the notebook's: the owner, in Drive's free names.

    Examples
    --------
    >>> owner_part("Copy of practical1 - Sample One (1).ipynb", ("practical1.ipynb",))
    'Sample One'
    """
    stem = _stem(original(file))[0]
    for notebook in notebooks:
        name = re.escape(_stem(notebook)[0])
        stem = re.sub(rf"(?<!\w){name}(?:\.ipynb)?(?!\w)|^{name}_|_{name}$", " ", stem, flags=re.I)
    return _stem(original(stem.strip(_SEPARATORS)))[0].strip(_SEPARATORS)


def read_folder(source: Source, context: Context) -> Reading:
    """Read a folder for each student; those around them are passed over."""
    above = _wrappers(source, context)
    reading = read_paths(source, lambda path: _in_folder(path, above))
    return _settled(reading, lambda claim: True)


def _in_folder(path: str, above: int) -> Parsed | None:
    parts = path.split("/")[above:]
    if len(parts) < 2:
        return None
    return Parsed("/".join(parts[1:]), (("free", parts[0]),), parts[0])


def _wrappers(source: Source, context: Context) -> int:
    """Count the folders around all others, which name nobody."""
    paths = [entry.path.split("/") for entry in source.entries]
    count = 0
    while paths and all(len(path) > count + 2 for path in paths):
        names = {path[count] for path in paths}
        if len(names) > 1 or context.owners.knows(_named(names.pop())):
            break
        count += 1
    return count


def read_drive(source: Source, context: Context) -> Reading:
    """Read free names: each file is asked for its owner, then the folders around it."""
    reading = read_paths(source, lambda path: Parsed(path))
    pieces = [_owned(piece, context) for piece in reading.pieces]
    reading.pieces = pieces
    return _settled(reading, context.owners.knows)


def _owned(piece: Piece, context: Context) -> Piece:
    """Find whom the file's name, or a folder's, names."""
    said = []
    for path in piece.entry.spellings:
        *folders, file = path.split("/")
        said.append((owner_part(file, context.notebooks), *reversed(folders)))
    claims = [_named(*names) for names in zip(*said, strict=False) if any(names)]
    if context.owners.roster is None:
        return replace(piece, claim=Claim((), claims[0].names if claims else ()))
    known = [claim for claim in claims if context.owners.knows(claim)]
    claim = known[0] if known else (claims or [Claim()])[0]
    # A file that names one student in a folder of another: both are named, nobody is chosen.
    if any(context.owners.resolve(other) != context.owners.resolve(claim) for other in known[1:]):
        ids = tuple(pair for other in known for pair in other.ids)
        claim = Claim(ids, tuple(name for other in known for name in other.names))
    levels = next((place for place, one in enumerate(claims) if one == claim), 0)
    depth = piece.file.count("/") + 1 - levels
    inside = "/".join(piece.file.split("/")[depth:]) or piece.file.rpartition("/")[2]
    return replace(piece, file=inside, claim=claim)


def _named(*names: str) -> Claim:
    """Make a claim of a free name: it may be an id of any kind, or a name."""
    return Claim(tuple(("free", name) for name in names if name), tuple(filter(None, names)))


def _settled(reading: Reading, owned: Callable[[Claim], bool]) -> Reading:
    """Leave archives that nobody owns to be opened, and order the rest by their entries."""
    pieces = [
        replace(piece, version=_version(piece.entry), rank=_version(piece.entry))
        for piece in reading.pieces
        if not piece.entry.is_zip or owned(piece.claim)
    ]
    kept = {piece.entry for piece in pieces}
    reading.rest += [piece.entry for piece in reading.pieces if piece.entry not in kept]
    words = "folders and free names do not record when it was handed in"
    reading.pieces = untimed(pieces, words)
    return reading


def _version(entry: Entry) -> int | None:
    """Give a number to a file: by the time in its zip entry."""
    if not entry.local or entry.local.year <= 1980:
        return None
    return int(f"{entry.local:%Y%m%d%H%M%S}")


def is_folder(source: Source, context: Context) -> bool:
    """Tell folders of students from free names: by the roster, else by ids that can be folders."""
    above = _wrappers(source, context)
    paths = [entry.path.split("/") for entry in source.entries]
    if any(len(path) < above + 2 for path in paths):
        return False
    names = {path[above] for path in paths}
    if context.owners.roster is None:
        return all(map(is_safe_id, names))
    return any(context.owners.knows(_named(name)) for name in names)
