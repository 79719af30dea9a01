"""Damages that editors, platforms and people do to cells: the answers are found all the same."""

import copy
import random

import pytest

from tests.autograder.intake.builders import (
    ANSWERS,
    DOUBLE,
    HALF,
    STUB,
    answer,
    answers_in,
    cell_of,
    check,
    code,
    given,
    hand_in,
    layout,
    make_source,
    matched,
    own_cells,
    place,
    rebuilt,
    strip,
    words,
)

SOURCE = make_source()
#: A source in which both questions define the same name.
ALIKE = make_source(
    given("# Sums of small numbers", kind="markdown"),
    given("## One plus one", kind="markdown"),
    answer("a", STUB, "result = 2"),
    check("a-test", "assert result == 2"),
    given("## Two plus two", kind="markdown"),
    answer("b", STUB, "result = 4"),
    check("b-test", "assert result == 4"),
)


def test_all_metadata_is_gone():
    """Names tell whose answer it is; where there are none, the neighbours do."""
    notebook = hand_in(SOURCE)
    strip(notebook)

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result) == ANSWERS
    assert own_cells(result) == []
    assert matched(result) == {
        "double": "content",
        "half": "content",
        "limit": "content",
        "words": "position",
    }
    assert result.problem == ""


@pytest.mark.parametrize("name", ANSWERS)
def test_metadata_of_one_answer_is_gone(name):
    """Whichever it is."""
    notebook = hand_in(SOURCE)
    strip(notebook, name)

    result = rebuilt(SOURCE, notebook)

    assert (answers_in(result), own_cells(result), result.problem) == (ANSWERS, [], "")


def test_metadata_is_gone_and_questions_look_alike():
    """The same name in two answers: headings and tests around them decide."""
    notebook = hand_in(ALIKE, a="result = 2", b="result = 1 + 3")
    strip(notebook)

    result = rebuilt(ALIKE, notebook)

    assert answers_in(result) == {"a": "result = 2", "b": "result = 1 + 3"}
    assert set(matched(result).values()) == {"position"}
    assert result.problem == ""


def test_nothing_tells_which_answer_is_which():
    """One answer of two, which look alike, and what stood between is gone: a person has to look."""
    notebook = hand_in(ALIKE, a="result = 2")
    title, heading, answered, *_, last = notebook["cells"]
    notebook["cells"] = [title, heading, answered, last]
    strip(notebook)

    result = rebuilt(ALIKE, notebook)

    assert "it is unclear which cells answer 'a', 'b'" in result.problem


@pytest.mark.parametrize("seed", range(5))
def test_cells_are_shuffled(seed):
    """The source's order is the order, whatever the hand-in's is."""
    notebook = hand_in(SOURCE)
    random.Random(seed).shuffle(notebook["cells"])

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result) == ANSWERS
    assert [one.source_index for one in result.cells] == [*range(len(SOURCE.cells))]
    assert result.notes == ("cells stood in another order",)


def test_helper_goes_along_with_the_answer_that_was_moved():
    """An answer at the end, with the helper that it needs above it."""
    notebook = hand_in(SOURCE)
    cells = notebook["cells"]
    moved = cells.pop(place(notebook, "double"))
    moved["source"] = "def double(x):\n    return times(2, x)"
    cells += [code("def times(a, b):\n    return a * b"), moved]

    names = layout(rebuilt(SOURCE, notebook))

    assert names[3:6] == ["def times(a, b):\n    return a * b", "double", "double-test"]


def test_test_cells_are_copied():
    """A copied cell counts once, and says so."""
    notebook = hand_in(SOURCE)
    notebook["cells"].append(copy.deepcopy(cell_of(notebook, "half-test")))

    result = rebuilt(SOURCE, notebook)

    assert layout(result).count("half-test") == 1
    assert result.notes == ("'half-test': there more than once",)


@pytest.mark.parametrize("first", [True, False], ids=["stub first", "stub last"])
def test_answer_is_copied_and_one_copy_is_empty(first):
    """The copy with an answer in it is the answer, wherever it stands."""
    notebook = hand_in(SOURCE)
    stub = copy.deepcopy(SOURCE.cells[3].cell)
    notebook["cells"].insert(place(notebook, "double") + (not first), stub)

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"] == DOUBLE
    assert own_cells(result) == []


def test_answer_is_copied_and_both_are_filled_in():
    """The last one counts, as when the notebook runs; the first runs before it."""
    notebook = hand_in(SOURCE)
    twin = copy.deepcopy(cell_of(notebook, "double"))
    twin["source"] = "def double(x):\n    return x + x"
    notebook["cells"].insert(place(notebook, "double") + 1, twin)

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"] == "def double(x):\n    return x + x"
    assert own_cells(result) == [DOUBLE]
    assert result.problem == ""
    assert "'double' is there 2 times; the last one counts" in result.notes


def test_answer_is_copied_twice_and_the_first_text_comes_back_last():
    """The last one counts, whether or not it says what the first one says."""
    notebook = hand_in(SOURCE)
    other, again = (copy.deepcopy(cell_of(notebook, "double")) for _ in range(2))
    other["source"] = "def double(x):\n    return x ** 2"
    start = place(notebook, "double")
    notebook["cells"][start + 1 : start + 1] = [other, again]

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"] == DOUBLE
    assert own_cells(result) == ["def double(x):\n    return x ** 2"]


def test_one_answer_alone_is_recognised():
    """A student hands in a notebook of his own with nothing but a function in it."""
    result = rebuilt(SOURCE, {"cells": [code(DOUBLE)]})

    assert answers_in(result)["double"] == DOUBLE
    assert result.problem == ""


def test_answer_is_copied_and_the_last_copy_is_no_code():
    """What does not compile is not what the student means."""
    notebook = hand_in(SOURCE)
    twin = copy.deepcopy(cell_of(notebook, "double"))
    twin["source"] = "def double(x:\n    retur"
    notebook["cells"].append(twin)

    assert answers_in(rebuilt(SOURCE, notebook))["double"] == DOUBLE


def test_answer_is_copied_and_an_earlier_copy_was_run_last():
    """Nobody can tell which one counts, so a person has to."""
    notebook = hand_in(SOURCE)
    twin = copy.deepcopy(cell_of(notebook, "double"))
    twin["source"] = "def double(x):\n    return x ** 2"
    cell_of(notebook, "double")["execution_count"], twin["execution_count"] = 9, 3
    notebook["cells"].insert(place(notebook, "double") + 1, twin)

    assert "'double' is there 2 times, with different answers" in rebuilt(SOURCE, notebook).problem


def test_answer_is_copied_for_another_question():
    """Its id says the first question, what it defines says the second."""
    notebook = hand_in(SOURCE)
    twin = copy.deepcopy(cell_of(notebook, "double"))
    twin["source"] = HALF
    notebook["cells"][place(notebook, "half")] = twin

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result) == ANSWERS
    assert matched(result)["half"] == "content"


def test_whole_notebook_is_there_twice():
    """It was pasted into itself."""
    notebook = hand_in(SOURCE)
    notebook["cells"] += copy.deepcopy(notebook["cells"])

    result = rebuilt(SOURCE, notebook)

    assert (answers_in(result), own_cells(result), result.problem) == (ANSWERS, [], "")


def test_answer_is_split_between_functions():
    """The lower half stays right below, and runs before the test."""
    notebook = hand_in(SOURCE, double="def times(a, b):\n    return a * b")
    lower = "def double(x):\n    return times(2, x)"
    notebook["cells"].insert(place(notebook, "double") + 1, code(lower))

    result = rebuilt(SOURCE, notebook)

    assert layout(result)[3:6] == ["double", lower, "double-test"]


def test_answer_is_split_in_the_middle_of_a_function():
    """Neither half compiles alone, so they are joined."""
    notebook = hand_in(SOURCE, double="def double(x):\n    y = x")
    notebook["cells"].insert(place(notebook, "double") + 1, code("    return x + y"))

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"] == "def double(x):\n    y = x\n    return x + y"
    assert own_cells(result) == []


def test_answer_is_split_and_both_halves_have_its_id():
    """JupyterLab copies the metadata when it splits a cell."""
    notebook = hand_in(SOURCE, double="def times(a, b):\n    return a * b")
    lower = copy.deepcopy(cell_of(notebook, "double"))
    lower["source"] = "def double(x):\n    return times(2, x)"
    notebook["cells"].insert(place(notebook, "double") + 1, lower)

    result = rebuilt(SOURCE, notebook)

    joined = "def times(a, b):\n    return a * b\ndef double(x):\n    return times(2, x)"
    assert answers_in(result)["double"] == joined
    assert result.problem == ""


def test_answer_looks_like_its_test_which_is_gone():
    """A short answer is no changed version of a test."""
    notebook = hand_in(SOURCE)
    del notebook["cells"][place(notebook, "limit-test")]
    strip(notebook)

    assert answers_in(rebuilt(SOURCE, notebook)) == ANSWERS


def test_answer_in_words_repeats_the_question_which_is_gone():
    """It is no changed version of the question."""
    question = "## In words: why is it called double?"
    notebook = hand_in(SOURCE, words=f"{question} Because it is called double.")
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["source"] != question]
    strip(notebook)

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["words"] == f"{question} Because it is called double."


def test_changed_test_without_an_id_is_replaced():
    """Most of its lines are there."""
    notebook = hand_in(SOURCE)
    cell_of(notebook, "double-test")["source"] = "assert double(2) == 4\nassert True"
    strip(notebook)

    result = rebuilt(SOURCE, notebook)

    assert own_cells(result) == []
    assert result.notes[-1] == "'double-test': changed, and replaced"


def test_two_answers_are_merged():
    """The second one gets the lines that define what is its own; the first keeps them all."""
    notebook = hand_in(SOURCE, double=f"{DOUBLE}\n\n# the second\n{HALF}")
    del notebook["cells"][place(notebook, "half")]

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"] == f"{DOUBLE}\n\n# the second\n{HALF}"
    assert answers_in(result)["half"] == f"# the second\n{HALF}"


def test_two_answers_are_in_one_cell_and_the_other_is_empty():
    """The stub of the other one would otherwise undo the answer."""
    notebook = hand_in(SOURCE, double=f"{DOUBLE}\n{HALF}", half=None)

    assert answers_in(rebuilt(SOURCE, notebook))["half"] == HALF


def test_variables_of_a_solution_do_not_take_lines_from_an_answer():
    """The reference happens to call something as the student does, who has not begun that one."""
    source = make_source(
        given("# Two questions", kind="markdown"),
        answer("a", f"# a\n{STUB}", "first = 1"),
        check("a-test", "assert first == 1"),
        answer("b", f"# b\n{STUB}", "helper = 2\nsecond = helper"),
        check("b-test", "assert second == 2"),
    )
    notebook = hand_in(source, a="helper = 1\nfirst = helper")

    result = rebuilt(source, notebook)

    assert answers_in(result) == {"a": "helper = 1\nfirst = helper", "b": f"# b\n{STUB}"}


def test_answer_that_stood_further_up_runs_there_as_well_where_it_is_needed():
    """The first answer uses the second one, which the student wrote above it."""
    notebook = hand_in(SOURCE, double="twice = half(4)\ndef double(x):\n    return 2 * x")
    moved = notebook["cells"].pop(place(notebook, "half"))
    notebook["cells"].insert(2, moved)

    result = rebuilt(SOURCE, notebook)

    assert layout(result)[2:5] == [HALF, "## Twice: write `double`.", "double"]
    assert answers_in(result)["half"] == HALF


def test_answer_redefines_what_another_one_answers():
    """Where the other question has an answer of its own, nothing is cut."""
    notebook = hand_in(SOURCE, double=f"{DOUBLE}\nhalf = None")

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"] == f"{DOUBLE}\nhalf = None"
    assert answers_in(result)["half"] == HALF


@pytest.mark.parametrize("survivor", ["double", "double-test"])
def test_answer_is_merged_with_its_test(survivor):
    """Whichever id is left; the test is the instructor's own again."""
    notebook = hand_in(SOURCE)
    test = cell_of(notebook, "double-test")
    merged = f"{DOUBLE}\n\n{test['source']}"
    (gone,) = {"double", "double-test"} - {survivor}
    cell_of(notebook, survivor)["source"] = merged
    del notebook["cells"][place(notebook, gone)]

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"].strip() == DOUBLE
    assert own_cells(result) == []


def test_everything_is_merged_into_one_cell():
    """All code is there, in one cell; the words are gone."""
    notebook = hand_in(SOURCE)
    sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    notebook["cells"] = [code("\n\n".join(sources))]

    result = rebuilt(SOURCE, notebook)

    found = answers_in(result)
    assert {name: found[name].strip() for name in ("double", "half", "limit")} == {
        name: ANSWERS[name] for name in ("double", "half", "limit")
    }


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```", "```\n{}\n```"])
def test_answer_is_turned_into_text(kind, fence):
    """It is code again, out of any fence."""
    notebook = hand_in(SOURCE)
    cell = cell_of(notebook, "double")
    cell["cell_type"], cell["source"] = kind, fence.format(DOUBLE)

    result = rebuilt(SOURCE, notebook)

    assert [one.cell["cell_type"] for one in result.cells if one.grade_id == "double"] == ["code"]
    assert answers_in(result)["double"] == DOUBLE


def test_answer_in_words_is_turned_into_code():
    """It is text again."""
    notebook = hand_in(SOURCE)
    cell_of(notebook, "words")["cell_type"] = "code"

    result = rebuilt(SOURCE, notebook)

    assert [one.cell["cell_type"] for one in result.cells if one.grade_id == "words"] == [
        "markdown"
    ]
    assert answers_in(result) == ANSWERS


def test_answer_is_written_into_the_test_cell():
    """It is taken out of there; the assertions are the instructor's."""
    notebook = hand_in(SOURCE, double=None)
    test = cell_of(notebook, "double-test")
    test["source"] = f"{DOUBLE}\n{test['source']}\nassert True"

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result)["double"].startswith(DOUBLE)
    assert "assert double(2) == 4" not in answers_in(result)["double"]
    assert matched(result)["double"] == "content"


@pytest.mark.parametrize("name", ["double", "words"])
def test_answer_is_written_below_the_empty_cell(name):
    """In a cell of its own, while the one to fill in is as it was released."""
    notebook = hand_in(SOURCE, **{name: None})
    make = words if name == "words" else code
    notebook["cells"].insert(place(notebook, name) + 1, make(ANSWERS[name]))

    assert answers_in(rebuilt(SOURCE, notebook)) == ANSWERS


def test_answer_is_written_below_its_test():
    """It is found by what it defines."""
    notebook = hand_in(SOURCE, double=None)
    notebook["cells"].insert(place(notebook, "double-test") + 1, code(DOUBLE))

    assert answers_in(rebuilt(SOURCE, notebook)) == ANSWERS


def test_words_are_written_into_the_question_above():
    """What was added to a locked text is kept below it."""
    source = make_source(
        given("Explain in a sentence why.", "why", kind="markdown"),
        answer("words", "YOUR ANSWER HERE", "Because.", "markdown", manual=True),
    )
    notebook = hand_in(source, words=None)
    cell_of(notebook, "why")["source"] += "\n\nBecause of this."

    assert own_cells(rebuilt(source, notebook)) == ["Because of this."]


@pytest.mark.parametrize("change", ["{}-copy1", "old/{}", "{}_1"])
def test_ids_are_renamed(change):
    """A tool or another release has put something before or behind them."""
    notebook = hand_in(SOURCE)
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about:
            about["grade_id"] = change.format(about["grade_id"])

    result = rebuilt(SOURCE, notebook)

    assert (answers_in(result), own_cells(result), result.problem) == (ANSWERS, [], "")


def test_older_release_lacks_a_question_and_has_other_tests():
    """What it answers is graded by today's tests."""
    notebook = hand_in(SOURCE)
    start = place(notebook, "half") - 1
    del notebook["cells"][start : start + 3]
    cell_of(notebook, "double-test")["source"] = "assert double(1) == 2"
    cell_of(notebook, "imports")["source"] = "import math"

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result) == {**ANSWERS, "half": SOURCE.cells[6].text}
    assert result.problem == ""


def test_older_release_has_the_ids_in_another_order():
    """An id of today names another question than in the release that was filled in."""
    notebook = hand_in(SOURCE)
    for old, new in (("double", "x"), ("half", "double"), ("x", "half")):
        cell_of(notebook, old)["metadata"]["nbgrader"]["grade_id"] = new

    result = rebuilt(SOURCE, notebook)

    assert answers_in(result) == ANSWERS


def test_colab_has_saved_it():
    """Minor 0, metadata of its own, no cell ids, and a badge on top that nobody wrote."""
    notebook = hand_in(SOURCE)
    notebook["nbformat_minor"] = 0
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id")
        cell["metadata"] |= {"id": f"x{number}", "colab": {"base_uri": "https://localhost:8080/"}}
    badge = words("<a>Open In Colab</a>", metadata={"id": "view-in-github", "colab_type": "text"})
    notebook["cells"].insert(0, badge)

    result = rebuilt(SOURCE, notebook)

    assert (answers_in(result), own_cells(result), result.notes) == (ANSWERS, [], ())


def test_manual_answer_that_is_nowhere_is_not_lost_in_silence():
    """A text of the student's is left, and no cell is the answer: a person reads it."""
    notebook = hand_in(SOURCE)
    strip(notebook)
    notebook["cells"].reverse()

    result = rebuilt(SOURCE, notebook)

    assert "no cell could be recognised as 'words'" in result.problem
    assert own_cells(result) == [ANSWERS["words"]]


@pytest.mark.parametrize("same_ids", [False, True], ids=["other ids", "the same ids"])
def test_notebook_of_another_assignment_needs_a_person(same_ids):
    """Ids alone do not make it a notebook of this assignment."""
    other = make_source(
        given("# History of Rome", kind="markdown"),
        given("from rome import emperors", "imports" if same_ids else "load"),
        answer("double" if same_ids else "q1", STUB, "first = 'Augustus'"),
        check("double-test" if same_ids else "q1-test", "assert first == emperors[0]"),
        answer("half" if same_ids else "q2", STUB, "last = 'Romulus'"),
        check("half-test" if same_ids else "q2-test", "assert last == emperors[-1]"),
    )
    notebook = hand_in(other, double="first = 'Augustus'", half="last = 'Romulus'")

    result = rebuilt(SOURCE, notebook)

    assert result.cells == ()
    assert "seems to be of another assignment" in result.problem


def test_questions_in_another_language_are_recognised_by_their_names():
    """R assigns with an arrow."""
    source = make_source(
        given("# Sums", kind="markdown"),
        answer("total", "# YOUR CODE HERE\nfail()", "total <- function(x) sum(x)"),
        check("total-test", "stopifnot(total(1:3) == 6)"),
        language="r",
    )
    notebook = hand_in(source, total="total <- function(x) {\n  sum(x)\n}")
    strip(notebook)

    result = rebuilt(source, notebook)

    assert answers_in(result) == {"total": "total <- function(x) {\n  sum(x)\n}"}
