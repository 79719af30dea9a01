"""Tests of autograder.release and its steps."""

import json
import shutil
from datetime import UTC

import nbformat
import pytest

from autograder.release import LeakError, Released, ReleaseError, generate, release
from autograder.workspace import WorkspaceError, open_workspace
from tests.autograder.tiny_course import make_cell, make_course

NAME = "practical1"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Release a practical once: to make an empty gradebook takes seconds."""
    folder = make_course(tmp_path_factory.mktemp("course"))
    release(open_workspace(folder), NAME)
    shutil.rmtree(folder / "practicals")
    return folder


@pytest.fixture
def workspace(once, tmp_path):
    """Open a course with one practical; its gradebook is there, its folder for students is not."""
    return open_workspace(shutil.copytree(once, tmp_path / "course"))


def rewrite(workspace, change):
    """Change the source notebook."""
    path = workspace.folder("source", NAME) / f"{NAME}.ipynb"
    notebook = nbformat.read(path, 4)
    change({cell.id: cell for cell in notebook.cells}, notebook)
    nbformat.write(notebook, path)


def read(workspace):
    """Read the released notebook."""
    return nbformat.read(workspace.folder("release", NAME) / f"{NAME}.ipynb", 4)


def bytes_of(folder):
    """Give every file below a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_release_says_what_it_did(workspace):
    """Folder, files, points, and the due date in the course's time zone."""
    done = release(workspace, NAME)

    assert done == Released(
        assignment=NAME,
        folder=workspace.root / "practicals" / NAME,
        files=("practical1.ipynb",),
        points=6.0,
        due=done.due,
        changed=True,
        rewritten=(),
    )
    assert done.due.isoformat() == "2024-10-24T23:59:59+03:00"


def test_progress_names_each_step_once(workspace):
    """A bar can be drawn from it, and ends full."""
    seen = []

    release(workspace, NAME, progress=lambda *step: seen.append(step))

    assert seen == [
        (0, 5, "badges"),
        (1, 5, "the students' copy"),
        (2, 5, "leak check"),
        (3, 5, "gradebook"),
        (4, 5, "in place"),
        (5, 5, "released"),
    ]


def test_gradebook_gets_points_and_due_date_as_utc(workspace):
    """Nbgrader counts in UTC without a zone."""
    done = release(workspace, NAME)

    with workspace.gradebook() as gradebook:
        assignment = gradebook.find_assignment(NAME)
        assert assignment.max_score == 6
        assert assignment.duedate == done.due.astimezone(UTC).replace(tzinfo=None)


def test_released_notebook_opens_on_colab_and_installs_the_course(workspace):
    """Badge and setup cell come with the release, whether the author wrote them or not."""
    release(workspace, NAME)

    title, setup = read(workspace).cells[:2]
    assert (
        "(https://colab.research.google.com/github/cmp784/cmp784/blob/main/practicals/practical1/"
        "practical1.ipynb)" in title.source
    )
    assert setup.source.startswith("try:\n    import cmp784\nexcept ImportError:")
    assert '    %pip install --quiet "cmp784 @ git+https://github.com/cmp784/cmp784"' in (
        setup.source
    )


def test_metadata_hold_what_a_hand_in_is_checked_by_and_nothing_of_the_author(workspace):
    """The practical's name, nbgrader's cells in order, the kernel; no tool's or author's traces."""

    def change(cells, notebook):
        notebook.metadata.course = {"title": "Doubling", "author_notes": "easy", "week": 3}
        notebook.metadata.jupytext = {"formats": "ipynb,py"}
        notebook.metadata.kernelspec.display_name = "my venv"
        cells["given"].metadata["vscode"] = {"x": 1}
        cells["setup"].metadata["solution_notes"] = "x"

    rewrite(workspace, change)

    release(workspace, NAME)

    notebook = read(workspace)
    assert notebook.metadata == {
        "course": {
            "title": "Doubling",
            "week": 3,
            "practical": "practical1",
            "cells": ["given", "double-answer", "double", "words", "drawing"],
        },
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    kept = {key for cell in notebook.cells for key in cell.metadata}
    assert kept == {"tags", "nbgrader", "deletable", "editable"}


def test_released_notebook_is_of_today_s_format_with_the_source_s_ids(workspace):
    """Cells keep their ids, so that versions of a notebook can be compared."""
    release(workspace, NAME)

    path = workspace.folder("release", NAME) / f"{NAME}.ipynb"
    content = json.loads(path.read_text("utf-8"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert [cell["id"] for cell in content["cells"]] == [
        *("title", "setup", "given", "double-answer", "double", "words", "drawing")
    ]


def test_second_release_of_the_same_source_changes_no_byte(workspace):
    """No time, no random id, no checksum that differs."""
    release(workspace, NAME)
    before = bytes_of(workspace.root / "practicals")

    assert not release(workspace, NAME).changed
    assert bytes_of(workspace.root / "practicals") == before


def test_changed_source_replaces_the_release_as_a_whole(workspace):
    """What is gone from the source is gone from the release; data come along."""
    source = workspace.folder("source", NAME)
    (source / "old.csv").write_text("1", "utf-8")
    release(workspace, NAME)
    (source / "old.csv").unlink()
    (source / "data").mkdir()
    (source / "data" / "new.csv").write_text("2", "utf-8")
    (source / ".ipynb_checkpoints").mkdir()
    (source / ".ipynb_checkpoints" / "practical1-checkpoint.ipynb").write_text("{}", "utf-8")

    done = release(workspace, NAME)

    assert (done.changed, done.files) == (True, ("practical1.ipynb", "data/new.csv"))
    assert sorted(bytes_of(workspace.root / "practicals")) == ["new.csv", "practical1.ipynb"]


def test_generating_elsewhere_changes_neither_gradebook_nor_release(workspace, tmp_path):
    """Tests and the leak check make a release to look at."""
    rewrite(workspace, lambda cells, notebook: notebook.cells.append(make_cell("x = 1", "new")))
    before = bytes_of(workspace.run_time)

    made = generate(workspace, NAME, tmp_path / "elsewhere")

    assert list(bytes_of(made)) == ["practical1.ipynb"]
    assert not (workspace.root / "practicals").exists()
    assert bytes_of(workspace.run_time) == before


def test_leak_stops_the_release_and_the_old_one_stays(workspace):
    """The error names file, cell and line; gradebook and folder are as before."""
    release(workspace, NAME)
    before = bytes_of(workspace.root / "practicals")
    leaked = "for number in (-3, 0, 10**9):"

    new = make_cell("x = 1", "new", locked=True)
    rewrite(workspace, lambda cells, notebook: notebook.cells.append(new))
    (workspace.folder("source", NAME) / "notes.txt").write_text(f"a\nb\n{leaked}\n", "utf-8")

    with pytest.raises(LeakError) as raised:
        release(workspace, NAME)

    assert str(raised.value) == (
        "'practical1' is not released: students would read what is hidden, in 1 place.\n"
        f"  practicals/practical1/notes.txt, line 3: '{leaked}' is of the hidden test of cell "
        "'double'.\nTake it out there, or reword the source."
    )
    assert bytes_of(workspace.root / "practicals") == before
    with workspace.gradebook() as gradebook:
        cells = gradebook.find_notebook(NAME, NAME).source_cells
        assert "new" not in [cell.name for cell in cells]


def test_refusal_of_nbgrader_is_told_in_its_words_and_the_old_release_stays(workspace):
    """Two cells of one name are no notebook to nbgrader."""
    release(workspace, NAME)
    before = bytes_of(workspace.root / "practicals")
    twin = make_cell("x = 1", "given", locked=True)
    twin.id = "another"
    rewrite(workspace, lambda cells, notebook: notebook.cells.append(twin))

    with pytest.raises(ReleaseError, match=r"'solutions/practical1' .* says: .*(?i:duplicate)"):
        release(workspace, NAME)
    assert bytes_of(workspace.root / "practicals") == before


# SQLAlchemy says so of nbgrader's own code.
@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_new_cell_after_a_hand_in_is_refused(workspace):
    """Who is graded already cannot get other questions; nbgrader's gradebook says so."""
    release(workspace, NAME)
    before = bytes_of(workspace.root / "practicals")
    with workspace.gradebook() as gradebook:
        gradebook.add_student("sample-01")
        gradebook.add_submission(NAME, "sample-01")
    cell = make_cell("assert True", "more", grade=True, locked=True, points=1)
    rewrite(workspace, lambda cells, notebook: notebook.cells.append(cell))

    with pytest.raises(ReleaseError, match="there are submissions associated with it"):
        release(workspace, NAME)
    assert bytes_of(workspace.root / "practicals") == before


def test_interruption_inside_of_nbgrader_is_one(workspace, monkeypatch):
    """Nbgrader turns Ctrl-C into words; who pressed it wants to stop."""
    from nbgrader.converters import GenerateAssignment

    def interrupt(converter, name):
        raise KeyboardInterrupt

    monkeypatch.setattr(GenerateAssignment, "convert_single_notebook", interrupt)

    with pytest.raises(KeyboardInterrupt):
        release(workspace, NAME)
    assert list((workspace.root / "practicals").iterdir()) == []


def test_interrupted_release_leaves_the_old_one(workspace):
    """Ctrl-C at the last moment: what lay there lies there, and nothing beside it."""
    release(workspace, NAME)
    before = bytes_of(workspace.root / "practicals")
    rewrite(workspace, lambda cells, notebook: cells["given"].update(source="limit = 1"))

    def interrupt(done, total, what):
        if what == "in place":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        release(workspace, NAME, progress=interrupt)
    assert bytes_of(workspace.root / "practicals") == before


def test_left_over_of_a_killed_release_is_cleared(workspace):
    """A process that was killed cannot clean up; the next release does."""
    left = workspace.root / "practicals" / ".practical1-release-abc"
    left.mkdir(parents=True)
    (left / "x").write_text("x", "utf-8")

    release(workspace, NAME)

    assert list(bytes_of(workspace.root / "practicals")) == ["practical1.ipynb"]


def test_unknown_practical_is_refused_with_those_that_there_are(workspace):
    """A slip of the pen is answered with the names; `lectures` is none."""
    with pytest.raises(WorkspaceError, match=r"'solutions/practical2': no notebook .* practical1"):
        release(workspace, "practical2")


def test_release_brings_the_readme_and_the_source_up_to_date(root, tmp_path):
    """In the repository, badges of the source and the README's link come with it."""
    course = make_course(tmp_path)
    for file in ("README.md", "CITATION.cff", "pyproject.toml"):
        shutil.copy(root / file, course)

    done = release(open_workspace(course), NAME)

    link = "https://colab.research.google.com/github/cmp784/cmp784/blob/main/practicals/practical1/"
    assert sorted(done.rewritten) == ["README.md", "solutions/practical1/practical1.ipynb"]
    for file in done.rewritten:
        assert link in (course / file).read_text("utf-8")


def test_source_without_a_setup_cell_is_refused(workspace):
    """A student on Colab could not import the course."""

    def change(cells, notebook):
        cells["setup"].metadata.tags = []

    rewrite(workspace, change)

    with pytest.raises(ReleaseError, match="no code cell is tagged 'setup'"):
        release(workspace, NAME)
