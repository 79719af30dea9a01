"""Tests of autograder.grading: a class is graded, and what is wrong with one stops no other."""

import json
import os
import shutil
import signal
import threading
import time

import nbformat
import pytest

from autograder.grading import GradingError, grade
from autograder.grading_record import Record, RecordError
from autograder.scores import NeedsPerson, Score
from autograder.workspace import WorkspaceError
from tests.autograder.graded_course import RIGHT, hand_in, make_course, make_handin, release

pytestmark = pytest.mark.slow

#: What the whole class of `make_class` comes to: points of 14, penalty, cells that wait.
SCORES = (
    Score("sample-01", 9.0, 14.0, pending=1),
    Score("sample-02", 6.0, 14.0, pending=1),
    Score("sample-03", 0.0, 14.0),
    Score("sample-06", 5.0, 14.0, pending=2),
    Score("sample-07", 9.0, 14.0, penalty=1.8, pending=1),
)
LACKS = "graded, but without A2, G1: the hand-in lacks the cells. Give these points by hand"
NEEDY = (
    NeedsPerson("sample-04", "practical1.ipynb is empty, cut off, or no notebook at all"),
    NeedsPerson(
        "sample-05", "the kernel died while it ran: out of memory, or the code ended the process"
    ),
    NeedsPerson("sample-06", LACKS),
)


def make_class(workspace):
    """Hand in: right, one wrong, nothing answered, cut off, deadly, cells deleted, 6 days late."""
    small = {"A1-answer": "def double(x):\n    return 2 * x if x < 10 else 0"}
    deadly = {"A2-answer": "import os\nos._exit(1)"}
    rows = "student_id,first_name,last_name\nsample-01,Sample,One\nsample-08,Sample,Eight\n"
    (workspace.run_time / "students.csv").write_text(rows)
    hand_in(workspace, "sample-01", make_handin(workspace))
    hand_in(workspace, "sample-02", make_handin(workspace, RIGHT | small))
    hand_in(workspace, "sample-03", make_handin(workspace, {}))
    hand_in(workspace, "sample-04", '{"cells": [')
    hand_in(workspace, "sample-05", make_handin(workspace, RIGHT | deadly))
    hand_in(workspace, "sample-06", make_handin(workspace, without=("A2", "G1")))
    hand_in(workspace, "sample-07", make_handin(workspace), at="2024-10-30 12:00:00 UTC")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade a class once; gives the course and what the first run did."""
    workspace = make_course(tmp_path_factory.mktemp("class"))
    make_class(workspace)
    return workspace, grade(workspace, "practical1")


@pytest.fixture
def ctrl_c():
    """Let Ctrl-C interrupt Python, also where these tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def course(tmp_path):
    """Make a course in which one student has handed in."""
    workspace = make_course(tmp_path)
    hand_in(workspace, "sample-01", make_handin(workspace))
    return workspace


def who(scores):
    """Name the students of some scores."""
    return [score.student for score in scores]


def all_grades(workspace, student="sample-01"):
    """Give the grades of one student by cell."""
    with workspace.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook("practical1", "practical1", student)
        return {
            one.name: (one.auto_score, one.manual_score, one.needs_manual_grade)
            for one in notebook.grades
        }


def give_points(workspace, points=4.0, student="sample-01"):
    """Give points for G1 and a comment on A1, as formgrader does."""
    with workspace.gradebook() as gradebook:
        one = gradebook.find_grade("G1", "practical1", "practical1", student)
        one.manual_score, one.needs_manual_grade = points, False
        note = gradebook.find_comment("A1-answer", "practical1", "practical1", student)
        note.manual_comment = "Well done."
        gradebook.db.commit()


def test_class_is_graded_and_what_is_broken_is_named(graded):
    """Every broken hand-in costs its owner's place only."""
    _, done = graded

    assert done.graded == SCORES
    assert done.needs_person == NEEDY
    assert (done.kept, done.generated) == ((), False)


def test_copied_cell_is_named_and_stops_no_other(course):
    """A student copied a test cell; nbgrader would speak of old metadata."""
    twice = make_handin(course)
    copy = next(cell for cell in twice.cells if cell.id == "A2").copy()
    copy.id = "copy"
    twice.cells.append(copy)
    hand_in(course, "sample-02", twice)

    done = grade(course, "practical1")

    assert who(done.graded) == ["sample-01"]
    words = "practical1.ipynb has more than one cell of these: A2. Keep one of each"
    assert done.needs_person == (NeedsPerson("sample-02", words),)


def test_second_run_keeps_what_is_graded(graded):
    """Nothing is run again but what failed."""
    workspace, _ = graded
    autograded = workspace.folder("autograded", "practical1", "sample-01") / "practical1.ipynb"
    before, told = autograded.stat().st_mtime_ns, []

    done = grade(workspace, "practical1", progress=lambda *step: told.append(step))

    assert (done.graded, done.kept, done.needs_person) == ((), SCORES, NEEDY)
    assert autograded.stat().st_mtime_ns == before
    assert told[1] == (1, 7, "sample-02")
    assert told[-1] == (7, 7, "late days")


def test_failed_hand_in_leaves_its_log_and_no_graded_notebook(graded):
    """A person finds all that nbgrader wrote."""
    workspace, _ = graded

    log = (workspace.run_time / "grading" / "practical1" / "sample-05.log").read_text()

    assert "DeadKernelError: Kernel died" in log
    assert not workspace.folder("autograded", "practical1", "sample-05").exists()


def test_student_without_a_hand_in_is_not_touched(graded):
    """The roster gives names to who has handed in, and puts nobody in."""
    with graded[0].gradebook() as gradebook:
        names = {student.id: student.first_name for student in gradebook.students}

    there = {f"sample-{number:02}" for number in (1, 2, 3, 5, 6, 7)}
    assert names == {**dict.fromkeys(there), "sample-01": "Sample"}


def test_another_file_of_the_same_time_is_graded_again(course):
    """Stock nbgrader looks at the time only."""
    assert grade(course, "practical1").graded == (Score("sample-01", 9.0, 14.0, pending=1),)
    wrong = RIGHT | {"A2-answer": "def square(x):\n    return x"}
    hand_in(course, "sample-01", make_handin(course, wrong))

    assert grade(course, "practical1").graded == (Score("sample-01", 5.0, 14.0, pending=1),)


def test_cell_deleted_from_a_new_hand_in_loses_its_old_points(course):
    """Stock nbgrader would keep the points of the hand-in before."""
    grade(course, "practical1")
    hand_in(course, "sample-01", make_handin(course, without=("A2",)))

    done = grade(course, "practical1")

    assert done.graded == (Score("sample-01", 5.0, 14.0, pending=2),)
    assert "without A2" in done.needs_person[0].reason


def test_hand_in_needs_no_person_once_all_points_are_given(course):
    """The person has come."""
    hand_in(course, "sample-01", make_handin(course, without=("G1",)))
    assert len(grade(course, "practical1").needs_person) == 1

    give_points(course)

    assert grade(course, "practical1").needs_person == ()


def test_broken_new_hand_in_has_none_of_the_old_points(course):
    """Points of a file that no longer counts must not stay."""
    grade(course, "practical1")
    hand_in(course, "sample-01", "")

    done = grade(course, "practical1")

    assert done.graded == ()
    assert {name: auto for name, (auto, _, _) in all_grades(course).items()} == dict.fromkeys(
        ("A1", "A2", "B1", "G1")
    )


def test_points_and_comments_by_hand_outlive_grading_again(course):
    """A person is not asked twice about the same hand-in, and loses no word."""
    grade(course, "practical1")
    give_points(course)

    done = grade(course, "practical1", force=True)

    assert done.graded == (Score("sample-01", 13.0, 14.0),)
    assert all_grades(course)["G1"] == (None, 4.0, False)
    with course.gradebook() as gradebook:
        note = gradebook.find_comment("A1-answer", "practical1", "practical1", "sample-01")
        assert note.manual_comment == "Well done."


def test_points_by_hand_for_another_hand_in_are_to_be_looked_at_again(course):
    """They stay, and a person is asked."""
    grade(course, "practical1")
    give_points(course)
    hand_in(course, "sample-01", make_handin(course, RIGHT | {"G1": "Something else."}))

    done = grade(course, "practical1")

    assert done.graded == (Score("sample-01", 13.0, 14.0, pending=1),)
    assert all_grades(course)["G1"] == (None, 4.0, True)


def test_changed_tests_are_run_on_everybody(course):
    """A correction of a test reaches those who were graded before it."""
    grade(course, "practical1")
    source = course.folder("source", "practical1") / "practical1.ipynb"
    source.write_text(source.read_text().replace("half(2) == 1", "half(2) == 3"))
    release(course)

    assert grade(course, "practical1").graded == (Score("sample-01", 7.0, 14.0, pending=1),)


def test_gradebook_that_was_deleted_is_filled_again(course):
    """As in a fresh clone with the hand-ins copied over; the release is not touched."""
    grade(course, "practical1")
    released = course.folder("release", "practical1") / "practical1.ipynb"
    before = released.stat().st_mtime_ns
    (course.run_time / "gradebook.db").unlink()

    done = grade(course, "practical1")

    assert (who(done.graded), done.generated) == (["sample-01"], True)
    assert released.stat().st_mtime_ns == before


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_leaves_nothing_half_and_the_next_run_goes_on(course):
    """The kernel is ended, the half-written folder goes, and what was done stays."""
    slow = make_handin(
        course, RIGHT | {"A2-answer": "import time\nopen('begun', 'w')\ntime.sleep(300)"}
    )
    hand_in(course, "sample-02", slow)
    hand_in(course, "sample-03", make_handin(course))
    begun = course.folder("autograded", "practical1", "sample-02") / "begun"

    def press():
        while not begun.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        grade(course, "practical1")

    assert not begun.parent.exists()
    states = {name: one.state for name, one in Record.load(course, "practical1").entries.items()}
    assert states == {"sample-01": "graded", "sample-02": "started"}
    hand_in(course, "sample-02", make_handin(course))
    done = grade(course, "practical1")
    assert (who(done.kept), who(done.graded)) == (["sample-01"], ["sample-02", "sample-03"])


def test_run_killed_in_the_middle_is_done_again(course):
    """What a killed run left half-written counts for nothing."""
    grade(course, "practical1")
    record = Record.load(course, "practical1")
    entry = record.entries["sample-01"]
    record.put("sample-01", type(entry)(entry.handin, entry.tests, "started", "", entry.scored))

    assert who(grade(course, "practical1").graded) == ["sample-01"]


BROKEN = {
    "empty": ("practical1.ipynb", "", "practical1.ipynb is empty, cut off, or no notebook at all"),
    "another name": ("mine.ipynb", "{}", "there is no practical1.ipynb in '{}', but mine.ipynb"),
    "no notebook": ("a.txt", "x", "there is no practical1.ipynb in '{}', but no notebook"),
    "no cells": (
        "practical1.ipynb",
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}),
        "practical1.ipynb is empty, cut off, or no notebook at all",
    ),
}


@pytest.mark.parametrize(("name", "text", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_hand_in_that_is_no_notebook_needs_a_person(graded, tmp_path, name, text, reason):
    """The reason says what is there."""
    workspace, _ = graded
    folder = workspace.folder("submitted", "practical1", "sample-99")
    folder.mkdir(parents=True)
    (folder / name).write_text(text)

    try:
        done = grade(workspace, "practical1", students=["sample-99"])
    finally:
        shutil.rmtree(folder.parent)

    assert done.needs_person == (NeedsPerson("sample-99", reason.format(folder)),)


def test_unknown_student_is_refused(graded):
    """A misspelt id must not look like work that is done."""
    with pytest.raises(GradingError, match="no hand-in of sample-98; 7 others have handed in"):
        grade(graded[0], "practical1", students=["sample-98"])


def test_unknown_assignment_is_refused(graded):
    """The error names those that there are."""
    with pytest.raises(WorkspaceError, match="Assignments are: practical1"):
        grade(graded[0], "practical2")


def test_damaged_record_is_refused_with_the_remedy(course):
    """Deleting it costs time, not points."""
    path = course.run_time / "grading" / "practical1.json"
    path.parent.mkdir()
    path.write_text("[]")

    with pytest.raises(RecordError, match="Delete it"):
        grade(course, "practical1")


def test_source_that_nbgrader_refuses_is_told(course):
    """Two cells of one name, and no gradebook yet."""
    source = course.folder("source", "practical1") / "practical1.ipynb"
    notebook = nbformat.read(source, as_version=4)
    twin = nbformat.from_dict({**notebook.cells[1], "id": "twin"})
    notebook.cells.append(twin)
    nbformat.write(notebook, source)
    (course.run_time / "gradebook.db").unlink()

    with pytest.raises(GradingError, match="nbgrader cannot read the assignment"):
        grade(course, "practical1")
