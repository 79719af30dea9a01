"""Tests of autograder.bundle: what students get, and that it works without the rest."""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.bundle import FILES, BundleError, build_bundle, student_files
from autograder.leaks import find_leaks
from autograder.workspace import open_workspace
from cmp784 import badges, course
from tests.autograder.tiny_course import make_course

TOP = {
    *("lectures", "practicals", "cmp784", "README.md", "pyproject.toml", "hatch_build.py"),
    *("constraints.txt", "environment.yml", "course.toml", "LICENSE", "LICENSE-CONTENT"),
    "CITATION.cff",
}
BUILD = """
import hatchling.build, sys
print(hatchling.build.build_wheel(sys.argv[1]))
print(hatchling.build.build_editable(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def bundle(root, tmp_path_factory):
    """Write the bundle once."""
    return build_bundle(root, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(bundle, tmp_path_factory):
    """Unpack it as a student does."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder / "cmp784"


def names(bundle):
    """List what a zip file holds."""
    with zipfile.ZipFile(bundle) as archive:
        return archive.namelist()


def test_bundle_holds_the_students_folders_and_what_they_need(bundle):
    """One folder with three folders in it, and the files that install and license them."""
    parts = [Path(name).parts for name in names(bundle)]

    assert bundle.name == "cmp784-students.zip"
    assert {part[0] for part in parts} == {"cmp784"}
    assert {part[1] for part in parts} == TOP
    assert len(set(parts)) == len(parts)


def test_bundle_holds_every_file_that_git_tracks_there_and_no_other(root, bundle):
    """Nothing is forgotten, and nothing that tools leave behind goes out."""
    if not (root / ".git").exists():
        pytest.skip("needs git: run the tests in a clone of the repository")
    folders = ("lectures", "practicals", "cmp784")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tracked = {name for name in listed.split("\0") if name and (root / name).is_file()}

    packed = {name.partition("/")[2] for name in names(bundle)}
    assert {name for name in packed if name.startswith(folders)} == tracked


def test_bundle_is_the_same_bytes_each_time(root, bundle, tmp_path):
    """No date, no owner, no order of a folder: a digest can be published."""
    again = build_bundle(root, tmp_path / "again.zip")

    assert again == tmp_path / "again.zip"
    assert again.read_bytes() == bundle.read_bytes()


def test_no_hidden_line_is_in_the_bundle(root, bundle):
    """The leak check reads the zip file itself."""
    for name in open_workspace(root).assignments():
        assert find_leaks(root, name, bundle) == []


def test_make_student_bundle_refuses_a_leak(root, tmp_path):
    """A line that was copied into a lecture stops it, with the place; the old bundle stays."""
    for name in (*FILES, "nbgrader_config.py"):
        shutil.copy(root / name, tmp_path)
    for name in ("lectures", "practicals", "cmp784"):
        (tmp_path / name).mkdir()
    make_course(tmp_path)
    (tmp_path / "lectures" / "a.md").write_text("for number in (-3, 0, 10**9):", "utf-8")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "cmp784-students.zip").write_bytes(b"old")
    command = [sys.executable, "-m", "autograder.bundle"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 1
    assert "lectures/a.md, line 1: 'for number in (-3, 0, 10**9):' is of the hidden" in done.stderr
    assert (tmp_path / "build" / "cmp784-students.zip").read_bytes() == b"old"


def test_readme_of_the_bundle_is_for_students(root, unpacked):
    """How to open it, and when what is due; nothing of what instructors do."""
    text = (unpacked / "README.md").read_text("utf-8")

    assert text.startswith("# CMP784: Deep Learning\n")
    assert badges.practicals_table(course.load(root)) in text
    assert "autograder" not in text
    assert "solutions/" not in text


def test_course_works_from_the_bundle_alone(unpacked):
    """`import cmp784` finds package, syllabus and sample data there, and no grader."""
    site = Path(pytest.__file__).parents[1]
    code = (
        f"import sys; sys.path[:0] = [{str(unpacked)!r}, {str(site)!r}];"
        "import cmp784, importlib.util;"
        "from cmp784 import checks, claim, course, data, handin, worlds;"
        "print(cmp784.__file__); print(course.load().course.code);"
        "print(importlib.util.find_spec('autograder'))"
    )
    # Without -S the checkout would help, which is installed editable.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=unpacked, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(unpacked / "cmp784" / "__init__.py"), "CMP784", "None"]


@pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None or importlib.util.find_spec("editables") is None,
    reason="needs hatchling: .venv/bin/python -m pip install hatchling editables",
)
def test_bundle_can_be_installed(unpacked, tmp_path):
    """Wheel and editable install hold the command `cmp784` and no trace of the grader."""
    for kind in ("wheel", "editable"):
        (tmp_path / kind).mkdir()

    done = subprocess.run(
        [sys.executable, "-c", BUILD, tmp_path / "wheel", tmp_path / "editable"],
        cwd=unpacked,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    for kind in ("wheel", "editable"):
        (wheel,) = (tmp_path / kind).iterdir()
        with zipfile.ZipFile(wheel) as archive:
            packages = {name.partition("/")[0] for name in archive.namelist()}
            (commands,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
            said = archive.read(commands).decode()
        assert "cmp784 = cmp784.cli:main" in said
        assert "autograder" not in said
        assert packages & {"autograder", "solutions", "tests", "practicals"} == set()


def test_missing_file_is_named(root, tmp_path):
    """Half a bundle is none; an old one stays."""
    (tmp_path / "course.toml").write_bytes((root / "course.toml").read_bytes())
    (tmp_path / "dist.zip").write_bytes(b"old")

    with pytest.raises(BundleError, match=r"no pyproject\.toml, no hatch_build\.py.*no lectures/"):
        build_bundle(tmp_path, tmp_path / "dist.zip")
    assert (tmp_path / "dist.zip").read_bytes() == b"old"


def test_what_tools_leave_behind_stays_behind(tmp_path):
    """Caches, checkpoints, hidden files and links are not for students."""
    for name in (
        *("lectures/a.ipynb", "lectures/.ipynb_checkpoints/a.ipynb", "cmp784/__pycache__/x.pyc"),
        *(
            "cmp784/x.py",
            "practicals/.DS_Store",
            "cmp784/.ruff_cache/x",
            "lectures/dask-worker-space/x",
        ),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")
    (tmp_path / "lectures" / "link").symlink_to(tmp_path / "cmp784" / "x.py")

    found = [path.relative_to(tmp_path).as_posix() for path in student_files(tmp_path)]

    assert found == ["lectures/a.ipynb", "cmp784/x.py"]
