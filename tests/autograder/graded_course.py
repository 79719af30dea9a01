"""A tiny practical with every kind of question, and hand-ins that nbgrader really grades."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import nbformat
from nbformat import v4
from nbgrader.converters import GenerateAssignment

from autograder.nbgrader_step import run_step
from autograder.workspace import Workspace, open_workspace
from tests.autograder.tiny_course import make_cell

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
import os
import sys
# nbgrader calls the program `alembic`, which lies beside this Python.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
c = get_config()
c.CourseDirectory.course_id = "sample"
c.CourseDirectory.root = root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "practicals"
for step in ("submitted", "autograded", "feedback"):
    setattr(c.CourseDirectory, step + "_directory", os.path.join("gradebook", step))
os.makedirs(os.path.join(root, "gradebook"), exist_ok=True)
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(root, "gradebook", "gradebook.db")
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.hidden_tests.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
"""
STUB = "def {name}(x):\n    ### BEGIN SOLUTION\n    return {body}\n    ### END SOLUTION"
VISIBLE = 'with checks.graded("{title}"):\n    checks.equal({name}(2), {two}, name="{name}(2)")'
#: One line of it stands in no other cell.
HIDDEN = (
    "\n### BEGIN HIDDEN TESTS\n"
    'with checks.graded("{title}, large"):\n'
    '    secret_{name} = [{name}(n) for n in (10**3, 10**6)]  # "never shown"\n'
    '    checks.equal(secret_{name}[1], {large}, name="{name}(10**6)")\n'
    "### END HIDDEN TESTS"
)
PLAIN = "assert half(2) == 1\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
PLAIN_HIDDEN = 'assert half(-3.0) == -1.5, "half(-3.0) is -1.5"'
#: Every line that feedback may never show.
SECRETS = (
    'with checks.graded("A1: twice, large"):',
    "secret_double = [double(n) for n in (10**3, 10**6)]",
    "checks.equal(secret_double[1], 2 * 10**6",
    "secret_square = [square(n) for n in (10**3, 10**6)]",
    "assert half(-3.0) == -1.5",
    "HIDDEN TESTS\n",
)
RIGHT = {
    "A1-answer": "def double(x):\n    return x + x",
    "A2-answer": "def square(x):\n    return x * x",
    "B1-answer": "def half(x):\n    return x / 2",
    "G1": "The **slope** is $2x$.",
}


def make_source():
    """Build the instructor's notebook: A1 and A2 by checks, B1 by plain asserts, G1 by a person."""
    test = {"grade": True, "locked": True}
    a1 = {"title": "A1: twice", "name": "double"}
    a2 = {"title": "A2: squared", "name": "square"}
    cells = [
        v4.new_markdown_cell("# A sample practical", id="title"),
        make_cell("from cmp784 import checks", "given", locked=True),
        v4.new_markdown_cell("## A. Functions of one number", id="part-a"),
        make_cell(STUB.format(name="double", body="x + x"), "A1-answer", solution=True),
        make_cell(
            VISIBLE.format(two=4, **a1) + HIDDEN.format(large="2 * 10**6", **a1),
            "A1",
            points=3,
            **test,
        ),
        make_cell(STUB.format(name="square", body="x * x"), "A2-answer", solution=True),
        make_cell(
            VISIBLE.format(two=4, **a2) + HIDDEN.format(large="10**12", **a2),
            "A2",
            points=4,
            **test,
        ),
        v4.new_markdown_cell("## B. Without checks\n\n### B1. One half", id="part-b"),
        make_cell(STUB.format(name="half", body="x / 2"), "B1-answer", solution=True),
        make_cell(PLAIN.format(hidden=PLAIN_HIDDEN), "B1", points=2, **test),
        v4.new_markdown_cell("## G. In words", id="part-g"),
        make_cell("Two.", "G1", kind="markdown", grade=True, solution=True, points=5),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_course(folder: Path) -> Workspace:
    """Make a course with that one practical, ``practical1``, released by nbgrader."""
    shutil.copytree(_template(), folder, dirs_exist_ok=True)
    return open_workspace(folder)


@cache
def _template() -> Path:
    """Make that course once for all tests, which takes nbgrader some seconds."""
    folder = Path(tempfile.mkdtemp(prefix="graded-course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copy(ROOT / "course.toml", folder)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    source = folder / "solutions" / "practical1"
    source.mkdir(parents=True)
    nbformat.write(make_source(), source / "practical1.ipynb")
    release(open_workspace(folder))
    return folder


def release(workspace: Workspace) -> None:
    """Let stock nbgrader make the release, and read the tests into the gradebook."""
    step = GenerateAssignment(coursedir=workspace.coursedir, config=workspace.config)
    step.force = True
    run_step(step, "practical1")


def make_handin(workspace: Workspace, answers=RIGHT, extra=(), without=()):
    """Build a student's notebook from the release.

    Parameters
    ----------
    workspace
        A course of `make_course`.
    answers
        ``grade_id`` to the source of the answer.
    extra
        Sources of cells that the student adds at the end.
    without
        ``grade_id`` of cells that the student has deleted.
    """
    path = workspace.folder("release", "practical1") / "practical1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    notebook.cells = [
        cell for cell, name in zip(notebook.cells, names, strict=True) if name not in without
    ]
    notebook.cells += [v4.new_code_cell(source) for source in extra]
    return notebook


def hand_in(workspace: Workspace, student: str, notebook, at="2024-10-20 12:00:00 UTC") -> Path:
    """Put a notebook, or the text of its file, where a hand-in lies; returns its folder."""
    folder = workspace.folder("submitted", "practical1", student)
    folder.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    (folder / "practical1.ipynb").write_text(text, encoding="utf-8")
    (folder / "timestamp.txt").write_text(at)
    return folder
