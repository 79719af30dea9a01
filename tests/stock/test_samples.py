"""The notebooks that nbgrader is tested with, graded by stock nbgrader and by ours."""

import pytest

from tests.stock import samples
from tests.stock.courses import marks_by_rooms, marks_by_stock
from tests.stock.differences import Difference, compare

TYPE = "stock stops at a cell whose type was changed; here it is what it was in the source"
ON_PURPOSE: dict[str, tuple[Difference, ...]] = {
    "changed": tuple(
        difference
        for student in ("answer-cell-type-changed", "grade-cell-type-changed")
        for difference in (
            Difference(student, ("foo",), None, 1, TYPE),
            Difference(student, ("bar", "baz", "quux"), None, 0, TYPE),
            Difference(student, ("set_a",), None, None, TYPE),
        )
    ),
    "autotests": (),
    "mixed": (),
}
MAKERS = {
    "changed": samples.make_changed,
    "autotests": samples.make_autotests,
    "mixed": samples.make_mixed,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MAKERS))
def test_sample_notebooks_get_the_marks_that_stock_gives(tmp_path, name):
    """Does each cell of nbgrader's sample notebooks get the same mark from both graders?"""
    course = MAKERS[name](tmp_path / name)

    stock = marks_by_stock(course, "ps1")
    ours = marks_by_rooms(course, "ps1")

    assert compare(stock, ours, ON_PURPOSE[name]) == []
