"""The walls of a room, as seen by the process that builds them from inside."""

import os
import socket
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.rooms.inside import system

OWN = "own"  # this process builds them: namespaces of its own, inside the zygote's
GIVEN = "given"  # bubblewrap or a container has built them around this process
NONE = "none"  # there are none

_NAMESPACES = (
    system.CLONE_NEWUSER
    | system.CLONE_NEWNS
    | system.CLONE_NEWPID
    | system.CLONE_NEWNET
    | system.CLONE_NEWIPC
    | system.CLONE_NEWUTS
)
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_O_PATH = 0o10000000
USER = 1000
HOME = "/room"  # not below /home: Python itself may live there


@dataclass(frozen=True)
class Folders:
    """Where a room's code may write; ``base`` is removed at the end, if it is anything."""

    home: Path
    work: Path
    temporary: str
    in_memory: tuple[str, ...] = ()
    base: str = ""


def build(kind: str, settings: dict[str, Any]) -> Folders:
    """Build what is not there yet and return the folders."""
    if kind == NONE:
        base = tempfile.mkdtemp(prefix="room-")
        home, temporary = Path(base, "home"), Path(base, "tmp")
        temporary.mkdir()
        folders = Folders(home, home / "work", str(temporary), base=base)
    else:
        if kind == OWN:
            build_own(settings["limits"], settings["readable"])
        home = Path(HOME)
        folders = Folders(home, home / "work", "/tmp", (HOME, "/tmp", "/dev/shm"))
    folders.work.mkdir(parents=True)
    return folders


def leave_namespaces() -> None:
    """Start new namespaces; the next fork is the first process of the new room."""
    user, group = os.getuid(), os.getgid()
    # Otherwise the maps below belong to root.
    system.set_dumpable(True)
    system.unshare(_NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{USER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{USER} {group} 1")


def build_own(limits: dict[str, Any], readable: Sequence[str] = ()) -> None:
    """Build walls in the namespaces that `leave_namespaces` has made."""
    _mount(limits, readable)
    _raise_loopback()


def _mount(limits: dict[str, Any], readable: Sequence[str]) -> None:
    """Cover every folder that could be written with one of the room's own."""
    system.mount("none", "/", "", system.MS_REC | system.MS_PRIVATE)
    flags = system.MS_NOSUID | system.MS_NODEV
    kept = {place: os.open(place, _O_PATH) for place in readable if place.startswith("/tmp/")}
    sizes = {"/tmp": limits["folder"], HOME: limits["folder"], "/dev/shm": limits["shared_memory"]}
    for folder, size in sizes.items():
        options = f"size={size},nr_inodes=32768,mode=0755,uid={USER},gid={USER}"
        system.mount("tmpfs", folder, "tmpfs", flags, options)
    for place, file in kept.items():
        _show_again(place, file)
    system.mount("proc", "/proc", "proc", flags | system.MS_NOEXEC)
    socket.sethostname("room")


def _show_again(place: str, file: int) -> None:
    """Put what may be read back on top of a private folder that has covered it."""
    path = Path(place)
    if os.path.isdir(f"/proc/self/fd/{file}"):
        path.mkdir(parents=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    system.mount(f"/proc/self/fd/{file}", place, "", system.MS_BIND | system.MS_REC)
    os.close(file)


def _raise_loopback() -> None:
    """Let processes of one room talk to each other by 127.0.0.1; there is no other network."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        name, flags, rest = struct.unpack("16sH14s", fcntl.ioctl(sock, _SIOCGIFFLAGS, request))
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sH14s", name, flags | _IFF_UP, rest))
