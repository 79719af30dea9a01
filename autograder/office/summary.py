"""What grading has led to, in plain records that need nothing else of nbgrader or of the grader."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Score:
    """What a student has for an assignment.

    Parameters
    ----------
    student
        The student's id.
    points
        Before the penalty for being late.
    out_of
        All points of the assignment.
    penalty
        Points taken off for being late.
    pending
        How many cells wait for a person's points.
    """

    student: str
    points: float
    out_of: float
    penalty: float = 0.0
    pending: int = 0


@dataclass(frozen=True)
class NeedsPerson:
    """A hand-in that a machine cannot deal with alone, and why."""

    student: str
    reason: str


@dataclass(frozen=True)
class Grading:
    """What `autograder.grading.grade` did.

    Parameters
    ----------
    graded
        Who was graded now.
    kept
        Who was graded before and has handed in nothing else since.
    needs_person
        Whose hand-in could not be graded, or not wholly. The others were graded all the same.
    generated
        Whether the assignment had to be read into the gradebook first.
    weaker
        Tests that ran beside the student's code, and how many hand-ins that concerns.
    notes
        What else an instructor should know of the run.
    """

    assignment: str
    graded: tuple[Score, ...]
    kept: tuple[Score, ...]
    needs_person: tuple[NeedsPerson, ...]
    generated: bool = False
    weaker: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Grading":
        """Read what `to_json` gave."""
        return cls(
            plain["assignment"],
            tuple(Score(**one) for one in plain["graded"]),
            tuple(Score(**one) for one in plain["kept"]),
            tuple(NeedsPerson(**one) for one in plain["needs_person"]),
            plain["generated"],
            tuple((str(name), int(many)) for name, many in plain["weaker"]),
            tuple(plain["notes"]),
        )


@dataclass(frozen=True)
class Tally:
    """How far a run is.

    Parameters
    ----------
    done, total
        Hand-ins that are done, those that were kept too; and all.
    what
        The student whose hand-in was done last, or what comes now.
    kept, flagged
        How many of those done were kept; how many need a person.
    seconds
        Since the run began.
    left
        Seconds that the rest will take, as far as one can tell.
    slowest, slowest_seconds
        Whose hand-in took longest, and how long.
    """

    done: int
    total: int
    what: str = ""
    kept: int = 0
    flagged: int = 0
    seconds: float = 0.0
    left: float | None = None
    slowest: str = ""
    slowest_seconds: float = 0.0

    def kept_one(self, student: str) -> "Tally":
        """Count a hand-in that was graded before."""
        return replace(self, done=self.done + 1, kept=self.kept + 1, what=student)

    def graded_one(self, student: str, took: float, flagged: bool, elapsed: float) -> "Tally":
        """Count a hand-in that took some seconds of a worker, at some second of the run."""
        done = self.done + 1
        pace = elapsed / max(done - self.kept, 1)
        slower = took > self.slowest_seconds
        return replace(
            self,
            done=done,
            what=student,
            flagged=self.flagged + flagged,
            seconds=elapsed,
            left=pace * (self.total - done),
            slowest=student if slower else self.slowest,
            slowest_seconds=took if slower else self.slowest_seconds,
        )
