"""Frames on a stream socket: a text and binary buffers, bounded in size and in time.

A frame is ``magic, length of the text, number of buffers`` (4, 4 and 4 bytes), then the length of
each buffer (8 bytes), the text, and the buffers. Everything that comes from the other side is
checked before memory is set aside for it.
"""

import contextlib
import os
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.crossing.errors import (
    CannotCrossError,
    CrossingError,
    StudentGone,
    StudentTimeout,
)

MAGIC = b"cx1\n"
_HEAD = struct.Struct("<4sII")

_MiB = 1024**2
_NO_MARKS = bytes(set(range(256)) - set(b'",[{'))
#: After how many bytes it is looked how much memory this process has taken.
_BETWEEN_LOOKS = 8 * _MiB

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True)
class FrameLimits:
    """How much may come.

    Attributes
    ----------
    text, buffers
        Bytes of one frame.
    count
        Buffers of one frame.
    parts
        Values in the text of one frame.
    growth
        By how many bytes this process may grow while frames come; None: that is not looked at.
    """

    text: int = 16 * _MiB
    buffers: int = 256 * _MiB
    count: int = 32_768
    parts: int = 2_000_000
    growth: int | None = None


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
        self._at_first, self._since = resident() if self._limits.growth else 0, 0

    def send(self, text: bytes, buffers: Sequence[Buffer] = ()) -> None:
        """Send one frame.

        Raises
        ------
        CannotCrossError
            It is too large.
        StudentGone, StudentTimeout
            The other side has ended, or does not listen.
        """
        self.check(text, buffers)
        views = [memoryview(buffer).cast("B") for buffer in buffers]
        lengths = struct.pack(f"<{len(views)}Q", *(len(view) for view in views))
        head = _HEAD.pack(MAGIC, len(text), len(views)) + lengths + text
        self._send_all(memoryview(head))
        for view in views:
            self._send_all(view)

    def receive(self) -> tuple[bytearray, list[bytearray]]:
        """Wait for the next frame; return its text and its buffers.

        What reads them may trust in their number and size, and in nothing else.

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
        self._check_size(size, count, 0)
        lengths = struct.unpack(f"<{count}Q", self._receive_exactly(8 * count))
        self._check_size(size, count, sum(lengths))
        self._check_growth(size + sum(lengths))
        text = self._receive_exactly(size)
        self._check_parts(text)
        return text, [self._receive_exactly(n) for n in lengths]

    def check(self, text: bytes, buffers: Sequence[Buffer]) -> None:
        """Raise `CannotCrossError` when this is too large for a frame."""
        try:
            self._check_size(
                len(text), len(buffers), sum(memoryview(one).nbytes for one in buffers)
            )
            self._check_parts(text)
        except CrossingError as error:
            raise CannotCrossError(str(error).replace("The answer", "What is sent")) from None

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

    def _check_size(self, text: int, count: int, buffers: int) -> None:
        limits = self._limits
        if text > limits.text or buffers > limits.buffers or count > limits.count:
            raise CrossingError(
                f"The answer is too large: at most {limits.buffers // _MiB} MiB of arrays and "
                f"{limits.text // _MiB} MiB of everything else can cross."
            )

    def _check_parts(self, text: bytes | bytearray) -> None:
        """Refuse what would be too many objects before the first of them is made."""
        if _is_more(text, self._limits.parts):
            raise CrossingError(
                f"The answer is too large: it holds more than {self._limits.parts} values."
            )

    def _check_growth(self, size: int) -> None:
        """Refuse more when what came before, and was kept, fills the memory."""
        limit = self._limits.growth
        self._since += size
        if limit is None or self._since < min(limit, _BETWEEN_LOOKS):
            return
        self._since = 0
        if resident() - self._at_first + size > limit:
            raise CrossingError(
                f"The answers are too large: together they take more than {limit // _MiB} MiB."
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


def _is_more(text: bytes | bytearray, most: int) -> bool:
    """Tell whether a JSON text has marks of more values than that."""
    if _marks(text) <= most:
        return False
    # Those within quotes are none. Two quotes with nothing between them enclose none, whichever
    # they are. The rest is looked at in pieces, not to need much memory itself.
    text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    text = text.translate(None, _NO_MARKS).replace(b'""', b"")
    found = quotes = 0
    for start in range(0, len(text), _MiB):
        pieces = text[start : start + _MiB].split(b'"')
        found += _marks(b"".join(pieces[quotes % 2 :: 2]))
        quotes += len(pieces) - 1
        if found > most:
            return True
    return False


def _marks(text: bytes | bytearray) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def resident() -> int:
    """Return how many bytes of memory this process has; 0 where that cannot be known."""
    try:
        pages = Path("/proc/self/statm").read_bytes().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
