"""Extensions: `gradebook/extensions.csv`, which moves the due time of one student.

Columns: `student_id`, `assignment`, and `days` (whole days, same time of day) or `until` (a date,
to the end of that day, or a date and time of the course's clocks); `reason` is for people. An
extension moves the student's due time and no other; it never reshuffles the order in which slip
days are spent, which is that of the course's own due dates.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.deadlines import END_OF_DAY, Deadline, later, moment
from autograder.tables import UNLISTED, Row, Table

#: Where a course keeps them, below its run-time folder.
FILE = "extensions.csv"
#: More days than this are taken for a mistake.
MOST_DAYS = 366

_UNTIL = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?")


@dataclass(frozen=True)
class Extension:
    """One student's own due time for one assignment.

    Parameters
    ----------
    student_id, assignment
        Whose, and for what.
    at
        The new due time, in the course's zone.
    reason
        For people; may be empty.
    """

    student_id: str
    assignment: str
    at: datetime
    reason: str = ""


def read_extensions(
    path: Path | str,
    deadlines: Collection[Deadline],
    students: Collection[str] | None = None,
) -> dict[str, dict[str, Extension]]:
    """Read and check the extensions of a course.

    Parameters
    ----------
    path
        The file; where there is none, there are no extensions.
    deadlines
        Those of the course, as `autograder.deadlines.deadlines` gives them.
    students
        All students that are known, to find misspelt ones; None takes each as it stands.

    Returns
    -------
    dict of dict of Extension
        By student, then by assignment.

    Raises
    ------
    autograder.tables.TableError
        With every mistake of the file: an unknown student or assignment, a number of days that is
        none, a time that is none or before the due time, neither or both of them, a row twice.
    """
    if not Path(path).exists():
        return {}
    table = Table(path, ("student_id", "assignment"), ("days", "until"))
    due = {deadline.assignment: deadline for deadline in deadlines}
    found: dict[str, dict[str, Extension]] = {}
    for row in table.rows:
        at = _checked(table, row, due, students)
        if at is not None:
            extension = Extension(row["student_id"], row["assignment"], at, row["reason"])
            found.setdefault(extension.student_id, {})[extension.assignment] = extension
    table.check()
    return found


def moved(deadline: Deadline, extension: Extension | None) -> Deadline:
    """Give the student's own deadline."""
    return deadline if extension is None else Deadline(deadline.assignment, extension.at)


def _checked(
    table: Table, row: Row, due: dict[str, Deadline], students: Collection[str] | None
) -> datetime | None:
    """Note all mistakes of a row; without any, give the new due time."""
    before = len(table.mistakes)
    if students is None:
        students = {row["student_id"]}
    table.known(row, "student_id", students, UNLISTED)
    there = ", ".join(due) or "none"
    known = table.known(row, "assignment", due, f"The syllabus has: {there}.")
    table.once(row, "student_id", "assignment")
    if bool(row["days"]) == bool(row["until"]):
        which = "both days and until" if row["days"] else "neither days nor until"
        table.wrong(row.line, f"{which}. Give one of the two.")
    elif known:
        deadline = due[row["assignment"]]
        at = _days(table, row, deadline) if row["days"] else _until(table, row, deadline)
        return at if len(table.mistakes) == before else None
    return None


def _days(table: Table, row: Row, deadline: Deadline) -> datetime | None:
    """Read a number of days."""
    if not re.fullmatch(r"[0-9]{1,4}", row["days"]) or int(row["days"]) > MOST_DAYS:
        remedy = "For a part of a day, give 'until' instead."
        table.wrong(row.line, f"days '{row['days']}', expected 0 to {MOST_DAYS}. {remedy}")
        return None
    return later(deadline.at, int(row["days"]))


def _until(table: Table, row: Row, deadline: Deadline) -> datetime | None:
    """Read a date, or a date and a time, of the course's clocks."""
    text = row["until"]
    zone = deadline.at.tzinfo
    assert isinstance(zone, ZoneInfo)
    try:
        if not _UNTIL.fullmatch(text):
            raise ValueError(text)
        local = datetime.fromisoformat(text)
        clock = local.time() if len(text) > len("2024-10-30") else END_OF_DAY
        at = moment(local.date(), clock, zone)
    except ValueError:
        expected = "expected such as 2024-10-30 or '2024-10-30 17:00'"
        table.wrong(row.line, f"until '{text}', {expected}. Write the year first.")
        return None
    except OverflowError:  # the first or the last days that Python knows
        at = datetime.max.replace(tzinfo=UTC)
    if at.astimezone(UTC) > later(deadline.at, MOST_DAYS).astimezone(UTC):
        table.wrong(row.line, f"until '{text}' is out of range. Correct the year.")
        return None
    if at.astimezone(UTC) < deadline.at.astimezone(UTC):
        table.wrong(
            row.line,
            f"until '{text}' is before the due time {deadline.at:%Y-%m-%d %H:%M:%S}. "
            "An extension only adds time: correct it or remove the row.",
        )
        return None
    return at
