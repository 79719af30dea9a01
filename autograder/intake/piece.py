"""A cell of a hand-in, or a part of one, on its way to its place in the source."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.intake.handed_cell import HandedCell

#: What becomes of a piece: it is one of the instructor's cells, as it was or changed; an answer; an
#: answer that was not begun; a cell of the student's own; or nothing.
OURS, CHANGED, ANSWERED, UNTOUCHED, OWN, DROPPED = (
    "ours",
    "changed",
    "answered",
    "untouched",
    "own",
    "dropped",
)


@dataclass
class Remarks:
    """What is told about a hand-in.

    Parameters
    ----------
    notes
        What was mended, in words.
    doubts
        What a person has to decide, in words.
    """

    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Piece:
    """A part of a hand-in.

    Parameters
    ----------
    place
        Of the source's cell that it is; None as long as nobody knows.
    matched
        How that is known: ``id``, ``content`` or ``position``.
    confidence
        In that, 0 to 1.
    locked
        Whether it was part of a cell that students may not change, so that it counts as an answer
        or not at all.
    """

    cell: HandedCell
    locked: bool = False
    state: str = OWN
    place: int | None = None
    matched: str = ""
    confidence: float = 0.0

    def become(
        self, state: str, place: int | None, matched: str = "", confidence: float = 1.0
    ) -> None:
        """Say what it is."""
        self.state, self.place = state, place
        self.matched, self.confidence = matched, confidence

    @property
    def text(self) -> str:
        """Give its source."""
        return self.cell.text

    @property
    def is_free(self) -> bool:
        """Tell whether it is the student's own, and nobody's answer so far."""
        return self.state == OWN and not self.cell.is_empty


def in_order(pieces: Sequence[Piece]) -> set[int]:
    """Give the numbers of the pieces that stand in the source's order: most of them, if not all.

    It is the longest chain of growing places.
    """
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for number, piece in enumerate(pieces):
        if piece.place is None or piece.state == DROPPED:
            continue
        at = bisect_left(tails, piece.place)
        if at:
            before[number] = ends[at - 1]
        if at == len(tails):
            tails.append(piece.place)
            ends.append(number)
        else:
            tails[at], ends[at] = piece.place, number
    chain = {ends[-1]} if ends else set()
    last = ends[-1] if ends else -1
    while last in before:
        last = before[last]
        chain.add(last)
    return chain
