"""Tests of autograder.exports: files as platforms take them, where nothing missing is zero."""

import csv
import re
import subprocess
import sys
from datetime import datetime

import pytest

from autograder import exports
from autograder.exports import ExportError, export
from tests.autograder.sample_gradebook import given, hand_in, make_course

STUDENTS = [
    ("s1", "Sample", "Öğrenci 1", "s1@example.org", "login1", "101"),
    ("s2", "Sample", "Öğrenci 2", "s2@example.org", "", "102"),
    ("s3", "Sample", "Şen, 3", "", "login3", ""),
    ("s4", "=Sample", "@Four", "s4@example.org", "", ""),
]


@pytest.fixture
def workspace(tmp_path):
    """Make a class of four: on time, seven days late, waiting for points, and nothing handed in."""
    workspace = make_course(tmp_path / "course", STUDENTS)
    hand_in(workspace, "s1", given(10, 20, 60.125, 4))
    hand_in(workspace, "s2", given(10, 20, 65, 5), datetime(2024, 10, 31, 12, 0))
    hand_in(workspace, "s3", given(10, 0, 0, None))
    return workspace


def write(workspace, to, **options):
    """Export; return the rows and the warnings."""
    warnings = []
    path = export(workspace, to, warn=warnings.append, **options)
    text = path.read_text("utf-8-sig" if to == "csv" else "utf-8")
    return list(csv.reader(text.splitlines())), warnings


def test_moodle_gets_ids_marks_and_words_on_late_days(workspace):
    """A late mark is what is left of it; what waits or is missing is an empty cell."""
    rows, _ = write(workspace, "moodle")

    header = ["ID number", "Email address", "First name", "Last name"]
    late = "7 days late: 5 slip days used, 40 % of the mark taken off."
    assert rows == [
        [*header, "Practical 1", "Course total", "Feedback: Practical 1"],
        ["s1", "s1@example.org", "Sample", "Öğrenci 1", "94.13", "", ""],
        ["s2", "s2@example.org", "Sample", "Öğrenci 2", "60", "", late],
        ["s3", "", "Sample", "Şen, 3", "", "", ""],
        ["s4", "s4@example.org", "'=Sample", "'@Four", "", "", ""],
    ]


def test_canvas_gets_its_own_gradebook_form(workspace):
    """Header and the row of possible points are Canvas's, as its import wants them."""
    rows, _ = write(workspace, "canvas")

    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Practical 1"],
        ["    Points Possible", "", "", "", "", "100"],
        ["Öğrenci 1, Sample", "101", "s1", "login1", "", "94.13"],
        ["Öğrenci 2, Sample", "102", "s2", "", "", "60"],
        ["Şen, 3, Sample", "", "s3", "login3", "", ""],
        ["'@Four, =Sample", "", "s4", "", "", ""],
    ]


def test_csv_has_everything_and_names_what_is_missing(workspace):
    """Components outside nbgrader come from their files; what there is none of is named."""
    marks = workspace.run_time / "marks"
    marks.mkdir()
    (marks / "math-quiz.csv").write_text("student_id,points\ns1,2.5\ns4,0\n")

    (header, *rows), _ = write(workspace, "csv")

    columns = (
        *("Practical 1: points", "Practical 1: penalty", "Practical 1: days late"),
        *("Practical 1: slip days", "Practical 1: mark", "Math prerequisites quiz (of 3)"),
        *("Practicals (of 16)", "so far", "out of", "total", "letter", "missing", "provisional"),
    )
    quiz, rest = "math-quiz", "practical-2 final-exam project paper-presentations weekly-quizzes"
    assert [[row[header.index(column)] for column in columns] for row in rows] == [
        ["94.13", "0", "0", "0", "94.13", "2.5", "", "10.03", "11", "", "", rest, ""],
        ["100", "40", "7", "5", "60", "", "", "4.8", "8", "", "", f"{quiz} {rest}", ""],
        ["10", "0", "0", "0", "", "", "", "0.8", "8", "", "", f"{quiz} {rest}", "practical-1"],
        ["", "", "", "", "", "0", "", "0", "3", "", "", f"practical-1 {rest}", ""],
    ]


def test_whole_mark_has_its_letter(workspace):
    """With every component there, the total is rounded and lettered, for Moodle too."""
    marks = workspace.run_time / "marks"
    marks.mkdir()
    full = {"math-quiz": 3, "practical-2": 8, "final-exam": 25, "project": 32}
    full |= {"paper-presentations": 15, "weekly-quizzes": 9}
    for key, points in full.items():
        (marks / f"{key}.csv").write_text(f"student_id,points\ns1,{points}\n")

    (header, first, *_), _ = write(workspace, "csv")
    (moodle, of_first, *_), _ = write(workspace, "moodle")

    assert [first[header.index(name)] for name in ("total", "letter", "missing")] == [
        "100",
        "A1",
        "",
    ]
    assert of_first[moodle.index("Course total")] == "100"


def test_missing_and_closed_is_zero(workspace):
    """Only `closed = true` in the syllabus makes a zero of what nobody handed in."""
    syllabus = workspace.root / "course.toml"
    text = syllabus.read_text("utf-8")
    line = 'assignment = "practical1"'
    syllabus.write_text(text.replace(line, f"closed = true\n{line}"), "utf-8")

    rows, _ = write(workspace, "moodle")

    assert [row[4] for row in rows[1:]] == ["94.13", "60", "", "0"]


def test_who_may_not_be_found_is_named_in_a_warning(workspace):
    """And so is who has handed in and still has an empty cell."""
    hand_in(workspace, "guest", given(10, 20, 65, 5))

    waiting = (
        "Practical 1: 1 mark waits for a person's points and stays empty: s3. "
        "Grade in formgrader, then export again."
    )
    unlisted = "Not in gradebook/students.csv, exported as far as they are known: guest."
    moodle = "Moodle finds these by ID number only, for the roster has no email: s3, guest."
    canvas = (
        "Canvas can find these only if student_id is their SIS User ID, for the roster has "
        "neither canvas_id nor login: s4, guest."
    )
    assert write(workspace, "moodle")[1] == [moodle, waiting, unlisted]
    assert write(workspace, "canvas")[1] == [canvas, waiting, unlisted]


def test_many_names_in_a_warning_are_counted(tmp_path):
    """Ten are named, the others counted."""
    students = [(f"s{number:02}", "Sample", str(number)) for number in range(12)]
    workspace = make_course(tmp_path / "course", students)

    (warning,) = write(workspace, "moodle")[1]

    assert warning.endswith(
        "no email: s00, s01, s02, s03, s04, s05, s06, s07, s08, s09 and 2 more."
    )


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_formulas_are_made_harmless(cell):
    """A name that a spreadsheet would compute is text."""
    assert exports.harmless(cell) == f"'{cell}"


def test_unknown_format_student_or_assignment_is_refused(workspace):
    """The message says what there is, or what was meant."""
    with pytest.raises(ExportError, match=r"no format 'excel'\. Formats are: moodle, canvas, csv"):
        export(workspace, "excel")
    with pytest.raises(ExportError, match=r"no student 's9'"):
        export(workspace, "csv", students=["s9"])
    with pytest.raises(ExportError, match=r"no assignment 'practical9'"):
        export(workspace, "csv", assignments=["practical9"])


def test_class_without_students_is_refused(tmp_path):
    """There is no file of nobody."""
    workspace = make_course(tmp_path / "course", [])

    with pytest.raises(ExportError, match="nobody to export"):
        export(workspace, "moodle")


def test_files_lie_in_the_course_unless_told(workspace, tmp_path):
    """By default below gradebook/, which git ignores."""
    folder = workspace.run_time / "export"

    assert [export(workspace, to) for to in exports.FORMATS] == [
        folder / "moodle.csv",
        folder / "canvas.csv",
        folder / "marks.csv",
    ]
    assert export(workspace, "csv", tmp_path / "here" / "all.csv").is_file()


@pytest.mark.parametrize("platform", ["Moodle", "Canvas"])
def test_stock_nbgrader_writes_the_same_file(workspace, tmp_path, platform):
    """`nbgrader export` knows the plugins by their names, and its own options choose."""
    path = tmp_path / "marks.csv"
    command = [sys.executable, "-m", "nbgrader", "export", "--to", str(path)]
    command += [f"--exporter=autograder.exports.{platform}ExportPlugin", "--student", "['s1']"]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    ours = export(workspace, platform.lower(), students=["s1"])
    assert path.read_bytes() == ours.read_bytes()
    assert re.search(rf"Exported grades to {re.escape(str(path))}", done.stderr)
