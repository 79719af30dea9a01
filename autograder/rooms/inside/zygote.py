"""A process that has imported everything once, and forks a room for each request."""

import gc
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any

from autograder.rooms.inside import preloads, room, system, walls, wire

# A parcel, init's connection, the snapshots' connection, and five listening sockets.
MOST_FILES = 8


class ZygoteError(Exception):
    """The zygote cannot fork rooms safely."""


def serve(control: socket.socket, settings: dict[str, Any]) -> None:
    """Import, say so, and fork rooms until the grader hangs up."""
    try:
        preloads.load(settings["what"], settings["preload"])
        if settings["once"]:
            _open_one(control, settings)
            return
        _settle()
    except BaseException:
        wire.send(control, {"failed": traceback.format_exc()[-8000:]})
        return
    wire.send(control, {"ready": os.getpid()})
    while True:
        message, files = wire.receive(control, MOST_FILES)
        if message is None:
            return
        _fork(control, files, settings["walls"])


def _settle() -> None:
    """Make forks cheap and safe."""
    gc.collect()
    gc.freeze()
    system.use_huge_pages()
    system.set_dumpable(False)
    # Rooms' first parents end at once and leave nothing to reap.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise ZygoteError(
            f"After the preloads there are {threads} threads ({names}), and a fork copies only "
            "one of them. Take the module that starts threads out of `preload`."
        )


def _fork(control: socket.socket, files: Sequence[int], kind: str) -> None:
    """Fork one room; when it cannot even begin, its connection closes and the grader sees that."""
    if os.fork():
        for file in files:
            os.close(file)
        return
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if kind == walls.OWN:
            walls.leave_namespaces()
            if os.fork():
                os._exit(0)
        room.enter(files, kind)
    except BaseException:
        with socket.socket(fileno=files[room.CONTROL]) as connection:
            wire.send(connection, {"failed": traceback.format_exc()[-8000:]})
    finally:
        os._exit(1)


def _open_one(control: socket.socket, settings: dict[str, Any]) -> None:
    """Become the only room of this process."""
    message, files = wire.receive(control, MOST_FILES)
    if message is None:
        return
    control.close()
    sys.stdout.flush()
    room.enter(files, settings["walls"])
