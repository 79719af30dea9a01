"""Tests of cmp784.course."""

import pickle
from dataclasses import replace
from datetime import date, time

import pytest

from cmp784 import course
from cmp784.course import CourseError, Letter, Notebook, Part
from cmp784.errors import Cmp784Error

FIRST = "assessments[1].parts[0]"


@pytest.fixture
def text(root):
    """Give the text of the real syllabus, to be broken."""
    return (root / "course.toml").read_text("utf-8")


@pytest.fixture
def broken(text, tmp_path):
    """Write the syllabus with one thing replaced, load it, and return the error."""

    def load(old, new, count=1):
        assert old in text
        (tmp_path / "course.toml").write_text(text.replace(old, new, count), "utf-8")
        with pytest.raises(CourseError, match=r"course\.toml") as caught:
            course.load(tmp_path)
        return caught.value

    return load


def test_syllabus_says_what_the_deck_says(root):
    """Weights, dates and titles are those of the deck, and the grade sums to 100."""
    syllabus = course.load(root)

    weights = {item.key: item.weight for item in syllabus.assessments}
    assert weights == {
        "math-quiz": 3,
        "practicals": 16,
        "final-exam": 25,
        "project": 32,
        "paper-presentations": 15,
        "weekly-quizzes": 9,
    }
    assert [week.number for week in syllabus.weeks] == list(range(1, 15))
    assert {week.date.strftime("%A") for week in syllabus.weeks} == {"Thursday"}
    assert syllabus.week(3).date == date(2024, 10, 10)
    assert syllabus.course.slip_days == 5


def test_deliverables_have_the_dates_of_the_deck(root):
    """Practicals, project and quiz are due when the deck says."""
    items = {item.key: item for item in course.load(root).assessments}

    first = Part("practical-1", "Practical 1", 8, date(2024, 10, 10), date(2024, 10, 24))
    assert items["practicals"].parts == (
        replace(first, assignment="practical1"),
        Part("practical-2", "Practical 2", 8, date(2024, 10, 24), date(2024, 11, 14)),
    )
    assert (items["math-quiz"].due, items["math-quiz"].due_time) == (date(2024, 10, 12), time(17))
    assert [part.due.isoformat() for part in items["project"].parts] == [
        "2024-10-31",
        "2024-11-28",
        "2024-12-05",
        "2024-12-26",
        "2025-01-10",
    ]
    assert [part.minutes for part in items["paper-presentations"].parts] == [12, 9, 9, 10]


def test_notebooks_of_a_week_have_paths(root):
    """A week's path joins its folder and its notebooks' files."""
    week = course.load(root).week(1)

    assert week.notebooks[0] == Notebook("01_neurons_as_logic.ipynb", "Neurons as logic")
    assert week.paths[0] == "lectures/week01_introduction/01_neurons_as_logic.ipynb"


def test_syllabus_is_found_from_a_folder_below(root, monkeypatch):
    """Without a path the nearest course.toml upwards is read."""
    monkeypatch.chdir(root / "tests" / "data")

    assert course.load() == course.load(root / "course.toml")
    assert course.load().file == root / "course.toml"


def test_no_syllabus_above_the_folder_says_where_it_looked(tmp_path, monkeypatch):
    """The message names the folder and what to do."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CourseError, match=r"none in '.*' or above it.*Change into"):
        course.load()


def test_missing_file_is_named(tmp_path):
    """A path that does not exist is an error of the course, not of the system."""
    with pytest.raises(CourseError, match=r"nowhere\.toml: found 'no such file.*readable file"):
        course.load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('title = "Deep', 'titel = "Deep', "course.titel", "Did you mean 'title'?"),
        ("[instructor]", "[zzz]\n[instructor]", "zzz", "Remove it"),
        ('branch = "main"', "", "repository.branch", "Add 'branch = ...' to repository"),
        ("date = 2024-10-17", 'date = "soon"', "weeks[3].date", "'soon', expected a date"),
        ("date = 2024-10-17", "date = 2024-10-17T09:30:00", "weeks[3].date", "expected a date"),
        ("number = 4", "number = true", "weeks[3].number", "found True"),
        ("number = 4", 'number = "4"', "weeks[3].number", "a whole number"),
        ("number = 4", "number = 3", "weeks[3].number", "week 3, as in weeks[2]"),
        ("number = 14", "number = 15", "weeks[13].number", "found 15, expected 14"),
        ("week04_training", "week05_training", "weeks[3].folder", "'week04_subject'"),
        ("date = 2024-10-17", "date = 2024-10-10", "weeks[3].date", "a day after 2024-10-10"),
        ("weight = 25", "weight = 26", "assessments", "3 + 16 + 26 + 32 + 15 + 9 = 101"),
        ("weight = 25", "weight = -25", "assessments[2].weight", "more than 0"),
        ("weight = 25", "weight = nan", "assessments[2].weight", "more than 0"),
        ("points = 8", "points = -8", "assessments[1].parts[0].points", "more than 0"),
        ("due = 2024-11-14", "due = 2024-10-01", "assessments[1].parts[1].due", "2024-10-24 on"),
        ("due = 2024-10-12\n", "", "assessments[0].due_time", "a 'due' date beside it"),
        ("points = 8", "points = 7", "assessments[1].parts", "15 points together"),
        ("points = 8\n", "", "assessments[1].parts", "to each part, or to none"),
        ("minutes = 12", "minutes = 0", "assessments[4].parts[0].minutes", "more than 0"),
        ("first_week = 6", "first_week = 60", "assessments[4].first_week", "1 to 14"),
        ('key = "practical-2"', 'key = "practical-1"', "assessments[1].parts[1].key", "again"),
        ('["practicals"]', '["practical"]', "course.slip_days_for[0]", "math-quiz, practicals"),
        ('["practicals"]', '"practicals"', "course.slip_days_for", "expected a list"),
        ("slip_days = 5 ", "slip_days = -5 ", "course.slip_days", "0 or more"),
        ("cmp784/cmp784", "cmp784/cmp784.git", "repository.address", "Leave out '.git'"),
        ("02_the_perc", "01_the_perc", "weeks[0].notebooks[1].file", "'02_title.ipynb'"),
        ("notebooks = []", 'notebooks = ["x"]', "weeks[4].notebooks[0]", "expected a table"),
        ('name = "Erkut Erdem"', 'name = ""', "instructor.name", "Fill it in"),
        ("Europe/Istanbul", "Europe/Istanbull", "course.time_zone", "such as 'Europe/Istanbul'"),
        ("Europe/Istanbul", "../Istanbul", "course.time_zone", "such as 'Europe/Istanbul'"),
        ("grace_minutes = 15", "grace_minutes = -1", "late.grace_minutes", "0 to 1439"),
        ("grace_minutes = 15", "grace_minutes = 1440", "late.grace_minutes", "less than a day"),
        ("per_day = 20", "per_day = -1", "late.penalty_percent_per_day", "0 to 100"),
        ("per_day = 20", "per_day = 101", "late.penalty_percent_per_day", "found 101"),
        ("per_day = 20", "per_day = nan", "late.penalty_percent_per_day", "found nan"),
        ("decimals = 0", "decimals = -1", "marks.decimals", "0 to 6"),
        ("decimals = 0", "decimals = 0.5", "marks.decimals", "a whole number"),
        ('t = "practical1"', 't = "Practical 1"', f"{FIRST}.assignment", "Choose another"),
        (
            'key = "practical-2"',
            'key = "practical-2"\nassignment = "practical1"',
            "assessments[1].parts[1].assignment",
            "a folder's name of its own",
        ),
        ("due = 2024-10-24", "", f"{FIRST}.due", "the due of an assignment"),
        ("points = 8", "closed = 1\npoints = 8", f"{FIRST}.closed", "true or false"),
        ('key = "final-exam"', 'key = "../final"', "assessments[2].key", "names a file"),
        ('key = "practical-1"', 'key = "Practical 1"', f"{FIRST}.key", "names a file"),
        ('letter = "A2"', 'letter = "A1"', "letters[1].letter", "each letter once"),
        ("at_least = 90", "at_least = 95", "letters[1].at_least", "less than 95"),
        ("at_least = 90", "at_least = nan", "letters[1].at_least", "Sort from the best"),
        ("at_least = 95", "at_least = 101", "letters[0].at_least", "less than 100"),
        ("at_least = 0\n", "at_least = 1\n", "letters", "a last one with at_least = 0"),
        ("at_least = 0\n", "at_least = -1\n", "letters", "a last one with at_least = 0"),
    ],
)
def test_mistake_is_named_with_key_and_remedy(broken, tmp_path, old, new, key, words):
    """Each mistake names the file, the dotted key, what was found, and what to do."""
    error = broken(old, new)

    assert error.key == key
    assert str(error).startswith(f"{tmp_path / 'course.toml'}, {key}: found ")
    assert words in str(error)


def test_points_of_an_assignment_are_needed(text, broken):
    """An assessment whose parts have no points cannot hold one that nbgrader grades."""
    parts = text[text.index('key = "proposal"') :]

    error = broken(parts, parts.replace("due", 'assignment = "proposal"\ndue', 1))

    assert error.key == "assessments[3].parts[0].points"
    assert "found nothing, expected the points of an assignment. Add it." in str(error)


def test_syllabus_without_letters_is_refused(text, broken):
    """A mark needs a table to be looked up in."""
    table = text[text.index("[[letters]]") :]

    assert "Add 'letters = ...' to the file." in str(broken(table, ""))


def test_assignments_come_in_the_order_of_due_dates(text, tmp_path):
    """Those that nbgrader grades, whichever stands first in the file."""
    second = text.replace('key = "practical-2"', 'key = "practical-2"\nassignment = "practical2"')
    (tmp_path / "course.toml").write_text(
        second.replace("due = 2024-10-24", "due = 2024-12-24"), "utf-8"
    )

    found = course.load(tmp_path).assignments

    assert [part.assignment for part in found] == ["practical2", "practical1"]


def test_late_policy_and_letters_of_the_course(root):
    """The default penalty, and a table that every mark finds a letter in."""
    syllabus = course.load(root)

    assert (syllabus.late.grace_minutes, syllabus.late.penalty_percent_per_day) == (15, 20)
    assert (syllabus.course.time_zone, syllabus.marks.decimals) == ("Europe/Istanbul", 0)
    assert syllabus.letters[0] == Letter("A1", 95)
    assert syllabus.letters[-1] == Letter("F", 0)


def test_missing_week_is_named(text, broken):
    """A syllabus of thirteen weeks says which one is missing."""
    last = text[text.index("[[weeks]]\nnumber = 14") : text.index("# --- Late work")]

    error = broken(last, "")

    assert str(error).endswith("13 weeks, expected 14. Add a [[weeks]] table for 14.")


def test_fifteenth_week_is_refused(broken):
    """A course has fourteen weeks."""
    week = '[[weeks]]\nnumber = 15\ntitle = "More"\nfolder = "week15_more"\n'
    week += "date = 2025-01-02\nslides = []\nnotebooks = []\n\n# --- Late work"

    error = broken("# --- Late work", week)

    assert error.key == "weeks[14].number"
    assert "no week after 14" in str(error)


def test_syntax_error_gives_file_and_line(broken, text):
    """What is not TOML is reported with its line."""
    error = broken("number = 4", "number = = 4")

    assert error.key == f"line {text.splitlines().index('number = 4') + 1}"
    assert "expected TOML" in str(error)


def test_file_that_is_not_text_gives_its_line(tmp_path):
    """Bytes in another encoding are reported, not raised as a UnicodeDecodeError."""
    (tmp_path / "course.toml").write_bytes(b'[course]\ntitle = "Y\xfcz"\n')

    with pytest.raises(CourseError, match=r"line 2: found bytes that are not UTF-8"):
        course.load(tmp_path)


def test_error_survives_a_trip_to_another_process():
    """Errors cross to dask's workers and back."""
    error = CourseError("course.toml", "weeks[3].date", "'soon'", "a date", "Write a date.")

    again = pickle.loads(pickle.dumps(error))

    assert (str(again), again.key) == (str(error), "weeks[3].date")


def test_week_that_does_not_exist_is_refused(root):
    """Asking for week 15 names the weeks there are."""
    with pytest.raises(Cmp784Error, match=r"no week 15.*1 to 14"):
        course.load(root).week(15)
