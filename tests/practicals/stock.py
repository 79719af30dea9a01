"""Grade hand-ins with nbgrader itself, in a folder of their own: slow, and what counts."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from tests.practicals import handins

CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'sample'\nc.Execute.timeout = 600\n"
# nbgrader calls the program `alembic`, which lies beside this Python.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def autograde(
    folder: Path, source: NotebookNode, answers: dict[str, dict[str, str]]
) -> dict[str, dict[str, float]]:
    """Release an assignment, and grade hand-ins with some answers; return points by test cell.

    The environment's ``PATH`` has to be ``stock.PATH`` while this runs.
    """
    (folder / "nbgrader_config.py").write_text(CONFIG)
    _write(folder / "source/small/small.ipynb", source)
    _nbgrader(folder, "generate_assignment", "small")
    released = nbformat.read(folder / "release/small/small.ipynb", as_version=4)
    for student, answer in answers.items():
        path = folder / "submitted" / student / "small" / "small.ipynb"
        _write(path, handins.hand_in(released, answer))
    _nbgrader(folder, "autograde", "small")
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "sample") as gradebook:
        return {student: _points(gradebook, student) for student in answers}


def _points(gradebook: Gradebook, student: str) -> dict[str, float]:
    graded = gradebook.find_submission_notebook("small", "small", student).grades
    return {grade.name: grade.auto_score for grade in graded if grade.auto_score is not None}


def _write(path: Path, notebook: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _nbgrader(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
