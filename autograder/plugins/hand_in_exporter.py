"""What opens handed-in notebooks for ``nbgrader autograde``: nothing but the intake."""

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert import NotebookExporter
from nbformat import NotebookNode, v4
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde

from autograder.errors import AutograderError
from autograder.grading import Options, grade
from autograder.intake.folder import MAX_FILE
from autograder.plugins.conversion import workspace_of
from autograder.plugins.examination import HerePool
from autograder.plugins.grade_in_rooms import GradeInRooms
from autograder.plugins.rebuild_notebook import RebuildNotebook
from autograder.workspace import Workspace


class HandInExporter(NotebookExporter):
    """Reads nothing of a hand-in that `RebuildNotebook` reads itself, and carries odd folders.

    Named in ``nbgrader_config.py``::

        c.Autograde.exporter_class = "autograder.plugins.HandInExporter"

    nbgrader reads a notebook before its first step sees it, and stops at a byte-order mark or at
    half a file; and it copies what lies beside a notebook, through symbolic links. This exporter is
    made once a run, when the hand-ins are listed and none is open. Those that nbgrader cannot carry
    (a notebook under another name, links, devices, large files, no notebook at all) are graded by
    ``autograder grade`` there and then, and taken off nbgrader's list; the log says so.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if isinstance(self.parent, Autograde):
            self._carry(self.parent)

    def from_file(
        self, file_stream: Any, resources: dict[str, Any] | None = None, **settings: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert a notebook; nbconvert calls this with an open file."""
        if any(isinstance(step, RebuildNotebook) for step in self._preprocessors):
            # What is in the file is for the intake alone to read.
            return self.from_notebook_node(v4.new_notebook(), resources=resources, **settings)
        return super().from_file(file_stream, resources=resources, **settings)

    def _carry(self, converter: Autograde) -> None:
        """Grade what nbgrader cannot carry, and take it off its list."""
        if not any(_is_ours(step) for step in converter.autograde_preprocessors):
            return
        workspace, assignment = workspace_of(self), converter.coursedir.assignment_id
        left = dict(converter.assignments)
        for folder, reason in _odd_folders(converter, workspace, assignment):
            left.pop(folder, None)
            student = _student(converter, folder)
            if student and student not in converter.coursedir.student_id_exclude.split(","):
                self.log.warning(
                    "%s: %s: graded as by 'autograder grade'", os.path.normpath(folder), reason
                )
                self._grade(workspace, assignment, student, converter.force)
        converter.assignments = left

    def _grade(self, workspace: Workspace, assignment: str, student: str, force: bool) -> None:
        isolation = GradeInRooms(config=self.config).isolation or None
        pool: Any = HerePool()
        options = Options(regrade=force, isolation=isolation, pool=pool, patience=60)
        try:
            done = grade(workspace, assignment, students=[student], options=options)
        except (AutograderError, MissingEntry) as error:
            self.log.error("%s, %s: not graded: %s", student, assignment, error)
            return
        for one in done.needs_person:
            self.log.error("%s, %s NEEDS A PERSON: %s", student, assignment, one.reason)


def _is_ours(step: Any) -> bool:
    """Whether a step is `GradeInRooms`, which settings may name by class or in words."""
    name = step if isinstance(step, str) else step.__name__
    return name.rpartition(".")[2] == GradeInRooms.__name__


def _odd_folders(
    converter: Autograde, workspace: Workspace, assignment: str
) -> Iterator[tuple[str, str]]:
    """Name the hand-ins that nbgrader cannot carry, and why."""
    directory = converter.coursedir
    wanted = {path.name for path in workspace.folder("source", assignment).glob("*.ipynb")}
    pattern = converter._format_source(assignment, directory.student_id)
    for folder in sorted(glob.glob(pattern)):
        reason = _dangers(folder)
        if not reason and directory.notebook_id == "*":
            names = {os.path.basename(path) for path in converter.assignments.get(folder, ())}
            if not names:
                reason = "no notebook"
            elif names - wanted and wanted - names:
                reason = f"no {' and no '.join(sorted(wanted - names))}, but others"
        if reason:
            yield folder, reason


def _dangers(folder: str) -> str:
    """Say what should not be opened or copied; nothing where all are ordinary files."""
    if os.path.islink(folder):
        return "a link in the place of the folder"
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            about = os.lstat(os.path.join(above, name))
            if stat.S_ISLNK(about.st_mode):
                return f"a symbolic link, {name!a}"
            if not stat.S_ISDIR(about.st_mode) and not stat.S_ISREG(about.st_mode):
                return f"no file, but a device or a pipe, {name!a}"
            if about.st_size > MAX_FILE and stat.S_ISREG(about.st_mode):
                return f"a file of more than {MAX_FILE // 2**20} MiB, {name!a}"
    return ""


def _student(converter: Autograde, folder: str) -> str:
    """Read the student's id off a folder's name."""
    for path in (Path(folder), *Path(folder).parents):
        pattern = converter._format_source(converter.coursedir.assignment_id, path.name)
        if os.path.normpath(pattern) == os.path.normpath(folder):
            return path.name
    return ""
