"""How good the questions are: difficulty and discrimination, from the points of a class.

*Difficulty* is the mean share of a question's points that the class earned: 1 is easy, 0 is hard.
*Discrimination* is the corrected item-total correlation: Pearson's correlation of a question's
points with the points of all other questions together. Near 0, the question tells nothing about
who knows more; below 0, those who know more lose it.

Source: Crocker and Algina, Introduction to Classical and Modern Test Theory (1986), chapter 14.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import func, select

#: With fewer students than this, a correlation is chance, and is not shown.
LEAST_STUDENTS = 10
#: A question of which this share of the class lost everything wants a look.
MOST = 0.5


@dataclass(frozen=True)
class Scores:
    """The points of a class in one assignment.

    ``students`` and ``items`` name rows and columns of ``points``, shape (students, items), NaN
    where nobody has graded yet; ``most`` is what each item can give, shape (items,).
    """

    students: tuple[str, ...]
    items: tuple[str, ...]
    most: NDArray[np.float64]
    points: NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """One question: how many were graded (``n``), and what that says of it.

    ``difficulty`` and ``nothing``, the share of students without a point, are None when nobody is
    graded; ``discrimination`` is None when it is not defined.
    """

    name: str
    most: float
    n: int
    difficulty: float | None
    discrimination: float | None
    nothing: float | None

    @property
    def wants_a_look(self) -> bool:
        """Whether most of the class lost all points: then the question may be at fault."""
        return self.nothing is not None and self.nothing > MOST


def difficulty(points: ArrayLike, most: float) -> float | None:
    """Return the mean share of the points that a question can give.

    Parameters
    ----------
    points
        Shape (students,).
    most
        What the question can give.

    Returns
    -------
    float or None
        None without students, or for a question without points.

    Examples
    --------
    >>> difficulty([4, 4, 0, 0], 4)
    0.5
    """
    earned = np.asarray(points, dtype=float)
    return float(earned.mean() / most) if earned.size and most > 0 else None


def discrimination(points: ArrayLike, rest: ArrayLike) -> float | None:
    """Return the correlation of a question's points with those of all other questions.

    Parameters
    ----------
    points
        Shape (students,): points in the question.
    rest
        Shape (students,): points in all others together.

    Returns
    -------
    float or None
        None with fewer students than `LEAST_STUDENTS`, and when one of the two never varies.

    Examples
    --------
    >>> discrimination([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 9, 9, 9, 9, 9])
    1.0
    >>> discrimination([0, 1], [0, 1]) is None
    True
    """
    item, others = np.asarray(points, dtype=float), np.asarray(rest, dtype=float)
    if item.size < LEAST_STUDENTS or _constant(item) or _constant(others):
        return None
    return float(np.clip(np.corrcoef(item, others)[0, 1], -1, 1))


def _constant(values: NDArray[np.float64]) -> bool:
    """Tell whether values differ by no more than rounding."""
    return bool(np.allclose(values, values[0], rtol=0, atol=1e-9))


def chance(n: int) -> float:
    """Return how far from 0 the discrimination of a useless question may lie by chance.

    Two standard errors: nineteen of twenty lie closer.

    Examples
    --------
    >>> round(chance(101), 2)
    0.2
    """
    return min(1.0, 2 / sqrt(n - 1))


def analyse(scores: Scores) -> list[Item]:
    """Judge every question of an assignment.

    A question's students are those whose answer to it is graded. The rest of a student's score is
    the share of the points in the other questions that are graded.

    Parameters
    ----------
    scores
        The points of the class.

    Returns
    -------
    list of Item
        In the order of the questions.
    """
    return [_analyse(scores, column) for column in range(len(scores.items))]


def _analyse(scores: Scores, column: int) -> Item:
    """Judge one question."""
    item = scores.points[:, column]
    graded, rest = ~np.isnan(item), _rest(scores, column)
    both = graded & ~np.isnan(rest)
    earned, most = item[graded], float(scores.most[column])
    return Item(
        scores.items[column],
        most,
        int(graded.sum()),
        difficulty(earned, most),
        discrimination(item[both], rest[both]),
        float((earned <= 0).mean()) if earned.size else None,
    )


def _rest(scores: Scores, column: int) -> NDArray[np.float64]:
    """Return each student's share of the points of all other questions that are graded.

    Where all are graded, this is their sum but for a factor. NaN where none is.
    """
    others = np.delete(scores.points, column, axis=1)
    most = np.where(np.isnan(others), 0.0, np.delete(scores.most, column))
    out_of = most.sum(axis=1)
    return np.divide(
        np.nansum(others, axis=1), out_of, out=np.full(len(others), np.nan), where=out_of > 0
    )


def read_scores(gradebook: Gradebook, assignment: str) -> Scores:
    """Read the points of a class from nbgrader's gradebook.

    Parameters
    ----------
    gradebook
        Open.
    assignment
        nbgrader's name of the assignment; one that it does not know has no items.

    Returns
    -------
    Scores
        Rows in the order of student ids, columns in the order of the questions' names, numbers in
        them counted as numbers. What still needs a person is NaN.
    """
    most = _most(gradebook, assignment)
    rows = gradebook.db.execute(
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Assignment.name == assignment)
    ).all()
    students = sorted({row[0] for row in rows})
    columns = sorted(most, key=lambda column: natural("\0".join(column)))
    points = np.full((len(students), len(columns)), np.nan)
    row_of = {student: i for i, student in enumerate(students)}
    column_of = {item: j for j, item in enumerate(columns)}
    for student, notebook, cell, score, needs_person in rows:
        if not needs_person and (notebook, cell) in column_of:
            points[row_of[student], column_of[notebook, cell]] = score
    names = _names(columns)
    return Scores(tuple(students), names, np.array([most[c] for c in columns], float), points)


def _most(gradebook: Gradebook, assignment: str) -> dict[tuple[str, str], float]:
    """Return what each question can give, by notebook and cell."""
    found: dict[tuple[str, str], float] = {}
    for kind in (GradeCell, TaskCell):
        query = (
            select(Notebook.name, kind.name, func.coalesce(kind.max_score, 0.0))
            .join(Notebook, Notebook.id == kind.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .where(Assignment.name == assignment)
        )
        found |= {(row[0], row[1]): float(row[2]) for row in gradebook.db.execute(query)}
    return found


def _names(columns: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Name the questions: by their cells, and by the notebook where there are several."""
    several = len({notebook for notebook, _ in columns}) > 1
    return tuple(f"{notebook}: {cell}" if several else cell for notebook, cell in columns)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Give the key that sorts ``A2`` before ``A10``.

    Examples
    --------
    >>> sorted(["A10", "A2"], key=natural)
    ['A2', 'A10']
    """
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
