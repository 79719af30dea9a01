"""Grade hand-ins within seconds: their cells run in forked processes that have all loaded already.

nbgrader starts a kernel for each hand-in and takes a minute for what takes seconds here. The points
are nbgrader's own: its function reads the outputs that the cells left. A test compares the two.
"""

import json
import multiprocessing
import re
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade, is_grade, is_solution

from cmp784 import checks
from tests.practicals.handins import HIDDEN, grade_id

SECONDS = 180  # of one hand-in, all its training included
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.practicals.preload"])


class TooSlow(AssertionError):  # noqa: N818 - said of a hand-in
    """A hand-in that did not end, or whose process died."""


@dataclass(frozen=True)
class Graded:
    """What grading one hand-in gave.

    Attributes
    ----------
    points
        Of each test cell, by its id.
    messages
        Of each test cell that gave less than its points: what the student reads.
    statuses
        Of each of those cells: how its last check ended, such as ``mistake`` or ``unanswered``.
    hidden
        The ids of those that passed what is visible and failed what is hidden.
    seconds
        Of processor time for each cell, by its id, or by its number where it has none.
    errors
        What stopped cells that are neither answers nor tests, by the same key.
    text
        Everything that the cells wrote.
    """

    points: dict[str, float]
    messages: dict[str, str]
    statuses: dict[str, str]
    hidden: frozenset[str]
    seconds: dict[str, float]
    errors: dict[str, str]
    text: str

    @property
    def total(self) -> float:
        """All points together."""
        return sum(self.points.values())

    def lost(self, full: dict[str, float]) -> dict[str, float]:
        """Return the points that are missing, by test cell."""
        return {key: full[key] - self.points[key] for key in full if self.points[key] != full[key]}


def grade(notebook: NotebookNode, seconds: float = SECONDS) -> Graded:
    """Run one hand-in, with the hidden tests in it, and return its points.

    Raises
    ------
    TooSlow
        When it does not end in time, or its process dies.
    """
    mine, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_run, args=(theirs, nbformat.writes(notebook)), daemon=True)
    process.start()
    theirs.close()
    try:
        if not mine.poll(seconds):
            raise TooSlow(
                f"the hand-in did not end within {seconds:g} s. Look for an endless loop."
            )
        executed = mine.recv()
    except EOFError:
        raise TooSlow("the hand-in's process died. Run it in a kernel to see why.") from None
    finally:
        process.kill()
        process.join()
    return _read(notebook, executed)


def grade_all(
    notebooks: dict[str, NotebookNode],
    processes: int = 2,
    progress: Callable[[str], None] = lambda name: None,
) -> dict[str, Graded]:
    """Grade many hand-ins, some at once; ``progress`` is told the name of each that is done."""
    with ThreadPoolExecutor(processes) as pool:
        jobs = {pool.submit(grade, notebook): name for name, notebook in notebooks.items()}
        for job in as_completed(jobs):
            progress(jobs[job])
        return {name: job.result() for job, name in jobs.items()}


def _run(connection: Any, text: str) -> None:
    """Execute a notebook in this process; send outputs, seconds and the line of the error."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("colors", "nocolor")
    executed = []
    for cell in nbformat.reads(text, as_version=4).cells:
        executed.append(_run_cell(shell, cell) if cell.cell_type == "code" else None)
    connection.send(json.dumps(executed))


def _run_cell(shell: Any, cell: NotebookNode) -> dict[str, Any]:
    """Execute one cell; return what a kernel would leave in the notebook."""
    from IPython.utils.capture import capture_output

    began = time.process_time()
    with capture_output() as captured:
        ran = shell.run_cell(cell.source, store_history=True)
    seconds = time.process_time() - began
    error = ran.error_before_exec or ran.error_in_exec
    found = [new_output("display_data", data=shown.data) for shown in captured.outputs]
    if captured.stderr:
        found.append(new_output("stream", name="stderr", text=captured.stderr))
    # A shell, other than a kernel, writes errors and last values to the output.
    if captured.stdout:
        found.append(new_output("stream", name="stdout", text=captured.stdout))
    if error is not None:
        found.append(new_output("error", ename=type(error).__name__, evalue=str(error)))
    elif ran.result is not None and not cell.source.rstrip().endswith(";"):
        data, _ = shell.display_formatter.format(ran.result)
        found.append(new_output("execute_result", data=data))
    return {"outputs": found, "seconds": seconds, "line": _line(error)}


def _line(error: BaseException | None) -> int:
    """Return the line of the cell where an error began; a check replaces the error by its own."""
    if error is None:
        return 0
    frames = traceback.extract_tb((error.__context__ or error).__traceback__)
    return next((frame.lineno or 0 for frame in frames if frame.name == "<module>"), 0)


def _read(notebook: NotebookNode, executed: str) -> Graded:
    """Turn the outputs of the cells into points and words."""
    points, messages, statuses, hidden, seconds, errors = {}, {}, {}, set(), {}, {}
    ran = json.loads(executed, object_hook=NotebookNode)
    for number, (cell, run) in enumerate(zip(notebook.cells, ran, strict=True), start=1):
        if run is None:
            continue
        key = grade_id(cell) or str(number)
        seconds[key] = run.seconds
        if not is_grade(cell):
            stopped = [out.evalue for out in run.outputs if out.output_type == "error"]
            if stopped and not is_solution(cell):
                errors[key] = stopped[0]
            continue
        points[key], most = determine_grade(NotebookNode({**cell, "outputs": run.outputs}))
        if points[key] < most:
            messages[key], statuses[key] = outcome_of(run.outputs)
            if _is_hidden(cell.source, run.line):
                hidden.add(key)
    return Graded(points, messages, statuses, frozenset(hidden), seconds, errors, text_of(executed))


def outcome_of(outputs: list[NotebookNode]) -> tuple[str, str]:
    """Return the message and the status of the check that failed, or the bare error."""
    stored = [out.data[checks.MIME] for out in outputs if checks.MIME in out.get("data", {})]
    failed = [one for one in map(checks.Outcome.from_json, stored) if not one.passed]
    if failed:
        return failed[-1].message or failed[-1].to_text(), failed[-1].status
    said = [out.get("evalue") or out.get("text", "") for out in outputs]
    return "\n".join(filter(None, said)), "no check"


def _is_hidden(source: str, line: int) -> bool:
    """Tell whether a line of a test cell lies in its hidden tests."""
    regions = [match.span() for match in HIDDEN.finditer(source)]
    numbers = [[source[:end].count("\n") + 1 for end in region] for region in regions]
    return any(first <= line <= last for first, last in numbers)


def text_of(executed: str) -> str:
    """Return all that was written, as one plain text without colours."""
    strings: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, str):
            strings.append(value)
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                collect(item)

    collect(json.loads(executed))
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(strings))
