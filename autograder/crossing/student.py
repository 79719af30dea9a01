"""A student's notebook, as one test cell uses it."""

import contextlib
import posixpath
import socket
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any

from autograder.crossing.channel import Channel, FrameLimits
from autograder.crossing.errors import StudentGone
from autograder.crossing.examiner_link import ExaminerLink, Operators
from autograder.crossing.names import Names

_LIMITS = FrameLimits(growth=2 * 1024**3)
#: What is told of a test that ran beside the student's code.
_RAN: dict[str, Any] = {
    **{"completed": bool, "line": int, "displays": list},
    **dict.fromkeys(("ename", "evalue", "value", "value_type"), str),
}


class Student:
    """A student's notebook as it was before a test, to be used by that test.

    Parameters
    ----------
    sock
        A connection to `autograder.crossing.answering.serve` beside the student's code.
    deadline
        When the test must be done, in seconds of ``time.monotonic()``.
    solution_names
        Names that the solution defines: there the student's come before Python's own.
    allowed_classes
        Classes whose operators take part in a test: their names, or better names to the operators
        that the *solution's* class has (`operators_of`). ``"__eq__:data"`` among them lets ``==``
        with plain data be the class's business.
    apply_changes
        Whether what the student's code changes in arguments is changed in the test's objects.
    names
        The namespace of the tests, which looks for names here from now on; a new one, if left out.

    Attributes
    ----------
    names : Names
        The namespace to run the test in.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        deadline: float | None = None,
        solution_names: frozenset[str] = frozenset(),
        allowed_classes: "Operators | frozenset[str]" = frozenset(),
        apply_changes: bool = True,
        names: Names | None = None,
        limits: FrameLimits = _LIMITS,
    ) -> None:
        self.names = Names() if names is None else names
        channel = Channel(sock, deadline, limits)
        self._link = ExaminerLink(channel, self.names, allowed_classes, apply_changes)
        self.names.attach(self._link, solution_names)
        self._link.seeding.start()

    @property
    def gone(self) -> str:
        """What became of the notebook, to follow "Your notebook"; empty while it answers."""
        return self._link.gone

    @property
    def changed_arguments(self) -> bool:
        """Whether the student's code changed an object of the test's in place."""
        return self._link.changed_arguments

    @property
    def printed(self) -> str:
        """What the student's code printed, cut where it is very long."""
        return self._link.printed

    def forget_seeds(self) -> None:
        """Keep the present state of the random generators from the student's code."""
        self._link.seeding.seeded.clear()

    @contextlib.contextmanager
    def context(self, dotted: str, *args: Any) -> Iterator[None]:
        """Enter a context manager there, by its dotted name, around each call made meanwhile."""
        self._link.contexts.append((dotted, args))
        try:
            yield
        finally:
            self._link.contexts.pop()

    def call(self, dotted: str, *args: Any, **options: Any) -> Any:
        """Call a library function there, by its dotted name, with the student's own objects."""
        return self._link.ask("library", dotted, args, options)

    def files(self) -> dict[str, bytes]:
        """Return the files in the notebook's work folder, as far as they are not too large."""
        found = self._link.ask("files")
        if type(found) is not dict:
            raise StudentGone("Your notebook did not say which files it wrote.")
        files = {
            key: value for key, value in found.items() if is_path(key) and type(value) is bytes
        }
        folders = {str(parent) for key in files for parent in PurePosixPath(key).parents}
        return {key: value for key, value in files.items() if key not in folders}

    def run(self, source: str, before: Sequence[str] = ()) -> dict[str, Any]:
        """Run a test beside the student's code, which could deceive it; say how it went.

        Parameters
        ----------
        before
            Statements of earlier tests that it builds on.

        Returns
        -------
        dict
            ``completed``, ``ename``, ``evalue``, ``line``, ``value``, ``value_type``, ``displays``.
        """
        found = self._link.ask("run", source, list(before))
        found = found if type(found) is dict else {}
        ran = {
            key: found[key] if type(found.get(key)) is kind else kind()
            for key, kind in _RAN.items()
        }
        displays = [shown for shown in ran["displays"] if type(shown) is dict]
        return ran | {"value": ran["value"] or None, "displays": displays}

    def close(self) -> None:
        """Hang up; names are no longer looked for there."""
        self._link.seeding.stop()
        self.names.detach()
        self._link.gone = self._link.gone or "is closed"
        self._link.channel.close()

    def __enter__(self) -> "Student":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def is_path(name: Any) -> bool:
    """Tell whether this is a path of a file below a folder, as a room tells it."""
    if type(name) is not str or not name.isprintable() or posixpath.normpath(name) != name:
        return False
    parts = PurePosixPath(name).parts
    lengths = [len(part.encode()) for part in parts]
    return parts[:1] not in ((), ("/",), ("..",)) and max(lengths) < 256 and sum(lengths) < 1024
