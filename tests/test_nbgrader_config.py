"""Tests of nbgrader_config.py: stock nbgrader finds the course by it."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

SOLUTION = "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION"


@pytest.fixture(scope="module")
def course(root, tmp_path_factory):
    """Make a course of one practical with one answer, and let nbgrader release it."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(root / "nbgrader_config.py", folder)
    cell = v4.new_code_cell(SOLUTION)
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": "answer",
        "grade": False,
        "solution": True,
        "locked": False,
        "task": False,
    }
    (folder / "solutions" / "ps").mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=[cell]), folder / "solutions" / "ps" / "ps.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "ps", "--no-metadata"],
        cwd=folder,
        env=os.environ | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_practical_is_made_from_its_solution(course):
    """`nbgrader generate_assignment` writes practicals/ from solutions/, without the answer."""
    released = nbformat.read(course / "practicals" / "ps" / "ps.ipynb", 4)

    assert "answer = 42" not in released.cells[-1].source
    assert "YOUR CODE HERE" in released.cells[-1].source


def test_run_time_files_lie_under_gradebook(course):
    """Nothing but the gradebook's folder appears beside the course's own."""
    assert (course / "gradebook" / "gradebook.db").is_file()
    names = {path.name for path in course.iterdir() if not path.name.startswith(".")}
    assert names == {"nbgrader_config.py", "solutions", "practicals", "gradebook"}


def test_every_setting_is_one_that_nbgrader_knows(root, tmp_path, monkeypatch):
    """A misspelt setting would be passed over in silence."""
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.plugins import CsvExportPlugin
    from traitlets.config import PyFileConfigLoader

    shutil.copy(root / "nbgrader_config.py", tmp_path)
    monkeypatch.setenv("PATH", os.environ["PATH"])

    settings = PyFileConfigLoader("nbgrader_config.py", str(tmp_path)).load_config()

    assert sorted(settings) == ["CourseDirectory", "ExportPlugin"]
    assert CsvExportPlugin(config=settings).to == f"{tmp_path}/gradebook/grades.csv"
    directory = CourseDirectory(config=settings)
    assert {name: getattr(directory, name) for name in settings.CourseDirectory} == {
        "course_id": "cmp784",
        "root": str(tmp_path),
        "source_directory": "solutions",
        "release_directory": "practicals",
        "submitted_directory": "gradebook/submitted",
        "autograded_directory": "gradebook/autograded",
        "feedback_directory": "gradebook/feedback",
        "solution_directory": "gradebook/solution",
        "db_url": f"sqlite:///{tmp_path}/gradebook/gradebook.db",
    }
