"""One small assignment, and hand-ins that the two graders mark differently on purpose."""

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v3, v4

from tests.autograder.tiny_course import make_cell
from tests.stock.courses import Files, answered, grade_id, hand_in, make_course, released

ANSWER = """def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION"""
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x * x"
TEST = """assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(5) == 10 and double(0.5) == 1
### END HIDDEN TESTS"""
AGREES = """class Agrees(int):
    __eq__ = lambda self, other: True
    __hash__ = None


def double(x):
    return Agrees(7)"""
TRACES = """import sys

real = sys.excepthook
get_ipython().set_custom_exc((BaseException,), lambda *about, **more: None)


def double(x):
    return x * x"""
WARNS = """import warnings


def double(x):
    warnings.warn("x may be large")
    return 2 * x"""


def make_source() -> NotebookNode:
    """Build the assignment: one question with 3 points, one with 2, and one in words."""
    cells = [
        v4.new_markdown_cell("# Doubling", id="title"),
        make_cell(ANSWER, "answer", solution=True),
        make_cell(TEST, "test", grade=True, locked=True, points=3),
        make_cell("### BEGIN SOLUTION\nlimit = 5\n### END SOLUTION", "second", solution=True),
        make_cell("assert limit == 5", "second-test", grade=True, locked=True, points=2),
        make_cell("Why?", "words", kind="markdown", grade=True, solution=True, points=2),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def with_answer(source: str) -> Callable[[NotebookNode], Files]:
    """Make hand-ins that differ by the first answer alone."""
    return lambda given: {"ps1.ipynb": answered(given, {**GOOD, "answer": source})}


def skips(given: NotebookNode) -> Files:
    """Tell nbclient to leave the tests out."""
    notebook = answered(given, {**GOOD, "answer": WRONG})
    _cell(notebook, "test").metadata["tags"] = ["skip-execution"]
    return {"ps1.ipynb": notebook}


def deletes(given: NotebookNode) -> Files:
    """Lose a test cell."""
    notebook = answered(given, GOOD)
    notebook.cells.remove(_cell(notebook, "test"))
    return {"ps1.ipynb": notebook}


def copies(given: NotebookNode) -> Files:
    """Copy the answer's cell, metadata and all, and leave the copy at the end."""
    notebook = answered(given, GOOD)
    notebook.cells.append(copy.deepcopy(_cell(notebook, "test")))
    notebook.cells[-1].id = "copy"
    return {"ps1.ipynb": notebook}


def strips(given: NotebookNode) -> Files:
    """Lose all metadata of cells, as some editors do."""
    notebook = answered(given, GOOD)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return {"ps1.ipynb": notebook}


def moves(given: NotebookNode) -> Files:
    """Move the answer behind its test."""
    notebook = answered(given, GOOD)
    cell = _cell(notebook, "answer")
    notebook.cells.remove(cell)
    notebook.cells.append(cell)
    return {"ps1.ipynb": notebook}


def exits(given: NotebookNode) -> Files:
    """End the kernel in a cell of one's own, after the answers."""
    notebook = answered(given, GOOD)
    notebook.cells.append(v4.new_code_cell("import os\nos._exit(0)", id="end"))
    return {"ps1.ipynb": notebook}


def renames(given: NotebookNode) -> Files:
    """Hand in under another name."""
    return {"ps1 (1).ipynb": answered(given, GOOD)}


def marks_bytes(given: NotebookNode) -> Files:
    """Save with a byte-order mark, as some Windows editors do."""
    return {"ps1.ipynb": b"\xef\xbb\xbf" + nbformat.writes(answered(given, GOOD)).encode()}


def ages(given: NotebookNode) -> Files:
    """Save in the format of 2014."""
    return {"ps1.ipynb": v3.writes_json(nbformat.convert(answered(given, GOOD), 3)).encode()}


def empties(given: NotebookNode) -> Files:
    """Hand in an empty file."""
    return {"ps1.ipynb": b""}


def cuts(given: NotebookNode) -> Files:
    """Lose the end of the file."""
    text = nbformat.writes(answered(given, GOOD))
    return {"ps1.ipynb": text[: len(text) // 2].encode()}


def changes_kernel(given: NotebookNode) -> Files:
    """Hand in from a kernel that is not installed here."""
    notebook = answered(given, GOOD)
    notebook.metadata["kernelspec"] = {
        "name": "conda-env-ml",
        "display_name": "ml",
        "language": "python",
    }
    return {"ps1.ipynb": notebook}


def edits(given: NotebookNode) -> Files:
    """Edit a test."""
    notebook = answered(given, {**GOOD, "answer": WRONG})
    _cell(notebook, "test").source = "assert True"
    return {"ps1.ipynb": notebook}


def adds(given: NotebookNode) -> Files:
    """Add cells that use magics, and one that fails."""
    notebook = answered(given, GOOD)
    sources = ("!echo hello", "%timeit -n 1 -r 1 double(3)", "%%bash\ntrue", "1 / 0")
    notebook.cells[2:2] = [v4.new_code_cell(source) for source in sources]
    return {"ps1.ipynb": notebook}


GOOD = {"answer": RIGHT, "second": "limit = 5", "words": "Because."}
HAND_INS: dict[str, Callable[[NotebookNode], Files]] = {
    "right": with_answer(RIGHT),
    "wrong": with_answer(WRONG),
    "agrees": with_answer(AGREES),
    "traces": with_answer(TRACES),
    "warns": with_answer(WARNS),
    **{made.__name__: made for made in (skips, deletes, copies, strips, moves, exits, renames)},
    **{made.__name__: made for made in (marks_bytes, ages, empties, cuts, changes_kernel)},
    **{made.__name__: made for made in (edits, adds)},
}


def make_damaged(folder: Path, config: str = "") -> Path:
    """Make the course with all these hand-ins."""
    make_course(folder, {"ps1": {"ps1.ipynb": make_source()}}, config)
    given = released(folder, "ps1")["ps1.ipynb"]
    for student, make in HAND_INS.items():
        hand_in(folder, "ps1", student, make(copy.deepcopy(given)))
    return folder


def _cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if grade_id(cell) == name)
