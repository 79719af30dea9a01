"""What a cell leaves in a notebook besides its picture: plain data under a type of its own."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    import nbformat

T = TypeVar("T")


class NotebookError(Cmp784Error):
    """A file that should be a notebook and is not."""


def show(bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    """Display a bundle of MIME types in a notebook, its plain text elsewhere.

    Parameters
    ----------
    bundle
        MIME type to content; ``text/plain`` among them.
    metadata
        What goes with each type, for example the alternative text of a picture.
    """
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(bundle["text/plain"])
    else:
        display(bundle, metadata=metadata or {}, raw=True)


def stored(notebook: "nbformat.NotebookNode | str | Path", mime: str) -> Iterator[tuple[int, Any]]:
    """Go through what an executed notebook holds under one MIME type.

    Parameters
    ----------
    notebook
        The notebook, or the path of its file.
    mime
        The type, for example ``"application/vnd.cmp784.claim+json"``.

    Yields
    ------
    tuple of int and object
        The number of the cell, counted from 1 over all cells, and the stored data.

    Raises
    ------
    NotebookError
        When the file is missing or is not a notebook.
    """
    opened = open_notebook(notebook) if isinstance(notebook, str | Path) else notebook
    for number, cell in enumerate(opened.cells, start=1):
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield number, output["data"][mime]


def read(
    notebook: "nbformat.NotebookNode | str | Path", mime: str, parse: Callable[[Any], T]
) -> list[T]:
    """Return what an executed notebook holds under one MIME type, parsed.

    Parameters
    ----------
    notebook, mime
        As for `stored`.
    parse
        Makes an object of stored data; what it raises is raised again with the cell's number.

    Raises
    ------
    Cmp784Error
        The kind that ``parse`` raises, when stored data are damaged.
    NotebookError
        When the file is missing or is not a notebook.
    """
    found = []
    for cell, data in stored(notebook, mime):
        try:
            found.append(parse(data))
        except Cmp784Error as error:
            raise type(error)(f"cell {cell}: {error}") from error
    return found


def open_notebook(path: str | Path) -> "nbformat.NotebookNode":
    """Return the notebook in a file, as nbformat 4.

    Raises
    ------
    NotebookError
        When the file is missing or is not a notebook.
    """
    import nbformat

    try:
        with warnings.catch_warnings():  # a cell without an id can be read all the same
            warnings.simplefilter("ignore")
            return nbformat.read(str(path), as_version=4)
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such file. Check the path.") from None
    except Exception as error:  # nbformat raises half a dozen unrelated kinds
        raise NotebookError(
            f"{path}: not a notebook that can be read ({error}). "
            "Open it in JupyterLab and save it again, or restore it from git."
        ) from error
