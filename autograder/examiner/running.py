"""Runs a whole hand-in in the student's room, keeps snapshots, and starts again after a crash."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.examiner import preparing
from autograder.examiner.driving import End, Kernel
from autograder.examiner.errors import ExaminerError
from autograder.examiner.job import Job
from autograder.examiner.outputs import Bounds, CellOutputs, Spent, error_output
from autograder.examiner.questions import Moment
from autograder.rooms import Room, Rooms, RoomsError

if TYPE_CHECKING:
    from autograder.intake import RebuiltCell

REPLAYS = 3
LEAST = 0.5  # seconds for a cell when all time of the notebook is used up
SNAPSHOT = 10.0  # seconds for the kernel to fork
AGAIN = 1.0  # the same, once it has not
BOUNDS = Bounds()


@dataclass
class Run:
    """What came of running a hand-in.

    Attributes
    ----------
    outputs
        By number of the cell.
    moments
        The snapshot before each group of tests, by number of the group's first cell.
    notes
        What happened, in words.
    why
        Why the notebook could not be run to its end; empty when it could.
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    moments: dict[int, Moment] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    why: str = ""


class Runner:
    """Rooms of one hand-in, as many as it takes to run all its cells.

    Parameters
    ----------
    rooms
        Where rooms come from.
    job
        What is examined.
    """

    def __init__(self, rooms: Rooms, job: Job) -> None:
        self.rooms = rooms
        self.job = job
        self.run = Run()
        self.groups = first_tests(job.rebuilt.cells)
        self._until = 0.0
        self._skipped: set[int] = set()
        self._suspects: set[int] = set()
        self._opened: list[Room] = []
        self._patience = SNAPSHOT

    def go(self) -> Run:
        """Run all cells; a cell that ends or blocks the kernel is left out the next time.

        Raises
        ------
        ExaminerError
            No room could be had.
        """
        # Cells that the student added get no time of their own.
        source = [cell for cell in self.job.source.cells if cell.is_code]
        times = [cell.timeout or self.job.timeout for cell in source]
        self._until = time.monotonic() + 2 * sum(times)
        while len(self._skipped) <= REPLAYS:
            culprit = self._attempt()
            if culprit is None:
                return self.run
            if culprit >= 0:
                self._skipped.add(culprit)
        self.run.why = "its cells ended the kernel again and again"
        return self.run

    def renew(self) -> dict[int, Moment]:
        """Return new snapshots in a new room, after the last one was killed from outside.

        The outputs stay as they were.
        """
        kept = dict(self.run.outputs)
        self._attempt()
        self.run.outputs = kept
        return self.run.moments

    def _attempt(self) -> int | None:
        """Run all cells once; return the number of the cell at which it ended, None at the end.

        A kernel that was killed from outside, as far as one can tell, is no cell's fault: then
        the number is -1, the first time.
        """
        try:
            room = self.rooms.open(self.job.files, {"NBGRADER_EXECUTION": "autograde"})
        except RoomsError as error:
            raise ExaminerError(str(error)) from error
        self._opened.append(room)
        last = -1
        try:
            with Kernel(room) as kernel:
                kernel.quietly(preparing.code(self.job.seed), SNAPSHOT)
                for number in self._numbers():
                    if number in self.groups and not self._keep(kernel, number):
                        return self._blame(max(last, 0), room, "it stopped answering")
                    if (end := self._run_cell(kernel, number)) in (End.STUCK, End.DIED):
                        return self._blame(number, room, _WORDS[end])
                    last = number
        except RuntimeError as error:
            return self._blame(max(last, 0), room, f"its kernel did not start: {error}")
        return None

    def _numbers(self) -> list[int]:
        cells = self.job.rebuilt.cells
        return [
            number
            for number, cell in enumerate(cells)
            if cell.cell["cell_type"] == "code"
            and (number in self.groups or number not in self._skipped)
        ]

    def _keep(self, kernel: Kernel, number: int) -> bool:
        """Take a snapshot; return whether the kernel still answers."""
        try:
            code = kernel.room.snapshot_code(number)
        except RoomsError:
            return False
        started, patience = time.monotonic(), self._patience
        if kernel.quietly(code, patience):
            self.run.moments[number] = Moment(kernel.room, number)
            return True
        self._patience = AGAIN
        # An error in a moment is a kernel that cannot fork or has lost the way to do it.
        return time.monotonic() - started < patience and not kernel.room.ended()

    def _run_cell(self, kernel: Kernel, number: int) -> End:
        if number in self._skipped:
            return End.DONE
        cell = self.job.rebuilt.cells[number]
        timeout = self._timeout(cell)
        sink = CellOutputs(BOUNDS, self._spent(number))
        end = kernel.run(_text(cell.cell), timeout, sink)
        outputs = sink.finished()
        if sink.flooded:
            outputs = _uninterrupted(outputs)
            outputs.append(error_output("TooMuchOutput", f"This cell was stopped: {sink.flooded}."))
        elif end in (End.SLOW, End.STUCK):
            outputs = _uninterrupted(outputs)
            words = f"This cell was stopped: it took longer than {timeout:.3g} seconds."
            outputs.append(error_output("Timeout", words))
        elif end is End.DIED:
            words = f"This cell ended the notebook: {kernel.room.ended()}."
            outputs.append(error_output("KernelEnded", words))
        self.run.outputs[number] = outputs
        return end

    def _spent(self, number: int) -> Spent:
        """Count anew what was shown before a cell: a replay shows it again."""
        total = 0
        for before, outputs in self.run.outputs.items():
            if before < number:
                total += sum(len(str(output)) for output in outputs)
        return Spent(total)

    def _timeout(self, cell: "RebuiltCell") -> float:
        own = None
        if cell.source_index is not None:
            own = self.job.source.cells[cell.source_index].timeout
        left = max(self._until - time.monotonic(), LEAST)
        return min(own or self.job.timeout, left)

    def _blame(self, number: int, room: Room, words: str) -> int:
        """Return which cell to leave out: none where the kernel was killed from outside, once."""
        if room.vanished and number not in self._suspects:
            self._suspects.add(number)
            return -1
        self.run.notes.append(f"Cell {number + 1} ended the notebook ({room.ended() or words}).")
        if number in self._skipped:
            # It is not run again: something before it lingers. Leave out what ran before it.
            before = [other for other in self._numbers() if other < number]
            return before[-1] if before else number
        return number

    def close(self) -> None:
        """End all rooms."""
        for room in self._opened:
            with contextlib.suppress(OSError):
                room.close()


_WORDS = {End.STUCK: "it could not be stopped", End.DIED: "the kernel ended"}


def first_tests(cells: Sequence["RebuiltCell"]) -> dict[int, int]:
    """Return the number of the first test of each group, and how many tests follow it.

    A group is a run of test cells with no other code between them.
    """
    groups: dict[int, int] = {}
    current: int | None = None
    for number, cell in enumerate(cells):
        if cell.role == "test":
            current = number if current is None else current
            groups[current] = groups.get(current, 0) + 1
        elif cell.cell["cell_type"] == "code":
            current = None
    return groups


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _uninterrupted(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return outputs without the interrupt, which was the grader's."""
    return [output for output in outputs if output.get("ename") != "KeyboardInterrupt"]
