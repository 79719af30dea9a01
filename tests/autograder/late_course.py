"""A course with two assignments of two notebooks each, and a real gradebook, made in a moment.

``practical1`` is due on 24 October 2024, ``practical2`` on 14 November, both at the end of the day
in Istanbul (20:59:59 UTC); a notebook ``one`` has 10 points by machine, ``two`` has 25 by machine
and 5 by a person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.workspace import Workspace, open_workspace
from tests.autograder.sample_gradebook import CONFIG, ROOT

QUESTIONS = {"one": {"A": 10}, "two": {"B": 25, "G": 5}}
#: The due times, as nbgrader keeps times: naive, and UTC.
DUE = {
    "practical1": datetime(2024, 10, 24, 20, 59, 59),
    "practical2": datetime(2024, 11, 14, 20, 59, 59),
}
NO_ASSIGNMENT = 'key = "practical-2"\n'
PLUGIN = 'c.AssignLatePenalties.plugin_class = "autograder.late_submission.SlipDayPlugin"\n'


def syllabus_text(*changes: tuple[str, str]) -> str:
    """Give the course's own syllabus, with a second assignment and some text replaced."""
    text = (ROOT / "course.toml").read_text("utf-8")
    for old, new in ((NO_ASSIGNMENT, NO_ASSIGNMENT + 'assignment = "practical2"\n'), *changes):
        assert old in text, old
        text = text.replace(old, new)
    return text


def make_course(
    folder: Path, *changes: tuple[str, str], duedates: bool = True, db_url: str | None = None
) -> Workspace:
    """Make a course with both assignments released, and nothing handed in."""
    database = f"c.CourseDirectory.db_url = {db_url!r}\n" if db_url else ""
    (folder / "gradebook" / "marks").mkdir(parents=True)
    (folder / "course.toml").write_text(syllabus_text(*changes), "utf-8")
    (folder / "nbgrader_config.py").write_text(CONFIG + PLUGIN + database)
    workspace = open_workspace(folder)
    if db_url is None:
        (folder / "gradebook" / "gradebook.db").write_bytes(_gradebook(duedates))
    else:
        _fill(workspace, duedates)
    return workspace


@cache
def _gradebook(duedates: bool) -> bytes:
    """Make an SQLite file once: nbgrader needs a second or more for it."""
    with TemporaryDirectory() as folder:
        Path(folder, "nbgrader_config.py").write_text(CONFIG)
        Path(folder, "gradebook").mkdir()
        _fill(open_workspace(folder), duedates)
        return Path(folder, "gradebook", "gradebook.db").read_bytes()


def _fill(workspace: Workspace, duedates: bool) -> None:
    """Put both assignments into a new gradebook."""
    with workspace.gradebook() as gradebook:
        for name, due in DUE.items():
            gradebook.add_assignment(name, duedate=due if duedates else None)
            for notebook, questions in QUESTIONS.items():
                gradebook.add_notebook(notebook, name)
                for question, most in questions.items():
                    kind = "markdown" if question == "G" else "code"
                    gradebook.add_grade_cell(
                        question, notebook, name, max_score=most, cell_type=kind
                    )


def hand_in(
    workspace: Workspace,
    student: str,
    assignment: str,
    late: timedelta | datetime | None = timedelta(0),
    points: Mapping[str, float | None] = {"A": 10, "B": 25, "G": 5},
) -> None:
    """Put a graded hand-in into the gradebook.

    Parameters
    ----------
    late
        How long after the course's due time, or when (UTC); None: nobody knows.
    points
        By question; None waits for a person's points.
    """
    at = DUE[assignment] + late if isinstance(late, timedelta) else late
    with workspace.gradebook() as gradebook, gradebook.db.no_autoflush:
        gradebook.update_or_create_student(student)
        submission = gradebook.add_submission(assignment, student)
        submission.timestamp = at
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score = points[grade.name]
                grade.needs_manual_grade = points[grade.name] is None
        gradebook.db.commit()


def write(workspace: Workspace, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a file below the run-time folder."""
    path = workspace.run_time / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def penalties(workspace: Workspace) -> dict[tuple[str, str, str], float | None]:
    """Read the penalties that nbgrader keeps."""
    with workspace.gradebook() as gradebook:
        return {
            (submission.student.id, submission.name, notebook.name): (
                notebook.late_submission_penalty
            )
            for assignment in gradebook.assignments
            for submission in gradebook.assignment_submissions(assignment.name)
            for notebook in submission.notebooks
        }
