"""A room's first process: it outlives the kernel, reaps, watches memory, and ends the room."""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Iterable
from typing import Any

from autograder.rooms.inside import processes, wire

TICK = 0.1  # seconds between two looks at the room's memory
# To count shared pages once takes long with many snapshots: the room's work gets ten times that.
REST = 10


class Init:
    """Serves the grader's requests until the grader hangs up.

    Parameters
    ----------
    control
        The connection to the grader.
    child
        The process number of the kernel or the examiner.
    complaints
        A pipe that holds why it could not start, if it could not.
    limits
        The fields of `Limits`.
    folders
        Where the room may write; what lies there is memory when the room has walls.
    grouped
        Whether Linux itself limits the memory of the room as a whole.
    """

    def __init__(
        self,
        control: socket.socket,
        child: int,
        complaints: int,
        limits: dict[str, Any],
        folders: Iterable[str],
        grouped: bool = False,
    ) -> None:
        self.control = control
        self.child = child
        self.complaints = complaints
        self.limits = limits
        self.folders = list(folders)
        self.grouped = grouped
        self.alive = True
        self.why = ""
        self._weighed = 0.0

    def run(self) -> None:
        """Return when the grader wants the room to end."""
        wake, waker = socket.socketpair()
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        watched = select.poll()
        watched.register(self.control, select.POLLIN)
        watched.register(wake, select.POLLIN)
        self._reap()
        last = time.monotonic()
        while True:
            ready = {number for number, _ in watched.poll(TICK * 1000)}
            if wake.fileno() in ready:
                wake.recv(4096)
                self._reap()
            if self.control.fileno() in ready and not self._obey():
                return
            if time.monotonic() - last >= TICK:
                self._watch()
                last = time.monotonic()

    def _obey(self) -> bool:
        """Do what the grader asks; False when it hangs up."""
        try:
            message, _ = wire.receive(self.control)
        except (OSError, wire.WireError):
            return False
        if message is None:
            return False
        if "signal" in message and self.alive:
            number = int(message["signal"])
            # A kernel that has just started is not yet the head of a group.
            if not _signal(os.killpg, self.child, number):
                _signal(os.kill, self.child, number)
        if "end" in message:
            self._end_one(message["end"])
        if "continue" in message:
            for process in processes.descendants(os.getpid()):
                _signal(os.kill, process.number, signal.SIGCONT)
        return True

    def _end_one(self, number: Any) -> None:
        """End a process of the room and its group; its number is the room's own word."""
        if any(one.number == number for one in processes.descendants(os.getpid())):
            _signal(os.killpg, number, signal.SIGKILL)
            _signal(os.kill, number, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            try:
                number, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not number:
                return
            if number == self.child:
                self.alive = False
                os.set_blocking(self.complaints, False)
                with contextlib.suppress(BlockingIOError):
                    text = os.read(self.complaints, 4000).decode(errors="replace")
                    self.why = self.why or (text and f"it could not go on: {text}")
                seconds = usage.ru_utime + usage.ru_stime
                self._tell({"ended": os.waitstatus_to_exitcode(status), "seconds": seconds})

    def _tell(self, message: dict[str, Any]) -> None:
        # If the grader has hung up, the next look at the connection says so.
        with contextlib.suppress(OSError):
            wire.send(self.control, {**message, "why": self.why})

    def _watch(self) -> None:
        """End what uses more than a room may."""
        found = processes.descendants(os.getpid())
        threads = sum(process.threads for process in found)
        if threads > self.limits["processes"]:
            self.why = f"it ran more than {self.limits['processes']} processes and threads at once"
            self._end(found)
            return
        begun = time.monotonic()
        if self.grouped or begun < self._weighed:
            return
        if sum(process.resident for process in found) + self._written() > self.limits["memory"]:
            self._weigh(found)
            self._weighed = begun + (REST + 1) * (time.monotonic() - begun)

    def _weigh(self, found: list[processes.Process]) -> None:
        """Count shared pages once, and end the largest process if it is still too much."""
        sizes = {process: processes.proportional(process) for process in found}
        if sum(sizes.values()) + self._written() > self.limits["memory"]:
            largest = max(sizes, key=lambda process: sizes[process])
            self.why = f"it used more than {self.limits['memory'] >> 20} MiB of memory"
            self._end([largest])
            if largest.number != self.child:
                self._tell({"stopped": largest.number})

    def _end(self, found: list[processes.Process]) -> None:
        for process in found:
            _signal(os.kill, process.number, signal.SIGKILL)

    def _written(self) -> int:
        """Return the bytes of files that lie in memory."""
        total = 0
        for folder in self.folders:
            try:
                state = os.statvfs(folder)
            except OSError:
                continue
            total += (state.f_blocks - state.f_bfree) * state.f_frsize
        return total


def end_all() -> None:
    """Kill and reap every descendant, those too that are forked meanwhile."""
    while True:
        for process in processes.descendants(os.getpid()):
            _signal(os.kill, process.number, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _signal(kill: Any, number: int, which: int) -> bool:
    try:
        kill(number, which)
    except OSError:
        return False
    return True
