"""The processes of a room, as its init sees them."""

import os
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGESIZE")


@dataclass(frozen=True)
class Process:
    """One process: who started it, how many threads it has, and how many bytes it holds."""

    number: int
    parent: int
    threads: int
    resident: int
    state: str


def descendants(ancestor: int) -> list[Process]:
    """Return all living processes that ``ancestor`` or its descendants started."""
    children: dict[int, list[Process]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (process := _read(int(name))):
            children.setdefault(process.parent, []).append(process)
    found, waiting = [], [ancestor]
    while waiting:
        for process in children.pop(waiting.pop(), ()):
            found.append(process)
            waiting.append(process.number)
    return found


def proportional(process: Process) -> int:
    """Return the bytes a process holds, shared pages divided among those who share them."""
    try:
        with open(f"/proc/{process.number}/smaps_rollup") as file:
            lines = [line.split() for line in file]
    except OSError:
        return process.resident
    return 1024 * sum(int(line[1]) for line in lines if line[0] == "Pss:")


def _read(number: int) -> Process | None:
    try:
        with open(f"/proc/{number}/stat") as file:
            # The name in brackets may hold anything, brackets and spaces too.
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    if len(fields) < 22 or fields[0] in "ZX":
        return None
    return Process(number, int(fields[1]), int(fields[17]), int(fields[21]) * _PAGE, fields[0])
