"""The student's kernel: IPython's own, on sockets that the grader opened."""

import sys
from collections.abc import Sequence
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

# The order in which the grader opens them.
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class RoomHeartbeat(Heartbeat):
    """Listens where the grader does."""

    listener = -1

    def _try_bind_socket(self) -> Any:
        self.socket.setsockopt(zmq.USE_FD, self.listener)
        return super()._try_bind_socket()


class RoomKernelApp(IPKernelApp):
    """Starts IPython's kernel on listening sockets that exist already, without any file."""

    def listen_at(self, path: str, key: str, listeners: Sequence[int], heartbeat: bool) -> None:
        """Say where to listen, before `initialize`."""
        self.transport, self.ip = "ipc", path
        for number, channel in enumerate(CHANNELS, start=1):
            setattr(self, f"{channel}_port", number)
        self.session.key = key.encode()
        self.listeners = listeners
        self.beats = heartbeat

    def _try_bind_socket(self, s: Any, port: int) -> int:
        s.setsockopt(zmq.USE_FD, self.listeners[port - 1])
        s.bind(f"ipc://{self.ip}-{port}")
        return port

    def init_control(self, context: Any) -> None:
        """Open the control channel; the debugger's way to it has no path inside a room."""
        context.RECONNECT_IVL = -1
        super().init_control(context)

    def init_heartbeat(self) -> None:
        """Start the heart where a client listens for it."""
        self.heartbeat = None
        if self.beats:
            heart = RoomHeartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
            heart.listener = self.listeners[self.hb_port - 1]
            heart.start()
            self.heartbeat = heart

    def init_poller(self) -> None:
        """Watch no parent: init does."""

    def init_connection_file(self) -> None:
        """Read no file: `listen_at` said it all."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Write no file."""

    def init_crash_handler(self) -> None:
        """Let errors of the start reach init."""


def configuration() -> Config:
    """Return what a kernel needs when nobody types at it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.Completer.use_jedi = False
    config.IPKernelApp.log_level = 40
    return config


def prepare(settings: dict[str, Any], listeners: Sequence[int]) -> RoomKernelApp:
    """Return a kernel that listens; init's child calls it and starts it."""
    app = RoomKernelApp.instance(config=configuration())
    app.listen_at(settings["path"], settings["key"], listeners, settings["heartbeat"])
    # Nothing of the command line is ours, as far as the notebook sees.
    sys.argv = ["ipykernel_launcher.py"]
    app.initialize([])
    return app
