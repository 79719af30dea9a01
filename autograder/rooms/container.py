"""The command line that starts a room in a container, where an institution wants one."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from autograder.rooms import bubblewrap
from autograder.rooms.environment import DATA, THREADS
from autograder.rooms.errors import RoomsError
from autograder.rooms.inside import walls as inside_walls
from autograder.rooms.settings import RoomSettings

ENGINES = ("podman", "docker")
PACKAGES = "/opt/rooms"  # where the course's packages are, in the container
MEETING = "/run/rooms"  # where the grader waits for the room's call, in the container


def engine() -> str:
    """Return where podman or docker is; raise `RoomsError` where there is neither."""
    for name in ENGINES:
        if program := shutil.which(name):
            return program
    raise RoomsError(
        "Rooms in containers need podman or docker, and neither is installed. Install podman "
        "('apt install podman'), or use '--isolation warm', which needs bubblewrap only."
    )


def command(inside: Sequence[str], settings: RoomSettings, meeting: str) -> list[str]:
    """Return the command that runs ``inside`` in a container of its own.

    The image needs a ``python3`` with ipykernel and what the notebooks import; the grader's own
    packages are mounted.

    Parameters
    ----------
    inside
        What follows ``python3``.
    settings
        The image and the limits.
    meeting
        A folder with the socket that the room calls.

    Raises
    ------
    RoomsError
        There is no container engine, or no image is named.
    """
    program = engine()
    if not settings.image:
        raise RoomsError("Rooms in containers need an image: set `image` in the rooms' settings.")
    limits = settings.limits
    words = [program, "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "all"]
    words += ["--security-opt", "no-new-privileges", "--user", str(bubblewrap.NOBODY)]
    words += ["--pids-limit", str(limits.processes + 8), "--memory", str(limits.memory)]
    words += ["--memory-swap", str(limits.memory), "--shm-size", str(limits.shared_memory)]
    for folder in ("/tmp", inside_walls.HOME):
        words += ["--tmpfs", f"{folder}:rw,nosuid,nodev,mode=1777,size={limits.folder}"]
    for place, target in _mounts(settings, meeting).items():
        words += ["--volume", f"{place}:{target}:ro"]
    for device in bubblewrap.device_files(settings.device):
        words += ["--device", device]
    for name, value in _variables().items():
        words += ["--env", f"{name}={value}"]
    return [*words, settings.image, "python3", *inside]


def _mounts(settings: RoomSettings, meeting: str) -> dict[str, str]:
    course = Path(__file__).resolve().parents[2]
    mounts = {str(course / name): f"{PACKAGES}/{name}" for name in ("autograder", "cmp784")}
    if data := os.environ.get("CMP784_DATA"):
        mounts[str(Path(data).resolve())] = DATA
    readable = {place: place for place in map(os.path.abspath, settings.readable)}
    return {**mounts, meeting: MEETING, **readable}


def _variables() -> dict[str, str]:
    return {"PYTHONPATH": PACKAGES, "PYTHONHASHSEED": "0", "HOME": "/tmp"} | dict.fromkeys(
        THREADS, "1"
    )
