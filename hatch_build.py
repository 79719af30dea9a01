"""Leave the grader's entry points out of what students install: its package is not in there."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PROVISIONERS = "jupyter_client.kernel_provisioners"


class InstructorCommand(BuildHookInterface):
    """Keeps ``autograder`` and its kernels only for an editable checkout that holds the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Drop both; the builder calls this before it writes the entry points."""
        if version != "editable" or not (Path(self.root) / "autograder").is_dir():
            self.metadata.core.scripts.pop("autograder", None)
            self.metadata.core.entry_points.pop(PROVISIONERS, None)
