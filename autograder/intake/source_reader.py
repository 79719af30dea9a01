"""Read an assignment's notebooks: from the source folder, and from nbgrader's gradebook.

The same steps run as in ``nbgrader generate_assignment``, with two changes: no kernel writes tests
(they stand in the gradebook, where generating has put them), and nothing is saved.
"""

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import IncludeHeaderFooter, InstantiateTests, SaveCells
from traitlets.utils.importstring import import_item

from autograder.intake.errors import IntakeError
from autograder.intake.source import ANSWER, GIVEN, TASK, TEST, SourceCell, SourceNotebook
from autograder.workspace import Workspace
from cmp784.outputs import NotebookError, open_notebook

#: Tag of a test cell that is to run beside the student's code.
IN_ROOM = "in-room"

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True)
class _Saved:
    """What the gradebook holds of a cell."""

    source: str
    points: float


@dataclass(frozen=True)
class _Before:
    """A cell as the instructor wrote it, before anything is taken out."""

    source: str
    metadata: Mapping[str, Any]


def read_sources(workspace: Workspace, assignment: str) -> tuple[SourceNotebook, ...]:
    """Read the notebooks of an assignment, in the order of their names.

    Parameters
    ----------
    workspace
        The course.
    assignment
        nbgrader's name of it. The gradebook must hold it already
        (`autograder.grading.ensure_generated`).

    Raises
    ------
    WorkspaceError
        When there is no source.
    IntakeError
        When a notebook of it cannot be read, or the gradebook holds another version.
    """
    workspace.check_assignment(assignment)
    folder = workspace.folder("source", assignment)
    with workspace.gradebook() as gradebook:
        saved = {
            path: _saved(gradebook, assignment, path) for path in sorted(folder.glob("*.ipynb"))
        }
    with _at(workspace.root):
        return tuple(_read(workspace, assignment, path, cells) for path, cells in saved.items())


def _saved(gradebook: Gradebook, assignment: str, path: Path) -> dict[str, _Saved]:
    """Take what the gradebook knows of a notebook's cells."""
    try:
        notebook = gradebook.find_notebook(path.stem, assignment)
    except MissingEntry:
        raise IntakeError(
            f"'{path}': the gradebook does not hold this notebook. "
            f"Run 'nbgrader generate_assignment {assignment}'."
        ) from None
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    return {
        cell.name: _Saved(cell.source or "", float(points.get(cell.name) or 0))
        for cell in notebook.source_cells
    }


def _read(
    workspace: Workspace, assignment: str, path: Path, saved: Mapping[str, _Saved]
) -> SourceNotebook:
    try:
        notebook = open_notebook(path)
    except NotebookError as error:
        raise IntakeError(str(error)) from error
    known = _ids(path)
    converter = GenerateAssignment(coursedir=workspace.coursedir, config=workspace.config)
    converter.log = logging.getLogger("autograder.intake")
    resources = _resources(workspace, assignment, path)
    before = _before(notebook)
    full: dict[str, str] = {}
    try:
        for step in _steps(converter):
            if isinstance(step, SaveCells):
                full = _take_from_gradebook(notebook, saved, path, assignment)
            elif not isinstance(step, InstantiateTests):
                notebook, resources = step(notebook, resources)
            if isinstance(step, IncludeHeaderFooter):
                before = _before(notebook)
    except IntakeError:
        raise
    except Exception as error:  # a step of nbgrader, or of the course, may raise anything
        raise IntakeError(
            f"'{path}': a step of the release stops with {type(error).__name__}: {error}. "
            f"Run 'nbgrader generate_assignment {assignment}' to see more."
        ) from error
    was = [before.get(_key(cell), _Before(cell.source, {})) for cell in notebook.cells]
    _name(notebook.cells, known)
    cells = tuple(
        _source_cell(cell, saved, old, full) for cell, old in zip(notebook.cells, was, strict=True)
    )
    return SourceNotebook(path.stem, cells, json.loads(json.dumps(notebook.metadata)))


def _steps(converter: GenerateAssignment) -> Iterator[Any]:
    """Make the steps of a release as nbconvert would; those that are switched off stay out."""
    found_saving = False
    for given in converter.preprocessors:
        step = import_item(given) if isinstance(given, str) else given
        made = step(parent=converter) if isinstance(step, type) else step
        saves = isinstance(made, SaveCells)
        found_saving = found_saving or saves
        if getattr(made, "enabled", True) or saves:
            yield made
    if not found_saving:  # a course that takes it out must still be graded
        yield SaveCells(parent=converter)


def _resources(workspace: Workspace, assignment: str, path: Path) -> ResourcesDict:
    """Say what a converter of nbgrader would say to its steps."""
    names = {
        "student": ".",
        "assignment": assignment,
        "notebook": path.stem,
        "db_url": workspace.coursedir.db_url,
    }
    about = {"name": path.stem, "path": str(path.parent)}
    return ResourcesDict(unique_key=path.stem, nbgrader=names, metadata=ResourcesDict(**about))


def _take_from_gradebook(
    notebook: Any, saved: Mapping[str, _Saved], path: Path, assignment: str
) -> dict[str, str]:
    """Put in each cell the source that the gradebook holds: hidden and generated tests are there.

    Returns
    -------
    dict of str to str
        The ``grade_id`` and the whole source.
    """
    found = {}
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if not any(about.get(key) for key in ("grade", "solution", "locked", "task")):
            continue
        name = about["grade_id"]
        if name not in saved:
            raise IntakeError(
                f"'{path}', cell '{name}': not in the gradebook, so the source has changed since "
                f"it was released. Run 'nbgrader generate_assignment {assignment} --force'."
            )
        cell.source = found[name] = saved[name].source
    return found


def _before(notebook: Any) -> dict[str, _Before]:
    """Keep the cells by ``grade_id``, and by ``id`` those without one."""
    return {_key(cell): _Before(cell.source, dict(cell.metadata)) for cell in notebook.cells}


def _key(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or f"id:{cell.get('id')}")


def _source_cell(
    cell: Any, saved: Mapping[str, _Saved], was: _Before, full: Mapping[str, str]
) -> SourceCell:
    about = cell.metadata.get("nbgrader", {})
    role = _role(cell.cell_type, about)
    name = about.get("grade_id", "") if any(map(about.get, _FLAGS)) else ""
    points = saved[name].points if role != GIVEN and name in saved else 0.0
    plain = json.loads(json.dumps(cell))
    if cell.cell_type == "code":
        plain |= {"outputs": [], "execution_count": None}
    return SourceCell(
        role=role,
        grade_id=name,
        points=points,
        manual=role == TASK or bool(role == ANSWER and about.get("grade")),
        cell=plain,
        full=full.get(name, cell.source),
        solution=was.source if role == ANSWER else "",
        timeout=_timeout(was.metadata),
        in_room=role == TEST and _is_in_room(was.metadata),
    )


_FLAGS = ("grade", "solution", "locked", "task")


def _role(kind: str, about: Mapping[str, Any]) -> str:
    """Say what a cell is for."""
    if about.get("task"):
        return TASK
    if about.get("solution"):
        return ANSWER
    return TEST if about.get("grade") and kind == "code" else GIVEN


def _timeout(metadata: Mapping[str, Any]) -> float | None:
    """Read the seconds that a cell may run."""
    course = metadata.get("course")
    seconds = course.get("timeout") if isinstance(course, Mapping) else None
    usable = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
    return float(seconds) if usable and seconds is not None else None


def _is_in_room(metadata: Mapping[str, Any]) -> bool:
    course = metadata.get("course")
    asked = course.get("in_room") is True if isinstance(course, Mapping) else False
    return asked or IN_ROOM in metadata.get("tags", ())


def _ids(path: Path) -> set[str]:
    """Give the cell ids that stand in the file: nbformat draws others anew at each reading."""
    plain = json.loads(path.read_text("utf-8-sig"))
    return {str(cell["id"]) for cell in plain.get("cells", ()) if "id" in cell}


def _name(cells: list[Any], known: set[str]) -> None:
    """Give each cell an id that is its own and the same at each reading."""
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        name = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        wished = cell.get("id", "") if cell.get("id") in known else name
        usable = _ID.fullmatch(wished) and wished not in taken
        cell["id"] = wished if usable else f"cell-{number}"
        while cell["id"] in taken:
            cell["id"] += "x"
        taken.add(cell["id"])


@contextmanager
def _at(folder: Path) -> Iterator[None]:
    """Work in the top of the course, as nbgrader's steps do: their paths begin there."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
