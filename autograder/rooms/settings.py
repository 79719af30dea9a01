"""What a room may use, and how it is walled."""

from dataclasses import dataclass, field

KiB = 1024
MiB = 1024 * KiB
GiB = 1024 * MiB


@dataclass(frozen=True)
class Limits:
    """What one room may use of the machine.

    Parameters
    ----------
    memory
        Bytes, of all processes of a room together.
    cpu
        Seconds of processor time, of each process.
    processes
        Processes and threads at once.
    file_size
        Bytes of the largest file.
    files
        Open files of each process.
    folder
        Bytes in the work folder, and as many in ``/tmp``.
    shared_memory
        Bytes in ``/dev/shm``.
    """

    memory: int = 4 * GiB
    cpu: int = 900
    processes: int = 128
    file_size: int = 64 * MiB
    files: int = 256
    folder: int = 256 * MiB
    shared_memory: int = 256 * MiB


@dataclass(frozen=True)
class RoomSettings:
    """How the rooms of a run are made.

    Parameters
    ----------
    isolation
        ``"warm"``, ``"cold"``, ``"container"`` or ``"none"``; see `autograder.rooms.choose`.
    limits
        What each room may use.
    preload
        Modules imported once, before rooms are forked.
    readable
        More files and folders that a room may read.
    device
        Name of a device that a room may use, such as ``nvidia0``.
    image
        The image that container rooms start from.
    """

    isolation: str = "warm"
    limits: Limits = field(default_factory=Limits)
    preload: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    device: str = ""
    image: str = ""
