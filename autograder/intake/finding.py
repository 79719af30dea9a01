"""Find answers in cells that have lost their ids, by what is in them."""

from collections import Counter
from collections.abc import Collection, Sequence

from autograder.intake.outline import Outline
from autograder.intake.piece import ANSWERED, CHANGED, DROPPED, OURS, UNTOUCHED, Piece
from autograder.intake.texts import likeness, lines, names, normal, words

#: How much two texts must have in common for one to be a changed version of the other.
ALIKE = 0.6
#: How many of the instructor's lines in an answer must be there.
FRAMED = 0.6


def open_answers(outline: Outline, pieces: Sequence[Piece]) -> list[int]:
    """Give the places of the answers that nobody has begun, as far as is known."""
    begun = {piece.place for piece in pieces if piece.state == ANSWERED}
    return [place for place in outline.answers if place not in begun]


def find_by_content(outline: Outline, pieces: list[Piece]) -> list[Piece]:
    """Find answers by the names that they give a value, then by the lines around them.

    An answer that stands in a changed test or given cell is taken out of it; a changed cell that
    holds none is not run. What was put into a locked text is kept below it.
    """
    found: list[Piece] = []
    wanted = open_answers(outline, pieces)
    for piece in pieces:
        found.append(piece)
        if piece.state == CHANGED:
            found.extend(_within_changed(outline, piece, wanted))
    for recognise in (_by_name, _by_frame):
        wanted = open_answers(outline, found)
        for piece in reversed(found):  # of several versions, the last is the one that counts
            if piece.is_free:
                recognise(outline, piece, wanted)
                wanted = [place for place in wanted if not _is_begun(piece, place)]
    find_changed(outline, found)
    _find_renamed(outline, found)
    for piece in found:
        if piece.is_free and piece.locked:
            piece.become(DROPPED, None)
    return found


def _is_begun(piece: Piece, place: int) -> bool:
    return piece.state == ANSWERED and piece.place == place


def _within_changed(outline: Outline, piece: Piece, wanted: Collection[int]) -> list[Piece]:
    """Give what a student wrote into a cell of the instructor's, if it can be an answer."""
    place = piece.place if piece.place is not None else -1
    given = lines(outline.texts[place])
    rest = [line for line in piece.text.split("\n") if line.strip() not in given]
    added = normal("\n".join(rest))
    if not added:
        return []
    if outline.cells[place].is_code:
        bound = names(added)
        if not any(bound & outline.own[answer] for answer in wanted):
            return []
        text = "\n".join(rest).strip("\n")
        return [Piece(piece.cell.with_text(text, keep_id=False), locked=True)]
    # Words below a locked text; when the text itself is changed, it is no more than a correction.
    if given <= lines(piece.text) or piece.cell.kind == "code":
        return [Piece(piece.cell.with_text(added, keep_id=False))]
    return []


def _by_name(outline: Outline, piece: Piece, wanted: Sequence[int]) -> None:
    """Take a cell as the answer whose own names it gives a value."""
    bound = names(piece.text)
    hits = [place for place in wanted if bound & outline.own[place]]
    if len(hits) == 1:
        _take(outline, piece, hits[0], 0.95)


def _by_frame(outline: Outline, piece: Piece, wanted: Sequence[int]) -> None:
    """Take a cell as the answer of which it has the instructor's lines."""
    inside = lines(piece.text)
    shares = {
        place: len(frame & inside) / len(frame)
        for place in wanted
        if (frame := outline.frame[place])
    }
    hits = [place for place, share in shares.items() if share >= FRAMED]
    if len(hits) == 1:
        _take(outline, piece, hits[0], 0.5 + 0.4 * shares[hits[0]])


def _take(outline: Outline, piece: Piece, place: int, sure: float) -> None:
    untouched = outline.untouched(place, piece.text)
    piece.become(UNTOUCHED if untouched else ANSWERED, place, "content", sure)


def find_changed(outline: Outline, pieces: Sequence[Piece], *, plain: bool = False) -> None:
    """Find the instructor's cells that were changed and have lost their ids.

    Where in doubt, a cell stays the student's: what runs once too often does no harm.

    Parameters
    ----------
    plain
        Whether to look for given code that students may change, and not for all else.
    """
    there = {piece.place for piece in pieces if piece.state in (OURS, CHANGED)}
    gone = [
        place
        for place, known in enumerate(outline.words)
        if place not in there and not outline.is_answer(place) and known
        if outline.is_plain(place) == plain
    ]
    if any(not outline.cells[place].is_code for place in open_answers(outline, pieces)):
        gone = [place for place in gone if outline.cells[place].is_code]
    for piece in pieces:
        if not gone or not piece.is_free:
            continue
        said = words(piece.text)
        alike, place = max((likeness(said, outline.words[place]), place) for place in gone)
        if alike >= ALIKE and _is_version(outline, place, piece):
            piece.become(CHANGED, place, "content", alike)
            gone.remove(place)


def _is_version(outline: Outline, place: int, piece: Piece) -> bool:
    """Tell whether a cell of about the same words is the instructor's: an answer may be alike."""
    cell = outline.cells[place]
    if cell.is_code != (piece.cell.kind == "code"):
        return False
    given = lines(cell.text)
    return (
        not cell.is_code
        or outline.is_plain(place)
        or 2 * len(given & lines(piece.text)) >= len(given)
    )


def _find_renamed(outline: Outline, pieces: Sequence[Piece]) -> None:
    """Find answers whose ids were given a prefix or suffix: a tool's copy, or another release."""
    times = Counter(piece.cell.grade_id for piece in pieces if piece.is_free)
    wanted = open_answers(outline, pieces)
    for piece in pieces:
        name = piece.cell.grade_id
        if not piece.is_free or not name or name in outline.ids or times[name] > 1:
            continue
        hits = [place for place in wanted if _is_renamed(name, outline.cells[place].grade_id)]
        if len(hits) == 1:
            _take(outline, piece, hits[0], 0.8)
            wanted.remove(hits[0])


def _is_renamed(name: str, known: str) -> bool:
    """Tell whether a name is another with something before or behind it."""
    if name.startswith(known):
        return not name[len(known) :][:1].isalnum()
    return name.endswith(known) and not name[: -len(known)][-1:].isalnum()
