"""Rebuild a hand-in from the instructor's source: only the answers are the student's."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from autograder.intake.finding import find_changed
from autograder.intake.handed_cell import HandedCell
from autograder.intake.locating import find_by_position
from autograder.intake.notebook_file import read_notebook
from autograder.intake.outline import Outline, outline_of
from autograder.intake.own_cells import place_own_cells
from autograder.intake.piece import ANSWERED, UNTOUCHED, Piece, Remarks
from autograder.intake.recognition import is_foreign, join_halves, recognise
from autograder.intake.source import ANSWER, EXTRA, SourceCell, SourceNotebook
from autograder.intake.telling import tell
from autograder.intake.texts import normal, unfenced

#: Notes that are kept; a notebook with more of them says the same again and again.
MAX_NOTES = 30


@dataclass(frozen=True)
class RebuiltCell:
    """A cell of a rebuilt notebook.

    Parameters
    ----------
    cell
        In the form of nbformat 4.5.
    role
        ``given``, ``answer``, ``test`` or ``task``, or ``extra``: the student's own.
    matched
        How the hand-in's cell was found: ``id``, ``content``, ``position``; ``missing`` where it
        was not, ``source`` where nobody looked.
    confidence
        In that, 0 to 1.
    source_index
        Number of the source's cell, from 0; None for the student's own.
    """

    cell: dict[str, Any]
    role: str
    grade_id: str
    matched: str
    confidence: float
    source_index: int | None


@dataclass(frozen=True)
class Rebuilt:
    """A hand-in's notebook, rebuilt.

    Parameters
    ----------
    cells
        In the source's order, the student's own where they stood; none, where nothing could be
        read.
    metadata
        The source's.
    notes
        What was mended, in words.
    problem
        Why a person is needed; empty where nobody is.
    """

    cells: tuple[RebuiltCell, ...]
    metadata: dict[str, Any]
    notes: tuple[str, ...] = ()
    problem: str = ""


def rebuild(source: SourceNotebook, content: bytes) -> Rebuilt:
    """Rebuild a notebook; whatever the hand-in is, nothing is raised.

    Parameters
    ----------
    source
        What the instructor wrote.
    content
        The bytes of the file that was handed in.
    """
    file = read_notebook(content)
    metadata = copy.deepcopy(source.metadata)
    if file.problem:
        return Rebuilt((), metadata, file.notes, file.problem)
    outline, remarks = outline_of(source), Remarks([*file.notes])
    pieces = recognise(outline, file.cells, remarks)
    if is_foreign(outline, pieces):
        return Rebuilt((), metadata, file.notes, _FOREIGN)
    find_by_position(outline, pieces, remarks)
    find_changed(outline, pieces, plain=True)
    if source.language == "python":
        join_halves(pieces, remarks)
    notes = [*remarks.notes, *tell(outline, pieces)]
    cells = tuple(_assemble(outline, pieces))
    return Rebuilt(cells, metadata, tuple(notes[:MAX_NOTES]), " ".join(remarks.doubts[:5]))


_FOREIGN = (
    "the notebook seems to be of another assignment: hardly a cell of it is of this one. "
    "Ask for the right one."
)


def _assemble(outline: Outline, pieces: Sequence[Piece]) -> Iterator[RebuiltCell]:
    """Give the cells of the rebuilt notebook."""
    answers = {piece.place: piece for piece in pieces if piece.state == UNTOUCHED}
    answers |= {piece.place: piece for piece in pieces if piece.state == ANSWERED}
    before, after = place_own_cells(outline, pieces)
    number = count(1)
    for place, source in enumerate(outline.cells):
        yield from (_extra(cell, next(number)) for cell in before.get(place, ()))
        yield _ours(place, source, answers.get(place))
        yield from (_extra(cell, next(number)) for cell in after.get(place, ()))


def _ours(place: int, source: SourceCell, piece: Piece | None) -> RebuiltCell:
    """Give a cell of the source, with the student's answer in it if it is one."""
    cell = copy.deepcopy(source.cell)
    if source.role != ANSWER:
        return RebuiltCell(cell, source.role, source.grade_id, "source", 1.0, place)
    if piece is None:
        return RebuiltCell(cell, ANSWER, source.grade_id, "missing", 0.0, place)
    # nbgrader tells by the exact text whether an answer was begun.
    if normal(piece.text) != normal(source.text):
        cell["source"] = _answer(source, piece)
        if piece.cell.attachments and not source.is_code:
            cell["attachments"] = {**cell.get("attachments", {}), **piece.cell.attachments}
    return RebuiltCell(cell, ANSWER, source.grade_id, piece.matched, piece.confidence, place)


def _answer(source: SourceCell, piece: Piece) -> str:
    """Give the text of an answer, as code if the question wants code."""
    if source.is_code and piece.cell.kind != "code":
        return unfenced(piece.text)
    return piece.text


def _extra(handed: HandedCell, number: int) -> RebuiltCell:
    """Give a cell of the student's own; its metadata decides nothing, so it has none."""
    cell: dict[str, Any] = {"cell_type": handed.kind, "id": f"own-cell-{number}", "metadata": {}}
    cell["source"] = handed.text
    if handed.kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif handed.attachments:
        cell["attachments"] = {name: dict(data) for name, data in handed.attachments.items()}
    return RebuiltCell(cell, EXTRA, "", "position", 1.0, None)
