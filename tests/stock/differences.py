"""Where our marks differ from stock nbgrader's on purpose, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.office.marks import FLAG
from tests.stock.courses import Mark, Place


@dataclass(frozen=True)
class Difference:
    """A mark that stock nbgrader gives and we do not.

    Parameters
    ----------
    student, cells
        Whose mark; an empty tuple of cells stands for all of the hand-in.
    stock, ours
        Points of either; "none" where there is no grade at all, None where a person is asked.
    why
        In one sentence.
    """

    student: str
    cells: tuple[str, ...]
    stock: float | str | None
    ours: float | str | None
    why: str


def compare(
    stock: dict[Place, Mark], ours: dict[Place, Mark], on_purpose: Iterable[Difference] = ()
) -> list[str]:
    """List in words what differs and should not, and what should differ and does not."""
    expected = {(one.student, cell): one for one in on_purpose for cell in one.cells}
    wrong = []
    for place in sorted(stock.keys() | ours.keys()):
        theirs, mine = stock.get(place), ours.get(place)
        difference = expected.pop((place.student, place.cell), None)
        if difference is None:
            if theirs != mine and not _is_flagged(theirs, mine):
                wrong.append(f"{_name(place)}: stock {theirs}, ours {mine}")
        elif (_points(theirs), _points(mine)) != (difference.stock, difference.ours):
            wanted = f"stock {difference.stock}, ours {difference.ours}"
            found = f"stock {_points(theirs)}, ours {_points(mine)}"
            wrong.append(f"{_name(place)}: expected {wanted}, found {found} ({difference.why})")
    wrong += [f"{student}/{cell}: no such mark" for student, cell in expected]
    return wrong


def _is_flagged(stock: Mark | None, ours: Mark | None) -> bool:
    """Whether only our comment differs, which says why a person is needed."""
    if stock is None or ours is None or not (ours.comment or "").startswith(FLAG):
        return False
    return (stock.points, stock.needs_person) == (ours.points, ours.needs_person)


def _points(mark: Mark | None) -> float | str | None:
    return "none" if mark is None else mark.points


def _name(place: Place) -> str:
    return f"{place.student}/{place.notebook}/{place.cell}"
