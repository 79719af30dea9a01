"""All rooms of one worker process."""

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
    """Makes rooms, and ends them all in the end.

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
        self._zygotes: dict[str, Zygote] = {}
        self._open: weakref.WeakSet[Occupant] = weakref.WeakSet()
        self._finalizer = weakref.finalize(self, self._private.close)
        try:
            for what in ("student", "examiner") if examiner else ("student",):
                if settings.isolation in ("warm", "none"):
                    self._zygotes[what] = Zygote(what, settings)
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
            made = make(self._zygote(what))
        except RoomsError:
            zygote = self._zygotes.get(what)
            if zygote is None or zygote.is_alive() or not zygote.was_ready:
                raise
            made = make(self._zygote(what))
        self._open.add(made)
        return made

    def _zygote(self, what: str) -> Zygote:
        if self.settings.isolation not in ("warm", "none"):
            return Zygote(what, self.settings)
        zygote = self._zygotes.get(what)
        if zygote is None or not zygote.is_alive():
            if zygote is not None:
                zygote.close()
            zygote = self._zygotes[what] = Zygote(what, self.settings)
        return zygote

    def close(self) -> None:
        """End every room and every zygote, and remove what they left."""
        for room in list(self._open):
            room.close()
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()
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
