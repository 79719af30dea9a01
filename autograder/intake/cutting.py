"""Cut cells that were merged: by the instructor's texts within, and by the names of answers."""

from collections.abc import Collection, Iterator

from autograder.intake.outline import Outline
from autograder.intake.piece import ANSWERED, CHANGED, OURS, OWN, Piece, Remarks
from autograder.intake.texts import COMPARED, bound_at, normal

#: A text of the instructor that is shorter, in characters, may stand in an answer by chance.
SHORTEST = 12


def cut_at_given_texts(outline: Outline, pieces: list[Piece], remarks: Remarks) -> list[Piece]:
    """Cut out texts of the instructor whose own cells are gone: an answer merged with its test.

    The parts keep the id of the cell, if it is an answer's, on the first that is not the
    instructor's.
    """
    there = {piece.place for piece in pieces if piece.state == OURS}
    gone = [
        place
        for place, text in enumerate(outline.texts)
        if place not in there and not outline.is_answer(place) and len(text) >= SHORTEST
    ]
    if not gone:
        return pieces
    found: list[Piece] = []
    cut = 0
    for piece in pieces:
        usual = piece.state == OWN and len(piece.text) <= COMPARED
        parts = list(_cut(outline, piece, gone)) if usual else []
        if len(parts) > 1:
            cut += not any(part.locked for part in parts)
            gone = [place for place in gone if place not in {part.place for part in parts}]
        found.extend(parts or [piece])
    if cut:
        many = "merged cells were" if cut > 1 else "merged cell was"
        remarks.notes.append(f"{cut} {many} cut at the texts given in between")
    return found


def _cut(outline: Outline, piece: Piece, gone: list[int]) -> Iterator[Piece]:
    """Give the parts of a piece; none if it is one."""
    text = f"\n{normal(piece.text)}\n"
    inside = sorted(
        (start, place) for place in gone if (start := text.find(f"\n{outline.texts[place]}\n")) >= 0
    )
    claim = outline.ids.get(piece.cell.grade_id, -1)
    claims_answer = outline.is_answer(claim)
    locked = claim >= 0 and outline.is_locked(claim)
    end = 0
    for start, place in inside:
        if start < end:
            continue
        yield from _part(piece, text[end:start], claims_answer, locked)
        claims_answer = claims_answer and not text[end:start].strip()
        end = start + 1 + len(outline.texts[place])
        part = Piece(piece.cell.with_text(outline.texts[place], keep_id=False))
        part.become(CHANGED if locked and place == claim else OURS, place, "content", 1.0)
        yield part
    if inside:
        yield from _part(piece, text[end:], claims_answer, locked)


def _part(piece: Piece, text: str, keep_id: bool, locked: bool) -> Iterator[Piece]:
    if text.strip():
        yield Piece(piece.cell.with_text(text.strip("\n"), keep_id=keep_id), locked)


def cut_at_names(
    outline: Outline, pieces: list[Piece], open_answers: Collection[int], remarks: Remarks
) -> list[Piece]:
    """Find cells that hold several answers, where the cells of the others are empty or gone.

    The others get the lines that are theirs. A cell that is an answer by its id keeps all its lines
    as well: what it needs of them, nobody knows.

    Parameters
    ----------
    open_answers
        Places of the answers that have nothing so far.
    """
    found = []
    for piece in pieces:
        usual = piece.state in (OWN, ANSWERED) and len(piece.text) <= COMPARED
        parts = _by_name(outline, piece, open_answers) if usual else {}
        wanted = [place for place in parts if place != piece.place and place in open_answers]
        if not wanted or (piece.state == OWN and len(parts) < 2):
            found.append(piece)
            continue
        called = ", ".join(f"'{outline.cells[place].grade_id}'" for place in parts if place >= 0)
        remarks.notes.append(f"one cell holds several answers, and counts for each: {called}")
        open_answers = [place for place in open_answers if place not in parts]
        for place, text in parts.items():
            part = Piece(piece.cell.with_text(text, keep_id=False))
            if place >= 0:
                part.become(ANSWERED, place, "content", 0.9)
            if place == piece.place:
                found.append(piece)
            elif text.strip():
                found.append(part)
    return found


def _by_name(outline: Outline, piece: Piece, open_answers: Collection[int]) -> dict[int, str]:
    """Give the lines of each answer within a cell, by the answer's place; -1 for the first lines.

    A line that begins at the margin and gives a value to an answer's own name begins this answer;
    comments and decorators right above go with it.
    """
    wanted = [*open_answers] + ([piece.place] if piece.place is not None else [])
    owner = {name: place for place in wanted for name in outline.own.get(place, ())}
    current = piece.place if piece.place is not None else -1
    if not any(owner.get(name, current) != current for name in _bound(piece.text)):
        return {}
    parts: dict[int, list[str]] = {current: []}
    above: list[str] = []
    for line in piece.text.split("\n"):
        if line.startswith(("#", "@")):
            above.append(line)
            continue
        began = {owner[name] for name in bound_at(line) if name in owner}
        if len(began) == 1:
            (current,) = began
        parts.setdefault(current, []).extend([*above, line])
        above = []
    parts[current].extend(above)
    texts = {place: "\n".join(kept).strip("\n") for place, kept in parts.items()}
    if -1 in texts and len(texts) > 1:  # what stands first, imports mostly, goes with the first
        first, head = next(place for place in texts if place >= 0), texts.pop(-1)
        texts[first] = f"{head}\n{texts[first]}" if head.strip() else texts[first]
    return texts


def _bound(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from bound_at(line)
