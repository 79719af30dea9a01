"""The notebook that is kept of an examination: what it shows, and how its tests went."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.examiner import points
from autograder.examiner.job import Job, Verdict
from autograder.examiner.outputs import error_output
from autograder.examiner.running import Run

#: The output type in which `cmp784.checks` stores the outcome of an exercise.
OUTCOME = "application/vnd.cmp784.check+json"


@dataclass(frozen=True)
class Asked:
    """How one test went, and what of it is shown.

    Parameters
    ----------
    outcomes
        Outcomes of exercises, as bundles of output types.
    error
        The class of the error and its message, where it failed.
    visible
        Whether it failed in what students were given.
    lost
        Whether it could not be run at all, for no fault of the student's.
    """

    verdict: Verdict
    outcomes: tuple[dict[str, Any], ...] = ()
    error: tuple[str, str] | None = None
    visible: bool = False
    lost: bool = False


def settle(asked: Asked, run: Run, number: int | None) -> tuple[Verdict, list[dict[str, Any]]]:
    """Return a test's verdict and outputs, in the student's own words where these are clean.

    What the visible part of a test showed in the student's room was kept before anything hidden
    came near it. Whatever was forged there deceives its author alone.
    """
    visible = run.outputs.get(number, []) if number is not None else []
    own = [output for output in visible if _is_plain(output)]
    boxes = {_title(one): one for one in visible if _failed(one)}
    shown = [
        boxes.get(_title(output), output) if _failed(output) else output
        for output in map(_display, asked.outcomes)
    ]
    verdict = asked.verdict
    if asked.error is not None:
        name, message = asked.error
        if asked.visible and (theirs := _error_in(visible)):
            name, message = theirs
            verdict = replace(verdict, message=f"{name}: {message}")
        shown.append(error_output(name, message))
    elif verdict.message:
        shown.append(_display({"text/plain": verdict.message}))
    return verdict, own + shown


def _is_plain(output: Mapping[str, Any]) -> bool:
    if output["output_type"] in ("error", "execute_result"):
        return False
    return not {OUTCOME, points.MIME} & set(output.get("data", {}))


def _error_in(outputs: list[dict[str, Any]]) -> tuple[str, str] | None:
    for output in reversed(outputs):
        if output["output_type"] == "error" and output["evalue"]:
            return output["ename"][:100], output["evalue"][:2000]
    return None


def _stored(output: Mapping[str, Any]) -> Mapping[str, Any]:
    stored = output.get("data", {}).get(OUTCOME)
    return stored if isinstance(stored, Mapping) else {}


def _title(output: Mapping[str, Any]) -> str:
    return str(_stored(output).get("title", ""))


def _failed(output: Mapping[str, Any]) -> bool:
    return _stored(output).get("status", "passed") != "passed"


def _display(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def notebook(job: Job, outputs: Mapping[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the rebuilt notebook with outputs, by number of the cell."""
    cells = []
    for number, rebuilt in enumerate(job.rebuilt.cells):
        cell = copy.copy(rebuilt.cell)
        if cell["cell_type"] == "code":
            cell |= {"outputs": outputs.get(number, []), "execution_count": None}
        cells.append(cell)
    metadata = copy.deepcopy(job.rebuilt.metadata)
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
