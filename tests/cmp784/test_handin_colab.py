"""Checking and packing on Colab, where the notebook lives in a browser tab."""

import sys
from types import ModuleType

import nbformat
import pytest

from cmp784 import handin
from cmp784.handin import submission
from tests.cmp784.handin_builders import ANSWERS, make_practical, plain, save


class BrowserTab:
    """What Colab's tab does: it hands over its notebook, and downloads files of the machine."""

    def __init__(self, notebook=None):
        self.notebook, self.downloaded = notebook, {}

    def blocking_request(self, request_type, request="", timeout_sec=5, parent=None):
        """Answer as ``google.colab._message`` does: None when the time is over."""
        if request_type != "get_ipynb":
            raise ValueError(request_type)
        return None if self.notebook is None else {"ipynb": plain(self.notebook)}

    def download(self, filename):
        """Take a file, as the browser does."""
        with open(filename, "rb") as file:
            self.downloaded[filename.rpartition("/")[2]] = file.read()


@pytest.fixture
def tab(monkeypatch, tmp_path):
    """Make this process a kernel of Colab, with an empty folder."""
    made = BrowserTab()
    package = ModuleType("google.colab")
    package._message, package.files = made, made
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.chdir(tmp_path)
    return made


def as_colab_saves(notebook, name):
    """Return the notebook with Colab's marks and without ids of cells."""
    notebook.nbformat_minor = 0
    notebook.metadata["colab"] = {"name": name, "provenance": []}
    for cell in notebook.cells:
        del cell["id"]
    return notebook


def test_cell_ids_that_colab_leaves_in_format_4_0_are_accepted(tab):
    """The format knows them only from 4.5 on; every program reads them all the same."""
    tab.notebook = make_practical()
    tab.notebook.nbformat_minor = 0

    packed = nbformat.read(handin.pack("practical1.ipynb"), as_version=4)

    assert [cell for cell in packed.cells if "id" in cell] == []


@pytest.mark.filterwarnings("default")
def test_notebook_of_the_tab_is_checked(tab):
    """No file lies there; all passes, and nothing is said of saving."""
    tab.notebook = as_colab_saves(make_practical(), "practical1.ipynb")

    report = handin.check("practical1.ipynb")

    assert report.passed
    assert report.name == "practical1.ipynb"


def test_packed_file_is_downloaded(tab, tmp_path, capsys):
    """The tab gets the file under the practical's name, whatever the copy is called."""
    tab.notebook = as_colab_saves(make_practical(), "Copy of practical1.ipynb")

    path = handin.pack("Copy of practical1.ipynb")

    assert tab.downloaded == {"practical1.ipynb": path.read_bytes()}
    assert path == tmp_path / "handin" / "practical1.ipynb"
    assert "Its download has started. Upload this one file." in capsys.readouterr().out


def test_download_that_fails_leaves_the_file(tab, capsys, monkeypatch):
    """A browser that refuses is no reason to lose the hand-in."""
    tab.notebook = make_practical()
    monkeypatch.setattr(tab, "download", None)

    path = handin.pack("practical1.ipynb")

    assert path.is_file()
    assert f"It lies at {path}." in capsys.readouterr().out


def test_older_file_of_the_same_practical_gives_way_to_the_tab(tab, tmp_path):
    """What the student sees counts, not a copy that was uploaded once."""
    save(make_practical({}), tmp_path)
    tab.notebook = make_practical(ANSWERS)

    opened = submission.open_submission("practical1.ipynb")

    assert opened.from_tab
    sources = [cell.source for cell in opened.notebook.cells]
    assert sources == [cell.source for cell in tab.notebook.cells]


def test_file_of_another_notebook_is_taken_when_it_is_named(tab, tmp_path):
    """A practical on Drive, checked from a scratch notebook."""
    save(make_practical(), tmp_path)
    tab.notebook = make_practical(listed=False)

    assert not submission.open_submission("practical1.ipynb").from_tab


def test_another_practical_in_the_tab_is_refused(tab):
    """Its name is offered."""
    tab.notebook = make_practical()

    with pytest.raises(handin.HandinError, match=r"in this browser tab is 'practical1.ipynb'"):
        handin.pack("practical2.ipynb")


def test_tab_that_does_not_answer_is_told_with_the_way_out(tab):
    """The menu can always download the notebook."""
    with pytest.raises(handin.HandinError, match=r"did not answer either.*File > Download"):
        handin.check("practical1.ipynb")
