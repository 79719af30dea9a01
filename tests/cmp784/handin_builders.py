"""A made-up practical of three questions, as nbgrader releases it and as students leave it."""

import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import compute_checksum

from cmp784 import checks

SETUP = "from cmp784 import checks, handin"
STUB = "def {name}(x):\n    raise NotImplementedError"
TEST = 'with checks.graded("{title}"):\n    checks.equal({name}(3), {expected}, name="{name}(3)")'
#: Answers that are right, by the name of their cell.
ANSWERS = {
    "A1-answer": "def double(x):\n    return 2 * x",
    "A2-answer": "def square(x):\n    return x * x",
    "B1": "Because it is so.",
}
PASSED = [("A1: double", "passed"), ("A2: square", "passed"), ("in words", "answered")]


def marked(cell, name, **marks):
    """Give a cell nbgrader's metadata, with the checksum that nbgrader computes."""
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = plain | marks | {"grade_id": name, "schema_version": 3}
    cell.metadata["nbgrader"] |= {"cell_type": cell.cell_type, "checksum": compute_checksum(cell)}
    return cell


def make_practical(answers=ANSWERS, *, listed=True):
    """Return the practical, with some of its answers filled in."""
    tests = {"A1": ("double", 6, 3), "A2": ("square", 9, 2.5)}
    cells = [new_markdown_cell("# A practical"), marked(new_code_cell(SETUP), "given", locked=True)]
    for name, (function, expected, points) in tests.items():
        answer = new_code_cell(STUB.format(name=function))
        cells.append(marked(answer, f"{name}-answer", solution=True))
        source = TEST.format(title=f"{name}: {function}", name=function, expected=expected)
        test = new_code_cell(source)
        cells.append(marked(test, name, grade=True, locked=True, points=points))
    words = marked(new_markdown_cell("Why?"), "B1", grade=True, solution=True, points=5)
    notebook = new_notebook(cells=[*cells, words])
    names = ["given", "A1-answer", "A1", "A2-answer", "A2", "B1"]
    if listed:
        notebook.metadata["course"] = {"practical": "practical1", "cells": names}
    for name, source in answers.items():
        cell(notebook, name).source = source
    return notebook


def cell(notebook, name):
    """Return the first cell of that name."""
    marks = (one for one in notebook.cells if one.metadata.get("nbgrader"))
    return next(one for one in marks if one.metadata["nbgrader"]["grade_id"] == name)


def add(notebook, place, source):
    """Put a code cell of the student's own at a place, and return the notebook."""
    notebook.cells.insert(place, new_code_cell(source))
    return notebook


def leave_outcome(notebook, name, title, status="passed"):
    """Store an outcome in a test cell, as an earlier run of the student left it."""
    plain = checks.Outcome(title, status).to_json()
    cell(notebook, name).outputs = [new_output("display_data", {checks.MIME: plain})]
    return notebook


def save(notebook, folder: Path, name="practical1.ipynb") -> Path:
    """Write a notebook into a folder, and return the path of the file."""
    path = folder / name
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def plain(notebook):
    """Return the notebook as Colab's browser tab hands it over."""
    return json.loads(nbformat.writes(notebook))
