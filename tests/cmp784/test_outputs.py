"""What a cell leaves in a notebook, and files that are none."""

import pickle

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from cmp784 import outputs
from cmp784.outputs import NotebookError

NOT_NOTEBOOKS = {
    "text": "hello",
    "empty file": "",
    "empty object": "{}",
    "list": "[]",
    "broken": '{"cells": [',
}


@pytest.mark.parametrize("content", NOT_NOTEBOOKS.values(), ids=NOT_NOTEBOOKS)
def test_file_that_is_no_notebook_is_named(tmp_path, content):
    """Path, cause and remedy."""
    path = tmp_path / "week 1.ipynb"
    path.write_text(content)

    with pytest.raises(NotebookError, match=r"week 1.ipynb: not a notebook .*restore it from git"):
        outputs.open_notebook(path)


def test_folder_is_no_notebook(tmp_path):
    """A folder is refused with its name."""
    with pytest.raises(NotebookError, match="not a notebook that can be read"):
        outputs.open_notebook(tmp_path)


def test_cell_without_an_id_is_read_all_the_same(tmp_path):
    """Some editors write no ids; that is no reason to refuse a notebook."""
    path = tmp_path / "no-ids.ipynb"
    path.write_text(
        '{"cells": [{"cell_type": "markdown", "source": "x", "metadata": {}}],'
        ' "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )

    assert [cell.source for cell in outputs.open_notebook(path).cells] == ["x"]


def test_only_the_type_asked_for_is_found():
    """Streams, errors, pictures and markdown are passed over; cells count from 1."""
    shown = nbformat.v4.new_output(
        "display_data", data={"application/x+json": {"x": 1}, "text/plain": "t"}
    )
    other = nbformat.v4.new_output("stream", text="application/x+json")
    cells = [
        nbformat.v4.new_markdown_cell("application/x+json"),
        nbformat.v4.new_code_cell(outputs=[other, shown, shown]),
    ]

    found = list(outputs.stored(nbformat.v4.new_notebook(cells=cells), "application/x+json"))

    assert found == [(2, {"x": 1}), (2, {"x": 1})]


def test_outside_of_ipython_the_plain_text_is_printed(capsys):
    """A script shows the text alone."""
    outputs.show({"text/plain": "line", "text/html": "<b>line</b>"})

    assert capsys.readouterr().out == "line\n"


def test_in_ipython_the_whole_bundle_is_displayed():
    """All types and the metadata reach the front end."""
    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            outputs.show(
                {"text/plain": "t", "application/x+json": {"x": 1}},
                {"application/x+json": {"alt": "words"}},
            )
    finally:
        InteractiveShell.clear_instance()

    assert captured.outputs[0].data == {"text/plain": "t", "application/x+json": {"x": 1}}
    assert captured.outputs[0].metadata == {"application/x+json": {"alt": "words"}}


def test_error_can_be_pickled():
    """It crosses a process."""
    assert str(pickle.loads(pickle.dumps(NotebookError("why")))) == "why"
