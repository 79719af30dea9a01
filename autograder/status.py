"""How far each assignment is: released, collected, graded, told; and what waits for whom."""

from dataclasses import dataclass
from datetime import datetime

from autograder.deadlines import due_time
from autograder.feedback import Pages, graded
from autograder.grading_record import Record, digest_of_folder, handins
from autograder.intake import IntakeError
from autograder.office.plan import digest_of_source
from autograder.roster import course_roster
from autograder.scores import NeedsPerson, needs_person
from autograder.workspace import Workspace, WorkspaceError


@dataclass(frozen=True)
class AssignmentStatus:
    """How far one assignment is; students by their ids, sorted.

    Parameters
    ----------
    assignment, title
        nbgrader's name, and that of the syllabus.
    released
        Whether students have it.
    due
        With the course's time zone; nothing when the syllabus has no date.
    roster
        How many take the course; nothing without ``gradebook/students.csv``.
    collected
        Who has handed in.
    missing
        Who is on the roster and has not.
    graded
        Whose newest hand-in is graded by today's tests.
    stale
        Who was graded, and has handed in something else since, or the tests have changed.
    needs_person
        Whose hand-in no machine could deal with alone, and why.
    needs_manual
        Who waits for points that a person gives.
    feedback
        Whose page is up to date.
    """

    assignment: str
    title: str
    released: bool
    due: datetime | None
    roster: int | None
    collected: tuple[str, ...]
    missing: tuple[str, ...]
    graded: tuple[str, ...]
    stale: tuple[str, ...]
    needs_person: tuple[NeedsPerson, ...]
    needs_manual: tuple[str, ...]
    feedback: tuple[str, ...]

    @property
    def next_step(self) -> str:
        """The command to run next, or what a person has to do."""
        name = self.assignment
        if not self.released:
            return f"autograder release {name}"
        if not self.collected:
            return f"autograder collect {name} ARCHIVE"
        if len(self.graded) + len(self.needs_person) < len(self.collected) or self.stale:
            return f"autograder grade {name}"
        if self.needs_person:
            return "look at the hand-ins that need a person"
        if self.needs_manual:
            return "give points by hand in formgrader: jupyter lab"
        if len(self.feedback) < len(self.graded):
            return f"autograder feedback {name}"
        return "autograder gradebook"


def status(workspace: Workspace) -> list[AssignmentStatus]:
    """Tell how far each assignment is, those of the syllabus first, by due date.

    Raises
    ------
    AutograderError
        When the roster or a record is damaged.
    """
    parts = workspace.syllabus.assignments if workspace.has_syllabus else ()
    planned = [part.assignment for part in parts if part.assignment]
    names = [*planned, *(name for name in workspace.assignments() if name not in planned)]
    listed = course_roster(workspace)
    roster = None if listed is None else tuple(sorted(one.student_id for one in listed))
    return [_status(workspace, name, roster) for name in names]


def _status(workspace: Workspace, name: str, roster: tuple[str, ...] | None) -> AssignmentStatus:
    """Tell how far one assignment is."""
    collected, record = handins(workspace, name), Record.load(workspace, name)
    pages = Pages(workspace, name)
    done = [student for student in graded(workspace, name) if student in collected]
    current = _current(workspace, name, record, done)
    return AssignmentStatus(
        assignment=name,
        title=pages.title,
        released=any(workspace.folder("release", name).glob("*.ipynb")),
        due=due_time(workspace.syllabus, name) if workspace.has_syllabus else None,
        roster=None if roster is None else len(roster),
        collected=tuple(collected),
        missing=tuple(student for student in roster or () if student not in collected),
        graded=tuple(current),
        stale=tuple(student for student in done if student not in current),
        needs_person=needs_person(workspace, name, record, collected),
        needs_manual=tuple(student for student in done if pages.waits(student)),
        feedback=tuple(student for student in current if pages.is_written(student)),
    )


def _current(workspace: Workspace, name: str, record: Record, done: list[str]) -> list[str]:
    """List whose newest hand-in is graded; what stock nbgrader graded has no record, and counts."""
    if not done:
        return []
    try:
        tests = digest_of_source(workspace, name)
    except (IntakeError, WorkspaceError):  # it is not in the gradebook, or has no source any more
        return []
    folders = {student: workspace.folder("submitted", name, student) for student in done}
    return [
        student
        for student in done
        if student not in record.entries
        or record.is_current(student, digest_of_folder(folders[student]), tests)
    ]
