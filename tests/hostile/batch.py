"""A batch: all cases handed in with honest neighbours between, and graded by the command line."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.workspace import Workspace, open_workspace
from tests.hostile import guard
from tests.hostile.cases import CASES, Bank, Case, of_kind
from tests.hostile.corpus import (  # noqa: F401 - each takes its cases into CASES
    calls,
    damages,
    files,
    floods,
    kernel,
    leaks,
    library,
    neighbours,
    notebooks,
    thefts,
    values,
    writes,
)
from tests.hostile.course import ASSIGNMENT, Canaries, make_course, points, released
from tests.hostile.listener import Listener
from tests.hostile.watching import Watch

#: So many hostile hand-ins stand between two honest neighbours.
BETWEEN = 6
#: Seconds that a whole batch may take before it counts as one that never ends.
PATIENCE = 1500


@dataclass(frozen=True)
class Result:
    """What a batch has led to.

    Parameters
    ----------
    workspace, canaries
        The course, and what may not have come out.
    students
        Student to the case handed in under that id, in the order of grading.
    points
        Student to question to points.
    persons
        Student to the reason why a person is needed, in words.
    status
        Exit status of ``autograder grade``; None when it never ended.
    seconds
        Wall time of it.
    told
        Command to what it printed.
    written
        What was written outside, in words.
    heard
        What somebody sent over the network.
    left
        Command lines of processes that the batch has left behind.
    """

    workspace: Workspace
    canaries: Canaries
    students: Mapping[str, Case]
    points: Mapping[str, Mapping[str, float]]
    persons: Mapping[str, str]
    status: int | None
    seconds: float
    told: Mapping[str, str]
    written: tuple[str, ...]
    heard: tuple[str, ...]
    left: tuple[str, ...] = field(default=())


def chosen(names: Iterable[str] | None = None) -> dict[str, Case]:
    """Give each case a student id, with neighbours between; ids sort as they are graded."""
    honest = [CASES[name] for name in ("good", "half", "untouched")]
    cases = [one for one in CASES.values() if one.kind != "neighbour"]
    if names is not None:
        wanted = set(names)
        cases = [one for one in cases if one.name in wanted]
    order: list[Case] = [*honest]
    for number, one in enumerate(cases):
        order.append(one)
        if number % BETWEEN == BETWEEN - 1:
            order.append(honest[number // BETWEEN % len(honest)])
    order.append(honest[0])
    return {f"h{number:03}-{one.name.replace('_', '-')}": one for number, one in enumerate(order)}


def run_batch(
    folder: Path, isolation: str, names: Iterable[str] | None = None, workers: int | None = None
) -> Result:
    """Hand everything in, grade it, and look what has become of it.

    Parameters
    ----------
    folder
        An empty folder for the course, a home and temporary files.
    isolation
        As for ``autograder grade --isolation``.
    names
        Only these cases; by default all.
    workers
        As for ``autograder grade --workers``.
    """
    canaries, home, temporary = Canaries(), folder / "home", folder / "tmp"
    home.mkdir(parents=True)
    temporary.mkdir()
    workspace = make_course(folder / "course", canaries)
    students = chosen(names)
    with Listener() as listener:
        bank = _bank(workspace, home, listener.port)
        for student, one in students.items():
            hand_in = one.build(bank)
            place = workspace.folder("submitted", ASSIGNMENT, student)
            hand_in.write(bank, place)
        _hide(workspace, canaries, next(iter(students)))
        watch = Watch(workspace.root, home, temporary)
        run = Commands(workspace.root, home, temporary, canaries)
        extra = () if workers is None else ("--workers", str(workers))
        start = time.monotonic()
        code = run("grade", ASSIGNMENT, "--isolation", isolation, *extra)
        seconds = time.monotonic() - start
        for more in (("feedback", ASSIGNMENT), ("status",), ("gradebook",)):
            run(*more)
        for form in ("csv", "moodle", "canvas"):
            run("export", "--for", form)
        written, heard = watch.changes(), tuple(listener.heard)
    workspace = open_workspace(workspace.root)
    return Result(
        workspace,
        canaries,
        students,
        {student: points(workspace, student) for student in students},
        _persons(workspace),
        code,
        seconds,
        run.told,
        written,
        heard,
        tuple(run.left),
    )


def _bank(workspace: Workspace, home: Path, port: int) -> Bank:
    """Tell what hostile students know."""
    text = json.dumps(released(workspace))
    return Bank(workspace.root, home, port, os.readlink("/proc/self/ns/pid"), text)


def _hide(workspace: Workspace, canaries: Canaries, neighbour: str) -> None:
    """Put canaries into the gradebook, and into the work of a neighbour."""
    with workspace.gradebook() as gradebook:
        gradebook.update_or_create_student(neighbour, lms_user_id=canaries.gradebook)
    folder = workspace.folder("submitted", ASSIGNMENT, neighbour)
    path = folder / f"{ASSIGNMENT}.ipynb"
    text = path.read_text("utf-8")
    path.write_text(text.replace("grows like", f"{canaries.neighbour} grows like"), "utf-8")


def _persons(workspace: Workspace) -> dict[str, str]:
    """Give the reasons for which a person is needed, by student."""
    from autograder.status import status

    found = {one.assignment: one for one in status(workspace)}
    return {one.student: one.reason for one in found[ASSIGNMENT].needs_person}


class Commands:
    """Runs commands of `autograder` as an instructor does, and keeps what they print."""

    def __init__(self, root: Path, home: Path, temporary: Path, canaries: Canaries) -> None:
        self.root, self.report = root, temporary.parent / "left.json"
        self.told: dict[str, str] = {}
        self.left: list[str] = []
        self.environment = os.environ | {
            "HOME": str(home),
            "TMPDIR": str(temporary),
            # The instructor's own pictures need fonts, which matplotlib finds once a home.
            "MPLCONFIGDIR": str(temporary.parent / "matplotlib"),
            "HOSTILE_SECRET": canaries.environment,
        }

    def __call__(self, *words: str) -> int | None:
        """Run one command; None when it does not end."""
        command = [sys.executable, guard.__file__, str(self.report)]
        command += [sys.executable, "-m", "autograder", *words]
        with open(self.report.with_suffix(".log"), "w+") as log:
            process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=log, stderr=log
            )
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
            finally:
                log.seek(0)
                self.told[" ".join(words)] = log.read()
        self.left += [f"{words[0]}: {one}" for one in json.loads(self.report.read_text()).values()]
        return code


__all__ = ["Result", "chosen", "of_kind", "run_batch"]
