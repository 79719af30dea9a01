"""Where the code under check runs in another process: what has to be done beside it, and there.

In a notebook nothing is elsewhere. A grader that keeps a student's code out of its own process puts
its way to that process here; checks that watch or read a student's code then ask for it there.
"""

from contextlib import AbstractContextManager
from typing import Any, Protocol


class Room(Protocol):
    """A process that holds the student's code."""

    def context(self, dotted: str, *arguments: Any) -> AbstractContextManager[Any]:
        """Enter a context manager of this package there, around each call made meanwhile."""

    def call(self, dotted: str, *arguments: Any, **options: Any) -> Any:
        """Call a function of this package there, with the student's own objects."""


#: The process that holds the student's code; nothing when it is this one.
room: Room | None = None
