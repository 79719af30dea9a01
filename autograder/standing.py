"""How a student stands in an assignment: points, what is taken off, and what still waits."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import select

from autograder.item_analysis import Scores, read_scores


@dataclass(frozen=True)
class Standing:
    """One student's hand-in of one assignment, as the gradebook has it.

    Parameters
    ----------
    points
        What is graded so far, before the penalty; None while nothing is.
    most
        What the assignment can give.
    penalty
        Points taken off for being late.
    waiting
        The questions that wait for a person.
    at
        When it was handed in; None when nobody knows.
    """

    student_id: str
    points: float | None
    most: float
    penalty: float
    waiting: tuple[str, ...]
    at: datetime | None

    @property
    def so_far(self) -> float | None:
        """What counts by now: never below 0, None while nothing is graded.

        Examples
        --------
        >>> Standing("s1", 30.0, 100.0, 40.0, (), None).so_far
        0.0
        """
        return None if self.points is None else max(0.0, self.points - self.penalty)

    @property
    def mark(self) -> float | None:
        """The mark; None as long as a question waits, for it is no zero."""
        return None if self.waiting else self.so_far


def standings(
    gradebook: Gradebook, assignment: str, scores: Scores | None = None
) -> dict[str, Standing]:
    """Say how everybody who is in the gradebook stands in an assignment.

    Parameters
    ----------
    gradebook
        Open.
    assignment
        nbgrader's name of the assignment.
    scores
        Its scores, if they are read already.

    Returns
    -------
    dict of str to Standing
        By student id. Who handed in nothing, or was not graded yet, is not there.
    """
    scores = scores or read_scores(gradebook, assignment)
    query = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
        .add_columns(SubmittedAssignment.late_submission_penalty)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    submissions = {who: (at, penalty) for who, at, penalty in gradebook.db.execute(query)}
    found = {}
    for student, row in zip(scores.students, scores.points, strict=True):
        at, penalty = submissions[student]
        graded = ~np.isnan(row)
        found[student] = Standing(
            student,
            float(row[graded].sum()) if graded.any() else None,
            float(scores.most.sum()),
            float(penalty or 0),
            tuple(item for item, known in zip(scores.items, graded, strict=True) if not known),
            at.replace(tzinfo=UTC) if at else None,
        )
    return found
