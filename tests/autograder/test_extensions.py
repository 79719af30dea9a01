"""Tests of autograder.extensions: one student's own due time, and each mistake in its words."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.deadlines import Deadline
from autograder.extensions import Extension, moved, read_extensions
from autograder.tables import TableError

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
DEADLINES = (
    Deadline("practical1", datetime(2024, 10, 24, 17, tzinfo=ISTANBUL)),
    Deadline("practical2", datetime(2024, 11, 14, 23, 59, 59, tzinfo=ISTANBUL)),
)
STUDENTS = {"sample-01", "sample-02"}
HEADER = "student_id,assignment,days,until,reason\n"


@pytest.fixture
def read(tmp_path):
    """Read extensions from text."""

    def read(text, students=STUDENTS, deadlines=DEADLINES, encoding="utf-8"):
        (tmp_path / "extensions.csv").write_bytes(text.encode(encoding))
        return read_extensions(tmp_path / "extensions.csv", deadlines, students)

    return read


def test_no_file_means_no_extensions(tmp_path):
    """Most courses have none."""
    assert read_extensions(tmp_path / "extensions.csv", DEADLINES, STUDENTS) == {}


def test_days_and_until_move_one_student_s_due_time(read):
    """Days keep the time of day; a date lasts to its end; a time is that of the course's clocks."""
    found = read(
        HEADER + "sample-01,practical1,3,,ill\n"
        "sample-01,practical2,,2024-11-16,\n"
        "sample-02,practical2,,2024-11-15 08:30,conference\n"
    )

    assert found == {
        "sample-01": {
            "practical1": Extension(
                "sample-01", "practical1", datetime(2024, 10, 27, 17, tzinfo=ISTANBUL), "ill"
            ),
            "practical2": Extension(
                "sample-01", "practical2", datetime(2024, 11, 16, 23, 59, 59, tzinfo=ISTANBUL)
            ),
        },
        "sample-02": {
            "practical2": Extension(
                "sample-02", "practical2", datetime(2024, 11, 15, 8, 30, tzinfo=ISTANBUL),
                "conference",
            )
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffstudent_id;assignment;days\r\nsample-01;practical1;3\r\n;;\r\n",
        "sep=;\nstudent_id;assignment;days\nsample-01;practical1;3\n",
        "# for the board, 2024\n\nStudent ID,Assignment,Days,#seen\nsample-01,practical1,3,x\n",
        'student_id\tassignment\tdays\n"sample-01"\t practical1 \t3',
    ],
    ids=["BOM, semicolons and an empty row", "Excel's sep line", "comments", "tabs and blanks"],
)
def test_spreadsheet_s_ways_are_understood(read, text):
    """However a spreadsheet saves a table, it says the same."""
    (extension,) = read(text)["sample-01"].values()

    assert extension.at == datetime(2024, 10, 27, 17, tzinfo=ISTANBUL)


def test_days_keep_the_time_of_day_over_a_change_of_clocks(read):
    """A day longer is the same hour on the next date, though clocks went back."""
    due = (Deadline("x", datetime(2024, 10, 26, 17, tzinfo=BERLIN)),)

    found = read("student_id,assignment,days\nsample-01,x,1\n", deadlines=due)

    assert found["sample-01"]["x"].at.isoformat() == "2024-10-27T17:00:00+01:00"


def test_until_at_a_time_that_comes_twice_is_the_later_one(read):
    """In the student's favour."""
    due = (Deadline("x", datetime(2024, 10, 26, 17, tzinfo=BERLIN)),)

    found = read("student_id,assignment,until\nsample-01,x,2024-10-27 02:30\n", deadlines=due)

    assert found["sample-01"]["x"].at.isoformat() == "2024-10-27T02:30:00+01:00"


def test_moved_deadline_is_the_student_s_own():
    """Without an extension it is the course's."""
    at = datetime(2024, 10, 30, 17, tzinfo=ISTANBUL)

    assert moved(DEADLINES[0], None) == DEADLINES[0]
    assert moved(DEADLINES[0], Extension("s", "practical1", at)) == Deadline("practical1", at)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("sample-09,practical1,3,", "unknown student_id 'sample-09'. Did you mean 'sample-0"),
        (",practical1,3,", "no student_id. Fill it in."),
        ("sample-01,practical-1,3,", "unknown assignment 'practical-1'. Did you mean 'practical1"),
        ("sample-01,exam,3,", "unknown assignment 'exam'. The syllabus has: practical1, practic"),
        ("sample-01,practical1,-3,", "days '-3', expected 0 to 366"),
        ("sample-01,practical1,1.5,", "days '1.5', expected 0 to 366. For a part of a day"),
        ("sample-01,practical1,three,", "days 'three', expected 0 to 366"),
        ("sample-01,practical1,45000,", "days '45000', expected 0 to 366"),
        ("sample-01,practical1,,", "neither days nor until. Give one of the two."),
        ("sample-01,practical1,3,2024-10-30", "both days and until. Give one of the two."),
        ("sample-01,practical1,,30.10.2024", "until '30.10.2024', expected such as 2024-10-30"),
        ("sample-01,practical1,,2024-02-30", "until '2024-02-30', expected such as 2024-10-30"),
        ("sample-01,practical1,,2024-10-23", "is before the due time 2024-10-24 17:00:00"),
        ("sample-01,practical1,,2042-10-30", "until '2042-10-30' is out of range. Correct the"),
        ("sample-01,practical1,,9999-12-31", "until '9999-12-31' is out of range. Correct the"),
        ("sample-01,practical1,,0001-01-01", "until '0001-01-01' is before the due time"),
        ("sample-01,practical1,3,,ill,again", "6 cells, but the header names 5"),
    ],
)
def test_mistake_is_named_with_its_line(read, tmp_path, row, words):
    """File, line, what stands there, and what to do."""
    with pytest.raises(TableError) as caught:
        read(HEADER + row + "\n")

    assert str(caught.value).startswith(f"{tmp_path / 'extensions.csv'}, line 2: ")
    assert words in str(caught.value)


def test_row_twice_is_refused_with_both_lines(read):
    """Nobody can say which of two extensions holds."""
    rows = "sample-01,practical1,3,\nsample-02,practical1,3,\nsample-01,practical1,4,\n"

    with pytest.raises(TableError, match=r"line 4: 'sample-01', 'practical1' stands in line 2"):
        read(HEADER + rows)


def test_all_mistakes_of_a_file_come_at_once(read, tmp_path):
    """One run is enough to mend the file; lines are those of an editor, with quoted line breaks."""
    with pytest.raises(TableError) as caught:
        read(HEADER + 'x,y,3,,"two\nlines"\n\nsample-01,practical1,-1,\n')

    assert [line for line, _ in caught.value.mistakes] == [2, 2, 5]
    assert str(caught.value).splitlines()[0] == f"{tmp_path / 'extensions.csv'}: 3 mistakes."


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("student,assignment,days", "line 1: no column 'student_id' among: student, assignment"),
        ("student_id,assignment,day", "unknown column 'day', expected student_id, assignment, day"),
        ("student_id,assignment,days,days", "two columns 'days'"),
        ("", "no column 'student_id' among: nothing"),
    ],
)
def test_header_is_checked(read, header, words):
    """A misspelt column would pass over what it holds."""
    with pytest.raises(TableError) as caught:
        read(header + "\n")

    assert words in str(caught.value)


def test_file_in_another_encoding_is_named_with_its_line(read):
    """Excel's plain CSV writes Turkish letters in a code page."""
    with pytest.raises(TableError, match=r"line 2: bytes that are not UTF-8.*'CSV UTF-8'"):
        read(HEADER + "sample-01,practical1,3,,hasta öğrenci\n", encoding="cp1254")


def test_broken_quotes_are_named_with_their_line(read):
    """A quote without its end is no reason for a traceback."""
    with pytest.raises(TableError, match=r"line 2: no row of a table .*Check its quotes"):
        read(HEADER + 'sample-01,practical1,3,,"ill\n')


def test_folder_instead_of_a_file_is_named(tmp_path):
    """Whatever the system says is told in one sentence."""
    with pytest.raises(TableError, match=r"'is a directory' on opening. Check the path"):
        read_extensions(tmp_path, DEADLINES, STUDENTS)


def test_unchecked_students_are_taken_as_they_stand(read):
    """Without a list of students only their shape is checked."""
    assert list(read(HEADER + "anybody,practical1,3,\n", students=None)) == ["anybody"]
