"""Who and what needs a person: one record each, with what to do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.class_record import Assignment, ClassRecord
from autograder.deadlines import deadlines
from autograder.extensions import FILE as EXTENSIONS
from autograder.extensions import moved, read_extensions
from autograder.grading_record import Record
from autograder.item_analysis import Item
from autograder.workspace import Workspace


@dataclass(frozen=True)
class Attention:
    """One thing to look at.

    Parameters
    ----------
    kind
        What it is about, in two or three words; the report groups by them.
    about
        A student's id, or a question; empty for a whole archive.
    assignment
        Its title; empty for the course as a whole.
    words
        What was found.
    """

    kind: str
    about: str
    assignment: str
    words: str


#: The kinds, in the order of the report, and what to do about each.
REMEDIES = {
    "Could not be graded": "Open the hand-in, mend it or ask for another one, and grade again.",
    "Only partly graded": "Give the missing points in formgrader.",
    "Waits for points": "Give them in formgrader.",
    "Collected, not graded": "Run 'autograder grade'.",
    "Time unknown": "It counts as on time until a person writes it into timestamp.txt, in UTC.",
    "No hand-in": "Ask the student. It counts as missing, and not as zero, until it is closed.",
    "Question to look at": "Most of the class lost all its points: read some answers to it.",
    "Low mark so far": "Talk to the student.",
    "Warning of collecting": "Read it, and collect again if something has to be mended.",
}


def attention(
    workspace: Workspace,
    record: ClassRecord,
    items: dict[str, list[Item]],
    now: datetime | None = None,
) -> list[Attention]:
    """List everything that needs a person, in the order of `REMEDIES`.

    Parameters
    ----------
    workspace
        The course.
    record
        Its class.
    items
        The questions of each assignment, by nbgrader's name, as `analyse` gives them.
    now
        Who has time until later is not missing yet; with a zone. By default the present.
    """
    due = _due(workspace, record, now or datetime.now(UTC))
    found: list[Attention] = []
    for assignment in record.assignments:
        found += _of_grading(workspace, record, assignment)
        found += _of_questions(assignment, items.get(assignment.name, []))
        found += [
            Attention("No hand-in", student, assignment.title, "nothing to grade was collected")
            for student in due.get(assignment.name, [])
        ]
        found += _of_collecting(workspace, assignment)
    found += _of_marks(workspace, record)
    order = list(REMEDIES)
    return sorted(found, key=lambda one: order.index(one.kind))


def _of_grading(
    workspace: Workspace, record: ClassRecord, assignment: Assignment
) -> Iterator[Attention]:
    """Find hand-ins that are not graded, or not wholly, and times that nobody knows."""
    entries = Record.load(workspace, assignment.name).entries
    for student in record.students:
        who, title = student.student_id, assignment.title
        charge = record.charge(who, assignment)
        if charge is None:
            continue
        standing, entry = assignment.standings.get(who), entries.get(who)
        reason = entry.reason if entry else ""
        if entry is not None and entry.state != "graded":
            words = reason or "grading was stopped in the middle"
            yield Attention("Could not be graded", who, title, words)
        elif standing is None or standing.points is None:
            yield Attention("Collected, not graded", who, title, "no points yet")
        elif reason:
            yield Attention("Only partly graded", who, title, reason)
        elif standing.waiting:
            yield Attention("Waits for points", who, title, ", ".join(standing.waiting))
        if charge.needs_person:
            words = "the platform recorded no time that could be read"
            yield Attention("Time unknown", who, title, words)


def _of_questions(assignment: Assignment, items: list[Item]) -> Iterator[Attention]:
    """Find questions that most of the class lost wholly."""
    for item in items:
        if item.wants_a_look and item.nothing is not None:
            lost = round(item.nothing * item.n)
            words = f"{lost} of {item.n} students have none of its {item.most:g} points"
            yield Attention("Question to look at", item.name, assignment.title, words)


def _due(workspace: Workspace, record: ClassRecord, now: datetime) -> dict[str, list[str]]:
    """List by assignment the students whose own due time is over, and who handed in nothing."""
    course = deadlines(workspace.syllabus)
    extensions = read_extensions(workspace.run_time / EXTENSIONS, course)
    return {
        deadline.assignment: [
            who
            for who in (student.student_id for student in record.students)
            if deadline.assignment not in record.charges.get(who, {})
            and moved(deadline, extensions.get(who, {}).get(deadline.assignment)).at < now
        ]
        for deadline in course
    }


def _of_collecting(workspace: Workspace, assignment: Assignment) -> Iterator[Attention]:
    """Repeat the warnings of the last collecting."""
    path = workspace.run_time / "collected" / f"{assignment.name}.json"
    if not path.is_file():
        return
    try:
        warnings = json.loads(path.read_text("utf-8"))["warnings"]
        for one in warnings:
            place = ", ".join(filter(None, (one["archive"], one["entry"])))
            words = f"{place}: {one['message']}" if place else one["message"]
            yield Attention("Warning of collecting", one["student"], assignment.title, words)
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = f"'{path.name}' cannot be read ({type(error).__name__}). Collect again."
        yield Attention("Warning of collecting", "", assignment.title, words)


def _of_marks(workspace: Workspace, record: ClassRecord) -> Iterator[Attention]:
    """Find who has less so far than the second-lowest letter asks for."""
    letters = workspace.syllabus.letters
    if len(letters) < 2:
        return
    line = letters[-2]
    for student in record.students:
        final = record.finals.get(student.student_id)
        if final is None or not final.out_of:
            continue
        so_far, out_of = float(final.so_far), float(final.out_of)
        share = 100 * so_far / out_of
        if share < line.at_least:
            words = (
                f"{so_far:.4g} of {out_of:.4g} so far: {share:.0f} %, and {line.letter} needs "
                f"{line.at_least:g} %"
            )
            yield Attention("Low mark so far", student.student_id, "", words)
