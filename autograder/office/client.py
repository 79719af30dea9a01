"""Ask the course's server to grade: it has everything imported, and its rooms are warm."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.errors import AutograderError
from autograder.office.place import connect, find_course, say, stamp
from autograder.office.summary import Grading, Tally


class ServerError(AutograderError):
    """What the server could not do, in its words.

    Parameters
    ----------
    status
        Exit status for the command line.
    """

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words, status)
        self.words, self.status = words, status

    def __str__(self) -> str:
        return self.words


def ask(
    course: Path | None,
    assignment: str,
    students: Sequence[str] | None,
    regrade: bool,
    listener: Callable[[Tally], None],
) -> Grading | None:
    """Let a running server grade.

    Returns
    -------
    Grading
        None where no server runs, or one of another version.

    Raises
    ------
    ServerError
        What went wrong there.
    """
    root = find_course(course)
    connection = None if root is None else connect(root)
    if connection is None:
        return None
    with connection, connection.makefile("rb") as lines:
        asked = {"assignment": assignment, "students": students, "regrade": regrade}
        say(connection, {"grade": asked, "stamp": stamp()})
        for line in lines:
            told = json.loads(line)
            if "tally" in told:
                listener(Tally(**told["tally"]))
            elif "done" in told:
                return Grading.from_json(told["done"])
            elif "error" in told:
                raise ServerError(told["error"], int(told["status"]))
            elif "another" in told:
                return None
    raise ServerError("the server has ended before it was done. Run the command again.", 1)
