"""Rooms for tests of the crossing: forks of this process, without walls."""

import contextlib
import itertools
import json
import os
import signal
import socket
import textwrap
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from autograder.crossing import CrossingError, Names, Student
from autograder.crossing.answering import serve
from autograder.crossing.channel import Channel

#: Seconds that a test may wait; a sound room answers within one.
PATIENCE = 30.0
#: The processes of rooms that were opened.
OPEN: list[int] = []


def end_all() -> None:
    """End all rooms, also those whose code never returns."""
    while OPEN:
        room = OPEN.pop()
        os.kill(room, signal.SIGKILL)
        os.waitpid(room, 0)


def open_room(source: str, **settings: Any) -> Student:
    """Run a notebook's source in a fork; return the connection to it."""
    ours, theirs = socket.socketpair()
    room = os.fork()
    if room == 0:
        _live(ours, theirs, source)
    OPEN.append(room)
    theirs.close()
    return Student(ours, **{"deadline": time.monotonic() + PATIENCE} | settings)


def _live(ours: socket.socket, theirs: socket.socket, source: str) -> None:
    try:
        ours.close()
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(textwrap.dedent(source), "<notebook>", "exec"), namespace)
        serve(theirs, namespace)
    finally:
        os._exit(0)


def run(student: Student, test: str) -> Names:
    """Run a test's source among a student's names; return them."""
    exec(compile(textwrap.dedent(test), "<test>", "exec"), student.names)
    return student.names


def across(source: str, test: str, given: str = "", **settings: Any) -> Names:
    """Run a test against a notebook, after given cells that both have; return the test's names."""
    names = Names(__name__="__main__")
    exec(compile(textwrap.dedent(given), "<given>", "exec"), names)
    both = textwrap.dedent(given) + "\n" + textwrap.dedent(source)
    with open_room(both, names=names, **settings) as student:
        run(student, test)
        return student.names


Reply = Callable[["Liar", int], None]


class Liar:
    """A student's room that answers as it is told: each reply is made from the question.

    Parameters
    ----------
    replies
        For each question, a function of the serial number that sends whatever it likes.
    then
        The reply to all further questions; without it the room says nothing more.
    settings
        For the `Student`.

    Attributes
    ----------
    heard
        The messages of the examiner, without their buffers.
    gone
        What had become of the notebook in the end.
    """

    def __init__(self, *replies: Reply, then: Reply | None = None, **settings: Any) -> None:
        ours, self.sock = socket.socketpair()
        self.channel = Channel(self.sock, time.monotonic() + PATIENCE)
        self.heard: list[Any] = []
        self.student = Student(ours, **{"deadline": time.monotonic() + PATIENCE} | settings)
        lies = itertools.chain(replies, itertools.repeat(then) if then else ())
        self._thread = threading.Thread(target=self._lie, args=(lies,), daemon=True)
        self._thread.start()

    def _lie(self, lies: Iterable[Reply]) -> None:
        with contextlib.suppress(CrossingError, OSError):
            for lie in lies:
                lie(self, self.hear()[1])

    def hear(self) -> Any:
        """Wait for the examiner's next message."""
        message = json.loads(self.channel.receive()[0])
        self.heard.append(message)
        return message

    def say(self, *message: Any, buffers: Any = ()) -> None:
        """Send a frame that holds this message."""
        self.channel.send(json.dumps(list(message)).encode(), buffers)

    def close(self) -> None:
        """Hang up."""
        self.gone = self.student.gone
        self.student.close()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self._thread.join(5)

    def __enter__(self) -> "Liar":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
