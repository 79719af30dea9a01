"""The instructor's own code runs before tests; what is the student's stays away."""

import pytest

from autograder.examiner.setup import Setup
from autograder.examiner.shell import ExaminerShell, make_shell


@pytest.fixture
def run():
    """Return a function that runs cells and returns the names that tests then have."""
    names = {}
    shell = make_shell(names)
    before = set(names)

    def go(cells, tests="every + name + x + y + z"):
        begin = {
            "tests": [tests],
            "given": [source for role, source in cells if role == "given"],
            "answers": [source for role, source in cells if role == "answer"],
        }
        setup = Setup(shell, names, begin)
        with shell.listening():
            notes = [note for role, source in cells for note in setup.run(role, source)]
        return {k: v for k, v in names.items() if k not in before and k[0] != "_"}, notes

    yield go
    ExaminerShell.clear_instance()


def test_given_code_runs_that_needs_no_student(run):
    """Does a cell set its own names, and not those that it computes from an answer?"""
    names, notes = run([("given", "x = 1\ny = f(x)\nz = x + 1"), ("answer", "def f(x): pass")])

    assert (names, notes) == ({"x": 1, "z": 2}, ["'y = f(x)': it needs f"])


def test_answer_takes_names_over(run):
    """Is a name the student's once the reference solution sets or changes it?"""
    names, _ = run([("given", "x = 1\ny = []\nz = 3"), ("answer", "x = 2\ny.append(1)\nprint(z)")])

    assert names == {"z": 3}


def test_imports_of_the_solution_are_the_examiners(run):
    """Does the examiner import what the reference solution imports?"""
    names, _ = run([("answer", "import math as x\ny = 2")])

    assert {name: value.__name__ for name, value in names.items()} == {"x": "math"}


def test_what_no_test_needs_does_not_run(run):
    """Is time saved on given code for the student's own use?"""
    names, notes = run([("given", "unused = 1 / 0\nx = 1")], tests="x")

    assert (names, notes) == ({"x": 1}, [])


def test_magics_are_understood(run):
    """Do cells run that IPython alone understands, but no installations?"""
    names, notes = run(
        [("given", "%%time\nx = 1"), ("given", "!pip install nothing\n%pip list\ny=2")]
    )

    assert (names, notes) == ({"x": 1, "y": 2}, [])


def test_failed_statement_is_left_to_the_student(run):
    """Is an error in given code no end of the examination?"""
    names, notes = run([("given", "x = 1 / 0\ny = 2")])

    assert (names, notes) == ({"y": 2}, ["'x = 1 / 0': ZeroDivisionError: division by zero"])
