"""What `grade` remembers of each hand-in: what was graded, by which tests, and what went wrong.

It lies in a table of its own beside nbgrader's, so that a grade and its record are one transaction.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)

from autograder.errors import AutograderError
from autograder.workspace import Workspace

#: Larger files are told apart by their size and time: no notebook is as large.
LARGEST = 64 * 2**20
#: Where the marks come from: what decides about a verdict.
DECIDING = ("intake", "rooms", "crossing", "examiner", "office/marks.py", "office/worker.py")

TABLE = Table(
    "autograder_record",
    MetaData(),
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("handin", String(64), nullable=False),
    Column("tests", String(64), nullable=False),
    Column("scored", String(64), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("weaker", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("graded_at", String(32), nullable=False),
    Column("runs", Integer, nullable=False),
    Column("details", Text, nullable=False),
)
_AS_TEXT = ("weaker", "notes", "details")


class RecordError(AutograderError):
    """A record of grading that is damaged."""


@dataclass(frozen=True)
class Entry:
    """One student's hand-in, as it was graded last.

    Parameters
    ----------
    handin
        Digest of all its files and its time.
    tests
        Digest of the instructor's source and of the grader at that time.
    state
        ``graded``; ``flagged``, if a person has to look at what cannot be graded; ``failed``, if
        the grader could not do its work, and is to try again.
    reason
        Why it needs a person, in words; empty when it does not. What is graded may need one too.
    scored
        Digest of the hand-in that was graded last, which a failed one is not.
    seed
        Where the tests' random numbers begin; a regrade repeats them.
    weaker
        Tests that ran beside the student's code.
    notes
        What the grader recovered, in words.
    seconds
        How long a worker took.
    graded_at
        When, in UTC to the microsecond.
    runs
        How many times it was graded.
    details
        ``rest``: digest of all of the source but its tests; ``questions``: each test's digest and
        verdict.
    """

    handin: str
    tests: str
    state: str
    reason: str = ""
    scored: str = ""
    seed: int = 0
    weaker: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    graded_at: str = ""
    runs: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Record:
    """What was graded of one assignment."""

    assignment: str
    entries: dict[str, Entry] = field(default_factory=dict)
    workspace: Workspace | None = None

    @classmethod
    def load(cls, workspace: Workspace, assignment: str) -> "Record":
        """Read the record; where there is none yet, it is empty.

        Raises
        ------
        RecordError
            When it is damaged.
        """
        with workspace.gradebook() as gradebook:
            prepare(gradebook.engine)
            with gradebook.engine.begin() as connection:
                import_old(connection, workspace, assignment)
                return cls(assignment, read(connection, assignment, whole=True), workspace)

    def put(self, student: str, entry: Entry) -> None:
        """Take in an entry and save it, whole or not at all."""
        assert self.workspace is not None
        self.entries[student] = entry
        with self.workspace.gradebook() as gradebook:
            prepare(gradebook.engine)
            with gradebook.engine.begin() as connection:
                save(connection, self.assignment, student, entry)

    def is_current(self, student: str, handin: str, tests: str) -> bool:
        """Whether this hand-in was graded already, by these tests."""
        entry = self.entries.get(student)
        if entry is None or entry.state not in ("graded", "flagged"):
            return False
        return (entry.handin, entry.tests) == (handin, tests)


def prepare(engine: Engine) -> None:
    """Make the table where it is not there yet; nbgrader's own must be there already."""
    TABLE.metadata.create_all(engine)


def read(connection: Connection, assignment: str, whole: bool = False) -> dict[str, Entry]:
    """Read the entries of an assignment; without their details, unless ``whole``.

    Raises
    ------
    RecordError
        When one is damaged.
    """
    found = {}
    # Of ten thousand hand-ins, details would fill the memory.
    columns = [one for one in TABLE.c if whole or one.name not in ("details", "notes")]
    empty = {"details": "{}", "notes": "[]"}
    for row in connection.execute(select(*columns).where(TABLE.c.assignment == assignment)):
        plain = {**empty, **row._mapping}
        student = plain.pop("student")
        del plain["assignment"]
        try:
            plain |= {name: json.loads(plain[name]) for name in _AS_TEXT}
        except ValueError as error:
            raise RecordError(
                f"gradebook, table {TABLE.name}, student '{student}': damaged ({error}). Delete "
                f"the row: 'autograder grade {assignment}' grades anew, and keeps manual scores."
            ) from error
        plain |= {"weaker": tuple(plain["weaker"]), "notes": tuple(plain["notes"])}
        found[student] = Entry(**plain)
    return found


def details_of(connection: Any, assignment: str, student: str) -> dict[str, Any]:
    """Read the details of one entry; nothing where they are none, or damaged."""
    asked = select(TABLE.c.details)
    asked = asked.where(TABLE.c.assignment == assignment, TABLE.c.student == student)
    try:
        plain = json.loads(connection.execute(asked).scalar() or "{}")
    except ValueError:
        return {}
    return plain if isinstance(plain, dict) else {}


def save(connection: Any, assignment: str, student: str, entry: Entry) -> None:
    """Put an entry in the place of the one before; the caller commits."""
    connection.execute(
        delete(TABLE).where(TABLE.c.assignment == assignment, TABLE.c.student == student)
    )
    plain = asdict(entry)
    plain |= {name: json.dumps(plain[name], default=list) for name in _AS_TEXT}
    connection.execute(insert(TABLE).values(assignment=assignment, student=student, **plain))


def import_old(connection: Connection, workspace: Workspace, assignment: str) -> None:
    """Take over, once, what an earlier version kept in ``grading/<assignment>.json``.

    Raises
    ------
    RecordError
        When the file is damaged.
    """
    path = workspace.run_time / "grading" / f"{assignment}.json"
    if not path.is_file():
        return
    known = read(connection, assignment)
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))["students"]
        old = {student: Entry(**entry) for student, entry in plain.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(
            f"'{path}' is damaged ({type(error).__name__}: {error}). Delete it: "
            f"'autograder grade {assignment}' then grades all again, and keeps manual scores."
        ) from error
    for student, entry in old.items():
        if student not in known:
            save(connection, assignment, student, entry)
    path.rename(path.with_suffix(".json.imported"))


def handins(workspace: Workspace, assignment: str) -> list[str]:
    """List the students whose hand-in lies in ``submitted/``, sorted."""
    pattern = workspace.folder("submitted", assignment, "*").parts
    place = pattern.index("*")
    above, below = Path(*pattern[:place]), pattern[place + 1 :]
    names = sorted(os.listdir(above)) if above.is_dir() else []
    # A link to a folder would lead out of the course.
    return [
        name
        for name in names
        if not name.startswith(".")
        and not (above / name).is_symlink()
        and (above.joinpath(name, *below)).is_dir()
    ]


def digest_of_folder(folder: Path) -> str:
    """Give the digest of a folder's files: names and contents, ``timestamp.txt`` among them.

    No link is followed and nothing but plain files is opened.
    """
    whole = hashlib.sha256()
    for name, about in _walk(folder):
        whole.update(hashlib.sha256(name.encode(errors="surrogateescape")).digest())
        whole.update(_content(folder / name, about))
    return whole.hexdigest()


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """List what lies below a folder and is no folder itself, in the order of names."""
    found = []
    for above, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(above, name))]
        for name in (*names, *links):
            path = os.path.join(above, name)
            found.append((os.path.relpath(path, folder), os.lstat(path)))
    yield from sorted(found)


def _content(path: Path, about: os.stat_result) -> bytes:
    """Give the digest of a file's content, or of what stands for it."""
    if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
        words = f"{stat.S_IFMT(about.st_mode)} {about.st_size} {about.st_mtime_ns}"
        return hashlib.sha256(words.encode()).digest()
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        return hashlib.sha256(f"unreadable {error.errno}".encode()).digest()


def digest(parts: Iterable[str | Path]) -> str:
    """Give the SHA-256 of texts and files in order, each told from its neighbours."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()


def digest_of(plain: Any) -> str:
    """Give the digest of plain data."""
    return digest([json.dumps(plain, sort_keys=True, default=asdict)])


@cache
def grader_version() -> str:
    """Give the digest of all modules that decide about marks."""
    package = Path(__file__).parent
    places = [package / name for name in DECIDING]
    files = [
        path
        for place in places
        for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))
        if path.is_file()
    ]
    return digest(part for path in files for part in (str(path.relative_to(package)), path))
