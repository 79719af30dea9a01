"""What the reference solution teaches about tests."""

import pytest

from autograder.examiner import learn
from autograder.examiner.validation import check as check_tests
from tests.autograder.examiner.builders import answer, assignment, check

SOURCE = assignment(
    answer("f", "def f(x):\n    return x * x", "def f(x):\n    raise NotImplementedError()"),
    check("good", "assert f(2) == 4", "assert f(3) == 9"),
    check("beside", "x = 2\n\nassert f.__code__.co_argcount == 1"),
    check("wrong", "assert f(2) == 5"),
    check("free", "assert True"),
)


def test_tests_are_told_apart(bare_rooms):
    """Is each test named that does not work across rooms, with its line?"""
    found = check_tests(SOURCE, bare_rooms, files={}, timeout=5)

    assert [(one.grade_id, one.way, one.line, one.untouched) for one in found] == [
        ("good", "across", 0, 0.0),
        ("beside", "in-room", 3, 1.0),
        ("wrong", "fails", 1, 0.0),
        ("free", "across", 0, 1.0),
    ]
    assert [one.is_good for one in found] == [True, False, False, False]
    assert (found[1].code, found[2].advice) == (
        "assert f.__code__.co_argcount == 1",
        "The reference solution does not pass this test in any room: mend one of the two.",
    )


def test_tests_that_work_beside_only_are_learnt(bare_rooms):
    """Does the grader know which tests to run beside the student's code?"""
    learnt = learn(SOURCE, bare_rooms, timeout=5)

    assert (learnt.in_room, learnt.changing) == (frozenset({"beside"}), frozenset())


@pytest.mark.parametrize("victim", ["room", "snapshot", "examiner"])
def test_process_killed_from_outside_teaches_nothing(bare_rooms, kill_at, victim):
    """Is a test not taken for one that works beside only because a process vanished?"""
    killed = kill_at("good", victim)

    learnt = learn(SOURCE, bare_rooms, timeout=5)

    assert killed == [victim]
    assert learnt.in_room == frozenset({"beside"})
