"""The intake as the first step of ``nbgrader autograde``."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.plugins.conversion import conversion_of
from autograder.plugins.intake import take_in


class RebuildNotebook(NbGraderPreprocessor):
    """Puts in the place of a handed-in notebook one that is rebuilt from the instructor's source.

    Named first in ``nbgrader_config.py``::

        c.Autograde.sanitize_preprocessors = [
            "autograder.plugins.RebuildNotebook",
            "nbgrader.preprocessors.CheckCellMetadata",
        ]

    Only the answers are the student's; nbgrader's `DeduplicateIds`, `OverwriteKernelspec` and
    `OverwriteCells` have nothing left to do after it, and do no harm. What was mended, and what
    cannot be, is told in nbgrader's log.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Rebuild; nbconvert calls this with what it could read itself, which decides nothing."""
        conversion = conversion_of(self, resources)
        taken = take_in(conversion)
        for note in (*taken.hand_in.notes, *taken.rebuilt.notes):
            self.log.warning("%s: %s", conversion, note)
        if taken.problem:
            self.log.error("%s NEEDS A PERSON: %s", conversion, taken.problem)
        return taken.notebook(), resources
