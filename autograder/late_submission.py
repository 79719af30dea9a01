"""The late policy inside nbgrader: its plugin, and the repair of penalties after a correction."""

from dataclasses import dataclass
from fractions import Fraction
from math import isclose
from pathlib import Path

from nbgrader.api import Assignment, Grade, Notebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy import func
from traitlets import Unicode

from autograder.slip_days import Charge, charges_of_class, charges_of_student
from autograder.workspace import Workspace


@dataclass(frozen=True)
class PenaltyChange:
    """One notebook's penalty, in points, before and after `update_penalties`."""

    student_id: str
    assignment: str
    notebook: str
    before: float
    after: float


class SlipDayPlugin(LateSubmissionPlugin):
    """Takes from late work what no slip day covers.

    Named in ``nbgrader_config.py``::

        c.AssignLatePenalties.plugin_class = "autograder.late_submission.SlipDayPlugin"

    nbgrader asks it about a notebook whose hand-in came after the due date of the gradebook. The
    answer comes from the syllabus, the extensions, and all of the student's hand-ins. nbgrader
    keeps it as points, which later grades by hand do not change: see `update_penalties`.
    """

    root = Unicode(
        "",
        help="Top of the course, where course.toml lies. By default CourseDirectory.root.",
    ).tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """Give the penalty of one notebook; `AssignLatePenalties` calls this.

        Parameters
        ----------
        student_id
            The student.
        score
            Points that the notebook earned.
        total_seconds_late
            nbgrader's own count, which knows neither grace nor extension; not used.

        Returns
        -------
        float
            Points, 0 to ``score``. Several notebooks of one assignment are one hand-in: each pays
            its share.

        Raises
        ------
        cmp784.course.CourseError, autograder.tables.TableError
            For mistakes in the syllabus or the extensions.
        """
        workspace = self._workspace()
        account = charges_of_student(workspace, self.parent.gradebook, student_id)
        charge = account.get(self.parent.assignment_id)
        if charge is None:
            self.log.warning(
                "%s is no assignment of the syllabus: no penalty.", self.parent.assignment_id
            )
            return 0.0
        self.log.info(
            "%s of %s: %s days late, %d slip days, %d days to pay.",
            *(charge.assignment, student_id, charge.days_late),
            *(charge.slip_days, charge.penalty_days),
        )
        return penalty(score, charge)

    def _workspace(self) -> Workspace:
        """Open the course that nbgrader works in, with the settings that it has read."""
        root = self.root or CourseDirectory(config=self.config).root
        return Workspace(Path(root).resolve(), self.config)


def penalty(score: float, charge: Charge) -> float:
    """Give the points that a charge takes from a score.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> due = datetime(2024, 10, 24, tzinfo=UTC)
    >>> penalty(90.0, Charge("practical1", 3, 2, 1, Fraction(4, 5), due, None))
    18.0
    """
    return float(max(Fraction(0), Fraction(str(float(score)))) * (1 - charge.kept))


def update_penalties(workspace: Workspace) -> list[PenaltyChange]:
    """Recompute the penalty of every notebook in the gradebook from its present score.

    To be called after whatever may change a score or an account: grading by machine or by hand, a
    new extension, a corrected time. A second call changes nothing.

    Parameters
    ----------
    workspace
        The course.

    Returns
    -------
    list of PenaltyChange
        What changed, by student, assignment and notebook; nothing in a course without a syllabus,
        where nbgrader's own plugin is asked as each hand-in is graded.

    Raises
    ------
    autograder.tables.TableError
        For mistakes in the extensions; then nothing is changed.
    """
    if not workspace.has_syllabus:
        return []
    changes = []
    with workspace.gradebook() as gradebook:
        accounts = charges_of_class(workspace, gradebook)
        # nbgrader's own column asks for the sum once a notebook, and reads all grades each time.
        scores = dict(
            gradebook.db.query(Grade.notebook_id, func.sum(Grade.score)).group_by(Grade.notebook_id)
        )
        rows = (
            gradebook.db.query(
                SubmittedNotebook, SubmittedAssignment.student_id, Assignment.name, Notebook.name
            )
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        )
        for notebook, student, assignment, name in rows.all():
            charge = accounts[student].get(assignment)
            if charge is None:  # an assignment that the syllabus does not name
                continue
            before = notebook.late_submission_penalty or 0.0
            after = penalty(scores.get(notebook.id) or 0.0, charge)
            if not isclose(before, after, rel_tol=1e-9, abs_tol=1e-9):
                notebook.late_submission_penalty = after or None  # nbgrader's word for none
                changes.append(PenaltyChange(student, assignment, name, before, after))
        gradebook.db.commit()
    return sorted(
        changes, key=lambda change: (change.student_id, change.assignment, change.notebook)
    )
