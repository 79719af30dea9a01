"""Tests of autograder.hidden_tests: no line of a hidden test gets through, and words do."""

import base64
import json

import pytest
from nbformat import v4
from traitlets.config import Config

from autograder.hidden_tests import HERE, WITHHELD, HideTests, split
from cmp784.checks.outcomes import MIME, Outcome

LINE = '    assert double(x) == "7", f"told {x!r}"  # why <so>'
TEST = f"double(1)\n### BEGIN HIDDEN TESTS\nfor x in SECRET:\n{LINE}\nn = 1\n### END HIDDEN TESTS"
NOTE = HideTests().note


def stream(text, name="stdout"):
    """Build what a cell prints."""
    return v4.new_output("stream", name=name, text=text)


def shown(mime, content, **metadata):
    """Build what a cell displays."""
    return v4.new_output("display_data", data={mime: content}, metadata=metadata)


def raised(ename, evalue="", traceback=()):
    """Build an error."""
    return v4.new_output("error", ename=ename, evalue=evalue, traceback=list(traceback))


def check(title, status="passed", message=""):
    """Build what `checks.graded` displays."""
    outcome = Outcome(title, status, message)
    return shown(MIME, outcome.to_json())


def hide(outputs, *, test=TEST, own=False, config=None):
    """Clean a notebook of one test cell and one of the student's; ``own`` has the outputs."""
    about = {"schema_version": 3, "grade_id": "A1", "points": 1, "task": False}
    about |= {"grade": True, "solution": False, "locked": True}
    cells = [v4.new_code_cell(test, metadata={"nbgrader": about}), v4.new_code_cell("double")]
    cells[1 if own else 0].outputs = outputs
    notebook = v4.new_notebook(cells=cells, metadata={"widgets": {"state": LINE}, "x": LINE})
    return HideTests(config=config).preprocess(notebook, {})


SPANS = LINE.replace("<", "&lt;").replace(">", "&gt;").replace(" ", "<span> </span>")
LEAKS = {
    "printed": [stream(f"some\n{LINE}\nmore")],
    "printed in pieces": [stream(letter) for letter in LINE],
    "written to stderr": [stream(LINE, "stderr")],
    "as a string's repr": [shown("text/plain", repr([TEST, ""]))],
    "as JSON of a file": [stream(json.dumps({"source": [LINE]}))],
    "as JSON with escapes": [stream("".join(f"\\u{ord(letter):04x}" for letter in LINE))],
    "in colour": [shown("text/html", f"<pre>{SPANS}</pre>")],
    "in a comment of HTML": [shown("text/html", f"<!-- {LINE} -->")],
    "in an attribute": [shown("text/html", f"<b title='{LINE}'>x</b>")],
    "in a picture's text": [shown("image/svg+xml", f"<svg><text>{SPANS}</text></svg>")],
    "in a picture's description": [shown("image/png", "aaaa", alt=LINE)],
    "as data": [shown("application/json", {"a": [{"b": LINE}]})],
    "in a traceback": [
        raised("E", "x", ["\x1b[31m---> 4\x1b[0m " + LINE.replace("==", "\x1b[1m==")])
    ],
    "in an error's words": [raised("ValueError", LINE)],
    "re-indented": [stream(LINE.strip().replace(" ", "  "))],
}


@pytest.mark.parametrize("outputs", LEAKS.values(), ids=LEAKS.keys())
def test_output_that_repeats_a_hidden_line_becomes_a_note(outputs):
    """However a student's cell shows it, all of the cell's outputs go."""
    notebook, _ = hide(outputs, own=True)

    assert [output.data["text/plain"] for output in notebook.cells[1].outputs] == [NOTE]


@pytest.mark.parametrize("outputs", LEAKS.values(), ids=LEAKS.keys())
def test_test_cell_never_shows_its_hidden_lines(outputs):
    """What the test cell itself shows of them is no better."""
    notebook, _ = hide(outputs)

    assert "double(x)" not in json.dumps(notebook).replace("\\", "")
    assert "SECRET" not in json.dumps(notebook)


def test_visible_part_of_a_test_stays():
    """The student sees what was seen before, and that there was more."""
    notebook, _ = hide([])

    assert notebook.cells[0].source == f"double(1)\n{HERE}"


def test_metadata_goes_but_for_kernel_and_grading():
    """Widgets keep their state in the notebook's metadata, and that state may hold anything."""
    notebook, _ = hide([])

    assert dict(notebook.metadata) == {}


def test_harmless_output_stays():
    """A plot or a print of the student's own is feedback too."""
    outputs = [stream("epoch 1: 0.7"), shown("image/png", "aaaa"), shown("text/html", "<b>x</b>")]

    notebook, _ = hide(outputs, own=True)

    assert notebook.cells[1].outputs == outputs


def test_live_output_goes():
    """A script could fetch or build anything."""
    bundle = {"application/javascript": "go()", "text/plain": "<widget>"}

    notebook, _ = hide([v4.new_output("display_data", data=bundle)], own=True)

    assert notebook.cells[1].outputs[0].data == {"text/plain": "<widget>"}


def test_line_that_is_visible_elsewhere_is_no_secret():
    """An import that the practical itself shows may stand in a student's output."""
    test = "import torch, numpy\n### BEGIN HIDDEN TESTS\nimport torch, numpy\n### END HIDDEN TESTS"

    notebook, _ = hide([stream("import torch, numpy")], test=test, own=True)

    assert notebook.cells[1].outputs == [stream("import torch, numpy")]


def test_short_hidden_line_is_no_secret():
    """``n = 1`` says nothing, and may stand anywhere."""
    notebook, _ = hide([stream("n = 1")], own=True)

    assert notebook.cells[1].outputs == [stream("n = 1")]


OUTCOMES = {
    "all passed": ([check("A1: twice")], [Outcome("A1: twice", "passed")]),
    "a check failed": (
        [check("A1"), check("A1, large", "mistake", "2 is wrong."), raised("NotYet", "A1, large")],
        [Outcome("A1", "passed"), Outcome("A1, large", "mistake", "2 is wrong.")],
    ),
    "a plain assert with words": (
        [raised("AssertionError", "half(2) is 1", ["code"])],
        [Outcome("Check", "mistake", "half(2) is 1")],
    ),
    "a plain assert without words": (
        [raised("AssertionError")],
        [Outcome("Check", "mistake", "This check failed. It gives no reason.")],
    ),
    "another error": (
        [raised("NameError", "name 'double' is not defined", ["code"])],
        [Outcome("Check", "error", "NameError: name 'double' is not defined")],
    ),
    "an error after a check that passed": (
        [check("A1"), raised("KeyError", "3")],
        [Outcome("A1", "passed"), Outcome("Check", "error", "KeyError: 3")],
    ),
    "too slow": (
        [raised("CellTimeoutError", "", ["No reply"])],
        [Outcome("Check", "error", "This took too long and was stopped.")],
    ),
    "a warning": (
        [stream(f"a.py:3: UserWarning: hm\n{LINE}\n", "stderr")],
        [
            Outcome(
                "Check",
                "error",
                "Your code wrote a warning while this check ran, and that counts as failed:\n"
                "a.py:3: UserWarning: hm",
            )
        ],
    ),
    "words that quote the test": (
        [check("A1", "error", f"In line 3: {LINE}")],
        [Outcome("Check", "error", WITHHELD)],
    ),
    "a damaged outcome": ([shown(MIME, {"title": 3})], []),
}


@pytest.mark.parametrize(("outputs", "told"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_test_cell_tells_in_words_how_it_went(outputs, told):
    """Each check has its outcome; a traceback is put into words."""
    notebook, resources = hide(outputs)

    assert resources["checks"] == {"A1": told}
    assert [one.data["text/plain"] for one in notebook.cells[0].outputs] == [
        one.to_text() for one in told
    ]


def test_prints_during_a_hidden_test_are_left_out():
    """A student's function that prints its arguments would show the test's inputs."""
    notebook, _ = hide([stream("called with 17"), check("A1")])

    assert [sorted(output.data) for output in notebook.cells[0].outputs] == [
        ["text/html", "text/plain"]
    ]


def test_prints_during_a_visible_test_stay():
    """Nothing there is hidden."""
    notebook, _ = hide([stream("called with 1")], test="double(1)")

    assert notebook.cells[0].outputs == [stream("called with 1")]


def test_other_delimiters_of_nbgrader_are_followed():
    """The settings of ClearHiddenTests hold here too."""
    marks = {"begin_test_delimeter": "SECRET FROM", "end_test_delimeter": "SECRET TO"}
    test = "a\n# SECRET FROM\nassert double(-1) == -2\n# SECRET TO"

    notebook, _ = hide([stream("assert double(-1) == -2")], test=test, own=True,
                       config=Config({"ClearHiddenTests": marks}))  # fmt: skip

    assert notebook.cells[0].source == f"a\n{HERE}"
    assert notebook.cells[1].outputs[0].data["text/plain"] == NOTE


def test_region_without_an_end_is_hidden_to_the_end():
    """A slip of the instructor must not show the rest."""
    marks = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")

    assert split("a\n### BEGIN HIDDEN TESTS\nb\nc", marks) == (f"a\n{HERE}", ["b", "c"])


def test_code_in_a_base64_word_is_not_seen():
    """The known limit, which only a kernel without the tests can mend."""
    hidden = base64.b64encode(LINE.encode()).decode()

    notebook, _ = hide([stream(hidden)], own=True)

    assert notebook.cells[1].outputs == [stream(hidden)]
