"""Calls of the Linux kernel that Python's `os` lacks."""

import contextlib
import ctypes
import os
import platform
import struct
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWCGROUP = 0x02000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_SECUREBITS, _PR_SET_CHILD_SUBREAPER = 28, 36
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION = 0x20080522
# Root's powers are never given back, by keeping or by raising: all of them, and locked.
_SECUREBITS = 0b11101111
_MADV_COLLAPSE, _HUGE = 25, 2 << 20
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(option: int, value: int = 0, third: int = 0) -> None:
    arguments = (ctypes.c_ulong(n) for n in (value, third, 0, 0))
    _check(_libc.prctl(option, *arguments), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave the namespaces that ``flags`` name for new ones."""
    _check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mount a file system of some kind at ``target``."""
    result = _libc.mount(
        source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    _check(result, f"mount {kind or source} at {target}")


def die_with_parent(signal: int) -> None:
    """Let the kernel send ``signal`` to this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def set_dumpable(dumpable: bool) -> None:
    """Say whether other processes of the same user may look into this one."""
    _prctl(_PR_SET_DUMPABLE, int(dumpable))


def adopt_orphans() -> None:
    """Make this process the parent of whatever its descendants leave behind."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def drop_privileges() -> None:
    """Give up all capabilities and every way to regain one."""
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break
    # Without CAP_SETPCAP there was nothing to give up.
    with contextlib.suppress(OSError):
        _prctl(_PR_SET_SECUREBITS, _SECUREBITS)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    nothing = ctypes.create_string_buffer(24)
    number = _SYS_CAPSET[platform.machine()]
    _check(_libc.syscall(ctypes.c_long(number), header, nothing), "capset")
    forbid_new_privileges()


def forbid_new_privileges() -> None:
    """Let no program that is started from here gain privileges."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def call(number: int, *arguments: Any) -> int:
    """Make a system call by its number."""
    return _check(_libc.syscall(ctypes.c_long(number), *arguments), f"system call {number}")


def use_huge_pages() -> None:
    """Put what this process holds into huge pages: forking it then costs a quarter.

    A fork copies an entry for each page, and torch fills forty thousand small ones. Linux before
    6.1 knows no such wish; forks are as good there, and slower.
    """
    with open("/proc/self/maps") as maps:
        fields = [line.split() for line in maps]
    for place, rights, *_, name in (field if len(field) > 5 else [*field, ""] for field in fields):
        if rights.startswith("rw") and rights.endswith("p") and name in ("", "[heap]"):
            first, last = (int(number, 16) for number in place.split("-"))
            for address in range(-(-first // _HUGE) * _HUGE, last // _HUGE * _HUGE, _HUGE):
                # Where there are only a few pages it refuses, and nothing is lost.
                _libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(_HUGE), _MADV_COLLAPSE)
