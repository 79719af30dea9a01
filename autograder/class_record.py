"""The class as a whole: who takes the course, and how each stands in everything."""

from collections.abc import Mapping
from dataclasses import dataclass

from nbgrader.api import Gradebook

from autograder.final_marks import FinalMark, final_marks
from autograder.item_analysis import Scores, read_scores
from autograder.late_submission import update_penalties
from autograder.roster import Student, course_roster
from autograder.slip_days import Charge, charges_of_class
from autograder.standing import Standing, standings
from autograder.workspace import Workspace
from cmp784.course import Course


@dataclass(frozen=True)
class Assignment:
    """An assignment that nbgrader knows or that was collected, and how the class stands in it.

    ``name`` is nbgrader's, ``key`` and ``title`` the syllabus's, ``most`` the points it can give;
    ``standings`` has who was graded, by student id. One that the syllabus does not name has no key.
    """

    name: str
    key: str
    title: str
    most: float
    scores: Scores
    standings: Mapping[str, Standing]


@dataclass(frozen=True)
class ClassRecord:
    """All students and all that is known of their marks.

    Parameters
    ----------
    students
        Those of the roster in its order, then those who are not on it.
    unlisted
        Ids of those who handed something in, or are in the gradebook, and not on the roster.
    assignments
        In the order of due dates; those that the syllabus does not name come last.
    charges
        Late days, by student id and assignment.
    finals
        Course marks, by student id.
    """

    students: tuple[Student, ...]
    unlisted: frozenset[str]
    assignments: tuple[Assignment, ...]
    charges: Mapping[str, Mapping[str, Charge]]
    finals: Mapping[str, FinalMark]

    def charge(self, student_id: str, assignment: Assignment) -> Charge | None:
        """Return the late days of a hand-in; None without one."""
        return self.charges.get(student_id, {}).get(assignment.name)

    def mark(self, student_id: str, assignment: Assignment) -> float | None:
        """Return a mark: None while it is missing or waits, 0 if it is missing and closed."""
        if standing := assignment.standings.get(student_id):
            return standing.mark
        final = self.finals.get(student_id)
        components = final.components if final else ()
        parts = [part for component in components for part in component.parts]
        zeroed = any(part.key == assignment.key and part.zeroed for part in parts)
        return 0.0 if zeroed else None


def read_class(workspace: Workspace) -> ClassRecord:
    """Bring late penalties up to date, then read everything about the class.

    Raises
    ------
    AutograderError
        What the roster, the extensions or the marks of other components do not allow.
    """
    update_penalties(workspace)
    finals = {final.student_id: final for final in final_marks(workspace)}
    listed = tuple(course_roster(workspace) or ())
    unlisted = frozenset(finals) - {student.student_id for student in listed}
    with workspace.gradebook() as gradebook:
        charges = charges_of_class(workspace, gradebook)
        collected = {name for account in charges.values() for name in account}
        return ClassRecord(
            (*listed, *_unlisted(gradebook, unlisted)),
            unlisted,
            _assignments(gradebook, workspace.syllabus, collected),
            charges,
            finals,
        )


def _unlisted(gradebook: Gradebook, ids: frozenset[str]) -> list[Student]:
    """Make records of students who are not on the roster, in the order of their ids."""
    known = {
        one.id: Student(one.id, one.first_name or "", one.last_name or "", one.email or "")
        for one in gradebook.students
    }
    return [known.get(student, Student(student)) for student in sorted(ids)]


def _assignments(
    gradebook: Gradebook, syllabus: Course, collected: set[str]
) -> tuple[Assignment, ...]:
    """Read what nbgrader knows of each assignment; of one that is only collected, nothing yet."""
    parts = {str(part.assignment): part for part in syllabus.assignments}
    known = collected | {str(one.name) for one in gradebook.assignments}
    order = [name for name in parts if name in known]
    order += sorted(name for name in known if name not in parts)
    found = []
    for name in order:
        key, title = (parts[name].key, parts[name].title) if name in parts else ("", name)
        scores = read_scores(gradebook, name)
        most, of_students = float(scores.most.sum()), standings(gradebook, name, scores)
        found.append(Assignment(name, key, title, most, scores, of_students))
    return tuple(found)
