"""One writer at a time: a lock that the system frees when its holder ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.errors import AutograderError
from autograder.workspace import Workspace

#: Seconds between two looks at a lock.
PAUSE = 0.2


class LockError(AutograderError):
    """Another process writes the gradebook of this course."""


@contextmanager
def one_writer(workspace: Workspace, patience: float = 2.0) -> Iterator[None]:
    """Hold the lock of a course.

    Parameters
    ----------
    workspace
        The course.
    patience
        Seconds to wait for another writer.

    Raises
    ------
    LockError
        When another process holds it.
    """
    workspace.run_time.mkdir(parents=True, exist_ok=True)
    path = workspace.run_time / "grading.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + patience
        while not _take(handle):
            if time.monotonic() > deadline:
                holder = os.pread(handle, 100, 0).decode(errors="replace").strip() or "unknown"
                raise LockError(
                    f"'{path}': another 'autograder' is grading in this course (process {holder}). "
                    "Wait until it ends, or stop it with Ctrl-C; what it has done stays."
                )
            time.sleep(PAUSE)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
