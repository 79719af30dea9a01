"""Tests of autograder.attention: what needs a person is found, once, with the reason."""

import json
from datetime import UTC, datetime

import pytest

from autograder.attention import REMEDIES, Attention, attention
from autograder.class_record import read_class
from autograder.exports import export
from autograder.grading_record import Entry, Record
from autograder.item_analysis import analyse
from tests.autograder.sample_gradebook import given, hand_in, make_course

STUDENTS = [(f"s{number}", "Sample", str(number)) for number in range(1, 7)]
AFTER, BEFORE = (datetime(2024, 10, day, tzinfo=UTC) for day in (30, 20))


@pytest.fixture
def workspace(tmp_path):
    """Make a class of six, of whom nobody has handed in."""
    return make_course(tmp_path / "course", STUDENTS)


def found(workspace, *kinds, now=BEFORE):
    """List what needs a person, of these kinds only."""
    record = read_class(workspace)
    items = {one.name: analyse(one.scores) for one in record.assignments}
    return [one for one in attention(workspace, record, items, now) if one.kind in kinds]


def test_nobody_and_nothing_needs_attention(workspace):
    """Before the due time an empty gradebook is in order."""
    assert found(workspace, *REMEDIES) == []


def test_missing_hand_in_is_told_after_the_student_s_own_due_time(workspace):
    """An extension gives time until it is over."""
    hand_in(workspace, "s1", given(10, 20, 65, 5))
    (workspace.run_time / "extensions.csv").write_text(
        "student_id,assignment,days\ns2,practical1,10\ns3,practical1,2\n"
    )

    missing = [one.about for one in found(workspace, "No hand-in", now=AFTER)]

    assert missing == ["s3", "s4", "s5", "s6"]
    assert found(workspace, "No hand-in", now=BEFORE) == []


def test_hand_ins_without_all_points_are_told_apart(workspace):
    """Failed, stopped, partly graded, waiting, and only collected: each has its reason."""
    for student in ("s1", "s2", "s3", "s4"):
        hand_in(workspace, student, given(10, 20, 65, None if student == "s4" else 5))
    record = Record.load(workspace, "practical1")
    record.put("s1", Entry("a", "b", "failed", "practical1.ipynb is empty"))
    record.put("s2", Entry("a", "b", "started"))
    record.put("s3", Entry("a", "b", "graded", "graded, but without A2"))
    record.put("s4", Entry("a", "b", "graded"))
    folder = workspace.folder("submitted", "practical1", "s5")
    folder.mkdir(parents=True)
    (folder / "practical1.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text("2024-10-20 12:00:00 UTC")

    title = "Practical 1"
    assert found(workspace, *REMEDIES) == [
        Attention("Could not be graded", "s1", title, "practical1.ipynb is empty"),
        Attention("Could not be graded", "s2", title, "grading was stopped in the middle"),
        Attention("Only partly graded", "s3", title, "graded, but without A2"),
        Attention("Waits for points", "s4", title, "G1"),
        Attention("Collected, not graded", "s5", title, "no points yet"),
    ]


def test_unknown_time_is_told(workspace):
    """It counts as on time until a person knows better."""
    hand_in(workspace, "s1", given(10, 20, 65, 5), at=None)

    words = "the platform recorded no time that could be read"
    assert found(workspace, "Time unknown") == [
        Attention("Time unknown", "s1", "Practical 1", words)
    ]


def test_question_that_most_lose_wholly_is_told(workspace):
    """Two of three without a point: perhaps the question is at fault."""
    for student, points in (("s1", 0), ("s2", 0), ("s3", 20)):
        hand_in(workspace, student, given(10, points, 65, 5))

    words = "2 of 3 students have none of its 20 points"
    assert found(workspace, "Question to look at") == [
        Attention("Question to look at", "A2", "Practical 1", words)
    ]


def test_low_mark_is_told_by_the_table_of_letters(workspace):
    """Half of what is known is the line of the lowest letter that passes."""
    hand_in(workspace, "s1", given(0, 0, 45, 4))
    hand_in(workspace, "s2", given(0, 0, 45, 5))

    words = "3.92 of 8 so far: 49 %, and D needs 50 %"
    assert found(workspace, "Low mark so far") == [Attention("Low mark so far", "s1", "", words)]


def test_warnings_of_collecting_are_repeated(workspace):
    """They stay until the archive is collected again."""
    warning = {"archive": "a.zip", "entry": "x.pdf", "student": "s1", "kind": "stray-file"}
    folder = workspace.run_time / "collected"
    folder.mkdir()
    report = {"warnings": [{**warning, "message": "is no notebook."}]}
    (folder / "practical1.json").write_text(json.dumps(report))

    (one,) = found(workspace, "Warning of collecting")

    words = "a.zip, x.pdf: is no notebook."
    assert one == Attention("Warning of collecting", "s1", "Practical 1", words)


def test_damaged_report_of_collecting_is_told_and_stops_nothing(workspace):
    """The page is written all the same."""
    (workspace.run_time / "collected").mkdir()
    (workspace.run_time / "collected" / "practical1.json").write_text("{")

    (one,) = found(workspace, "Warning of collecting")

    assert one.words == "'practical1.json' cannot be read (JSONDecodeError). Collect again."


def test_collected_before_the_gradebook_knows_the_assignment_is_told(workspace):
    """In a fresh clone the hand-ins may be there before the assignment is in the gradebook."""
    with workspace.gradebook() as gradebook:
        gradebook.remove_assignment("practical1")
    folder = workspace.folder("submitted", "practical1", "s5")
    folder.mkdir(parents=True)
    (folder / "practical1.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text("2024-10-20 12:00:00 UTC")

    assert found(workspace, *REMEDIES) == [
        Attention("Collected, not graded", "s5", "Practical 1", "no points yet"),
    ]
    assert export(workspace, "canvas").read_text("utf-8").splitlines()[1] == (
        "    Points Possible,,,,"
    )
