"""Build sources and hand-ins in memory: no kernel, no gradebook, no files."""

import copy
import json

from autograder.intake import SourceCell, SourceNotebook, rebuild

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
HIDDEN = "\n### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS"

DOUBLE, HALF = "def double(x):\n    return 2 * x", "def half(x):\n    return x / 2"
ANSWERS = {
    "double": DOUBLE,
    "half": HALF,
    "limit": "limit = 5",
    "words": "Because it is twice as much.",
}


def make_cell(role, grade_id, text, kind="code", *, solution="", points=0.0, manual=False):
    """Build a cell of a source."""
    about = {"grade_id": grade_id, "solution": role == "answer", "grade": role == "test" or manual}
    cell = {
        "cell_type": kind,
        "id": grade_id or f"plain-{abs(hash(text)) % 10**6}",
        "metadata": {"nbgrader": about} if grade_id else {},
        "source": text,
    }
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    full = text + HIDDEN if role == "test" else text
    return SourceCell(role, grade_id, points, manual, cell, full, solution)


def given(text, grade_id="", kind="code"):
    """Build a given cell."""
    return make_cell("given", grade_id, text, kind)


def answer(grade_id, stub, solution, kind="code", manual=False):
    """Build a cell that students fill in."""
    return make_cell(
        "answer", grade_id, stub, kind, solution=solution, points=2.0 * manual, manual=manual
    )


def check(grade_id, text):
    """Build a test cell."""
    return make_cell("test", grade_id, text, points=1.0)


def make_source(*cells, name="ps1", language="python"):
    """Build a source; without cells, one with three questions to program and one in words."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": language}
    metadata = {"kernelspec": kernel, "language_info": {"name": language}}
    return SourceNotebook(name, cells or _usual(), metadata)


def _usual():
    return (
        given("# Numbers, and what can be done with them", kind="markdown"),
        given("import math\nimport random", "imports"),
        given("## Twice: write `double`.", kind="markdown"),
        answer("double", f"def double(x):\n    {STUB}".replace("\nr", "\n    r"), DOUBLE),
        check("double-test", "assert double(2) == 4\nassert double(-1) == -2"),
        given("## Half: write `half`.", kind="markdown"),
        answer("half", f"def half(x):\n    {STUB}".replace("\nr", "\n    r"), HALF),
        check("half-test", "assert half(2) == 1\nassert half(-1) == -0.5"),
        given("## A limit: set `limit` to five.", kind="markdown"),
        answer("limit", STUB, "limit = 5"),
        check("limit-test", "assert limit == 5, 'five it is'"),
        given("## In words: why is it called double?", kind="markdown"),
        answer("words", "YOUR ANSWER HERE", "Because.", "markdown", manual=True),
        given("print('the end of it')"),
    )


def hand_in(source, **answers):
    """Give the notebook that students get, as JSON; all is answered, but for what is given here."""
    answers = {**ANSWERS, **answers}
    cells = [copy.deepcopy(cell.cell) for cell in source.cells]
    for cell, known in zip(cells, source.cells, strict=True):
        text = answers.get(known.grade_id)
        if known.role == "answer" and text is not None:
            cell["source"] = text
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": dict(source.metadata), "cells": cells}


def code(text, **more):
    """Build a cell that a student has added."""
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": []} | more


def words(text, **more):
    """Build a text that a student has added."""
    return {"cell_type": "markdown", "metadata": {}, "source": text} | more


def place(notebook, grade_id):
    """Tell where a cell is."""
    return [_id(cell) for cell in notebook["cells"]].index(grade_id)


def cell_of(notebook, grade_id):
    """Give a cell of a hand-in."""
    return notebook["cells"][place(notebook, grade_id)]


def strip(notebook, *grade_ids):
    """Take all metadata from some cells, or from all of them."""
    for cell in notebook["cells"]:
        if not grade_ids or _id(cell) in grade_ids:
            cell["metadata"] = {}
            cell.pop("id", None)


def _id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def rebuilt(source, notebook):
    """Rebuild a hand-in that is JSON."""
    return rebuild(source, json.dumps(notebook).encode())


def answers_in(result):
    """Give the answers by id."""
    return {cell.grade_id: cell.cell["source"] for cell in result.cells if cell.role == "answer"}


def layout(result):
    """Give the cells in order: ids, or the text of those that have none."""
    return [cell.grade_id or cell.cell["source"] for cell in result.cells]


def own_cells(result):
    """Give the texts of the student's own cells."""
    return [cell.cell["source"] for cell in result.cells if cell.role == "extra"]


def matched(result):
    """Say how each answer was found."""
    return {cell.grade_id: cell.matched for cell in result.cells if cell.role == "answer"}
