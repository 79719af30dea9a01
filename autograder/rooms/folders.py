"""The private folder of each process that holds rooms, where their sockets lie."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

from autograder.rooms.errors import RoomsError

PREFIX = "rooms-"
_LOCK = "lock"
# A unix socket's path has at most 107 bytes, and a room adds a name of 11.
_LONGEST = 90
_NEW = 60  # seconds in which a folder without a lock may be one that is just being made


class Folder:
    """A private folder with a short path; it is removed by `close`, or by the next grader.

    Raises
    ------
    RoomsError
        No folder with a short path can be written.
    """

    def __init__(self) -> None:
        self.path = _make()
        # Linux gives the lock back however this process ends.
        self._lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove the folder with what is in it."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def _make() -> Path:
    for parent in (None, "/tmp", "/var/tmp"):
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            if len(str(folder).encode()) <= _LONGEST:
                _sweep(folder.parent)
                return folder
            folder.rmdir()
    raise RoomsError(
        "No folder for sockets: neither the temporary folder nor /tmp can be written with a path "
        f"of at most {_LONGEST} bytes. Set TMPDIR to a short path."
    )


def _sweep(parent: Path) -> None:
    """Remove the folders of graders that were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            if (folder / _LOCK).exists():
                _remove_if_unlocked(folder)
            elif time.time() - folder.stat().st_mtime > _NEW:
                shutil.rmtree(folder, ignore_errors=True)


def _remove_if_unlocked(folder: Path) -> None:
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        # An error means that somebody holds it.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
