"""Small messages between the grader and its rooms, with open files attached."""

import json
import os
import socket
from collections.abc import Iterable, Mapping
from typing import Any

LIMIT = 64 * 1024


class WireError(Exception):
    """What came over the wire is not a message."""


def send(sock: socket.socket, message: Mapping[str, Any], files: Iterable[int] = ()) -> None:
    """Send one message, at most `LIMIT` bytes long, and copies of open ``files``."""
    socket.send_fds(sock, [json.dumps(message).encode()], list(files))


def receive(sock: socket.socket, files: int = 0) -> tuple[dict[str, Any] | None, list[int]]:
    """Return the next message and at most ``files`` open files; the message is None at the end.

    Raises
    ------
    WireError
        The sender sent something else.
    """
    data, opened, flags, _ = socket.recv_fds(sock, LIMIT, files, socket.MSG_CMSG_CLOEXEC)
    if not data:
        _close(opened)
        return None, []
    try:
        if flags & socket.MSG_TRUNC:
            raise ValueError(f"longer than {LIMIT} bytes")
        message = json.loads(data)
        if not isinstance(message, dict):
            raise ValueError(f"a {type(message).__name__}, not an object")
    except (ValueError, RecursionError) as error:
        _close(opened)
        raise WireError(f"not a message: {error}") from None
    return message, opened


def _close(files: Iterable[int]) -> None:
    for file in files:
        os.close(file)
