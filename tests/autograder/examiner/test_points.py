"""Points of a test that ran to its end."""

import pytest

from autograder.examiner.points import Award, award


@pytest.mark.parametrize(
    ("text", "points"),
    [(None, 5.0), ("1.5", 1.5), ("0", 0.0), ("-1", 0.0), ("[1, 2]", 5.0), ("True", 5.0), ("", 5.0)],
)
def test_last_value_gives_what_nbgrader_gives(text, points):
    """Is a number partial credit, and anything else full marks?"""
    assert award(text, None, 5.0) == Award(points)


@pytest.mark.parametrize("text", ["7", "inf", "nan"])
def test_too_many_points_are_the_tests_error(text):
    """Are more points than there are none, and said?"""
    expected = Award(0.0, error=f"its last value is {text}, expected a number from 0 to 5.")

    assert award(text, None, 5.0) == expected


def test_checks_add_up_and_name_what_is_missing():
    """Does a result by check name the checks that gave less than they could?"""
    checks = {"checks": [{"name": "a", "points": 1, "of": 2}, {"name": "b", "points": 2, "of": 2}]}

    assert award(None, checks, 4.0) == Award(3.0, "a: 1 of 2")


@pytest.mark.parametrize(
    ("checks", "error"),
    [
        ("words", "its checks are str, expected a list."),
        ([{"name": "a"}], 'a check is not {"name": text, "points": number}.'),
        (
            [{"name": "a", "points": float("nan")}],
            'a check is not {"name": text, "points": number}.',
        ),
        ([{"name": "a", "points": 9}], "its checks give 9 points, expected 0 to 4."),
    ],
)
def test_bad_checks_are_the_tests_error(checks, error):
    """Is a result that nobody can read the instructor's to mend?"""
    assert award(None, checks, 4.0) == Award(0.0, error=error)
