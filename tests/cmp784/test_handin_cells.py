"""Missing, doubled and changed cells, found without running anything."""

import copy

import pytest
from nbgrader.utils import compute_checksum

from cmp784.handin import cells
from cmp784.handin.submission import parse
from tests.cmp784.handin_builders import cell, make_practical, save


def begins(notebook):
    """Return the first sentence of each problem."""
    return [problem.partition(". ")[0] for problem in cells.problems(notebook)]


def test_practical_as_given_and_as_solved_has_no_problem():
    """Answers may change; everything else is in its place."""
    assert cells.problems(make_practical({})) == cells.problems(make_practical()) == []


def test_checksum_is_the_one_of_nbgrader():
    """Every kind of cell: given code, answer, tests, words."""
    given = [one for one in make_practical().cells if cells.nbgrader(one)]

    assert len(given) == 6
    assert [cells.checksum(one) for one in given] == [compute_checksum(one) for one in given]


def test_missing_cell_is_named_by_the_list_of_the_release():
    """A deleted test cell, and an answer that was pasted into a new cell."""
    notebook = make_practical()
    notebook.cells.remove(cell(notebook, "A1"))
    cell(notebook, "A2-answer").metadata.clear()

    assert begins(notebook) == ["Cell 'A1' is missing", "Cell 'A2-answer' is missing"]


def test_missing_cell_without_a_list_is_not_guessed():
    """An older release says nothing of its cells."""
    notebook = make_practical(listed=False)
    notebook.cells.remove(cell(notebook, "A1"))

    assert cells.problems(notebook) == []


def test_doubled_cell_is_named_with_its_count():
    """A copied answer keeps the name, and the grader reads one of the two."""
    notebook = make_practical()
    notebook.cells.append(copy.deepcopy(cell(notebook, "A1-answer")))

    assert begins(notebook) == [
        "Cell 'A1-answer' is there 2 times, and the grader reads only one of them"
    ]


@pytest.mark.parametrize(
    ("name", "what"), [("A1", "tests"), ("given", "given code")], ids=["tests", "given code"]
)
def test_changed_locked_cell_is_named(name, what):
    """The grader puts the original back."""
    notebook = make_practical()
    cell(notebook, name).source += "\n# changed"

    assert begins(notebook) == [f"Cell '{name}' holds {what}, and you changed it"]


def test_answer_turned_into_text_is_named():
    """A code cell that became Markdown is never run."""
    notebook = make_practical()
    cell(notebook, "A1-answer")["cell_type"] = "markdown"

    assert begins(notebook) == ["Cell 'A1-answer' was a code cell and is a markdown cell now"]


def test_notebook_that_is_no_practical_is_told():
    """Answers in a notebook of the student's own carry no names."""
    notebook = make_practical(listed=False)
    for one in notebook.cells:
        one.metadata.clear()

    assert begins(notebook) == [
        "No cell carries the marks of a practical, so nothing here can be graded"
    ]


def test_strange_metadata_do_not_stop_the_check(tmp_path):
    """Whatever stands where nbgrader and the course write: no exception."""
    notebook = make_practical()
    notebook.metadata["course"] = {"practical": 7, "cells": [3, None, "A1"]}
    cell(notebook, "A1").metadata["nbgrader"]["points"] = "many"
    notebook.cells[0].metadata["nbgrader"] = ["?"]
    notebook = parse(save(notebook, tmp_path).read_bytes(), "it")

    assert begins(notebook) == ["Cell 'A1' holds tests, and you changed it"]
