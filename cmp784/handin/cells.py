"""The cells of a practical by nbgrader's metadata: which are missing, doubled or changed."""

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from cmp784.handin.submission import course_metadata

if TYPE_CHECKING:
    from nbformat import NotebookNode


def nbgrader(cell: "NotebookNode") -> dict[str, Any]:
    """Return nbgrader's metadata of a cell; empty for a cell of the student's own."""
    found = cell.metadata.get("nbgrader", {})
    return found if isinstance(found, dict) and isinstance(found.get("grade_id"), str) else {}


def grade_id(cell: "NotebookNode") -> str:
    """Return the name of a cell that was given out; empty for one of the student's own."""
    return str(nbgrader(cell).get("grade_id", ""))


def label(notebook: "NotebookNode", index: int) -> str:
    """Return what to call a cell: ``cell 'A1-answer'``, or ``cell 7`` counted from 1."""
    name = grade_id(notebook.cells[index])
    return f"cell '{name}'" if name else f"cell {index + 1}"


def named(notebook: "NotebookNode", index: int) -> str:
    """Return the same for the beginning of a sentence."""
    return label(notebook, index).replace("cell", "Cell", 1)


def is_test(cell: "NotebookNode") -> bool:
    """Tell whether a cell holds the tests of a question."""
    return bool(nbgrader(cell).get("grade")) and not nbgrader(cell).get("solution")


def is_by_hand(cell: "NotebookNode") -> bool:
    """Tell whether a cell is an answer that a person grades."""
    return bool(nbgrader(cell).get("grade")) and bool(nbgrader(cell).get("solution"))


def is_locked(cell: "NotebookNode") -> bool:
    """Tell whether the grader puts the given source back: tests and given code."""
    marked = nbgrader(cell)
    return not marked.get("solution") and bool(marked.get("grade") or marked.get("locked"))


def points(cell: "NotebookNode") -> float:
    """Return what a graded cell is worth."""
    worth = nbgrader(cell).get("points", 0)
    return float(worth) if isinstance(worth, int | float) else 0.0


def as_given(cell: "NotebookNode") -> bool:
    """Tell whether a cell still is what was given out; True when nobody can know."""
    return nbgrader(cell).get("checksum") in (None, checksum(cell))


def checksum(cell: "NotebookNode") -> str:
    """Return the checksum that the release stored for a cell as it stands.

    The recipe is ``compute_checksum`` of nbgrader 0.9 (``nbgrader/utils.py``), which students do
    not install: MD5 over source, type, the three kinds, name and points.
    """
    marked = nbgrader(cell)
    parts = [cell.source, cell.cell_type]
    parts += map(str, (marked.get("grade", False), marked.get("solution", False), is_locked(cell)))
    parts.append(grade_id(cell))
    if marked.get("grade"):
        parts.append(str(points(cell)))
    return hashlib.md5("".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def problems(notebook: "NotebookNode") -> list[str]:
    """Say what is wrong with the given cells, one sentence or two each; run nothing.

    Missing cells are found by the list that the release wrote into the notebook's metadata
    (``course.cells``); without it, only doubled and changed cells are.
    """
    count = Counter(filter(None, map(grade_id, notebook.cells)))
    listed = course_metadata(notebook).get("cells", [])
    expected = (
        [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    )
    return [
        *(_missing(name) for name in expected if not count[name]),
        *(_doubled(name, times) for name, times in count.items() if times > 1),
        *(words for cell in notebook.cells if (words := _changed(cell))),
        *([] if count else [_NOTHING_GIVEN]),
    ]


_NOTHING_GIVEN = (
    "No cell carries the marks of a practical, so nothing here can be graded. Is it the right "
    "file? If you copied your answers into a new notebook, copy them into the given one instead."
)


def _missing(name: str) -> str:
    return (
        f"Cell '{name}' is missing. Undo its deletion, or open a fresh copy of the practical and "
        "copy your answers into it: a new cell with the same text is not found by the grader."
    )


def _doubled(name: str, times: int) -> str:
    return (
        f"Cell '{name}' is there {times} times, and the grader reads only one of them. "
        "Delete the copies, or make a new cell and paste only the text."
    )


def _changed(cell: "NotebookNode") -> str:
    """Say that a cell changed its type, or that a locked one changed its text."""
    given, name = nbgrader(cell).get("cell_type"), grade_id(cell)
    if name and given and given != cell.cell_type:
        return (
            f"Cell '{name}' was a {given} cell and is a {cell.cell_type} cell now. "
            "Change its type back (menu of the cell type)."
        )
    if is_locked(cell) and not as_given(cell):
        what = "tests" if is_test(cell) else "given code"
        return (
            f"Cell '{name}' holds {what}, and you changed it. The grader puts the original back, "
            "so what passes here may fail there. Undo the change; write your code in answer cells."
        )
    return ""
