"""Practical 1 is fair and kind: other right answers, half-filled and empty hand-ins; sharp in F."""

from pathlib import Path

import pytest

from tests.practicals import handins, quality, quick, stock

PRACTICAL = quality.Practical("practical1")
# The planted bugs of A to E are in another file, so that two processes share the work.
MUTANTS = [name for name, mutant in PRACTICAL.mutants.items() if mutant.letter == "F"]
OTHERS = [name for name in PRACTICAL.names() if not name.startswith("mutant")]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", OTHERS)
def test_hand_in_gets_exactly_what_it_should(name: str) -> None:
    """Do right answers get all points, empty ones none, each with a kind word?"""
    verdict = PRACTICAL.judge(name, quick.grade(PRACTICAL.hand_in(name)))

    assert verdict.problems == []


@pytest.mark.parametrize("name", MUTANTS)
def test_planted_bug_loses_its_own_points_alone(name: str) -> None:
    """Is the bug caught, with words, and does it cost nothing in another question?"""
    verdict = PRACTICAL.judge(f"mutant {name}", quick.grade(PRACTICAL.hand_in(f"mutant {name}")))

    assert verdict.problems == []


def test_practical_has_the_points_that_it_promises() -> None:
    """Are there 95 points by tests, spread over the questions as students are told?"""
    letters = {letter: 0.0 for letter in "ABCDEF"}
    for key, points in PRACTICAL.full.items():
        letters[key[0]] += points

    assert letters == {"A": 15, "B": 15, "C": 25, "D": 15, "E": 15, "F": 10}


def test_samples_are_many_and_different() -> None:
    """Are there enough planted bugs for each sub-question, and enough other answers?"""
    covered = {key for mutant in PRACTICAL.mutants.values() for key in mutant.loses}

    assert covered == set(PRACTICAL.full)
    assert len(PRACTICAL.mutants) >= 75
    assert len(PRACTICAL.alternatives) >= 6
    assert [answers["G1"] for answers in PRACTICAL.alternatives.values() if not answers["G1"]] == []


def test_answers_of_all_samples_are_complete() -> None:
    """Does each alternative answer every question, and each mutant fit the reference once?"""
    for answers in PRACTICAL.alternatives.values():
        assert answers.keys() == PRACTICAL.answers.keys()
    for mutant in PRACTICAL.mutants.values():
        assert mutant.apply(PRACTICAL.answers)[mutant.cell] != PRACTICAL.answers[mutant.cell]


def test_points_are_those_of_nbgrader_autograde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does real nbgrader give the same points to right, wrong and missing answers?"""
    right = PRACTICAL.alternatives["functional"]
    wrong = {cell: "" for cell in ("A1-answer", "C1-answer", "E3-answer", "F3-answer")}
    answers = {"right": right, "wrong": {**right, **wrong}, "empty": {}}
    monkeypatch.setenv("PATH", stock.PATH)

    marks = stock.autograde(tmp_path, PRACTICAL.notebook, answers)

    # G1 is for a person to read; nbgrader gives 0 to the one who wrote nothing.
    expected = {name: {key: got[key] for key in PRACTICAL.full} for name, got in marks.items()}
    empty = PRACTICAL.hand_in("empty")
    notebooks = {name: handins.hand_in(empty, answer) for name, answer in answers.items()}
    assert {name: got.points for name, got in quick.grade_all(notebooks).items()} == expected
