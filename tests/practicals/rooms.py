"""Grade sample hand-ins through the grader's three rooms, as `autograder grade` does."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.examiner import Examined, Job, Learnt, examine, learn
from autograder.grading import ensure_generated
from autograder.intake import SourceNotebook, read_sources, rebuild
from autograder.rooms import Rooms, RoomSettings
from autograder.workspace import open_workspace
from tests.practicals import handins
from tests.practicals.quick import SECONDS, Graded, outcome_of, text_of

ROOMS: Rooms
LEARNT: dict[str, Learnt] = {}


def grade_all(
    notebooks: dict[str, NotebookNode],
    processes: int = 2,
    progress: Callable[[str], None] = lambda name: None,
    practical: str = "practical1",
) -> dict[str, Graded]:
    """Grade many hand-ins, some at once; ``progress`` is told the name of each that is done."""
    source = read_source(practical)
    with ProcessPoolExecutor(processes, get_context("spawn"), _open_rooms) as pool:
        jobs = {
            pool.submit(grade, source, nbformat.writes(notebook)): name
            for name, notebook in notebooks.items()
        }
        for job in as_completed(jobs):
            progress(jobs[job])
        return {name: job.result() for job, name in jobs.items()}


def grade(source: SourceNotebook, text: str) -> Graded:
    """Grade one hand-in in this process's rooms."""
    scaled = _at_scale_of(source, nbformat.reads(text, as_version=4))
    rebuilt = rebuild(scaled, text.encode())
    if source.digest not in LEARNT:
        LEARNT[source.digest] = learn(source, ROOMS, timeout=SECONDS)
    learnt = vars(LEARNT[source.digest])
    return _read(examine(ROOMS, Job(scaled, rebuilt, {}, seed=0, timeout=SECONDS, **learnt)))


def read_source(practical: str) -> SourceNotebook:
    """Return the source of a practical, through a gradebook of its own."""
    with tempfile.TemporaryDirectory() as folder, _gradebook_at(Path(folder) / "gradebook.db"):
        workspace = open_workspace(handins.ROOT)
        ensure_generated(workspace, practical)
        (source,) = read_sources(workspace, practical)
    return source


@contextmanager
def _gradebook_at(path: Path) -> Iterator[None]:
    before = os.environ.get("CMP784_DB_URL")
    os.environ["CMP784_DB_URL"] = f"sqlite:///{path}"
    try:
        yield
    finally:
        if before is None:
            del os.environ["CMP784_DB_URL"]
        else:
            os.environ["CMP784_DB_URL"] = before


def _open_rooms() -> None:
    global ROOMS
    ROOMS = Rooms(RoomSettings(preload=("torch", "numpy", "matplotlib.pyplot", "cmp784.checks")))


def _at_scale_of(source: SourceNotebook, handin: NotebookNode) -> SourceNotebook:
    """Return the source with the scale of a sample hand-in, which no student could change."""
    (parameters,) = [
        cell.source for cell in handin.cells if "parameters" in cell.metadata.get("tags", [])
    ]
    cells = tuple(
        replace(cell, cell={**cell.cell, "source": parameters}, full=parameters)
        if "parameters" in cell.cell["metadata"].get("tags", [])
        else cell
        for cell in source.cells
    )
    return replace(source, cells=cells)


def _read(examined: Examined) -> Graded:
    """Turn verdicts and outputs into what the judges of sample hand-ins read."""
    assert not examined.problem, examined.problem
    notebook = nbformat.from_dict(examined.notebook)
    cells = {handins.grade_id(cell): cell for cell in notebook.cells}
    points = {verdict.grade_id: verdict.points for verdict in examined.verdicts}
    messages, statuses = {}, {}
    for verdict in examined.verdicts:
        if verdict.points < verdict.max_points:
            outputs = cells[verdict.grade_id].outputs
            messages[verdict.grade_id], statuses[verdict.grade_id] = outcome_of(outputs)
    errors = {
        handins.grade_id(cell): output.evalue
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("solution")
        for output in cell.outputs
        if output.output_type == "error" and handins.grade_id(cell) not in points
    }
    seconds = {verdict.grade_id: verdict.seconds for verdict in examined.verdicts}
    text = text_of(json.dumps([cell.get("outputs", []) for cell in notebook.cells]))
    return Graded(points, messages, statuses, frozenset(), seconds, errors, text)
