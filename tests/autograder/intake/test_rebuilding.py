"""Hand-ins that come as they should, and what none of them can change."""

import copy
import json
import pickle
import time

import pytest

from autograder.intake import rebuild
from tests.autograder.intake.builders import (
    ANSWERS,
    answers_in,
    cell_of,
    code,
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


def test_ordinary_hand_in_gives_its_answers_and_nothing_to_tell():
    """The cells are the source's, with the answers in them."""
    result = rebuilt(SOURCE, hand_in(SOURCE))

    assert (result.problem, result.notes) == ("", ())
    assert answers_in(result) == ANSWERS
    assert set(matched(result).values()) == {"id"}
    assert [cell.source_index for cell in result.cells] == [*range(len(SOURCE.cells))]
    others = [one for one in result.cells if one.role != "answer"]
    assert [one.cell for one in others] == [c.cell for c in SOURCE.cells if c.role != "answer"]
    assert {one.matched for one in others} == {"source"}
    assert all(one.confidence == 1.0 for one in result.cells)


def test_untouched_hand_in_holds_the_stubs_to_the_letter():
    """To nbgrader, any other text is an answer, and a person has to read it."""
    notebook = hand_in(SOURCE, double=None, half=None, limit=None, words=None)
    cell_of(notebook, "words")["source"] += " \n\n"

    result = rebuilt(SOURCE, notebook)

    assert [one.cell for one in result.cells] == [cell.cell for cell in SOURCE.cells]


def test_released_source_alone_is_in_the_notebook():
    """Hidden lines are nowhere, whatever the hand-in is."""
    notebook = hand_in(SOURCE)
    del notebook["cells"][place(notebook, "half-test")]

    result = rebuilt(SOURCE, notebook)

    assert "secret" not in json.dumps([one.cell for one in result.cells])


def test_metadata_and_outputs_of_the_hand_in_are_gone():
    """Tags, kernel, points and outputs decide nothing."""
    notebook = hand_in(SOURCE)
    notebook["metadata"] = {"kernelspec": {"name": "evil"}, "x": 1}
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "100"}]
    notebook["cells"].append(code("1", metadata={"tags": ["skip-execution"]}))

    result = rebuilt(SOURCE, notebook)

    assert result.metadata == SOURCE.metadata
    assert [one.cell["metadata"].get("tags") for one in result.cells] == [None] * 15
    assert [one.cell["outputs"] for one in result.cells if "outputs" in one.cell] == [[]] * 9


def test_source_is_not_changed_by_what_is_done_with_a_result():
    """Results share nothing with the source, and can be sent to another process."""
    before = copy.deepcopy(SOURCE)
    result = rebuilt(SOURCE, hand_in(SOURCE))
    result.metadata["kernelspec"]["name"] = "x"
    for one in result.cells:
        one.cell["metadata"]["x"] = one.cell["source"] = "x"

    assert before == SOURCE
    assert pickle.loads(pickle.dumps(result)) == result


def test_own_cells_stay_where_they_were():
    """They are the student's, in place, with ids of their own."""
    notebook = hand_in(SOURCE)
    cells = notebook["cells"]
    cells.insert(0, code("!pip install x"))
    cells.insert(place(notebook, "double"), words("my notes"))
    cells.insert(place(notebook, "double-test"), code("double(1)"))
    cells.append(code("%%bash\nls"))

    result = rebuilt(SOURCE, notebook)

    names = layout(result)
    assert names[0] == "!pip install x"
    assert names[4:8] == ["my notes", "double", "double(1)", "double-test"]
    assert names[-1] == "%%bash\nls"
    ids = [one.cell["id"] for one in result.cells]
    assert len(ids) == len(set(ids))
    assert {one.role for one in result.cells if one.source_index is None} == {"extra"}


def test_changed_test_cell_is_replaced_and_its_code_is_not_run():
    """Neither an edited assertion nor a line of one's own in a test counts or runs."""
    notebook = hand_in(SOURCE)
    cell_of(notebook, "double-test")["source"] = "assert True"
    cell_of(notebook, "half-test")["source"] += "\nprint('my own')"
    cell_of(notebook, "imports")["source"] = "import os\nmath = os"

    result = rebuilt(SOURCE, notebook)

    assert own_cells(result) == []
    assert result.notes == (
        "'imports', 'double-test', 'half-test': changed, and replaced",
        "code that was put into test or given cells was not run",
    )


def test_changed_cell_that_nothing_locks_runs_after_the_original():
    """As with stock nbgrader, a name to fill in is the student's to fill in."""
    notebook = hand_in(SOURCE)
    notebook["cells"][-1]["source"] = "print('the end of it, says Ada')"

    result = rebuilt(SOURCE, notebook)

    assert layout(result)[-2:] == ["print('the end of it')", "print('the end of it, says Ada')"]
    assert [one.role for one in result.cells][-2:] == ["given", "extra"]


def test_missing_answer_is_empty_and_told():
    """Its question gets the stub; the others are as they were."""
    notebook = hand_in(SOURCE)
    del notebook["cells"][place(notebook, "half")]

    result = rebuilt(SOURCE, notebook)

    assert matched(result)["half"] == "missing"
    assert answers_in(result)["half"] == SOURCE.cells[6].text
    assert result.notes == ("'half': not there, so it is empty",)
    assert result.problem == ""


def test_attachment_of_an_answer_in_words_is_kept():
    """A picture that a student pasted is there for the person who grades."""
    notebook = hand_in(SOURCE, words="![x](attachment:x.png)")
    cell_of(notebook, "words")["attachments"] = {"x.png": {"image/png": "AAAA"}, "bad": 3}

    result = rebuilt(SOURCE, notebook)

    assert [one.cell.get("attachments") for one in result.cells if one.grade_id == "words"] == [
        {"x.png": {"image/png": "AAAA"}}
    ]


def test_confidence_is_less_where_an_answer_does_not_look_like_one():
    """The id says so, but nothing in the cell does."""
    result = rebuilt(SOURCE, hand_in(SOURCE, half="print('what?')"))

    sure = {one.grade_id: one.confidence for one in result.cells if one.role == "answer"}
    assert sure == {"double": 1.0, "half": 0.8, "limit": 1.0, "words": 1.0}


@pytest.mark.parametrize("stripped", [False, True], ids=["with ids", "without ids"])
def test_forty_cells_take_ten_milliseconds(stripped):
    """Without ids it may take a hundred."""
    source = make_source(*[cell for _ in range(3) for cell in SOURCE.cells])
    notebook = hand_in(SOURCE)
    notebook["cells"] += [code(f"own_{number} = {number}") for number in range(26)]
    if stripped:
        strip(notebook)
    content = json.dumps(notebook).encode()
    rebuild(source, content)

    took = []
    for _ in range(5):
        start = time.perf_counter()
        rebuild(SOURCE, content)
        took.append(time.perf_counter() - start)

    assert min(took) < (0.1 if stripped else 0.01)
