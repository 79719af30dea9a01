"""Tests of outputs that tell stock nbgrader a verdict: its own function reads them back."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4
from nbgrader.utils import determine_grade

from autograder.plugins.outputs import express
from tests.autograder.tiny_course import make_cell

STDERR = {"output_type": "stream", "name": "stderr", "text": "a warning\n"}
VALUE = {
    "output_type": "execute_result",
    "data": {"text/plain": "0.25"},
    "metadata": {},
    "execution_count": 3,
}
ERROR = {"output_type": "error", "ename": "AssertionError", "evalue": "no", "traceback": ["no"]}
PRINTED = {"output_type": "stream", "name": "stdout", "text": "hello\n"}


def read_back(outputs, points, max_points):
    """Let nbgrader count what `express` writes; the cell has to be a valid one."""
    cell = make_cell("assert f() == 1", "f", grade=True, locked=True, points=max_points)
    cell.outputs = nbformat.from_dict(express(outputs, points, max_points, "f() is 1"))
    nbformat.validate(v4.new_notebook(cells=[cell]), version=4, version_minor=5)
    return determine_grade(cell)


@pytest.mark.parametrize(
    "outputs", [[], [STDERR], [VALUE], [ERROR], [PRINTED, STDERR, VALUE, ERROR]]
)
@pytest.mark.parametrize("points", [0, 0.5, 1 / 3, 2])
def test_points_are_read_back_by_nbgrader(outputs, points):
    """Whatever a cell shows, does nbgrader count what the examiner said?"""
    assert read_back(outputs, points, 2) == (points, 2)


@given(st.floats(0, 1), st.floats(0.01, 1000))
def test_any_points_are_read_back_exactly(part, max_points):
    """Does no rounding come between?"""
    points = min(part * max_points, max_points)

    assert read_back([VALUE, STDERR], points, max_points) == (points, max_points)


@pytest.mark.parametrize("outputs", [[], [ERROR], [STDERR]])
def test_cell_without_points_stays_without(outputs):
    """Does a test that is worth nothing count nothing?"""
    assert read_back(outputs, 0, 0) == (0, 0)


def test_failed_test_without_points_still_shows_its_error():
    """Is it there for `nbgrader validate`, which looks for it?"""
    assert express([ERROR], 0, 0, "no") == [ERROR]


def test_what_a_cell_shows_is_kept_in_words():
    """Are stderr, values and errors still there to read?"""
    assert express([PRINTED, STDERR, VALUE, ERROR], 1, 2, "") == [
        PRINTED,
        {**STDERR, "name": "stdout"},
        {"output_type": "display_data", "data": {"text/plain": "0.25"}, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": "AssertionError: no\n"},
        {**VALUE, "data": {"text/plain": "1.0"}, "execution_count": None},
    ]


def test_missing_points_are_explained():
    """Is there an error with the message where the outputs hold none?"""
    (shown,) = express([], 0, 2, "f() is 1")

    assert (shown["output_type"], shown["evalue"]) == ("error", "f() is 1")
