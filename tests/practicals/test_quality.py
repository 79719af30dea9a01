"""The judge of a practical says what is wrong with its tests, and nothing of a good one."""

import pytest

from tests.practicals import builders, quality, quick
from tests.practicals.handins import Mutant

ALTERNATIVE = {"A1-answer": "double = lambda x: x + x", "B1-answer": "square = lambda x: x**2"}


def judge(
    name: str, *mutants: Mutant, alternative: dict[str, str] = ALTERNATIVE, **replaced: str
) -> quality.Verdict:
    """Grade one sample hand-in of the small practical, and judge it."""
    practical = quality.Practical("no-samples", builders.make_practical(**replaced))
    practical.mutants = {mutant.name: mutant for mutant in mutants}
    practical.alternatives = {"other": alternative}
    return practical.judge(name, quick.grade(practical.hand_in(name)))


@pytest.mark.parametrize(
    ("new", "caught"),
    [("3 * x", "visible"), ("2 * abs(x)", "hidden")],
)
def test_planted_bug_that_loses_its_points_is_caught(new: str, caught: str) -> None:
    """Is a mutant that is caught told by where, with no problem?"""
    verdict = judge("mutant a-bug", builders.mutant("2 * x", new))

    assert (verdict.lost, verdict.caught, verdict.problems) == ({"A1": 2.0}, caught, [])


def test_planted_bug_that_passes_is_reported_as_not_caught() -> None:
    """Is a mutant reported that no test finds?"""
    verdict = judge("mutant a-bug", builders.mutant("2 * x", "x + x"))

    assert verdict.caught == "not caught"
    assert verdict.problems == ["loses nothing: a test is missing"]


def test_bug_punished_in_another_question_is_reported() -> None:
    """Is a mutant reported that a later question is tested with?"""
    test = "with checks.graded('B1: square'):\n    checks.close(square(double(1.0)), 4.0)\n"

    verdict = judge("mutant a-bug", builders.mutant("2 * x", "3 * x"), B1=test)

    assert verdict.problems == ["loses in another question: B1"]


def test_bug_that_loses_other_points_than_expected_is_reported() -> None:
    """Is a mutant held to the sub-questions that it names?"""
    verdict = judge("mutant a-bug", builders.mutant("2 * x", "3 * x", loses=("A1", "A2")))

    assert verdict.problems == ["loses A1, expected A1, A2"]


def test_failure_without_words_is_reported() -> None:
    """Is a bare assert reported, because a student reads nothing there?"""
    verdict = judge("mutant a-bug", builders.mutant("2 * x", "3 * x"), A1="assert double(1) == 2")

    assert len(verdict.problems) == 1
    assert verdict.problems[0].startswith("A1 fails without words: ")


def test_hidden_test_that_shows_its_code_is_reported() -> None:
    """Is the line of a hidden test found in what a hand-in was shown?"""
    test = "### BEGIN HIDDEN TESTS\nassert double(1234) == 2468\n### END HIDDEN TESTS"

    verdict = judge("mutant a-bug", builders.mutant("2 * x", "3 * x"), A1=test)

    assert "shows a line of a hidden test: assert double(1234) == 2468" in verdict.problems


def test_right_answer_in_another_style_has_to_get_all_points() -> None:
    """Is an alternative without fault passed, and one that loses points reported with the words?"""
    wrong = {**ALTERNATIVE, "A1-answer": "double = lambda x: x"}

    assert judge("alternative other").problems == []
    assert judge("alternative other", alternative=wrong).problems[0].startswith("A1: your result")


def test_empty_and_single_answers_get_exactly_their_points() -> None:
    """Are the two kinds of part-filled hand-ins passed when the tests are right?"""
    assert judge("empty").lost == {"A1": 2.0, "B1": 3.0}
    assert judge("empty").problems == []
    assert judge("only A1-answer").lost == {"B1": 3.0}
    assert judge("only A1-answer").problems == []


def test_points_for_nothing_are_reported() -> None:
    """Is a test reported that an empty hand-in passes?"""
    verdict = judge("empty", B1="with checks.graded('B1: square'):\n    pass\n")

    assert verdict.problems == ["B1 gets 3, expected 0: passed"]


def test_given_code_that_stops_is_reported() -> None:
    """Is an error outside of answers and tests a problem of the notebook?"""
    notebook = builders.make_practical()
    notebook.cells[0].source += "\nraise ValueError('given')"
    practical = quality.Practical("no-samples", notebook)

    verdict = practical.judge("empty", quick.grade(practical.hand_in("empty")))

    assert verdict.problems == ["given cell 1 stops: given"]


def test_totals_are_told_in_words() -> None:
    """Does the summary count what was caught where?"""
    verdicts = [
        quality.Verdict("a", "A1-answer", "", {"A1": 1.0}, "hidden"),
        quality.Verdict("b", "A1-answer", "", {}, "not caught", ["loses nothing"]),
        quality.Verdict("empty", "all", "", {}, "", []),
    ]

    assert quality.summary(verdicts) == (
        "2 planted bugs: 0 caught by visible tests, 1 by hidden ones, 1 not caught. "
        "1 of 1 other hand-ins got exactly what they should."
    )
