"""The grader's end of a student's room."""

import contextlib
import os
import secrets
import socket
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from autograder.rooms.errors import RoomsError
from autograder.rooms.inside import wire
from autograder.rooms.occupant import Occupant, settings_of, short_name, wait_for
from autograder.rooms.zygotes import Zygote

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

    from autograder.rooms.provisioner import RoomManager

CHANNELS = 5  # shell, iopub, stdin, control, heartbeat
PATIENCE = 1.0  # seconds until a snapshot that says nothing may be one that was stopped


class Room(Occupant):
    """A student's kernel behind walls, ready or about to be.

    Parameters
    ----------
    zygote
        Who makes the room.
    folder
        Where the kernel's sockets lie; the room itself does not see it.
    files
        What lies in the work folder, where the kernel starts.
    environment
        More variables for the kernel.
    heartbeat
        Whether a client will listen for the kernel's heartbeat.

    Attributes
    ----------
    connection
        What a client of the kernel needs to know, as in a connection file.
    """

    def __init__(
        self,
        zygote: Zygote,
        folder: Path,
        files: Mapping[str, bytes],
        environment: Mapping[str, str],
        heartbeat: bool = False,
    ) -> None:
        super().__init__(zygote)
        self._path = str(folder / short_name())
        self._key = secrets.token_hex(16)
        # The kernel takes snapshots' connections from here: ours to send, its to receive.
        self._snapshots, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._questions: dict[int, socket.socket] = {}
        self._asked: int | None = None
        self._last: Any = None
        settings = settings_of(
            zygote, "student", environment, path=self._path, key=self._key, heartbeat=heartbeat
        )
        with contextlib.ExitStack() as stack:
            stack.enter_context(theirs)
            listeners = [stack.enter_context(self._listen(n + 1)) for n in range(CHANNELS)]
            try:
                opened = [theirs.fileno(), *(listener.fileno() for listener in listeners)]
                self.enter(settings, files, opened)
            except BaseException:
                self.close()
                raise

    def _listen(self, channel: int) -> socket.socket:
        """Open a listening socket; the room only gets the socket, never a path to it."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{self._path}-{channel}")
        listener.listen()
        # ZeroMQ accepts until nothing is left, so it must not wait.
        listener.setblocking(False)
        return listener

    @property
    def connection(self) -> "KernelConnectionInfo":
        """What a client of the kernel needs to know, as in a connection file."""
        names = ("shell", "iopub", "stdin", "control", "hb")
        ports = {f"{name}_port": number for number, name in enumerate(names, start=1)}
        return {
            "transport": "ipc",
            "ip": self._path,
            "key": self._key.encode(),
            "signature_scheme": "hmac-sha256",
            **ports,  # type: ignore[typeddict-item]
        }

    @cached_property
    def manager(self) -> "RoomManager":
        """A manager of the running kernel, for ``nbclient.NotebookClient(nb, km=room.manager)``."""
        from autograder.rooms.provisioner import manager_of

        return manager_of(self)

    def snapshot_code(self, number: int) -> str:
        """Return what the kernel is to run, silently, to keep itself as it is now.

        Call it just before the code is run, and once for each ``number``.

        Raises
        ------
        RoomsError
            The kernel has ended.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._snapshots.setblocking(False)
                wire.send(self._snapshots, {"snapshot": number}, [theirs.fileno()])
            except OSError:
                ours.close()
                raise RoomsError(f"No snapshot: {self.ended() or 'the kernel is stuck'}.") from None
        if old := self._questions.pop(number, None):
            old.close()
        self._questions[number] = ours
        return f"__import__('autograder.rooms.inside.snapshots', fromlist=['*']).snapshot({number})"

    def ask(self, number: int, timeout: float, *, last: bool = False) -> socket.socket:
        """Return a connection to a fresh fork of a snapshot; the fork asked before ends.

        Parameters
        ----------
        last
            Whether nobody will ask this snapshot again: then it answers by itself, without a fork.

        Raises
        ------
        RoomsError
            There is no such snapshot, or it does not answer within ``timeout`` seconds.
        """
        if self._asked is not None and self._asked != number:
            self.stop()
        connection = self._questions.get(number)
        if connection is None:
            raise RoomsError(f"Snapshot {number} was never taken.")
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                reply = self._exchange(number, connection, timeout, [theirs.fileno()], last)
        except BaseException:
            ours.close()
            raise
        if last:
            self._questions.pop(number).close()
            self._last = reply.get("worker")
        else:
            self._asked = number
        return ours

    def end_last(self) -> None:
        """End a snapshot that answers by itself and does not stop."""
        number, self._last = self._last, None
        if isinstance(number, int):
            with contextlib.suppress(OSError):
                wire.send(self._control, {"end": number})

    def stop(self, timeout: float = 1) -> None:
        """End the fork that was asked last, whatever it is doing."""
        number, self._asked = self._asked, None
        if number is not None and (connection := self._questions.get(number)):
            with contextlib.suppress(RoomsError):
                self._exchange(number, connection, timeout, [])

    def _exchange(
        self,
        number: int,
        connection: socket.socket,
        timeout: float,
        files: list[int],
        last: bool = False,
    ) -> dict[str, Any]:
        """Send a request to a snapshot and wait until it is done."""
        try:
            connection.setblocking(False)
            if not self._greeted(connection, timeout):
                raise TimeoutError("it did not start")
            wire.send(connection, {"ask": bool(files), "last": last}, files)
            if not self._heard(connection, timeout):
                raise TimeoutError("it did not answer")
            reply = wire.receive(connection)[0]
            if reply is None:
                raise EOFError("it has ended")
            return reply
        except (OSError, EOFError, wire.WireError) as error:
            connection.close()
            self._questions.pop(number, None)
            raise RoomsError(f"Snapshot {number} of the room cannot be asked: {error}.") from None

    def _greeted(self, connection: socket.socket, timeout: float) -> bool:
        """Take the word of a new snapshot that it is there."""
        if connection in self._greeted_before:
            return True
        if not self._heard(connection, timeout) or wire.receive(connection)[0] is None:
            return False
        self._greeted_before.add(connection)
        return True

    def _heard(self, connection: socket.socket, timeout: float) -> bool:
        """Wait for a word; what the student's code has stopped by a signal is made to go on."""
        if wait_for(connection, min(PATIENCE, timeout)):
            return True
        with contextlib.suppress(OSError):
            wire.send(self._control, {"continue": True})
        return wait_for(connection, timeout - PATIENCE)

    @cached_property
    def _greeted_before(self) -> set[socket.socket]:
        return set()

    def close(self) -> None:
        """End the kernel, its snapshots and the room."""
        self._snapshots.close()
        for connection in self._questions.values():
            connection.close()
        self._questions.clear()
        super().close()
        for channel in range(1, CHANNELS + 1):
            with contextlib.suppress(OSError):
                os.unlink(f"{self._path}-{channel}")

    def __enter__(self) -> "Room":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
