"""The notebooks that nbgrader is tested with, as courses; they are in the installed package."""

from pathlib import Path

import nbformat

from tests.stock.courses import (
    GUIDE,
    INSTALLED,
    SAMPLES,
    Files,
    hand_in,
    make_course,
    released,
    solved,
)

#: More of them, among which are those that use ``nose`` and those with a task.
STEPS = INSTALLED / "tests/preprocessors/files"
#: ``nose`` is not to be had any more; these notebooks need no more of it than this.
NOSE = '''"""What the sample notebooks need of nose, as a module beside the notebook."""


def assert_equal(found, wanted):
    assert found == wanted, f"{found} != {wanted}"


def assert_raises(error, function, *arguments):
    try:
        function(*arguments)
    except error:
        return
    raise AssertionError(f"{error.__name__} not raised")
'''


def make_guide(folder: Path, assignment: str) -> Path:
    """Make the course of nbgrader's user guide, with its two hand-ins and two of ours."""
    folder.mkdir()
    (folder / "autotests.yml").write_bytes((GUIDE / "autotests.yml").read_bytes())
    make_course(folder, {assignment: _files(GUIDE / "source" / assignment)})
    for student in ("bitdiddle", "hacker"):
        hand_in(folder, assignment, student, _files(GUIDE / "submitted" / student / "ps1"))
    hand_in(folder, assignment, "solved", solved(folder, assignment))
    hand_in(folder, assignment, "untouched", released(folder, assignment))
    return folder


def make_changed(folder: Path) -> Path:
    """Make the assignment of a few short cells that nbgrader's tests grade most."""
    make_course(folder, {"ps1": {"p1.ipynb": SAMPLES / "submitted-unchanged.ipynb"}})
    names = ("unchanged", "changed", "locked-cell-changed", "grade-cell-changed")
    for name in (*names, "cheat-attempt", "cheat-attempt-alternative"):
        hand_in(folder, "ps1", name, {"p1.ipynb": SAMPLES / f"submitted-{name}.ipynb"})
    for name in ("grade-cell-type-changed", "answer-cell-type-changed"):
        hand_in(folder, "ps1", name, {"p1.ipynb": STEPS / f"submitted-{name}.ipynb"})
    return folder


def make_autotests(folder: Path) -> Path:
    """Make an assignment of four notebooks whose tests nbgrader writes itself."""
    kinds = ("simple", "hashed", "hidden", "multi")
    folder.mkdir()
    (folder / "autotests.yml").write_bytes((SAMPLES / "autotests.yml").read_bytes())
    source = {f"{kind}.ipynb": SAMPLES / f"autotest-{kind}.ipynb" for kind in kinds}
    make_course(folder, {"ps1": source})
    for change in ("unchanged", "changed"):
        files = {f"{kind}.ipynb": SAMPLES / f"autotest-{kind}-{change}.ipynb" for kind in kinds}
        if change == "changed":
            files["hidden.ipynb"] = SAMPLES / "autotest-hidden-changed-right.ipynb"
        hand_in(folder, "ps1", change, files)
    wrong = {**files, "hidden.ipynb": SAMPLES / "autotest-hidden-changed-wrong.ipynb"}
    hand_in(folder, "ps1", "wrong", wrong)
    hand_in(folder, "ps1", "solved", solved(folder, "ps1"))
    return folder


def make_mixed(folder: Path) -> Path:
    """Make an assignment of ten notebooks, with data and a module beside them."""
    source: Files = {
        "plain.ipynb": SAMPLES / "test.ipynb",
        "hidden.ipynb": SAMPLES / "test-hidden-tests.ipynb",
        "nose.ipynb": STEPS / "test.ipynb",
        "task.ipynb": STEPS / "test_taskcell.ipynb",
        "manual.ipynb": STEPS / "manually-graded-code-cell.ipynb",
        "relative.ipynb": SAMPLES / "open_relative_file.ipynb",
        "environment.ipynb": SAMPLES / "validating-environment-variable.ipynb",
        "zero.ipynb": SAMPLES / "validation-zero-points.ipynb",
        "slow.ipynb": SAMPLES / "timeout.ipynb",
        "writes.ipynb": SAMPLES / "side-effects.ipynb",
        "data.txt": SAMPLES / "data.txt",
        "jupyter.png": SAMPLES / "jupyter.png",
        "nose/__init__.py": "",
        "nose/tools.py": NOSE,
    }
    make_course(folder, {"ps1": source})
    hand_in(folder, "ps1", "solved", solved(folder, "ps1"))
    hand_in(folder, "ps1", "untouched", released(folder, "ps1"))
    wrong = {name: nbformat.read(path, as_version=4) for name, path in source.items()
             if name in ("plain.ipynb", "hidden.ipynb", "nose.ipynb")}  # fmt: skip
    for notebook in wrong.values():
        for cell in notebook.cells:
            cell.source = cell.source.replace("i ** 2", "i ** 3").replace("i**2", "i**3")
    hand_in(folder, "ps1", "wrong", {**released(folder, "ps1"), **wrong, "data.txt": "theirs"})
    return folder


def _files(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir() if path.is_file()}
