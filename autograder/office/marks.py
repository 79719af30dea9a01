"""From what a worker found to what the gradebook gets, by nbgrader's own rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.office.structure import GradedCell, NotebookCells
from autograder.office.worker import NotebookResult, Verdict

#: nbgrader's comment on an answer that is still the stub.
SILENT = "No response."
#: Before the reason why a person is needed, in formgrader's comment.
FLAG = "Needs a person: "


@dataclass(frozen=True)
class Mark:
    """Points of one cell by machine; None where a person gives them.

    Parameters
    ----------
    asks
        Whether a person has to look, whatever the points.
    """

    points: float | None
    asks: bool = False


@dataclass(frozen=True)
class Marks:
    """What the gradebook gets of one notebook.

    Parameters
    ----------
    marks
        By the name of the cell.
    comments
        Name of an answer or task to nbgrader's own comment; None for none.
    reason
        Why a person is needed, in words.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str | None] = field(default_factory=dict)
    reason: str = ""


def marks_of(result: NotebookResult, cells: NotebookCells) -> Marks:
    """Decide what each cell of a notebook gets.

    A test has the points of its verdict; an answer for a person waits, unless it is the stub, which
    is worth nothing; a task waits. Where a person is needed, what has no verdict has no points and
    asks for a person.
    """
    verdicts = {one.grade_id: one for one in result.verdicts}
    answers = dict(_answers(result.notebook))
    stubs = {name for name in cells.commented if _is_stub(name, answers, cells)}
    whole = bool(result.problem and not result.verdicts)
    marks = {
        name: _mark(cell, verdicts.get(name), name in stubs, bool(result.problem), whole)
        for name, cell in cells.graded.items()
    }
    reason = _reason(result)
    return Marks(marks, _comments(cells, stubs, reason, whole), reason)


def _mark(
    cell: GradedCell, verdict: Verdict | None, is_stub: bool, has_problem: bool, whole: bool
) -> Mark:
    """Decide what one cell gets; ``whole`` says that nothing of the notebook could be graded."""
    if verdict is not None:
        points = min(max(verdict.points, 0.0), cell.max_points)
        return Mark(points, bool(verdict.error) or (has_problem and points == 0))
    if whole:
        return Mark(0.0, True)
    if cell.task:
        return Mark(None, True)
    if is_stub:
        return Mark(0.0)
    if cell.kind == "code" and has_problem:
        return Mark(0.0, True)
    return Mark(None, True)


def _is_stub(name: str, answers: Mapping[str, Mapping[str, Any]], cells: NotebookCells) -> bool:
    """Tell whether an answer is still what the release has; a task never is."""
    known, found = cells.sources.get(name), answers.get(name)
    graded = cells.graded.get(name)
    if known is None or found is None or (graded is not None and graded.task):
        return False
    return (text_of(found), found["cell_type"]) == (known.text, known.kind)


def _comments(
    cells: NotebookCells, stubs: set[str], reason: str, whole: bool
) -> dict[str, str | None]:
    """Give nbgrader's comments; the flag stands at the first answer, or at all of them."""
    comments: dict[str, str | None] = {
        name: SILENT if name in stubs and not whole else None for name in cells.commented
    }
    if reason:
        flagged = list(cells.commented) if whole else list(cells.commented)[:1]
        comments |= {name: FLAG + reason for name in flagged}
    return comments


def _reason(result: NotebookResult) -> str:
    """Say in words why a person is needed."""
    defects = [f"test {one.grade_id}: {one.error}" for one in result.verdicts if one.error]
    return "; ".join(filter(None, (result.problem, *defects))).rstrip(".")


def _answers(notebook: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name the cells that nbgrader knows."""
    for cell in notebook["cells"]:
        about = cell.get("metadata", {}).get("nbgrader", {})
        if about.get("grade_id"):
            yield str(about["grade_id"]), cell


def text_of(cell: Mapping[str, Any]) -> str:
    """Give a cell's source, which may be written as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
