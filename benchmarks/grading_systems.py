"""The graders that are compared: what to type for each, and where its marks are then."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import grading_course, grading_otter

Marks = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class System:
    """A grader, and how it is used.

    Parameters
    ----------
    workers
        Hand-ins at once.
    how
        ``"warm"`` or ``"cold"`` rooms; ``"served"`` by a process that was there before.
    """

    name: str
    workers: int
    how: str = ""

    @property
    def title(self) -> str:
        """The name with what sets it apart."""
        return f"{self.name}, {self.how}" if self.how else self.name


STOCK, OTTER, OURS = "nbgrader autograde", "otter run", "autograder grade"
#: The first is what all others are compared to.
SYSTEMS = (
    System(STOCK, 1),
    System(STOCK, 2),
    System(OTTER, 1),
    System(OTTER, 2),
    System(OURS, 1, "cold"),
    System(OURS, 2, "cold"),
    System(OURS, 1, "warm"),
    System(OURS, 2, "warm"),
    System(OURS, 2, "served"),
)


def commands(
    system: System, course: Path, students: Sequence[str], otter: Path | None
) -> list[list[str]]:
    """Give the commands, to be run side by side, that grade a course's hand-ins."""
    if system.name == STOCK:
        return _stock(system.workers)
    if system.name == OTTER:
        assert otter is not None
        return _otter(system.workers, course, students, otter)
    return [ours(system.workers, "" if system.how == "served" else system.how)]


def ours(workers: int, isolation: str = "") -> list[str]:
    """Give the command of our grader; a server that runs for the course decides for itself."""
    command = [sys.executable, "-m", "autograder", "grade", grading_course.NAME]
    if isolation:
        command += ["--workers", str(workers), "--isolation", isolation]
    return command


def serve(workers: int) -> list[str]:
    """Give the command of our server."""
    return [sys.executable, "-m", "autograder", "serve", "--workers", str(workers)]


def _stock(workers: int) -> list[list[str]]:
    """Stock nbgrader has no workers: for two at once, two runs share the class by first letter."""
    command = [sys.executable, "-m", "nbgrader", "autograde", grading_course.NAME]
    if workers == 1:
        return [command]
    return [[*command, "--student", f"{letter}*"] for letter in "ab"]


def _otter(workers: int, course: Path, students: Sequence[str], python: Path) -> list[list[str]]:
    archive = grading_course.otter_tests(course / "otter.zip")
    name = grading_course.NAME
    notebooks = [course / "submitted" / one / name / f"{name}.ipynb" for one in students]
    parts = [notebooks[part::workers] for part in range(workers)]
    return [
        grading_otter.command(python, archive, course / f"otter-{number}.json", part)
        for number, part in enumerate(parts)
    ]


def marks(system: System, course: Path) -> Marks:
    """Read what was given to whom."""
    if system.name == OTTER:
        parts = sorted(course.glob("otter-*.json"))
        return {who: given for part in parts for who, given in json.loads(part.read_text()).items()}
    return grading_course.marks(course)
