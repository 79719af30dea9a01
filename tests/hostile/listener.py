"""Somebody who listens on this machine, by TCP, UDP and a name, and writes down who comes."""

import socket
import threading
from types import TracebackType

from tests.hostile.cases import MARK


class Listener:
    """Listens until it is closed; ``heard`` holds what it was told, ``port`` where it listens."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.sockets = [socket.socket(socket.AF_INET, kind) for kind in KINDS]
        self.sockets[0].bind(("127.0.0.1", 0))
        self.port = self.sockets[0].getsockname()[1]
        self.sockets[1].bind(("127.0.0.1", self.port))
        self.sockets.append(socket.socket(socket.AF_UNIX))
        self.sockets[2].bind(f"\0{MARK}-{self.port}")
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._listen, args=(one,)) for one in self.sockets]

    def __enter__(self) -> "Listener":
        for one in self.sockets:
            one.settimeout(0.2)
            if one.type == socket.SOCK_STREAM:
                one.listen()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()
        for one in self.sockets:
            one.close()

    def _listen(self, one: socket.socket) -> None:
        """Write down each connection, or each packet."""
        while not self.ended.is_set():
            try:
                if one.type == socket.SOCK_STREAM:
                    connection, address = one.accept()
                    connection.close()
                    self.heard.append(f"{one.family.name} connection from {address!r}")
                else:
                    data, address = one.recvfrom(4096)
                    self.heard.append(f"packet from {address!r}: {data[:200]!r}")
            except TimeoutError:
                continue


KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
