"""Keep hidden tests out of feedback, and tell in words how each test cell went."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from traitlets import Integer, Unicode
from traitlets.config import Config

from cmp784.checks.outcomes import MIME, Outcome, OutcomeError

#: Output types that a page without a kernel cannot show, and in which code could hide.
LIVE = frozenset(
    (
        "application/javascript",
        "application/vnd.jupyter.widget-view+json",
        "application/vnd.jupyter.widget-state+json",
    )
)
#: Fields of an output that hold nothing which is shown.
SILENT = frozenset(("output_type", "name", "image/png", "image/jpeg", "application/pdf"))
#: What stands where a hidden test stood.
HERE = "# Hidden tests ran here."
#: What stands in place of an outcome that would quote a hidden test.
WITHHELD = "This check failed. Its reason would quote a hidden test and is left out."


class HideTests(NbGraderPreprocessor):
    r"""Take hidden tests out of an autograded notebook, before it becomes feedback.

    In test cells the visible part of the source stays, and the outputs give way to one box in
    words for each check. Elsewhere, the outputs of a cell that repeat a line of a hidden test give
    way to a note. Code that a student hides on purpose (in a picture, or encoded) is not seen:
    only a kernel that never holds the tests can prevent that.

    Name it in ``nbgrader_config.py``, between nbgrader's own two::

        c.GenerateFeedback.preprocessors = [
            "nbgrader.preprocessors.GetGrades",
            "autograder.hidden_tests.HideTests",
            "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
        ]
    """

    shortest = Integer(
        10, help="How many characters a hidden line must have, spaces aside, to be searched for."
    ).tag(config=True)
    note = Unicode(
        "The output of this cell is left out: it repeats lines of hidden tests.",
        help="What stands in place of an output that repeats a hidden test.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean the whole notebook; ``resources["checks"]`` then holds the outcomes by cell."""
        clear = ClearHiddenTests(config=Config({"ClearHiddenTests": self.config.ClearHiddenTests}))
        marks = clear.begin_test_delimeter, clear.end_test_delimeter
        sources = [cell.source for cell in nb.cells if utils.is_locked(cell)]
        sources += _sources_in_gradebook(resources)
        secrets = Secrets(sources, marks, self.shortest)
        kept = {"kernelspec", "language_info"}
        nb.metadata = nbformat.from_dict({key: nb.metadata[key] for key in kept & {*nb.metadata}})
        resources["checks"] = {}
        for cell in nb.cells:
            nbgrader = cell.metadata.get("nbgrader", {})
            cell.metadata = nbformat.from_dict({"nbgrader": nbgrader} if nbgrader else {})
            if cell.cell_type != "code":
                continue
            if utils.is_grade(cell) and not utils.is_solution(cell):
                told = self._clean_test(cell, secrets, marks)
                resources["checks"][nbgrader["grade_id"]] = told
            else:
                cell.outputs = self._clean(cell.outputs, secrets)
        return nb, resources

    def _clean_test(
        self, cell: NotebookNode, secrets: "Secrets", marks: tuple[str, str]
    ) -> list[Outcome]:
        """Leave of a test cell what a student may see, and return the outcomes of its checks."""
        visible, hidden = split(cell.source, marks)
        told = outcomes(cell.outputs, secrets)
        rest = [one for one in cell.outputs if one.output_type != "error" and not _is_stderr(one)]
        rest = [one for one in rest if MIME not in one.get("data", {})]
        # What a student's function prints while a hidden test calls it shows the test's inputs.
        rest = [] if hidden else self._clean(rest, secrets)
        cell.source = visible
        cell.outputs = [*map(_box, told), *rest]
        return told

    def _clean(self, outputs: list[NotebookNode], secrets: "Secrets") -> list[NotebookNode]:
        """Leave out what is live, and all outputs if a hidden test is in them."""
        if secrets.are_in(outputs):
            words = f"<p><em>{html.escape(self.note)}</em></p>"
            data = {"text/html": words, "text/plain": self.note}
            return [nbformat.v4.new_output("display_data", data=data)]
        for output in outputs:
            for mime in LIVE & {*output.get("data", {})}:
                del output.data[mime]
        return outputs


class Secrets:
    """The lines of hidden tests, to be searched for in what a student would see.

    Parameters
    ----------
    sources
        Of the instructor's cells.
    marks
        What stands in the first and the last line of a hidden region.
    shortest
        Lines with fewer characters than this, spaces aside, say nothing and are passed over. So
        are those that a visible line holds as well.
    """

    def __init__(self, sources: Iterable[str], marks: tuple[str, str], shortest: int = 10) -> None:
        parts = [split(source, marks) for source in sources]
        seen = {skeleton(line) for visible, _ in parts for line in visible.splitlines()}
        lines = {skeleton(line) for _, hidden in parts for line in hidden}
        self.lines = {
            line
            for line in lines
            if len(line) >= shortest and not any(line in shown for shown in seen)
        }

    def are_in(self, content: Any) -> bool:
        """Whether a hidden line is in a text, an output, or anything made of these.

        Spaces, quotes, escapes, colours and markup do not matter, nor how a text is cut in pieces.
        """
        texts = list(_texts(content))
        whole = [*texts, "".join(texts)]
        shapes = {skeleton(text) for one in whole for text in (one, re.sub(r"<[^>]*>", "", one))}
        return any(line in shape for shape in shapes for line in self.lines)


def split(source: str, marks: tuple[str, str]) -> tuple[str, list[str]]:
    r"""Part a cell's source into what a student may see, and the lines of its hidden regions.

    A region that does not end is hidden to the end of the cell.

    Examples
    --------
    >>> cell = "visible()\n### BEGIN HIDDEN TESTS\nhidden()\n### END HIDDEN TESTS"
    >>> split(cell, ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"))
    ('visible()\n# Hidden tests ran here.', ['hidden()'])
    """
    visible: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in source.splitlines():
        if marks[0] in line:
            visible.append(HERE)
            inside = True
        elif marks[1] in line:
            inside = False
        else:
            (hidden if inside else visible).append(line)
    return "\n".join(visible), hidden


def skeleton(text: str) -> str:
    r"""Reduce a text to what survives printing, quoting, escaping and colouring.

    Examples
    --------
    >>> skeleton('assert  f("a") == 1') == skeleton(repr("  assert f(\"a\") == 1"))
    True
    """
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", html.unescape(text))
    text = re.sub(
        r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))", lambda m: chr(int(m[1] or m[2], 16)), text
    )
    return re.sub(r"[\s\\'\"`]+", "", text)


def outcomes(outputs: list[NotebookNode], secrets: Secrets) -> list[Outcome]:
    """Tell how the checks of a test cell went, from its outputs, without any of its code."""
    told = [one for output in outputs for one in _stored(output)]
    errors = [output for output in outputs if output.output_type == "error"]
    # A check that failed stops its cell with an error, which says nothing more.
    if all(one.passed for one in told):
        told += [_error(output) for output in errors]
    if not errors and any(_is_stderr(output) for output in outputs):
        told.append(_warning(outputs, secrets))
    return [
        Outcome("Check", one.status, WITHHELD) if secrets.are_in(one.to_json()) else one
        for one in told
    ]


def _stored(output: NotebookNode) -> Iterator[Outcome]:
    """Give the outcome that an output holds; a damaged one is no outcome."""
    if MIME in output.get("data", {}):
        try:
            yield Outcome.from_json(output["data"][MIME])
        except OutcomeError:
            return


def _error(output: NotebookNode) -> Outcome:
    """Put an error of a plain test into words: its message, never its traceback."""
    said = str(output.get("evalue", "")).strip()
    if output.ename == "AssertionError":
        return Outcome("Check", "mistake", said or "This check failed. It gives no reason.")
    if output.ename == "CellTimeoutError":
        return Outcome("Check", "error", "This took too long and was stopped.")
    return Outcome("Check", "error", f"{output.ename}: {said}".rstrip(": "))


def _warning(outputs: list[NotebookNode], secrets: Secrets) -> Outcome:
    """Say that nbgrader takes any warning for a failure, and what the warning said."""
    lines = "".join(output.text for output in outputs if _is_stderr(output)).splitlines()
    # Python quotes the line that warns, which may be the test's.
    said = "\n".join(line for line in lines if line.strip() and not secrets.are_in(line))[:1000]
    words = "Your code wrote a warning while this check ran, and that counts as failed:"
    return Outcome("Check", "error", f"{words}\n{said}")


def _box(outcome: Outcome) -> NotebookNode:
    data = {"text/html": outcome.to_html(), "text/plain": outcome.to_text()}
    return nbformat.v4.new_output("display_data", data=data)


def _is_stderr(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def _texts(content: Any) -> Iterator[str]:
    """Go through all texts inside something, in order; pictures have none that can be read."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            if key not in SILENT:
                yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _sources_in_gradebook(resources: dict[str, Any]) -> list[str]:
    """Give the instructor's cells as the gradebook holds them, whatever the hand-in says."""
    asked = resources.get("nbgrader", {})
    if not {"db_url", "notebook", "assignment"} <= {*asked}:
        return []
    with Gradebook(asked["db_url"]) as gradebook:
        try:
            notebook = gradebook.find_notebook(asked["notebook"], asked["assignment"])
        except MissingEntry:
            return []
        return [cell.source or "" for cell in notebook.source_cells]
