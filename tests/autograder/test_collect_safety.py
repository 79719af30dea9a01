"""Tests of hostile and broken archives: each is named, none is followed, the rest goes on."""

import os
import stat
import struct
import zlib

import pytest

from autograder.collect import safety
from tests.autograder.archive_builders import (
    archive,
    blackboard,
    entry,
    folder,
    link,
    moodle,
    notebook,
    packed,
)
from tests.autograder.collect_course import Course, kinds

A, B = notebook("a"), notebook("b")
TIME = "2024-10-24-23-55-12"
#: A hand-in that must be collected whatever lies beside it.
GOOD = (blackboard("sample3", TIME), B)
TAKEN = {"sample3/practical1.ipynb": B}


@pytest.fixture
def course(root, tmp_path):
    """Give a course without a roster: nbgrader's database is not needed."""
    return Course(root, tmp_path / "course", roster=None)


def hand_in(name):
    """Name a file of the student whose archive is bad."""
    return blackboard("sample1", TIME, name)


def outside(course, tmp_path):
    """Give what lies beside the course and its gradebook."""
    beside = {path.name for path in tmp_path.iterdir()}
    return beside, {path.name for path in course.root.iterdir() if path.name != "gradebook"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../../evil.ipynb", "unsafe-path"),
        ("..\\..\\evil.ipynb", "unsafe-path"),
        ("/etc/evil.ipynb", "unsafe-path"),
        ("C:\\evil.ipynb", "unsafe-path"),
        ("c:evil.ipynb", "unsafe-path"),
        ("\\\\server\\share\\evil.ipynb", "unsafe-path"),
        ("evil\0.ipynb", "unsafe-path"),
        (moodle("Sample One", 1, "../../../evil.ipynb"), "unsafe-path"),
        ("x" * 2000 + ".ipynb", "unsafe-path"),
    ],
    ids=["up", "backslashes", "top", "drive", "relative", "share", "NUL", "inside", "overlong"],
)  # fmt: skip
def test_unsafe_path_is_named_and_left_out(course, tmp_path, name, kind):
    """Nothing is written outside the gradebook, and the other hand-in is taken."""
    zip_file = archive(tmp_path / "g.zip", (name, A), GOOD)
    before = outside(course, tmp_path)

    result = course.collect(zip_file)

    assert course.submitted() == TAKEN
    assert [one.kind for one in result.warnings] == [kind]
    assert outside(course, tmp_path) == before


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (link(hand_in("practical1.ipynb")), "symbolic-link"),
        (entry(hand_in("practical1.ipynb"), A, mode=stat.S_IFIFO | 0o644), "special-file"),
        (entry(hand_in("practical1.ipynb"), A, mode=stat.S_IFCHR | 0o644), "special-file"),
        (entry(hand_in("practical1.ipynb"), b"0" * 2**22), "zip-bomb"),
    ],
    ids=["link", "pipe", "device", "bomb"],
)
def test_unsafe_entry_is_named_and_left_out(course, tmp_path, bad, kind):
    """Links, devices and what unpacks beyond measure are not opened."""
    result = course.collect(archive(tmp_path / "g.zip", bad, GOOD))

    assert course.submitted() == TAKEN
    assert [(one.kind, one.entry) for one in result.warnings] == [
        (kind, hand_in("practical1.ipynb"))
    ]


def test_locked_entry_is_named(course, tmp_path):
    """A password locks one hand-in, not the others."""
    data = bytearray(packed((hand_in("practical1.ipynb"), A), GOOD))
    # Bit 0 of the flags, in the entry itself and in the list of contents.
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "g.zip").write_bytes(data)

    result = course.collect(tmp_path / "g.zip")

    assert course.submitted() == TAKEN
    assert [one.kind for one in result.warnings] == ["encrypted"]


def test_links_and_pipes_in_a_folder_are_not_followed(course, tmp_path):
    """Neither a link to a file nor one to a folder is read."""
    secret = folder(tmp_path / "secret", [("practical1.ipynb", A)])
    plain = folder(tmp_path / "plain", [("sample3/practical1.ipynb", B)])
    (plain / "sample1").mkdir()
    (plain / "sample1" / "practical1.ipynb").symlink_to(secret / "practical1.ipynb")
    (plain / "sample2").symlink_to(secret)
    os.mkfifo(plain / "sample1" / "pipe")

    result = course.collect(plain)

    assert course.submitted() == TAKEN
    assert kinds(result) == [
        ("no-time", "sample3/practical1.ipynb", "sample3"),
        ("special-file", "sample1/pipe", ""),
        ("symbolic-link", "sample1/practical1.ipynb", ""),
        ("symbolic-link", "sample2", ""),
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip archive", packed(GOOD)[:-30], b"Rar!\x1a\x07"],
    ids=["empty", "text", "cut", "rar"],
)
def test_broken_archive_does_not_stop_the_others(course, tmp_path, data):
    """It is named; the next archive is collected."""
    (tmp_path / "bad.zip").write_bytes(data)

    result = course.collect(tmp_path / "bad.zip", archive(tmp_path / "g.zip", GOOD))

    assert course.submitted() == TAKEN
    assert [(one.kind, one.archive) for one in result.warnings] == [("broken-archive", "bad.zip")]


def test_empty_archive_is_named(course, tmp_path):
    """Nothing handed in, or the wrong file: a person should look."""
    result = course.collect(archive(tmp_path / "none.zip"))

    assert [str(one) for one in result.warnings] == ["none.zip: holds no files."]


def test_broken_archive_of_a_student_is_named(course, tmp_path):
    """The hand-in has no notebook then; the rest is collected."""
    result = course.collect(archive(tmp_path / "g.zip", (hand_in("work.zip"), b"PK\3\4x"), GOOD))

    assert course.submitted() == TAKEN
    assert kinds(result) == [
        ("broken-archive", hand_in("work.zip"), ""),
        ("no-notebook", hand_in("work.zip"), "sample1"),
    ]


def test_damaged_bytes_of_one_entry_are_named(course, tmp_path):
    """A wrong checksum spoils one file."""
    data = bytearray(packed((hand_in("practical1.ipynb"), A), GOOD))
    data[30 + len(hand_in("practical1.ipynb")) + 20] ^= 0xFF
    (tmp_path / "g.zip").write_bytes(data)

    result = course.collect(tmp_path / "g.zip")

    assert course.submitted() == TAKEN
    assert [one.kind for one in result.warnings] == ["no-notebook", "unreadable-entry"]


def test_archives_inside_archives_end_somewhere(course, tmp_path):
    """A matryoshka is opened to a depth, and named."""
    doll = packed(("practical1.ipynb", A))
    for _ in range(5):
        doll = packed(("doll.zip", doll))

    result = course.collect(archive(tmp_path / "g.zip", (hand_in("doll.zip"), doll), GOOD))

    assert course.submitted() == TAKEN
    assert [one.kind for one in result.warnings] == ["no-notebook", "nested-too-deep"]


def test_entries_that_overlap_are_named(course, tmp_path):
    """Many entries over the same packed bytes unpack to more than the archive holds."""
    data = packed((hand_in("practical1.ipynb"), A), (hand_in("other.txt"), A), GOOD)
    start = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", start + 1)
    patched = bytearray(data)
    patched[second + 42 : second + 46] = bytes(4)  # the second begins where the first does
    (tmp_path / "g.zip").write_bytes(patched)

    result = course.collect(tmp_path / "g.zip")

    assert TAKEN.items() <= course.submitted().items()
    assert "zip-bomb" in [one.kind for one in result.warnings]


def test_too_many_entries_are_not_read(course, tmp_path, monkeypatch):
    """A limit on the number of files keeps memory in bounds."""
    monkeypatch.setattr("autograder.collect.archives.MAX_ENTRIES", 2)
    many = [(hand_in(f"{n}.txt"), b"") for n in range(3)]

    result = course.collect(archive(tmp_path / "g.zip", GOOD, *many))

    assert course.submitted() == TAKEN
    assert "zip-bomb" in [one.kind for one in result.warnings]


def test_sum_of_all_files_is_limited(course, tmp_path, monkeypatch):
    """Files that fit one by one may be too much together."""
    monkeypatch.setattr("autograder.collect.archives.MAX_TOTAL", len(B) + 10)

    result = course.collect(archive(tmp_path / "g.zip", GOOD, (hand_in("practical1.ipynb"), A)))

    assert course.submitted() == TAKEN
    assert [one.kind for one in result.warnings] == ["zip-bomb"]


def test_directory_too_large_is_not_read(course, tmp_path, monkeypatch):
    """The list of contents is measured before it is read."""
    monkeypatch.setattr("autograder.collect.archives.MAX_DIRECTORY", 50)

    result = course.collect(archive(tmp_path / "g.zip", GOOD))

    assert [one.kind for one in result.warnings] == ["broken-archive"]


@pytest.mark.parametrize(("other", "taken"), [(B, {}), (A, {"sample1/practical1.ipynb": A})])
def test_entry_that_comes_twice_is_taken_only_if_it_is_the_same(course, tmp_path, other, taken):
    """Of two different files of one name, none is guessed."""
    name = hand_in("practical1.ipynb")

    result = course.collect(archive(tmp_path / "g.zip", (name, A), (name, other), GOOD))

    assert course.submitted() == TAKEN | taken
    assert kinds(result) == [("duplicate-entry", name, "")]


def test_names_that_differ_in_case_do_not_overwrite_each_other(course, tmp_path):
    """The second is left out and named, also where the system would tell them apart."""
    zip_file = archive(
        tmp_path / "g.zip",
        (hand_in("practical1.ipynb"), A),
        (hand_in("Data.csv"), b"1"),
        (hand_in("data.csv"), b"2"),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {"sample1/Data.csv": b"1", "sample1/practical1.ipynb": A}
    assert [one.kind for one in result.warnings] == ["left-out"]


def test_student_cannot_write_the_time_of_the_hand_in(course, tmp_path):
    """A `timestamp.txt` of a student's is left out, in any case."""
    inner = packed(("practical1.ipynb", A), ("Timestamp.TXT", b"2024-01-01 00:00:00 UTC"))

    result = course.collect(archive(tmp_path / "g.zip", (hand_in("work.zip"), inner)))

    assert course.submitted() == {"sample1/practical1.ipynb": A}
    assert course.times() == {"sample1": "2024-10-24 20:55:12 UTC"}
    assert [one.kind for one in result.warnings] == ["left-out"]


def test_files_beside_the_notebook_are_limited(course, tmp_path, monkeypatch):
    """The notebook is taken; what is too much beside it is named."""
    monkeypatch.setattr("autograder.collect.hand_ins.MAX_FILES", 1)
    names = ["a.csv", "b.csv", "practical1.ipynb"]

    result = course.collect(archive(tmp_path / "g.zip", *((hand_in(name), A) for name in names)))

    assert sorted(course.submitted()) == ["sample1/a.csv", "sample1/practical1.ipynb"]
    assert [one.kind for one in result.warnings] == ["too-much"]


def test_owner_id_that_leaves_the_gradebook_is_refused(course, tmp_path):
    """A platform's id that is no folder's name is an unknown owner."""
    zip_file = archive(
        tmp_path / "x.zip", ("..--practical1.ipynb", A), ("con--practical1.ipynb", A)
    )

    result = course.collect(zip_file, pattern=r"^(?P<student_id>.+?)--(?P<notebook>.+)")

    assert course.submitted() == {}
    assert {one.kind for one in result.warnings} == {"unknown-owner", "no-time"} - {"no-time"}


def test_terminal_codes_in_names_are_shown_as_escapes(course, tmp_path):
    """A warning cannot move the cursor of whoever reads it."""
    result = course.collect(archive(tmp_path / "g.zip", ("../\x1b[2Jevil", A)))

    assert str(result.warnings[0]).startswith("g.zip, '../\\x1b[2Jevil': has a path")


def test_limits_are_those_that_are_documented():
    """A change of a limit is seen."""
    assert (safety.MAX_ENTRIES, safety.MAX_FILE, safety.MAX_RATIO) == (100_000, 200 * 2**20, 200)


def test_unicode_path_field_is_believed_only_if_it_is_current(course, tmp_path):
    """Info-ZIP's field names the entry in UTF-8, with the checksum of the plain name."""
    plain = blackboard("sample_x", TIME).encode()
    name = blackboard("sample9", TIME).encode()
    field = b"\1" + struct.pack("<L", zlib.crc32(plain)) + name
    current = entry(plain, A, extra=struct.pack("<HH", 0x7075, len(field)) + field)

    course.collect(archive(tmp_path / "g.zip", current))

    assert course.submitted() == {"sample9/practical1.ipynb": A}


# --- Forgeries: what a student may name a file, to be somebody else or earlier --------------------


def test_file_name_of_a_student_does_not_change_owner_or_time(course, tmp_path):
    """Blackboard's own part of the name comes first."""
    names = [
        "x_sample3_attempt_2024-01-01-00-00-00_practical1.ipynb",
        "x_sample3_attempt_2024-01-01-00-00-00.txt",
    ]
    zip_file = archive(
        tmp_path / "g.zip",
        *((hand_in(name), data) for name, data in zip(names, (A, b"x"), strict=True)),
    )

    course.collect(zip_file)

    assert course.submitted()["sample1/practical1.ipynb"] == A
    assert course.times() == {"sample1": "2024-10-24 20:55:12 UTC"}


def test_description_that_a_student_hands_in_describes_nothing(course, tmp_path):
    """Gradescope's lies beside the submissions, never in one."""
    true = b"submission_5:\n  :submitters:\n  - :sid: s5\n  :created_at: 2024-10-24 20:55:12 Z\n"
    false = true.replace(b"s5", b"victim").replace(b"10-24", b"01-01")
    top = "assignment_1_export/"
    zip_file = archive(
        tmp_path / "export.zip",
        (f"{top}submission_metadata.yml", true),
        (f"{top}submission_5/practical1.ipynb", A),
        (f"{top}submission_5/submission_metadata.yml", false),
    )

    course.collect(zip_file)

    assert course.submitted() == {
        "s5/practical1.ipynb": A,
        "s5/submission_metadata.yml": false,
    }
    assert course.times() == {"s5": "2024-10-24 20:55:12 UTC"}


def test_worksheet_that_a_student_hands_in_is_a_file_like_any_other(course, tmp_path):
    """Moodle's lies beside the archive."""
    sheet = b'Identifier,Last modified (submission)\nParticipant 1,"1 January 2024, 11:55 PM"\n'
    zip_file = archive(
        tmp_path / "m.zip",
        entry(moodle("Sample One", 1), A, utc=(2024, 10, 24, 20, 55, 12)),
        entry(moodle("Sample One", 1, "Grades.csv"), sheet, utc=(2024, 10, 24, 20, 55, 12)),
    )

    course.collect(zip_file)

    assert course.times() == {"1": "2024-10-24 20:55:12 UTC"}
    assert course.submitted() == {"1/Grades.csv": sheet, "1/practical1.ipynb": A}


def test_file_and_folder_of_one_name_do_not_stop_the_batch(course, tmp_path):
    """The second is left out and named."""
    inner = packed(("data.csv", b"1"))
    zip_file = archive(
        tmp_path / "g.zip",
        (hand_in("practical1.ipynb"), A),
        (hand_in("data"), b"2"),
        (hand_in("data.zip"), inner),
        GOOD,
    )

    result = course.collect(zip_file)

    assert course.submitted() == TAKEN | {"sample1/data": b"2", "sample1/practical1.ipynb": A}
    assert [one.kind for one in result.warnings] == ["left-out"]
