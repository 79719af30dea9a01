"""What students have for an assignment, and whose hand-in waits for a person."""

from collections.abc import Iterable

from nbgrader.api import Assignment, Grade, MissingEntry, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func
from sqlalchemy import true as yes

from autograder.grading_record import Record
from autograder.office.summary import NeedsPerson, Score
from autograder.workspace import Workspace

__all__ = ["NeedsPerson", "Score", "needs_person", "scores"]


def scores(workspace: Workspace, assignment: str, students: Iterable[str]) -> tuple[Score, ...]:
    """Give the scores of students from the gradebook; who is not in it is left out."""
    wanted = set(students)
    if not wanted:
        return ()
    with workspace.gradebook() as gradebook:
        try:
            out_of = float(gradebook.find_assignment(assignment).max_score)
        except MissingEntry:
            return ()
        # Two sums for the whole class: nbgrader's own columns ask once a hand-in.
        query = gradebook.db.query
        of = Assignment.name == assignment
        points = (
            query(SubmittedAssignment.student_id, func.coalesce(func.sum(Grade.score), 0.0))
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .filter(of)
            .group_by(SubmittedAssignment.student_id)
        )
        late = (
            query(
                SubmittedAssignment.student_id, func.sum(SubmittedNotebook.late_submission_penalty)
            )
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .filter(of)
            .group_by(SubmittedAssignment.student_id)
        )
        waiting = (
            query(SubmittedAssignment.student_id, func.count(Grade.id))
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .filter(of, Grade.needs_manual_grade == yes())
            .group_by(SubmittedAssignment.student_id)
        )
        penalties, pending = dict(late.all()), dict(waiting.all())
        return tuple(
            Score(
                student,
                float(sum_),
                out_of,
                float(penalties.get(student) or 0.0),
                int(pending.get(student, 0)),
            )
            for student, sum_ in sorted(points)
            if student in wanted
        )


def needs_person(
    workspace: Workspace, assignment: str, record: Record, students: Iterable[str]
) -> tuple[NeedsPerson, ...]:
    """List whose hand-in needs a person, with the reasons, until all its points are given."""
    asked = [name for name in students if (entry := record.entries.get(name)) and entry.reason]
    settled = {score.student for score in scores(workspace, assignment, asked) if not score.pending}
    # What has failed may have the points of an earlier hand-in: it stays until it is graded.
    return tuple(
        NeedsPerson(name, record.entries[name].reason)
        for name in asked
        if name not in settled or record.entries[name].state == "failed"
    )
