"""The command lines that start a process behind bubblewrap's walls."""

import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.rooms import environment
from autograder.rooms.errors import RoomsError
from autograder.rooms.inside import walls as inside
from autograder.rooms.settings import RoomSettings

# Who lives in rooms where the grader itself is root: root is never let in.
NOBODY = 65534
OLDEST = (0, 7)  # the first version that can limit the size of a folder in memory
INSTALL = (
    "Install it with the system's packages: 'apt install bubblewrap', 'dnf install bubblewrap' "
    "or 'pacman -S bubblewrap'."
)
# What programs need of the system's settings; nothing in them names a person or a host.
_ETC = (
    *("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime"),
    *("matplotlibrc", "mime.types", "nsswitch.conf", "timezone"),
)
# Killed itself, or what bubblewrap had started.
_KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/bin", "/sbin")
# Where device files of graphics cards lie, with what their drivers read besides.
_DRIVERS = ("/sys/dev/char", "/sys/devices", "/sys/module/nvidia", "/sys/class/drm", "/sys/bus/pci")


def command(work: Sequence[str], settings: RoomSettings, once: bool) -> list[str]:
    """Return the command that runs ``work`` behind walls.

    As root there are two bubblewraps: the outer one reaches what only root may, such as a Python
    below ``/root``; the inner one is started by a user without privileges.

    Parameters
    ----------
    work
        The program and its arguments.
    settings
        What may be read, and how much written.
    once
        Whether these are a room's own walls, not those around a zygote.

    Raises
    ------
    RoomsError
        bubblewrap is missing or too old, or something that is to be readable is not there.
    """
    program = find()
    places = readable_places(settings.readable)
    words = [program, "--unshare-all", "--die-with-parent", "--new-session", "--hostname", "room"]
    words += ["--cap-drop", "ALL", *_folders(settings), *_tree(places), "--proc", "/proc"]
    words += [*_devices(settings), "--chdir", "/", "--remount-ro", "/"]
    words += ["--as-pid-1"] if once else []
    if os.getuid() != 0:
        return [*words, "--", *work]
    # Process numbers of its own: an inner process does not die with an outer one of another user,
    # but all of them die with the first of their numbering.
    outer = [program, "--unshare-pid", "--die-with-parent"]
    outer += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    outer += ["--tmpfs", "/tmp", *_tree([*places, os.path.realpath(program)])]
    outer += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev"]
    if settings.device:
        outer += ["--ro-bind", "/sys", "/sys"]
    return [*outer, "--", *_drop_root(), *words, "--", *work]


def find() -> str:
    """Return where bubblewrap is; raise `RoomsError` where it is not, or too old."""
    program = shutil.which("bwrap")
    if program is None:
        raise RoomsError(f"bubblewrap (the program 'bwrap') is not installed. {INSTALL}")
    if (version := _version(program)) < OLDEST:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST))
        raise RoomsError(f"{program} is version {found}, but rooms need {needed} or newer.")
    return program


@functools.cache
def _version(program: str) -> tuple[int, ...]:
    numbers = said([program, "--version"]).stdout.split()[-1:] or ["0"]
    return tuple(int(number) for number in numbers[0].split(".") if number.isdigit())


def said(words: Sequence[str], retries: int = 2) -> "subprocess.CompletedProcess[str]":
    """Run a command that tells something; again if it was killed, by which it tells nothing."""
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment.of_zygote(),
        cwd="/",
        check=False,
    )
    if retries and done.returncode in _KILLED:
        return said(words, retries - 1)
    return done


def _drop_root() -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise RoomsError("As root, rooms need the program 'setpriv': install util-linux.")
    return [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]


def readable_places(more: Iterable[str]) -> list[str]:
    """Return what can be read inside, at the same paths as outside.

    Raises
    ------
    RoomsError
        Something in ``more`` is not there.
    """
    for place in more:
        if not os.path.exists(place):
            raise RoomsError(f"Rooms are to read {place!r}, which does not exist.")
    places = {"/usr", *_python(), *_packages(), *(os.path.abspath(place) for place in more)}
    places |= {f"/etc/{name}" for name in _ETC}
    if data := os.environ.get("CMP784_DATA"):
        places.add(str(Path(data).resolve()))
    kept = sorted(place for place in places if place and os.path.exists(place))
    # What lies in a folder that is there already need not be bound once more.
    return [
        place
        for place in kept
        if not any(place != other and Path(place).is_relative_to(other) for other in kept)
    ]


def _python() -> set[str]:
    """Return the folders of this Python and its libraries."""
    paths = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.base_prefix)}
    return paths | {sysconfig.get_paths()[key] for key in ("stdlib", "purelib", "platlib")}


def _packages() -> list[str]:
    """Return the folders of the course's packages: never the course folder they may lie in."""
    specs = [importlib.util.find_spec(name) for name in ("cmp784", "autograder")]
    return [os.path.dirname(spec.origin) for spec in specs if spec and spec.origin]


def _tree(places: Sequence[str]) -> list[str]:
    """Return the arguments that lay out what can be read."""
    words = []
    for library in _LIBRARIES:
        if os.path.islink(library):
            words += ["--symlink", os.readlink(library), library]
        elif os.path.isdir(library):
            words += ["--ro-bind", library, library]
    above = {str(parent) for place in places for parent in Path(place).parents} - {"/"}
    for parent in sorted(above):
        # Made by bubblewrap alone, they would be closed to all but their owner.
        words += ["--perms", "0755", "--dir", parent]
    for place in places:
        words += ["--ro-bind", place, place]
    return words


def _folders(settings: RoomSettings) -> list[str]:
    """Return the arguments for what can be written, in memory and no larger than allowed."""
    words = []
    for folder in (inside.HOME, "/tmp"):
        words += ["--size", str(settings.limits.folder), "--tmpfs", folder]
    return words


def _devices(settings: RoomSettings) -> list[str]:
    words = ["--dev", "/dev", "--size", str(settings.limits.shared_memory), "--tmpfs", "/dev/shm"]
    for device in device_files(settings.device):
        words += ["--dev-bind", device, device]
    if settings.device:
        for place in filter(os.path.exists, _DRIVERS):
            words += ["--ro-bind", place, place]
    return [*words, "--remount-ro", "/dev"]


def device_files(name: str) -> list[str]:
    """Return the device files that belong to a device's name; raise `RoomsError` if none does."""
    if not name:
        return []
    path = Path("/dev", name)
    if "/" in name or not path.exists():
        there = sorted(entry.name for entry in Path("/dev").iterdir())
        known = [entry for entry in there if entry.startswith(("nvidia", "kfd", "dri", "accel"))]
        raise RoomsError(
            f"There is no device {str(path)!r}. Devices for computing here: "
            f"{', '.join(known) or 'none'}."
        )
    shared = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools") if name.startswith("nvidia") else ()
    return [str(path), *(f"/dev/{other}" for other in shared if Path("/dev", other).exists())]
