"""A server of one course: rooms stay warm between runs of ``autograder grade``."""

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import AutograderError
from autograder.grading import Options, grade
from autograder.intake import read_sources
from autograder.office.lessons import lessons_of
from autograder.office.place import SERVER, connect, peer, say, stamp
from autograder.office.plan import make_plan
from autograder.office.pool import Pool
from autograder.office.summary import Tally
from autograder.office.worker import KEPT
from autograder.workspace import Workspace, WorkspaceError, open_workspace
from cmp784.errors import Cmp784Error

#: Seconds that a client may take to say what it wants.
PATIENCE = 5.0
#: A longer request is none of ours.
LONGEST = 2**20


class ServeError(AutograderError):
    """A second server for a course."""


class Server:
    """Grades for whoever asks: one request at a time, of this user only.

    Parameters
    ----------
    workspace
        The course.
    pool
        Workers, started.
    isolation
        As for `autograder.rooms.choose`.
    tell
        Is told in words what is done.
    """

    def __init__(
        self,
        workspace: Workspace,
        pool: Pool,
        isolation: str | None = None,
        tell: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.workspace, self.pool, self.isolation, self.tell = workspace, pool, isolation, tell
        self.stamp = stamp()

    def warm(self) -> list[str]:
        """Make rooms for the newest assignments, and try their tests; gives what is to be said."""
        told: set[str] = set()
        plans = {}
        for assignment in self.workspace.assignments():
            with suppress(AutograderError, SQLAlchemyError):  # not generated yet: it warms later
                sources = read_sources(self.workspace, assignment)
                plan = make_plan(self.workspace, assignment, sources, self.isolation)
                plans[plan.preload] = plan
        for plan in list(plans.values())[-KEPT:]:
            told.update(future.result() for future in self.pool.warm(plan))
            with suppress(AutograderError):  # whoever grades is told
                lessons_of(self.workspace, plan, self.pool.call)
        return sorted(filter(None, told))

    def run(self, listener: socket.socket) -> None:
        """Serve until interrupted."""
        while True:
            connection, _ = listener.accept()
            with connection:
                if peer(connection) == os.getuid():
                    # Whoever asks may go away at any time; the server stays.
                    with suppress(OSError):
                        self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection.makefile("rb") as lines:
            try:
                told = json.loads(lines.readline(LONGEST))
                asked = told["grade"]
            except (ValueError, KeyError, TypeError):
                return
        if told.get("stamp") != self.stamp:
            say(connection, {"another": "version"})
            return
        say(connection, self._grade(asked, lambda tally: say(connection, {"tally": asdict(tally)})))

    def _grade(self, asked: dict[str, Any], listener: Callable[[Tally], None]) -> dict[str, Any]:
        """Do what is asked; gives the answer, errors too."""
        try:
            # Settings, syllabus and roster may have changed since the last time.
            workspace = open_workspace(self.workspace.root)
            options = Options(bool(asked["regrade"]), self.isolation, pool=self.pool)
            done = grade(
                workspace,
                str(asked["assignment"]),
                students=asked["students"],
                options=options,
                listener=listener,
            )
        except (AutograderError, Cmp784Error) as error:
            return {"error": str(error), "status": 2 if isinstance(error, WorkspaceError) else 1}
        except SQLAlchemyError as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            words = f"the gradebook's database cannot be used: {first}"
            return {"error": words, "status": 1}
        self.tell(f"{done.assignment}: {len(done.graded)} graded, {len(done.kept)} kept.")
        return {"done": done.to_json()}


@contextmanager
def listening(workspace: Workspace) -> Iterator[socket.socket]:
    """Open the course's socket, and say in the run-time folder where it is.

    Raises
    ------
    ServeError
        When another server of this course runs.
    """
    if (other := connect(workspace.root)) is not None:
        other.close()
        raise ServeError(
            f"'{workspace.root}': another 'autograder serve' runs for this course. "
            "Use it, or stop it first."
        )
    workspace.run_time.mkdir(parents=True, exist_ok=True)
    named = workspace.run_time / SERVER
    # A private folder with a short path: a unix socket's has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="autograder-"))
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "grade"))
            listener.listen()
            words = {"socket": str(folder / "grade"), "process": os.getpid()}
            new = named.with_suffix(".new")
            new.write_text(json.dumps(words) + "\n", encoding="utf-8")
            os.replace(new, named)
            yield listener
    finally:
        named.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
