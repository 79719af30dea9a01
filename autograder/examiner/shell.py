"""The IPython shell in which test cells run; it shows nothing, and keeps what counts."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from numbers import Number
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.examiner import points

#: The output type in which `cmp784.checks` stores the outcome of an exercise.
OUTCOME = "application/vnd.cmp784.check+json"
#: How many outcomes one test may show.
MOST = 100


class Shown:
    """What a test cell has shown, of all that it could show.

    Attributes
    ----------
    text
        The plain text of its last value; None where it has none.
    checks
        Points check by check; see `autograder.examiner.points`.
    outcomes
        Outcomes of exercises, each a bundle of output types.
    """

    def __init__(self) -> None:
        self.text: str | None = None
        self.checks: Any = None
        self.outcomes: list[dict[str, Any]] = []

    def take(self, data: dict[str, Any]) -> None:
        """Keep what is shown of a kind that counts."""
        if points.MIME in data:
            self.checks = data[points.MIME]
        elif OUTCOME in data and len(self.outcomes) < MOST:
            self.outcomes.append(dict(data))


class _Publisher(DisplayPublisher):
    shell: Any

    def publish(self, data: Any, *args: Any, **kwargs: Any) -> None:
        """Keep what counts; IPython calls it for each thing shown."""
        self.shell.shown.take(data)


class _Hook(DisplayHook):
    shell: Any

    def __call__(self, result: Any = None) -> None:
        """Keep the last value; the names ``_`` and ``Out`` are of no use to a test."""
        if result is None:
            return
        shown = self.shell.shown
        if isinstance(result, dict) and set(result) == {"checks"}:
            shown.checks = result["checks"]
            return
        # Only a number's own words count: an object of the student's could word itself as one.
        shown.text = repr(result) if isinstance(result, int | float) else _as_number(result)


def _as_number(value: Any) -> str:
    """Return how a notebook shows a number of numpy's; empty for everything else."""
    return str(value.item()) if isinstance(value, Number) and hasattr(value, "item") else ""


class _Compiler(CachingCompiler):
    """Names each cell's code by the cell, so that an error's line can be found."""

    name = "<cell>"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Return the name of the cell that runs now; IPython calls it."""
        return self.name


class ExaminerShell(InteractiveShell):
    """An IPython shell without a terminal, a history or a voice."""

    compiler_class = Type(_Compiler)
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def __init__(self, **settings: Any) -> None:
        self.shown = Shown()
        super().__init__(**settings)

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the result of the cell holds the error."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the result of the cell holds the error."""

    def ask_exit(self) -> None:
        """End the cell; IPython calls it for ``exit``."""
        raise SystemExit("exit")

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: nobody looks."""

    @contextmanager
    def listening(self) -> Iterator[Shown]:
        """Keep what a cell shows, and drop what it prints."""
        self.shown = Shown()
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield self.shown


def make_shell(names: dict[str, Any]) -> ExaminerShell:
    """Return the shell of this process, with ``names`` as its namespace."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    shell = ExaminerShell.instance(config=config, user_ns=names)
    assert isinstance(shell, ExaminerShell)
    return shell
