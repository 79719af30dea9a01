"""The grader's end of a zygote: start it, ask it for rooms, end it."""

import contextlib
import json
import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence

from autograder.rooms import bubblewrap, container, environment, walls
from autograder.rooms.errors import RoomsError
from autograder.rooms.inside import wire
from autograder.rooms.settings import RoomSettings

START = 120  # seconds for all imports of a zygote, on a busy machine


class Zygote:
    """A process from which rooms are forked, or one room that started afresh.

    Parameters
    ----------
    what
        ``"student"``, ``"examiner"``, or ``"both"``: whose rooms it can make.
    settings
        How its rooms are made.
    """

    def __init__(self, what: str, settings: RoomSettings) -> None:
        self.what = what
        self.settings = settings
        self.once = settings.isolation in ("cold", "container")
        self._ready = self.once
        self._lock = threading.Lock()
        # What lies in a folder that each room covers has to be shown again in each.
        self.covered = covered_places(settings)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.control, self._process = self._begin()
        except BaseException:
            self._log.close()
            raise

    def _begin(self) -> "tuple[socket.socket, subprocess.Popen[bytes]]":
        if self.settings.isolation == "container":
            return self._start_container()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                return ours, self._start(theirs.fileno())
            except BaseException:
                ours.close()
                raise

    def _start_container(self) -> "tuple[socket.socket, subprocess.Popen[bytes]]":
        """Wait for the call of a container, which cannot be given a connection from the start."""
        with (
            tempfile.TemporaryDirectory(prefix="meet-", dir="/tmp") as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener,
        ):
            os.chmod(folder, 0o711)
            name = secrets.token_hex(8)
            listener.bind(f"{folder}/{name}")
            os.chmod(f"{folder}/{name}", 0o666)
            listener.listen(1)
            process = self._start(f"{container.MEETING}/{name}", folder)
            deadline = time.monotonic() + START
            while not select.select([listener], [], [], 0.05)[0]:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    raise RoomsError(f"A container did not start. It said: {self._said()}")
            return listener.accept()[0], process

    def _start(self, control: int | str, meeting: str = "") -> "subprocess.Popen[bytes]":
        given = {
            "control": control,
            "what": self.what,
            "preload": self.settings.preload,
            "once": self.once,
            "walls": walls.inside_kind(self.settings),
        }
        inside = [sys.executable, "-m", "autograder.rooms.inside", json.dumps(given)]
        return subprocess.Popen(
            walls.around(inside, self.settings, meeting),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            # The program that starts containers needs its own settings, and gives on none of them.
            env=None if meeting else environment.of_zygote(),
            pass_fds=[control] if isinstance(control, int) else [],
            start_new_session=True,
            cwd="/",
        )

    @property
    def was_ready(self) -> bool:
        """Whether it has ever been able to fork rooms."""
        return self._ready and not self.once

    def is_alive(self) -> bool:
        """Return whether it could still be asked for a room."""
        return self._process.poll() is None

    def open(self, files: Sequence[int]) -> None:
        """Ask for a room that gets ``files``; it answers on its own connection.

        Raises
        ------
        RoomsError
            The zygote has ended, or could not start.
        """
        with self._lock:
            self._wait_until_ready()
        try:
            wire.send(self.control, {"open": True}, files)
        except OSError:
            raise self.failure() from None

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        if not select.select([self.control], [], [], START)[0]:
            self.close()
            raise RoomsError(
                f"The process from which rooms are forked did not start in {START} seconds: "
                f"preload fewer modules than {', '.join(self.settings.preload) or 'none'}, "
                "or use a machine that is less busy."
            )
        message, _ = self._receive()
        if message is None or "ready" not in message:
            raise self.failure(message)
        self._ready = True

    def failure(self, message: dict[str, str] | None = None) -> RoomsError:
        """Return why no room can be had, in words."""
        while message is None and select.select([self.control], [], [], 0)[0]:
            message, _ = self._receive()
            if message is None:
                break
            message = message if "failed" in message else None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        text = (message or {}).get("failed") or self._said()
        status = self._process.poll()
        return RoomsError(
            f"The process from which rooms are made ended (status {status}), "
            f"isolation {self.settings.isolation!r}. It said: {text.strip() or 'nothing'}"
        )

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read(8000).decode(errors="replace")

    def _receive(self) -> tuple[dict[str, str] | None, list[int]]:
        try:
            return wire.receive(self.control)
        except (OSError, wire.WireError):
            return None, []

    def close(self) -> None:
        """End it, and with it every room that it walls in."""
        self.control.close()
        deadline = time.monotonic() + 2
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._log.close()


def covered_places(settings: RoomSettings) -> list[str]:
    """Return what warm rooms may read below ``/tmp``, which each covers with a folder of its own.

    Raises
    ------
    RoomsError
        Something that rooms are to read is not there.
    """
    if settings.isolation != "warm":
        return []
    places = bubblewrap.readable_places(settings.readable)
    return [place for place in places if place.startswith("/tmp/")]
