"""A tiny course of nbgrader, built where a test wants it."""

import shutil
from pathlib import Path

import nbformat
from nbformat import v4

ROOT = Path(__file__).resolve().parents[2]

ANSWER = '''def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    # twice is once and once again
    total = x + x
    return total
    ### END SOLUTION'''
TESTS = """assert double(2) == 4, "double(2) is 4"
### BEGIN HIDDEN TESTS
for number in (-3, 0, 10**9):
    wanted = number * 2
    assert double(number) == wanted, f"double({number}) is {wanted}"
### END HIDDEN TESTS"""
SETUP = """import cmp784

print(cmp784.__version__)"""


def make_cell(source, grade_id, *, kind="code", **about):
    """Build a cell that nbgrader knows; ``about`` goes into its metadata."""
    make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
    cell = make(source, id=grade_id)
    known = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": grade_id} | known | about
    return cell


def make_source(answer=ANSWER, tests=TESTS):
    """Build the source of a practical with one question to program, one in words, and a task."""
    setup = v4.new_code_cell(SETUP, id="setup", metadata={"tags": ["setup"]})
    cells = [
        v4.new_markdown_cell("# Doubling\n\nHow much is twice as much?", id="title"),
        setup,
        make_cell("limit = 10**9", "given", locked=True),
        make_cell(answer, "double-answer", solution=True),
        make_cell(tests, "double", grade=True, locked=True, points=3),
        make_cell(
            "Because a number and its like are two of it.",
            "words",
            kind="markdown",
            grade=True,
            solution=True,
            points=2,
        ),
        make_cell(
            "Draw it.\n\n=== BEGIN MARK SCHEME ===\nOne point for an axis with a unit on it."
            "\n=== END MARK SCHEME ===",
            "drawing",
            kind="markdown",
            task=True,
            points=1,
            locked=True,
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_course(folder, source=None, name="practical1"):
    """Make a course of one practical, with the repository's settings and syllabus."""
    for file in ("nbgrader_config.py", "course.toml"):
        shutil.copy(ROOT / file, folder)
    (folder / "solutions" / name).mkdir(parents=True)
    nbformat.write(source or make_source(), folder / "solutions" / name / f"{name}.ipynb")
    return folder
