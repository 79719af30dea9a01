"""A practical small enough to be graded at once: two questions, one of them with a hidden test."""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tests.practicals.handins import Mutant

DOUBLE = '''\
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''
DOUBLE_TEST = """\
with checks.graded("A1: double"):
    checks.close(double(2.0), 4.0)
    ### BEGIN HIDDEN TESTS
    checks.close(double(-3.0), -6.0)
    ### END HIDDEN TESTS
"""
SQUARE = DOUBLE.replace("double", "square").replace("2 * x", "x * x").replace("twice", "square of")
SQUARE_TEST = """\
with checks.graded("B1: square"):
    checks.close(square(3.0), 9.0)
"""


def make_practical(**replaced: str) -> NotebookNode:
    """Return a source notebook; a cell's source can be replaced by its id, ``-`` written ``_``."""
    cells = [
        new_code_cell("from cmp784 import checks"),
        answer("A1-answer", DOUBLE),
        tests("A1", 2, DOUBLE_TEST),
        answer("B1-answer", SQUARE),
        tests("B1", 3, SQUARE_TEST),
    ]
    for cell in cells[1:]:
        name = cell.metadata.nbgrader.grade_id.replace("-", "_")
        cell.source = replaced.get(name, cell.source)
    return new_notebook(cells=cells)


def answer(name: str, source: str) -> NotebookNode:
    """Return a cell that students fill in."""
    return _cell(name, source, solution=True)


def tests(name: str, points: int, source: str) -> NotebookNode:
    """Return a cell with tests."""
    return _cell(name, source, grade=True, locked=True, points=points)


def mutant(old: str, new: str, cell: str = "A1-answer", loses: tuple[str, ...] = ("A1",)) -> Mutant:
    """Return a planted bug of the small practical."""
    return Mutant("a-bug", cell, "a bug", loses, old, new)


def _cell(name: str, source: str, **flags: object) -> NotebookNode:
    settings = {"grade": False, "solution": False, "locked": False, "task": False, **flags}
    cell = new_code_cell(source)
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **settings}
    return cell
