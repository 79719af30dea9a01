"""Tests of autograder.item_analysis: numbers computed by hand and by numpy, and an honest None."""

import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from autograder.item_analysis import (
    LEAST_STUDENTS,
    Item,
    Scores,
    analyse,
    chance,
    difficulty,
    discrimination,
    read_scores,
)
from tests.autograder.sample_gradebook import given, hand_in, make_course

NAN = float("nan")


def scores(points, most):
    """Make the scores of a class whose students and questions are numbered."""
    rows = np.array(points, dtype=float)
    students = tuple(f"s{i}" for i in range(len(rows)))
    items = tuple(f"Q{j}" for j in range(rows.shape[1]))
    return Scores(students, items, np.array(most, dtype=float), rows)


def test_difficulty_is_the_mean_share_of_points():
    """(4 + 2 + 0) / 3 of 4 points is one half."""
    assert difficulty([4, 2, 0], 4) == 0.5


@pytest.mark.parametrize(("points", "most"), [([], 4), ([0, 0], 0)], ids=["no student", "no point"])
def test_difficulty_without_anything_to_share_is_not_defined(points, most):
    """There is no mean of nothing, and no share of nothing."""
    assert difficulty(points, most) is None


def test_discrimination_is_the_correlation_computed_by_hand():
    """Means 2 and 7; the products of deviations sum to 20, their squares to 10 and 110."""
    item = [1, 1, 1, 1, 1, 3, 3, 3, 3, 3]
    rest = [4, 4, 4, 4, 9, 9, 9, 9, 4, 14]

    assert discrimination(item, rest) == pytest.approx(20 / np.sqrt(10 * 110))


@pytest.mark.parametrize(
    ("item", "rest"),
    [
        (range(LEAST_STUDENTS - 1), range(LEAST_STUDENTS - 1)),
        ([1] * 12, range(12)),
        (range(12), [0.1 + 0.2, 0.3] * 6),
    ],
    ids=["too few students", "all earn the same", "the rest differs by rounding only"],
)
def test_discrimination_without_students_or_variance_is_not_defined(item, rest):
    """A number would be chance, or a division by zero."""
    assert discrimination(list(item), list(rest)) is None


def test_a_question_is_compared_with_the_others_and_not_with_itself():
    """The corrected correlation leaves the question's own points out of the total."""
    generator = np.random.default_rng(0)
    points = generator.integers(0, 5, size=(40, 4))

    found = [item.discrimination for item in analyse(scores(points, [4] * 4))]

    rest = points.sum(axis=1, keepdims=True) - points
    expected = [np.corrcoef(points[:, j], rest[:, j])[0, 1] for j in range(4)]
    assert found == pytest.approx(expected)


def test_questions_of_a_class_are_judged_with_their_n():
    """Who waits for points is compared by the questions that are graded."""
    first = [2, 2, 2, 2, 2, 0, 0, 0, 0, 0]
    second = [3, 3, 3, 3, 3, 3, 1, 1, 1, 1]
    third = [NAN] * 9 + [5]

    items = analyse(scores(np.transpose([first, second, third]), [2, 3, 5]))

    # The last student has (1 + 5) of 8 points besides the first question, (0 + 5) of 7 besides
    # the second.
    of_first = np.corrcoef(first, [1, 1, 1, 1, 1, 1, 1 / 3, 1 / 3, 1 / 3, 6 / 8])[0, 1]
    of_second = np.corrcoef(second, [1, 1, 1, 1, 1, 0, 0, 0, 0, 5 / 7])[0, 1]
    assert items == [
        Item("Q0", 2.0, 10, 0.5, pytest.approx(of_first), 0.5),
        Item("Q1", 3.0, 10, pytest.approx(22 / 30), pytest.approx(of_second), 0.0),
        Item("Q2", 5.0, 1, 1.0, None, 0.0),
    ]


def test_student_with_nothing_else_graded_does_not_spoil_the_rest():
    """Eleven students count for the share earned, the ten with other points for the correlation."""
    first, second = [*range(10), 9], [*range(10), NAN]

    judged = analyse(scores(np.transpose([first, second]), [9, 9]))[0]

    assert (judged.n, judged.discrimination) == (11, pytest.approx(1.0))


def test_question_that_nobody_graded_has_no_numbers():
    """Words before their grading are no zeros."""
    assert analyse(scores([[NAN], [NAN]], [5])) == [Item("Q0", 5.0, 0, None, None, None)]


def test_question_that_most_lose_wants_a_look():
    """Two of three without a point: the question may be at fault. One of two is not most."""
    lost, half = analyse(scores([[0, 0], [0, 1], [1, NAN]], [1, 1]))

    assert (lost.wants_a_look, half.wants_a_look) == (True, False)


def test_chance_shrinks_with_the_class():
    """Two standard errors of a correlation of 0."""
    assert [round(chance(n), 3) for n in (2, 17, 101)] == [1.0, 0.5, 0.2]


@for_all(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 90)), min_size=10, max_size=60))
def test_discrimination_stays_in_range_whatever_the_points(pairs):
    """A correlation lies between -1 and 1."""
    value = discrimination(*zip(*pairs, strict=True))

    assert value is None or -1 <= value <= 1


def test_scores_are_read_from_the_gradebook(tmp_path):
    """Rows are students in order; a person's points win; what needs a person is open."""
    workspace = make_course(tmp_path / "course", [])
    hand_in(workspace, "s2", given(0, 20, 65, None))
    hand_in(workspace, "s1", given(10, 5, 0, 4))
    with workspace.gradebook() as gradebook:
        gradebook.find_grade("A2", "practical1", "practical1", "s1").manual_score = 15
        gradebook.db.commit()

        found = read_scores(gradebook, "practical1")

    assert (found.students, found.items) == (("s1", "s2"), ("A1", "A2", "B1", "G1"))
    assert found.most.tolist() == [10, 20, 65, 5]
    np.testing.assert_array_equal(found.points, [[10, 15, 0, 4], [0, 20, 65, NAN]])


def test_questions_are_sorted_by_their_numbers(tmp_path):
    """A10 comes after A2."""
    workspace = make_course(tmp_path / "course", [])
    with workspace.gradebook() as gradebook:
        gradebook.add_grade_cell("A10", "practical1", "practical1", max_score=1, cell_type="code")

        assert read_scores(gradebook, "practical1").items == ("A1", "A2", "A10", "B1", "G1")


def test_unknown_assignment_has_no_scores(tmp_path):
    """Before the release there is nothing to judge."""
    with make_course(tmp_path / "course", []).gradebook() as gradebook:
        assert analyse(read_scores(gradebook, "none")) == []
