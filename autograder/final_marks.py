"""Final marks: the components of the syllabus, weighed and summed exactly, rounded once, lettered.

What is missing is missing, and so is the total then. Only `closed = true` in `course.toml`, on an
assessment or a part, turns it into zero; work that was handed in and is not marked stays missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nbgrader.api import Student

from autograder.components import Item, Work, class_components, items
from autograder.numerals import rounded
from autograder.roster import course_roster
from autograder.slip_days import students
from autograder.workspace import Workspace
from cmp784.course import Assessment, Course, Letter

#: Digits of `so_far` and `out_of`, at least.
DIGITS = 2


@dataclass(frozen=True)
class PartMark:
    """One student's points for one piece of work.

    Parameters
    ----------
    key, title
        Of the part, or of the assessment that is one piece.
    out_of
        Its full points, in points of the final mark.
    points
        Those earned; None while missing.
    missing
        Whether there are none yet.
    provisional
        Whether a person has still to mark or to look at something.
    zeroed
        Whether it was missing when it closed, and so counts as zero.
    note
        For people; may be empty.
    """

    key: str
    title: str
    out_of: Fraction
    points: Fraction | None
    missing: bool
    provisional: bool = False
    zeroed: bool = False
    note: str = ""


@dataclass(frozen=True)
class ComponentMark:
    """One student's points for one assessment of the syllabus.

    Parameters
    ----------
    key, title, weight
        As in the syllabus.
    points
        Points of the final mark, 0 to ``weight``; None while a part is missing.
    missing, provisional
        Whether a part is.
    so_far, out_of
        Points of the parts that are there, and their full points.
    parts
        One for each piece of work; a single one where the assessment is marked as a whole.
    """

    key: str
    title: str
    weight: float
    points: Fraction | None
    missing: bool
    provisional: bool
    so_far: Fraction
    out_of: Fraction
    parts: tuple[PartMark, ...]


@dataclass(frozen=True)
class FinalMark:
    """One student's mark of the course.

    Parameters
    ----------
    student_id
        The student.
    components
        In the order of the syllabus.
    total
        0 to 100, rounded as the syllabus says; None while anything is missing or provisional.
    so_far, out_of
        Points of what is there, and their full points, rounded to two digits or more.
    letter
        By the table of the syllabus, from ``total``; None without one.
    name
        First and last name, as far as known.
    """

    student_id: str
    components: tuple[ComponentMark, ...]
    total: Decimal | None
    so_far: Decimal
    out_of: Decimal
    letter: str | None
    name: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of the pieces of work that are missing."""
        return tuple(part.key for one in self.components for part in one.parts if part.missing)

    @property
    def provisional(self) -> tuple[str, ...]:
        """Keys of the pieces of work that a person has still to mark or to look at."""
        return tuple(part.key for one in self.components for part in one.parts if part.provisional)


def final_marks(workspace: Workspace) -> list[FinalMark]:
    """Compute the marks of all students.

    Parameters
    ----------
    workspace
        The course. Nothing in it is changed.

    Returns
    -------
    list of FinalMark
        Of everybody in the gradebook, in the roster, or with a collected hand-in; by student id.

    Raises
    ------
    autograder.tables.TableError
        With the mistakes of a file of marks, or of the extensions.
    cmp784.course.CourseError, autograder.roster.RosterError
        For mistakes in the syllabus or the roster.
    """
    with workspace.gradebook() as gradebook:
        known = students(workspace, gradebook)
        works = class_components(workspace, gradebook, known)
        rows = gradebook.db.query(Student.id, Student.first_name, Student.last_name)
        names = {name: f"{first or ''} {last or ''}".strip() for name, first, last in rows}
    names |= {one.student_id: one.name for one in course_roster(workspace) or () if one.name}
    return [
        final_mark(
            workspace.syllabus,
            student,
            {key: found[student] for key, found in works.items() if student in found},
            names.get(student, ""),
        )
        for student in sorted(known)
    ]


def final_mark(
    syllabus: Course, student_id: str, works: Mapping[str, Work], name: str = ""
) -> FinalMark:
    """Compute the mark of one student.

    Parameters
    ----------
    syllabus
        Weights, parts, what is closed, rounding and letters.
    student_id, name
        The student.
    works
        What there is, by key of the piece of work; what is not there is missing.
    """
    components = tuple(_component(one, works) for one in syllabus.assessments)
    decimals = syllabus.marks.decimals
    total = None
    if not any(one.missing or one.provisional for one in components):
        # Weights sum to 100 as far as numbers with a point can.
        exact = min(Fraction(100), _sum(one.so_far for one in components))
        total = rounded(exact, decimals)
    return FinalMark(
        student_id,
        components,
        total,
        rounded(_sum(one.so_far for one in components), max(DIGITS, decimals)),
        rounded(_sum(one.out_of for one in components), max(DIGITS, decimals)),
        None if total is None else letter_of(total, syllabus.letters),
        name,
    )


def letter_of(mark: Decimal | Fraction | int, letters: Sequence[Letter]) -> str:
    """Give the letter of a rounded mark: the first of the table that it reaches.

    Examples
    --------
    >>> letter_of(Decimal("84"), [Letter("A", 85), Letter("B", 70), Letter("F", 0)])
    'B'
    """
    reached = (one.letter for one in letters if Fraction(mark) >= Fraction(str(one.at_least)))
    return next(reached)


def _component(assessment: Assessment, works: Mapping[str, Work]) -> ComponentMark:
    """Weigh one assessment."""
    parts = tuple(_part(item, works.get(item.key)) for item in items(assessment))
    missing = any(part.missing for part in parts)
    there = [part for part in parts if part.points is not None]
    so_far = _sum(part.points for part in there if part.points is not None)
    return ComponentMark(
        assessment.key,
        assessment.title,
        assessment.weight,
        None if missing else so_far,
        missing,
        any(part.provisional for part in parts),
        so_far,
        _sum(part.out_of for part in there),
        parts,
    )


def _part(item: Item, work: Work | None) -> PartMark:
    """Weigh one piece of work."""
    known = (item.key, item.title, item.out_of)
    if work is None:
        if item.closed:
            return PartMark(*known, Fraction(0), False, zeroed=True, note="missing when it closed")
        return PartMark(*known, None, True)
    points = None if work.share is None else work.share * item.out_of
    return PartMark(*known, points, points is None, work.provisional, note=work.note)


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    """Sum exactly; nothing sums to the fraction 0."""
    return sum(numbers, Fraction(0))
