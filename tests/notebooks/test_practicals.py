"""What every released practical promises: it is today's, it opens, and it holds nothing hidden."""

import json
import shutil
from pathlib import Path

import pytest

from autograder.hidden_lines import read_cells
from autograder.leaks import find_leaks
from autograder.release import generate
from autograder.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[2]
PRACTICALS = open_workspace(ROOT).assignments()

every_practical = pytest.mark.parametrize("name", PRACTICALS)


def files(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, by their names in it."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    kept = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


def test_every_practical_has_a_release_and_every_release_a_source() -> None:
    """Are the folders of practicals/ those that nbgrader makes?"""
    folders = [path.name for path in (ROOT / "practicals").iterdir() if path.is_dir()]

    assert sorted(name for name in folders if not name.startswith(".")) == PRACTICALS
    assert PRACTICALS


@every_practical
def test_release_is_what_nbgrader_makes_of_the_source_today(name: str, tmp_path: Path) -> None:
    """Is each byte of practicals/ made from solutions/ as they are?"""
    made = files(generate(open_workspace(ROOT), name, tmp_path))
    released = files(ROOT / "practicals" / name)

    stale = sorted(one for one in {*made, *released} if made.get(one) != released.get(one))
    remedy = f"practicals/{name} is not made from today's source. Run: autograder release {name}"
    assert not stale, f"{remedy} ({', '.join(stale)})"


@every_practical
def test_release_leaks_nothing(name: str) -> None:
    """Is no line of an answer or of a hidden test in anything that students receive?"""
    assert find_leaks(ROOT, name) == []


@every_practical
def test_every_hidden_region_would_be_found(name: str, tmp_path: Path) -> None:
    """Is each answer, hidden test and marking scheme recognised, copied into a lecture?"""
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    (tmp_path / "lectures").mkdir()
    cells = read_cells(ROOT / "solutions" / name / f"{name}.ipynb")
    regions = [lines for cell in cells for _, lines in cell.hidden]
    planted = [f"lectures/{number:03d}.md" for number in range(len(regions))]
    for file, lines in zip(planted, regions, strict=True):
        (tmp_path / file).write_text("\n".join(lines), "utf-8")

    assert planted
    assert sorted({leak.file for leak in find_leaks(tmp_path, name)}) == planted


@every_practical
def test_release_names_its_cells_in_order(name: str) -> None:
    """Do the metadata list nbgrader's cells, by which a hand-in is checked?"""
    notebook = json.loads((ROOT / "practicals" / name / f"{name}.ipynb").read_text("utf-8"))

    known = [
        cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]
    ]
    assert notebook["metadata"]["course"]["practical"] == name
    assert notebook["metadata"]["course"]["cells"] == [cell["grade_id"] for cell in known]
    assert set(notebook["metadata"]) == {"course", "kernelspec", "language_info"}
