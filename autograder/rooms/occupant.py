"""What the grader holds of any room: the connection to its init."""

import contextlib
import os
import secrets
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.rooms import cgroups, environment
from autograder.rooms.errors import RoomsError
from autograder.rooms.inside import parcel, wire
from autograder.rooms.zygotes import Zygote

OPEN = 60  # seconds for the walls of one room, on a busy machine


@dataclass(frozen=True)
class Ending:
    """How a room's kernel or examiner ended.

    Parameters
    ----------
    words
        Why, as the end of a sentence.
    vanished
        Nothing that the room did or exceeded explains it: a person, another program or the
        system's own want of memory may have killed it.
    """

    words: str
    vanished: bool


class Occupant:
    """One room, whoever works in it.

    Parameters
    ----------
    zygote
        Who makes the room.
    """

    def __init__(self, zygote: Zygote) -> None:
        self.zygote = zygote
        self.ending: Ending | None = None
        self._control, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._closed = False
        self._group: cgroups.Group | None = None

    def enter(
        self,
        settings: Mapping[str, Any],
        files: Mapping[str, bytes],
        opened: Sequence[int],
    ) -> None:
        """Have the room made, ``files`` in its work folder; raise `RoomsError` if it is not."""
        told = {**settings, "limits": vars(self.zygote.settings.limits)}
        if self.zygote.settings.isolation in ("warm", "cold"):
            self._group = cgroups.make(self.zygote.settings.limits)
        try:
            package = parcel.pack({**told, "grouped": self._group is not None}, files)
        except ValueError as error:
            raise RoomsError(str(error)) from None
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with package, self._theirs:
            self.zygote.open([package.fileno(), self._theirs.fileno(), *opened])
        if self._group:
            self._join_group(self._group)
        self._wait_until_open()

    def _join_group(self, group: cgroups.Group) -> None:
        """Put the room's init into its group, by the number that Linux says it has out here."""
        if not select.select([self._control], [], [], OPEN)[0]:
            return
        data, ancillary, _, _ = self._control.recvmsg(
            wire.LIMIT, socket.CMSG_SPACE(12), socket.MSG_PEEK
        )
        if b'"here"' not in data:
            return
        self._receive()
        for level, kind, credentials in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                group.add(int.from_bytes(credentials[:4], sys.byteorder))
        with contextlib.suppress(OSError):
            wire.send(self._control, {"go": True})

    def _wait_until_open(self) -> None:
        if not select.select([self._control], [], [], OPEN)[0]:
            raise RoomsError(f"A room was not ready in {OPEN} seconds: the machine is too busy.")
        message = self._receive()
        if message is None:
            raise self.zygote.failure()
        if "failed" in message:
            raise RoomsError(
                f"A room could not be made with isolation {self.zygote.settings.isolation!r}: "
                f"{message['failed']}"
            )

    def ended(self) -> str:
        """Return why the process in the room has ended, in words; ``""`` while it lives."""
        while self.ending is None and not self._closed:
            if not select.select([self._control], [], [], 0)[0]:
                return ""
            message = self._receive()
            if message is None:
                self.ending = Ending("its room was ended from outside", True)
            elif "ended" in message:
                self.ending = self._explain(message)
        return self.ending.words if self.ending else "its room was closed"

    @property
    def vanished(self) -> bool:
        """Whether it has ended for no reason of its own: see `Ending`."""
        return bool(self.ended()) and self.ending is not None and self.ending.vanished

    def _explain(self, message: Mapping[str, Any]) -> Ending:
        status, why = message["ended"], message.get("why")
        if why:
            return Ending(why, False)
        cpu = self.zygote.settings.limits.cpu
        if status == -signal.SIGXCPU or message.get("seconds", 0) >= cpu:
            return Ending(f"it used more than {cpu} seconds of processor time", False)
        if status == -signal.SIGKILL and self._group and self._group.ran_out_of_memory():
            most = self.zygote.settings.limits.memory >> 20
            return Ending(f"it used more than {most} MiB of memory", False)
        if status == -signal.SIGKILL:
            return Ending("it was killed (SIGKILL)", True)
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
            return Ending(f"it crashed or ended itself by a signal ({name})", False)
        return Ending(f"it ended itself (exit status {status})", False)

    def _receive(self) -> dict[str, Any] | None:
        try:
            return wire.receive(self._control)[0]
        except (OSError, wire.WireError):
            return None

    def send_signal(self, number: int) -> None:
        """Send a signal to the process in the room and its group."""
        # Whoever is gone needs no signal.
        with contextlib.suppress(OSError):
            wire.send(self._control, {"signal": int(number)})

    def close(self) -> None:
        """End the room and everything in it."""
        self.ended()
        self._closed = True
        self._control.close()
        self._theirs.close()
        if self.zygote.once:
            self.zygote.close()
        if self._group:
            self._group.remove()
            self._group = None


def settings_of(
    zygote: Zygote, what: str, more: Mapping[str, str], **settings: Any
) -> dict[str, Any]:
    """Return what a room is told when it is made; ``what`` is ``student`` or ``examiner``."""
    in_container = zygote.settings.isolation == "container"
    variables = environment.of_room(more, what == "student", in_container)
    told = {"what": what, "environment": variables, "readable": zygote.covered}
    return {**told, **settings}


def short_name() -> str:
    """Return a name that no other room has, short enough for the path of a socket."""
    return secrets.token_hex(4)


def wait_for(sock: socket.socket, timeout: float) -> bool:
    """Return whether something can be read within ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        left = deadline - time.monotonic()
        if select.select([sock], [], [], max(left, 0))[0]:
            return True
        if left <= 0:
            return False


def close_files(files: Sequence[int]) -> None:
    """Close open files by number."""
    for file in files:
        os.close(file)
