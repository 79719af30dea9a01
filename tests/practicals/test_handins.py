"""Hand-ins are made from a source notebook as students would make them."""

from pathlib import Path

import pytest

from tests.practicals import builders, handins


def test_released_notebook_holds_neither_answers_nor_hidden_tests() -> None:
    """Does a student see the stub and the visible tests alone?"""
    cells = {handins.grade_id(cell): cell.source for cell in released().cells}

    assert cells["A1-answer"].splitlines()[-2:] == [
        "    # YOUR CODE HERE",
        "    raise NotImplementedError()",
    ]
    assert cells["A1"] == builders.DOUBLE_TEST.split("    ### BEGIN")[0]


def released():
    """Return the small practical as students get it."""
    return handins.released(builders.make_practical())


def test_answers_replace_those_of_the_source() -> None:
    """Is an answer put into its own cell, and the source left as it was?"""
    source = builders.make_practical()
    before = [cell.source for cell in source.cells]

    filled = handins.hand_in(source, {"B1-answer": "square = abs"})

    assert [cell.source for cell in filled.cells] == [*before[:3], "square = abs", before[4]]
    assert [cell.source for cell in source.cells] == before


def test_answer_to_no_question_is_refused() -> None:
    """Does a misspelled marker name the cells that there are?"""
    with pytest.raises(handins.HandinError, match="'A9-answer'; there are A1-answer, B1-answer"):
        handins.hand_in(builders.make_practical(), {"A9-answer": ""})


def test_reference_answers_come_without_the_marks_around_them() -> None:
    """Is a reference answer what a student might have written?"""
    answers = handins.reference_answers(builders.make_practical())

    assert answers["A1-answer"] == ('def double(x):\n    """Return twice x."""\n    return 2 * x\n')


@pytest.mark.parametrize(("old", "times"), [("3 * x", 0), ("x", 3)], ids=["missing", "ambiguous"])
def test_mutant_that_does_not_fit_once_is_refused(old: str, times: int) -> None:
    """Is a patch refused that changes nothing, or more than one place?"""
    answers = handins.reference_answers(builders.make_practical())

    with pytest.raises(handins.HandinError, match=f"is {times} times in the reference answer"):
        builders.mutant(old, "y").apply(answers)


def test_tests_belong_to_the_answer_before_them() -> None:
    """Is it known which points one answer can earn?"""
    assert handins.tests_of(builders.make_practical()) == {"A1-answer": ["A1"], "B1-answer": ["B1"]}


def test_file_of_an_alternative_is_cut_at_its_markers(tmp_path: Path) -> None:
    """Are code and words read, and what stands before the first marker left out?"""
    path = tmp_path / "terse.py"
    path.write_text(
        '"""Terse."""\n\n# %% A1-answer\ndouble = 2 .__mul__\n\n'
        "# %% [markdown] G1\n# In\n#\n# words.\n"
    )

    assert handins.read_answers(path) == {
        "A1-answer": "double = 2 .__mul__",
        "G1": "In\n\nwords.",
    }
