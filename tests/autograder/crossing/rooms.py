"""Rooms for tests of the crossing: forks of this process, without walls."""

import os
import signal
import socket
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any

from autograder.crossing import Names, Student
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


class Liar:
    """A student's room that answers as it is told: each reply is made from the question.

    Parameters
    ----------
    replies
        For each question, a function of the serial number that sends whatever it likes.
    settings
        For the `Student`.
    """

    def __init__(self, *replies: Callable[["Liar", int], None], **settings: Any) -> None:
        ours, self.sock = socket.socketpair()
        self.channel = Channel(self.sock, time.monotonic() + PATIENCE)
        self.heard: list[Any] = []
        settings = {"deadline": time.monotonic() + PATIENCE} | settings
        self.student = Student(ours, **settings)
        self._thread = threading.Thread(target=self._lie, args=(replies,), daemon=True)
        self._thread.start()

    def _lie(self, replies: Any) -> None:
        import json

        for reply in replies:
            try:
                text, _ = self.channel.receive()
            except Exception:
                return
            message = json.loads(text)
            self.heard.append(message)
            try:
                reply(self, message[1])
            except Exception:
                return

    def say(self, *message: Any, buffers: Any = ()) -> None:
        """Send a frame that holds this message."""
        import json

        self.channel.send(json.dumps(list(message)).encode(), buffers)

    def close(self) -> None:
        """Hang up."""
        self.student.close()
        self.sock.close()
        self._thread.join(5)
