"""Tests of the roster."""

import pytest

from autograder.roster import Roster, RosterError, Student, is_safe_id, read_roster


def write(tmp_path, text, encoding="utf-8"):
    """Write a roster."""
    file = tmp_path / "students.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("mark", [",", ";"])
def test_roster_is_read(tmp_path, encoding, mark):
    """With commas or semicolons, with or without a byte-order mark; other columns pass."""
    text = (
        "Student_ID,first_name,last_name,notes,team\r\n"
        "sample-01, Şule ,Örnek,x,Team 1\r\n\r\nsample-02,,,,\r\n"
    ).replace(",", mark)

    roster = read_roster(write(tmp_path, text, encoding))

    assert roster == Roster(
        (Student("sample-01", "Şule", "Örnek", team="Team 1"), Student("sample-02"))
    )
    assert [student.name for student in roster] == ["Şule Örnek", ""]
    assert len(roster) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"line 1: no column 'student_id' among: nothing\. Name a column"),
        ("id,name\n1,x\n", r"line 1: no column 'student_id' among: id, name"),
        ("student_id,email,email\n", r"line 1: two columns 'email'\. Keep one"),
        ("student_id\ns1\n\n\ns1\n", r"line 5: student_id 's1', which line 2 has already"),
        ("student_id\ns1\nS1\n", r"line 3: student_id 'S1', which line 2 has already"),
        ("student_id,login\na,x\nb,x\n", r"line 3: login 'x', which line 2 has already"),
        ("student_id,email\n,x\n", r"line 2: no student_id\. Fill it in"),
        ("student_id\n../x\n", r"line 2: student_id '\.\./x'\. Use letters, digits"),
        ("student_id\na*\n", r"line 2: student_id 'a\*'"),
        ("student_id,email\na,b,c\n", r"line 2: 3 cells, but the header has 2\. Put quotes"),
        ('student_id\n"a\n', r"line 2: no row of a table \(unexpected end of data\)"),
    ],
    ids=["empty", "no id", "two columns", "twice", "case", "login", "blank", "up", "star", "cells",
         "quotes"],
)  # fmt: skip
def test_mistake_is_named_with_its_line(tmp_path, text, words):
    """File, line, what was found, what to do."""
    with pytest.raises(RosterError, match=r"students\.csv, " + words):
        read_roster(write(tmp_path, text))


def test_unknown_encoding_is_named_with_its_line(tmp_path):
    """A file saved in a Turkish code page is not read as if it were UTF-8."""
    file = write(tmp_path, "student_id,first_name\ns1,Ali\ns2,Şule\n", "cp1254")

    with pytest.raises(RosterError, match=r"line 3: bytes that are not UTF-8.*CSV UTF-8"):
        read_roster(file)


def test_missing_file_is_named(tmp_path):
    """The error is the grader's own."""
    with pytest.raises(RosterError, match=r"none\.csv: 'no such file or directory' on opening"):
        read_roster(tmp_path / "none.csv")


def test_canvas_ids_may_differ_in_case_only(tmp_path):
    """Its anonymous ids do."""
    roster = read_roster(write(tmp_path, "student_id,canvas_id\na,aBc\nb,AbC\n"))

    assert [student.canvas_id for student in roster] == ["aBc", "AbC"]


@pytest.mark.parametrize("text", ["", ".", "..", ".a", "a/b", "a\\b", "a b", "nul", "COM1.x", "-a",
                                  "a.", "a\n", "x" * 101, "[a]", "a?"])  # fmt: skip
def test_id_that_cannot_name_a_folder_is_unsafe(text):
    """On any system, and in nbgrader's patterns."""
    assert not is_safe_id(text)


@pytest.mark.parametrize("text", ["sample-01", "one@sample.invalid", "20241024", "şule_1", "a.b"])
def test_id_that_can_name_a_folder_is_safe(text):
    """Letters of any language, digits and a few marks."""
    assert is_safe_id(text)
