"""What `nbgrader_config.py` cannot say in a line: time zone, exchange, programs, assignments.

nbgrader reads its settings again and again, formgrader with each request: all of this is quick, and
safe to repeat.
"""

import os
import sys
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from traitlets import log

from cmp784 import course

_reported: set[str] = set()


def time_zone(root: Path | str) -> str:
    """Give the time zone of a course, in which formgrader shows due dates.

    Parameters
    ----------
    root
        Top of the course.

    Returns
    -------
    str
        A name such as ``Europe/Istanbul``; ``UTC`` without a syllabus, or when it has a mistake.
        The mistake goes to nbgrader's log, once: most of nbgrader needs no syllabus.
    """
    file = Path(root) / course.FILE
    if not file.is_file():
        return "UTC"
    try:
        return course.load(file).course.time_zone
    except course.CourseError as error:
        if str(error) not in _reported:
            _reported.add(str(error))
            log.get_logger().error("%s Until then, times are shown in UTC.", error)
        return "UTC"


def exchange(gradebook: Path | str) -> str:
    """Make a folder for nbgrader's exchange where the system has none, and return its path."""
    folder = Path(gradebook) / "exchange"
    folder.mkdir(exist_ok=True)
    return str(folder)


def put_programs_on_the_path() -> None:
    """Let nbgrader find the program ``alembic``, which lies beside this Python."""
    programs = os.path.dirname(sys.executable)
    path = os.environ.get("PATH", "")
    if programs not in path.split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + path


def hide_other_folders() -> None:
    """Let nbgrader and formgrader list as assignments only the folders that may be some.

    A folder of ``solutions/`` is listed when it holds a notebook, or nothing at all: formgrader
    makes an empty one for a new assignment. Stock nbgrader 0.9.6 lists every folder and has no
    setting for it, so this wraps the one method that looks; without that method it does nothing.
    """
    original = getattr(NbGraderAPI, "get_source_assignments", None)
    if original is None or getattr(original, "hides_other_folders", False):
        return

    def get_source_assignments(self: NbGraderAPI) -> set[str]:
        directory = self.coursedir
        found = original(self)
        paths = {n: directory.format_path(directory.source_directory, ".", n) for n in found}
        return {name for name, path in paths.items() if _may_be_an_assignment(path)}

    wrapped: Any = get_source_assignments
    wrapped.hides_other_folders = True
    NbGraderAPI.get_source_assignments = wrapped


def _may_be_an_assignment(folder: str) -> bool:
    """Tell whether a folder holds a notebook, or nothing."""
    names = [name for name in os.listdir(folder) if not name.startswith(".")]
    return not names or any(name.endswith(".ipynb") for name in names)
