"""Match cells by the texts and the ids that they have: most hand-ins need no more."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from autograder.intake.outline import Outline
from autograder.intake.piece import (
    ANSWERED,
    CHANGED,
    DROPPED,
    OURS,
    OWN,
    UNTOUCHED,
    Piece,
    Remarks,
)
from autograder.intake.texts import compiles, likeness, lines, names, normal, unfenced

#: Cells that have a smaller share of lines in common are not copies, but parts of one.
COPY = 0.6
#: More parts than this are copies.
MAX_PARTS = 8


def match_texts(outline: Outline, pieces: Sequence[Piece]) -> None:
    """Find the cells that are as they were released."""
    texts = [normal(piece.text) for piece in pieces]
    count = Counter(texts)
    used: set[int] = set()
    for piece, text in zip(pieces, texts, strict=True):
        places, claim = outline.exact.get(text, ()), outline.ids.get(piece.cell.grade_id)
        if not places or _repeats(outline, places, claim, count[text]):
            continue
        place = claim if claim in places else _first(places, used)
        used.add(place)
        answer = outline.is_answer(place)
        if answer and claim != place and len(places) > 1:
            continue  # one of several questions whose stubs are the same: its position will tell
        matched = "id" if claim == place else "content"
        piece.become(UNTOUCHED if answer else OURS, place, matched, 1.0)


def _repeats(outline: Outline, places: Sequence[int], claim: int | None, count: int) -> bool:
    """Tell whether an answer, by its id, repeats a text of the instructor that is there as well."""
    if claim is None or not outline.is_answer(claim) or claim in places:
        return False
    return count > len(places) and not any(map(outline.is_answer, places))


def _first(places: Sequence[int], used: set[int]) -> int:
    """Give the first place that is not used; the last one, where all are."""
    return next((place for place in places if place not in used), places[-1])


def match_ids(outline: Outline, pieces: Sequence[Piece], remarks: Remarks) -> None:
    """Believe the ids of the other cells, where what is in them does not say otherwise."""
    claims: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        place = outline.ids.get(piece.cell.grade_id)
        if place is None or piece.state != OWN:
            continue
        if not outline.is_answer(place):
            piece.become(CHANGED, place, "id", 1.0)
        elif not _belongs_to_another(outline, place, piece):
            claims[place].append(piece)
    # Empty cells between the parts of an answer do not part them.
    begun = [piece for piece in pieces if not piece.cell.is_empty]
    numbers = {piece: number for number, piece in enumerate(begun)}
    for place, copies in claims.items():
        _settle(outline, place, copies, numbers, remarks)


def _belongs_to_another(outline: Outline, place: int, piece: Piece) -> bool:
    """Tell whether an answer gives a value to another answer's names, and to none of its own."""
    bound = names(piece.text)
    if not outline.own[place] or bound & outline.own[place]:
        return False
    return any(bound & own for other, own in outline.own.items() if other != place)


def _is_own(outline: Outline, place: int, piece: Piece) -> bool:
    """Tell whether an answer gives a value to what its question asks for, as far as lines tell."""
    own = outline.own[place]
    return not own or bool(own & names(piece.text))


def _settle(
    outline: Outline,
    place: int,
    copies: Sequence[Piece],
    numbers: Mapping[Piece, int],
    remarks: Remarks,
) -> None:
    """Decide which of several cells with the same id is the answer.

    Parameters
    ----------
    numbers
        Where each cell stands in the hand-in.
    """
    begun = [one for one in copies if not outline.untouched(place, one.text)]
    for piece in copies:
        piece.become(UNTOUCHED, place, "id", 1.0)
    if not begun:
        return
    different = _different(begun)
    chosen, earlier = different[0], set(different)
    if _are_parts(different, numbers):
        chosen.cell = chosen.cell.with_text("\n".join(one.text.strip("\n") for one in different))
        earlier = set()
        name = outline.cells[place].grade_id
        remarks.notes.append(f"'{name}' was split over {len(different)} cells, which were joined")
    elif len(different) > 1:
        chosen = _last_that_counts(outline, place, different, remarks)
    for piece in begun:
        if piece in earlier and numbers[piece] < numbers[chosen]:
            piece.become(OWN, None)  # it ran before the chosen one, and may define what that uses
        else:
            piece.become(DROPPED, place, "id", 1.0)
    sure = 1.0 if _is_own(outline, place, chosen) else 0.8
    chosen.become(ANSWERED, place, "id", sure if len(begun) == 1 else 0.8 * sure)


def _different(copies: Sequence[Piece]) -> list[Piece]:
    """Leave out cells that are the same as one further down."""
    kept = {normal(piece.text): piece for piece in copies}
    last = set(kept.values())
    return [piece for piece in copies if piece in last]


def _are_parts(different: Sequence[Piece], numbers: Mapping[Piece, int]) -> bool:
    """Tell whether cells are parts of one: beside each other, and not alike."""
    if not 1 < len(different) <= MAX_PARTS:
        return False
    places = [numbers[piece] for piece in different]
    if places[-1] - places[0] != len(places) - 1:
        return False
    bound = [names(piece.text) for piece in different]
    if any(one & other for one, other in combinations(bound, 2)):
        return False
    sets = [lines(piece.text) for piece in different]
    return all(likeness(one, other) < COPY for one, other in combinations(sets, 2))


def _last_that_counts(
    outline: Outline,
    place: int,
    different: Sequence[Piece],
    remarks: Remarks,
) -> Piece:
    """Choose among copies that differ: the last, which is what counts when a notebook runs.

    Where another copy was run last, nobody can tell which one the student means.
    """
    code, called = outline.cells[place].is_code, outline.cells[place].grade_id
    usable = [piece for piece in different if not code or compiles(unfenced(piece.text))]
    chosen = (usable or list(different))[-1]
    newest = max(different, key=lambda piece: piece.cell.run)
    if newest is not chosen and newest in usable and newest.cell.run > 0 and chosen.cell.run > 0:
        remarks.doubts.append(
            f"'{called}' is there {len(different)} times, with different answers, and not the "
            "last of them was run last. Choose the one that counts, and give its points by hand."
        )
    remarks.notes.append(f"'{called}' is there {len(different)} times; the last one counts")
    return chosen
