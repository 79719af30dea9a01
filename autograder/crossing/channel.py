"""Frames on a stream socket: a text and binary buffers, bounded in size and in time.

A frame is ``magic, length of the text, number of buffers`` (4, 4 and 4 bytes), then the length of
each buffer (8 bytes), the text, and the buffers. Everything that comes from the other side is
checked before memory is set aside for it.
"""

import contextlib
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.crossing.errors import CrossingError, StudentGone, StudentTimeout

MAGIC = b"cx1\n"
_HEAD = struct.Struct("<4sII")

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True)
class FrameLimits:
    """How large one frame may be, in bytes, and how many buffers it may have."""

    text: int = 16 * 1024**2
    buffers: int = 256 * 1024**2
    count: int = 32_768


class Channel:
    """One end of a connection.

    Parameters
    ----------
    sock
        A connected stream socket.
    deadline
        When the last frame must have come, in seconds of ``time.monotonic()``.
    limits
        How large a frame may be.
    """

    def __init__(
        self,
        sock: socket.socket,
        deadline: float | None = None,
        limits: FrameLimits | None = None,
    ) -> None:
        self.deadline = deadline
        self._sock, self._limits = sock, limits or FrameLimits()

    def send(self, text: bytes, buffers: Sequence[Buffer] = ()) -> None:
        """Send one frame.

        Raises
        ------
        CrossingError
            It is too large.
        StudentGone, StudentTimeout
            The other side has ended, or does not listen.
        """
        views = [memoryview(buffer).cast("B") for buffer in buffers]
        self._check(len(text), [len(view) for view in views], "What is sent")
        lengths = struct.pack(f"<{len(views)}Q", *(len(view) for view in views))
        head = _HEAD.pack(MAGIC, len(text), len(views)) + lengths + text
        self._send_all(memoryview(head))
        for view in views:
            self._send_all(view)

    def receive(self) -> tuple[bytearray, list[bytearray]]:
        """Wait for the next frame; return its text and its buffers.

        Raises
        ------
        CrossingError
            It is no frame, or too large.
        StudentGone, StudentTimeout
            The other side has ended, or says nothing in time.
        """
        magic, size, count = _HEAD.unpack(self._receive_exactly(_HEAD.size))
        if magic != MAGIC:
            raise CrossingError("The student's room sent something that is no answer.")
        self._check(size, [0] * min(count, self._limits.count + 1), "The answer")
        lengths = struct.unpack(f"<{count}Q", self._receive_exactly(8 * count))
        self._check(size, lengths, "The answer")
        return self._receive_exactly(size), [self._receive_exactly(n) for n in lengths]

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def check_time(self) -> float | None:
        """Return the seconds that are left, or raise `StudentTimeout`."""
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise StudentTimeout("Your code did not come to an end in time.")
        return left

    def _check(self, text: int, lengths: Sequence[int], what: str) -> None:
        limits = self._limits
        if text > limits.text or sum(lengths) > limits.buffers or len(lengths) > limits.count:
            raise CrossingError(
                f"{what} is too large: at most {limits.buffers // 1024**2} MiB of arrays and "
                f"{limits.text // 1024**2} MiB of everything else can cross."
            )

    def _send_all(self, view: memoryview) -> None:
        try:
            while len(view):
                self._sock.settimeout(self.check_time())
                view = view[self._sock.send(view) :]
        except TimeoutError:
            raise StudentTimeout("Your code did not come to an end in time.") from None
        except OSError:
            raise StudentGone("Your code ended the Python process it ran in.") from None

    def _receive_exactly(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        try:
            while len(view):
                self._sock.settimeout(self.check_time())
                count = self._sock.recv_into(view)
                if not count:
                    raise StudentGone("Your code ended the Python process it ran in.")
                view = view[count:]
        except TimeoutError:
            raise StudentTimeout("Your code did not come to an end in time.") from None
        except OSError:
            raise StudentGone("Your code ended the Python process it ran in.") from None
        return data
