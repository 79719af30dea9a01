"""Tests of attempts: the newest is kept, none is lost, the order of collecting does not matter."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.collect.attempts import Attempt, is_newer
from autograder.roster import RosterError
from autograder.workspace import WorkspaceError
from tests.autograder.archive_builders import (
    archive,
    blackboard,
    canvas,
    entry,
    folder,
    moodle,
    notebook,
    packed,
)
from tests.autograder.collect_course import Course, kinds

A, B, C = notebook("a"), notebook("b"), notebook("c")
FIRST, SECOND, THIRD = (f"2024-10-2{day}-12-00-00" for day in (0, 1, 2))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def course(root, tmp_path):
    """Give a course without a roster: nbgrader's database is not needed."""
    return Course(root, tmp_path / "course", roster=None)


def download(path, *attempts):
    """Write Blackboard's download of pairs of time and bytes, all of one student."""
    return archive(path, *((blackboard("sample1", time), data) for time, data in attempts))


def everything(course):
    """Give all files that collecting wrote, but for the report: it names archives."""
    return course.files("submitted"), course.files("archive")


def test_newer_attempt_replaces_an_older_one(course, tmp_path):
    """The older lies in the archive under its time in UTC, with its time beside it."""
    course.collect(download(tmp_path / "1.zip", (FIRST, A)))

    result = course.collect(download(tmp_path / "2.zip", (SECOND, B)))

    assert everything(course) == (
        {
            "sample1/practical1/practical1.ipynb": B,
            "sample1/practical1/timestamp.txt": b"2024-10-21 09:00:00 UTC",
        },
        {
            "practical1/sample1/2024-10-20T09-00-00Z/practical1.ipynb": A,
            "practical1/sample1/2024-10-20T09-00-00Z/timestamp.txt": b"2024-10-20 09:00:00 UTC",
        },
    )
    assert [one.student for one in result.taken] == ["sample1"]
    assert [path.name for path in result.archived] == ["2024-10-20T09-00-00Z"]


def test_older_archive_does_not_replace_a_newer_one(course, tmp_path):
    """It goes to where it would be had it come first."""
    course.collect(download(tmp_path / "2.zip", (SECOND, B)))

    result = course.collect(download(tmp_path / "1.zip", (FIRST, A)))

    assert course.submitted() == {"sample1/practical1.ipynb": B}
    assert course.archived() == {"sample1/2024-10-20T09-00-00Z/practical1.ipynb": A}
    assert (result.taken, result.unchanged) == ((), ())


def test_collecting_again_changes_nothing(course, tmp_path):
    """Not even the time of a file."""
    zip_file = download(tmp_path / "1.zip", (FIRST, A), (SECOND, B))
    course.collect(zip_file)
    gradebook = course.root / "gradebook"
    before = {path: path.stat().st_mtime_ns for path in gradebook.rglob("*") if path.is_file()}

    result = course.collect(zip_file)

    del before[gradebook / "collected" / "practical1.json"]
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert (result.taken, result.archived) == ((), ())
    assert result.unchanged == ("sample1",)


def test_same_time_and_other_contents_is_not_guessed(course, tmp_path):
    """The attempt that was collected first stays; a person is asked."""
    course.collect(download(tmp_path / "1.zip", (FIRST, A)))

    result = course.collect(download(tmp_path / "2.zip", (FIRST, B)))

    assert course.submitted() == {"sample1/practical1.ipynb": A}
    assert list(course.archived().values()) == [B]
    assert [one.kind for one in result.warnings] == ["ambiguous-attempt"]


def test_two_attempts_that_nothing_orders_are_both_kept_and_none_is_taken(course, tmp_path):
    """In one run neither came first."""
    one = folder(tmp_path / "one", [("sample1/practical1.ipynb", A)])
    two = folder(tmp_path / "two", [("sample1/practical1.ipynb", B)])

    result = course.collect(one, two)

    assert course.submitted() == {}
    assert sorted(course.archived().values()) == [A, B]
    assert "ambiguous-attempt" in [one.kind for one in result.warnings]


def test_canvas_attempts_are_ordered_over_several_archives(course, tmp_path):
    """The attachment's number rises, whichever archive is collected first."""
    course.collect(
        archive(tmp_path / "2.zip", (canvas("onesample", 1, 600, "practical1-1.ipynb"), B))
    )

    course.collect(archive(tmp_path / "1.zip", (canvas("onesample", 1, 500), A)))

    assert course.submitted() == {"1/practical1.ipynb": B}
    assert course.archived() == {"1/attempt-500/practical1.ipynb": A}


def test_later_download_of_moodle_is_newer(course, tmp_path):
    """Its entries have the time of the download, which orders one after the other."""
    people = [("Sample One", 1), ("Sample Two", 2), ("Sample Three", 3)]
    for name, data, day in (("1.zip", A, 1), ("2.zip", B, 2)):
        files = [entry(moodle(*who), data, (2024, 11, day, 9, 0, 0)) for who in people]
        archive(tmp_path / name, *files)

    course.collect(tmp_path / "2.zip")
    course.collect(tmp_path / "1.zip")

    assert set(course.submitted().values()) == {B}
    assert len(course.archived()) == 3


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (A[:-20], "is cut off"),
        (b'{"a": 1}', "no notebook"),
        (b"\xff\xfe{\x00", "not text in UTF-8"),
        (b"[" * 100_000, "is"),
        (b"<html>Log in first</html>", "is damaged"),
        (b'{"cells": 3, "nbformat": 4}', "no cells"),
    ],
    ids=["empty", "blank", "cut", "no notebook", "utf-16", "deep", "html", "no cells"],
)
def test_unreadable_notebook_is_kept_but_not_graded(course, tmp_path, data, kind):
    """It lies in the archive, and the batch goes on."""
    zip_file = archive(
        tmp_path / "g.zip",
        (blackboard("sample1", FIRST), data),
        (blackboard("sample2", FIRST), B),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {"sample2/practical1.ipynb": B}
    assert course.archived() == {"sample1/2024-10-20T09-00-00Z/practical1.ipynb": data}
    assert kinds(result) == [("not-gradable", blackboard("sample1", FIRST), "sample1")]
    assert kind in str(result.warnings[0])


def test_byte_order_mark_before_a_notebook_is_taken_off(course, tmp_path):
    """Some editors write it, and nbgrader does not read past it."""
    result = course.collect(download(tmp_path / "1.zip", (FIRST, b"\xef\xbb\xbf" + A)))

    assert course.submitted() == {"sample1/practical1.ipynb": A}
    assert result.warnings == ()


def test_older_readable_attempt_is_graded_and_said_to_be(course, tmp_path):
    """A person decides whether that is right."""
    result = course.collect(download(tmp_path / "1.zip", (FIRST, A), (SECOND, A[:50])))

    assert course.submitted() == {"sample1/practical1.ipynb": A}
    assert course.archived() == {"sample1/2024-10-21T09-00-00Z/practical1.ipynb": A[:50]}
    assert "the older attempt of 2024-10-20T09-00-00Z is graded" in str(result.warnings[0])


@pytest.mark.parametrize(
    ("files", "taken", "kind"),
    [
        ({"answers.ipynb": A}, A, "renamed"),
        ({"Practical1.ipynb": A}, A, "renamed"),
        ({"practical1 (2).ipynb": A}, A, "renamed"),
        ({"one.ipynb": A, "two.ipynb": B}, None, "several-notebooks"),
        ({"one.ipynb": A, "two.ipynb": A}, A, "renamed"),
        ({"practical1.ipynb": A, "draft.ipynb": B}, A, "other-notebooks"),
        ({"report.pdf": b"%PDF"}, None, "no-notebook"),
    ],
    ids=["other name", "other case", "copy", "several", "same twice", "one right", "none"],
)
def test_notebook_is_found_or_named(course, tmp_path, files, taken, kind):
    """The only notebook gets the right name; of several none is guessed."""
    pairs = [(blackboard("sample1", FIRST, name), data) for name, data in files.items()]

    result = course.collect(archive(tmp_path / "g.zip", *pairs))

    assert course.submitted().get("sample1/practical1.ipynb") == taken
    assert kind in [one.kind for one in result.warnings]
    assert taken is not None or sorted(course.archived().values()) == sorted(files.values())


def test_interrupted_run_can_be_resumed(course, tmp_path, monkeypatch):
    """Wherever it stopped, the next run ends as if nothing had happened."""
    one = download(tmp_path / "1.zip", (FIRST, A))
    two = download(tmp_path / "2.zip", (SECOND, B), (THIRD, C))
    real, left = os.replace, 0

    def failing(old, new):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        real(old, new)

    for steps in range(12):
        again = Course(ROOT, tmp_path / f"course{steps}", roster=None)
        again.collect(one)
        left = steps
        monkeypatch.setattr("autograder.collect.placing.os.replace", failing)
        interrupted = False
        try:
            again.collect(two)
        except KeyboardInterrupt:
            interrupted = True
        monkeypatch.setattr("autograder.collect.placing.os.replace", real)
        again.collect(one, two)
        assert again.submitted() == {"sample1/practical1.ipynb": C}
        assert again.times() == {"sample1": "2024-10-22 09:00:00 UTC"}
        assert again.archived() == {
            "sample1/2024-10-20T09-00-00Z/practical1.ipynb": A,
            "sample1/2024-10-21T09-00-00Z/practical1.ipynb": B,
        }
    assert not interrupted


def test_what_another_program_collected_is_not_lost(course, tmp_path):
    """A hand-in of `nbgrader zip_collect` counts with the time that lies beside it."""
    place = course.root / "gradebook" / "submitted" / "sample1" / "practical1"
    folder(place, [("practical1.ipynb", A), ("timestamp.txt", b"2024-10-20 09:00:00 UTC")])

    course.collect(download(tmp_path / "2.zip", (SECOND, B)))

    assert course.submitted() == {"sample1/practical1.ipynb": B}
    assert course.archived() == {"sample1/2024-10-20T09-00-00Z/practical1.ipynb": A}


def test_notebook_that_a_person_mended_stays(course, tmp_path):
    """Collecting the same again does not undo it, and a newer attempt archives it."""
    course.collect(download(tmp_path / "1.zip", (FIRST, A)))
    place = course.root / "gradebook" / "submitted" / "sample1" / "practical1"
    (place / "practical1.ipynb").write_bytes(C)

    course.collect(tmp_path / "1.zip")
    mended = course.submitted()
    course.collect(download(tmp_path / "2.zip", (SECOND, B)))

    assert mended == {"sample1/practical1.ipynb": C}
    assert course.archived() == {"sample1/2024-10-20T09-00-00Z/practical1.ipynb": C}


def test_time_that_becomes_known_is_added(course, tmp_path):
    """The same files without a time, and then with one, are one attempt."""
    course.collect(folder(tmp_path / "plain", [("sample1/practical1.ipynb", A)]))

    course.collect(download(tmp_path / "1.zip", (FIRST, A)))

    assert course.times() == {"sample1": "2024-10-20 09:00:00 UTC"}
    assert course.archived() == {}


def test_report_is_merged_over_runs(course, tmp_path):
    """It says of every student what was collected from where, with digests and warnings."""
    course.collect(download(tmp_path / "1.zip", (FIRST, A[:9])))
    two = archive(tmp_path / "2.zip", (blackboard("sample2", FIRST), B))

    result = course.collect(two)

    report = json.loads(result.report.read_text("utf-8"))
    assert sorted(report["students"]) == ["sample1", "sample2"]
    graded = report["students"]["sample2"]["graded"]
    assert (graded["archive"], graded["entry"]) == ("2.zip", blackboard("sample2", FIRST))
    assert graded["submitted"] == "2024-10-20T09:00:00.000000Z"
    assert graded["source"] == "file name"
    assert list(graded["files"]) == ["practical1.ipynb"]
    assert [warning["kind"] for warning in report["warnings"]] == ["not-gradable"]


def test_roster_goes_into_the_gradebook_and_tells_who_is_missing(root, tmp_path):
    """Students who handed in nothing are listed; nbgrader knows all of them."""
    course = Course(root, tmp_path / "course")

    result = course.collect(download(tmp_path / "1.zip", (FIRST, A)))

    assert result.missing == ("sample-02", "sample-03", "sample-04", "sample-05")
    with course.workspace.gradebook() as gradebook:
        students = {one.id: (one.first_name, one.email) for one in gradebook.students}
    assert students["sample-02"] == ("Şule", "two@sample.invalid")
    assert len(students) == 5


def test_wrong_requests_are_refused_before_anything_is_written(course, tmp_path):
    """Unknown platform, missing archive, unknown assignment, broken roster."""
    zip_file = download(tmp_path / "1.zip", (FIRST, A))
    (tmp_path / "bad.csv").write_text("name\nx\n")
    from autograder.collect import CollectError, collect

    with pytest.raises(CollectError, match=r"'sakai': unknown\. Choose one of: auto, moodle"):
        course.collect(zip_file, platform="sakai")
    with pytest.raises(CollectError, match=r"nowhere\.zip': no such archive"):
        course.collect(zip_file, tmp_path / "nowhere.zip")
    with pytest.raises(CollectError, match="name at least one"):
        course.collect()
    with pytest.raises(WorkspaceError, match="practical9"):
        collect(course.workspace, "practical9", [zip_file])
    with pytest.raises(RosterError, match=r"bad\.csv, line 1: no column 'student_id'"):
        course.collect(zip_file, roster=tmp_path / "bad.csv")
    assert not (course.root / "gradebook" / "submitted").exists()


def test_progress_is_told_of_every_student(course, tmp_path):
    """Done, total and whose turn it is."""
    told = []
    zip_file = archive(tmp_path / "g.zip", (blackboard("b", FIRST), A), (blackboard("a", FIRST), B))

    course.collect(zip_file, progress=lambda *step: told.append(step))

    assert told == [(1, 2, "a"), (2, 2, "b")]


def test_attempts_with_and_without_times_cannot_be_ordered():
    """Neither a rank of one platform nor a time tells."""
    known = Attempt("a", rank=1, platform="canvas")

    assert is_newer(known, Attempt("b", rank=2, platform="moodle")) is None
    assert is_newer(Attempt("b", rank=2, platform="canvas"), known) is True


STEP = st.tuples(st.integers(0, 6), st.sampled_from("abc"), st.sampled_from(["s", "t"]))


@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=1, max_size=6, unique_by=lambda step: (step[0], step[2])), st.data())
def test_order_of_archives_does_not_matter(steps, data):
    """Any order, in any number of runs, ends with the same files in the same places."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        archives = [
            archive(
                place / f"{n}.zip",
                (blackboard(who, f"2024-10-1{day}-12-00-00"), notebook(text)),
            )
            for n, (day, text, who) in enumerate(steps)
        ]
        at_once = Course(ROOT, place / "one", roster=None)
        at_once.collect(*archives)
        one_by_one = Course(ROOT, place / "two", roster=None)
        for zip_file in data.draw(st.permutations(archives)):
            one_by_one.collect(zip_file)

        assert everything(one_by_one) == everything(at_once)


def test_nested_download_is_one_archive(course, tmp_path):
    """A download that was packed again is opened."""
    inner = packed((blackboard("sample1", FIRST), A))

    course.collect(archive(tmp_path / "again.zip", ("gradebook.zip", inner)))

    assert course.submitted() == {"sample1/practical1.ipynb": A}


def test_folder_that_a_person_removed_is_collected_again(course, tmp_path):
    """An attempt whose files are gone cannot be graded; the next best is."""
    one, two = download(tmp_path / "1.zip", (FIRST, A)), download(tmp_path / "2.zip", (SECOND, B))
    course.collect(two)
    shutil.rmtree(course.root / "gradebook" / "submitted" / "sample1")

    course.collect(one)
    older = course.submitted()
    course.collect(two)

    assert older == {"sample1/practical1.ipynb": A}
    assert course.submitted() == {"sample1/practical1.ipynb": B}
    assert course.archived() == {"sample1/2024-10-20T09-00-00Z/practical1.ipynb": A}


def test_empty_folder_in_the_way_is_no_hindrance(course, tmp_path):
    """A time without files, or a link, is no hand-in."""
    above = course.root / "gradebook" / "submitted"
    folder(above / "sample1" / "practical1", [("timestamp.txt", b"2024-10-20 09:00:00 UTC")])
    elsewhere = folder(tmp_path / "elsewhere", [("practical1.ipynb", C)])
    (above / "sample2").mkdir()
    (above / "sample2" / "practical1").symlink_to(elsewhere)
    zip_file = archive(
        tmp_path / "g.zip", (blackboard("sample1", SECOND), A), (blackboard("sample2", SECOND), B)
    )

    course.collect(zip_file)

    assert course.submitted() == {"sample1/practical1.ipynb": A, "sample2/practical1.ipynb": B}
    assert course.times()["sample1"] == "2024-10-21 09:00:00 UTC"
    assert (elsewhere / "practical1.ipynb").read_bytes() == C
