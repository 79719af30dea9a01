"""What the reference solution teaches about tests: which work across rooms, which change data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.examiner.job import Job
from autograder.examiner.questions import Answer, Questions
from autograder.examiner.running import Runner
from autograder.examiner.session import Session, judge
from autograder.rooms import Rooms

if TYPE_CHECKING:
    from autograder.intake import Rebuilt, RebuiltCell, SourceCell, SourceNotebook

#: The ways of a test: what decides is apart from the student's code, beside it, or nowhere.
ACROSS, IN_ROOM, FAILS = "across", "in-room", "fails"


@dataclass(frozen=True)
class Lesson:
    """How the reference solution does in one test.

    Parameters
    ----------
    way
        ``across`` rooms, only ``in-room``, or it ``fails`` in both.
    points
        What it reaches that way.
    line
        The line of the cell at which the test stopped across rooms, counted from 1; 0 if nowhere.
    why
        With which error, in words.
    changes
        Whether it changes the test's own data in place.
    """

    grade_id: str
    way: str
    points: float
    line: int = 0
    why: str = ""
    changes: bool = False


@dataclass(frozen=True)
class Learnt:
    """What the examination of hand-ins has to know of a notebook's tests, see `Job`."""

    in_room: frozenset[str]
    changing: frozenset[str]


def learn(
    source: "SourceNotebook",
    rooms: Rooms,
    *,
    files: Mapping[str, bytes] | None = None,
    timeout: float = 30,
) -> Learnt:
    """Return what the reference solution teaches; it depends on the source alone.

    Parameters
    ----------
    files
        The instructor's files beside the notebook.
    timeout
        Seconds for a cell that says nothing else.

    Raises
    ------
    ExaminerError
        The machine failed.
    """
    found = lessons(source, rooms, files=files or {}, timeout=timeout)
    return Learnt(
        frozenset(lesson.grade_id for lesson in found if lesson.way == IN_ROOM),
        frozenset(lesson.grade_id for lesson in found if lesson.changes),
    )


def lessons(
    source: "SourceNotebook",
    rooms: Rooms,
    *,
    files: Mapping[str, bytes],
    timeout: float,
) -> tuple[Lesson, ...]:
    """Return how the reference solution does in each test; see `learn`."""
    # Each test may be asked both ways.
    both = frozenset(cell.grade_id for cell in source.tests)
    job = Job(source, reference(source), files, 0, timeout, trusted=files, in_room=both)
    runner, questions = Runner(rooms, job), Questions(rooms, job)
    try:
        session = Session(job, runner.go(), questions, runner.renew)
        found = []
        for cell in source.cells:
            if cell.role == "test":
                there = cell.grade_id in session.moments
                stopped = Answer(None, silent="the notebook stopped before")
                lesson = _lesson(cell, session.settled(cell) if there else stopped)
                if lesson.way == FAILS and there:
                    beside = judge(cell, session.settled(cell, in_room=True))
                    if beside.error is None and not beside.verdict.error:
                        points = beside.verdict.points
                        lesson = replace(lesson, way=IN_ROOM, points=points)
                found.append(lesson)
            questions.pass_by(cell)
        return tuple(found)
    finally:
        questions.close()
        runner.close()


def _lesson(cell: "SourceCell", answer: Answer) -> Lesson:
    asked = judge(cell, answer)
    changes = bool(answer.report and answer.report.get("changed"))
    if asked.error is None and not asked.verdict.error:
        return Lesson(cell.grade_id, ACROSS, asked.verdict.points, changes=changes)
    failure = (answer.report or {}).get("failure") or {}
    why = f"{failure['name']}: {failure['text']}" if failure else ""
    why = why or asked.verdict.error or asked.verdict.message
    return Lesson(cell.grade_id, FAILS, 0.0, failure.get("line", 0), why[:1000], changes)


def reference(source: "SourceNotebook") -> "Rebuilt":
    """Return the hand-in of somebody who knows all the answers."""
    return _handed_in(source, True)


def untouched(source: "SourceNotebook") -> "Rebuilt":
    """Return the hand-in of somebody who did nothing."""
    return _handed_in(source, False)


def _handed_in(source: "SourceNotebook", solved: bool) -> "Rebuilt":
    from autograder.intake import Rebuilt

    return Rebuilt(tuple(_cells(source, solved)), source.metadata)


def _cells(source: "SourceNotebook", solved: bool) -> Iterator["RebuiltCell"]:
    from autograder.intake import RebuiltCell

    for number, cell in enumerate(source.cells):
        plain = cell.cell
        if solved and cell.role == "answer" and cell.solution:
            plain = {**plain, "source": cell.solution}
        yield RebuiltCell(plain, cell.role, cell.grade_id, "source", 1.0, number)
