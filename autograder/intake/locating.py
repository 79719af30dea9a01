"""Find answers by where they stand: words, or code that defines nothing, without an id."""

from collections.abc import Sequence
from itertools import pairwise

from autograder.intake.outline import Outline
from autograder.intake.piece import ANSWERED, DROPPED, UNTOUCHED, Piece, Remarks, in_order
from autograder.intake.texts import likeness, normal, words

#: Below this confidence, a person decides.
THRESHOLD = 0.6


def find_by_position(outline: Outline, pieces: Sequence[Piece], remarks: Remarks) -> None:
    """Look at the gaps between known cells: what is free there may be an answer that is missing.

    Where there is more than one way to see it, a person has to.
    """
    anchors = [(number, pieces[number].place or 0) for number in sorted(in_order(pieces))]
    limits = [(-1, -1), *anchors, (len(pieces), len(outline.cells))]
    for (start, low), (end, high) in pairwise(limits):
        inside = [piece for piece in pieces[start + 1 : end] if piece.is_free]
        if inside:
            _fill_gap(outline, inside, range(low + 1, high), _known(pieces), remarks)
    for piece in pieces:
        if piece.is_free and _is_stub(outline, piece):
            piece.become(DROPPED, None)
    _take_what_follows(outline, pieces, remarks)
    _doubt_what_is_left(outline, pieces, remarks)


def _known(pieces: Sequence[Piece]) -> set[int | None]:
    return {piece.place for piece in pieces if piece.state in (ANSWERED, UNTOUCHED)}


def _is_stub(outline: Outline, piece: Piece) -> bool:
    """Tell whether a cell is the empty answer of some question."""
    return any(map(outline.is_answer, outline.exact.get(normal(piece.text), ())))


def _fill_gap(
    outline: Outline,
    inside: Sequence[Piece],
    between: range,
    known: set[int | None],
    remarks: Remarks,
) -> None:
    """Match the answers of a gap with the free cells in it: code with code, words with words."""
    for code in (True, False):
        wanted = [
            place
            for place in between
            if outline.is_answer(place)
            and place not in known
            and outline.cells[place].is_code == code
        ]
        free = [one for one in inside if (one.cell.kind == "code") == code]
        if not wanted or not free:
            continue
        sure = _match(outline, wanted, free, len(between))
        if sure < THRESHOLD and not all(_is_stub(outline, piece) for piece in free):
            named = ", ".join(f"'{outline.cells[place].grade_id}'" for place in wanted)
            remarks.doubts.append(
                f"it is unclear which cells answer {named}: their metadata is gone, and so is what "
                "stood around them. Read the hand-in, and give these points by hand."
            )


def _match(outline: Outline, wanted: Sequence[int], free: Sequence[Piece], width: int) -> float:
    """Match the answers of a gap of some width with its free cells, and say how sure that is."""
    if len(wanted) == 1:
        # In a narrow gap there is nothing else that it could be.
        sure = 0.75 if width <= 2 else 0.6 if width <= 4 else 0.5
        _place(outline, _likeliest(outline, wanted[0], free), wanted[0], sure)
        return sure
    if len(wanted) != len(free):
        return 0.0
    # All are there, with nothing of the instructor's missing in between; or something is missing.
    sure = 0.65 if width == len(wanted) else 0.5
    for place, piece in zip(wanted, free, strict=True):
        _place(outline, piece, place, sure)
    return sure


def _place(outline: Outline, piece: Piece, place: int, sure: float) -> None:
    untouched = outline.untouched(place, piece.text)
    piece.become(UNTOUCHED if untouched else ANSWERED, place, "position", sure)


def _likeliest(outline: Outline, place: int, free: Sequence[Piece]) -> Piece:
    """Give the cell that is most like the answer's stub, but not a stub itself, if there are any.

    The others stay where they are, and run before and after it as they did.
    """
    begun = [piece for piece in free if not _is_stub(outline, piece)] or free
    scores = [likeness(words(piece.text), outline.words[place]) for piece in begun]
    return begun[scores.index(max(scores))]


def _take_what_follows(outline: Outline, pieces: Sequence[Piece], remarks: Remarks) -> None:
    """Where an answer for a person is empty, take the cell of the student's right below it."""
    begun = {piece.place for piece in pieces if piece.state == ANSWERED}
    for piece, after in pairwise(pieces):
        place = piece.place
        if piece.state != UNTOUCHED or place is None or place in begun or not after.is_free:
            continue
        cell = outline.cells[place]
        if cell.manual and cell.is_code == (after.cell.kind == "code"):
            after.become(ANSWERED, place, "position", 0.7)
            piece.become(DROPPED, place, "id", 1.0)
            begun.add(place)
            remarks.notes.append(
                f"'{cell.grade_id}' is empty; the cell below it was taken as the answer"
            )


def _doubt_what_is_left(outline: Outline, pieces: Sequence[Piece], remarks: Remarks) -> None:
    """Where an answer for a person is nowhere, but cells are left that may be it, ask a person."""
    known = _known(pieces)
    left = {piece.cell.kind == "code" for piece in pieces if piece.is_free}
    lost = [
        f"'{cell.grade_id}'"
        for place in outline.answers
        if (cell := outline.cells[place]).manual and place not in known and cell.is_code in left
    ]
    if lost:
        remarks.doubts.append(
            f"no cell could be recognised as {', '.join(lost)}, but there are cells of the "
            "student's own. Read them, and give these points by hand."
        )
