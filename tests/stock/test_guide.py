"""nbgrader's own demo course, graded by stock nbgrader and by ours: the same marks."""

import pytest

from tests.stock.courses import marks_by_rooms, marks_by_stock
from tests.stock.differences import Difference, compare
from tests.stock.samples import make_guide

OLDER = "the hand-in is of an older release; cells that it lacks are put back"
ON_PURPOSE = {
    "ps1": (),
    "ps1_autotest": tuple(
        difference
        for student in ("bitdiddle", "hacker")
        for difference in (
            Difference(student, ("cell-6e9ff83aa5dfaf17",), None, 0, OLDER),
            Difference(student, ("cell-d3df8cd59fd0eb74",), None, None, OLDER),
        )
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ["ps1", "ps1_autotest"])
def test_demo_course_gets_the_marks_that_stock_gives(tmp_path, assignment):
    """Are bitdiddle, hacker, the solution and the untouched release marked as by stock?"""
    course = make_guide(tmp_path / "guide", assignment)

    stock = marks_by_stock(course, assignment)
    ours = marks_by_rooms(course, assignment)

    assert compare(stock, ours, ON_PURPOSE[assignment]) == []
    assert {place.student for place in stock} == {"bitdiddle", "hacker", "solved", "untouched"}
