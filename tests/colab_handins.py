"""Hand-ins as Google Colab saves them, made from the released practical and sample answers.

``python -m tests.colab_handins`` writes ``tests/data/colab/`` anew, after a release that changes
the practical, or after a change here. How Colab writes was read off public notebooks that it saved:
nbformat 4.0, keys and cells in its own order, two spaces, ``metadata.id`` in the place of ids,
``colab`` and ``outputId`` beside it on cells with outputs, a badge cell on top, and a type of its
own beside the plain text of a string.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tests.practicals import handins

NAME = "practical1"
RELEASE = handins.ROOT / "practicals" / NAME / f"{NAME}.ipynb"
FOLDER = handins.ROOT / "tests" / "data" / "colab"
PLACE = f"someone/deep-learning/blob/main/{NAME}.ipynb"


@dataclass(frozen=True)
class Sample:
    """One hand-in: whose answers it holds, and which of Colab's habits it shows.

    Parameters
    ----------
    student
        Folder that holds it.
    answers
        An alternative of ``tests/practicals/practical1/alternatives/``.
    letters
        Parts that are solved; the others are as given.
    gpu
        Whether its runtime had a GPU, which Colab writes into the notebook.
    """

    student: str
    answers: str
    letters: str = "ABCDEFG"
    gpu: bool = False


SAMPLES = (
    Sample("sample-01", "loops"),
    Sample("sample-02", "einsum", gpu=True),
    Sample("sample-03", "numpy_inside"),
    Sample("sample-04", "terse"),
    Sample("sample-05", "cautious", letters="AB"),
    Sample("sample-06", "cautious", letters=""),
)


def answers(sample: Sample) -> dict[str, str]:
    """Return the answers of a sample by the ids of their cells."""
    whole = handins.alternatives(NAME)[sample.answers]
    return {cell: text for cell, text in whole.items() if cell[0] in sample.letters}


def from_jupyter(sample: Sample) -> nbformat.NotebookNode:
    """Return the hand-in as JupyterLab saves it."""
    return handins.hand_in(nbformat.read(RELEASE, as_version=4), answers(sample))


def from_colab(sample: Sample) -> str:
    """Return the hand-in as the text of the file that Colab saves."""
    source = from_jupyter(sample)
    about = {"name": f"{NAME}.ipynb", "provenance": [], "include_colab_link": True}
    metadata = {
        "colab": about | ({"gpuType": "T4"} if sample.gpu else {}),
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "course": source.metadata.course,
    } | ({"accelerator": "GPU"} if sample.gpu else {})
    cells = [_cell(cell, f"{sample.student}/{n}") for n, cell in enumerate(source.cells)]
    cells = [_badge(), *cells, _own_cell(sample)]
    for count, cell in enumerate((one for one in cells if one["cell_type"] == "code"), start=1):
        _number(cell, count)
    saved = {"nbformat": 4, "nbformat_minor": 0, "metadata": metadata, "cells": cells}
    return json.dumps(saved, indent=2, ensure_ascii=False)


def write(folder: Path = FOLDER) -> None:
    """Write the six files."""
    for sample in SAMPLES:
        path = folder / sample.student / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(from_colab(sample), encoding="utf-8", newline="\n")


def _cell(cell: nbformat.NotebookNode, key: str) -> dict[str, Any]:
    """Return a given cell as Colab writes it; the setup cell has printed something."""
    made = {
        "cell_type": cell.cell_type,
        "source": cell.source.splitlines(keepends=True),
        "metadata": {**cell.metadata, "id": _name(key)},
    }
    if cell.cell_type != "code":
        return made
    setup = "setup" in cell.metadata.get("tags", [])
    said = [{"output_type": "stream", "name": "stdout", "text": ["ready\n"]}] if setup else []
    return _with_outputs(made, key, said)


def _badge() -> dict[str, Any]:
    """Return the cell that Colab puts on top of a notebook that it saves to a repository."""
    link = (
        f'<a href="https://colab.research.google.com/github/{PLACE}" target="_parent">'
        '<img src="https://colab.research.google.com/assets/colab-badge.svg" '
        'alt="Open In Colab"/></a>'
    )
    marks = {"id": "view-in-github", "colab_type": "text"}
    return {"cell_type": "markdown", "metadata": marks, "source": [link]}


def _own_cell(sample: Sample) -> dict[str, Any]:
    """Return a cell that the student added, whose result Colab describes in its own type."""
    data = {
        "text/plain": ["'done'"],
        "application/vnd.google.colaboratory.intrinsic+json": {"type": "string"},
    }
    key = f"{sample.student}/own"
    made = {"cell_type": "code", "source": ['"done"'], "metadata": {"id": _name(key)}}
    result = {"output_type": "execute_result", "data": data, "metadata": {}}
    return _with_outputs(made, key, [result])


def _with_outputs(cell: dict[str, Any], key: str, outputs: list[Any]) -> dict[str, Any]:
    """Give a code cell its outputs, and the marks that Colab writes beside them."""
    if outputs:
        marks = {"base_uri": "https://localhost:8080/", "height": 35}
        digits = hashlib.sha256(f"output of {key}".encode()).hexdigest()
        shown = "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]])
        cell["metadata"] |= {"colab": marks, "outputId": shown}
    return {**cell, "execution_count": None, "outputs": outputs}


def _number(cell: dict[str, Any], count: int) -> None:
    """Write the number of its last run into a cell and its result."""
    cell["execution_count"] = count
    for output in cell["outputs"]:
        if output["output_type"] == "execute_result":
            output["execution_count"] = count


def _name(key: str) -> str:
    """Return twelve letters and digits, as Colab names a cell."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


if __name__ == "__main__":
    write()
