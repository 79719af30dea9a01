"""The processes of a kernel: how much memory they take, and how to end every one of them."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

#: Every process that a run starts carries the run's mark in this environment variable.
MARK = "CMP784_RUN"


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants; empty when it is gone."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(processes: Iterable[psutil.Process]) -> int:
    """Return the resident bytes of some processes together."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes of this user on this machine that carry a mark, or one below it.

    ``a/1`` lies below ``a``; ``a/10`` does not lie below ``a/1``. A child that moved to a session
    of its own, or whose parent died, is found here too.

    Raises
    ------
    ValueError
        When the mark is empty: every process would carry it.
    """
    if not mark:
        raise ValueError("the mark is empty; expected the mark of a run or of a notebook.")
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            own = process.pid == os.getpid()
            if not own and f"{process.environ().get(MARK, '')}/".startswith(f"{mark}/"):
                found.append(process)
    return found


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes at once; those that are gone are none."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()


def kill_marked(mark: str) -> int:
    """Kill all that carry a mark, until none is left; return how many there were."""
    killed = 0
    for _ in range(5):  # a process may be born while we look
        found = marked(mark)
        if not found:
            break
        kill(found)
        psutil.wait_procs(found, timeout=2)
        killed += len(found)
    return killed


def interrupt(pid: int) -> None:
    """Send a process the signal of Ctrl-C."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGINT)


def ask_for_traceback(pid: int) -> None:
    """Make a kernel of ours write down where it is; see ``launcher``."""
    if hasattr(signal, "SIGUSR1"):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGUSR1)
            time.sleep(0.1)


def describe_exit(status: int | None) -> str:
    """Say how a process ended.

    Examples
    --------
    >>> describe_exit(3), describe_exit(-11)
    ('exit status 3', 'signal SIGSEGV')
    """
    if status is None:
        return "exit status unknown"
    if status >= 0:
        return f"exit status {status}"
    with suppress(ValueError):
        return f"signal {signal.Signals(-status).name}"
    return f"signal {-status}"
