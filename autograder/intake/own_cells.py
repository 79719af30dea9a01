"""Keep the student's own cells in place, also where what stood around them has moved."""

from collections.abc import Sequence

from autograder.intake.handed_cell import HandedCell
from autograder.intake.outline import Outline
from autograder.intake.piece import ANSWERED, CHANGED, Piece, in_order
from autograder.intake.texts import names, words

#: Place of a cell of the source to the student's own cells there.
OwnCells = dict[int, list[HandedCell]]


def place_own_cells(outline: Outline, pieces: Sequence[Piece]) -> tuple[OwnCells, OwnCells]:
    """Say which of the student's own cells go before, and which after, each of the source's.

    They follow what they followed. Where that has moved, they stand before what they stood before;
    where an answer has moved that needs what a cell right before it defines, that cell goes along.
    An answer that stood further up, and that other answers need there, runs there as well.
    """
    known, coming = in_order(pieces), _coming(pieces)
    before: OwnCells = {}
    after: OwnCells = {}
    last: int | None = None
    for number, piece in enumerate(pieces):
        if _is_added(outline, piece):
            after.setdefault(piece.place or 0, []).append(piece.cell)
        elif not piece.is_free:
            if number not in known and _is_needed(pieces, piece, last):
                follows, place = _where(pieces, number, last, coming[number], known)
                (after if follows else before).setdefault(place, []).append(piece.cell)
            last = number if piece.place is not None else last
        else:
            follows, place = _where(pieces, number, last, coming[number], known)
            (after if follows else before).setdefault(place, []).append(piece.cell)
    return before, after


def _coming(pieces: Sequence[Piece]) -> list[int | None]:
    """Give, for each piece, the number of the next one that has a place."""
    found: list[int | None] = []
    after: int | None = None
    for number in reversed(range(len(pieces))):
        found.append(after)
        after = number if pieces[number].place is not None else after
    return found[::-1]


def _is_added(outline: Outline, piece: Piece) -> bool:
    """Tell whether it is a given cell that a student may change: it runs after the original."""
    return piece.state == CHANGED and piece.place is not None and outline.is_plain(piece.place)


def _where(
    pieces: Sequence[Piece],
    number: int,
    last: int | None,
    coming: int | None,
    known: set[int],
) -> tuple[bool, int]:
    """Say whether a cell goes after a cell of the source, or before, and which."""
    in_place = coming is not None and coming in known
    if coming is not None and not in_place and _is_used_by(pieces[number], pieces[coming]):
        return False, pieces[coming].place or 0
    if last is not None and (last in known or not in_place):
        return True, pieces[last].place or 0
    return False, (pieces[coming].place or 0) if coming is not None and in_place else 0


def _is_needed(pieces: Sequence[Piece], piece: Piece, last: int | None) -> bool:
    """Tell whether answers between where a moved answer stood and its place need it."""
    if piece.state != ANSWERED or piece.place is None or piece.cell.kind != "code":
        return False
    stood = pieces[last].place or 0 if last is not None else -1
    bound = names(piece.text)
    return bool(bound) and any(
        stood < one.place < piece.place and bound & words(one.text)
        for one in pieces
        if one.state == ANSWERED and one.place is not None
    )


def _is_used_by(piece: Piece, answer: Piece) -> bool:
    """Tell whether a cell defines what an answer needs."""
    return answer.state == ANSWERED and bool(names(piece.text) & words(answer.text))
