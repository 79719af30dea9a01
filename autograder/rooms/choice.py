"""Which walls this machine can build."""

import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.rooms import bubblewrap, container, walls
from autograder.rooms.errors import RoomsError
from autograder.rooms.inside import trial
from autograder.rooms.settings import RoomSettings

ISOLATIONS = ("warm", "cold", "container", "none")
RISK = (
    "no walls: a hand-in can read, change and delete whatever you can, hidden tests and the "
    "gradebook included, and reach the network"
)
# A setting of Linux that forbids namespaces, the value that does, and what lifts it.
_SWITCHES = (
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor restricts user namespaces (Ubuntu 23.10 and later). Give /usr/bin/bwrap an "
        "AppArmor profile that allows 'userns', or run "
        "'sysctl kernel.apparmor_restrict_unprivileged_userns=0'",
    ),
    (
        "kernel/unprivileged_userns_clone",
        "0",
        "Debian's switch is off: run 'sysctl kernel.unprivileged_userns_clone=1'",
    ),
    (
        "user/max_user_namespaces",
        "0",
        "User namespaces are limited to none: run 'sysctl user.max_user_namespaces=15000'",
    ),
)
_OTHERWISE = (
    "If this is a container, start it with a seccomp and AppArmor profile that allows user "
    "namespaces (docker: '--security-opt seccomp=unconfined --security-opt apparmor=unconfined', "
    "Kubernetes: a profile with unshare, mount and pivot_root); if SELinux or a kernel without "
    "user namespaces is the reason, ask who runs the machine"
)


@dataclass(frozen=True)
class Choice:
    """The isolation to use.

    Parameters
    ----------
    isolation
        ``"warm"``, ``"cold"``, ``"container"`` or ``"none"``.
    why
        In words, why it is not the strongest and fastest, or what it risks; else ``""``.
    """

    isolation: str
    why: str


def choose(isolation: str | None = None, image: str = "") -> Choice:
    """Return the isolation that is asked for, or the fastest that has walls on this machine.

    Where namespaces cannot be nested, cold rooms are taken for warm ones: their walls are
    bubblewrap's alone. Rooms without walls are never taken unless they are asked for.

    Parameters
    ----------
    isolation
        What is asked for; None or ``""`` for the fastest.
    image
        The image of container rooms.

    Raises
    ------
    RoomsError
        What is asked for is unknown, or this machine cannot build any walls; with the remedy.
    """
    if isolation and isolation not in ISOLATIONS:
        raise RoomsError(f"Isolation {isolation!r} is unknown. Known: {', '.join(ISOLATIONS)}.")
    if isolation == "none":
        return Choice("none", RISK)
    if isolation == "container":
        container.command([], RoomSettings(isolation, image=image), "")
        return Choice("container", "")
    stands, complaint = _tried(bubblewrap.find(), os.environ.get("PATH", ""))
    if not stands:
        raise RoomsError(f"bubblewrap cannot build walls on this machine: {complaint}. {_remedy()}")
    if isolation == "cold":
        return Choice("cold", "")
    if complaint:
        return Choice("cold", f"namespaces cannot be nested on this machine: {complaint}")
    return Choice("warm", "")


@functools.cache
def _tried(program: str, path: str) -> tuple[bool, str]:
    """Return whether the outer wall stands, and what is wrong with it or with the inner one."""
    inside = [sys.executable, "-S", "-m", "autograder.rooms.inside.trial"]
    done = bubblewrap.said(walls.around(inside, RoomSettings("warm")))
    first, _, rest = done.stdout.strip().partition("\n")
    if first == trial.STANDS:
        return True, " ".join(rest.split())
    said = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
    return False, said[-1]


def _remedy() -> str:
    """Return what to do, by the name of the setting that is in the way, if one is."""
    found = [text for name, value, text in _SWITCHES if _read(name) == value]
    return (
        f"{'; '.join(found) or _OTHERWISE}. Or have rooms in containers ('--isolation container'), "
        f"or, knowingly, no walls at all ('--isolation none': {RISK})."
    )


def _read(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
