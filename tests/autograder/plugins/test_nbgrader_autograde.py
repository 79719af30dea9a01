"""Tests of ``nbgrader autograde`` and of formgrader's button with our steps in the settings."""

import asyncio
import os

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI

from autograder.grading_record import Record
from autograder.workspace import open_workspace
from tests.autograder.plugins.course import PLUGINS, make_small, put
from tests.autograder.rooms.conftest import need
from tests.stock.courses import marks, marks_by_rooms, nbgrader_command
from tests.stock.damaged import HAND_INS, make_damaged

EMPTY = "the file is empty"


@pytest.fixture(autouse=True)
def _rooms():
    """Skip, in words, where this machine cannot wall rooms."""
    need("warm")


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """Make the course of all hand-ins that are damaged, forged or odd."""
    return make_damaged(tmp_path_factory.mktemp("damaged") / "course", PLUGINS)


@pytest.mark.slow
def test_nbgrader_autograde_gives_the_marks_of_autograder_grade(damaged):
    """Are points, questions to a person and comments the same, whatever became of a hand-in?"""
    ours = marks_by_rooms(damaged, "ps1")

    said = nbgrader_command(damaged, "autograde", "ps1")

    assert marks(damaged, "ps1") == ours
    assert {place.student for place in ours} == set(HAND_INS)
    assert f"empties, ps1/ps1.ipynb NEEDS A PERSON: {EMPTY}" in said


# nbgrader's own queries make sqlalchemy say this.
@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")
@pytest.mark.slow
def test_formgraders_button_works_while_the_servers_loop_runs(tmp_path):
    """Formgrader calls this in its event loop; does pressing it twice give the same marks?"""
    course, right = make_small(tmp_path / "course")
    put(course, "ada", {"ps1.ipynb": right})
    workspace = open_workspace(course)
    api = NbGraderAPI(coursedir=workspace.coursedir, config=workspace.config)

    async def press():
        return api.autograde("ps1", "ada")

    first = asyncio.run(press())
    before = marks(course, "ps1")
    second = asyncio.run(press())

    assert (first["success"], second["success"]) == (True, True)
    assert marks(course, "ps1") == before
    assert {place.cell: mark.points for place, mark in before.items()} == {
        "test": 3,
        "second-test": 2,
        "words": None,
        "answer": None,
        "second": None,
    }


@pytest.mark.slow
def test_hand_ins_that_nbgrader_cannot_carry_are_graded_all_the_same(tmp_path):
    """Is no link followed, and is a pipe, another name or an empty folder no reason to stop?"""
    course, right = make_small(tmp_path / "course")
    secret = tmp_path / "secret.txt"
    secret.write_text("of the instructor")
    (put(course, "linked", {"ps1.ipynb": right}) / "data.txt").symlink_to(secret)
    os.mkfifo(put(course, "piped", {"ps1.ipynb": right}) / "pipe")
    put(course, "renamed", {"homework.ipynb": right})
    put(course, "without", {"notes.txt": "I have none."})
    put(course, "ordinary", {"ps1.ipynb": right})

    said = nbgrader_command(course, "autograde", "ps1")

    points = {}
    for place, mark in marks(course, "ps1").items():
        points.setdefault(place.student, {})[place.cell] = mark.points
    full = {"test": 3, "second-test": 2}
    none = {"test": 0, "second-test": 0}
    assert {student: {cell: found[cell] for cell in full} for student, found in points.items()} == {
        "linked": full,
        "piped": full,
        "renamed": full,
        "without": none,
        "ordinary": full,
    }
    assert "without, ps1 NEEDS A PERSON" in said
    assert not (course / "autograded/linked/ps1/data.txt").exists()


@pytest.mark.slow
def test_no_hidden_line_is_left_in_the_autograded_notebook(tmp_path):
    """Does formgrader show test cells as students have them, with nbgrader's own checksums?"""
    course, right = make_small(tmp_path / "course")
    put(course, "ada", {"ps1.ipynb": right})

    nbgrader_command(course, "autograde", "ps1")

    graded = course / "autograded/ada/ps1/ps1.ipynb"
    sources = {cell.id: cell.source for cell in nbformat.read(graded, 4).cells}
    assert sources["test"] == "assert double(2) == 4"
    assert "0.5" not in graded.read_text()


@pytest.mark.slow
def test_status_and_the_next_run_know_what_the_stock_command_graded(tmp_path):
    """Is the hand-in recorded, so that `autograder grade` leaves it alone?"""
    course, right = make_small(tmp_path / "course")
    put(course, "ada", {"ps1.ipynb": right})

    nbgrader_command(course, "autograde", "ps1")

    entry = Record.load(open_workspace(course), "ps1").entries["ada"]
    assert (entry.state, entry.runs, entry.reason) == ("graded", 1, "")
    ours = marks_by_rooms(course, "ps1")
    copy = course.with_name(f"{course.name}-rooms")
    assert Record.load(open_workspace(copy), "ps1").entries["ada"] == entry
    assert ours == marks(course, "ps1")


@pytest.mark.slow
def test_no_execute_gives_no_points_for_outputs_that_were_handed_in(tmp_path):
    """Does nbgrader's own flag not open a door?"""
    course, right = make_small(tmp_path / "course")
    for cell in right.cells:
        if cell.id == "answer":
            cell.source = "def double(x):\n    return 0"
    put(course, "ada", {"ps1.ipynb": right})

    nbgrader_command(course, "autograde", "ps1", "--no-execute")

    found = {place.cell: mark.points for place, mark in marks(course, "ps1").items()}
    assert found["test"] == 0
