"""All rooms of one worker process."""

import threading
import weakref
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TypeVar

from autograder.rooms import cgroups
from autograder.rooms.errors import RoomsError
from autograder.rooms.examiner import Examiner
from autograder.rooms.folders import Folder
from autograder.rooms.occupant import Occupant
from autograder.rooms.room import Room
from autograder.rooms.settings import RoomSettings
from autograder.rooms.zygotes import Zygote

Made = TypeVar("Made", bound=Occupant)


class Rooms:
    """Makes rooms, for any number of threads, and ends them all in the end.

    Parameters
    ----------
    settings
        How rooms are made; its isolation is taken as it is, see `choose`.
    examiner
        Whether to prepare for examiners' rooms at once.

    Examples
    --------
    ::

        with Rooms(RoomSettings(preload=("numpy",))) as rooms, rooms.open() as room:
            NotebookClient(notebook, km=room.manager).execute()
    """

    def __init__(self, settings: RoomSettings, *, examiner: bool = True) -> None:
        self.settings = settings
        self._private = Folder()
        self._folder = self._private.path
        self._zygote: Zygote | None = None
        # One process for both: what takes long is to import what they share.
        self._kind = "both" if examiner else "student"
        self._lock = threading.Lock()
        self._closed = False
        self._open: weakref.WeakSet[Occupant] = weakref.WeakSet()
        self._finalizer = weakref.finalize(self, self._private.close)
        try:
            if settings.isolation in ("warm", "none"):
                self._zygote = Zygote(self._kind, settings)
        except BaseException:
            self.close()
            raise

    def open(
        self,
        files: Mapping[str, bytes] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        heartbeat: bool = False,
    ) -> Room:
        """Return a new student's room, with ``files`` in its work folder.

        Raises
        ------
        RoomsError
            It cannot be made.
        """
        return self._make(
            "student",
            lambda zygote: Room(zygote, self._folder, files or {}, environment or {}, heartbeat),
        )

    def examiner(
        self,
        files: Mapping[str, bytes] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Examiner:
        """Return a new examiner's room; raise `RoomsError` if it cannot be made."""
        return self._make(
            "examiner", lambda zygote: Examiner(zygote, files or {}, environment or {})
        )

    def _make(self, what: str, make: Callable[[Zygote], Made]) -> Made:
        """Make a room; a zygote that was killed meanwhile is replaced, once."""
        try:
            made = make(self._source(what))
        except RoomsError:
            zygote = self._zygote
            if zygote is None or zygote.is_alive() or not zygote.was_ready:
                raise
            made = make(self._source(what))
        with self._lock:
            self._open.add(made)
        return made

    def _source(self, what: str) -> Zygote:
        """Return what the next room comes from."""
        if self.settings.isolation not in ("warm", "none"):
            return Zygote(what, self.settings)
        with self._lock:
            if self._closed:
                raise RoomsError("These rooms were closed.")
            if self._zygote is None or not self._zygote.is_alive():
                if self._zygote is not None:
                    self._zygote.close()
                self._zygote = Zygote(self._kind, self.settings)
            return self._zygote

    def close(self) -> None:
        """End every room and every zygote, and remove what they left."""
        with self._lock:
            self._closed = True
            rooms, zygote = list(self._open), self._zygote
        for room in rooms:
            room.close()
        if zygote is not None:
            zygote.close()
        cgroups.remove_leftover(1)
        self._finalizer()

    def __enter__(self) -> "Rooms":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
