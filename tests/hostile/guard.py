"""Run a command, and tell which processes it has left behind: `python guard.py FILE COMMAND...`.

Orphans of the command become children of this process, so none gets lost; FILE gets their command
lines as JSON. Whoever is still there in the end is killed.
"""

import ctypes
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36
#: Seconds that processes have for their ends, once the command is over.
PATIENCE = 10.0


def main() -> int:
    """Run the command and write the list."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    report, *command = sys.argv[1:]
    status = subprocess.call(command)
    end = time.monotonic() + PATIENCE
    while left() and time.monotonic() < end:
        time.sleep(0.1)
    lines = {str(one.pid): told(one) for one in left()}
    for one in left():
        one.kill()
    Path(report).write_text(json.dumps(lines))
    return status


def left() -> list[psutil.Process]:
    """List the processes below this one that still run."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if running(one)]


def running(process: psutil.Process) -> bool:
    """Whether a process still runs: one that has ended and is not waited for does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def told(process: psutil.Process) -> str:
    """Give its command line, if it is still there."""
    try:
        return " ".join(process.cmdline())[:300]
    except psutil.Error:
        return ""


if __name__ == "__main__":
    sys.exit(main())
