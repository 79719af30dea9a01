"""Tests as other instructors write them, graded by stock nbgrader and by ours."""

import pytest

from tests.stock import written
from tests.stock.courses import marks_by_rooms, marks_by_stock
from tests.stock.differences import Difference, compare

BELOW = "stock gives full marks for a number below zero, and calls that strange; here it is nothing"
ON_PURPOSE = {
    "partial": tuple(Difference(who, ("negative",), 2, 0, BELOW) for who in ("solved", "wrong"))
}
MISSING = (
    Difference(
        "one-notebook",
        ("total-test", "twice-test", "write-test", "read-test"),
        0,
        0,
        "a notebook that is not there is 0 in both, and here a person is told",
    ),
)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Grade all notebooks with both graders, once."""
    course = written.make_written(tmp_path_factory.mktemp("written") / "course")
    return marks_by_stock(course, "ps1"), marks_by_rooms(course, "ps1")


@pytest.mark.slow
@pytest.mark.parametrize("name", written.names())
def test_written_notebook_gets_the_marks_that_stock_gives(both, name):
    """Do right, wrong and missing answers get the same marks from both graders?"""
    stock, ours = ({p: m for p, m in marks.items() if p.notebook == name} for marks in both)

    assert compare(stock, ours, ON_PURPOSE.get(name, ())) == []
    assert {place.student for place in stock} == {"solved", "untouched", "wrong"}


@pytest.mark.slow
def test_right_answers_get_full_marks_from_stock(both):
    """Are the sample notebooks themselves sound?"""
    stock, _ = both
    lost = {place.cell for place, mark in stock.items()
            if place.student == "solved" and mark.points == 0}  # fmt: skip

    assert lost == {"whole"}


@pytest.mark.slow
@pytest.mark.parametrize("make", [written.make_slow, written.make_beside])
def test_time_limits_and_files_count_as_in_stock(tmp_path, make):
    """Are endless answers, changed files and missing notebooks marked as by stock?"""
    course = make(tmp_path / "course")

    stock = marks_by_stock(course, "ps1")
    ours = marks_by_rooms(course, "ps1")

    assert compare(stock, ours, MISSING if make is written.make_beside else ()) == []
