"""A hand-in's grade as one transaction in nbgrader's gradebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Table, bindparam, insert, select, text, update

from autograder.grading_record import Entry, save
from autograder.office.marks import Mark, Marks
from autograder.office.structure import NotebookCells, Structure
from autograder.workspace import Workspace

#: Milliseconds that SQLite waits for somebody else who writes, such as formgrader.
PATIENCE = 60_000

_GRADE: Table = Grade.__table__
_COMMENT: Table = Comment.__table__
_SUBMISSION: Table = SubmittedAssignment.__table__
_NOTEBOOK: Table = SubmittedNotebook.__table__
_STUDENT: Table = Student.__table__


@dataclass(frozen=True)
class Graded:
    """All that the gradebook gets of one hand-in.

    Parameters
    ----------
    timestamp
        When it was handed in, in UTC without a zone; None leaves what is there.
    marks
        By notebook. A cell that is not in it stays as it is.
    same
        Whether a person who gave points has seen this very hand-in, and need not look again.
    name
        ``first_name``, ``last_name`` and ``email``, as far as known.
    """

    student: str
    entry: Entry
    marks: Mapping[str, Marks]
    timestamp: datetime | None = None
    same: bool = False
    name: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """Writes the grades of one assignment; one a run, and one at a time in a course.

    Parameters
    ----------
    workspace
        The course.
    gradebook
        nbgrader's, open, with the table of records in it.
    structure
        The assignment in it.
    """

    def __init__(self, workspace: Workspace, gradebook: Gradebook, structure: Structure) -> None:
        self.gradebook, self.structure = gradebook, structure
        self._late = LatePenalties(workspace, gradebook, structure.name)
        if gradebook.engine.dialect.name == "sqlite":
            gradebook.db.execute(text(f"PRAGMA busy_timeout = {PATIENCE}"))
            gradebook.db.commit()

    def write(self, graded: Graded) -> None:
        """Write a hand-in's grade and its record: both are there afterwards, or neither."""
        try:
            # This comes first: from here on, nobody else writes.
            save(self.gradebook.db, self.structure.name, graded.student, graded.entry)
            if graded.entry.state != "failed":
                self._write(graded)
            self.gradebook.db.commit()
        except BaseException:
            self.gradebook.db.rollback()
            raise

    def _write(self, graded: Graded) -> None:
        self._enrol(graded)
        submission, due = self._submission(graded)
        late = 0.0
        if graded.timestamp is not None and due is not None:
            late = max(0.0, (graded.timestamp - due).total_seconds())
        ids = self._notebooks(submission)
        for name, cells in self.structure.notebooks.items():
            marks = graded.marks.get(name)
            if marks is None:
                continue
            score = self._grades(ids[name], cells, marks, graded.same)
            self._comments(ids[name], cells, marks)
            penalty = self._late.of(graded.student, name, score, late)
            self._execute(
                update(_NOTEBOOK)
                .where(_NOTEBOOK.c.id == ids[name])
                .values(late_submission_penalty=penalty)
            )

    def _execute(self, statement: Any, rows: list[dict[str, Any]] | None = None) -> Any:
        return (
            self.gradebook.db.execute(statement, rows)
            if rows
            else (self.gradebook.db.execute(statement))
        )

    def _enrol(self, graded: Graded) -> None:
        """Put the student into the gradebook, or take in a name that has changed."""
        is_student = _STUDENT.c.id == graded.student
        found = self._execute(select(_STUDENT).where(is_student)).mappings().first()
        if found is None:
            self._execute(insert(_STUDENT).values(id=graded.student, **graded.name))
        elif any(found[key] != value for key, value in graded.name.items()):
            self._execute(update(_STUDENT).where(is_student).values(**graded.name))

    def _submission(self, graded: Graded) -> tuple[str, datetime | None]:
        """Find or make the row of the hand-in; gives its id, and when it was due."""
        found = self._execute(
            select(_SUBMISSION.c.id, _SUBMISSION.c.extension).where(
                _SUBMISSION.c.assignment_id == self.structure.id,
                _SUBMISSION.c.student_id == graded.student,
            )
        ).first()
        due = self.structure.due
        if found is None:
            row = {"assignment_id": self.structure.id, "student_id": graded.student}
            made = new_uuid()
            self._execute(insert(_SUBMISSION).values(id=made, timestamp=graded.timestamp, **row))
            return made, due
        if graded.timestamp is not None:
            change = update(_SUBMISSION).where(_SUBMISSION.c.id == found.id)
            self._execute(change.values(timestamp=graded.timestamp))
        return str(found.id), due + found.extension if due and found.extension else due

    def _notebooks(self, submission: str) -> dict[str, str]:
        """Find or make a row for each notebook of the assignment; gives their ids by name."""
        asked = select(_NOTEBOOK.c.notebook_id, _NOTEBOOK.c.id)
        asked = asked.where(_NOTEBOOK.c.assignment_id == submission)
        known = {row.notebook_id: str(row.id) for row in self._execute(asked)}
        new = [
            {"id": new_uuid(), "assignment_id": submission, "notebook_id": cells.id}
            for cells in self.structure.notebooks.values()
            if cells.id not in known
        ]
        if new:
            self._execute(insert(_NOTEBOOK), [row | {"flagged": False} for row in new])
        known |= {str(row["notebook_id"]): str(row["id"]) for row in new}
        return {name: known[cells.id] for name, cells in self.structure.notebooks.items()}

    def _grades(self, notebook: str, cells: NotebookCells, marks: Marks, same: bool) -> float:
        """Write points; those by hand stay. Gives the score of the notebook."""
        known = {
            row.cell_id: row
            for row in self._execute(select(_GRADE).where(_GRADE.c.notebook_id == notebook))
        }
        new, changed = [], []
        score = 0.0
        for name, cell in cells.graded.items():
            mark, row = marks.marks.get(name), known.get(cell.id)
            manual = row.manual_score if row else None
            extra = row.extra_credit if row else None
            auto = mark.points if mark else row.auto_score if row else None
            given = auto if manual is None else manual
            if given is not None:
                score += given + (extra or 0.0)
            if mark is None and row is not None:
                continue
            asks = _asks(mark or Mark(None, True), row, same)
            fields = {"auto_score": auto, "needs_manual_grade": asks}
            if row is None:
                new.append({"id": new_uuid(), "cell_id": cell.id, "notebook_id": notebook} | fields)
            else:
                changed.append({"row": row.id} | fields)
        self._put(_GRADE, new, changed)
        return score

    def _comments(self, notebook: str, cells: NotebookCells, marks: Marks) -> None:
        """Write nbgrader's comments; those of a person stay."""
        asked = select(_COMMENT.c.cell_id, _COMMENT.c.id)
        asked = asked.where(_COMMENT.c.notebook_id == notebook)
        known = {row.cell_id: row.id for row in self._execute(asked)}
        new, changed = [], []
        for name, cell_id in cells.commented.items():
            comment = {"auto_comment": marks.comments.get(name)}
            if cell_id in known and name in marks.comments:
                changed.append({"row": known[cell_id]} | comment)
            elif cell_id not in known:
                new.append(
                    {"id": new_uuid(), "cell_id": cell_id, "notebook_id": notebook} | comment
                )
        self._put(_COMMENT, new, changed)

    def _put(self, table: Table, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        """Insert and update rows of one table, each in one go."""
        if new:
            self._execute(insert(table), new)
        if changed:
            # By the connection: the session would take this for an update by primary key.
            statement = update(table).where(table.c.id == bindparam("row"))
            self.gradebook.db.connection().execute(statement, changed)


def _asks(mark: Mark, row: Any, same: bool) -> bool:
    """Decide whether a person is asked; nbgrader asks after each autograde, we do not."""
    if row is not None and row.manual_score is not None:
        return bool(row.needs_manual_grade) if same else True
    return mark.asks or mark.points is None


class LatePenalties:
    """Asks the plugin for late hand-ins that nbgrader's settings name.

    Parameters
    ----------
    workspace, gradebook
        The course.
    assignment
        nbgrader's name of it.
    """

    def __init__(self, workspace: Workspace, gradebook: Gradebook, assignment: str) -> None:
        self._step = AssignLatePenalties(config=workspace.config)
        self._step.gradebook = gradebook
        self._step.assignment_id = assignment
        self._step.db_url = workspace.coursedir.db_url
        self._step.init_plugin()

    def of(self, student: str, notebook: str, score: float, late: float) -> float | None:
        """Give the points to take off; None for a hand-in that came in time."""
        if late <= 0:
            return None
        self._step.student_id, self._step.notebook_id = student, notebook
        penalty = self._step.plugin_inst.late_submission_penalty(student, score, late)
        return None if penalty is None else min(max(float(penalty), 0.0), max(score, 0.0))
