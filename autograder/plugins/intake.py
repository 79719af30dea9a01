"""The intake for one notebook of a hand-in, as the steps of ``nbgrader autograde`` need it."""

from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.intake import HandIn, Rebuilt, SourceNotebook, read_folder, read_sources, rebuild
from autograder.plugins.conversion import Conversion, PluginError


@dataclass(frozen=True)
class Taken:
    """A notebook of a hand-in, rebuilt from its source.

    Parameters
    ----------
    problem
        Why a person has to look, in words; empty where nobody has to.
    """

    source: SourceNotebook
    rebuilt: Rebuilt
    hand_in: HandIn

    @property
    def problem(self) -> str:
        """Say why a person has to look; nothing where nobody has to."""
        return self.hand_in.problems.get(self.source.name, "") or self.rebuilt.problem

    def notebook(self) -> NotebookNode:
        """Give the rebuilt notebook in nbformat's form."""
        cells = [cell.cell for cell in self.rebuilt.cells]
        about = {"nbformat": 4, "nbformat_minor": 5, "metadata": self.rebuilt.metadata}
        return nbformat.from_dict({**about, "cells": cells})


def take_in(conversion: Conversion) -> Taken:
    """Read what was handed in, safely, and rebuild one notebook of it.

    Raises
    ------
    PluginError
        For a notebook that the assignment does not have.
    """
    workspace, assignment = conversion.workspace, conversion.assignment
    sources = {source.name: source for source in read_sources(workspace, assignment)}
    if conversion.notebook not in sources:
        known = ", ".join(sources) or "none"
        raise PluginError(f"{conversion}: the assignment has no such notebook. It has: {known}.")
    folder = workspace.folder("submitted", assignment, conversion.student)
    hand_in = read_folder(folder, tuple(sources.values()))
    source = sources[conversion.notebook]
    return Taken(source, rebuild(source, hand_in.notebooks.get(source.name, b"")), hand_in)
