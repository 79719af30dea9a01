"""Whether the file holds what the student ran last: a notebook that was not saved is an old one."""

from typing import TYPE_CHECKING

from cmp784.handin import cells
from cmp784.handin.order import defined

if TYPE_CHECKING:
    from nbformat import NotebookNode

HOW = "Save it (Ctrl+S, or Cmd+S on a Mac), wait a moment, and check again."


def unsaved(notebook: "NotebookNode") -> list[str]:
    """Compare a notebook's file with what ran in this kernel.

    Parameters
    ----------
    notebook
        What the file holds.

    Returns
    -------
    list of str
        At most one entry: the answer whose last definition in this session is in no cell of the
        file, which defines it in another way. Empty outside of a notebook.

    Notes
    -----
    The kernel does not know the browser's state. An answer that was run and then changed and saved
    looks the same; hence "or run it again".
    """
    last = {name: code for source in _history() for name, code in defined(source).items()}
    answers: set[str] = set()
    in_file: set[tuple[str, str]] = set()
    for cell in notebook.cells:
        found = defined(cell.source) if cell.cell_type == "code" else {}
        in_file |= set(found.items())
        answers |= set(found) if cells.nbgrader(cell).get("solution") else set()
    other = [name for name in last if name in answers and (name, last[name]) not in in_file]
    if not other:
        return []
    return [
        f"The file holds another '{other[-1]}' than the one that you ran last. Is the notebook "
        f"saved? {HOW} If it is saved, run that cell again, or ignore this."
    ]


def _history() -> list[str]:
    """Return what ran in this kernel, oldest first."""
    from IPython import get_ipython

    shell = get_ipython()
    manager = getattr(shell, "history_manager", None)
    return [str(source) for source in getattr(manager, "input_hist_raw", [])]
