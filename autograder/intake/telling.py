"""Tell in words what was mended in a hand-in, from where its cells have gone."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from autograder.intake.outline import Outline
from autograder.intake.piece import ANSWERED, CHANGED, DROPPED, OURS, OWN, Piece, in_order
from autograder.intake.source import TEST

#: Names that are listed; a notebook with more of them is told by numbers.
MAX_NAMES = 12


def tell(outline: Outline, pieces: Sequence[Piece]) -> Iterator[str]:
    """Give the notes, each a line."""
    places = [piece.place for piece in pieces if piece.place is not None and piece.state != OWN]
    answered = [piece for piece in pieces if piece.state == ANSWERED]
    by_content = {piece.place for piece in answered if piece.matched == "content"}
    by_position = {piece.place for piece in answered if piece.matched == "position"}
    changed = {piece.place for piece in pieces if piece.state == CHANGED}
    twice = [place for place, times in Counter(places).items() if times > 1]
    gone = {place for place in range(len(outline.cells)) if place not in places}
    tests = {place for place in gone if outline.cells[place].role == TEST}
    answers = {place for place in gone if outline.is_answer(place)}
    told = (
        ("recognised by what is in it", "recognised by what is in them", by_content),
        ("recognised by its place", "recognised by their places", by_position),
        ("changed, and replaced", "changed, and replaced", changed),
        ("there more than once", "there more than once", twice),
        ("deleted, and put back", "deleted, and put back", tests),
        ("not there, so it is empty", "not there, so they are empty", answers),
    )
    for one, many, found in told:
        named = _named(outline, found)
        if named:
            yield f"{', '.join(named)}: {one if len(named) == 1 else many}"
    if any(piece.locked and piece.state == DROPPED for piece in pieces):
        yield "code that was put into test or given cells was not run"
    if _is_out_of_order(pieces):
        yield "cells stood in another order"


def _named(outline: Outline, places: Iterable[int | None]) -> list[str]:
    """Name cells by their ids, in order; cells without one are no loss."""
    known = sorted(place for place in places if place is not None)
    names = [f"'{name}'" for place in known if (name := outline.cells[place].grade_id)]
    rest = len(names) - MAX_NAMES
    return [*names[:MAX_NAMES], f"{rest} more"] if rest > 0 else names


def _is_out_of_order(pieces: Collection[Piece]) -> bool:
    listed = [*pieces]
    chain = in_order(listed)
    ordered = {listed[number].place for number in chain}
    return any(
        piece.place not in ordered
        for piece in listed
        if piece.state == OURS or (piece.state == ANSWERED and piece.matched == "id")
    )
