"""A course whose settings name the plugins, as a test needs it."""

from pathlib import Path

from nbformat import NotebookNode

from tests.stock.courses import hand_in, make_course, released
from tests.stock.damaged import GOOD, answered, make_source

ROOT = Path(__file__).resolve().parents[3]
#: What ``nbgrader_config.py`` of this repository says too.
PLUGINS = f"""
import sys

if {str(ROOT)!r} not in sys.path:
    sys.path.insert(0, {str(ROOT)!r})
c.Autograde.exporter_class = "autograder.plugins.HandInExporter"
c.Autograde.sanitize_preprocessors = [
    "autograder.plugins.RebuildNotebook",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.plugins.GradeInRooms",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "autograder.plugins.SaveRecord",
    "nbgrader.preprocessors.CheckCellMetadata",
]
"""


def make_small(folder: Path, config: str = "") -> tuple[Path, NotebookNode]:
    """Make a course of one assignment; give it and a right hand-in."""
    course = make_course(folder, {"ps1": {"ps1.ipynb": make_source()}}, PLUGINS + config)
    return course, answered(released(course, "ps1")["ps1.ipynb"], GOOD)


def put(course: Path, student: str, files: dict[str, object]) -> Path:
    """Hand in; give the folder."""
    hand_in(course, "ps1", student, files)  # type: ignore[arg-type]
    return course / "submitted" / student / "ps1"
