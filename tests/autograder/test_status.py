"""Tests of autograder.status: what is done, what waits for whom, and what comes next."""

import shutil
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder import grading
from autograder.feedback import write_feedback
from autograder.grading import Options
from autograder.roster import RosterError
from autograder.scores import NeedsPerson
from autograder.status import AssignmentStatus, status
from tests.autograder.graded_course import hand_in, make_course, make_handin
from tests.autograder.office.fakes import Here

FRESH = AssignmentStatus(
    assignment="practical1",
    title="Practical 1",
    released=True,
    due=datetime(2024, 10, 24, 23, 59, 59, tzinfo=ZoneInfo("Europe/Istanbul")),
    roster=3,
    collected=(),
    missing=("sample-01", "sample-02", "sample-03"),
    graded=(),
    stale=(),
    needs_person=(),
    needs_manual=(),
    feedback=(),
)


@pytest.fixture
def course(tmp_path):
    """Make a course of three students, in which nobody has handed in."""
    workspace = make_course(tmp_path)
    rows = "\n".join(("student_id", "sample-03", "sample-01", "sample-02"))
    (workspace.run_time / "students.csv").write_text(rows + "\n")
    return workspace


def test_before_anybody_hands_in_all_are_missing(course):
    """The next step is to collect."""
    assert status(course) == [FRESH]
    assert FRESH.next_step == "autograder collect practical1 ARCHIVE"


def test_practical_that_is_not_released_is_to_be_released(course):
    """Nothing else comes before it."""
    shutil.rmtree(course.folder("release", "practical1"))

    assert status(course)[0].next_step == "autograder release practical1"


def test_without_a_roster_nobody_can_be_missing(course):
    """How many there are is not known."""
    (course.run_time / "students.csv").unlink()

    assert status(course) == [replace(FRESH, roster=None, missing=())]


def test_damaged_roster_is_told(course):
    """The message names file and line."""
    (course.run_time / "students.csv").write_text("student_id\n../x\n")

    with pytest.raises(RosterError, match=r"students\.csv, line 2"):
        status(course)


def test_fresh_clone_without_a_gradebook_has_a_status(course):
    """Nothing was ever graded there."""
    (course.run_time / "gradebook.db").unlink()

    assert status(course) == [FRESH]


@pytest.mark.slow
def test_status_follows_each_step(course):
    """From collected to told, and back when something is handed in anew."""
    hand_in(course, "sample-01", make_handin(course, {}))
    hand_in(course, "sample-02", "")
    collected = ("sample-01", "sample-02")
    expected = replace(FRESH, collected=collected, missing=("sample-03",))
    assert status(course) == [expected]
    assert expected.next_step == "autograder grade practical1"

    done = grading.grade(course, "practical1", options=Options(pool=Here()))
    needy = (NeedsPerson("sample-02", done.needs_person[0].reason),)
    expected = replace(expected, graded=("sample-01",), needs_person=needy)
    assert status(course) == [expected]
    assert expected.next_step == "look at the hand-ins that need a person"

    write_feedback(course, "practical1")
    assert status(course) == [replace(expected, feedback=("sample-01",))]

    hand_in(course, "sample-01", make_handin(course))
    expected = replace(expected, graded=(), stale=("sample-01",))
    assert status(course) == [expected]
    assert expected.next_step == "autograder grade practical1"


STEPS = {
    "some not graded": ({"collected": ("a", "b"), "graded": ("a",)}, "autograder grade practical1"),
    "points by hand": (
        {"collected": ("a",), "graded": ("a",), "needs_manual": ("a",)},
        "give points by hand in formgrader: jupyter lab",
    ),
    "no page": ({"collected": ("a",), "graded": ("a",)}, "autograder feedback practical1"),
    "all done": (
        {"collected": ("a",), "graded": ("a",), "feedback": ("a",)},
        "autograder gradebook",
    ),
}


@pytest.mark.parametrize(("changes", "step"), STEPS.values(), ids=STEPS.keys())
def test_next_step_is_the_first_that_is_not_done(changes, step):
    """An instructor can follow it blindly."""
    assert replace(FRESH, **changes).next_step == step
