"""Small assignments and hand-ins, as plain data."""

from typing import Any

from autograder.examiner import Job
from autograder.intake.rebuilding import Rebuilt, RebuiltCell
from autograder.intake.source import ANSWER, GIVEN, TEST, SourceCell, SourceNotebook

HIDDEN = "### HIDDEN\n"


def _cell(name: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": {"grade_id": name}} if name else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def given(source: str) -> SourceCell:
    """Return a cell that students are given."""
    return SourceCell(GIVEN, "", 0.0, False, _cell("", source), source)


def answer(name: str, solution: str, stub: str = "raise NotImplementedError()") -> SourceCell:
    """Return an answer cell."""
    return SourceCell(ANSWER, name, 0.0, False, _cell(name, stub), stub, solution)


def check(
    name: str, visible: str, hidden: str = "", points: float = 1.0, **more: Any
) -> SourceCell:
    """Return a test cell, whose hidden part follows the visible one."""
    full = visible + (f"\n{hidden}" if hidden else "")
    return SourceCell(TEST, name, points, False, _cell(name, visible), full, **more)


def assignment(*cells: SourceCell) -> SourceNotebook:
    """Return a notebook of an assignment."""
    return SourceNotebook("ps1", cells, {"kernelspec": {"language": "python", "name": "python3"}})


def hand_in(
    source: SourceNotebook, *, extra: dict[int, str] | None = None, **answers: str
) -> Rebuilt:
    """Return a hand-in with ``answers`` by name; ``extra`` cells stand before a cell's number."""
    cells = []
    for number, cell in enumerate(source.cells):
        if extra and number in extra:
            own = _cell(f"extra-{number}", extra[number])
            cells.append(RebuiltCell(own, "extra", "", "source", 1.0, None))
        plain = {**cell.cell, "source": answers.get(cell.grade_id, cell.text)}
        cells.append(RebuiltCell(plain, cell.role, cell.grade_id, "id", 1.0, number))
    return Rebuilt(tuple(cells), source.metadata)


def job(source: SourceNotebook, rebuilt: Rebuilt, **more: Any) -> Job:
    """Return a job with a short limit of time."""
    return Job(source, rebuilt, more.pop("files", {}), 1, more.pop("timeout", 5.0), **more)
