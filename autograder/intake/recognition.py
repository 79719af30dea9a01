"""Recognise the cells of a hand-in, as far as texts, ids and contents tell."""

from collections.abc import Sequence
from itertools import pairwise

from autograder.intake.cutting import SHORTEST, cut_at_given_texts, cut_at_names
from autograder.intake.finding import find_by_content, open_answers
from autograder.intake.handed_cell import HandedCell
from autograder.intake.matching import match_ids, match_texts
from autograder.intake.outline import Outline
from autograder.intake.piece import (
    ANSWERED,
    CHANGED,
    DROPPED,
    OURS,
    UNTOUCHED,
    Piece,
    Remarks,
)
from autograder.intake.texts import compiles, names

#: A notebook of which less is known, as a share of the source's cells, is of something else.
KNOWN = 0.2


def recognise(outline: Outline, cells: Sequence[HandedCell], remarks: Remarks) -> list[Piece]:
    """Say of each cell what it is; those that nothing tells are the student's own so far."""
    pieces = [Piece(cell) for cell in cells if not cell.is_badge]
    match_texts(outline, pieces)
    pieces = cut_at_given_texts(outline, pieces, remarks)
    match_ids(outline, pieces, remarks)
    pieces = cut_at_names(outline, pieces, open_answers(outline, pieces), remarks)
    return find_by_content(outline, pieces)


def is_foreign(outline: Outline, pieces: Sequence[Piece]) -> bool:
    """Tell whether a notebook is of another assignment.

    The same ids prove little: many assignments have a ``q1``. Texts, and names that only one answer
    of this assignment defines, prove more.
    """
    known = {piece.place for piece in pieces if _is_proof(outline, piece)}
    changed = {piece.place for piece in pieces if piece.state == CHANGED}
    claims = [one for one in pieces if one.state in (ANSWERED, CHANGED) and one.matched == "id"]
    if known:
        little = len(known) < min(3, KNOWN * len(outline.cells), len(pieces) / 2)
        return not claims and little
    if claims:
        return len(changed) >= 3
    return len(changed) < KNOWN * len(outline.cells)


def _is_proof(outline: Outline, piece: Piece) -> bool:
    if piece.place is None:
        return False
    if piece.state in (OURS, UNTOUCHED):
        # "YOUR CODE HERE" stands in the notebooks of all the world.
        text = outline.texts[piece.place]
        return len(text) >= SHORTEST and len(outline.exact[text]) == 1
    own = outline.own.get(piece.place, frozenset())
    return piece.state == ANSWERED and (piece.matched == "content" or bool(own & names(piece.text)))


def join_halves(pieces: Sequence[Piece], remarks: Remarks) -> None:
    """Join an answer with the indented rest of it, which was split off in the middle of a body."""
    for piece, after in pairwise(pieces):
        first = after.text.lstrip("\n")[:1]
        if piece.state != ANSWERED or not after.is_free or first not in (" ", "\t"):
            continue
        rest = after.text.strip("\n")
        joined = f"{piece.text.rstrip()}\n{rest}"
        if compiles(joined):
            piece.cell = piece.cell.with_text(joined)
            after.become(DROPPED, piece.place)
            remarks.notes.append("an answer that was split in the middle was joined")
