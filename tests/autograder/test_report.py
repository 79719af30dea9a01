"""Tests of autograder.report: one page that tells the truth about a class, large or small."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from autograder import report_pictures
from autograder.attention import Attention
from autograder.item_analysis import Item
from autograder.report import AttentionRow, Summary, grouped, render, summarise, write_report
from tests.autograder.sample_gradebook import IN_TIME, given, hand_in, make_course

NOW = datetime(2024, 11, 20, 9, 0, tzinfo=UTC)


def page_of(workspace):
    """Render the report; return its parsed page."""
    return BeautifulSoup(render(workspace, NOW), "html.parser")


def rows_of(table):
    """Return the cells of a table's body as text."""
    cells = ([cell.get_text(" ", strip=True) for cell in row("td")] for row in table.tbody("tr"))
    heads = [row.th.get_text(" ", strip=True) for row in table.tbody("tr")]
    return [[head, *row] for head, row in zip(heads, cells, strict=True)]


def words_of(section):
    """Return what a section says, in one line."""
    return " ".join(section.get_text(" ").split())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Render the report of a class of fourteen: twelve graded, two late, one waits, one missing."""
    students = [(f"s{n:02}", "Sample", f"Öğrenci <{n}>") for n in range(14)]
    workspace = make_course(tmp_path_factory.mktemp("class") / "course", students)
    for n in range(13):
        points = given(10, n, 65 if n >= 6 else 0, None if n == 12 else 5)
        late = {3: timedelta(days=6), 4: timedelta(days=12)}.get(n, timedelta(0))
        hand_in(workspace, f"s{n:02}", points, IN_TIME + late)
    return page_of(workspace)


def test_page_needs_nothing_from_outside(page):
    """No script, no style sheet, no picture from elsewhere: it works offline."""
    assert page("script") == page("link") == page("iframe") == []
    assert all(image["src"].startswith("data:image/png;base64,") for image in page("img"))
    assert not re.search(r"https?://|url\(|@import", str(page))


def test_every_picture_has_words(page):
    """Who cannot see a picture reads what it shows."""
    assert [image["alt"].split(",")[0].split(":")[0] for image in page("img")] == [
        "Histogram of points in Practical 1",
        "Share of points earned and discrimination. Most was lost in A2 (0.30 earned)",
        "Histogram of % of what is known of the course mark",
        "Students by slip days used",
    ]


def test_questions_are_judged_with_n_and_without_false_numbers(page):
    """A1 never varies, so nothing can be said of it; G1 waits for one of thirteen."""
    table = page.find("section", id="practical1").table

    assert rows_of(table) == [
        ["A1", "10", "13", "1.00", "0.00", "–"],
        ["A2", "20", "13", "0.30", "0.08", "0.87"],
        ["B1", "65", "13", "0.54", "0.46", "0.88"],
        ["G1", "5", "12", "1.00", "0.00", "–"],
    ]


def test_assignment_says_n_and_what_is_provisional(page):
    """Marks that lack a person's points are not passed off as whole."""
    words = words_of(page.find("section", id="practical1"))

    assert words.startswith(
        "Practical 1 13 of 14 students have handed in. "
        "Of 100 points, after penalties, n = 13: mean 54.7, median 86.0, from 7.6 to 91.0. "
        "1 of these 13 still wait for a person's points, and count what they have so far."
    )
    assert "within ±0.58, nineteen times of twenty. A dash: not defined" in words


def test_slip_days_and_penalties_are_told(page):
    """Two days from the account of one; eight days late are five slip days and three to pay."""
    assert rows_of(page.find("section", id="late").table) == [
        ["s03 Sample Öğrenci <3>", "Practical 1", "2", "2", "0 %"],
        ["s04 Sample Öğrenci <4>", "Practical 1", "8", "5", "60 %"],
    ]


def test_attention_names_students_under_their_kind(page):
    """Kinds have a remedy; who shares a reason shares a line."""
    summaries = [one.get_text() for one in page.find("section", id="attention")("summary")]
    low = words_of(page.find("section", id="attention")("details")[-1])

    assert summaries == ["Waits for points: 1", "No hand-in: 1", "Low mark so far: 6"]
    assert low.startswith("Low mark so far: 6 Talk to the student. 1.2 of 8 so far: 15 %")


def test_course_marks_leave_out_what_is_missing(page):
    """Nobody's mark is complete, and that is said."""
    words = words_of(page.find("section", id="marks"))

    assert "n = 13: mean 54.7, median 86.0" in words
    assert "0 of 14 marks are complete. What is missing is left out, not counted as zero." in words


def test_class_of_nobody_has_a_page(tmp_path):
    """Before the first hand-in there is nothing to draw, and no number is invented."""
    page = page_of(make_course(tmp_path / "course", []))

    assert page("img") == []
    assert "Nobody and nothing." in words_of(page)
    assert rows_of(page.find("section", id="practical1").table) == [
        ["A1", "10", "0", "–", "–", "–"],
        ["A2", "20", "0", "–", "–", "–"],
        ["B1", "65", "0", "–", "–", "–"],
        ["G1", "5", "0", "–", "–", "–"],
    ]


def test_letters_of_complete_marks_are_counted(tmp_path):
    """All components are there for one of two students."""
    workspace = make_course(tmp_path / "course", [("s1",), ("s2",)])
    hand_in(workspace, "s1", given(10, 20, 65, 5))
    (workspace.run_time / "marks").mkdir()
    full = {"math-quiz": 3, "practical-2": 8, "final-exam": 5, "project": 32}
    for key, points in (full | {"paper-presentations": 15, "weekly-quizzes": 9}).items():
        path = workspace.run_time / "marks" / f"{key}.csv"
        path.write_text(f"student_id,points\ns1,{points}\n")

    section = page_of(workspace).find("section", id="marks")

    assert "1 of 2 marks are complete." in words_of(section)
    assert [row for row in rows_of(section.table) if row[1] != "0"] == [["B1", "1"]]


def test_report_lies_in_the_course_unless_told(tmp_path):
    """By default below gradebook/, which git ignores."""
    workspace = make_course(tmp_path / "course", [("s1", "Sample", "One")])

    path = write_report(workspace)

    assert path == workspace.run_time / "report" / "index.html"
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert write_report(workspace, tmp_path / "here" / "r.html").is_file()


def test_what_students_share_is_said_once():
    """Twenty who wait for the same points are one line."""
    found = [
        Attention("Waits", "s1", "P", "G1"),
        Attention("Waits", "s2", "P", "G2"),
        Attention("Waits", "s3", "P", "G1"),
        Attention("Low", "s1", "", "3 of 8"),
    ]

    assert grouped(found) == {
        "Waits": [AttentionRow("P", ["s1", "s3"], "G1"), AttentionRow("P", ["s2"], "G2")],
        "Low": [AttentionRow("", ["s1"], "3 of 8")],
    }


def test_summary_is_computed_by_hand():
    """Mean, median and extremes of four marks; none of none."""
    assert summarise([4, 1, 1, 2]) == Summary(4, 2, 1.5, 1, 4)
    assert summarise([]) is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0, 9.9, 10, 100], "0 to 10: 2, 10 to 20: 1, 90 to 100: 1"),
        ([30, 105, -1], "0 to 10: 1, 30 to 40: 1, 90 to 100: 1"),
    ],
    ids=["edges belong to the step above", "what lies outside is at the ends"],
)
def test_histogram_counts_in_ten_steps(values, told):
    """The words give the same numbers as the bars."""
    picture = report_pictures.distribution(values, 100, "points")

    assert picture.alt.endswith(f"Students by range: {told}.")


def test_questions_without_discrimination_are_said_to_have_none():
    """A small class is drawn with its shares alone."""
    items = [Item("A1", 3, 2, 0.5, None, 0.0), Item("A2", 3, 2, 0.25, None, 0.5)]

    assert report_pictures.questions(items).alt == (
        "Share of points earned and discrimination. Most was lost in A2 (0.25 earned), least in "
        "A1 (0.50). Discrimination is not defined for any of them."
    )


def test_slip_days_are_counted_from_none_to_all():
    """Each number of days has its bar."""
    picture = report_pictures.slip_days([0, 0, 2, 5], 5)

    assert picture.alt == "Students by slip days used, n = 4: 0: 2, 2: 1, 5: 1."
