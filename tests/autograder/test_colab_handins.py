"""Six hand-ins that Colab saved are collected and graded like those of JupyterLab."""

import gc
import json
import os
import shutil

import nbformat
import pytest

from autograder.collect import collect
from autograder.grading import Options, grade
from autograder.workspace import open_workspace
from cmp784.handin import cells
from cmp784.handin.submission import parse
from tests import colab_handins
from tests.colab_handins import NAME, SAMPLES
from tests.practicals import handins

#: One of the six, which is handed in from JupyterLab, too: it needs no training.
TWIN = next(sample for sample in SAMPLES if sample.letters == "AB")

# Not ours: what the Jupyter packages say to each other while a kernel starts and stops.
pytestmark = pytest.mark.filterwarnings("default")


def read(sample):
    """Return a committed hand-in as plain data."""
    path = colab_handins.FOLDER / sample.student / f"{NAME}.ipynb"
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.student)
def test_committed_hand_in_is_made_from_today_s_release(sample):
    """After a change of the practical: python -m tests.colab_handins."""
    assert read(sample) == json.loads(colab_handins.from_colab(sample))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.student)
def test_hand_in_has_the_habits_of_colab(sample):
    """Format 4.0, a badge on top, names of cells in the metadata, outputs with Colab's marks."""
    saved = read(sample)
    badge, *others = saved["cells"]
    shown = [cell for cell in others if cell.get("outputs")]

    assert list(saved) == ["nbformat", "nbformat_minor", "metadata", "cells"]
    assert (saved["nbformat"], saved["nbformat_minor"]) == (4, 0)
    assert saved["metadata"]["colab"]["provenance"] == []
    assert saved["metadata"].get("accelerator") == ("GPU" if sample.gpu else None)
    assert badge["metadata"] == {"id": "view-in-github", "colab_type": "text"}
    assert [cell for cell in saved["cells"] if "id" in cell] == []
    assert len({cell["metadata"]["id"] for cell in others}) == len(others)
    assert len(shown) == 2
    assert all(cell["metadata"]["outputId"] and cell["metadata"]["colab"] for cell in shown)
    assert "application/vnd.google.colaboratory.intrinsic+json" in shown[-1]["outputs"][0]["data"]
    assert all(isinstance(cell["source"], list) for cell in saved["cells"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.student)
def test_hand_in_lacks_no_cell(sample):
    """What the student's own check reads in the metadata is all there."""
    path = colab_handins.FOLDER / sample.student / f"{NAME}.ipynb"

    assert cells.problems(parse(path.read_bytes(), path.name)) == []


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """Collect the six and their twins, grade them, and return points by student and cell."""
    if not os.environ.get("CMP784_DATA"):
        pytest.skip("needs the real data sets: set CMP784_DATA=<folder of the local mirror>")
    root, laboratory = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("laboratory")
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(handins.ROOT / name, root)
    shutil.copytree(handins.ROOT / "solutions" / NAME, root / "solutions" / NAME)
    path = laboratory / f"{TWIN.student}-twin" / f"{NAME}.ipynb"
    path.parent.mkdir()
    nbformat.write(colab_handins.from_jupyter(TWIN), path)
    workspace = open_workspace(root)
    archives = [colab_handins.FOLDER, laboratory]
    collect(workspace, NAME, archives, platform="folder")
    done = grade(workspace, NAME, options=Options(workers=1, isolation="none"))
    gc.collect()  # the sockets of the kernels, while their warnings are let through
    assert done.needs_person == ()
    with workspace.gradebook() as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score
                for grade in submission.notebooks[0].grades
                if grade.auto_score is not None
            }
            for submission in gradebook.assignment_submissions(NAME)
        }


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.student)
def test_hand_in_from_colab_gets_the_points_of_its_answers(scores, sample):
    """Four full, one with two parts, one empty: every question of the solved parts, no other."""
    points = handins.points(handins.source(NAME))

    assert {name: scores[sample.student][name] for name in points} == {
        name: worth if name[0] in sample.letters else 0.0 for name, worth in points.items()
    }


@pytest.mark.slow
def test_hand_in_from_colab_gets_what_its_twin_from_jupyterlab_gets(scores):
    """The same answers, saved by another program."""
    assert scores[TWIN.student] == scores[f"{TWIN.student}-twin"]
