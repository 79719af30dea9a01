"""Signs that an answer works only because cells were once run in another order than they stand."""

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from cmp784 import checks, outputs
from cmp784.handin import cells
from cmp784.handin.fresh_run import FreshRun

if TYPE_CHECKING:
    from nbformat import NotebookNode

_UNDEFINED = re.compile(r"'(\w+)' is not defined")


def signs(saved: "NotebookNode", run: FreshRun) -> list[str]:
    """Compare what a student's file says with what a fresh run of it gave.

    Parameters
    ----------
    saved
        The notebook with the outputs that the student saw.
    run
        A fresh run of it.

    Returns
    -------
    list of str
        One sentence or two each: names used above their definition, and checks that passed in the
        file and did not in the fresh run.
    """
    return [*_late_names(run.notebook), *_lost(saved, run)]


def outcomes(cell: "NotebookNode") -> list[checks.Outcome]:
    """Return the outcomes of checks in a cell's outputs; those that cannot be read are left out."""
    from nbformat import NotebookNode

    found = []
    for _, stored in outputs.stored(NotebookNode(cells=[cell]), checks.MIME):
        try:
            found.append(checks.Outcome.from_json(stored))
        except checks.OutcomeError:
            continue
    return found


def _late_names(fresh: "NotebookNode") -> list[str]:
    """Name what a cell lacked in the fresh run and a cell further down defines."""
    found = {}
    for index, cell in enumerate(fresh.cells):
        for name in sorted(set(_UNDEFINED.findall(_said(cell)))):
            places = _definitions(fresh, name)
            if places and min(places) > index and name not in found:
                found[name] = (
                    f"{cells.named(fresh, index)} uses '{name}', which is defined "
                    f"only further down, in {cells.label(fresh, min(places))}. "
                    "Move the definition up."
                )
    return list(found.values())


def _lost(saved: "NotebookNode", run: FreshRun) -> list[str]:
    """Name the checks that passed in the file and that the fresh run reached and did not pass."""
    sentences = []
    for index, (old, new) in enumerate(zip(saved.cells, run.notebook.cells, strict=True)):
        now = {outcome.title for outcome in outcomes(new) if outcome.passed}
        lost = [one.title for one in outcomes(old) if one.passed and one.title not in now]
        reached = index < run.done and index not in run.slow
        sentences += [_lost_words(title) for title in lost if reached]
    turned = _turned(saved)
    return [*sentences, turned] if sentences and turned else sentences


def _lost_words(title: str) -> str:
    return (
        f"'{title}' passed when you last ran it, and does not pass in a fresh run: it depends on a "
        "cell that ran earlier and was changed, moved or deleted since. Restart the kernel, run "
        "all cells from the top, and look where the first one differs."
    )


def _turned(saved: "NotebookNode") -> str:
    """Say which cells were last run in another order than they stand; empty when none were."""
    counts = [(cell.get("execution_count"), n) for n, cell in enumerate(saved.cells)]
    run = [(count, index) for count, index in counts if isinstance(count, int)]
    for (first, upper), (second, lower) in pairwise(run):
        if second < first:
            above, below = cells.label(saved, upper), cells.label(saved, lower)
            return (
                f"In your file, {above} was last run after {below}, which stands further down. "
                "The grader runs from top to bottom."
            )
    return ""


def _said(cell: "NotebookNode") -> str:
    """Return the errors and the messages of checks that a cell left."""
    errors = [out for out in cell.get("outputs", []) if out.output_type == "error"]
    said = [error.evalue for error in errors if error.ename == "NameError"]
    return "\n".join(said + [outcome.message for outcome in outcomes(cell)])


def _definitions(notebook: "NotebookNode", name: str) -> list[int]:
    """Return the places of the cells that define a name for the cells after them."""
    code = [(n, cell.source) for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    return [index for index, source in code if name in defined(source)]


def defined(source: str) -> dict[str, str]:
    r"""Return the names that a cell defines, each with the source of the statement that does.

    Examples
    --------
    >>> defined("%pip list\nimport numpy as np\ndef f(x):\n    y = x\n    return y")
    {'np': 'import numpy as np', 'f': 'def f(x):\n    y = x\n    return y'}
    """
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        text = TransformerManager().transform_cell(source)
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return {}
    return {
        name: ast.get_source_segment(text, statement) or ""
        for statement in statements
        for name in _bound(statement)
    }


def _bound(node: ast.AST) -> list[str]:
    """Return the names that a statement binds where it stands, not inside functions."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.partition(".")[0]]
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return []
    return [name for child in ast.iter_child_nodes(node) for name in _bound(child)]
