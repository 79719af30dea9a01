"""Asks the tests of a notebook, one by one, of its snapshots."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.examiner import frames
from autograder.examiner.errors import ExaminerError
from autograder.examiner.job import Job
from autograder.rooms import Examiner, Room, Rooms, RoomsError
from autograder.rooms.inside.preloads import INLINE

if TYPE_CHECKING:
    from autograder.intake import SourceCell

CONNECT = 10.0  # seconds for a snapshot to answer
GRACE = 3.0  # seconds more than a test has, until its process is ended


@dataclass(frozen=True)
class Moment:
    """A snapshot: the room that keeps it, and its number there."""

    room: Room
    number: int


@dataclass(frozen=True)
class Answer:
    """What came of one question.

    Parameters
    ----------
    report
        What the examiner's process says of it; None where it could say nothing.
    silent
        Why the student's notebook did not answer; empty when it did.
    broken
        Why the examiner's process did not.
    ended
        Whether a process is gone, so that asking again may help: perhaps it was killed.
    """

    report: dict[str, Any] | None
    silent: str = ""
    broken: str = ""
    ended: bool = False


class Questions:
    """One examiner's process after another, as many as it takes.

    Parameters
    ----------
    rooms
        Where examiners come from.
    job
        What is examined.
    """

    def __init__(self, rooms: Rooms, job: Job) -> None:
        self.rooms = rooms
        self.job = job
        self.notes: list[str] = []
        self._examiner: Examiner | None = None
        self._before: list[SourceCell] = []
        self._prepared = 0

    def pass_by(self, cell: "SourceCell") -> None:
        """Note a code cell that stands before the next test; a test too, for its helpers."""
        if cell.is_code:
            self._before.append(cell)

    def ask(
        self,
        cell: "SourceCell",
        moment: Moment,
        *,
        in_room: bool = False,
        apply: bool = True,
        last: bool = False,
    ) -> Answer:
        """Ask one test of a fresh fork of the notebook, or of the snapshot itself as its last.

        Raises
        ------
        ExaminerError
            No examiner's process could be had.
        """
        timeout = cell.timeout or self.job.timeout
        try:
            examiner = self._ready()
        except (frames.Silence, OSError) as error:
            return self._broken(error)
        try:
            connection = moment.room.ask(moment.number, min(CONNECT, timeout), last=last)
        except RoomsError as error:
            return Answer(None, silent=str(error), ended=True)
        with connection:
            task = self._task(cell, timeout, in_room=in_room, apply=apply)
            try:
                frames.send(examiner.socket, task, connection.fileno())
                report, _ = frames.receive(examiner.socket, time.monotonic() + timeout + GRACE)
            except (frames.Silence, OSError) as error:
                moment.room.end_last()
                return self._broken(error)
        if report["gone"]:
            moment.room.end_last()
        return Answer(report, str(report["gone"]), ended=bool(report["ended"]))

    def _broken(self, error: Exception) -> Answer:
        """End an examiner's process that does not answer, and say why."""
        ended = not isinstance(error, frames.Silence) or error.ended
        words = str(error.args[0])
        if ended and self._examiner is not None:
            words = self._examiner.ended() or words
        self._end()
        return Answer(None, broken=words, ended=ended)

    def _task(
        self, cell: "SourceCell", timeout: float, *, in_room: bool, apply: bool
    ) -> dict[str, Any]:
        return {
            "do": "test",
            "grade_id": cell.grade_id,
            "full": cell.full,
            "released": cell.text,
            "timeout": timeout,
            "in_room": in_room,
            "apply_changes": apply,
            "files": reads_files(cell.full),
        }

    def _ready(self) -> Examiner:
        """Return a process that has run everything before the next test."""
        if self._examiner is None:
            self._examiner = self._start()
            self._prepared = 0
        cells = self._before[self._prepared :]
        if cells:
            self._prepared = len(self._before)
            plain = [{"role": cell.role, "source": _source(cell)} for cell in cells]
            frames.send(self._examiner.socket, {"do": "prepare", "cells": plain})
            timeout = sum(cell.timeout or self.job.timeout for cell in cells) + GRACE
            reply, _ = frames.receive(self._examiner.socket, time.monotonic() + timeout)
            self.notes += [note for note in reply["notes"] if note not in self.notes]
        return self._examiner

    def _start(self) -> Examiner:
        environment = {"NBGRADER_EXECUTION": "autograde", "MPLBACKEND": INLINE}
        try:
            examiner = self.rooms.examiner(self.job.trusted, environment)
        except RoomsError as error:
            raise ExaminerError(str(error)) from error
        frames.send(examiner.socket, beginning(self.job))
        return examiner

    def _end(self) -> None:
        if self._examiner is not None:
            self._examiner.close()
            self._examiner = None

    def close(self) -> None:
        """End the examiner's process."""
        self._end()


def beginning(job: Job) -> dict[str, Any]:
    """Return what an examiner's process has to know of a notebook."""
    cells = [cell for cell in job.source.cells if cell.is_code]
    return {
        "do": "begin",
        "seed": job.seed,
        "tests": [cell.full for cell in job.source.tests],
        "given": [cell.full for cell in cells if cell.role == "given"],
        "answers": [_source(cell) for cell in cells if cell.role == "answer"],
    }


def _source(cell: "SourceCell") -> str:
    """Return what the instructor's own notebook has in a cell."""
    return (cell.solution or cell.text) if cell.role == "answer" else cell.full


_FILES = (
    "open(", "Path(", "read", "load", "exists", "listdir", "glob", "isfile", "%run", "getsize",
)  # fmt: skip


def reads_files(source: str) -> bool:
    """Tell whether a test might look at files; then those of the student's room are fetched."""
    return any(word in source for word in _FILES)
