"""Which notebooks a change touches, in a small repository with a package of its own."""

import subprocess

import pytest

from cmp784.headless import UsageError
from cmp784.headless.changes import changed_since
from cmp784.headless.notebook import find
from tests.cmp784 import builders

PACKAGE = {
    "__init__.py": "from cmp784.errors import Problem",
    "errors.py": "class Problem(Exception): pass",
    "colours.py": "blue = 1",
    "plots.py": "from cmp784 import colours",
    "widgets.py": "def show():\n    from . import plots",
    "worlds/__init__.py": "from cmp784.worlds.blocks import make",
    "worlds/blocks.py": "make = None",
    "data/__init__.py": "from cmp784.data.texts import names, poems",
    "data/texts.py": (
        "ROOT = 'tiny'\ndef names(): return _read('names')\n"
        "def poems(): return _read(ROOT)\ndef _read(name): ...\n"
    ),
    "data/registry.toml": "[names.a]\nbytes = 1\n[tiny.b]\nbytes = 2\n[idle.c]\nbytes = 3\n",
}
NOTEBOOKS = {
    "plain": ["import math"],
    "whole": ["import cmp784"],
    "plots": ["from cmp784 import plots"],
    "widgets": ["%matplotlib inline\nimport cmp784.widgets as w"],
    "worlds": ["from cmp784.worlds import make"],
    "names": ["from cmp784 import data", "data.names()"],
    "poems": ["from cmp784.data import poems", "poems()"],
    "table": ["open('table.csv')", "import helper"],
    "odd": ["not (python"],
}


def _git(folder, *words):
    settings = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Give a repository with one commit, from inside."""
    for name, text in PACKAGE.items():
        builders.write(tmp_path / "cmp784" / name, text)
    for name, cells in NOTEBOOKS.items():
        builders.write_notebook(tmp_path / "lectures" / f"{name}.ipynb", *cells)
    for name in ("table.csv", "helper.py", "unused.csv"):
        builders.write(tmp_path / "lectures" / name, "1")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "start")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _touched(revision="HEAD"):
    found = changed_since(find(["lectures"]), revision)
    return [source.path.stem for source in found if source.path.stem != "odd"]


def _append(path, text="\n# changed\n"):
    path.write_text(path.read_text() + text)


IMPORTING_ANY = ["names", "plots", "poems", "whole", "widgets", "worlds"]


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ("lectures/plain.ipynb", ["plain"]),
        ("cmp784/plots.py", ["plots", "widgets"]),
        ("cmp784/colours.py", ["plots", "widgets"]),
        ("cmp784/worlds/blocks.py", ["worlds"]),
        ("cmp784/errors.py", IMPORTING_ANY),
        ("cmp784/__init__.py", IMPORTING_ANY),
        ("cmp784/data/texts.py", ["names", "poems"]),
        ("cmp784/data/new_file.bin", ["names", "poems"]),
        ("lectures/table.csv", ["table"]),
        ("lectures/helper.py", ["table"]),
        ("lectures/unused.csv", []),
        ("README.md", []),
    ],
)
def test_change_runs_what_imports_or_names_it(repository, changed, touched):
    """Does an uncommitted change, to an old file or a new one, run exactly what it touches?"""
    path = repository / changed
    path.touch()
    _append(path, "\n" if changed.endswith(".ipynb") else "\n# changed\n")

    assert _touched() == touched


@pytest.mark.parametrize(
    ("before", "after", "touched"),
    [
        ("bytes = 1", "bytes = 10", ["names"]),
        ("bytes = 2", "bytes = 20", ["poems"]),
        ("bytes = 3", "bytes = 30", []),
        ("[names.a]", "# more words\n[names.a]", []),
    ],
    ids=["names", "through a constant", "used by nobody", "a comment"],
)
def test_changed_data_set_runs_what_calls_it(repository, before, after, touched):
    """Does a changed entry of the registry run the notebooks that read this data set?"""
    registry = repository / "cmp784/data/registry.toml"
    registry.write_text(registry.read_text().replace(before, after))

    assert _touched() == touched


def test_committed_staged_and_deleted_changes_count(repository):
    """Is every way in which the tree may differ from the revision seen?"""
    _append(repository / "lectures/plain.ipynb", "\n")
    _git(repository, "commit", "-qam", "plain")
    _append(repository / "lectures/names.ipynb", "\n")
    _git(repository, "add", ".")
    (repository / "cmp784/colours.py").unlink()
    builders.write_notebook(repository / "lectures/new.ipynb", "import math")

    assert _touched("HEAD~1") == ["names", "new", "plain", "plots", "widgets"]
    assert _touched("HEAD") == ["names", "new", "plots", "widgets"]


def test_nothing_changed_touches_nothing(repository):
    """Is a clean tree an empty choice?"""
    assert changed_since(find(["lectures"]), "HEAD") == []


def test_notebook_that_cannot_be_parsed_is_run_on_any_change(repository):
    """Is a notebook whose imports cannot be known never left out?"""
    builders.write(repository / "README.md", "new")

    assert [s.path.stem for s in changed_since(find(["lectures"]), "HEAD")] == ["odd"]


def test_unknown_revision_is_named(repository):
    """Does a wrong revision say which, where, and what was expected?"""
    with pytest.raises(UsageError, match=r"'no-such'.*no such revision.*commit, tag or branch"):
        changed_since(find(["lectures"]), "no-such")


def test_option_in_place_of_a_revision_is_refused(repository):
    """Is a revision that looks like an option of git never one?"""
    with pytest.raises(UsageError, match="no such revision"):
        changed_since(find(["lectures"]), "--output=stolen")

    assert not (repository / "stolen").exists()


def test_folder_outside_of_git_is_refused(tmp_path, monkeypatch):
    """Is a folder that is in no repository an error with the reason?"""
    monkeypatch.chdir(tmp_path)
    builders.write_notebook(tmp_path / "a.ipynb")

    with pytest.raises(UsageError, match="not a git repository"):
        changed_since(find(["."]), "HEAD")
