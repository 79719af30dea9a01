"""The watchdog: ends a kernel that takes too long or too much memory, and remembers why."""

import threading
import time

import psutil

from cmp784.headless import processes

#: Seconds between two looks at the kernel.
INTERVAL = 0.2
#: Seconds that an interrupted kernel has to say where it was, before it is killed.
GRACE = {"timed out": 3.0, "out of memory": 1.0, "failed": 1.0}
#: Characters of output after which a notebook is stopped: it would fill the runner's own memory.
OUTPUT_LIMIT = 64 * 2**20


class Watchdog:
    """Watch one kernel from a thread.

    A kernel over a limit is first interrupted as by Ctrl-C, so that Python can say which line it
    was at, and soon after killed with all of its children.

    Parameters
    ----------
    mark
        The mark in the environment of the kernel's processes.
    seconds
        Time limit, from the moment the kernel is ready.
    memory
        Limit in bytes for the kernel and its children together.
    """

    def __init__(self, mark: str, seconds: float, memory: int) -> None:
        self.mark, self.seconds, self.memory = mark, seconds, memory
        self.status: str | None = None  # the status that the notebook is condemned to
        self.reason = ""
        self.pid: int | None = None
        self._written = 0
        self._seen: dict[int, psutil.Process] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._lock = threading.Lock()

    def start(self, pid: int) -> None:
        """Begin to watch; called when the kernel is ready."""
        self.pid = pid
        self._deadline = time.monotonic() + self.seconds
        self._thread.start()

    def rest(self) -> None:
        """Stop judging; called after the last cell."""
        with self._lock:
            if self.status is None:
                self._over.set()

    def stop(self) -> None:
        """End the watch and every process that is left; called when the notebook has ended."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._kill()

    def count_output(self, characters: int) -> bool:
        """Count what the notebook wrote; return whether more is welcome."""
        self._written += characters
        if self._written > OUTPUT_LIMIT and self.status is None:
            self._condemn("failed", f"it wrote more than {OUTPUT_LIMIT / 2**20:.0f} MiB of output")
        return self._written <= OUTPUT_LIMIT

    def _watch(self) -> None:
        """Look at the kernel until it is over or condemned, then end it."""
        while self.status is None and not self._over.wait(INTERVAL):
            self._judge(self._look())
        if self.status is not None:
            self._end()

    def _look(self) -> int:
        """Return the bytes that the kernel and its children hold; remember who they are."""
        found = processes.tree(self.pid) if self.pid is not None else []
        self._seen.update({process.pid: process for process in found})
        return processes.memory(found)

    def _judge(self, used: int) -> None:
        if used > self.memory:
            held, limit = used / 2**20, self.memory / 2**20
            words = f"it held {held:.0f} MiB of memory; its limit is {limit:.0f} MiB"
            self._condemn("out of memory", words)
        elif time.monotonic() > self._deadline:
            self._condemn("timed out", f"it took longer than its limit of {self.seconds:g} s")

    def _condemn(self, status: str, reason: str) -> None:
        with self._lock:
            if self.status is None and not self._over.is_set():
                self.reason, self.status = reason, status

    def _end(self) -> None:
        """Interrupt the kernel, wait a little for its last words, and kill what is left."""
        end = time.monotonic() + GRACE[self.status or "failed"]
        if self.pid is not None:
            processes.ask_for_traceback(self.pid)
            processes.interrupt(self.pid)
        while time.monotonic() < end and not self._over.wait(INTERVAL / 4):
            if self._look() > 1.25 * self.memory:
                break
        self._kill()

    def _kill(self) -> None:
        self._look()
        processes.kill(self._seen.values())
        processes.kill_marked(self.mark)
