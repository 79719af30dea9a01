"""Sources of real courses: what students get, what they do not, and what the gradebook adds."""

import json
import os
import shutil

import nbformat
import pytest
from nbformat import v4
from nbgrader.api import Gradebook

from autograder.grading import ensure_generated
from autograder.intake import IntakeError, read_sources
from autograder.workspace import open_workspace
from tests.autograder.tiny_course import ANSWER, TESTS, make_cell, make_course, make_source

# Not ours: nbformat's words about cells without ids.
pytestmark = pytest.mark.filterwarnings("default")
STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make the tiny course, with its assignment in the gradebook."""
    source = make_source()
    source.cells[4].metadata["course"] = {"timeout": 7}
    source.cells[4].metadata["tags"] = ["in-room"]
    folder = make_course(tmp_path_factory.mktemp("course"), source)
    ensure_generated(open_workspace(folder), "practical1")
    return folder


@pytest.fixture
def workspace(course, tmp_path):
    """Give a copy of the course, which a test may change."""
    return open_workspace(shutil.copytree(course, tmp_path, dirs_exist_ok=True))


def stock_course(folder, notebook, config=""):
    """Make a course as a stranger has it."""
    (folder / "source" / "ps1").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(STOCK + config)
    (folder / "source" / "ps1" / "p1.ipynb").write_text(json.dumps(notebook))
    workspace = open_workspace(folder)
    ensure_generated(workspace, "ps1")
    return workspace


def test_roles_points_and_sources(workspace):
    """Each cell by what it is for; hidden lines and solutions are beside what students get."""
    (source,) = read_sources(workspace, "practical1")

    told = [(one.role, one.grade_id, one.points, one.manual) for one in source.cells]
    assert told == [
        ("given", "", 0.0, False),
        ("given", "", 0.0, False),
        ("given", "given", 0.0, False),
        ("answer", "double-answer", 0.0, False),
        ("test", "double", 3.0, False),
        ("answer", "words", 2.0, True),
        ("task", "drawing", 1.0, True),
    ]
    answer, test, words, task = source.cells[3:]
    assert answer.solution == ANSWER
    assert "raise NotImplementedError()" in answer.text
    assert test.full == TESTS
    assert test.text == TESTS.split("\n")[0]
    assert (test.timeout, test.in_room, answer.timeout, answer.in_room) == (7.0, True, None, False)
    assert words.text == "YOUR ANSWER HERE"
    assert "BEGIN MARK SCHEME" in task.full
    assert "BEGIN MARK SCHEME" not in task.text
    assert (source.name, source.language) == ("practical1", "python")
    assert [one.grade_id for one in source.tests] == ["double"]
    assert [one.grade_id for one in source.answers] == ["double-answer", "words"]


def test_cells_are_those_of_the_release(workspace, tmp_path):
    """To the letter: sources, metadata, ids, checksums."""
    from autograder.release import generate

    released = generate(workspace, "practical1", tmp_path / "made") / "practical1.ipynb"
    (source,) = read_sources(workspace, "practical1")

    made = json.loads(released.read_text("utf-8"))
    for cell in made["cells"]:
        cell["source"] = "".join(cell["source"])
    assert [one.cell for one in source.cells] == made["cells"]
    assert source.metadata == made["metadata"]


def test_digest_is_the_same_until_something_changes(workspace):
    """A point more in the gradebook is a change."""
    first, second = read_sources(workspace, "practical1"), read_sources(workspace, "practical1")
    with workspace.gradebook() as gradebook:
        gradebook.find_grade_cell("double", "practical1", "practical1").max_score = 4
        gradebook.db.commit()
    third = read_sources(workspace, "practical1")

    assert first == second
    assert first[0].digest == second[0].digest != third[0].digest
    assert third[0].tests[0].points == 4.0


def test_tests_of_the_gradebook_count(workspace):
    """There are those that nbgrader has generated; they are released without the hidden lines."""
    with workspace.gradebook() as gradebook:
        cell = gradebook.find_source_cell("double", "practical1", "practical1")
        cell.source = "assert 1\n### BEGIN HIDDEN TESTS\nassert 2\n### END HIDDEN TESTS"
        gradebook.db.commit()

    (source,) = read_sources(workspace, "practical1")

    assert (source.tests[0].full.count("assert"), source.tests[0].text) == (2, "assert 1")


def test_stock_course_with_header_and_footer(tmp_path):
    """No syllabus, no steps of ours, a notebook of format 4.2, delimiters of its own."""
    header = v4.new_notebook(cells=[v4.new_code_cell("NAME = ''")])
    footer = v4.new_notebook(cells=[v4.new_markdown_cell("Hand it in.")])
    nbformat.write(header, tmp_path / "header.ipynb")
    nbformat.write(footer, tmp_path / "footer.ipynb")
    config = (
        "c.IncludeHeaderFooter.header = 'header.ipynb'\n"
        "c.IncludeHeaderFooter.footer = 'footer.ipynb'\n"
        "c.ClearSolutions.code_stub = {'python': 'pass  # yours'}\n"
        "c.ClearHiddenTests.begin_test_delimeter = 'HIDE'\n"
        "c.ClearHiddenTests.end_test_delimeter = 'SHOW'\n"
    )
    cells = [
        make_cell("x = 1", "x", solution=True),
        make_cell("assert x\n# HIDE\nassert x == 1\n# SHOW", "x-test", grade=True, points=2),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    notebook.nbformat_minor = 2
    for cell in notebook.cells:
        del cell["id"]
    workspace = stock_course(tmp_path, notebook, config)

    (source,) = read_sources(workspace, "ps1")
    (again,) = read_sources(workspace, "ps1")

    assert source == again
    texts = [one.text for one in source.cells]
    assert texts == ["NAME = ''", "pass  # yours", "assert x", "Hand it in."]
    assert [one.cell["id"] for one in source.cells] == ["cell-0", "x", "x-test", "cell-3"]
    assert source.tests[0].full.endswith("# SHOW")


def test_notebook_that_the_gradebook_does_not_hold(workspace):
    """The remedy is in the message."""
    folder = workspace.folder("source", "practical1")
    nbformat.write(make_source(), folder / "more.ipynb")

    with pytest.raises(IntakeError, match=r"more\.ipynb.*Run 'nbgrader generate_assignment"):
        read_sources(workspace, "practical1")


def test_source_that_has_changed_since_its_release(workspace):
    """A question that the gradebook does not know cannot be graded."""
    folder = workspace.folder("source", "practical1")
    source = make_source()
    source.cells.append(make_cell("assert True", "new", grade=True, locked=True, points=1))
    nbformat.write(source, folder / "practical1.ipynb")

    with pytest.raises(IntakeError, match="cell 'new': not in the gradebook"):
        read_sources(workspace, "practical1")


def test_source_that_is_no_notebook(workspace):
    """An instructor's mistake is an error, in words."""
    (workspace.folder("source", "practical1") / "practical1.ipynb").write_text("{")

    with pytest.raises(IntakeError, match="not a notebook that can be read"):
        read_sources(workspace, "practical1")


def test_gradebook_is_closed_and_the_folder_is_the_same(workspace, monkeypatch, tmp_path):
    """Steps run in the top of the course; whoever calls finds himself where he was."""
    monkeypatch.chdir(tmp_path / "solutions")

    read_sources(workspace, "practical1")

    with Gradebook(workspace.coursedir.db_url, "cmp784") as gradebook:
        assert [one.name for one in gradebook.assignments] == ["practical1"]
    assert os.getcwd() == str(tmp_path / "solutions")
