"""What nbgrader's gradebook holds of an assignment, read once a run: its cells and their rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import BaseCell, Gradebook, GradeCell, SolutionCell, SourceCell, TaskCell


@dataclass(frozen=True)
class GradedCell:
    """A cell that gives points: a test, an answer for a person, or a task.

    Parameters
    ----------
    id
        Of its row.
    kind
        ``code`` or ``markdown``.
    """

    id: str
    name: str
    max_points: float
    kind: str
    task: bool


@dataclass(frozen=True)
class KnownSource:
    """A cell as the release has it."""

    kind: str
    text: str
    locked: bool
    checksum: str


@dataclass(frozen=True)
class NotebookCells:
    """The cells of one notebook.

    Parameters
    ----------
    graded
        By name.
    commented
        Name to the row of the answer or task that comments belong to.
    sources
        By name.
    """

    id: str
    name: str
    graded: Mapping[str, GradedCell] = field(default_factory=dict)
    commented: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, KnownSource] = field(default_factory=dict)

    @property
    def manual(self) -> frozenset[str]:
        """Answers and tasks that a person gives points to."""
        return frozenset(name for name in self.graded if name in self.commented)


@dataclass(frozen=True)
class Structure:
    """An assignment: its row, its due date (UTC, without a zone), its notebooks by name."""

    id: str
    name: str
    due: datetime | None
    notebooks: Mapping[str, NotebookCells]


def read_structure(gradebook: Gradebook, assignment: str) -> Structure:
    """Read an assignment's cells.

    Raises
    ------
    nbgrader.api.MissingEntry
        When the gradebook does not hold it.
    """
    row = gradebook.find_assignment(assignment)
    notebooks = {one.name: _cells(gradebook, one.id, one.name) for one in row.notebooks}
    return Structure(row.id, row.name, row.duedate, notebooks)


def _cells(gradebook: Gradebook, notebook_id: str, name: str) -> NotebookCells:
    """Read the cells of one notebook."""
    rows = gradebook.db.query(BaseCell).filter(BaseCell.notebook_id == notebook_id).all()
    graded = {
        one.name: GradedCell(
            one.id, one.name, float(one.max_score), one.cell_type, isinstance(one, TaskCell)
        )
        for one in rows
        if isinstance(one, GradeCell | TaskCell)
    }
    commented = {one.name: one.id for one in rows if isinstance(one, SolutionCell | TaskCell)}
    sources = {
        one.name: KnownSource(one.cell_type, one.source or "", bool(one.locked), one.checksum or "")
        for one in gradebook.db.query(SourceCell).filter(SourceCell.notebook_id == notebook_id)
    }
    return NotebookCells(notebook_id, name, graded, commented, sources)
