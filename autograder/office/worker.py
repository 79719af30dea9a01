"""What a worker does: one hand-in through intake and rooms, into a verdict of plain data."""

import atexit
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from autograder.errors import AutograderError
from autograder.intake import Rebuilt, SourceNotebook, rebuild
from autograder.office.plan import Lesson, Plan, Task, unpack
from autograder.rooms import Rooms, RoomSettings, choose

#: Sets of rooms that a worker keeps open: two assignments that import other libraries, at most.
KEPT = 2

_rooms: dict[RoomSettings, Rooms] = {}


@dataclass(frozen=True)
class Verdict:
    """How one test went."""

    grade_id: str
    points: float
    max_points: float
    message: str = ""
    error: str = ""
    seconds: float = 0.0
    weaker: bool = False


@dataclass(frozen=True)
class NotebookResult:
    """What became of one notebook of a hand-in.

    Parameters
    ----------
    notebook
        As it was run, or rebuilt only; in the form of nbformat 4.5.
    verdicts
        Of its tests; none where a problem stopped it before.
    notes
        What was recovered, in words.
    problem
        Why a person is needed, in words.
    """

    name: str
    notebook: dict[str, Any]
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Result:
    """What became of a hand-in.

    Parameters
    ----------
    task
        What was asked, without the bytes.
    notebooks
        One each that the assignment has.
    failure
        Why the grader could not do its work, in words; the hand-in is to be tried again.
    seconds
        How long it took.
    walls
        How the rooms were walled, if otherwise than asked for.
    """

    student: str
    notebooks: tuple[NotebookResult, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""
    seconds: float = 0.0
    walls: str = ""


def grade_hand_in(task: Task) -> Result:
    """Grade one hand-in in rooms that this process keeps; called by dask in a worker.

    It never raises for what a hand-in does. Where rooms fail, they are made anew and the hand-in is
    tried once more.
    """
    begun = time.monotonic()
    plan = unpack(task.plan)
    for attempt in (1, 2):
        try:
            rooms, walls = rooms_for(plan)
            result = examine_task(task, rooms)
            return replace(result, seconds=time.monotonic() - begun, walls=walls)
        except Exception as error:  # a defect of ours must not end the batch
            # What the rooms are in is not known: the next hand-in gets new ones.
            close_rooms()
            failure = words(error)
            if attempt == 2:
                break
    return Result(task.student, failure=failure, seconds=time.monotonic() - begun)


def words(error: BaseException) -> str:
    """Say what stopped the grader itself."""
    said = (str(error).strip() or "no words").rstrip(".")
    if isinstance(error, AutograderError):
        return f"the grader could not do its work: {said}"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" ({trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno})"
        trace = trace.tb_next
    return f"the grader itself stopped with {type(error).__name__}: {said[:300]}{place}"


def examine_task(task: Task, rooms: Any) -> Result:
    """Take a hand-in through intake and examination, in the rooms given.

    Raises
    ------
    AutograderError
        When rooms fail, which is never the student's doing.
    """
    begun = time.monotonic()
    plan = unpack(task.plan)
    files = {**task.hand_in.files, **plan.files}
    notebooks = tuple(_examine(task, plan, source, files, rooms) for source in plan.sources)
    return Result(task.student, notebooks, task.hand_in.notes, seconds=time.monotonic() - begun)


def _examine(
    task: Task, plan: Plan, source: SourceNotebook, files: Mapping[str, bytes], rooms: Any
) -> NotebookResult:
    """Rebuild and examine one notebook of a hand-in."""
    problem = task.hand_in.problems.get(source.name, "")
    content = task.hand_in.notebooks.get(source.name)
    if content is None:
        missing = problem or f"there is no {source.name}.ipynb in the hand-in"
        return NotebookResult(source.name, as_released(source), problem=missing)
    rebuilt = rebuild(source, content)
    problem = problem or rebuilt.problem
    if not rebuilt.cells:
        problem = problem or "the notebook could not be read"
        return NotebookResult(
            source.name, as_released(source), notes=rebuilt.notes, problem=problem
        )
    # What is unclear is named in the problem; the other questions get their points.
    examined = _examine_rebuilt(task, plan, source, rebuilt, files, rooms)
    verdicts = tuple(
        Verdict(**{one.name: getattr(verdict, one.name) for one in fields(Verdict)})
        for verdict in examined.verdicts
    )
    problem = examined.problem or problem
    return NotebookResult(source.name, examined.notebook, verdicts, examined.notes, problem)


def _examine_rebuilt(
    task: Task,
    plan: Plan,
    source: SourceNotebook,
    rebuilt: Rebuilt,
    files: Mapping[str, bytes],
    rooms: Any,
) -> Any:
    from autograder.examiner import Job, examine

    only = None if task.only is None else task.only.get(source.name, frozenset())
    lesson = plan.lessons.get(source.name, Lesson())
    job = Job(
        source=source,
        rebuilt=rebuilt,
        files=files,
        seed=task.seed,
        timeout=plan.timeout,
        trusted=plan.files,
        in_room=lesson.in_room,
        changing=lesson.changing,
        only=only,
    )
    return examine(rooms, job)


def as_rebuilt(rebuilt: Rebuilt) -> dict[str, Any]:
    """Give a rebuilt notebook that was not run."""
    return notebook([cell.cell for cell in rebuilt.cells], rebuilt.metadata)


def as_released(source: SourceNotebook) -> dict[str, Any]:
    """Give the notebook as students get it, where nothing of theirs can be shown."""
    return notebook([cell.cell for cell in source.cells], source.metadata)


def notebook(cells: list[dict[str, Any]], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Make a notebook of plain data."""
    return {"cells": cells, "metadata": dict(metadata), "nbformat": 4, "nbformat_minor": 5}


def rooms_for(plan: Plan) -> tuple[Rooms, str]:
    """Give this process's rooms for a plan, and in words how they differ from what was asked."""
    chosen = choose(plan.isolation)
    settings = replace(plan.settings, isolation=chosen.isolation)
    rooms = _rooms.pop(settings, None)
    if rooms is None:
        while len(_rooms) >= KEPT:
            _rooms.pop(next(iter(_rooms))).close()
        rooms = Rooms(settings)
    _rooms[settings] = rooms  # the one used last stands last
    return rooms, chosen.why


def warm(plan: bytes) -> str:
    """Make this process's rooms before the first hand-in comes; called by dask on each worker."""
    try:
        rooms, walls = rooms_for(unpack(plan))
        with rooms.open():
            return walls
    except AutograderError as error:
        close_rooms()
        return words(error)


def learn_here(packed: bytes) -> dict[str, Lesson]:
    """Let the reference solution show what its tests need; called by dask on one worker.

    Raises
    ------
    AutograderError
        When rooms fail.
    """
    from autograder.examiner import learn

    plan = unpack(packed)
    rooms, _ = rooms_for(plan)
    found = {}
    for source in plan.sources:
        learnt = learn(source, rooms, files=plan.files, timeout=plan.timeout)
        found[source.name] = Lesson(learnt.in_room, learnt.changing)
    return found


def close_rooms() -> None:
    """End all rooms of this process."""
    while _rooms:
        _, rooms = _rooms.popitem()
        rooms.close()


atexit.register(close_rooms)
