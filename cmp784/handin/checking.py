"""Check a practical as the grader will run it, and say what stands in its way."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cmp784.handin import cells, fresh_run
from cmp784.handin.fresh_run import FreshRun
from cmp784.handin.report import Check, Report
from cmp784.handin.submission import open_submission

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Seconds that one cell may take.
LIMIT = 300.0


def check(name: str | Path | None = None, *, limit: float = LIMIT) -> Report:
    """Run a copy of a practical in a fresh kernel, and report each visible check.

    The notebook's file stays as it is. In Colab the notebook of the browser tab is taken.

    Parameters
    ----------
    name
        The notebook, such as ``"practical1.ipynb"``; by default the only practical in this folder.
    limit
        Seconds that one cell may take before it is stopped.

    Returns
    -------
    Report
        Shows itself as the last line of a cell. Inside of a fresh run, and under a grader, it only
        notes that nothing was checked, so that a notebook may check itself.

    Raises
    ------
    HandinError
        When there is no such notebook, or it is not one.

    Examples
    --------
    >>> check("practical0.ipynb")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    cmp784.handin.submission.HandinError: practical0.ipynb: there is no such file in ...
    """
    if fresh_run.inside_a_run():
        return Report(
            str(name or ""), note="handin.check: nothing to do, a machine runs this notebook."
        )
    from cmp784.handin import order, saved

    submission = open_submission(name)
    notebook = submission.notebook
    run = _run(notebook, submission.folder, limit)
    warnings = [
        *([] if submission.from_tab else saved.unsaved(notebook)),
        *cells.problems(notebook),
        *_stops(run, limit),
        *order.signs(notebook, run),
        *_noise(run.notebook),
    ]
    found = tuple(_checks(run))
    return Report(submission.name, found, tuple(warnings), run.seconds)


def _run(notebook: "NotebookNode", folder: Path, limit: float) -> FreshRun:
    """Run the copy behind one progress bar."""
    from tqdm.auto import tqdm

    total = len(notebook.cells)
    with tqdm(total=total, desc="fresh kernel", unit="cell", leave=False) as bar:

        def on_cell(index: int) -> None:
            if index != bar.n:
                bar.set_description(f"fresh kernel, {cells.label(notebook, index)}", refresh=False)
                bar.update(index - bar.n)

        return fresh_run.run(notebook, folder, limit, on_cell)


def _checks(run: FreshRun) -> Iterator[Check]:
    """Yield the visible checks of each cell, and one entry for a test cell that left none."""
    from cmp784.handin.order import outcomes

    for index, cell in enumerate(run.notebook.cells):
        name, worth = cells.grade_id(cell), cells.points(cell)
        found = outcomes(cell)
        name = name if cells.is_test(cell) else ""
        yield from (Check(name, one.title, one.status, one.message, worth) for one in found)
        if cells.is_by_hand(cell):
            status = "empty" if cells.as_given(cell) else "answered"
            yield Check(cells.grade_id(cell), "in words", status, "", worth)
        elif name and index >= run.done:
            yield Check(name, "tests", "not run", "", worth)
        elif name and all(one.passed for one in found):
            error = _error(cell)
            if error or not found:
                yield Check(name, "tests", "error" if error else "passed", error, worth)


def _stops(run: FreshRun, limit: float) -> Iterator[str]:
    """Say which cells ran too long, ended the kernel, or stopped with an error of their own."""
    for index in run.slow:
        yield (
            f"{cells.named(run.notebook, index)} ran longer than {limit:g} s and was stopped. Make "
            "it quicker: fewer loops over single numbers, fewer epochs. On a slow machine, give it "
            "more time: handin.check(..., limit=600)."
        )
    if run.ending:
        yield (
            f"{cells.named(run.notebook, run.done)} {run.ending}; the cells after it were not run. "
            "Look for too little memory, a call of exit(), or an endless loop in that cell."
        )
    for index, cell in enumerate(run.notebook.cells):
        error = _error(cell)
        if error and not cells.is_test(cell) and index not in run.slow:
            where = cells.named(run.notebook, index)
            yield f"{where} stops with {error}. Mend it, or remove it if it is yours."


def _noise(fresh: "NotebookNode") -> Iterator[str]:
    """Name test cells that wrote to the error stream, which nbgrader takes for a failure."""
    for cell in fresh.cells:
        texts = [out.text for out in cell.get("outputs", []) if out.get("name") == "stderr"]
        if texts and cells.is_test(cell):
            said = " ".join("".join(texts).split())[:200]
            yield (
                f"During the tests of {cells.grade_id(cell)} your code writes a warning: '{said}'. "
                "The grader counts that as a failed test. Remove its cause."
            )


def _error(cell: "NotebookNode") -> str:
    """Return the last line of the error that stopped a cell; nothing for a stub."""
    for output in cell.get("outputs", []):
        if output.output_type == "error" and output.ename != "NotImplementedError":
            return f"{output.ename}: {output.evalue}".rstrip(": ")[:300]
    return ""
