"""Where we mark differently from stock nbgrader on purpose, and why."""

import pytest

from tests.stock.courses import marks_by_rooms, marks_by_stock_one_by_one
from tests.stock.damaged import HAND_INS, make_damaged
from tests.stock.differences import Difference, compare

T, S = ("test",), ("second-test",)
COPY = "stock stops at a copied cell; the copy is no test of ours, and the answer is there"
STRIPPED = "cells without metadata are found by what stands in them"
EXIT = "what a student's own cell does to the kernel costs no answer before it"
NAME = "a notebook with another name is found by what stands in it"
MARK = "a byte-order mark is no mistake of the student's"
NOBODY = "stock leaves no grade; we give 0 and say that a person has to look"
ON_PURPOSE = (
    Difference("agrees", T, 3, 0, "a result that calls itself equal to everything is no 4"),
    Difference("warns", T, 0, 3, "a warning on stderr costs nothing"),
    Difference("skips", T, 3, 0, "tags on a test cell of a hand-in count for nothing"),
    Difference("deletes", T, None, 3, "a lost test cell is ours to put back"),
    Difference("copies", T, None, 3, COPY),
    Difference("copies", S, None, 2, COPY),
    Difference("strips", T, None, 3, STRIPPED),
    Difference("strips", S, None, 2, STRIPPED),
    Difference("moves", T, 0, 3, "answers come before their tests, as in the source"),
    Difference("exits", T, None, 3, EXIT),
    Difference("exits", S, None, 2, EXIT),
    Difference("renames", T, None, 3, NAME),
    Difference("renames", S, None, 2, NAME),
    Difference("marks_bytes", T, None, 3, MARK),
    Difference("marks_bytes", S, None, 2, MARK),
    Difference("empties", T, None, 0, NOBODY),
    Difference("empties", S, None, 0, NOBODY),
    Difference("empties", ("words",), None, 0, NOBODY),
    Difference("cuts", T, None, 0, NOBODY),
    Difference("cuts", S, None, 0, NOBODY),
    Difference("cuts", ("words",), None, 0, NOBODY),
)


@pytest.mark.slow
def test_differences_are_those_that_are_meant(tmp_path):
    """Are damaged, forged and odd hand-ins marked as the table says, and the others as by stock?"""
    course = make_damaged(tmp_path / "course")

    stock = marks_by_stock_one_by_one(course, "ps1")
    ours = marks_by_rooms(course, "ps1")

    assert compare(stock, ours, ON_PURPOSE) == []
    assert {place.student for place in ours} == set(HAND_INS)
