"""What an examination is given, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Rooms import this package too, and have no use for nbgrader.
    from autograder.intake import Rebuilt, SourceNotebook


@dataclass(frozen=True)
class Job:
    """One notebook of one hand-in, to be examined.

    Parameters
    ----------
    source
        What the instructor wrote.
    rebuilt
        The hand-in, rebuilt from it.
    files
        What lies beside the notebook in the student's room.
    seed
        From which each test's random numbers are drawn.
    timeout
        Seconds for a cell that says nothing else.
    trusted
        The instructor's own files, in the examiner's room; only they can be imported there.
    in_room
        Tests (their ``grade_id``) that also run beside the student's code: the reference solution
        passes them only there. See `autograder.examiner.learn`.
    changing
        Tests in which the reference solution changes what it is given.
    only
        Tests to ask; None for all. The verdicts of others are left out.
    """

    source: "SourceNotebook"
    rebuilt: "Rebuilt"
    files: Mapping[str, bytes]
    seed: int
    timeout: float
    trusted: Mapping[str, bytes] = field(default_factory=dict)
    in_room: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()
    only: frozenset[str] | None = None


@dataclass(frozen=True)
class Verdict:
    """How one test cell went.

    Parameters
    ----------
    message
        What the student is told; empty when there is nothing to say.
    error
        What the instructor has to look at: the test itself, or the machine, failed.
    seconds
        Of wall time.
    weaker
        Whether the test ran beside the student's code, which could have deceived it.
    """

    grade_id: str
    points: float
    max_points: float
    message: str = ""
    error: str = ""
    seconds: float = 0.0
    weaker: bool = False


@dataclass(frozen=True)
class Examined:
    """What came of an examination.

    Parameters
    ----------
    notebook
        The hand-in as it is kept: test cells as released, with outputs.
    verdicts
        Of all test cells, in order.
    notes
        What happened that is no mistake of the student, in words.
    problem
        Why a person has to look at it; empty where nobody has to.
    seconds
        Of wall time.
    """

    notebook: dict[str, Any]
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
