"""Damages to cells: what editors, platforms and people do to a notebook without any malice."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

import copy

from nbformat import v4

from tests.hostile.cases import (
    HandIn,
    but,
    case,
    complete,
    grade_id,
    position,
    tests_of,
)
from tests.hostile.course import RIGHT


def damaged(change) -> HandIn:
    """Give a good student's hand-in with a change to its notebook."""
    return HandIn(complete(), change=change)


@case("damage", *but())
def metadata_stripped():
    """All cells have lost their metadata and their ids, and the notebook its own."""

    def change(notebook):
        for cell in notebook.cells:
            cell.metadata = {}
            cell.pop("id")
        notebook.metadata, notebook.nbformat_minor = {}, 4
        return notebook

    return damaged(change)


@case("damage", *but())
def metadata_of_one_test_stripped():
    """One test and its answer have lost their metadata."""

    def change(notebook):
        for name in ("Q4", "Q4-answer"):
            cell = notebook.cells[position(notebook, name)]
            cell.metadata, cell.id = {}, f"new{name}"
        return notebook

    return damaged(change)


@case("damage", *but())
def test_copied():
    """A test cell was copied with its id."""

    def change(notebook):
        twin = copy.deepcopy(notebook.cells[position(notebook, "Q2")])
        twin.id = "copy"
        notebook.cells.insert(3, twin)
        notebook.cells.append(copy.deepcopy(twin))
        return notebook

    return damaged(change)


@case("damage", *but())
def answer_copied_and_the_copy_left_empty():
    """An answer's cell was copied before it was filled in: the copy is as it was released."""

    def change(notebook):
        place = position(notebook, "Q2-answer")
        twin = copy.deepcopy(notebook.cells[place])
        twin.source, twin.id = twin.source.split("\n")[0] + "\n    # YOUR CODE HERE\n", "copy"
        twin.source += "    raise NotImplementedError()"
        notebook.cells.insert(place, twin)
        return notebook

    return damaged(change)


@case("damage", *but())
def whole_notebook_twice():
    """All cells are there twice: the notebook was pasted into itself."""

    def change(notebook):
        twins = copy.deepcopy(notebook.cells)
        for cell in twins:
            cell.id += "-2"
        notebook.cells += twins
        return notebook

    return damaged(change)


@case("damage", *but())
def test_lost():
    """Two test cells and a given cell were deleted."""

    def change(notebook):
        gone = ("Q1", "Q6", "growth")
        notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in gone]
        return notebook

    return damaged(change)


@case("damage", *but())
def test_edited():
    """A student printed and changed things in test cells, to see what happens."""

    def change(notebook):
        for cell in tests_of(notebook):
            cell.source = f"print('here')\n{cell.source}\nassert 1 == 2, 'my own'"
        return notebook

    return damaged(change)


@case("damage", *but())
def cells_out_of_order():
    """Questions stand in the opposite order, with the given cells in the end."""

    def change(notebook):
        notebook.cells.reverse()
        return notebook

    return damaged(change)


@case("damage", *but())
def answer_split():
    """Two answers were split in the middle, and the lower half has no metadata."""

    def change(notebook):
        place = position(notebook, "Q5-answer")
        cell = notebook.cells[place]
        cell.source = RIGHT["Q5"] + "\n"
        notebook.cells.insert(place + 1, v4.new_code_cell("mine = Account('x')\nmine.deposit(1)"))
        place = position(notebook, "Q7-answer")
        notebook.cells[place].source = "def digits(number):\n    return str(abs(number))"
        lower = "def digit_sum(number):\n    return sum(int(digit) for digit in digits(number))"
        notebook.cells.insert(place + 1, v4.new_code_cell(lower))
        return notebook

    return damaged(change)


@case("damage", *but())
def answers_merged():
    """Two answers, with the test and the title between, were merged into one cell."""

    def change(notebook):
        above = notebook.cells[position(notebook, "Q7-answer")]
        above.source = f"{RIGHT['Q7']}\n\n# Q8\n{RIGHT['Q8']}"
        place = position(notebook, "Q8-answer")
        del notebook.cells[place]
        return notebook

    return damaged(change)


@case("damage", *but())
def answer_turned_into_text():
    """One answer's cell has become Markdown, another one raw text."""

    def change(notebook):
        for name, make in (("Q3-answer", v4.new_markdown_cell), ("Q6-answer", v4.new_raw_cell)):
            cell = notebook.cells[position(notebook, name)]
            new = make(cell.source, metadata=cell.metadata, id=cell.id)
            notebook.cells[position(notebook, name)] = new
        return notebook

    return damaged(change)


@case("damage", *but())
def wrong_kernel():
    """The notebook names a kernel that nobody else has."""

    def change(notebook):
        notebook.metadata["kernelspec"] = {"name": "conda-env-dl", "display_name": "Python [dl]"}
        notebook.metadata["language_info"] = {"name": "julia", "version": "1.9"}
        return notebook

    return damaged(change)


@case("damage", *but())
def opened_in_colab():
    """Colab has rewritten the notebook: minor 0, its own metadata, and a badge."""

    def change(notebook):
        notebook.nbformat_minor = 0
        for number, cell in enumerate(notebook.cells):
            cell.metadata["id"] = cell.pop("id") + str(number)
            cell.metadata["colab"] = {"base_uri": "https://localhost:8080/"}
            cell.metadata["executionInfo"] = {"status": "ok", "user": {"displayName": "x"}}
        badge = v4.new_markdown_cell("[Open In Colab](https://colab.research.google.com/x)")
        badge.pop("id")
        badge.metadata = {"id": "view-in-github", "colab_type": "text"}
        notebook.cells.insert(0, badge)
        notebook.metadata = {
            "colab": {"provenance": [], "toc_visible": True, "gpuType": "T4"},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "accelerator": "GPU",
        }
        return notebook

    return damaged(change)


@case("damage", *but())
def commands_of_other_places():
    """Cells install packages, mount a drive, run shells, draw widgets and leave errors."""
    return HandIn(
        complete(),
        first=(
            "!pip install -q no-such-package",
            "%pip install torch",
            "from google.colab import drive\ndrive.mount('/content/drive')",
            "%%bash\necho hello\nexit 3",
            "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\n%config A.b = 1",
        ),
        last=(
            "import ipywidgets\nipywidgets.IntSlider()",
            "%%time\nprint(1)",
            "%%javascript\nalert(1)",
            "1 / 0",
            "this is no Python",
            "%no_such_magic",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        ),
    )


@case("damage", *but("Q2", "Q6"))
def answers_with_errors():
    """One answer is no Python, and another one raises an error when it is defined."""
    return HandIn(
        complete(
            Q2="def balances(entries, convert=None)\n    return {}",
            Q6="momentum_step = undefined_name",
        )
    )


@case("damage", *but("Q9"))
def older_release():
    """The hand-in fills in an older release, which lacks the last question and has other tests."""

    def change(notebook):
        last = position(notebook, "Q9-answer") - 1
        del notebook.cells[last : last + 3]
        for cell in tests_of(notebook):
            cell.source = "\n".join(cell.source.splitlines()[:1])
        given = notebook.cells[position(notebook, "given")]
        given.source = given.source.replace("import math\n", "")
        return notebook

    return damaged(change)


@case("damage", "Q1", "Q2", "Q3")
def half_of_the_notebook():
    """Somebody cut the notebook off after the third question."""

    def change(notebook):
        del notebook.cells[position(notebook, "Q3") + 1 :]
        return notebook

    return damaged(change)


@case("damage", *but())
def ids_renamed():
    """Every grade id has a suffix that a tool has appended."""

    def change(notebook):
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                cell.metadata["nbgrader"]["grade_id"] += "-copy1"
        return notebook

    return damaged(change)


@case("damage", *but())
def answer_under_another_id():
    """An answer stands in a new cell; the one to fill in was deleted."""

    def change(notebook):
        place = position(notebook, "Q4-answer")
        notebook.cells[place] = v4.new_code_cell(RIGHT["Q4"])
        return notebook

    return damaged(change)


@case("damage", *but())
def given_cells_edited():
    """The given imports were edited: one is renamed, one is gone, one raises an error."""

    def change(notebook):
        cell = notebook.cells[position(notebook, "given")]
        cell.source = cell.source.replace("import math", "import no_such_module")
        return notebook

    return damaged(change)
