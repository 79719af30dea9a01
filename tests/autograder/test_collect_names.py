"""Tests of names: any normalisation, case and code page, with and without the UTF-8 flag."""

import unicodedata

import pytest

from autograder.collect.names import CODE_PAGES, keys, spellings
from tests.autograder.archive_builders import archive, canvas, entry, folder, moodle, notebook
from tests.autograder.collect_course import Course, kinds

A, B = notebook("a"), notebook("b")
NAME = "Şule Örnek Işık"
ROSTER = "student_id,first_name,last_name\nsample-02,Şule,Örnek Işık\nsample-03,İrem,Deneme\n"


@pytest.fixture
def course(root, tmp_path):
    """Give a course whose roster has Turkish names and no numbers."""
    return Course(root, tmp_path / "course", roster=ROSTER)


@pytest.mark.parametrize("utf8", [True, False], ids=["flag", "no flag"])
@pytest.mark.parametrize("page", ["utf-8", "cp857", "cp1254", "mac_turkish"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_turkish_name_is_found_in_any_encoding(course, tmp_path, form, page, utf8):
    """The reading that the roster knows is the right one, even if the flag is wrong."""
    text = unicodedata.normalize(form if page == "utf-8" else "NFC", moodle(NAME, 7))
    zip_file = archive(tmp_path / "m.zip", entry(text.encode(page), A, utf8=utf8))

    course.collect(zip_file)

    assert course.submitted() == {"sample-02/practical1.ipynb": A}


@pytest.mark.parametrize("page", ["cp437", "cp1252", "cp1254", "cp857"])
def test_utf8_that_was_read_in_a_code_page_is_undone(course, tmp_path, page):
    """Some programs unpack in the wrong code page, and pack the result as UTF-8."""
    broken = moodle(NAME, 7).encode().decode(page, "replace")
    if "\ufffd" in broken:
        broken = moodle("İrem Deneme", 7).encode().decode(page)
    zip_file = archive(tmp_path / "m.zip", (broken, A))

    course.collect(zip_file)

    assert list(course.submitted().values()) == [A]


@pytest.mark.parametrize(
    "name", ["ŞULE ÖRNEK IŞIK", "şule örnek ışık", "sule ornek isik", "Işık Şule Örnek"]
)
def test_name_is_found_in_any_case(course, tmp_path, name):
    """Dotted and dotless i are one letter; without accents a name is taken, and that is said."""
    result = course.collect(
        archive(tmp_path / "m.zip", entry(moodle(name, 7), A, utc=(2024, 1, 1)))
    )

    assert course.submitted() == {"sample-02/practical1.ipynb": A}
    note = [("owner-note", moodle(name, 7), "")] if name.isascii() else []
    assert kinds(result) == note


def test_names_in_a_plain_folder_may_be_in_an_old_code_page(course, tmp_path):
    """Bytes that are no UTF-8 are read as an archive's are."""
    import os

    plain = tmp_path / "plain"
    place = os.fsencode(plain) + b"/" + "İrem Deneme".encode("cp1254")
    os.makedirs(place)
    with open(place + b"/practical1.ipynb", "wb") as file:
        file.write(B)

    course.collect(plain)

    assert course.submitted() == {"sample-03/practical1.ipynb": B}


def test_names_that_differ_in_the_dot_only_are_told_apart_as_written(root, tmp_path):
    """As it is written decides before all else; in capitals nobody is guessed."""
    roster = "student_id,first_name,last_name\ns1,Isıl,Ay\ns2,Işıl,Ay\ns3,Işil,Ay\n"
    course = Course(root, tmp_path / "course", roster=roster)
    zip_file = archive(
        tmp_path / "m.zip",
        (moodle("Işıl Ay", 1), A),
        (moodle("Işil Ay", 2), B),
        (moodle("IŞIL AY", 3), A),
    )

    result = course.collect(zip_file)

    assert course.submitted() == {"s2/practical1.ipynb": A, "s3/practical1.ipynb": B}
    assert ("ambiguous-owner", moodle("IŞIL AY", 3), "") in kinds(result)


def test_order_of_names_is_the_platforms(root, tmp_path):
    """Of two people whose names are each other's turned round, the platform's order tells."""
    roster = "student_id,first_name,last_name\ns1,Can,Ali\ns2,Ali,Can\n"
    course = Course(root, tmp_path / "course", roster=roster)

    course.collect(archive(tmp_path / "c.zip", (canvas("alican", 1, 50), A)))
    course.collect(archive(tmp_path / "m.zip", (moodle("Ali Can", 1), B)))

    assert course.submitted() == {"s1/practical1.ipynb": A, "s2/practical1.ipynb": B}


def test_two_readings_of_one_name_that_are_both_known_are_not_guessed(root, tmp_path):
    """Bytes may be one name in one code page and another in the next."""
    raw = "Çaş".encode("cp1254")
    readings = [text for text in spellings(raw) if text.isalpha()][:2]
    roster = "student_id,first_name\n" + "".join(f"s{n},{x}\n" for n, x in enumerate(readings))
    course = Course(root, tmp_path / "course", roster=roster)
    tail = moodle("", 7).encode()

    result = course.collect(archive(tmp_path / "m.zip", entry(raw + tail, A, utf8=False)))

    assert (len(readings), course.submitted()) == (2, {})
    assert "ambiguous-owner" in [one.kind for one in result.warnings]


def test_every_code_page_reads_back_what_it_wrote():
    """The right reading is among those that are tried."""
    for page in CODE_PAGES:
        raw = "Çö ü".encode(page)
        assert "Çö ü" in spellings(raw)


def test_keys_go_from_strict_to_loose():
    """Each form forgets something."""
    assert keys("Öz-Işık  Ali") == ("Öz-Işık Ali", "özişikali", "ali işik öz", "ozisikali")


def test_known_folder_is_read_with_its_names(course, tmp_path):
    """Apostrophes and hyphens, which platforms drop, do not matter."""
    roster = "student_id,first_name,last_name\ns1,O'Sample,Two-Part\n"
    course = Course(course.root, tmp_path / "other", roster=roster)
    plain = folder(tmp_path / "plain", [("OSample Two Part/practical1.ipynb", A)])

    course.collect(plain)

    assert course.submitted() == {"s1/practical1.ipynb": A}
