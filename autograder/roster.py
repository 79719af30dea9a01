"""The roster: who takes the course, `gradebook/students.csv` read into records and checked.

A header row and one row a student. Columns: `student_id` (needed; names the student's folders),
`first_name`, `last_name`, `email`, and what platforms call the student: `login` (Blackboard's
username), `canvas_id`, `participant` (Moodle's number), `team`. UTF-8, separated by commas or
semicolons.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import AutograderError

if TYPE_CHECKING:
    from autograder.workspace import Workspace

#: What a student id may be: it names folders on every system, and nbgrader reads it as a pattern.
SAFE_ID = re.compile(
    r"[^\s./\\:*?\"<>|\[\]{}\x00-\x1f\x7f~-][^\s/\\:*?\"<>|\[\]{}\x00-\x1f\x7f]{0,99}"
)
#: Names that Windows keeps for devices.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class RosterError(AutograderError):
    """A roster that cannot be read: the message names file and line.

    Parameters
    ----------
    file
        Path of the roster.
    line
        Line of the mistake, from 1; 0 for the whole file.
    found, remedy
        What stands there, in words, and what to do, one sentence.

    Examples
    --------
    >>> print(RosterError("students.csv", 3, "no student_id", "Fill it in."))
    students.csv, line 3: no student_id. Fill it in.
    """

    def __init__(self, file: str, line: int, found: str, remedy: str) -> None:
        super().__init__(file, line, found, remedy)
        self.file, self.line, self.found, self.remedy = file, line, found, remedy

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.found}. {self.remedy}"


@dataclass(frozen=True)
class Student:
    """One student, by the names that the university and its platforms use; empty where unknown."""

    student_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    login: str = ""
    canvas_id: str = ""
    participant: str = ""
    team: str = ""

    @property
    def name(self) -> str:
        """First and last name, as far as known.

        Examples
        --------
        >>> Student("s1", "Sample", "One").name
        'Sample One'
        """
        return f"{self.first_name} {self.last_name}".strip()


#: The columns that a roster may have; others are passed over.
COLUMNS = tuple(column.name for column in fields(Student))
#: Columns whose entries belong to one student only.
UNIQUE = ("student_id", "email", "login", "canvas_id", "participant")


@dataclass(frozen=True)
class Roster:
    """All students of the course, in the order of the file."""

    students: tuple[Student, ...]

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students)

    def __len__(self) -> int:
        return len(self.students)


def course_roster(workspace: "Workspace") -> Roster | None:
    """Read the roster of a course, ``gradebook/students.csv``; None where there is none.

    Raises
    ------
    RosterError
        For its mistakes; see `read_roster`.
    """
    path = workspace.run_time / "students.csv"
    return read_roster(path) if path.exists() else None


def is_safe_id(text: str) -> bool:
    """Tell whether a student id can name a folder on every system.

    Examples
    --------
    >>> is_safe_id("sample-01"), is_safe_id("../sample"), is_safe_id("con")
    (True, False, False)
    """
    fits = SAFE_ID.fullmatch(text) is not None and DEVICES.fullmatch(text) is None
    return fits and not text.endswith(".") and len(text.encode()) <= 200


def read_roster(path: Path | str) -> Roster:
    """Read and check a roster.

    Parameters
    ----------
    path
        The file: UTF-8, with or without a byte-order mark.

    Raises
    ------
    RosterError
        When the file is missing, is not UTF-8, lacks `student_id`, or when a row has too many
        cells, no id, an id that cannot name a folder, or what another row has already.
    """
    text = _text(Path(path))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = [_clean(cell).lower() for cell in next(rows, [])]
        _check_header(str(path), header)
        students = [
            (rows.line_num, _student(str(path), rows.line_num, header, row))
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise RosterError(
            str(path), rows.line_num, f"no row of a table ({error})", "Check its quotes."
        ) from None
    _check_unique(str(path), students)
    return Roster(tuple(student for _, student in students))


def _text(path: Path) -> str:
    """Read the file as UTF-8; what is not is reported with its line."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "an error").lower()
        raise RosterError(str(path), 0, f"'{reason}' on opening", "Check the path.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise RosterError(
            str(path), line, "bytes that are not UTF-8", "Save the file as 'CSV UTF-8'."
        ) from None


def _delimiter(text: str) -> str:
    """Tell commas from semicolons by the header."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def _clean(cell: str) -> str:
    """Strip a cell, and write its letters in one way (NFC)."""
    return unicodedata.normalize("NFC", cell).strip()


def _check_header(file: str, header: list[str]) -> None:
    """Refuse a header without ids, or with a column twice."""
    found = ", ".join(filter(None, header)) or "nothing"
    if "student_id" not in header:
        remedy = f"Name a column 'student_id'; others are {', '.join(COLUMNS[1:])}."
        raise RosterError(file, 1, f"no column 'student_id' among: {found}", remedy)
    for name in COLUMNS:
        if header.count(name) > 1:
            raise RosterError(file, 1, f"two columns '{name}'", "Keep one of them.")


def _student(file: str, line: int, header: list[str], row: list[str]) -> Student:
    """Build one student from one row."""
    if len([cell for cell in row[len(header) :] if cell.strip()]):
        found = f"{len(row)} cells, but the header has {len(header)}"
        raise RosterError(file, line, found, "Put quotes around a cell that holds a separator.")
    cells = dict(zip(header, map(_clean, row), strict=False))
    student = Student(**{name: cells.get(name, "") for name in COLUMNS})
    if not student.student_id:
        raise RosterError(file, line, "no student_id", "Fill it in.")
    if not is_safe_id(student.student_id):
        remedy = "Use letters, digits, '-', '_', '.', '@': it names the student's folders."
        raise RosterError(file, line, f"student_id '{student.student_id}'", remedy)
    return student


def _check_unique(file: str, students: list[tuple[int, Student]]) -> None:
    """Refuse two rows with one id; ids that differ only in case would share a folder on a Mac."""
    for column in UNIQUE:
        seen: dict[str, int] = {}
        for line, student in students:
            value = getattr(student, column)
            # Canvas's anonymous ids may differ only in case.
            same = value if column == "canvas_id" else value.casefold()
            if value and same in seen:
                found = f"{column} '{value}', which line {seen[same]} has already"
                raise RosterError(file, line, found, "Give each student their own.")
            seen[same] = line
