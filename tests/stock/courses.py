"""Courses of stock nbgrader in a folder of their own, graded by nbgrader itself or by ours.

A course is what a stranger would have: ``nbgrader_config.py`` with a name in it, ``source/``,
``submitted/``, no ``course.toml``, no roster.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import nbgrader
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde

from autograder.grading import Options, grade
from autograder.nbgrader_step import StepError, run_step
from autograder.workspace import open_workspace

INSTALLED = Path(nbgrader.__file__).parent
#: The course of nbgrader's own user guide.
GUIDE = INSTALLED / "docs/source/user_guide"
#: The notebooks that nbgrader is tested with.
SAMPLES = INSTALLED / "tests/apps/files"
CONFIG = """c = get_config()
c.CourseDirectory.course_id = 'stock'
"""
# nbgrader calls the program `alembic`, which lies beside this Python.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

#: What a hand-in holds: a notebook's or file's name to its content.
Files = Mapping[str, NotebookNode | bytes | str | Path]


@dataclass(frozen=True, order=True)
class Place:
    """Where a mark stands."""

    student: str
    notebook: str
    cell: str


@dataclass(frozen=True)
class Mark:
    """What a grader says about a cell.

    Parameters
    ----------
    points
        By the machine; None where a person has to give them.
    needs_person
        Whether formgrader asks for a person.
    comment
        What the machine writes beside it.
    """

    points: float | None
    needs_person: bool
    comment: str | None = None


def make_course(folder: Path, source: Mapping[str, Files], config: str = "") -> Path:
    """Write a course with some assignments, and read them into its gradebook."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG + config, encoding="utf-8")
    for assignment, files in source.items():
        write(folder / "source" / assignment, files)
        nbgrader_command(folder, "generate_assignment", assignment)
    return folder


def hand_in(course: Path, assignment: str, student: str, files: Files) -> None:
    """Put a hand-in where nbgrader's collecting leaves it."""
    write(course / "submitted" / student / assignment, files)


def released(course: Path, assignment: str) -> dict[str, NotebookNode]:
    """Read the notebooks that students are given, by file name."""
    folder = course / "release" / assignment
    return {path.name: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}


def answered(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Give a copy of a released notebook with answers filled in, by the cell's ``grade_id``."""
    notebook = nbformat.from_dict(notebook)
    places = {grade_id(cell): cell for cell in notebook.cells}
    for name, source in answers.items():
        places[name].source = source
    return notebook


def solved(course: Path, assignment: str) -> dict[str, NotebookNode]:
    """Hand in the instructor's own answers."""
    found = {}
    for path in (course / "source" / assignment).glob("*.ipynb"):
        source = nbformat.read(path, as_version=4)
        answers = {
            grade_id(cell): cell.source
            for cell in source.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        found[path.name] = answered(released(course, assignment)[path.name], answers)
    return found


def grade_id(cell: NotebookNode) -> str:
    """Give nbgrader's name of a cell."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def marks_by_stock(course: Path, assignment: str) -> dict[Place, Mark]:
    """Grade all hand-ins with ``nbgrader autograde``, in a copy of the course."""
    copy = course.with_name(f"{course.name}-stock")
    shutil.copytree(course, copy)
    # Its exit status is 1 when one hand-in fails; the others are graded all the same.
    nbgrader_command(copy, "autograde", assignment, status=None)
    return marks(copy, assignment)


def marks_by_stock_one_by_one(course: Path, assignment: str) -> dict[Place, Mark]:
    """Grade all hand-ins with nbgrader's own step, each for itself: one may abort the others."""
    workspace = open_workspace(shutil.copytree(course, course.with_name(f"{course.name}-stock")))
    for folder in sorted(workspace.folder("submitted", assignment, "*").parent.parent.iterdir()):
        step = Autograde(coursedir=workspace.coursedir, config=workspace.config)
        with suppress(StepError):
            run_step(step, assignment, folder.name)
    return marks(workspace.root, assignment)


def marks_by_rooms(
    course: Path, assignment: str, isolation: str | None = None
) -> dict[Place, Mark]:
    """Grade all hand-ins with ``autograder grade``, in a copy of the course."""
    copy = course.with_name(f"{course.name}-rooms")
    shutil.copytree(course, copy)
    grade(open_workspace(copy), assignment, options=Options(isolation=isolation, workers=1))
    return marks(copy, assignment)


def marks(course: Path, assignment: str) -> dict[Place, Mark]:
    """Read what stands in the gradebook of a course."""
    found: dict[Place, Mark] = {}
    with Gradebook(f"sqlite:///{course}/gradebook.db", "stock") as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            student = submission.student.id
            for notebook in submission.notebooks:
                comments = {one.name: one.auto_comment for one in notebook.comments}
                for one in notebook.grades:
                    place = Place(student, notebook.name, one.name)
                    comment = comments.pop(one.name, None)
                    found[place] = Mark(one.auto_score, bool(one.needs_manual_grade), comment)
                for name, comment in comments.items():
                    found[Place(student, notebook.name, name)] = Mark(None, False, comment)
    return found


def nbgrader_command(folder: Path, *words: str, status: int | None = 0) -> str:
    """Run a stock ``nbgrader`` command; return all that it says."""
    command = [sys.executable, "-m", "nbgrader", *words]
    environment = {**os.environ, "PATH": PATH}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    said = done.stdout + done.stderr
    assert status is None or done.returncode == status, said
    return said


def write(folder: Path, files: Files) -> None:
    """Write files into a folder, whatever form they have here."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        match content:
            case Path():
                shutil.copy(content, path)
            case bytes():
                path.write_bytes(content)
            case str():
                path.write_text(content, encoding="utf-8")
            case _:
                nbformat.write(content, path)
