"""Marks as files for other programs: Moodle's and Canvas's grade import, and one with everything.

Stock nbgrader writes them too::

    nbgrader export --exporter=autograder.exports.MoodleExportPlugin --to moodle.csv

What is missing, or waits for a person's points, is an empty cell and never a zero.
"""

import csv
import io
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin

from autograder.class_record import Assignment, ClassRecord, read_class
from autograder.errors import AutograderError
from autograder.numerals import count, number
from autograder.roster import Student
from autograder.slip_days import Charge
from autograder.workspace import Workspace

#: What a cell must not begin with: spreadsheets would take it for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A warning names so many students.
NAMED = 10

Rows = list[list[str]]
Warn = Callable[[str], None]


class ExportError(AutograderError):
    """Nothing to export, or no such format."""


def export(
    workspace: Workspace,
    to: str,
    output: Path | str | None = None,
    *,
    students: Collection[str] = (),
    assignments: Collection[str] = (),
    warn: Warn | None = None,
) -> Path:
    """Write the marks of the class into a CSV file.

    Parameters
    ----------
    workspace
        The course.
    to
        ``moodle``, ``canvas`` or ``csv``.
    output
        The file; by default ``moodle.csv``, ``canvas.csv`` or ``marks.csv`` in
        ``gradebook/export/``.
    students, assignments
        Only these, by id and by nbgrader's name; by default all.
    warn
        Is told what a person should know: marks left empty, students whom the platform may not
        find. By default it goes to the log.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ExportError
        When the format is unknown, or there is nobody to export.
    """
    if to not in FORMATS:
        raise ExportError(f"no format '{to}'. Formats are: {', '.join(FORMATS)}. Choose one.")
    record = _chosen(read_class(workspace), students, assignments)
    write, encoding, name = FORMATS[to]
    path = Path(output) if output else workspace.run_time / "export" / name
    told = warn or logging.getLogger("autograder").warning
    rows = write(record, told)
    _warn_of_empty_cells(record, told)
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _chosen(
    record: ClassRecord, students: Collection[str], assignments: Collection[str]
) -> ClassRecord:
    """Keep the students and assignments that are asked for; without any, all."""
    for kind, asked, there in (
        ("student", students, [student.student_id for student in record.students]),
        ("assignment", assignments, [assignment.name for assignment in record.assignments]),
    ):
        unknown = sorted(set(asked) - set(there))
        if unknown:
            raise ExportError(f"no {kind} '{unknown[0]}' in the gradebook. Correct the name.")
    if not record.students:
        raise ExportError(
            "there is nobody to export: neither gradebook/students.csv nor the gradebook names a "
            "student. Write the roster, or collect and grade first."
        )
    return replace(
        record,
        students=tuple(s for s in record.students if not students or s.student_id in students),
        assignments=tuple(
            # What was collected and is not in the gradebook has no points to export.
            a
            for a in record.assignments
            if a.most and (not assignments or a.name in assignments)
        ),
    )


def to_moodle(record: ClassRecord, warn: Warn) -> Rows:
    """Lay the marks out for Moodle's *Import > CSV file*.

    Let Moodle identify users by *Email address* or by *ID number*; map the other columns to grade
    items. What to tell the student about late days stands in a column of its own.
    """
    unknown = [student for student in record.students if not student.email]
    if unknown:
        warn(f"Moodle finds these by ID number only, for the roster has no email: {_who(unknown)}.")
    header = ["ID number", "Email address", "First name", "Last name"]
    header += [assignment.title for assignment in record.assignments]
    header += ["Course total", *(f"Feedback: {one.title}" for one in record.assignments)]
    rows = []
    for student in record.students:
        final = record.finals.get(student.student_id)
        row = [student.student_id, student.email, student.first_name, student.last_name]
        row += [
            number(record.mark(student.student_id, assignment)) for assignment in record.assignments
        ]
        row += [number(final.total if final else None)]
        row += [late_words(record.charge(student.student_id, one)) for one in record.assignments]
        rows.append(row)
    return [list(map(harmless, row)) for row in [header, *rows]]


def to_canvas(record: ClassRecord, warn: Warn) -> Rows:
    """Lay the marks out as Canvas's own gradebook CSV, for *Gradebook > Import*.

    Canvas finds a student by ``ID``, else by ``SIS User ID`` (our student id), else by ``SIS Login
    ID``. There is no course total: Canvas would take it for one more assignment.
    """
    unknown = [one for one in record.students if not one.canvas_id and not one.login]
    if unknown:
        warn(
            "Canvas can find these only if student_id is their SIS User ID, for the roster has "
            f"neither canvas_id nor login: {_who(unknown)}."
        )
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    header += [assignment.title for assignment in record.assignments]
    possible = ["    Points Possible", *[""] * 4]
    possible += [number(assignment.most) for assignment in record.assignments]
    rows = [
        [_last_first(one), one.canvas_id, one.student_id, one.login, ""]
        + [number(record.mark(one.student_id, assignment)) for assignment in record.assignments]
        for one in record.students
    ]
    return [list(map(harmless, row)) for row in [header, possible, *rows]]


def to_csv(record: ClassRecord, warn: Warn) -> Rows:
    """Lay out everything: each assignment, each component, the total and its letter.

    ``missing`` names the pieces of work without points, ``provisional`` those that a person still
    has to mark or to look at, by their keys in the syllabus.
    """
    parts = ("points", "penalty", "days late", "slip days", "mark")
    header = ["student_id", "last_name", "first_name", "email"]
    header += [f"{one.title}: {part}" for one in record.assignments for part in parts]
    some = next(iter(record.finals.values()), None)
    components = [(one.key, one.title, one.weight) for one in (some.components if some else ())]
    header += [f"{title} (of {weight:g})" for _, title, weight in components]
    header += ["so far", "out of", "total", "letter", "missing", "provisional"]
    rows = []
    for student in record.students:
        row = [student.student_id, student.last_name, student.first_name, student.email]
        for assignment in record.assignments:
            row += _details(record, assignment, student)
        rows.append(row + _final(record, student))
    return [list(map(harmless, row)) for row in [header, *rows]]


#: Format to what lays it out, its encoding, and its file. Excel knows UTF-8 by its mark only.
FORMATS: dict[str, tuple[Callable[[ClassRecord, Warn], Rows], str, str]] = {
    "moodle": (to_moodle, "utf-8", "moodle.csv"),
    "canvas": (to_canvas, "utf-8", "canvas.csv"),
    "csv": (to_csv, "utf-8-sig", "marks.csv"),
}


class _Plugin(ExportPlugin):
    """What the two plugins share: nbgrader's options, and where its settings lie."""

    platform = ""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; ``nbgrader export`` calls this.

        Parameters
        ----------
        gradebook
            nbgrader's, open. The marks come from it through the course's own functions.
        """
        root = Path(self.parent.coursedir.root).resolve()
        path = export(
            Workspace(root, self.parent.config),
            self.platform,
            self.to or None,
            students=[str(student) for student in self.student],
            assignments=[str(assignment) for assignment in self.assignment],
            warn=self.log.warning,
        )
        self.log.info("Exported grades to %s", path)


class MoodleExportPlugin(_Plugin):
    """Marks for Moodle's *Import > CSV file*."""

    platform = "moodle"


class CanvasExportPlugin(_Plugin):
    """Marks for Canvas's *Gradebook > Import*."""

    platform = "canvas"


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("Sample One")
    ("'=1+1", 'Sample One')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def late_words(charge: Charge | None) -> str:
    """Tell a student about late days; nothing when there are none.

    Examples
    --------
    >>> late_words(None)
    ''
    """
    if charge is None or not charge.days_late:
        return ""
    words = f"{count(charge.days_late, 'day')} late: {count(charge.slip_days, 'slip day')} used"
    lost = 100 * float(1 - charge.kept)
    return f"{words}, {lost:g} % of the mark taken off." if lost else f"{words}, no penalty."


def _details(record: ClassRecord, assignment: Assignment, student: Student) -> list[str]:
    """Write points, penalty, late days and mark of one assignment."""
    standing = assignment.standings.get(student.student_id)
    charge = record.charge(student.student_id, assignment)
    return [
        number(standing.points if standing else None),
        number(standing.penalty if standing else None),
        number(charge.days_late if charge else None),
        number(charge.slip_days if charge else None),
        number(record.mark(student.student_id, assignment)),
    ]


def _final(record: ClassRecord, student: Student) -> list[str]:
    """Write the components of the course mark, the mark, and by key what is missing of it."""
    final = record.finals.get(student.student_id)
    if final is None:
        return []
    parts = [number(component.points) for component in final.components]
    so_far = [number(final.so_far), number(final.out_of), number(final.total), final.letter or ""]
    return [*parts, *so_far, " ".join(final.missing), " ".join(final.provisional)]


def _last_first(student: Student) -> str:
    """Write a name as Canvas does: ``Last, First``."""
    names = ", ".join(filter(None, (student.last_name, student.first_name)))
    return names or student.student_id


def _who(students: Collection[Student]) -> str:
    """Name some students, and say how many there are."""
    names = [student.student_id for student in students]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _warn_of_empty_cells(record: ClassRecord, warn: Warn) -> None:
    """Say whose marks stay empty although there is a hand-in, and who is on no roster."""
    for assignment in record.assignments:
        waiting = [
            student
            for student in record.students
            if (standing := assignment.standings.get(student.student_id)) and standing.waiting
        ]
        if waiting:
            wait = ("mark waits", "stays") if len(waiting) == 1 else ("marks wait", "stay")
            warn(
                f"{assignment.title}: {len(waiting)} {wait[0]} for a person's points and {wait[1]} "
                f"empty: {_who(waiting)}. Grade in formgrader, then export again."
            )
    unlisted = [student for student in record.students if student.student_id in record.unlisted]
    if unlisted:
        warn(f"Not in gradebook/students.csv, exported as far as they are known: {_who(unlisted)}.")
