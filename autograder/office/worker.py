"""What a worker does: one hand-in through intake and rooms, into a verdict of plain data."""

import atexit
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from autograder.errors import AutograderError
from autograder.intake import Rebuilt, SourceNotebook, rebuild
from autograder.office.plan import Lesson, Plan, Task, unpack
from autograder.rooms import Rooms, RoomsError, RoomSettings, choose

#: Sets of rooms that a worker keeps open: two assignments that import other libraries, at most.
KEPT = 2
#: How often something is tried, in new rooms each time: any process of theirs may be killed.
ATTEMPTS = 3

_Value = TypeVar("_Value")


@dataclass
class _Shared:
    """Rooms of this process, and how many threads work in them."""

    rooms: Rooms
    users: int = 0
    kept: bool = True

    def close_if_idle(self) -> None:
        if not (self.kept or self.users):
            self.rooms.close()


_shared: dict[RoomSettings, _Shared] = {}
_lock = threading.Lock()
#: Set while threads are to end.
given_up = threading.Event()


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
    tried again.
    """
    begun = time.monotonic()
    try:
        result = _graded(task)
    except Exception as error:  # a defect of ours must not end the batch
        result = Result(task.student, failure=words(error))
    return replace(result, seconds=time.monotonic() - begun)


def _graded(task: Task) -> Result:
    def grade(rooms: Rooms, walls: str) -> Result:
        return replace(examine_task(task, rooms), walls=walls)

    return _with_rooms(unpack(task.plan), grade)


def _with_rooms(
    plan: Plan, work: Callable[[Rooms, str], _Value], attempts: int = ATTEMPTS
) -> _Value:
    """Do some work in rooms; where they fail, what they are in is not known: take new ones."""
    try:
        with rooms_for(plan) as (rooms, walls):
            return work(rooms, walls)
    except Exception:
        if attempts == 1 or given_up.is_set():
            raise
    return _with_rooms(plan, work, attempts - 1)


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


@contextmanager
def rooms_for(plan: Plan) -> Iterator[tuple[Rooms, str]]:
    """Give this process's rooms for a plan, and in words how they differ from what was asked.

    Where the work in them fails, nobody gets these rooms again.

    Raises
    ------
    RoomsError
        There can be none, or the run was given up.
    """
    chosen = choose(plan.isolation)
    settings = replace(plan.settings, isolation=chosen.isolation)
    with _lock:
        if given_up.is_set():
            raise RoomsError("The run was given up.")
        shared = _shared.pop(settings, None) or _Shared(Rooms(settings))
        while len(_shared) >= KEPT:
            _let_go(next(iter(_shared)))
        _shared[settings] = shared  # the one used last stands last
        shared.users += 1
    try:
        yield shared.rooms, chosen.why
    except Exception:
        with _lock:
            if _shared.get(settings) is shared:
                _let_go(settings)
        raise
    finally:
        with _lock:
            shared.users -= 1
            shared.close_if_idle()


def _let_go(settings: RoomSettings) -> None:
    """Close rooms as soon as nobody works in them; the lock is held."""
    shared = _shared.pop(settings)
    shared.kept = False
    shared.close_if_idle()


def begin(plan: Plan) -> None:
    """Let what this process's rooms share be imported, without waiting for it."""
    with rooms_for(plan):
        pass


def warm(plan: bytes) -> str:
    """Make this process's rooms before the first hand-in comes; called by dask on each worker."""
    try:
        return _with_rooms(unpack(plan), _open_one)
    except AutograderError as error:
        return words(error)


def _open_one(rooms: Rooms, walls: str) -> str:
    with rooms.open():
        return walls


def learn_here(packed: bytes) -> dict[str, Lesson]:
    """Let the reference solution show what its tests need; called by dask on one worker.

    Raises
    ------
    AutograderError
        When rooms fail.
    """
    plan = unpack(packed)
    return _with_rooms(plan, lambda rooms, walls: _learnt(plan, rooms))


def _learnt(plan: Plan, rooms: Rooms) -> dict[str, Lesson]:
    from autograder.examiner import learn

    found = {}
    for source in plan.sources:
        learnt = learn(source, rooms, files=plan.files, timeout=plan.timeout)
        found[source.name] = Lesson(learnt.in_room, learnt.changing)
    return found


def close_rooms() -> None:
    """End all rooms of this process, and what is done in them."""
    with _lock:
        while _shared:
            _, shared = _shared.popitem()
            shared.kept = False
            shared.rooms.close()


def give_up() -> None:
    """End what threads of this process still work at; they get no other rooms."""
    given_up.set()
    close_rooms()


atexit.register(close_rooms)
