"""The rooms in the place of nbgrader's own kernel, as a step of ``nbgrader autograde``."""

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder.office.folder import finished
from autograder.office.recording import record_result
from autograder.office.worker import NotebookResult
from autograder.plugins.conversion import conversion_of, converter_of
from autograder.plugins.examination import Examination, examination_of
from autograder.plugins.outputs import express
from autograder.rooms import choose


class GradeInRooms(NbGraderPreprocessor):
    """Examines a hand-in in the grader's rooms, and puts the outputs into its notebook.

    Named in the place of nbgrader's `Execute` in ``nbgrader_config.py``::

        c.Autograde.autograde_preprocessors = [
            "autograder.plugins.GradeInRooms",
            "nbgrader.preprocessors.LimitOutput",
            "nbgrader.preprocessors.SaveAutoGrades",
            "nbgrader.preprocessors.AssignLatePenalties",
            "autograder.plugins.SaveRecord",
            "nbgrader.preprocessors.CheckCellMetadata",
        ]

    What comes out says to `SaveAutoGrades` exactly the points of ``autograder grade``. nbgrader's
    ``--no-execute`` does not reach it: outputs that are handed in are no marks.
    """

    isolation = Unicode(
        "",
        help="How rooms are walled: warm, cold, container or none. By default the best there is.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Give the notebook as it was run and examined; nbconvert calls this."""
        conversion = conversion_of(self, resources)
        isolation = self.isolation or None
        warning = choose(isolation).why
        if warning:
            self.log.warning("Rooms: %s", warning)
        examination = examination_of(converter_of(self), conversion, isolation)
        if examination.result.failure:
            # The record says that it is to be tried again; the next line stops this hand-in.
            plan, task, result = examination.plan, examination.task, examination.result
            record_result(conversion.workspace, plan, task, result)
        found = examination.notebook(conversion.notebook)
        for verdict in found.verdicts:
            if verdict.weaker:
                self.log.warning(
                    "%s: test '%s' ran beside the student's code", conversion, verdict.grade_id
                )
        return _as_nbgrader_counts(found, examination), resources


class SaveRecord(NbGraderPreprocessor):
    """Writes what `SaveAutoGrades` has no place for: reasons why a person is needed, and a record.

    It comes after nbgrader's own steps that write the gradebook, and leaves there exactly what
    ``autograder grade`` does, in one transaction: ``autograder status`` knows the hand-in then, and
    whoever opens it in formgrader finds the reason as a comment.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Write, when the last notebook of a hand-in is through; nbconvert calls this."""
        conversion, converter = conversion_of(self, resources), converter_of(self)
        last = sorted(converter.notebooks)[-1:]
        if last and not last[0].endswith(f"/{conversion.notebook}.ipynb"):
            return nb, resources
        done = examination_of(converter, conversion, None)
        record_result(conversion.workspace, done.plan, done.task, done.result)
        for one in done.result.notebooks:
            for verdict in one.verdicts:
                if verdict.error:
                    self.log.error(
                        "%s NEEDS A PERSON: test '%s': %s",
                        conversion,
                        verdict.grade_id,
                        verdict.error,
                    )
            if one.problem:
                self.log.error(
                    "%s, %s.ipynb NEEDS A PERSON: %s", conversion.student, one.name, one.problem
                )
        return nb, resources


def _as_nbgrader_counts(found: NotebookResult, examination: Examination) -> NotebookNode:
    """Give a notebook whose outputs say to nbgrader what the examiner said."""
    verdicts = {one.grade_id: one for one in found.verdicts}
    cells = examination.cells[found.name]
    made = finished(found.notebook, cells, "" if found.verdicts else found.problem)
    for cell in made["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        known = cells.graded.get(name)
        if known is None or cell["cell_type"] != "code" or name in cells.manual:
            continue
        verdict = verdicts.get(name)
        points, message = (verdict.points, verdict.message) if verdict else (0.0, found.problem)
        points = min(max(points, 0.0), known.max_points)
        cell["outputs"] = express(cell.get("outputs", ()), points, known.max_points, message)
    return nbformat.from_dict(made)
