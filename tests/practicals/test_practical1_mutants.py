"""Practical 1 is sharp: each planted bug of questions A to E loses points there, and only there."""

import pytest

from tests.practicals import quality, quick

PRACTICAL = quality.Practical("practical1")
MUTANTS = [name for name, mutant in PRACTICAL.mutants.items() if mutant.letter != "F"]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", MUTANTS)
def test_planted_bug_loses_its_own_points_alone(name: str) -> None:
    """Is the bug caught, with words, and does it cost nothing in another question?"""
    verdict = PRACTICAL.judge(f"mutant {name}", quick.grade(PRACTICAL.hand_in(f"mutant {name}")))

    assert verdict.problems == []
