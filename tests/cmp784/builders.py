"""Sample notebooks, built cell by cell, and the files that tests put them into."""

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

#: What a claim looks like in a cell, with bounds to be filled in.
CLAIM = 'from cmp784 import claim\nclaim("share", [0.4, 0.6], at_least={least}, source="figure 1")'
TRUE_CLAIM, FALSE_CLAIM = CLAIM.format(least=0.5), CLAIM.format(least=0.9)
#: A cell that leaves a claim which nobody can read.
DAMAGED_CLAIM = (
    "from IPython.display import display\n"
    'bundle = {"application/vnd.cmp784.claim+json": {"words": "half"}, "text/plain": "half"}\n'
    "display(bundle, raw=True)"
)


def make_notebook(*cells: str, parameters: str | None = 'scale = "laptop"\nseed = 0', **seconds):
    """Return a notebook as the course writes them: a title, the parameters, then the cells.

    Parameters
    ----------
    *cells
        Source of each code cell after the parameters.
    parameters
        Source of the tagged cell; None leaves it out.
    **seconds
        Expected seconds by scale, for the metadata.
    """
    start: list[Any] = [new_markdown_cell("# A title\n\nWith $x^2$.")]
    if parameters is not None:
        start.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    notebook = new_notebook(cells=[*start, *map(new_code_cell, cells)])
    notebook.metadata["course"] = {"week": 1, "title": "A title", "seconds": seconds}
    notebook.metadata["kernelspec"] = {"name": "no-such-kernel", "display_name": "?"}
    return notebook


def tag(notebook, number: int, name: str):
    """Tag one cell, counted from 1, and return the notebook."""
    notebook.cells[number - 1].metadata["tags"] = [name]
    return notebook


def write_notebook(path: Path, *cells: str, **settings) -> Path:
    """Write what ``make_notebook`` makes into a file, and return its path."""
    return write(path, make_notebook(*cells, **settings))


def write(path: Path, notebook) -> Path:
    """Write a notebook, or text that should be one, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    path.write_text(text, encoding="utf-8")
    return path


def read_json(path: Path) -> Any:
    """Return the data in a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
