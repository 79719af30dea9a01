"""The course's own steps of `nbgrader generate_assignment`, named in `nbgrader_config.py`.

nbgrader runs them, one after the other, on each notebook that it releases, from the course's top.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nbgrader.api import MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor, SaveCells

from autograder.deadlines import deadlines
from cmp784 import badges, course

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
#: What a cell and the notebook's `course` keep; all else is of the author's tools, or their own.
CELL_METADATA = ("deletable", "editable", "nbgrader", "tags")
COURSE_METADATA = ("question", "title", "week")

_ATTACHMENT = re.compile(r"attachment:([^)\s\"'>]+)")


def syllabus() -> course.Course | None:
    """Read the syllabus of the course that nbgrader works in; none is no error, a mistake is."""
    return course.load(course.FILE) if Path(course.FILE).is_file() else None


class PrepareNotebook(NbGraderPreprocessor):
    """Makes a notebook the students' own: links to Colab, kernel, metadata without the author's.

    ``metadata.course`` gets the practical's name and ``cells``, the ``grade_id`` of each cell that
    nbgrader knows, in order: a hand-in is checked against this list. It stands before the cells are
    locked and saved, so that nbgrader's gradebook holds what students see.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Change the notebook; nbconvert calls this."""
        names = resources["nbgrader"]
        about = syllabus()
        if about is not None:
            file = f"{names['notebook']}.ipynb"
            badges.stamp(nb, about, f"practicals/{names['assignment']}/{file}")
        given = nb.metadata.get("course", {})
        kept = {key: given[key] for key in COURSE_METADATA if key in given}
        cells = [cell.metadata["nbgrader"] for cell in nb.cells if "nbgrader" in cell.metadata]
        kept |= {"practical": names["assignment"], "cells": [cell["grade_id"] for cell in cells]}
        nb.metadata.clear()
        nb.metadata.update(course=kept, kernelspec=dict(KERNEL), language_info={"name": "python"})
        for cell in nb.cells:
            for key in set(cell.metadata) - set(CELL_METADATA):
                del cell.metadata[key]
        return nb, resources


class SaveCellsAndDueDates(SaveCells):
    """Saves the cells as nbgrader does, and the due dates of the syllabus, as UTC.

    Each assignment that the gradebook knows gets its date anew: a changed date needs one release.
    ``--no-db`` switches it off, as it does `SaveCells`.
    """

    def _create_notebook(self, nb: Any) -> None:
        """Write to the gradebook, which is open only during this call."""
        super()._create_notebook(nb)
        about = syllabus()
        for deadline in deadlines(about) if about else ():
            try:
                self.gradebook.find_assignment(deadline.assignment)
            except MissingEntry:  # it is not released yet
                continue
            self.gradebook.update_or_create_assignment(deadline.assignment, duedate=deadline.at)


class DropUnusedAttachments(NbGraderPreprocessor):
    """Takes away the pictures that only a removed answer showed: nbgrader clears the text alone."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Keep what the cell still names; nbconvert calls this for each cell."""
        attachments = cell.get("attachments", {})
        named = {unquote(name) for name in _ATTACHMENT.findall(cell.source)}
        for name in set(attachments) - named:
            del attachments[name]
        if "attachments" in cell and not attachments:
            del cell["attachments"]
        return cell, resources
