"""What a step of nbgrader works on: which course, assignment, student and notebook."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.converters import BaseConverter
from traitlets.config import LoggingConfigurable

from autograder.errors import AutograderError
from autograder.workspace import Workspace


class PluginError(AutograderError):
    """A plugin that cannot do its work, or is named where it has none."""


@dataclass(frozen=True)
class Conversion:
    """One notebook of one hand-in, on its way through ``nbgrader autograde``."""

    workspace: Workspace
    assignment: str
    student: str
    notebook: str

    def __str__(self) -> str:
        return f"{self.student}, {self.assignment}/{self.notebook}.ipynb"


def conversion_of(step: LoggingConfigurable, resources: Mapping[str, Any]) -> Conversion:
    """Say what a preprocessor is called for.

    Parameters
    ----------
    step
        The preprocessor.
    resources
        What nbgrader gives along.

    Raises
    ------
    PluginError
        Outside of ``nbgrader autograde``.
    """
    names = resources.get("nbgrader", {})
    if not {"assignment", "student", "notebook"} <= set(names):
        raise PluginError(
            f"{type(step).__name__}: called without an assignment, a student and a notebook. "
            "Name it in c.Autograde.sanitize_preprocessors or c.Autograde.autograde_preprocessors."
        )
    workspace = workspace_of(step)
    return Conversion(workspace, names["assignment"], names["student"], names["notebook"])


def converter_of(step: LoggingConfigurable) -> BaseConverter:
    """Find the converter that a step works for.

    nbconvert makes its exporter the parent of a preprocessor, nbgrader its converter the parent of
    that.

    Raises
    ------
    PluginError
        Where there is none.
    """
    above: Any = step
    while above is not None:
        if isinstance(above, BaseConverter):
            return above
        above = above.parent
    raise PluginError(
        f"{type(step).__name__}: it works for no converter of nbgrader. "
        "Name it in nbgrader_config.py, as its help says."
    )


def workspace_of(step: LoggingConfigurable) -> Workspace:
    """Give the course of a step: the settings that reached it, the command line's too."""
    return Workspace(Path(converter_of(step).coursedir.root), step.config)
