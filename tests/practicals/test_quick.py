"""The quick grader gives what nbgrader gives, in words and with the place where it failed."""

from pathlib import Path

import nbformat
import pytest

from tests.practicals import builders, handins, quick, stock

FULL = {"A1": 2.0, "B1": 3.0}
STUB = "def double(x):\n    raise NotImplementedError\n"


def graded(**replaced: str) -> quick.Graded:
    """Grade the small practical with some cells replaced."""
    return quick.grade(builders.make_practical(**replaced))


def test_right_answers_get_all_points() -> None:
    """Does the source notebook itself get all points, without a message?"""
    result = graded()

    assert (result.points, result.messages, result.errors) == (FULL, {}, {})


@pytest.mark.parametrize(
    ("body", "hidden"), [("3 * x", False), ("2 * abs(x)", True)], ids=["visible", "hidden"]
)
def test_wrong_answer_is_told_in_words_and_by_its_place(body: str, hidden: bool) -> None:
    """Is it known which test found a bug, the visible or the hidden one?"""
    result = graded(A1_answer=f"def double(x):\n    return {body}\n")

    assert result.lost(FULL) == {"A1": 2.0}
    assert result.messages["A1"].startswith("your result: the value is wrong.")
    assert result.hidden == ({"A1"} if hidden else set())


def test_stub_counts_as_not_answered() -> None:
    """Does an empty answer get none of its points, and the others theirs?"""
    result = graded(A1_answer=STUB)

    assert (result.points, result.statuses) == ({"A1": 0.0, "B1": 3.0}, {"A1": "unanswered"})


@pytest.mark.parametrize(
    ("test", "points"),
    [
        ("1 / 0", 0),
        ("import sys; print('a word', file=sys.stderr)", 0),
        ("1.5", 1.5),
        ("1.5;", 3),
        ("'three'", 3),
        ("print(1.5)", 3),
    ],
)
def test_points_follow_the_rules_of_nbgrader(test: str, points: float) -> None:
    """Do errors and error streams take all points, and is a last value partial credit?"""
    assert graded(B1=test).points == {"A1": 2.0, "B1": points}


def test_error_outside_of_answers_and_tests_is_reported() -> None:
    """Is given code that stops told apart from a failed test?"""
    notebook = builders.make_practical()
    notebook.cells.insert(3, nbformat.v4.new_code_cell("raise ValueError('given')"))

    assert quick.grade(notebook).errors == {"4": "given"}


def test_hand_in_that_never_ends_is_stopped() -> None:
    """Does the time limit name the likely reason?"""
    with pytest.raises(quick.TooSlow, match=r"within 2 s\. Look for an endless loop"):
        quick.grade(builders.make_practical(A1_answer="while True: pass"), seconds=2)


def test_hand_in_whose_process_dies_is_told() -> None:
    """Does a crash end with words, not with a wait?"""
    with pytest.raises(quick.TooSlow, match="process died"):
        quick.grade(builders.make_practical(A1_answer="import os; os._exit(3)"))


def test_source_of_functions_and_all_output_can_be_read() -> None:
    """Do checks that read source work, and is what a cell prints kept?"""
    result = graded(B1="import inspect\nprint(inspect.getsource(square))")

    assert "return x * x" in result.text


@pytest.mark.slow
def test_points_are_those_of_nbgrader_autograde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does real nbgrader, with a kernel and a gradebook, give the same points to the same files?"""
    source = builders.make_practical(B1="2.5 if square(3.0) == 9.0 else 1 / 0")
    right = handins.reference_answers(source)
    noisy = "import sys\ndef square(x): print(x, file=sys.stderr); return 9.0"
    answers = {
        "right": right,
        "visible-bug": {**right, "A1-answer": "def double(x):\n    return x\n"},
        "hidden-bug": {**right, "A1-answer": "def double(x):\n    return 2 * abs(x)\n"},
        "noisy": {**right, "B1-answer": noisy},
        "empty": {},
    }
    monkeypatch.setenv("PATH", stock.PATH)

    expected = stock.autograde(tmp_path, source, answers)

    released = handins.released(source, tests=True)
    notebooks = {name: handins.hand_in(released, answer) for name, answer in answers.items()}
    assert {name: got.points for name, got in quick.grade_all(notebooks).items()} == expected
