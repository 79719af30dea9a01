"""Tests of collecting from each platform's archives: whose, when, and which file."""

import pytest

from tests.autograder.archive_builders import (
    DOWNLOAD,
    archive,
    blackboard,
    brightspace,
    canvas,
    entry,
    folder,
    gradescope,
    moodle,
    notebook,
    packed,
    receipt,
)
from tests.autograder.collect_course import NAMES, Course, kinds

A, B, C = notebook("a"), notebook("b"), notebook("c")
EARLY, LATER = (2024, 10, 20, 12, 0, 0), (2024, 10, 24, 23, 55, 12)
TIME = "2024-10-24-23-55-12"


@pytest.fixture
def course(root, tmp_path):
    """Give a course with a roster."""
    return Course(root, tmp_path / "course")


@pytest.fixture
def unlisted(root, tmp_path):
    """Give a course without a roster."""
    return Course(root, tmp_path / "unlisted", roster=None)


@pytest.fixture
def named(root, tmp_path):
    """Give a course whose roster has names only."""
    return Course(root, tmp_path / "named", roster=NAMES)


# --- Moodle --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [{}, {"slash": "/"}, {"flat": True}], ids=["old", "new", "flat"])
def test_moodle_gives_owner_by_number_and_time_by_entry(course, tmp_path, form):
    """Folders with and without the last underscore, and flat names, are one platform."""
    zip_file = archive(
        tmp_path / "m.zip",
        entry(moodle("Sample One", 1000001, **form), A, EARLY),
        entry(moodle("Şule Örnek Işık", 1000002, **form), B, LATER),
        entry("Sample One_1000001_assignsubmission_onlinetext_/onlinetext.html", b"<p>x</p>"),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {
        "sample-01/practical1.ipynb": A,
        "sample-02/practical1.ipynb": B,
    }
    assert course.times() == {
        "sample-01": "2024-10-20 09:00:00 UTC",
        "sample-02": "2024-10-24 20:55:12 UTC",
    }
    assert kinds(result) == [("time-uncertain", "", "")]
    assert result.missing == ("sample-03", "sample-04", "sample-05")


def test_moodle_entry_in_utc_needs_no_zone(course, tmp_path):
    """The extra field of Info-ZIP is believed before the entry's local time, without a warning."""
    zip_file = archive(
        tmp_path / "m.zip", entry(moodle("Sample One", 1000001), A, utc=(2024, 10, 24, 1, 2, 3))
    )

    result = course.collect(zip_file)

    assert course.times() == {"sample-01": "2024-10-24 01:02:03 UTC"}
    assert kinds(result) == []


def test_moodle_download_time_is_no_time_of_a_hand_in(course, tmp_path):
    """Newer versions of Moodle write the moment of the download into every entry."""
    names = [("Sample One", 1000001), ("Şule Örnek Işık", 1000002), ("İrem Deneme", 1000003)]
    zip_file = archive(tmp_path / "m.zip", *(entry(moodle(*who), A, DOWNLOAD) for who in names))

    result = course.collect(zip_file)

    assert (len(result.taken), course.times()) == (3, {})
    assert kinds(result) == [("no-time", "", "")]
    assert "worksheet" in str(result.warnings[0])


def test_moodle_worksheet_gives_times_and_owners(named, tmp_path):
    """The worksheet that Moodle offers beside the archive has times, and names behind numbers."""
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 7,Sample One,,Submitted,,"Thursday, 24 October 2024, 11:55 PM"\n'
        "Participant 8,İrem Deneme,,Submitted,,-\n",
        "utf-8-sig",
    )
    zip_file = archive(
        tmp_path / "m.zip",
        entry(moodle("Participant", 7), A, DOWNLOAD),
        entry(moodle("Participant", 8), B, DOWNLOAD),
        entry(moodle("Participant", 9), C, DOWNLOAD),
    )

    result = named.collect(sheet, zip_file)

    assert named.submitted() == {
        "9/practical1.ipynb": C,
        "sample-01/practical1.ipynb": A,
        "sample-03/practical1.ipynb": B,
    }
    assert named.times() == {"sample-01": "2024-10-24 20:55:00 UTC"}
    assert ("owner-note", moodle("Participant", 9), "") in kinds(result)


def test_moodle_blind_marking_keeps_the_numbers(course, unlisted, tmp_path):
    """A participant whom the roster knows gets their own id, without one the number is the id."""
    zip_file = archive(tmp_path / "m.zip", (moodle("Participant", 1000003), A))

    course.collect(zip_file)
    unlisted.collect(zip_file)

    assert course.submitted() == {"sample-03/practical1.ipynb": A}
    assert unlisted.submitted() == {"1000003/practical1.ipynb": A}


def test_moodle_group_before_the_name_is_left_out(named, tmp_path):
    """Older versions write `Group A-Full Name` for members of a group."""
    zip_file = archive(
        tmp_path / "m.zip",
        (moodle("Group A-Sample One", 5), A),
        (moodle("Group A-Şule Örnek Işık", 6), B),
    )

    named.collect(zip_file)

    assert named.submitted() == {"sample-01/practical1.ipynb": A, "sample-02/practical1.ipynb": B}


def test_moodle_team_hands_in_for_all_its_members(course, tmp_path):
    """Newer versions write the team's name and number; each member gets the notebook."""
    zip_file = archive(tmp_path / "m.zip", (moodle("Team 1", 77), A), (moodle("Team 9", 78), B))

    result = course.collect(zip_file)

    assert course.submitted() == {"sample-01/practical1.ipynb": A, "sample-02/practical1.ipynb": A}
    assert ("unknown-owner", moodle("Team 9", 78), "") in kinds(result)


def test_number_of_one_with_the_name_of_another_is_not_guessed(course, tmp_path):
    """A team's number may be a participant's: name and number must agree."""
    zip_file = archive(
        tmp_path / "m.zip", (moodle("Team 9", 1000001), A), (moodle("İrem Deneme", 1000002), B)
    )

    result = course.collect(zip_file)

    assert course.submitted() == {}
    assert [kind for kind, _, _ in kinds(result)] == ["ambiguous-owner"] * 2


def test_files_beside_the_notebook_are_kept(course, tmp_path):
    """Data that a student hands in lies beside the notebook, at the path that it expects."""
    zip_file = archive(
        tmp_path / "m.zip",
        (moodle("Sample One", 1000001, "work/practical1.ipynb"), A),
        (moodle("Sample One", 1000001, "work/data/points.csv"), b"1,2"),
        (moodle("Sample One", 1000001, "picture.png"), b"png"),
    )

    course.collect(zip_file)

    assert course.submitted() == {
        "sample-01/data/points.csv": b"1,2",
        "sample-01/picture.png": b"png",
        "sample-01/practical1.ipynb": A,
    }


# --- Canvas --------------------------------------------------------------------------------------


def test_canvas_gives_owner_by_number_and_newest_by_attachment(course, tmp_path):
    """Uploads of one name are attempts in the order of their numbers; no time is recorded."""
    zip_file = archive(
        tmp_path / "submissions.zip",
        entry(canvas("onesample", 101, 5001, "practical1.ipynb"), A, DOWNLOAD),
        entry(canvas("onesample", 101, 5003, "practical1-2.ipynb"), C, DOWNLOAD),
        entry(canvas("onesample", 101, 5002, "practical1-1.ipynb"), B, DOWNLOAD),
        entry(canvas("örnekışıkşule", 102, 5004, late=True), A, DOWNLOAD),
        entry("denemeirem_103_text.html", b"<p>in words</p>", DOWNLOAD),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {
        "sample-01/practical1.ipynb": C,
        "sample-02/practical1.ipynb": A,
    }
    assert course.archived() == {
        "sample-01/attempt-5001/practical1.ipynb": A,
        "sample-01/attempt-5002/practical1.ipynb": B,
    }
    assert course.times() == {}
    late = canvas("örnekışıkşule", 102, 5004, late=True)
    assert kinds(result) == [("no-time", "", ""), ("no-time", late, "sample-02")]
    assert "LATE" in str(next(one for one in result.warnings if one.student))


def test_canvas_upload_with_a_uuid_is_the_notebook(course, tmp_path):
    """After eight uploads of one name Canvas adds a random one."""
    name = "practical1-0b5f5a52-5c0e-4a4e-9d1f-2d9b6d3f8a10.ipynb"
    zip_file = archive(tmp_path / "submissions.zip", (canvas("onesample", 101, 5009, name), A))

    result = course.collect(zip_file)

    assert course.submitted() == {"sample-01/practical1.ipynb": A}
    assert [one.kind for one in result.warnings] == ["no-time"]


def test_canvas_names_are_matched_without_numbers(named, tmp_path):
    """The sortable name in small letters finds students whose number the roster lacks."""
    zip_file = archive(
        tmp_path / "submissions.zip",
        (canvas("onesample", 1, 5001), A),
        (canvas("denemeirem", 2, 5002), B),
        (canvas("namesame", 3, 5003), C),
    )

    result = named.collect(zip_file)

    assert named.submitted() == {"sample-01/practical1.ipynb": A, "sample-03/practical1.ipynb": B}
    assert ("ambiguous-owner", canvas("namesame", 3, 5003), "") in kinds(result)


@pytest.mark.parametrize("late", ["LATE_anon_{}", "anon_LATE_{}", "anon_{}"])
def test_canvas_anonymous_ids_that_differ_in_case_share_no_folder(course, tmp_path, late):
    """Ids are compared letter by letter; folders differ where case does not count, too."""
    names = [
        f"{late.format(who)}_500{n}_practical1.ipynb" for n, who in enumerate(("aBcD", "AbCd"))
    ]
    zip_file = archive(tmp_path / "submissions.zip", (names[0], A), (names[1], B))

    course.collect(zip_file)

    assert sorted(course.submitted().values()) == sorted([A, B])
    assert len({name.lower() for name in course.submitted()}) == 2
    assert all(name.startswith("anon_") for name in course.submitted())


# --- Blackboard ----------------------------------------------------------------------------------


def test_blackboard_gives_attempts_by_username_and_time(course, tmp_path):
    """The time stands in the name; the older attempt is archived under its time in UTC."""
    zip_file = archive(
        tmp_path / "gradebook.zip",
        entry(blackboard("sample1", "2024-10-20-12-00-00"), A, DOWNLOAD),
        entry(*receipt("Sample One", "sample1", "2024-10-20-12-00-00"), DOWNLOAD),
        entry(blackboard("sample1", TIME), B, DOWNLOAD),
        entry(*receipt("Sample One", "sample1", TIME), DOWNLOAD),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {"sample-01/practical1.ipynb": B}
    assert course.times() == {"sample-01": "2024-10-24 20:55:12 UTC"}
    assert course.archived() == {"sample-01/2024-10-20T09-00-00Z/practical1.ipynb": A}
    assert kinds(result) == []


def test_blackboard_receipt_tells_title_and_username_apart(named, unlisted, tmp_path):
    """Both may hold underscores; the receipt also has the name that a roster may know."""
    zip_file = archive(
        tmp_path / "gradebook.zip",
        (blackboard("s_one", TIME, title="Practical_1"), A),
        receipt("Sample One", "s_one", TIME, title="Practical_1"),
        (blackboard("t_one", TIME, title="Practical_1"), B),
    )

    named.collect(zip_file)
    result = unlisted.collect(zip_file)

    assert named.submitted() == {"sample-01/practical1.ipynb": A}
    assert unlisted.submitted() == {"s_one/practical1.ipynb": A}
    assert [one.kind for one in result.warnings] == ["unknown-owner"]


def test_blackboard_time_that_is_none_is_named(course, tmp_path):
    """An impossible date leaves the hand-in without a time."""
    zip_file = archive(tmp_path / "g.zip", (blackboard("sample1", "2024-13-41-25-00-00"), A))

    result = course.collect(zip_file)

    assert (course.submitted(), course.times()) == ({"sample-01/practical1.ipynb": A}, {})
    assert [one.kind for one in result.warnings] == ["no-time"]


# --- Brightspace ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("Oct 24, 2024 1155 PM", "2024-10-24 20:55:00 UTC"),
        ("Oct 24, 2024 905 AM", "2024-10-24 06:05:00 UTC"),
        ("24 October, 2024 1155 PM", "2024-10-24 20:55:00 UTC"),
        ("24 Ekim 2024 2355", "2024-10-24 20:55:00 UTC"),
        ("24 Eki 2024 1155 ÖS", "2024-10-24 20:55:00 UTC"),
        ("Oct 24, 2024 1205 AM", "2024-10-23 21:05:00 UTC"),
    ],
)
@pytest.mark.parametrize("between", ["/", " - "], ids=["folder", "flat"])
def test_brightspace_gives_time_without_a_colon(course, tmp_path, time, expected, between):
    """Hours and minutes run together, in the language and order of the interface."""
    name = brightspace("Sample One", 1234567, time, between=between)
    zip_file = archive(tmp_path / "d2l.zip", (name, A), ("index.html", b"<html>"))

    result = course.collect(zip_file)

    assert course.submitted() == {"sample-01/practical1.ipynb": A}
    assert course.times() == {"sample-01": expected}
    assert kinds(result) == []


def test_brightspace_unreadable_time_is_named(course, tmp_path):
    """A time in a language that is not known leaves the hand-in without one."""
    name = brightspace("Sample One", 1234567, "24 lokakuuta 2024 2355")
    zip_file = archive(tmp_path / "d2l.zip", (name, A), (brightspace("İrem Deneme", 2), B))

    result = course.collect(zip_file)

    assert course.times() == {"sample-03": "2024-10-24 20:55:00 UTC"}
    assert kinds(result) == [("no-time", name, "sample-01")]


def test_brightspace_people_of_one_name_are_told_apart_by_number(unlisted, named, tmp_path):
    """Two numbers behind one name are two people: with a roster of names, neither is collected."""
    zip_file = archive(
        tmp_path / "d2l.zip",
        (brightspace("Sample One", 11), A),
        (brightspace("Sample One", 22), B),
    )

    unlisted.collect(zip_file)
    result = named.collect(zip_file)

    assert unlisted.submitted() == {"11/practical1.ipynb": A, "22/practical1.ipynb": B}
    assert named.submitted() == {}
    assert [one.kind for one in result.warnings] == ["ambiguous-owner"] * 2


# --- Gradescope ----------------------------------------------------------------------------------


def test_gradescope_gives_all_submitters_and_the_time_with_its_zone(course, tmp_path):
    """The description beside the folders says who and when; groups have several submitters."""
    one = ("Sample One", "sample-01", "one@sample.invalid")
    two = ("Ş. Örnek", "", "two@sample.invalid")
    three = ("İrem Deneme", "", "")
    zip_file = gradescope(
        tmp_path / "export.zip",
        ([one, two], "2024-10-24 20:55:12.123456000 Z", A),
        ([three], "2024-10-24 23:55:12 +03:00", B),
    )

    course.collect(zip_file)

    assert course.submitted() == {
        "sample-01/practical1.ipynb": A,
        "sample-02/practical1.ipynb": A,
        "sample-03/practical1.ipynb": B,
    }
    assert course.times() == {
        "sample-01": "2024-10-24 20:55:12.123456 UTC",
        "sample-02": "2024-10-24 20:55:12.123456 UTC",
        "sample-03": "2024-10-24 20:55:12 UTC",
    }


def test_gradescope_broken_description_is_named(course, tmp_path):
    """Without it nobody knows whose the folders are."""
    zip_file = archive(
        tmp_path / "export.zip",
        ("assignment_1_export/submission_metadata.yml", b"a: [b"),
        ("assignment_1_export/submission_5/practical1.ipynb", A),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {}
    assert sorted(one.kind for one in result.warnings) == ["broken-metadata", "unknown-owner"]


# --- Drive and folders ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "practical1 - Sample One.ipynb",
        "Sample One - practical1.ipynb",
        "Copy of practical1 - Sample One.ipynb",
        "practical1_Sample_One (2).ipynb",
        "Sample One/practical1 (1).ipynb",
        "Practical 1/ONE Sample/Copy of practical1.ipynb",
        "practical1.ipynb adlı dosyanın kopyası - Sample One.ipynb",
        "Sample One/practical1.ipynb adlı dosyanın kopyası",
        "one@sample.invalid practical1.ipynb",
        "sample-01_practical1.ipynb",
    ],
)
def test_drive_finds_the_owner_in_free_names(course, tmp_path, name):
    """Names of files and folders are what people make of them."""
    zip_file = archive(tmp_path / "drive.zip", (name, A), ("practical1 - İrem Deneme.ipynb", B))

    result = course.collect(zip_file)

    assert course.submitted() == {"sample-01/practical1.ipynb": A, "sample-03/practical1.ipynb": B}
    assert {one.kind for one in result.warnings} <= {"no-time", "renamed"}


def test_drive_file_of_one_in_a_folder_of_another_is_not_guessed(course, tmp_path):
    """Both are named in the warning."""
    name = "İrem Deneme/practical1 - Sample One.ipynb"
    zip_file = archive(tmp_path / "drive.zip", (name, A))

    result = course.collect(zip_file, platform="drive")

    assert course.submitted() == {}
    assert kinds(result) == [("ambiguous-owner", name, "")]


@pytest.mark.parametrize("wrap", ["", "hand-ins/"], ids=["bare", "wrapped"])
def test_folder_for_each_student(course, unlisted, tmp_path, wrap):
    """A plain folder may be named by any id, or the name; nothing says when it was handed in."""
    files = [("sample-01", A), ("sample2", B)]
    plain = folder(tmp_path / "plain", [(f"{wrap}{who}/practical1.ipynb", x) for who, x in files])

    result = course.collect(plain)
    unlisted.collect(plain)

    assert course.submitted() == {"sample-01/practical1.ipynb": A, "sample-02/practical1.ipynb": B}
    assert unlisted.submitted() == {
        "sample-01/practical1.ipynb": A,
        "sample2/practical1.ipynb": B,
    }
    assert (course.times(), kinds(result)) == ({}, [("no-time", "", "")])


def test_folder_of_archives_opens_each_as_its_platform_wrote_it(course, tmp_path):
    """Downloads of several platforms may lie in one folder, or in one archive."""
    one = packed((moodle("Sample One", 1000001), A))
    two = packed((blackboard("sample3", TIME), B))
    plain = folder(tmp_path / "downloads", [("m.zip", one), ("deep/b.zip", two)])
    zip_file = archive(tmp_path / "all.zip", ("m.zip", one), ("b.zip", two))

    course.collect(plain)
    again = course.collect(zip_file)

    assert course.submitted() == {"sample-01/practical1.ipynb": A, "sample-03/practical1.ipynb": B}
    assert (again.taken, again.unchanged) == ((), ("sample-01", "sample-03"))


def test_student_may_hand_in_an_archive(course, tmp_path):
    """What lies in it counts as if it lay beside it."""
    inner = packed(("work/practical1.ipynb", A), ("work/data.csv", b"1"), ("__MACOSX/x", b"?"))
    zip_file = archive(
        tmp_path / "g.zip",
        (blackboard("sample1", TIME, "work.zip"), inner),
        (blackboard("sample3", TIME), B),
    )

    course.collect(zip_file)

    assert course.submitted() == {
        "sample-01/data.csv": b"1",
        "sample-01/practical1.ipynb": A,
        "sample-03/practical1.ipynb": B,
    }


def test_extracted_tree_has_owners_but_no_times(course, tmp_path):
    """The times of files on this machine are never taken."""
    plain = folder(tmp_path / "m", [(moodle("Sample One", 1000001), A)])

    result = course.collect(plain)

    assert (course.submitted(), course.times()) == ({"sample-01/practical1.ipynb": A}, {})
    assert [one.kind for one in result.warnings] == ["no-time"]


def test_free_names_without_a_roster_are_nobodys(unlisted, tmp_path):
    """A name alone is no id: two people may share it."""
    zip_file = archive(tmp_path / "drive.zip", ("practical1 - Sample.ipynb", A), ("x.ipynb", B))

    result = unlisted.collect(zip_file)

    assert unlisted.submitted() == {}
    assert [one.kind for one in result.warnings] == ["unknown-owner"] * 2
    assert "no roster" in str(result.warnings[0])


def test_moodle_entry_without_a_time_is_named(course, tmp_path):
    """The others keep theirs."""
    zip_file = archive(
        tmp_path / "m.zip",
        entry(moodle("Sample One", 1000001), A, (1980, 1, 1, 0, 0, 0)),
        entry(moodle("İrem Deneme", 1000003), B, LATER),
    )

    result = course.collect(zip_file)

    assert course.times() == {"sample-03": "2024-10-24 20:55:12 UTC"}
    assert ("no-time", moodle("Sample One", 1000001), "sample-01") in kinds(result)


def test_moodle_group_of_one_is_left_out_too(named, tmp_path):
    """A group's name is told by its space or number, if only one member has handed in."""
    zip_file = archive(tmp_path / "m.zip", (moodle("Team 3-İrem Deneme", 5), A))

    named.collect(zip_file)

    assert named.submitted() == {"sample-03/practical1.ipynb": A}


def test_moodle_blind_marking_in_any_language_is_seen(named, tmp_path):
    """One unknown word before every number is no name."""
    zip_file = archive(tmp_path / "m.zip", *((moodle("Osallistuja", n), A) for n in (7, 8, 9)))

    named.collect(zip_file)

    assert sorted(named.submitted()) == [f"{n}/practical1.ipynb" for n in (7, 8, 9)]


def test_canvas_group_hands_in_for_all_its_members(course, tmp_path):
    """Canvas writes the group's name, and the number of who uploaded for it."""
    zip_file = archive(
        tmp_path / "submissions.zip",
        (canvas("team1", 102, 5001), A),
        (canvas("groupofnobody", 103, 5002), B),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {
        "sample-01/practical1.ipynb": A,
        "sample-02/practical1.ipynb": A,
        "sample-03/practical1.ipynb": B,
    }
    assert [one.kind for one in result.warnings if one.kind != "no-time"] == ["owner-note"] * 2


def test_number_of_a_participant_that_is_a_students_id_is_not_theirs(root, tmp_path):
    """A university's student ids may be numbers, too: nobody gets a stranger's hand-in."""
    roster = "student_id,first_name,last_name\n1000009,Sample,One\n"
    course = Course(root, tmp_path / "course", roster=roster)

    result = course.collect(archive(tmp_path / "m.zip", (moodle("Participant", 1000009), A)))

    assert course.submitted() == {}
    assert [one.kind for one in result.warnings] == ["ambiguous-owner"]
