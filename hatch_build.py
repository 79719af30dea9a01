"""Leave the grader's command out of what students install: its package is not in there."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class InstructorCommand(BuildHookInterface):
    """Keeps the command ``autograder`` only for an editable checkout that holds the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Drop the command; the builder calls this before it writes the entry points."""
        if version != "editable" or not (Path(self.root) / "autograder").is_dir():
            self.metadata.core.scripts.pop("autograder", None)
