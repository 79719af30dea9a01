"""Copies of the student's kernel as it was before a group of test cells.

A snapshot is a fork that waits. Each question forks it once more, so no question sees what an
earlier one did, and a crash costs that question only.
"""

import contextlib
import importlib
import os
import random
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from typing import Any

from autograder.rooms.inside import system, wire

# Its `serve` gets the connection to the examiner and the student's names, in the fork that answers.
ANSWERING = "autograder.crossing.answering"

_requests: socket.socket | None = None
_channels = "\0"


def attach(requests: socket.socket, channels: str) -> None:
    """Say where snapshots' connections come from; the kernel calls it before it starts.

    Parameters
    ----------
    requests
        Over it the grader sends a connection for each snapshot.
    channels
        How the paths of the kernel's own sockets begin, which no snapshot keeps.
    """
    global _requests, _channels
    _requests, _channels = requests, channels


def snapshot(number: int) -> None:
    """Fork the kernel; the copy waits for questions, the kernel goes on."""
    connection = _connection_of(number)
    if connection is None:
        return
    if _fork():
        connection.close()
        return
    _leave_after(_wait_for_questions, connection)


def _connection_of(number: int) -> socket.socket | None:
    """Return the connection that the grader sent for this snapshot."""
    while _requests is not None:
        message, files = wire.receive(_requests, 1)
        if message is None:
            return None
        if files and message.get("snapshot") == number:
            return socket.socket(fileno=files[0])
        for file in files:
            os.close(file)
    return None


def _fork() -> int:
    """Fork with the same random numbers to come: the module `random` reseeds itself otherwise."""
    generator = random.getstate()
    with warnings.catch_warnings():
        # Python 3.12 warns of the kernel's threads; a snapshot needs none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        random.setstate(generator)
    return child


def _leave_after(body: Callable[[socket.socket], None], connection: socket.socket) -> None:
    """Run ``body`` and leave, whatever happens, without the kernel's own farewells."""
    status = 1
    try:
        body(connection)
        status = 0
    finally:
        os._exit(status)


def _wait_for_questions(connection: socket.socket) -> None:
    """Answer the grader: one fork a question, the last one ended before the next begins."""
    os.setsid()
    handlers = _ignore_signals()
    _leave_kernel()
    worker = 0
    wire.send(connection, {"snapshot": os.getpid()})
    while True:
        message, files = wire.receive(connection, 1)
        _end(worker)
        worker = 0
        if message is None:
            return
        if files:
            question = socket.socket(fileno=files[0])
            if message.get("last"):
                # Nobody will ask again: a fork less, which costs more than most questions.
                wire.send(connection, {"worker": os.getpid()})
                connection.close()
                _restore(handlers)
                _serve(question)
                return
            worker = _fork()
            if not worker:
                connection.close()
                _restore(handlers)
                _leave_after(_answer, question)
            question.close()
        wire.send(connection, {"worker": worker})


def _ignore_signals() -> dict[int, Any]:
    """Ignore what the student's code may send to all that it reaches; returns the handlers."""
    handlers = {}
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        # Linux keeps two for itself.
        with contextlib.suppress(OSError):
            handlers[int(number)] = signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return handlers


def _restore(handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        # What is None was not set from Python.
        signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _answer(question: socket.socket) -> None:
    os.setsid()
    system.die_with_parent(signal.SIGKILL)
    _serve(question)


def _serve(question: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    importlib.import_module(ANSWERING).serve(question, _names())


def _names() -> dict[str, Any]:
    """Return the names that the student's cells bound."""
    names: dict[str, Any] = sys.modules["IPython"].get_ipython().user_ns
    return names


def _end(worker: int) -> None:
    """End a fork that answered, and its group."""
    if not worker:
        return
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(worker, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(worker, 0)


def _leave_kernel() -> None:
    """Cut the copy off from the kernel's channels: nothing it prints may reach an output."""
    quiet = open(os.devnull, "w")  # noqa: SIM115
    sys.stdout = sys.stderr = quiet
    for number in (1, 2):
        os.dup2(quiet.fileno(), number)
    for name in os.listdir("/proc/self/fd"):
        _close_channel(int(name))
    if torch := sys.modules.get("torch"):
        # A pool of threads does not survive a fork; one thread needs none.
        torch.set_num_threads(1)


def _close_channel(number: int) -> None:
    """Close a copy of one of the kernel's own sockets, and no file of the student's."""
    try:
        with socket.socket(fileno=os.dup(number)) as copy:
            name = copy.getsockname() if copy.family == socket.AF_UNIX else ""
    except OSError:
        return
    if isinstance(name, str) and name.startswith(_channels):
        os.close(number)
