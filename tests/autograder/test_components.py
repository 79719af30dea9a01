"""Tests of autograder.components: marks from CSV files and from nbgrader, each mistake in words."""

from datetime import timedelta
from fractions import Fraction

import pytest

from autograder.components import Work, class_components, items, read_component
from autograder.tables import TableError
from cmp784 import course as syllabus_module
from tests.autograder.late_course import hand_in, make_course, syllabus_text, write

DAY = timedelta(days=1)
STUDENTS = {"sample-01", "sample-02", "0123"}


@pytest.fixture
def read(tmp_path):
    """Read marks out of 25 from text."""

    def read(text, encoding="utf-8"):
        (tmp_path / "final-exam.csv").write_bytes(text.encode(encoding))
        return read_component(tmp_path / "final-exam.csv", Fraction(25), STUDENTS)

    return read


def test_no_file_is_missing_for_all(tmp_path):
    """An exam that was not held yet."""
    assert read_component(tmp_path / "final-exam.csv", Fraction(25), STUDENTS) == {}


def test_points_are_shares_of_what_they_are_out_of(read):
    """Without out_of the weight is meant; decimals are exact; no points are no mark."""
    found = read("student_id,points,out_of\nsample-01,17.5,\nsample-02,84.1,100\n0123,,100\n")

    assert found == {
        "sample-01": Work(Fraction(7, 10)),
        "sample-02": Work(Fraction(841, 1000)),
    }


@pytest.mark.parametrize("points", ["0", "25", "0.0", "25.", ".5", "00.50"])
def test_bounds_and_ways_of_writing_are_allowed(read, points):
    """From 0 to all points."""
    assert (
        read(f"student_id,points\nsample-01,{points}\n")["sample-01"].share
        == Fraction(float(points)) / 25
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffstudent_id;points;name\r\nsample-01;5;Ğ\r\n;;\r\n",
        '# Final exam, 24 hours late\n# "marked" by two\nstudent_id,points\nsample-01,5\n',
        '"# Final exam; Excel quotes it";;\nsep=;\nstudent_id;points;\nsample-01;5;\n',
        "Student-ID\tPoints\t#rank\nsample-01\t5\t1\n",
        "points,student_id,comment\r5,sample-01,ok\r",
    ],
    ids=["BOM and semicolons", "comments", "comments by Excel", "tabs", "old line ends"],
)
def test_spreadsheet_s_ways_are_understood(read, text):
    """However it was saved, it says the same."""
    assert read(text) == {"sample-01": Work(Fraction(1, 5))}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("sample-03;5;", "unknown student_id 'sample-03'. Did you mean 'sample-02'?"),
        ("123;5;", "unknown student_id '123'. Did you mean '0123'?"),
        (";5;", "no student_id. Fill it in."),
        ("sample-01;25.01;", "points '25.01', expected 0 to 25. There is no extra credit"),
        ("sample-01;41;40", "points '41', expected 0 to 40."),
        ("sample-01;-1;", "points '-1', expected a number. It cannot be below 0."),
        ("sample-01;−1;", "points '−1', expected a number. It cannot be below 0."),
        ("sample-01;17,5;", "points '17,5', expected a number. Write decimals with a point: 17.5."),
        ("sample-01;nan;", "points 'nan', expected a number. Write a number such as 17.5; leave"),
        ("sample-01;inf;", "points 'inf', expected a number."),
        ("sample-01;1e1;", "points '1e1', expected a number."),
        ("sample-01;١٢;", "points '١٢', expected a number."),
        ("sample-01;absent;", "points 'absent', expected a number. Write a number such as 17.5;"),
        ("sample-01;80%;", "points '80%', expected a number. Leave out the sign, and write 100"),
        ("sample-01;5;0", "out_of '0', expected more than 0."),
        ("sample-01;5;-2", "out_of '-2', expected a number. It cannot be below 0."),
        ("sample-01;;ten", "out_of 'ten', expected a number."),
        ("sample-01;5;25;x", "4 cells, but the header names 3."),
    ],
)
def test_mistake_is_named_with_its_line(read, tmp_path, row, words):
    """File, line, what stands there, and what to do."""
    with pytest.raises(TableError) as caught:
        read(f"student_id;points;out_of\n0123;5;\n{row}\n")

    assert str(caught.value).startswith(f"{tmp_path / 'final-exam.csv'}, line 3: {words}")


def test_decimal_comma_among_commas_is_told_kindly(read):
    """It looks like one cell too many."""
    with pytest.raises(TableError, match=r"3 cells, but the header names 2. Write decimals with a"):
        read("student_id,points\nsample-01,17,5\n")


def test_student_twice_is_refused(read):
    """Even with the same points: one of them may belong to somebody else."""
    with pytest.raises(TableError, match=r"line 3: 'sample-01' stands in line 2 already"):
        read("student_id,points\nsample-01,5\nsample-01,5\n")


def test_all_mistakes_of_a_file_come_at_once(read, tmp_path):
    """One run is enough to mend the file."""
    with pytest.raises(TableError) as caught:
        read("student_id,points\nsample-01,x\nsample-01,30\nnobody,5\n")

    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'final-exam.csv'}: 4 mistakes.",
        "  line 2: points 'x', expected a number. Write a number such as 17.5; leave the points "
        "empty while they are missing.",
        "  line 3: 'sample-01' stands in line 2 already. Keep one of the two.",
        "  line 3: points '30', expected 0 to 25. There is no extra credit: correct the points, or "
        "name in a column 'out_of' what they are out of.",
        "  line 4: unknown student_id 'nobody'. Correct it, or list the student in "
        "gradebook/students.csv.",
    ]


def test_misspelt_column_is_refused(read):
    """`max` in place of `out_of` would change every mark."""
    with pytest.raises(TableError, match=r"line 1: unknown column 'max', expected student_id, poi"):
        read("student_id,points,max\nsample-01,5,40\n")


# --- The pieces of work of a syllabus, and the marks of a class -----------------------------------


def test_syllabus_is_taken_apart(tmp_path):
    """Parts count alone only where nbgrader grades one; a part may be closed alone."""
    (tmp_path / "course.toml").write_text(
        syllabus_text(('title = "Practical 2"', 'title = "Practical 2"\nclosed = true')), "utf-8"
    )
    syllabus = syllabus_module.load(tmp_path)

    found = [
        (item.key, item.out_of, item.closed, item.assignment)
        for one in syllabus.assessments
        for item in items(one)
    ]

    assert found == [
        ("math-quiz", 3, False, None),
        ("practical-1", 8, False, "practical1"),
        ("practical-2", 8, True, "practical2"),
        ("final-exam", 25, False, None),
        ("project", 32, False, None),
        ("paper-presentations", 15, False, None),
        ("weekly-quizzes", 9, False, None),
    ]


def test_assessment_is_closed_when_all_its_parts_are(tmp_path):
    """A project that is marked as a whole closes with its last deliverable."""
    text = syllabus_text(("\nminutes =", "\nclosed = true\nminutes ="))
    (tmp_path / "course.toml").write_text(text, "utf-8")

    closed = [one.key for one in syllabus_module.load(tmp_path).assessments if items(one)[0].closed]

    assert closed == ["paper-presentations"]


@pytest.fixture
def course(tmp_path):
    """Make a course with two assignments."""
    return make_course(tmp_path)


def of_class(workspace, students=("sample-01", "sample-02")):
    """Collect all marks that there are."""
    with workspace.gradebook() as gradebook:
        found = class_components(workspace, gradebook, students)
    return {key: works for key, works in found.items() if works}


def test_marks_come_from_both_sides(course):
    """Those of nbgrader after the late penalty, those of a file by its name."""
    hand_in(course, "sample-01", "practical1", 6 * DAY, {"A": 10, "B": 5, "G": 1})
    hand_in(course, "sample-02", "practical1")
    write(course, "marks/final-exam.csv", "student_id,points\nsample-02,20\n")

    assert of_class(course) == {
        "practical-1": {"sample-01": Work(Fraction(16, 40) * Fraction(4, 5)),
                        "sample-02": Work(Fraction(1))},
        "final-exam": {"sample-02": Work(Fraction(4, 5))},
    }  # fmt: skip


def test_points_are_summed_exactly(course):
    """Tenths do not become 0.30000000000000004."""
    hand_in(course, "sample-01", "practical1", points={"A": 0.1, "B": 0.2, "G": 0.0})

    assert of_class(course)["practical-1"]["sample-01"].share == Fraction(3, 400)


def test_work_that_waits_for_a_person_is_provisional(course):
    """Points by hand are missing, or somebody has flagged it, or its time is unknown."""
    hand_in(course, "sample-01", "practical1", None, {"A": 10, "B": 25, "G": None})
    hand_in(course, "sample-02", "practical1")
    with course.gradebook() as gradebook:
        gradebook.find_submission_notebook("one", "practical1", "sample-02").flagged = True
        gradebook.db.commit()

    assert of_class(course)["practical-1"] == {
        "sample-01": Work(
            Fraction(35, 40), True, "needs grading by hand, time of the hand-in unknown"
        ),
        "sample-02": Work(Fraction(1), True, "flagged"),
    }


def test_collected_work_that_is_not_graded_is_there_without_points(course):
    """It is no zero, and not nothing either."""
    write(course, "submitted/sample-01/practical1/one.ipynb", "{}")

    assert of_class(course) == {
        "practical-1": {"sample-01": Work(None, True, "handed in, not graded yet")}
    }


def test_assignment_without_points_has_no_mark(course):
    """Nothing is divided by zero."""
    with course.gradebook() as gradebook:
        gradebook.remove_assignment("practical1")
        gradebook.add_assignment("practical1")
    hand_in(course, "sample-01", "practical1")

    (work,) = of_class(course)["practical-1"].values()

    assert (work.share, work.provisional) == (None, True)
    assert work.note.startswith("the gradebook knows no points of it")


def test_extra_credit_of_nbgrader_never_leads_beyond_the_full_points(course):
    """It mends what is missing; the rest does not count, and is told."""
    hand_in(course, "sample-01", "practical1", points={"A": 10, "B": 20, "G": 5})
    hand_in(course, "sample-02", "practical1")
    with course.gradebook() as gradebook:
        for student in ("sample-01", "sample-02"):
            gradebook.find_grade("A", "one", "practical1", student).extra_credit = 3
        gradebook.db.commit()

    assert of_class(course)["practical-1"] == {
        "sample-01": Work(Fraction(38, 40)),
        "sample-02": Work(Fraction(1), False, "extra credit beyond the full points does not count"),
    }


def test_part_without_assignment_has_a_file_of_its_own(tmp_path):
    """Practical 2 before it is written: marks of another system may stand in."""
    course = make_course(tmp_path, ('assignment = "practical2"\n', ""))
    write(course, "marks/practical-2.csv", "student_id,points\nsample-01,4\n")

    assert of_class(course) == {"practical-2": {"sample-01": Work(Fraction(1, 2))}}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("final_exam.csv", "Did you mean 'final-exam.csv'? Rename it."),
        ("practicals.csv", "no work is marked in a file of this name, expected a name such as"),
        ("practical-1.csv", "no work is marked in a file of this name"),
        ("Final-Exam.CSV", "Did you mean 'final-exam.csv'?"),
        ("final-exam.xlsx", "marks are read from CSV only. Save it as 'CSV UTF-8'"),
    ],
)
def test_file_that_nobody_would_read_is_refused(course, name, words):
    """A misspelt name would leave a whole class without its marks."""
    path = write(course, f"marks/{name}", "student_id,points\n")

    with pytest.raises(TableError) as caught:
        of_class(course)

    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


def test_what_lies_beside_the_marks_is_left_alone(course):
    """Locks of spreadsheets, notes, and the spreadsheet that a CSV was saved from."""
    for name in ("~$final-exam.xlsx", ".~lock.final-exam.csv#", "notes.md", "final-exam.xlsx"):
        write(course, f"marks/{name}", "x")
    write(course, "marks/final-exam.csv", "student_id,points\nsample-01,20\n")

    assert of_class(course) == {"final-exam": {"sample-01": Work(Fraction(4, 5))}}
