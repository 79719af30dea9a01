"""The whole flow with its gradebook on PostgreSQL gives what it gives on SQLite."""

import subprocess
import sys

import nbformat
import pytest
from sqlalchemy import create_engine, text

from autograder.collect import collect
from autograder.exports import export
from autograder.feedback import write_feedback
from autograder.final_marks import final_marks
from autograder.grading import Options, grade
from autograder.item_analysis import analyse, read_scores
from autograder.late_submission import update_penalties
from autograder.release import release
from autograder.report import write_report
from autograder.status import status
from autograder.workspace import open_workspace
from tests.autograder import archive_builders as archives
from tests.autograder import postgresql, tiny_course

# nbgrader and what it is built on warn of themselves.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

ANSWERS = {
    "sample-01": "def double(x):\n    return x + x",
    "sample-02": "def double(x):\n    return x * 2",
    "sample-03": "def double(x):\n    return abs(x) * 2",
}
ROSTER = "student_id,first_name,last_name,email\n" + "".join(
    f"{student},Sample,Öğrenci {student[-2:]},{student}@example.org\n" for student in ANSWERS
)
#: Past the due time: nothing, six days, eight days.
TIMES = ((2024, 10, 24, 23, 0, 0), (2024, 10, 30, 23, 0, 0), (2024, 11, 1, 23, 0, 0))


def hand_ins(workspace, path):
    """Pack the class's notebooks as Moodle does."""
    released = workspace.folder("release", "practical1") / "practical1.ipynb"
    entries = []
    for student, time in zip(ANSWERS, TIMES, strict=True):
        notebook = nbformat.read(released, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "double-answer":
                cell.source = ANSWERS[student]
        name = archives.moodle(f"Sample Öğrenci {student[-2:]}", f"10{student[-2:]}")
        entries.append(archives.entry(name, nbformat.writes(notebook).encode(), time))
    return archives.archive(path, *entries)


def run_flow(folder):
    """Run everything from release to report; return all that a database could change."""
    folder.mkdir()
    workspace = open_workspace(tiny_course.make_course(folder))
    workspace.run_time.mkdir(exist_ok=True)
    (workspace.run_time / "students.csv").write_text(ROSTER, encoding="utf-8")
    release(workspace, "practical1")
    collect(workspace, "practical1", [hand_ins(workspace, folder / "hand-ins.zip")])
    options = Options(workers=1, isolation="none")
    graded = grade(workspace, "practical1", options=options)
    with workspace.gradebook() as gradebook:
        grade_by_hand(gradebook, "sample-01", points=2)
        items = analyse(read_scores(gradebook, "practical1"))
    changed = update_penalties(workspace)
    feedback = write_feedback(workspace, "practical1")
    exported = {to: export(workspace, to).read_text("utf-8") for to in ("moodle", "canvas", "csv")}
    assert write_report(workspace).is_file()
    return {
        "graded": graded,
        "items": items,
        "changed": changed,
        "feedback": feedback,
        "marks": final_marks(workspace),
        "exported": exported,
        "status": status(workspace),
    }


def grade_by_hand(gradebook, student, points):
    """Give points for the words, as a person does in formgrader."""
    one = gradebook.find_grade("words", "practical1", "practical1", student)
    one.manual_score, one.needs_manual_grade = points, False
    gradebook.db.commit()


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Run the flow on SQLite and on PostgreSQL; yield both results, and PostgreSQL's address."""
    folder = tmp_path_factory.mktemp("databases")
    with postgresql.server() as address, pytest.MonkeyPatch.context() as patch:
        patch.delenv("CMP784_DB_URL", raising=False)
        on_sqlite = run_flow(folder / "sqlite")
        patch.setenv("CMP784_DB_URL", address)
        yield on_sqlite, run_flow(folder / "postgresql"), address, folder / "postgresql"


@pytest.mark.parametrize(
    "what", ["graded", "items", "changed", "feedback", "marks", "exported", "status"]
)
def test_postgresql_gives_what_sqlite_gives(both, what):
    """Scores, late days, marks, exports and pages are the same."""
    on_sqlite, on_postgresql, _, _ = both

    assert on_postgresql[what] == on_sqlite[what]


def test_scores_lie_on_the_server_and_nowhere_else(both):
    """The course's folder holds no SQLite file."""
    _, _, address, folder = both
    engine = create_engine(address)
    with engine.connect() as connection:
        query = "select student_id from submitted_assignment order by student_id"
        students = [row[0] for row in connection.execute(text(query))]
    engine.dispose()

    assert students == list(ANSWERS)
    assert list(folder.rglob("*.db")) == []


def test_expected_scores_are_given(both):
    """Two right answers, one of them six days late, of which one is to pay, and a wrong one."""
    graded = both[1]["graded"].graded

    assert [(one.student, one.points, round(one.penalty, 9)) for one in graded] == [
        ("sample-01", 3.0, 0.0),
        ("sample-02", 3.0, 0.6),
        ("sample-03", 0.0, 0.0),
    ]


@pytest.mark.parametrize("command", [["db", "upgrade"], ["export", "--to", "stock.csv"]])
def test_stock_nbgrader_works_on_postgresql(both, command):
    """The address comes from the settings, so that every command of nbgrader finds it."""
    folder = both[3]
    run = [sys.executable, "-m", "nbgrader", *command]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
