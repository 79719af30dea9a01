"""Stand-ins for rooms: hand-ins are run right here, and results made of nothing.

Only for hand-ins that a test has written itself.
"""

import contextlib
import io
import os
import signal
from dataclasses import replace

from autograder.intake import rebuild
from autograder.office.plan import unpack
from autograder.office.pool import Lost
from autograder.office.worker import (
    NotebookResult,
    Result,
    Verdict,
    as_rebuilt,
    as_released,
    given_up,
)

#: Seconds of a hand-in that takes long.
LONG = 60


def grade_here(task):
    """Grade a hand-in as a worker does, but without any walls."""
    plan = unpack(task.plan)
    return Result(
        task.student,
        tuple(_notebook(task, source) for source in plan.sources),
        task.hand_in.notes,
        seconds=0.25,
    )


def _notebook(task, source):
    content = task.hand_in.notebooks.get(source.name)
    problem = task.hand_in.problems.get(source.name, "")
    if content is None:
        problem = problem or f"there is no {source.name}.ipynb"
        return NotebookResult(source.name, as_released(source), problem=problem)
    rebuilt = rebuild(source, content)
    if rebuilt.problem:
        return NotebookResult(source.name, as_released(source), problem=rebuilt.problem)
    names, verdicts = {}, []
    for cell in rebuilt.cells:
        text = cell.cell["source"]
        if cell.role == "test":
            whole = source.cells[cell.source_index]
            verdicts.append(_verdict(whole, names))
        elif cell.cell["cell_type"] == "code":
            with contextlib.suppress(Exception):
                exec(text, names)
    notebook = as_rebuilt(rebuilt)
    return NotebookResult(source.name, notebook, tuple(verdicts), rebuilt.notes)


def _verdict(cell, names):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(cell.full, names)
    except Exception as error:
        return Verdict(cell.grade_id, 0.0, cell.points, str(error))
    return Verdict(cell.grade_id, cell.points, cell.points, weaker=cell.in_room)


class Here:
    """A pool without workers."""

    def __init__(self, function=grade_here):
        self.function, self.asked = function, []

    def run(self, tasks):
        """Grade hand-ins one after the other."""
        for task in tasks:
            self.asked.append(task)
            yield self.function(task)

    def call(self, function, *arguments):
        """Know that no test needs anything."""
        return {}

    def warm(self, plan):
        """Have no rooms to warm."""
        return []


def lose(task):
    """Lose whoever is called so."""
    if task.student == "lost":
        return Lost(task, "every process that graded it was ended from outside")
    return grade_here(task)


def die_once(task):
    """Kill the worker in the middle of the first hand-in, the first time."""
    mark = os.path.join(unpack(task.plan).files["place.txt"].decode().strip(), task.student)
    if task.student == "sample-02" and not os.path.exists(mark):
        open(mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return grade_here(task)


def die_always(task):
    """Kill the worker that grades a certain student."""
    if task.student == "sample-02":
        os.kill(os.getpid(), signal.SIGKILL)
    return grade_here(task)


def die_the_first_time(mark):
    """Kill the worker, unless the mark says that it was done before."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def who(task):
    """Tell which worker has graded."""
    return os.getpid()


def linger(task):
    """Take long for a hand-in, as one that waits in rooms: until they are closed."""
    given_up.wait(LONG)
    return task


def echo(task):
    """Do nothing with a hand-in."""
    return task


def fail(task):
    """Find that the grader itself cannot work."""
    return replace(grade_here(task), notebooks=(), failure="the rooms are full")
