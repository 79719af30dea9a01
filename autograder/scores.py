"""What students have for an assignment, and whose hand-in waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from nbgrader.api import MissingEntry

from autograder.grading_record import Record
from autograder.workspace import Workspace


@dataclass(frozen=True)
class Score:
    """What a student has for an assignment.

    Parameters
    ----------
    student
        The student's id.
    points
        Before the penalty for being late.
    out_of
        All points of the assignment.
    penalty
        Points taken off for being late.
    pending
        How many cells wait for a person's points.
    """

    student: str
    points: float
    out_of: float
    penalty: float = 0.0
    pending: int = 0


@dataclass(frozen=True)
class NeedsPerson:
    """A hand-in that a machine cannot deal with alone, and why."""

    student: str
    reason: str


def scores(workspace: Workspace, assignment: str, students: Iterable[str]) -> tuple[Score, ...]:
    """Give the scores of students from the gradebook; who is not in it is left out."""
    wanted = set(students)
    with workspace.gradebook() as gradebook:
        try:
            submissions = gradebook.assignment_submissions(assignment)
        except MissingEntry:
            return ()
        found = {
            submission.student.id: Score(
                submission.student.id,
                float(submission.score),
                float(submission.max_score),
                float(submission.late_submission_penalty),
                sum(one.needs_manual_grade for book in submission.notebooks for one in book.grades),
            )
            for submission in submissions
            if submission.student.id in wanted
        }
    return tuple(found[student] for student in sorted(found))


def needs_person(
    workspace: Workspace, assignment: str, record: Record, students: Iterable[str]
) -> tuple[NeedsPerson, ...]:
    """List whose hand-in needs a person, with the reasons, until all its points are given."""
    names = list(students)
    settled = {score.student for score in scores(workspace, assignment, names) if not score.pending}
    found = ((name, record.entries.get(name)) for name in names if name not in settled)
    return tuple(NeedsPerson(name, entry.reason) for name, entry in found if entry and entry.reason)
