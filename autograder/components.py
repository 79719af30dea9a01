"""What the final mark is made of: work that nbgrader grades, and marks that a person keeps as CSV.

`gradebook/marks/<key>.csv` holds one piece of work: columns `student_id` and `points`, and `out_of`
where points are not counted out of what `course.toml` says. No points: not marked yet. Each
assessment is one piece, by its key; but one that nbgrader grades in part is marked part by part.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook

from autograder.slip_days import Charge, charges_of_class
from autograder.tables import UNLISTED, Row, Table, TableError
from autograder.workspace import Workspace
from cmp784.course import Assessment

#: Folder of the CSV files, below a course's run-time folder.
MARKS = "marks"
#: What else a person may save a table as.
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers", ".tsv", ".txt")

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}")


@dataclass(frozen=True)
class Item:
    """One piece of work that gets points of its own.

    ``out_of`` is in points of the final mark. ``assignment`` is nbgrader's name, None for what
    stands in a CSV file named by ``key``.
    """

    key: str
    title: str
    out_of: Fraction
    closed: bool
    assignment: str | None = None


@dataclass(frozen=True)
class Work:
    """What one student has for one piece of work.

    Parameters
    ----------
    share
        Of its points, 0 to 1; None when it was handed in and is not marked yet.
    provisional
        Whether a person still has to mark or to look at something.
    note
        Why, for people; may be empty.
    """

    share: Fraction | None
    provisional: bool = False
    note: str = ""


def items(assessment: Assessment) -> tuple[Item, ...]:
    """Take an assessment apart into the pieces that get points of their own.

    Examples
    --------
    >>> from cmp784 import course
    >>> [item.key for one in course.load().assessments[:3] for item in items(one)]
    ['math-quiz', 'practical-1', 'practical-2', 'final-exam']
    """
    if not any(part.assignment for part in assessment.parts):
        closed = [part.closed for part in assessment.parts]
        whole = assessment.closed or (bool(closed) and all(closed))
        return (Item(assessment.key, assessment.title, _exact(assessment.weight), whole),)
    return tuple(
        Item(
            part.key,
            part.title,
            _exact(part.points or 0),
            assessment.closed or part.closed,
            part.assignment,
        )
        for part in assessment.parts
    )


def read_component(
    path: Path | str, out_of: Fraction, students: Collection[str]
) -> dict[str, Work]:
    """Read and check the marks of one piece of work.

    Parameters
    ----------
    path
        The file; where there is none, nobody has a mark.
    out_of
        The full points, in a row that does not say.
    students
        All students that are known.

    Returns
    -------
    dict of Work
        By student; only those who have points.

    Raises
    ------
    autograder.tables.TableError
        With every mistake of the file: an unknown student, one twice, points that are no number,
        below 0, or above what they are out of.
    """
    if not Path(path).exists():
        return {}
    table = Table(path, ("student_id", "points"), ("out_of",))
    found = {}
    for row in table.rows:
        table.known(row, "student_id", students, UNLISTED)
        table.once(row, "student_id")
        share = _share(table, row, out_of)
        if share is not None:
            found[row["student_id"]] = Work(share)
    table.check()
    return found


def class_components(
    workspace: Workspace, gradebook: Gradebook, students: Collection[str]
) -> dict[str, dict[str, Work]]:
    """Collect all marks of a course.

    Returns
    -------
    dict of dict of Work
        By key of the piece of work, then by student. Whoever is not there has nothing.

    Raises
    ------
    autograder.tables.TableError
        For mistakes in a file of marks, or in the extensions.
    """
    folder = workspace.run_time / MARKS
    everything = [item for one in workspace.syllabus.assessments for item in items(one)]
    by_hand = [item for item in everything if item.assignment is None]
    _check_names(folder, [item.key for item in by_hand])
    found = {
        item.key: read_component(folder / f"{item.key}.csv", item.out_of, students)
        for item in by_hand
    }
    graded = _graded(workspace, gradebook)
    return found | {
        item.key: graded.get(item.assignment, {})
        for item in everything
        if item.assignment is not None
    }


def _exact(number: float) -> Fraction:
    """Give a number of the syllabus as it is written there."""
    return Fraction(str(number))


def _share(table: Table, row: Row, default: Fraction) -> Fraction | None:
    """Read points and what they are out of; None where there are none, or a mistake."""
    out_of = _number(table, row, "out_of") if row["out_of"] else default
    points = _number(table, row, "points") if row["points"] else None
    if out_of is None or points is None:
        return None
    if out_of == 0:
        table.wrong(row.line, f"out_of '{row['out_of']}', expected more than 0. Correct it.")
        return None
    if points > out_of:
        table.wrong(
            row.line,
            f"points '{row['points']}', expected 0 to {float(out_of):g}. There is no extra credit: "
            "correct the points, or name in a column 'out_of' what they are out of.",
        )
        return None
    return points / out_of


def _number(table: Table, row: Row, column: str) -> Fraction | None:
    """Read a number of 0 or more, or say in words why it is none."""
    text = row[column]
    if _NUMBER.fullmatch(text):
        return Fraction(Decimal(text))
    if re.fullmatch(r"[0-9]+,[0-9]+", text):
        remedy = f"Write decimals with a point: {text.replace(',', '.')}."
    elif re.match(r"[-−]\s*[0-9.,]", text):
        remedy = "It cannot be below 0."
    elif text.endswith("%"):
        remedy = "Leave out the sign, and write 100 into a column 'out_of'."
    else:
        remedy = "Write a number such as 17.5; leave the points empty while they are missing."
    table.wrong(row.line, f"{column} '{text}', expected a number. {remedy}")
    return None


def _check_names(folder: Path, keys: Collection[str]) -> None:
    """Refuse a file that would be passed over in silence: misspelt, or saved as a spreadsheet."""
    names = [f"{key}.csv" for key in keys]
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith((".", "~")) or path.name in names:
            continue
        if path.suffix.lower() == ".csv":
            close = difflib.get_close_matches(path.name.lower().replace("_", "-"), names, n=1)
            meant = f" Did you mean '{close[0]}'?" if close else ""
            expected = f"expected a name such as {', '.join(names)}"
            words = f"no work is marked in a file of this name, {expected}.{meant} Rename it."
        elif path.suffix.lower() in SPREADSHEETS and f"{path.stem}.csv" in names:
            if path.with_suffix(".csv").exists():
                continue
            words = "marks are read from CSV only. Save it as 'CSV UTF-8' in the same folder."
        else:
            continue
        raise TableError(str(path), ((0, words),))


def _graded(workspace: Workspace, gradebook: Gradebook) -> dict[str, dict[str, Work]]:
    """Give the work that nbgrader grades, by assignment and student, after late penalties."""
    most = {
        name: _exact(float(points or 0))
        for name, points in gradebook.db.query(Assignment.name, Assignment.max_score)
    }
    earned = _earned(gradebook)
    found: dict[str, dict[str, Work]] = {}
    for student, account in charges_of_class(workspace, gradebook).items():
        for name, charge in account.items():
            scores = earned.get((student, name))
            work = _work(scores, most.get(name, Fraction(0)), charge)
            found.setdefault(name, {})[student] = work
    return found


@dataclass
class _Scores:
    """What the gradebook holds of one hand-in: points, and what a person has still to do."""

    points: Fraction = Fraction(0)
    graded: bool = False
    by_hand: bool = False
    flagged: bool = False


def _earned(gradebook: Gradebook) -> Mapping[tuple[str, str], _Scores]:
    """Sum the points of each hand-in, exactly: halves must not depend on the order of a sum."""
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            Assignment.name,
            SubmittedNotebook.flagged,
            Grade.score,
            Grade.needs_manual_grade,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
    )
    found: dict[tuple[str, str], _Scores] = {}
    for student, name, flagged, score, by_hand in rows:
        scores = found.setdefault((student, name), _Scores())
        scores.points += _exact(float(score or 0))
        scores.graded |= by_hand is False  # not None: no grade is there
        scores.by_hand |= bool(by_hand)
        scores.flagged |= bool(flagged)
    return found


def _work(scores: _Scores | None, most: Fraction, charge: Charge) -> Work:
    """Judge one hand-in."""
    if scores is None:
        return Work(None, True, "handed in, not graded yet")
    if most <= 0:
        return Work(None, True, "the gradebook knows no points of it: release it again")
    if not scores.graded:  # every question waits for a person
        return Work(None, True, "handed in, not graded yet")
    # nbgrader lets a person give extra credit: it may mend, but not lead beyond the full points.
    share = min(Fraction(1), max(Fraction(0), scores.points * charge.kept / most))
    notes = {
        "needs grading by hand": scores.by_hand,
        "flagged": scores.flagged,
        "time of the hand-in unknown": charge.needs_person,
        "extra credit beyond the full points does not count": scores.points > most,
    }
    note = ", ".join(words for words, holds in notes.items() if holds)
    return Work(share, scores.by_hand or scores.flagged, note)
