"""Tests of autograder.office.watching: what arrives is graded once it is whole."""

import shutil
import zipfile

import nbformat
import pytest

from autograder.grading import Options
from autograder.office.watching import Arrivals, Watch
from tests.autograder.graded_course import hand_in, make_course, make_handin
from tests.autograder.office.fakes import Here


def test_file_is_ready_when_it_has_been_still(tmp_path):
    """One that grows is waited for; one that was taken is not given again until it changes."""
    arrivals, path = Arrivals(tmp_path, settle=2), tmp_path / "a.ipynb"
    path.write_text("{")
    assert arrivals.ready(0) == []
    path.write_text("{}")
    assert arrivals.ready(2) == []
    assert arrivals.ready(3.9) == []
    assert arrivals.ready(4) == [path]

    arrivals.take(path)

    assert arrivals.ready(9) == []
    path.write_text("{ }")
    assert arrivals.ready(10) == []
    assert arrivals.ready(12) == [path]


UNFINISHED = {"part of a download": "a.zip.part", "cut archive": "a.zip", "hidden": ".a.ipynb"}


@pytest.mark.parametrize("name", UNFINISHED.values(), ids=UNFINISHED.keys())
def test_unfinished_file_is_left_alone(tmp_path, name):
    """However long it lies there."""
    (tmp_path / name).write_bytes(b"PK\x03\x04 the rest is still to come")
    arrivals = Arrivals(tmp_path, settle=0)

    assert arrivals.ready(0) + arrivals.ready(100) == []


def test_folder_is_still_when_all_in_it_are(tmp_path):
    """A platform may write one file after the other."""
    (tmp_path / "s1").mkdir()
    arrivals = Arrivals(tmp_path, settle=1)
    assert arrivals.ready(0) == []
    (tmp_path / "s1" / "a.ipynb").write_text("{}")

    assert arrivals.ready(5) == []
    assert arrivals.ready(6) == [tmp_path / "s1"]


def watching(workspace, folder, steps):
    """Watch until all steps were done, one between two looks; gives what was graded each time."""
    waiting = iter(steps)
    said, done = [], []

    def stop():
        step = next(waiting, None)
        if step is not None:
            step()
        return step is None

    options = Options(pool=Here())
    watch = Watch(workspace, "practical1", folder, options, every=0, settle=0)
    for one in watch.run(said.append, stop=stop):
        done.append([score.student for score in one.graded])
    return done, said


def nothing():
    """Let one look pass."""


def test_archive_in_a_folder_is_collected_and_graded(tmp_path):
    """One a student, and a second student's later."""
    workspace, inbox = make_course(tmp_path / "course"), tmp_path / "inbox"
    inbox.mkdir()
    (workspace.run_time / "students.csv").write_text("student_id\nsample-01\nsample-02\n")
    text = nbformat.writes(make_handin(workspace))

    def drop(student):
        with zipfile.ZipFile(inbox / f"{student}.zip", "w") as archive:
            archive.writestr(f"{student}/practical1.ipynb", text)

    steps = [nothing, lambda: drop("sample-01"), nothing, lambda: drop("sample-02"), nothing]
    done, said = watching(workspace, inbox, steps)

    assert done == [["sample-01"], ["sample-02"]]
    assert [line for line in said if "collected" in line] == [
        "sample-01.zip: 1 collected, 0 as before.",
        "sample-02.zip: 1 collected, 0 as before.",
    ]


def test_hand_ins_themselves_are_watched(tmp_path):
    """What is there at the start, what comes later, and what is handed in anew."""
    workspace = make_course(tmp_path)
    hand_in(workspace, "sample-01", make_handin(workspace))
    second = make_handin(workspace, {})

    steps = [
        nothing,
        lambda: hand_in(workspace, "sample-02", make_handin(workspace)),
        nothing,
        lambda: hand_in(workspace, "sample-01", second),
        nothing,
        lambda: shutil.rmtree(workspace.folder("submitted", "practical1", "sample-02")),
        nothing,
    ]
    done, _ = watching(workspace, None, steps)

    assert done == [["sample-01"], ["sample-02"], ["sample-01"]]
