"""Messages between the grader and the examiner's process, with at most one open file each."""

import json
import os
import select
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any

_HEAD = struct.Struct("!I")
LARGEST = 64 * 1024 * 1024  # bytes of one message


class Silence(Exception):  # noqa: N818 - it is no error of ours
    """Nothing came in time, or the other side has ended."""

    def __init__(self, why: str, ended: bool) -> None:
        super().__init__(why, ended)
        self.ended = ended


def send(sock: socket.socket, message: Mapping[str, Any], file: int | None = None) -> None:
    """Send a message, and a copy of an open file."""
    body = json.dumps(message).encode()
    head = _HEAD.pack(len(body))
    if file is None:
        sock.sendall(head + body)
        return
    # The file travels with the head, so that exactly one `recvmsg` can meet it.
    socket.send_fds(sock, [head], [file])
    sock.sendall(body)


def receive(
    sock: socket.socket, deadline: float | None = None
) -> tuple[dict[str, Any], int | None]:
    """Return the next message and the open file that came with it.

    Parameters
    ----------
    deadline
        On the clock of `time.monotonic`; None waits for ever.

    Raises
    ------
    Silence
        Nothing came until then, or the other side has ended.
    """
    _wait(sock, deadline)
    head, files, _, _ = socket.recv_fds(sock, _HEAD.size, 1, socket.MSG_CMSG_CLOEXEC)
    try:
        while len(head) < _HEAD.size:
            head += _some(sock, _HEAD.size - len(head), deadline)
        (size,) = _HEAD.unpack(head)
        if size > LARGEST:
            raise Silence("its message is too large", True)
        body = bytearray()
        while len(body) < size:
            body += _some(sock, size - len(body), deadline)
        return json.loads(bytes(body)), files[0] if files else None
    except BaseException:
        for file in files:
            os.close(file)
        raise


def _some(sock: socket.socket, size: int, deadline: float | None) -> bytes:
    _wait(sock, deadline)
    try:
        found = sock.recv(min(size, 1 << 20))
    except OSError:
        found = b""
    if not found:
        raise Silence("it has ended", True)
    return found


def _wait(sock: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        return
    left = deadline - time.monotonic()
    if not select.select([sock], [], [], max(left, 0))[0]:
        raise Silence("it did not answer in time", False)
