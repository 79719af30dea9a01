"""The course folder that an instructor works in: nbgrader's settings, the syllabus, the folders."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader
from traitlets.config.loader import ConfigFileNotFound

from autograder import settings
from autograder.errors import AutograderError
from autograder.office import place
from autograder.office.place import SETTINGS, SOURCE
from cmp784 import course

#: Step to the setting of nbgrader's course directory that names its folder.
STEPS = {
    step: f"{step}_directory"
    for step in ("source", "release", "submitted", "autograded", "feedback")
}
#: Told how many of how many steps are done, and what comes: ``progress(done, total, what)``.
Progress = Callable[[int, int, str], None]


class WorkspaceError(AutograderError):
    """A folder that is no course, settings that cannot be read, or an unknown assignment."""


@dataclass(frozen=True)
class Workspace:
    """A course folder.

    Parameters
    ----------
    root
        Its top, where ``nbgrader_config.py`` lies; absolute.
    config
        What ``nbgrader_config.py`` sets; nothing where there is none.
    """

    root: Path
    config: Config

    @cached_property
    def coursedir(self) -> CourseDirectory:
        """The folders, as nbgrader itself sees them."""
        directory = CourseDirectory(config=self.config)
        directory.root = str(self.root)
        return directory

    @cached_property
    def syllabus(self) -> course.Course:
        """The syllabus beside the settings; `cmp784.course.CourseError` tells what is wrong."""
        return course.load(self.root)

    @property
    def has_syllabus(self) -> bool:
        """Whether it has a ``course.toml``; without one there are no due dates but nbgrader's."""
        return (self.root / course.FILE).is_file()

    @property
    def run_time(self) -> Path:
        """Where a running course leaves its files, which git ignores."""
        return place.run_time(self.root)

    def gradebook(self) -> Gradebook:
        """Open nbgrader's gradebook; use it as a context manager."""
        settings.put_programs_on_the_path()
        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)

    def api(self) -> NbGraderAPI:
        """Give nbgrader's programming interface, with the course's settings."""
        settings.put_programs_on_the_path()
        return NbGraderAPI(coursedir=self.coursedir, config=self.config)

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """Give the folder of an assignment at one of nbgrader's steps.

        Parameters
        ----------
        step
            ``source``, ``release``, ``submitted``, ``autograded`` or ``feedback``.
        assignment
            nbgrader's name of the assignment.
        student
            The student's id; for ``source`` and ``release`` there is none.
        """
        name = getattr(self.coursedir, STEPS[step])
        return Path(self.coursedir.format_path(name, student, assignment))

    def check_assignment(self, assignment: str) -> None:
        """Refuse an assignment that has no source notebook.

        Raises
        ------
        WorkspaceError
            Names the assignments that there are.
        """
        if not any(self.folder("source", assignment).glob("*.ipynb")):
            known = ", ".join(self.assignments()) or "none"
            source = self.coursedir.source_directory
            raise WorkspaceError(
                f"'{source}/{assignment}': no notebook there. Assignments are: {known}. "
                "Correct the name."
            )

    def assignments(self) -> list[str]:
        """List the folders that hold source notebooks: nbgrader's assignments."""
        above = self.folder("source", "name").parent
        folders = (path for path in above.glob("*") if path.is_dir())
        return sorted(path.name for path in folders if any(path.glob("*.ipynb")))


def open_workspace(root: Path | str | None = None) -> Workspace:
    """Open a course folder.

    Parameters
    ----------
    root
        Its top; by default the nearest folder with ``nbgrader_config.py``, upwards from here, else
        one with ``source/``, where stock nbgrader looks for assignments.

    Raises
    ------
    WorkspaceError
        When there is no such folder, or its settings cannot be read.
    """
    top = _find() if root is None else Path(root).resolve()
    if not (top / SETTINGS).is_file():
        if (top / SOURCE).is_dir():
            return Workspace(top, Config())
        raise WorkspaceError(f"'{top}': no {SETTINGS} there. Name the top of a course of nbgrader.")
    try:
        config = PyFileConfigLoader(SETTINGS, str(top)).load_config()
    except (ConfigFileNotFound, OSError) as error:
        raise WorkspaceError(f"'{top / SETTINGS}' cannot be read ({error}).") from error
    except Exception as error:  # the file is a program: it may raise anything
        raise WorkspaceError(
            f"'{top / SETTINGS}' stops with {type(error).__name__}: {error}. Correct it."
        ) from error
    return Workspace(top, config)


def _find() -> Path:
    """Find the nearest folder with settings, upwards from the current one."""
    found = place.find_course()
    if found is not None:
        return found.resolve()
    raise WorkspaceError(
        f"'{Path.cwd()}': no {SETTINGS} here or in a folder above. "
        "Change into the course's repository, or name it with --course."
    )
