"""The table at the end of the demo: one row a student, score by score."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autograder.class_record import Assignment, ClassRecord, read_class
from autograder.grading_record import Record
from autograder.numerals import number
from autograder.roster import Student
from autograder.standing import Standing
from autograder.workspace import Workspace

EXPECTED = Path(__file__).with_name("expected.csv")
Row = dict[str, str]


def table(workspace: Workspace, assignment: str) -> list[Row]:
    """Return what became of everybody's hand-in, as text, in the order of the roster.

    Empty cells: nothing is known. Columns of letters sum the points of a question's parts.
    """
    record = read_class(workspace)
    (graded,) = (one for one in record.assignments if one.name == assignment)
    warnings = _warnings(workspace, assignment)
    grading = Record.load(workspace, assignment).entries
    return [
        _row(record, graded, student)
        | {
            "warnings": " ".join(sorted(warnings.get(student.student_id, ()))),
            "note": grading[student.student_id].reason if student.student_id in grading else "",
        }
        for student in record.students
    ]


def _row(record: ClassRecord, assignment: Assignment, student: Student) -> Row:
    """Return scores, late days and marks of one student."""
    who = student.student_id
    charge, standing = record.charge(who, assignment), assignment.standings.get(who)
    final = record.finals[who]
    points = dict(_points(assignment, who))
    return {
        "student": who,
        "collected": "yes" if charge else "no",
        **points,
        "points": number(standing.points if standing else None),
        "waiting": _waiting(standing),
        "days late": _days(charge.days_late if charge else None, charge is not None),
        "slip days": number(charge.slip_days if charge else None),
        "penalty": number(standing.penalty if standing else None),
        "mark": number(record.mark(who, assignment)),
        "course": number(final.total),
        "letter": final.letter or "",
    }


def _waiting(standing: Standing | None) -> str:
    """Write which questions wait for a person; a hand-in that is not graded waits as a whole."""
    if standing is None:
        return ""
    return "all" if standing.points is None else " ".join(standing.waiting)


def _days(days: int | None, handed_in: bool) -> str:
    """Write late days; a hand-in without a time says so."""
    return "unknown" if days is None and handed_in else number(days)


def _points(assignment: Assignment, student: str) -> Iterator[tuple[str, str]]:
    """Yield each question's letter with the points of its parts; nothing when none is graded."""
    scores = assignment.scores
    for letter in sorted({item[0] for item in scores.items}):
        columns = [place for place, item in enumerate(scores.items) if item[0] == letter]
        if student not in scores.students:
            yield letter, ""
            continue
        points = scores.points[scores.students.index(student), columns]
        yield letter, number(None if np.isnan(points).all() else float(np.nansum(points)))


def _warnings(workspace: Workspace, assignment: str) -> dict[str, set[str]]:
    """Return the kinds of the warnings of collecting, by student."""
    path = workspace.run_time / "collected" / f"{assignment}.json"
    found: dict[str, set[str]] = {}
    for one in json.loads(path.read_text("utf-8"))["warnings"]:
        found.setdefault(one["student"], set()).add(one["kind"])
    return found


def differences(rows: list[Row], path: Path = EXPECTED) -> list[str]:
    """Return in words what differs from the expected table."""
    expected = read(path)
    if [row["student"] for row in rows] != [row["student"] for row in expected]:
        return ["other students than expected"]
    return [
        f"{row['student']}, {column}: expected '{wanted[column]}', found '{value}'"
        for row, wanted in zip(rows, expected, strict=True)
        for column, value in row.items()
        if wanted.get(column) != value
    ]


def read(path: Path) -> list[Row]:
    """Read a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(rows: list[Row], path: Path) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
