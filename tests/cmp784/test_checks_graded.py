"""A graded check fails its cell in words, and quotes no line of it."""

import sys
import warnings

import nbclient
import nbformat
import pytest

from cmp784 import checks
from cmp784.checks import NotYet, OutcomeError

STUDENT = """
import sys, warnings
from cmp784 import checks

def stub(x):
    raise NotImplementedError()

def typo(x):
    return torhc.exp(x)

def calls_back(f):
    return f(1) + 1

def leaves(x):
    sys.exit()

def noisy(x):
    warnings.warn("loud")
    print("trouble", file=sys.stderr)
    return x

def asserts(x):
    assert x > 100
"""

#: Every line of these cells holds the word `hidden`.
CELLS = {
    "right": 'with checks.graded("Right"):  # hidden\n    checks.close(noisy(1.0), 1.0)  # hidden',
    "wrong": 'with checks.graded("Wrong"):  # hidden\n    checks.close(2.0, 1.0)  # hidden',
    "stub": 'with checks.graded("Stub"):  # hidden\n    stub(1)  # hidden',
    "typo": 'with checks.graded("Typo"):  # hidden\n    typo(1)  # hidden',
    "lambda": 'with checks.graded("Lambda"):  # hidden\n'
    "    calls_back(lambda hidden: hidden[0])  # hidden",
    "own": 'with checks.graded("Own"):  # hidden\n    raise ValueError("words")  # hidden',
    "bare": 'with checks.graded("Bare"):  # hidden\n    assert 1 == 2  # hidden',
    "asserts": 'with checks.graded("Asserts"):  # hidden\n    asserts(1)  # hidden',
    "missing": 'with checks.graded("Missing"):  # hidden\n    not_there(1)  # hidden',
    "names": 'with checks.graded("Names"):  # hidden\n    kept, stub = 1, 2  # hidden',
    "exit": 'with checks.graded("Exit"):  # hidden\n    leaves(1)  # hidden',
    "last": '"still here" if "kept" not in dir() and stub.__name__ == "stub" else "hidden"',
}


@pytest.fixture(scope="module")
def executed():
    """Return the cells of a notebook that a real kernel has executed, by name."""
    sources = {"student": STUDENT, **CELLS}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources.values()],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    with warnings.catch_warnings():  # what the Jupyter packages say to each other
        warnings.simplefilter("default")
        nbclient.NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    return dict(zip(sources, notebook.cells, strict=True)), checks.read(notebook)


def errors(cell):
    """Return the errors among the outputs of a cell."""
    return [output for output in cell.outputs if output.output_type == "error"]


@pytest.mark.filterwarnings("default")
def test_every_cell_shows_its_outcome_and_the_notebook_goes_on(executed):
    """Each check stores how it went, and its variables replace none of the student's."""
    cells, outcomes = executed

    assert [(outcome.title, outcome.status) for outcome in outcomes] == [
        ("Right", "passed"),
        ("Wrong", "mistake"),
        ("Stub", "unanswered"),
        ("Typo", "error"),
        ("Lambda", "error"),
        ("Own", "error"),
        ("Bare", "mistake"),
        ("Asserts", "mistake"),
        ("Missing", "error"),
        ("Names", "passed"),
        ("Exit", "error"),
    ]
    assert cells["last"].outputs[0].data["text/plain"] == "'still here'"


@pytest.mark.filterwarnings("default")
def test_failed_cell_ends_with_one_line_of_words(executed):
    """No traceback: the error that nbgrader looks for holds the title and the first words."""
    cells, _ = executed

    assert errors(cells["right"]) == []
    (wrong,) = errors(cells["wrong"])
    assert wrong.ename == "NotYet"
    assert wrong.evalue.splitlines()[:2] == [
        "Wrong: not yet",
        "your result: the value is wrong.",
    ]
    assert wrong.traceback == ["Wrong: not yet. your result: the value is wrong."]
    (stub,) = errors(cells["stub"])
    assert stub.traceback == ["Stub: not answered yet"]


@pytest.mark.filterwarnings("default")
def test_no_line_of_the_cell_is_in_its_outputs(executed):
    """The student's own lines may be quoted, the test's never, not even of a lambda in it."""
    cells, _ = executed

    assert [name for name in CELLS if "hidden" in str(cells[name].outputs)] == []
    assert "return f(1) + 1" in errors(cells["lambda"])[0].evalue
    assert "return torhc.exp(x)" in errors(cells["typo"])[0].evalue
    assert "This does not hold: assert x > 100" in errors(cells["asserts"])[0].evalue
    assert "An assert failed." in errors(cells["bare"])[0].evalue
    assert "Run the cell above first." in errors(cells["missing"])[0].evalue


@pytest.mark.filterwarnings("default")
def test_nothing_that_nbgrader_takes_points_for_is_left(executed):
    """Neither a stream of errors, though the student's code wrote to it, nor a last value."""
    cells, _ = executed
    outputs = [output for name in CELLS for output in cells[name].outputs if name != "last"]

    assert {output.output_type for output in outputs} == {"display_data", "error"}


def test_check_that_passes_is_quiet(capsys):
    """Outside of a notebook the line is printed, and what was swallowed stays so."""
    with checks.graded("A1: a sum"):
        warnings.warn("loud", stacklevel=1)
        print("trouble", file=sys.stderr)

    assert capsys.readouterr() == ("✓ A1: a sum\n", "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SystemExit(), "asked Python to stop"),
        (KeyboardInterrupt(), "Does every loop come to an end"),
        (checks.Mistake("sum: wrong."), "sum: wrong"),
        (ZeroDivisionError("division by zero"), "divided by zero"),
        (NotImplementedError(), "not answered yet"),
    ],
    ids=["exit", "interrupt", "mistake", "error", "stub"],
)
def test_whatever_happens_ends_in_words(error, words, capsys):
    """Every way out of the check is the one error."""
    with pytest.raises(NotYet, match=words), checks.graded("A1: a sum"):
        raise error


def test_check_without_title_is_refused():
    """A box without a title would help nobody."""
    with pytest.raises(OutcomeError, match="needs a title"):
        checks.graded(" ")


def test_traceback_is_rendered_without_arguments():
    """IPython 7.34, which Colab has, and IPython 9 both call it so."""
    outcome = checks.Outcome("A1: a sum", "mistake", "sum: wrong.\nYours is 1.")

    assert NotYet(outcome)._render_traceback_() == ["A1: a sum: not yet. sum: wrong."]


def test_given_code_says_what_it_waits_for(capsys):
    """A picture of an answer that is missing or broken does not stop the notebook."""
    with checks.when_answered("A1 and A2"):
        raise NotImplementedError
    with checks.when_answered("A3"):
        raise ValueError("odd")

    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == "This cell waits for A1 and A2."
    assert second == "This cell waits for A3. So far:"
    assert rest[0] == "ValueError: odd"
