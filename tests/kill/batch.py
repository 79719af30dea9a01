"""A batch of hand-ins that is graded, and killed at some moment: what it leaves, and what follows.

The batch runs in a process of its own, as a person starts it. All that belongs to it is found by
the process tree: the office, workers, zygotes, the walls of rooms, kernels.
"""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.rooms import RoomsError, choose
from benchmarks import grading_course

COMMAND = [sys.executable, "-m", "autograder", "grade", grading_course.NAME, "--workers", "2"]
#: Seconds that a batch may take; it ends within, whatever was killed.
BOUND = 300.0
#: Seconds in which what a killed office leaves behind ends by itself.
LINGER = 20.0


@dataclass(frozen=True)
class Moment:
    """When to kill, and whom: shares of the undisturbed run's time, and of the processes found."""

    seed: int

    def seconds(self, whole: float) -> float:
        """Give the seconds after the start."""
        return random.Random(self.seed).uniform(0.02, 1.0) * whole

    def victim(self, office: psutil.Process) -> psutil.Process:
        """Choose one process: one time in four the office, else anyone of its tree."""
        draw = random.Random(-self.seed - 1)
        below = sorted(_below(office), key=lambda one: one.pid)
        if not below or draw.random() < 0.25:
            return office
        return below[draw.randrange(len(below))]


@dataclass(frozen=True)
class State:
    """What a run has left: marks by student and question, and when each was written down."""

    marks: Mapping[str, Mapping[str, float]]
    records: Mapping[str, tuple[object, ...]]  # the first is how often it was written
    files: Mapping[str, float]


@dataclass(frozen=True)
class Killed:
    """How a run went that was disturbed.

    Parameters
    ----------
    who
        The command of the process killed; empty where the run had ended before.
    office
        Whether it was the office, so that the run has ended with it.
    left
        Processes that were still there some seconds after the office was killed, in words.
    between
        What lay there when the killed run had ended, before the next one, if there was any.
    statuses
        How each run ended: a second one follows where the office was killed.
    notes
        What the runs said that one in peace does not.
    """

    who: str
    office: bool
    left: tuple[str, ...]
    between: State
    after: State
    statuses: tuple[int, ...]
    notes: tuple[str, ...]


def make(folder: Path, count: int) -> Path:
    """Make a course of stock nbgrader with some hand-ins."""
    template = grading_course.make_course(folder / "template")
    return grading_course.copy_course(template, folder / "fresh", grading_course.students(count))


def start(course: Path) -> subprocess.Popen[bytes]:
    """Start to grade a batch; what it says is added to a file in the course."""
    with (course / "said.txt").open("ab") as said:
        return subprocess.Popen(
            COMMAND,
            cwd=course,
            env=grading_course.environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def undisturbed(course: Path) -> tuple[float, State]:
    """Grade a batch in peace; gives its seconds, and what it leaves."""
    begin = time.monotonic()
    status = finish(start(course))
    if status:
        said = (course / "said.txt").read_text()
        raise RuntimeError(f"The batch ends with status {status} though nobody was killed: {said}")
    return time.monotonic() - begin, state(course)


def disturbed(fresh: Path, course: Path, moment: Moment, whole: float) -> Killed:
    """Grade a copy of a course and kill one process; run again only if it was the office."""
    shutil.copytree(fresh, course)
    running = start(course)
    office = psutil.Process(running.pid)
    time.sleep(moment.seconds(whole))
    known = _below(office)
    who, was_office = _kill(office, moment)
    statuses = [finish(running)]
    left = _left(known) if was_office else ()
    between = state(course)
    if was_office:
        statuses.append(finish(start(course)))
    said = (course / "said.txt").read_text().splitlines()
    notes = tuple(line for line in said if line.startswith("Note:"))
    return Killed(who, was_office, left, between, state(course), tuple(statuses), notes)


def finish(running: subprocess.Popen[bytes]) -> int:
    """Wait for a batch to end; one that does not is killed with all of its processes."""
    try:
        return running.wait(BOUND)
    except subprocess.TimeoutExpired:
        for one in [*_below(psutil.Process(running.pid)), psutil.Process(running.pid)]:
            one.kill()
        running.wait()
        raise RuntimeError(f"The batch has not ended after {BOUND:g} s.") from None


def state(course: Path) -> State:
    """Read marks, records and the dates of the graded notebooks."""
    graded = (course / "autograded").glob(f"*/{grading_course.NAME}/*.ipynb")
    files = {path.parts[-3]: path.stat().st_mtime for path in graded}
    marks = grading_course.marks(course) if (course / "gradebook.db").exists() else {}
    return State(marks, _records(course / "gradebook.db"), files)


def _records(database: Path) -> dict[str, tuple[object, ...]]:
    """Read the grader's own table as it stands, by student."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        if ("autograder_record",) not in tables.fetchall():
            return {}
        cursor = connection.execute(
            "select student, runs, * from autograder_record where state = 'graded'"
        )
        return {student: tuple(row) for student, *row in cursor}


def _kill(office: psutil.Process, moment: Moment) -> tuple[str, bool]:
    """Kill whom the moment says; says who it was, and whether it was the office."""
    for _ in range(20):
        try:
            victim = moment.victim(office)
            who = " ".join(victim.cmdline())[:120] or victim.name()
            victim.send_signal(signal.SIGKILL)
            return who, victim.pid == office.pid
        except psutil.NoSuchProcess:
            if not office.is_running():
                break
            time.sleep(0.01)
    return "", False


def _below(office: psutil.Process) -> list[psutil.Process]:
    """List the processes below the office; none once it is gone."""
    try:
        found = office.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [one for one in found if one.is_running()]


def _left(known: list[psutil.Process]) -> tuple[str, ...]:
    """Wait for the processes of a killed office to end, and describe those that do not."""
    deadline = time.monotonic() + LINGER
    alive = known
    while alive and time.monotonic() < deadline:
        alive = [one for one in alive if one.is_running() and _status(one) != "zombie"]
        time.sleep(0.05)
    return tuple(f"{one.pid} {_words(one)}" for one in alive)


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return "zombie"


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:120]
    except psutil.NoSuchProcess:
        return "gone"


def faults(killed: Killed, whole: State) -> list[str]:
    """Say in words what is not as it should be after a kill; nothing is best."""
    found = [f"still there: {one}" for one in killed.left] + list(killed.notes)
    if killed.statuses != ((-signal.SIGKILL, 0) if killed.office else (0,)):
        found.append(f"ended with {killed.statuses}")
    if killed.after.marks != whole.marks:
        found.append(_different(killed.after.marks, whole.marks))
    if set(killed.after.files) != set(whole.files):
        found.append("not every graded notebook is there")
    written = {student: record[0] for student, record in killed.after.records.items()}
    if written != dict.fromkeys(whole.records, 1):
        found.append(f"records were not written once each: {written}")
    for student, record in killed.between.records.items():
        if killed.after.records.get(student) != record:
            found.append(f"{student} was graded again after the record was written")
        if killed.between.marks.get(student) != whole.marks[student]:
            found.append(f"{student} has a record but only half a grade")
    for student, given in killed.between.marks.items():
        if student not in killed.between.records and any(given.values()):
            found.append(f"{student} has points but no record")
    return found


def _different(marks: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    names = sorted(
        who for who in {*marks, *wanted} if marks.get(who, None) != wanted.get(who, None)
    )
    return f"marks differ for {', '.join(names)}"


def environment_is_ready() -> str:
    """Say why batches cannot be graded here; nothing if they can."""
    try:
        choose()
    except RoomsError as error:
        return f"needs walls around rooms: {error}"
    return ""
