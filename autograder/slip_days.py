"""Slip days: each student's account over the whole course, and what late work costs beyond it.

An account is computed anew from all hand-in times at once, never carried on: late days are covered
in the order of the course's due dates, whichever work is graded, corrected or taken away first.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from nbgrader import utils
from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment

from autograder.deadlines import Deadline, days_late, deadlines
from autograder.extensions import FILE as EXTENSIONS
from autograder.extensions import Extension, moved, read_extensions
from autograder.roster import course_roster
from autograder.workspace import Workspace
from cmp784.course import Course

#: Hand-in times by assignment: with a zone, or None where nobody knows. No entry: not handed in.
HandIns = Mapping[str, datetime | None]


@dataclass(frozen=True)
class Charge:
    """What one hand-in costs.

    Parameters
    ----------
    assignment
        nbgrader's name.
    days_late
        Whole days after the student's own due time; None when the hand-in's time is unknown. Then
        nothing is charged, and a person must find out.
    slip_days
        How many of them slip days cover.
    penalty_days
        How many are left.
    kept
        The share of the earned mark that remains, 0 to 1.
    due
        The student's own due time, with any extension.
    submitted
        When it came.
    extended
        Whether the student has an extension.
    """

    assignment: str
    days_late: int | None
    slip_days: int
    penalty_days: int
    kept: Fraction
    due: datetime
    submitted: datetime | None
    extended: bool = False

    @property
    def needs_person(self) -> bool:
        """Whether the time of the hand-in is unknown."""
        return self.days_late is None


@dataclass(frozen=True)
class LatePolicy:
    """The rules of a course for late work.

    Parameters
    ----------
    deadlines
        In the order in which slip days are spent.
    covered
        The assignments that slip days may be spent on.
    slip_days
        Each student's, over the whole course.
    grace
        Forgiven after the due time, and after each further day.
    penalty_per_day
        Share of the earned mark, 0 to 1, that each late day takes which no slip day covers.
    """

    deadlines: tuple[Deadline, ...]
    covered: frozenset[str]
    slip_days: int
    grace: timedelta
    penalty_per_day: Fraction


def late_policy(syllabus: Course) -> LatePolicy:
    """Take the rules from the syllabus.

    Examples
    --------
    >>> from cmp784 import course
    >>> late_policy(course.load()).penalty_per_day
    Fraction(1, 5)
    """
    covered = {
        part.assignment
        for assessment in syllabus.assessments
        if assessment.key in syllabus.course.slip_days_for
        for part in assessment.parts
        if part.assignment is not None
    }
    return LatePolicy(
        deadlines=deadlines(syllabus),
        covered=frozenset(covered),
        slip_days=syllabus.course.slip_days,
        grace=timedelta(minutes=syllabus.late.grace_minutes),
        # As written: 12.5 is 12.5, not the nearest binary number.
        penalty_per_day=Fraction(str(syllabus.late.penalty_percent_per_day)) / 100,
    )


def charges(
    policy: LatePolicy, hand_ins: HandIns, extensions: Mapping[str, Extension] | None = None
) -> dict[str, Charge]:
    """Compute the whole account of one student.

    Parameters
    ----------
    policy
        The course's rules.
    hand_ins
        What the student handed in.
    extensions
        The student's, by assignment.

    Returns
    -------
    dict of Charge
        By assignment, in the order of the course's due dates; only what was handed in. An
        assignment that has more late days than slip days are left uses those, and pays the rest.
    """
    left = policy.slip_days
    account = {}
    for deadline in policy.deadlines:
        if deadline.assignment not in hand_ins:
            continue
        extension = (extensions or {}).get(deadline.assignment)
        charge = _charge(
            policy, moved(deadline, extension), hand_ins[deadline.assignment], left, extension
        )
        left -= charge.slip_days
        account[deadline.assignment] = charge
    return account


def _charge(
    policy: LatePolicy,
    own: Deadline,
    submitted: datetime | None,
    left: int,
    extension: Extension | None,
) -> Charge:
    """Charge one hand-in to an account that has some slip days left."""
    late = None if submitted is None else days_late(own, submitted, policy.grace)
    slip = min(left, late or 0) if own.assignment in policy.covered else 0
    penalty = (late or 0) - slip
    kept = max(Fraction(0), 1 - penalty * policy.penalty_per_day)
    extended = extension is not None
    return Charge(own.assignment, late, slip, penalty, kept, own.at, submitted, extended)


def charges_of_class(workspace: Workspace, gradebook: Gradebook) -> dict[str, dict[str, Charge]]:
    """Compute the accounts of all students who handed in something.

    Parameters
    ----------
    workspace
        The course: its syllabus, its extensions, and its folder of hand-ins.
    gradebook
        nbgrader's, open.

    Returns
    -------
    dict of dict of Charge
        By student, then by assignment. A hand-in counts from when it is collected, graded or not.

    Raises
    ------
    autograder.tables.TableError
        For mistakes in the extensions.
    """
    policy = late_policy(workspace.syllabus)
    path = workspace.run_time / EXTENSIONS
    known = students(workspace, gradebook) if path.exists() else None
    extensions = read_extensions(path, policy.deadlines, known)
    return {
        student: charges(policy, hand_ins, extensions.get(student))
        for student, hand_ins in sorted(hand_ins_of_class(workspace, gradebook).items())
    }


def charges_of_student(
    workspace: Workspace, gradebook: Gradebook, student_id: str
) -> dict[str, Charge]:
    """Compute the account of one student, as `charges_of_class` does.

    It looks at no other student: an extension of an unknown student is not noticed here.
    """
    policy = late_policy(workspace.syllabus)
    path = workspace.run_time / EXTENSIONS
    extensions = read_extensions(path, policy.deadlines)
    hand_ins = hand_ins_of_class(workspace, gradebook, student_id).get(student_id, {})
    return charges(policy, hand_ins, extensions.get(student_id))


def students(workspace: Workspace, gradebook: Gradebook) -> frozenset[str]:
    """Name all students: of the gradebook, of the roster, and whose hand-ins were collected."""
    names = {name for (name,) in gradebook.db.query(Student.id)}
    names |= {student.student_id for student in course_roster(workspace) or ()}
    for part in workspace.syllabus.assignments:
        names |= {student for student, _ in _collected(workspace, str(part.assignment))}
    return frozenset(names)


def hand_ins_of_class(
    workspace: Workspace, gradebook: Gradebook, student_id: str | None = None
) -> dict[str, dict[str, datetime | None]]:
    """Find every hand-in, and when it came.

    Parameters
    ----------
    workspace, gradebook
        As for `charges_of_class`.
    student_id
        Look for this student's only.

    Returns
    -------
    dict of dict of datetime
        By student, then by assignment. The gradebook's time is that of the work that was graded;
        where it has none, that of the collected work counts; None where neither has one.
    """
    found: dict[str, dict[str, datetime | None]] = defaultdict(dict)
    for part in workspace.syllabus.assignments:
        for student, folder in _collected(workspace, str(part.assignment), student_id):
            found[student][str(part.assignment)] = _time_of(folder)
    graded = gradebook.db.query(
        SubmittedAssignment.student_id, Assignment.name, SubmittedAssignment.timestamp
    ).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    if student_id is not None:
        graded = graded.filter(SubmittedAssignment.student_id == student_id)
    for student, assignment, timestamp in graded:
        if timestamp is not None:  # naive, and UTC
            found[student][assignment] = timestamp.replace(tzinfo=UTC)
        else:
            found[student].setdefault(assignment, None)
    return dict(found)


def _collected(
    workspace: Workspace, assignment: str, student_id: str | None = None
) -> Iterator[tuple[str, Path]]:
    """List the students whose hand-in was collected, or the one, with its folder."""
    parts = workspace.folder("submitted", assignment, "*").parts
    place = parts.index("*")
    above, below = Path(*parts[:place]), parts[place + 1 :]
    if student_id is not None:
        names = [student_id]
    else:
        names = sorted(os.listdir(above)) if above.is_dir() else []
    for name in names:
        folder = above.joinpath(name, *below)
        if not name.startswith(".") and folder.is_dir() and any(folder.iterdir()):
            yield name, folder


def _time_of(folder: Path) -> datetime | None:
    """Read nbgrader's `timestamp.txt`; None where there is none, or nobody can read it."""
    try:
        text = (folder / "timestamp.txt").read_text("utf-8-sig").strip()
        return utils.parse_utc(text).replace(tzinfo=UTC) if text else None
    except (OSError, ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
        return None
