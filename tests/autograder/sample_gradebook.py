"""A course with a gradebook that was never graded by nbgrader, made in a moment.

The syllabus is the course's own; the assignment ``practical1`` has four questions: three by
machine, ``A1`` (10 points), ``A2`` (20) and ``B1`` (65), and one by a person, ``G1`` (5).
"""

import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from autograder.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = {"A1": 10, "A2": 20, "B1": 65, "G1": 5}
COLUMNS = ("student_id", "first_name", "last_name", "email", "login", "canvas_id")
#: On time, and in UTC.
IN_TIME = datetime(2024, 10, 20, 12, 0)

#: The gradebook after the release, once it is made: nbgrader takes seconds for a new one.
_RELEASED: list[bytes] = []

CONFIG = """
import os
c = get_config()
c.CourseDirectory.course_id = "sample"
c.CourseDirectory.root = root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.source_directory = "solutions"
for step in ("submitted", "autograded", "feedback"):
    setattr(c.CourseDirectory, step + "_directory", os.path.join("gradebook", step))
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(root, "gradebook", "gradebook.db")
"""


def make_course(folder: Path, students: Iterable[Sequence[str]]) -> Workspace:
    """Make a course with a roster, the released practical, and nothing handed in.

    Parameters
    ----------
    folder
        Where; made if it does not exist.
    students
        A row a student, in the order of ``COLUMNS``; what is left out is empty.
    """
    (folder / "gradebook").mkdir(parents=True)
    shutil.copy(ROOT / "course.toml", folder)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    with (folder / "gradebook" / "students.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *students])
    workspace = open_workspace(folder)
    database = folder / "gradebook" / "gradebook.db"
    if _RELEASED:
        database.write_bytes(_RELEASED[0])
    else:
        _release(workspace)
        _RELEASED.append(database.read_bytes())
    return workspace


def _release(workspace: Workspace) -> None:
    """Put the practical into a new gradebook."""
    with workspace.gradebook() as gradebook:
        gradebook.add_assignment("practical1", duedate=datetime(2024, 10, 24, 21, 0))
        gradebook.add_notebook("practical1", "practical1")
        for name, most in QUESTIONS.items():
            kind = "markdown" if name.startswith("G") else "code"
            gradebook.add_grade_cell(
                name, "practical1", "practical1", max_score=most, cell_type=kind
            )


def hand_in(
    workspace: Workspace,
    student: str,
    points: Mapping[str, float | None],
    at: datetime | None = IN_TIME,
) -> None:
    """Put a graded hand-in into the gradebook; None waits for a person's points."""
    # nbgrader adds objects to the session late, and SQLAlchemy warns of it.
    with workspace.gradebook() as gradebook, gradebook.db.no_autoflush:
        gradebook.update_or_create_student(student)
        submission = gradebook.add_submission("practical1", student)
        submission.timestamp = at
        for grade in submission.notebooks[0].grades:
            grade.auto_score = points[grade.name]
            grade.needs_manual_grade = points[grade.name] is None
        gradebook.db.commit()


def given(*points: float | None) -> dict[str, float | None]:
    """Name points in the order of the questions."""
    return dict(zip(QUESTIONS, points, strict=True))
