"""A hand-in through the rooms, once for all of its notebooks, inside a process of nbgrader's.

nbgrader converts one notebook after the other, formgrader in a web server whose event loop is
running. So rooms live in a thread of their own, and a hand-in is examined when its first notebook
comes; the others find the result.
"""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from nbgrader.converters import BaseConverter

from autograder.grading_record import Record, digest_of_folder
from autograder.intake import read_sources
from autograder.office.lessons import lessons_of
from autograder.office.plan import Plan, Task, make_plan, make_task
from autograder.office.structure import NotebookCells, read_structure
from autograder.office.worker import (
    NotebookResult,
    Result,
    close_rooms,
    grade_hand_in,
)
from autograder.plugins.conversion import Conversion, PluginError
from autograder.rooms import choose

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Examination:
    """What became of a hand-in, and all that its record needs."""

    plan: Plan
    task: Task
    result: Result
    cells: dict[str, NotebookCells]

    def notebook(self, name: str) -> NotebookResult:
        """Give what became of one notebook.

        Raises
        ------
        PluginError
            When the grader could not do its work.
        """
        if self.result.failure:
            raise PluginError(f"{self.result.student}: {self.result.failure}. Grade it again.")
        found = {one.name: one for one in self.result.notebooks}
        if name not in found:
            known = ", ".join(found) or "none"
            raise PluginError(f"'{name}': the assignment has no such notebook. It has: {known}.")
        return found[name]


class HerePool:
    """Workers for `autograder.office` that are one thread of this process."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Result]:
        """Grade hand-ins, one after the other."""
        for task in tasks:
            yield in_the_rooms_thread(grade_hand_in, task)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function where rooms are."""
        return in_the_rooms_thread(function, *arguments)

    def warm(self, plan: Plan) -> list[Any]:
        """Do nothing: rooms are made with the first hand-in."""
        return []


#: Each converter to what it examined last.
_last: "WeakKeyDictionary[BaseConverter, tuple[Conversion, Examination]]" = WeakKeyDictionary()


def examination_of(
    converter: BaseConverter, conversion: Conversion, isolation: str | None
) -> Examination:
    """Examine the hand-in that a notebook is of, unless this run of nbgrader just did.

    Raises
    ------
    AutograderError
        When the source cannot be read, or rooms cannot be had.
    """
    whole = replace(conversion, notebook="")
    known = _last.get(converter)
    if known is None or known[0] != whole:
        known = (whole, _examine(conversion, isolation))
        _last[converter] = known
    return known[1]


def in_the_rooms_thread(function: Callable[..., _Value], *arguments: Any) -> _Value:
    """Call a function in the one thread that works with rooms; Ctrl-C ends the rooms."""
    waiting = _thread().submit(function, *arguments)
    try:
        return waiting.result()
    except KeyboardInterrupt:
        close_rooms()
        raise


def _examine(conversion: Conversion, isolation: str | None) -> Examination:
    workspace, assignment = conversion.workspace, conversion.assignment
    choose(isolation)  # where rooms cannot be walled, this says so before anything begins
    plan = make_plan(workspace, assignment, read_sources(workspace, assignment), isolation)
    plan = replace(plan, lessons=lessons_of(workspace, plan, in_the_rooms_thread))
    task = _task(conversion, plan)
    result = in_the_rooms_thread(grade_hand_in, task)
    with workspace.gradebook() as gradebook:
        cells = dict(read_structure(gradebook, assignment).notebooks)
    return Examination(plan, task, result, cells)


def _task(conversion: Conversion, plan: Plan) -> Task:
    """Make the task; a hand-in that is graded again repeats its random numbers."""
    workspace, assignment, student = (
        conversion.workspace,
        conversion.assignment,
        conversion.student,
    )
    handin = digest_of_folder(workspace.folder("submitted", assignment, student))
    entry = Record.load(workspace, assignment).entries.get(student)
    seed = secrets.randbits(32)
    if entry is not None and entry.handin == handin and entry.runs:
        seed = entry.seed
    return make_task(workspace, plan, student, handin, seed)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "rooms")
