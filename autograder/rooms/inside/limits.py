"""Limits that Linux keeps for each process of a room."""

import os
import platform
import resource
from typing import Any

# Since then processes are counted in each user namespace apart, not over the whole machine.
_COUNTED_APART = (5, 14)

# Addresses that a kernel's threads reserve and never use, each for its stack and its allocations.
_UNUSED = 1 << 30


def apply(limits: dict[str, Any], walled: bool) -> None:
    """Limit this process and what it starts; ``limits`` are the fields of `Limits`."""
    _set(resource.RLIMIT_AS, limits["memory"] + _address_space() + _UNUSED)
    _set(resource.RLIMIT_FSIZE, limits["file_size"])
    _set(resource.RLIMIT_NOFILE, limits["files"])
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_MSGQUEUE, 0)
    if walled and _release() >= _COUNTED_APART:
        _set(resource.RLIMIT_NPROC, limits["processes"])


def apply_to_work(limits: dict[str, Any]) -> None:
    """Limit the processor time of this process: init has none of this, it must outlive the rest."""
    # The first limit can be caught, so the second stands close behind it.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = limits["cpu"] if hard == resource.RLIM_INFINITY else min(limits["cpu"], hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 2 if hard < 0 else min(most + 2, hard)))


def _set(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _address_space() -> int:
    """Return how many bytes of addresses this process has: what was preloaded costs no room."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")


def _release() -> tuple[int, ...]:
    first, second = platform.release().split(".")[:2]
    return int(first), int("".join(c for c in second if c.isdigit()) or 0)
