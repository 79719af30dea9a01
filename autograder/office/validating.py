"""Try an assignment's tests in the rooms, and say in words how each does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.intake import read_sources
from autograder.numerals import count
from autograder.office.plan import make_plan
from autograder.workspace import Workspace

if TYPE_CHECKING:
    from autograder.examiner.validation import Checked


@dataclass(frozen=True)
class Report:
    """How the tests do, in lines for a person."""

    lines: tuple[str, ...]
    passed: bool


def validate(workspace: Workspace, assignment: str, isolation: str | None = None) -> Report:
    """Run the reference solution and the stubs through the rooms.

    Parameters
    ----------
    workspace, assignment
        The course and the assignment.
    isolation
        As for `autograder.rooms.choose`.

    Raises
    ------
    AutograderError
        When the source cannot be read, or rooms cannot be had.
    """
    from autograder import examiner
    from autograder.grading import ensure_generated
    from autograder.rooms import Rooms, RoomSettings, choose

    workspace.check_assignment(assignment)
    ensure_generated(workspace, assignment)
    plan = make_plan(workspace, assignment, read_sources(workspace, assignment), isolation)
    chosen = choose(isolation)
    with Rooms(RoomSettings(isolation=chosen.isolation, preload=plan.preload)) as rooms:
        done = examiner.validate(workspace, assignment, rooms, timeout=plan.timeout)
    several = len(plan.sources) > 1
    lines = [f"Note: {chosen.why}"] if chosen.why else []
    lines += [line for test in done.tests for line in _lines(test, several)]
    bad = sum(not test.is_good for test in done.tests)
    lines.append(
        f"{assignment}: {count(len(done.tests), 'test')}, "
        f"{f'{bad} to look at' if bad else 'all of them work across rooms or are tagged'}."
    )
    return Report(tuple(lines), done.is_good)


def _lines(test: "Checked", several: bool) -> Iterator[str]:
    """Say how one test does."""
    name = f"{test.notebook}.ipynb, test '{test.grade_id}'" if several else f"Test {test.grade_id}"
    way = {"across": "works across rooms", "in-room": "works beside the student's code only"}
    words = way.get(test.way, "fails with the reference solution")
    if test.way == "in-room" and test.tagged:
        words += ", as its tag says"
    yield f"{name}: {words}, {test.points:g} of {test.max_points:g} points."
    if test.line and test.way != "across":
        yield f"    line {test.line}: {test.code}"
    if test.why and not test.is_good:
        yield f"    {test.why}"
    if test.advice and not test.is_good:
        yield f"    {test.advice}"
    if test.untouched > 0 and test.max_points > 0:
        yield f"    A hand-in without any answer gets {test.untouched:g} points: test more."
