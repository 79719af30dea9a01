"""The grader's end of an examiner's room."""

import socket
from collections.abc import Mapping
from types import TracebackType

from autograder.rooms.occupant import Occupant, settings_of
from autograder.rooms.zygotes import Zygote


class Examiner(Occupant):
    """A process of ours behind walls, running ``autograder.examiner.process.main(socket)``.

    Parameters
    ----------
    zygote
        Who makes the room.
    files
        What lies in its work folder, where it starts.
    environment
        More variables for it.

    Attributes
    ----------
    socket
        A stream to the process, over which open files can be sent too.
    """

    def __init__(
        self, zygote: Zygote, files: Mapping[str, bytes], environment: Mapping[str, str]
    ) -> None:
        super().__init__(zygote)
        self.socket, theirs = socket.socketpair()
        try:
            with theirs:
                self.enter(settings_of(zygote, "examiner", environment), files, [theirs.fileno()])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process and its room."""
        self.socket.close()
        super().close()

    def __enter__(self) -> "Examiner":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
