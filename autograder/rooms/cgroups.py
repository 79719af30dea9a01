"""Control groups: limits on memory and processes that Linux keeps for a room as a whole.

They are used where they are at hand: version 1 or 2, as root or where a part of the tree is
delegated to the user. Everywhere the room's init watches too, ten times a second.
"""

import contextlib
import functools
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.rooms.settings import Limits

MOUNT = Path("/sys/fs/cgroup")
PREFIX = "cmp784-"
_leftover: list[Path] = []


@dataclass(frozen=True)
class Group:
    """A group for one room: its folders, one for version 2, one each for version 1."""

    folders: tuple[Path, ...]

    def add(self, process: int) -> None:
        """Put a process into the group; what it starts later belongs to it too."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(process))

    def ran_out_of_memory(self) -> bool:
        """Return whether Linux has ended a process for the group's use of memory."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    counts = dict(line.split() for line in (folder / name).read_text().splitlines())
                    if int(counts.get("oom_kill", 0)):
                        return True
        return False

    def remove(self) -> None:
        """Remove the group as soon as its last process has ended."""
        _leftover.extend(self.folders)
        remove_leftover(0)


def make(limits: Limits) -> Group | None:
    """Return a new group with a room's limits, or None where there can be none."""
    remove_leftover(0)
    name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
    made = []
    for base in bases():
        with contextlib.suppress(OSError):
            (base / name).mkdir()
            made.append(base / name)
            _limit(base / name, limits)
    return Group(tuple(made)) if made else None


def _limit(folder: Path, limits: Limits) -> None:
    values = {
        "memory.limit_in_bytes": limits.memory,
        "memory.memsw.limit_in_bytes": limits.memory,
        "memory.max": limits.memory,
        "memory.swap.max": 0,
        # Init, and a moment in which a process has ended but was not reaped.
        "pids.max": limits.processes + 8,
    }
    for name, value in values.items():
        if (folder / name).exists():
            with contextlib.suppress(OSError):
                (folder / name).write_text(str(value))


def remove_leftover(seconds: float) -> None:
    """Remove the groups of rooms that were closed; wait that long for their last processes."""
    deadline = time.monotonic() + seconds
    while True:
        for folder in list(_leftover):
            with contextlib.suppress(OSError):
                folder.rmdir()
            if not folder.exists():
                # Another thread may have been here first.
                with contextlib.suppress(ValueError):
                    _leftover.remove(folder)
        if not _leftover or time.monotonic() >= deadline:
            return
        time.sleep(0.005)


@functools.cache
def bases() -> tuple[Path, ...]:
    """Return the groups below which rooms' groups can be made: one, two (version 1) or none."""
    own = _own_groups()
    version_1 = [
        folder
        for name in ("memory", "pids")
        if name in own and _works(folder := MOUNT / name / own[name].lstrip("/"))
    ]
    if version_1:
        return tuple(version_1)
    here = MOUNT / own.get("", "/").lstrip("/")
    for folder in (MOUNT, here, here.parent):
        if _works(folder) and folder.is_relative_to(MOUNT):
            return (folder,)
    return ()


def _own_groups() -> dict[str, str]:
    """Return this process's group by controller; version 2 has no controller's name."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return {}
    fields = [line.split(":", 2) for line in lines]
    return {name: path for _, names, path in fields for name in names.split(",")}


def _works(base: Path) -> bool:
    """Try to make a group and to limit it; sweep up what killed graders have left."""
    for left in base.glob(f"{PREFIX}*-*"):
        if not Path("/proc", left.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                left.rmdir()
    trial = base / f"{PREFIX}{os.getpid()}-trial"
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        limits = [trial / name for name in ("memory.limit_in_bytes", "memory.max", "pids.max")]
        return os.access(trial / "cgroup.procs", os.W_OK) and any(map(Path.exists, limits))
    finally:
        with contextlib.suppress(OSError):
            trial.rmdir()
