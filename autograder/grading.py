"""Grade hand-ins: through intake and rooms by workers, into the gradebook by the office alone."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import MissingEntry

from autograder.errors import AutograderError
from autograder.grading_record import handins
from autograder.late_submission import update_penalties
from autograder.office.batch import Batch
from autograder.office.lock import one_writer
from autograder.office.options import Listener, Options
from autograder.office.summary import Grading
from autograder.release import ReleaseError, generate
from autograder.workspace import Workspace

__all__ = ["Grading", "GradingError", "Options", "ensure_generated", "grade"]


class GradingError(AutograderError):
    """Nothing to grade: no hand-in of that name, or an assignment that cannot be generated."""


def grade(
    workspace: Workspace,
    assignment: str,
    *,
    students: Iterable[str] | None = None,
    options: Options | None = None,
    listener: Listener | None = None,
) -> Grading:
    """Grade what was handed in and is not graded yet, then take late days off.

    Who is graded already is left alone, unless the hand-in, its time, the tests or the grader have
    changed since; where only some tests have, the points of the others stay. Scores and comments
    that a person gave are kept. A hand-in's grade is one transaction: stop the run at any moment
    and in any way, and the next one goes on.

    Parameters
    ----------
    workspace
        The course.
    assignment
        nbgrader's name of it.
    students
        Only these; by default everybody who has handed in.
    options
        How to grade.
    listener
        Told how far it is.

    Raises
    ------
    GradingError
        When a student named has handed in nothing.
    autograder.office.lock.LockError
        When another run is grading in this course.
    autograder.rooms.RoomsError
        When this machine cannot wall rooms, with the remedy.
    """
    options = options or Options()
    workspace.check_assignment(assignment)
    chosen = _choose(workspace, assignment, students)
    with one_writer(workspace, options.patience):
        generated = ensure_generated(workspace, assignment)
        with Batch(workspace, assignment, options, listener or (lambda tally: None)) as batch:
            batch.go(chosen)
        update_penalties(workspace)
        return batch.summary(chosen, generated)


def ensure_generated(workspace: Workspace, assignment: str) -> bool:
    """Read an assignment into the gradebook if it is not there, as in a fresh clone.

    The release under ``practicals/`` stays as it is.

    Returns
    -------
    bool
        Whether it had to be read.

    Raises
    ------
    GradingError
        When nbgrader cannot generate it.
    """
    with workspace.gradebook() as gradebook:
        try:
            if gradebook.find_assignment(assignment).notebooks:
                return False
        except MissingEntry:
            pass
    with tempfile.TemporaryDirectory() as folder:
        try:
            generate(workspace, assignment, Path(folder), save=True)
        except ReleaseError as error:
            source = workspace.folder("source", assignment)
            raise GradingError(
                f"'{source}': nbgrader cannot read the assignment into the gradebook. {error} "
                f"Run 'nbgrader generate_assignment {assignment}' to see more."
            ) from error
    return True


def _choose(workspace: Workspace, assignment: str, students: Iterable[str] | None) -> list[str]:
    """List whom to grade: all who handed in, or those named."""
    there = handins(workspace, assignment)
    if students is None:
        return there
    wanted = sorted(set(students))
    absent = ", ".join(student for student in wanted if student not in there)
    if absent:
        raise GradingError(
            f"'{assignment}': no hand-in of {absent}; {len(there)} others have handed in. "
            "Correct the id, or collect the hand-in first."
        )
    return wanted
