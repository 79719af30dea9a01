"""Whether an assignment's tests work across rooms, before any hand-in is graded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.examiner.job import Job
from autograder.examiner.learning import FAILS, IN_ROOM, Lesson, lessons, untouched
from autograder.examiner.session import examine
from autograder.rooms import Rooms
from autograder.workspace import Workspace

if TYPE_CHECKING:
    from autograder.intake import SourceCell, SourceNotebook

#: What an instructor may read about each kind of trouble; the first that fits.
_ADVICE = (
    ("NameError", "Set this name in a given cell, or in the test itself."),
    ("ModuleNotFoundError", "Install this module for the grader, or put it beside the source."),
    ("FileNotFoundError", "Put this file beside the source, or write it in the student's answer."),
    ("TooLarge", "Let the student's function return less, for example a part or a sum."),
)
_OTHERWISE = (
    "Compare plain values (numbers, text, lists, arrays, tensors) that the student's code returns, "
    'or tag the cell "in-room": then it runs beside the student\'s code, which can deceive it.'
)


@dataclass(frozen=True)
class Checked:
    """How one test does.

    Parameters
    ----------
    way
        ``across`` rooms, only ``in-room``, or it ``fails`` with the reference solution.
    line
        The line of the cell at which it stopped across rooms, counted from 1; 0 for none.
    code
        That line.
    why
        What stopped it.
    advice
        A way out, in words; empty where none is needed.
    changes
        Whether the reference solution changes the test's own data in place.
    untouched
        The points of a hand-in without any answer; more than 0 is worth a look.
    """

    notebook: str
    grade_id: str
    way: str
    points: float
    max_points: float
    line: int = 0
    code: str = ""
    why: str = ""
    advice: str = ""
    changes: bool = False
    untouched: float = 0.0
    tagged: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the reference solution gets all points, and an empty hand-in none."""
        known = self.way != IN_ROOM or self.tagged
        full = self.way != FAILS and self.points >= self.max_points
        return known and full and (self.untouched <= 0 or self.max_points <= 0)


@dataclass(frozen=True)
class Validation:
    """How all tests of an assignment do."""

    assignment: str
    tests: tuple[Checked, ...]

    @property
    def is_good(self) -> bool:
        """Whether every test is."""
        return all(test.is_good for test in self.tests)

    def in_room(self, notebook: str) -> frozenset[str]:
        """Return which tests of a notebook work beside the student's code only."""
        return frozenset(
            test.grade_id
            for test in self.tests
            if test.notebook == notebook and test.way == IN_ROOM
        )

    def changing(self, notebook: str) -> frozenset[str]:
        """Return in which tests of a notebook the reference solution changes data."""
        return frozenset(
            test.grade_id for test in self.tests if test.notebook == notebook and test.changes
        )


def validate(
    workspace: Workspace, assignment: str, rooms: Rooms, *, timeout: float = 30
) -> Validation:
    """Run the reference solution and an empty hand-in through the rooms.

    Parameters
    ----------
    timeout
        Seconds for a cell that says nothing else.

    Raises
    ------
    WorkspaceError
        There is no such assignment.
    IntakeError
        Its source cannot be read, or was never released.
    ExaminerError
        The machine failed.
    """
    from autograder.intake import read_sources

    files = files_beside(workspace.folder("source", assignment))
    tests = [
        test
        for source in read_sources(workspace, assignment)
        for test in check(source, rooms, files=files, timeout=timeout)
    ]
    return Validation(assignment, tuple(tests))


def check(
    source: "SourceNotebook", rooms: Rooms, *, files: Mapping[str, bytes], timeout: float
) -> tuple[Checked, ...]:
    """Return how the tests of one notebook do."""
    found = lessons(source, rooms, files=files, timeout=timeout)
    job = Job(
        source,
        untouched(source),
        files,
        0,
        timeout,
        trusted=files,
        in_room=frozenset(lesson.grade_id for lesson in found if lesson.way == IN_ROOM),
    )
    empty = {verdict.grade_id: verdict.points for verdict in examine(rooms, job).verdicts}
    cells = {cell.grade_id: cell for cell in source.tests}
    return tuple(
        _checked(source.name, cells[lesson.grade_id], lesson, empty.get(lesson.grade_id, 0.0))
        for lesson in found
    )


def _checked(notebook: str, cell: "SourceCell", lesson: Lesson, empty: float) -> Checked:
    lines = cell.full.splitlines()
    code = lines[lesson.line - 1].strip() if 0 < lesson.line <= len(lines) else ""
    return Checked(
        notebook,
        cell.grade_id,
        lesson.way,
        lesson.points,
        cell.points,
        lesson.line,
        code,
        lesson.why,
        advise(lesson),
        lesson.changes,
        empty,
        cell.in_room,
    )


def advise(lesson: Lesson) -> str:
    """Return a way out, in words; empty where none is needed."""
    if not lesson.why:
        return ""
    for word, advice in _ADVICE:
        if lesson.why.startswith(word):
            return advice
    if lesson.way == FAILS:
        return "The reference solution does not pass this test in any room: mend one of the two."
    return _OTHERWISE


def files_beside(folder: Path) -> dict[str, bytes]:
    """Return the files of an assignment's source but its notebooks, by path in the folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not _is_notebook(path, folder)
    }


def _is_notebook(path: Path, folder: Path) -> bool:
    return path.suffix == ".ipynb" or ".ipynb_checkpoints" in path.relative_to(folder).parts
