"""What `grade` remembers of each hand-in: what was graded, by which tests, and what went wrong."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.errors import AutograderError
from autograder.workspace import Workspace


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
        Digest of the instructor's cells at that time.
    state
        ``started`` (and not ended, if the run is over), ``graded`` or ``failed``.
    reason
        Why it needs a person, in words; empty when it does not. What is graded may need one too.
    scored
        Digest of the hand-in that was graded last, which a failed one is not.
    """

    handin: str
    tests: str
    state: str
    reason: str = ""
    scored: str = ""


@dataclass
class Record:
    """What was graded of one assignment; ``gradebook/grading/<assignment>.json``."""

    path: Path
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def load(cls, workspace: Workspace, assignment: str) -> "Record":
        """Read the record; where there is none yet, it is empty.

        Raises
        ------
        RecordError
            When the file is damaged.
        """
        path = workspace.run_time / "grading" / f"{assignment}.json"
        if not path.is_file():
            return cls(path)
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))["students"]
            return cls(path, {student: Entry(**entry) for student, entry in plain.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(
                f"'{path}' is damaged ({type(error).__name__}: {error}). Delete it: "
                f"'autograder grade {assignment}' then grades all again, and keeps manual scores."
            ) from error

    def put(self, student: str, entry: Entry) -> None:
        """Take in an entry and save the record, whole or not at all."""
        self.entries[student] = entry
        self.path.parent.mkdir(parents=True, exist_ok=True)
        plain = {name: asdict(self.entries[name]) for name in sorted(self.entries)}
        new = self.path.with_suffix(".json.new")
        new.write_text(json.dumps({"students": plain}, indent=1) + "\n", encoding="utf-8")
        os.replace(new, self.path)

    def is_current(self, student: str, handin: str, tests: str) -> bool:
        """Whether this hand-in was graded already, by these tests."""
        entry = self.entries.get(student)
        found = entry and (entry.handin, entry.tests, entry.state)
        return found == (handin, tests, "graded")


def handins(workspace: Workspace, assignment: str) -> list[str]:
    """List the students whose hand-in lies in ``submitted/``, sorted."""
    above = workspace.folder("submitted", assignment).parent
    found = (path.parent.name for path in above.glob(f"*/{assignment}") if path.is_dir())
    return sorted(name for name in found if not name.startswith("."))


def digest_of_folder(folder: Path) -> str:
    """Give the digest of a folder's files: names and contents, ``timestamp.txt`` among them."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return digest(part for path in files for part in (str(path.relative_to(folder)), path))


def digest_of_tests(workspace: Workspace, assignment: str) -> str:
    """Give the digest of the instructor's cells, as the gradebook holds them."""
    with workspace.gradebook() as gradebook:
        cells = [
            (notebook.name, cell.name, str(cell.cell_type), cell.source or "")
            + ((str(points[cell.name]),) if cell.name in points else ())
            for notebook in gradebook.find_assignment(assignment).notebooks
            for points in [{grade.name: grade.max_score for grade in notebook.grade_cells}]
            for cell in notebook.source_cells
        ]
    return digest(part for cell in sorted(cells) for part in cell)


def digest(parts: Iterable[str | Path]) -> str:
    """Give the SHA-256 of texts and files in order, each told from its neighbours."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()
