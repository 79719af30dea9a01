"""Tests of autograder.final_marks: sums, rounding, letters, and what is missing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.components import Work, items
from autograder.final_marks import final_mark, final_marks, letter_of, rounded
from autograder.tables import TableError
from cmp784 import course as syllabus_module
from cmp784.course import Letter, Marks
from tests.autograder.late_course import hand_in, make_course, write

DAY = timedelta(days=1)
SYLLABUS = syllabus_module.load(Path(__file__).parents[2])
ITEMS = tuple(item for one in SYLLABUS.assessments for item in items(one))
KEYS = tuple(item.key for item in ITEMS)


@pytest.mark.parametrize(
    ("number", "decimals", "expected"),
    [
        ("84.5", 0, "85"),
        ("85.5", 0, "86"),
        ("84.4999999", 0, "84"),
        ("0", 0, "0"),
        ("100", 2, "100.00"),
        ("2.675", 2, "2.68"),
        ("1/3", 1, "0.3"),
    ],
)
def test_halves_are_rounded_up(number, decimals, expected):
    """As people do it, and not to the even digit or to the nearest binary number."""
    assert str(rounded(Fraction(number), decimals)) == expected


def test_letter_is_the_first_that_a_mark_reaches():
    """Its own bound belongs to a letter."""
    letters = (Letter("A", 89.5), Letter("B", 60), Letter("F", 0))

    marks = [Decimal("100"), Decimal("89.5"), Decimal("89.4"), Decimal(60), Decimal(59), Decimal(0)]

    assert [letter_of(mark, letters) for mark in marks] == ["A", "A", "B", "B", "F", "F"]


# --- A class, with its files ----------------------------------------------------------------------

FILES = {"math-quiz": 3, "final-exam": 25, "project": 32, "paper-presentations": 15,
         "weekly-quizzes": 9}  # fmt: skip


@pytest.fixture
def course(tmp_path):
    """Make a course where sample-01 has full marks in everything."""
    return with_everything(make_course(tmp_path))


def with_everything(workspace, student="sample-01"):
    """Give a student all points."""
    hand_in(workspace, student, "practical1")
    hand_in(workspace, student, "practical2")
    for key, points in FILES.items():
        write(workspace, f"marks/{key}.csv", f"student_id,points\n{student},{points}\n")
    return workspace


def test_all_points_make_a_hundred(course):
    """Six components, one total, one letter."""
    (mark,) = final_marks(course)

    assert (mark.student_id, str(mark.total), mark.letter) == ("sample-01", "100", "A1")
    assert [(one.key, one.points, one.weight) for one in mark.components] == [
        ("math-quiz", 3, 3),
        ("practicals", 16, 16),
        ("final-exam", 25, 25),
        ("project", 32, 32),
        ("paper-presentations", 15, 15),
        ("weekly-quizzes", 9, 9),
    ]
    assert (mark.so_far, mark.out_of, mark.missing, mark.provisional) == (100, 100, (), ())


def test_total_is_rounded_once_and_lettered_from_there(course):
    """84.5 is 85, which is an A3."""
    write(course, "marks/final-exam.csv", "student_id,points,out_of\nsample-01,38,100\n")

    (mark,) = final_marks(course)

    assert (str(mark.total), mark.so_far, mark.letter) == ("85", Decimal("84.50"), "A3")


def test_late_penalty_reaches_the_final_mark_exactly(course):
    """Two days to pay of practical 1: 40 % of its 8 points."""
    with course.gradebook() as gradebook:
        gradebook.remove_submission("practical1", "sample-01")
    hand_in(course, "sample-01", "practical1", 7 * DAY)

    (mark,) = final_marks(course)

    assert mark.components[1].parts[0].points == Fraction(24, 5)
    assert (str(mark.total), mark.so_far) == ("97", Decimal("96.80"))


def test_everybody_is_listed_once_by_id(course):
    """Roster, gradebook and collected hand-ins together; a name where one is known."""
    write(course, "students.csv", "student_id,first_name,last_name\nsample-03,Sample,Three\n")
    write(course, "submitted/sample-02/practical1/one.ipynb", "{}")

    marks = final_marks(course)

    assert [(mark.student_id, mark.name) for mark in marks] == [
        ("sample-01", ""),
        ("sample-02", ""),
        ("sample-03", "Sample Three"),
    ]


def test_missing_is_missing_and_not_zero(course):
    """Who has nothing has no total and no letter, and nothing that counts against it."""
    write(course, "students.csv", "student_id\nsample-02\n")

    mark = final_marks(course)[1]

    assert (mark.total, mark.letter) == (None, None)
    assert (mark.so_far, mark.out_of) == (0, 0)
    assert [(one.points, one.missing) for one in mark.components] == [(None, True)] * 6
    assert mark.missing == KEYS


def test_missing_part_leaves_the_other_in_the_sum_so_far(course):
    """Half of the practicals is there."""
    with course.gradebook() as gradebook:
        gradebook.remove_submission("practical2", "sample-01")
    hand_in(course, "sample-02", "practical1", points={"A": 10, "B": 10, "G": 0})

    practicals = [mark.components[1] for mark in final_marks(course)]

    assert [(one.points, one.so_far, one.out_of, one.missing) for one in practicals] == [
        (None, 8, 8, True),
        (None, 4, 8, True),
    ]


def test_empty_points_are_missing(course):
    """A row without points says that somebody is on the list."""
    write(course, "marks/final-exam.csv", "student_id,points\nsample-01,\n")

    (mark,) = final_marks(course)

    assert (mark.total, mark.missing) == (None, ("final-exam",))
    assert (mark.so_far, mark.out_of) == (75, 75)


def test_closing_turns_missing_into_zero(tmp_path):
    """Of the assessment that is closed, and of no other."""
    title = 'title = "Final exam"\n'
    course = with_everything(make_course(tmp_path, (title, title + "closed = true\n")))
    write(course, "marks/final-exam.csv", "student_id,points\nsample-01,\n")
    write(course, "students.csv", "student_id\nsample-02\n")

    one, two = final_marks(course)

    assert (str(one.total), one.letter, one.out_of) == ("75", "B2", 100)
    assert one.components[2].parts[0].zeroed
    assert (two.total, two.out_of) == (None, 25)
    assert two.missing == tuple(key for key in KEYS if key != "final-exam")


def test_closed_practical_counts_as_zero_but_not_what_waits_to_be_graded(tmp_path):
    """Who handed in cannot lose all points because nobody has graded yet."""
    title = 'title = "Practical 1"\n'
    course = with_everything(make_course(tmp_path, (title, title + "closed = true\n")))
    write(course, "students.csv", "student_id\nsample-02\nsample-03\n")
    write(course, "submitted/sample-03/practical1/one.ipynb", "{}")

    parts = {mark.student_id: mark.components[1].parts[0] for mark in final_marks(course)}

    assert [(one.points, one.missing, one.provisional) for one in parts.values()] == [
        (8, False, False),
        (0, False, False),
        (None, True, True),
    ]


def test_points_by_hand_that_are_not_given_yet_keep_the_total_back(course):
    """It is provisional, with what is there."""
    hand_in(course, "sample-02", "practical1", points={"A": 10, "B": 25, "G": None})

    mark = final_marks(course)[1]

    assert mark.provisional == ("practical-1",)
    assert (mark.components[1].parts[0].points, mark.letter) == (7, None)


def test_reading_changes_nothing_in_the_course(course):
    """Not even a penalty."""
    hand_in(course, "sample-02", "practical1", 9 * DAY)
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}

    assert final_marks(course) == final_marks(course)
    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before


def test_order_of_rows_and_of_grading_does_not_matter(tmp_path):
    """Two courses, filled from both ends."""
    students = [f"sample-{n:02d}" for n in range(4)]
    marks = []
    for name, order in (("a", students), ("b", students[::-1])):
        course = make_course(tmp_path / name)
        for student in order:
            hand_in(course, student, "practical1", int(student[-1]) * 3 * DAY)
        rows = "".join(f"{student},{student[-1]}.5\n" for student in order)
        write(course, "marks/final-exam.csv", f"student_id,points\n{rows}")
        marks.append(final_marks(course))

    assert marks[0] == marks[1]
    assert [mark.student_id for mark in marks[0]] == students


def test_mistake_in_a_file_of_marks_stops_with_its_line(course):
    """No mark is better than a wrong one."""
    write(course, "marks/project.csv", "student_id,points\nsample-1,20\n")

    with pytest.raises(TableError, match=r"project\.csv, line 2: unknown student_id 'sample-1'"):
        final_marks(course)


# --- Properties -----------------------------------------------------------------------------------

shares = st.one_of(
    st.sampled_from([Fraction(0), Fraction(1)]), st.fractions(0, 1, max_denominator=400)
)
everything = st.fixed_dictionaries({key: shares.map(Work) for key in KEYS})
some = st.dictionaries(
    st.sampled_from(KEYS), st.builds(Work, st.none() | shares, st.booleans()), max_size=len(KEYS)
)
closing = st.sets(st.sampled_from(KEYS))
decimals = st.integers(0, 3)


def syllabus(closed=(), digits=0):
    """Give the course's syllabus with some work closed, and another rounding."""
    assessments = tuple(
        replace(
            one,
            closed=one.key in closed,
            parts=tuple(replace(part, closed=part.key in closed) for part in one.parts),
        )
        for one in SYLLABUS.assessments
    )
    return replace(SYLLABUS, assessments=assessments, marks=Marks(digits))


@given(everything, decimals)
def test_total_is_the_weighted_sum_in_0_to_100(works, digits):
    """Exactly, and then rounded once."""
    mark = final_mark(syllabus(digits=digits), "s", works)

    exact = sum(works[item.key].share * item.out_of for item in ITEMS)
    assert mark.total == rounded(exact, digits)
    assert 0 <= mark.total <= 100
    assert abs(Fraction(mark.total) - exact) <= Fraction(1, 2 * 10**digits)
    assert mark.letter == letter_of(mark.total, SYLLABUS.letters)
    assert sum(one.points for one in mark.components) == exact


@given(everything, st.sampled_from(KEYS), shares)
def test_more_of_anything_never_lowers_total_or_letter(works, key, share):
    """Monotone in each piece of work."""
    more = works | {key: Work(max(share, works[key].share))}
    order = [one.letter for one in SYLLABUS.letters]

    before, now = final_mark(syllabus(), "s", works), final_mark(syllabus(), "s", more)

    assert now.total >= before.total
    assert order.index(now.letter) <= order.index(before.letter)


@given(st.integers(0, 10000), st.integers(0, 10000))
def test_better_mark_never_has_a_worse_letter(one, other):
    """Monotone in the mark itself."""
    low, high = sorted((Decimal(one) / 100, Decimal(other) / 100))
    order = [letter.letter for letter in SYLLABUS.letters]

    worse, better = letter_of(low, SYLLABUS.letters), letter_of(high, SYLLABUS.letters)

    assert order.index(better) <= order.index(worse)


@given(everything, st.sampled_from(KEYS))
def test_missing_is_never_the_same_as_zero(works, key):
    """Neither in the total nor in what the sum so far is out of."""
    zero = works | {key: Work(Fraction(0))}
    missing = {name: work for name, work in works.items() if name != key}

    with_zero, without = final_mark(syllabus(), "s", zero), final_mark(syllabus(), "s", missing)

    assert with_zero.total is not None
    assert (without.total, without.letter, without.missing) == (None, None, (key,))
    assert without.so_far == with_zero.so_far
    assert without.out_of < with_zero.out_of == 100


@given(some, closing)
def test_closing_is_the_same_as_giving_zero_to_who_has_nothing(works, closed):
    """Only what is not there at all becomes zero; what waits for a mark goes on waiting."""
    zeros = {key: Work(Fraction(0)) for key in closed if key not in works}

    now, then = final_mark(syllabus(closed), "s", works), final_mark(syllabus(), "s", works | zeros)

    assert (now.total, now.letter, now.so_far, now.out_of) == (
        *(then.total, then.letter, then.so_far, then.out_of),
    )
    assert set(now.missing) == {
        key
        for key in KEYS
        if (key not in works and key not in closed) or (key in works and works[key].share is None)
    }


@given(some, closing)
def test_total_is_there_only_when_all_is_there(works, closed):
    """And the letter with it."""
    mark = final_mark(syllabus(closed), "s", works)

    assert (mark.total is None) == bool(mark.missing or mark.provisional)
    assert (mark.letter is None) == (mark.total is None)
    assert 0 <= mark.so_far <= mark.out_of <= 100


@given(some, st.randoms(use_true_random=False))
def test_order_of_marks_does_not_matter(works, random):
    """A mapping is a mapping."""
    shuffled = list(works.items())
    random.shuffle(shuffled)

    assert final_mark(syllabus(), "s", dict(shuffled)) == final_mark(syllabus(), "s", works)
