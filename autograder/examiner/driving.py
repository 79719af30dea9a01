"""Runs the cells of a notebook in the kernel of a room, within limits of time and of output."""

import time
from contextlib import suppress
from enum import Enum
from functools import cache
from signal import SIGINT
from types import TracebackType
from typing import Any, cast

import zmq
from jupyter_client.blocking import BlockingKernelClient

from autograder.examiner.outputs import CellOutputs
from autograder.rooms import Room

READY = 30  # seconds for a kernel to answer at all
GRACE = 2.0  # seconds that an interrupted cell has to stop
LATE = 0.5  # seconds for the last outputs of a cell that has replied
LARGEST = 64 * 1024 * 1024  # bytes of one message; a larger one cuts the connection
WAITING = 20  # messages that wait to be read; with the largest the grader stays below 2 GB
AT_ONCE = 100  # messages read before time is looked at again


class End(Enum):
    """How the run of a cell ended."""

    DONE = "done"
    SLOW = "slow"  # it was interrupted and stopped
    STUCK = "stuck"  # it was interrupted and went on
    DIED = "died"  # the kernel is gone


class Kernel:
    """The grader's client of a room's kernel.

    nbclient, which other programs drive rooms with, keeps every output that a kernel sends and
    waits as long as the kernel likes; so the grader reads the messages itself.

    Parameters
    ----------
    room
        Whose kernel it is.

    Raises
    ------
    RuntimeError
        The kernel does not answer.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self._client = BlockingKernelClient(context=_context())
        self._client.load_connection_info(cast(Any, room.connection))
        self._client.start_channels(stdin=False, hb=False, control=False)
        self._shell = self._client.shell_channel.socket
        self._iopub = self._client.iopub_channel.socket
        self._poller = zmq.Poller()
        self._poller.register(self._shell, zmq.POLLIN)
        self._poller.register(self._iopub, zmq.POLLIN)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """Ask until an answer comes on both channels: a subscription takes its time."""
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline and not self.room.ended():
            watch = _Watch(self._client.kernel_info())
            # Its reply comes for sure; that it is idle is lost if we listened too late.
            until = deadline
            while time.monotonic() < until and not self.room.ended():
                self._read(watch, None, 10)
                if watch.replied and watch.idle:
                    return
                if watch.replied:
                    until = min(until, time.monotonic() + 0.01)
        raise RuntimeError(self.room.ended() or f"no answer in {READY} seconds")

    def quietly(self, code: str, timeout: float) -> bool:
        """Run code of the grader's own; return whether it ran to its end."""
        watch = _Watch(self._client.execute(code, silent=True, store_history=False))
        end = self._follow(watch, None, timeout)
        return end is End.DONE and watch.status == "ok"

    def run(self, source: str, timeout: float, outputs: CellOutputs) -> End:
        """Run a cell of the notebook; errors in it are outputs."""
        watch = _Watch(
            self._client.execute(source, store_history=True, allow_stdin=False, stop_on_error=False)
        )
        return self._follow(watch, outputs, timeout)

    def _follow(self, watch: "_Watch", outputs: CellOutputs | None, timeout: float) -> End:
        deadline = time.monotonic() + timeout
        interrupted = replied = 0.0
        while True:
            busy = self._read(watch, outputs, 50)
            now = time.monotonic()
            if watch.replied:
                replied = replied or now
                if not watch.idle and now - replied > LATE:
                    self._listen_anew(outputs)
                    watch.idle = True
                if watch.idle:
                    return End.SLOW if interrupted else End.DONE
            if not busy and self.room.ended():
                self._read(watch, outputs, 0)
                return End.DIED
            if interrupted and now - interrupted > GRACE:
                return End.STUCK
            if not interrupted and (now > deadline or (outputs and outputs.flooded)):
                self.room.send_signal(SIGINT)
                interrupted = now

    def _listen_anew(self, outputs: CellOutputs | None) -> None:
        """Connect again to what the kernel shows: a message that was too large cut us off."""
        if outputs is not None:
            outputs.flooded = outputs.flooded or f"it shows more than {LARGEST >> 20} MiB at once"
        self._poller.unregister(self._iopub)
        self._client.iopub_channel.stop()
        self._client._iopub_channel = None
        self._client.iopub_channel.start()
        self._iopub = self._client.iopub_channel.socket
        self._poller.register(self._iopub, zmq.POLLIN)
        self._wait_until_ready()

    def _read(self, watch: "_Watch", outputs: CellOutputs | None, milliseconds: int) -> bool:
        """Read what has come; return whether anything has."""
        ready = dict(self._poller.poll(milliseconds))
        for sock in ready:
            for _ in range(AT_ONCE):
                try:
                    parts = sock.recv_multipart(zmq.NOBLOCK)
                except zmq.ZMQError:
                    break
                self._take(parts, sock is self._iopub, watch, outputs)
        return bool(ready)

    def _take(
        self, parts: list[bytes], public: bool, watch: "_Watch", outputs: CellOutputs | None
    ) -> None:
        # Threads of earlier cells may talk for ever: what is not of this cell costs one search.
        if not any(watch.number in part for part in parts[-3:-1] or parts):
            return
        with suppress(Exception):  # the student's code can send anything
            _, parts_of = self._client.session.feed_identities(parts, copy=True)
            message: dict[str, Any] = self._client.session.deserialize(parts_of, copy=True)
            if message["parent_header"].get("msg_id") != watch.name:
                return
            kind, content = message["msg_type"], message["content"]
            if not public:
                watch.replied = True
                watch.status = str(content.get("status", ""))
            elif kind == "status":
                watch.idle = watch.idle or content.get("execution_state") == "idle"
            elif outputs is not None:
                outputs.take(kind, content, sum(map(len, parts)))

    def close(self) -> None:
        """Stop listening: from now on nothing that the notebook says is kept."""
        self._client.stop_channels()

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Watch:
    """What has come in answer to one request."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = name.encode()
        self.replied = self.idle = False
        self.status = ""


@cache
def _context() -> zmq.Context[Any]:
    """Return the one context of this process; its sockets refuse enormous messages."""
    context: zmq.Context[Any] = zmq.Context()
    context.MAXMSGSIZE = LARGEST
    context.RCVHWM = WAITING
    context.RECONNECT_IVL = -1
    context.LINGER = 0
    return context
