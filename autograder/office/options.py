"""How to grade, and who is told how far it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.office.summary import Tally

if TYPE_CHECKING:
    from autograder.office.pool import Pool

#: Told how far a run is, before the first hand-in and after each.
Listener = Callable[[Tally], None]


@dataclass(frozen=True)
class Options:
    """How to grade.

    Parameters
    ----------
    regrade
        Grade again what is graded already.
    isolation
        As for `autograder.rooms.choose`; None takes the strongest.
    workers
        Hand-ins at once; None for all cores.
    scheduler
        Address of a scheduler of dask; empty for workers of our own.
    pool
        Workers that are there already, and stay.
    patience
        Seconds to wait for another run in the same course.
    """

    regrade: bool = False
    isolation: str | None = None
    workers: int | None = None
    scheduler: str = ""
    pool: "Pool | None" = None
    patience: float = 2.0
