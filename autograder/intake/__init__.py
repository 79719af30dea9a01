"""The first of the grader's rooms: a hand-in becomes a notebook that is the instructor's again.

Every cell but the student's answers comes from the instructor's source. What was handed in is
read as plain data, within limits; it decides nothing but what the answers are.
"""

from typing import TYPE_CHECKING, Any

from autograder.intake.errors import IntakeError
from autograder.intake.folder import HandIn, read_folder
from autograder.intake.rebuilding import Rebuilt, RebuiltCell, rebuild
from autograder.intake.source import SourceCell, SourceNotebook

if TYPE_CHECKING:
    from autograder.intake.source_reader import read_sources

__all__ = [
    "HandIn",
    "IntakeError",
    "Rebuilt",
    "RebuiltCell",
    "SourceCell",
    "SourceNotebook",
    "read_folder",
    "read_sources",
    "rebuild",
]


def __getattr__(name: str) -> Any:
    """Import the reader of sources when it is first asked for: workers do not need nbgrader."""
    if name != "read_sources":
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from autograder.intake.source_reader import read_sources

    return read_sources
