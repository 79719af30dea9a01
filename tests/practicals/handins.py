"""Hand-ins made from a source notebook and answers: the sample students of a practical.

An alternative is a Python file with a marker before each answer, ``# %% A1-answer``, and with
``# %% [markdown] G1`` before words, which stand in comments. What comes before the first marker is
for who reads the file. Mutants are tables in TOML: a cell, the old text, and the new text.
"""

import copy
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbgrader.utils import is_grade, is_solution

ROOT = Path(__file__).resolve().parents[2]
MARKER = re.compile(r"^# %% (\[markdown\] )?(\S+)\n", re.MULTILINE)
SOLUTION_LINE = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)


class HandinError(AssertionError):
    """An alternative or a mutant that does not fit the source notebook."""


@dataclass(frozen=True)
class Mutant:
    """One planted bug: in answer ``cell``, ``old`` becomes ``new``. It is graded at ``scale``."""

    name: str
    cell: str
    what: str
    loses: tuple[str, ...]
    old: str
    new: str
    scale: str = "smoke"

    @property
    def letter(self) -> str:
        """The question it is planted in."""
        return self.cell[0]

    def apply(self, answers: dict[str, str]) -> dict[str, str]:
        """Return the patched answer; ``old`` has to be in the reference exactly once."""
        count = answers[self.cell].count(self.old)
        if count != 1:
            raise HandinError(
                f"mutant {self.name}: its old text is {count} times in the reference answer "
                f"{self.cell}, expected once:\n{self.old}\nChange the mutant."
            )
        return {self.cell: answers[self.cell].replace(self.old, self.new)}


def source(name: str) -> NotebookNode:
    """Return the source notebook of a practical."""
    return nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)


def released(notebook: NotebookNode, *, tests: bool = False) -> NotebookNode:
    """Return the notebook without its answers; with ``tests``, the hidden tests stay in."""
    cleared, _ = ClearSolutions().preprocess(copy.deepcopy(notebook), {})
    return cleared if tests else ClearHiddenTests().preprocess(cleared, {})[0]


def grade_id(cell: NotebookNode) -> str:
    """Return what nbgrader calls a cell; nothing for a cell that it does not know."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def reference_answers(notebook: NotebookNode) -> dict[str, str]:
    """Return the source of every answer cell by its id, without the marks around solutions."""
    return {
        grade_id(cell): SOLUTION_LINE.sub("", cell.source)
        for cell in notebook.cells
        if is_solution(cell)
    }


def points(notebook: NotebookNode) -> dict[str, float]:
    """Return the points of each test cell by its id; what a person grades is not among them."""
    return {
        grade_id(cell): float(cell.metadata.nbgrader.points)
        for cell in notebook.cells
        if is_grade(cell) and not is_solution(cell)
    }


def hand_in(notebook: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """Return the notebook with some answers in place of its own."""
    filled = copy.deepcopy(notebook)
    cells = {grade_id(cell): cell for cell in filled.cells if is_solution(cell)}
    for unknown in answers.keys() - cells.keys():
        raise HandinError(f"there is no answer cell {unknown!r}; there are {', '.join(cells)}.")
    for name, text in answers.items():
        cells[name].source = text
    return filled


def at_scale(notebook: NotebookNode, scale: str) -> NotebookNode:
    """Return the notebook with another ``scale`` in its tagged cell: less to train with."""
    changed = copy.deepcopy(notebook)
    for cell in changed.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += f'\nscale = "{scale}"'
    return changed


def one_question(notebook: NotebookNode, cell: str) -> NotebookNode:
    """Return the hand-in in which only one answer cell is filled, with the reference answer."""
    empty = released(notebook, tests=True)
    return hand_in(empty, {cell: reference_answers(notebook)[cell]})


def tests_of(notebook: NotebookNode) -> dict[str, list[str]]:
    """Return for each answer cell the test cells that follow it, up to the next answer cell."""
    found: dict[str, list[str]] = {}
    for cell in notebook.cells:
        if is_solution(cell) and not is_grade(cell):
            found[grade_id(cell)] = []
        elif is_grade(cell) and not is_solution(cell):
            found[list(found)[-1]].append(grade_id(cell))
    return found


def hidden_lines(notebook: NotebookNode) -> set[str]:
    """Return the lines of all hidden tests that are long enough to be recognised."""
    regions = [text for cell in notebook.cells for text in HIDDEN.findall(cell.source)]
    lines = {line.strip() for text in regions for line in text.splitlines()}
    return {line for line in lines if len(line) >= 12}


def read_answers(path: Path) -> dict[str, str]:
    """Return the answers in the file of an alternative, by the ids of their cells."""
    _, *parts = MARKER.split(path.read_text(encoding="utf-8"))
    answers = {}
    for markdown, name, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        words = re.sub(r"^# ?", "", text, flags=re.MULTILINE) if markdown else text
        answers[name] = words.strip("\n")
    return answers


def alternatives(name: str) -> dict[str, dict[str, str]]:
    """Return the alternatives of a practical: file name to answers."""
    folder = Path(__file__).parent / name / "alternatives"
    return {path.stem: read_answers(path) for path in sorted(folder.glob("*.py"))}


def quick_answers(name: str) -> dict[str, str]:
    """Return the answers that make grading planted bugs quick; none where there is no such file."""
    path = Path(__file__).parent / name / "quick_answers.py"
    return read_answers(path) if path.exists() else {}


def mutants(name: str) -> list[Mutant]:
    """Return the planted bugs of a practical, in the order of its questions."""
    folder = Path(__file__).parent / name / "mutants"
    tables = [
        table
        for path in sorted(folder.glob("*.toml"))
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    ]
    return [Mutant(**{**table, "loses": tuple(table["loses"])}) for table in tables]
