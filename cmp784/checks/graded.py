"""A graded check: the box of an exercise, and an error when there are no points for it."""

import contextlib
import io
import sys
import warnings
from collections.abc import Iterator
from types import TracebackType

from cmp784.checks.explanations import explain
from cmp784.checks.mistakes import Mistake
from cmp784.checks.outcomes import LOOKS, Outcome
from cmp784.errors import Cmp784Error

STOPPED = (
    (SystemExit, "Your code asked Python to stop. Take exit(), quit() and sys.exit() out."),
    (
        KeyboardInterrupt,
        "It was stopped: it ran too long, or by hand. Does every loop come to an end?",
    ),
)


class NotYet(Cmp784Error, AssertionError):  # noqa: N818 - said to a student
    """A graded check that did not pass. A notebook shows one line of words, and no traceback.

    Parameters
    ----------
    outcome
        How the check went.

    Examples
    --------
    >>> print(NotYet(Outcome("A1: a sum", "mistake", "sum: the value is wrong.")))
    A1: a sum: not yet
    sum: the value is wrong.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome

    def __str__(self) -> str:
        """Return what the student is told."""
        head = f"{self.outcome.title}: {LOOKS[self.outcome.status][2]}"
        return "\n".join([head, self.outcome.message]).strip()

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the box above says the rest."""
        return [". ".join(str(self).splitlines()[:2])]


class graded:  # noqa: N801 - read as a word: with checks.graded("A1")
    """Check one graded question: a box in words, and an error that nbgrader counts as no points.

    Everything that the student's code can do ends here: a wrong answer, a stub, any error, an
    attempt to leave Python. Warnings and the error stream are dropped, because nbgrader takes the
    points for them. No line of the cell that asks is ever quoted, and its variables are gone
    afterwards, so that they replace no helper of the student's.

    Parameters
    ----------
    title
        The question in words, for example ``"A1: threshold unit"``.

    Raises
    ------
    NotYet
        When the check does not pass.
    OutcomeError
        When the title is empty.

    Examples
    --------
    >>> with graded("A1: a sum"):
    ...     pass
    ✓ A1: a sum
    >>> with graded("A2: a product"):
    ...     raise NotImplementedError
    Traceback (most recent call last):
    cmp784.checks.graded.NotYet: A2: a product: not answered yet
    """

    def __init__(self, title: str) -> None:
        self.passed = Outcome(title, "passed")
        self._quiet = contextlib.ExitStack()
        self._file = ""

    def __enter__(self) -> None:
        """Remember which cell asks and what its names are; listen to no stream of errors."""
        frame = sys._getframe(1)
        self._file, self._names = frame.f_code.co_filename, frame.f_globals
        self._before = dict(self._names)
        self._quiet.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        self._quiet.enter_context(contextlib.redirect_stderr(io.StringIO()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Show the box; raise when the check did not pass."""
        self._quiet.close()
        for name in self._names.keys() - self._before.keys():
            del self._names[name]
        self._names.update(self._before)
        outcome = self.passed if error is None else self._outcome(error)
        outcome.show()
        if not outcome.passed:
            raise NotYet(outcome) from None

    def _outcome(self, error: BaseException) -> Outcome:
        title = self.passed.title
        if isinstance(error, Mistake):
            return Outcome(title, "mistake", str(error))
        for kind, words in STOPPED:
            if isinstance(error, kind):
                return Outcome(title, "error", words)
        return Outcome(title, *explain(error, asked_in=self._file))


@contextlib.contextmanager
def when_answered(questions: str) -> Iterator[None]:
    """Run given code that needs answers; say in one line which ones, while they are missing.

    Parameters
    ----------
    questions
        What has to be answered first, for example ``"A1 and A2"``.

    Examples
    --------
    >>> with when_answered("A1 and A2"):
    ...     raise NotImplementedError
    This cell waits for A1 and A2.
    """
    try:
        yield
    except NotImplementedError:
        print(f"This cell waits for {questions}.")
    except Exception as error:
        print(f"This cell waits for {questions}. So far:\n{explain(error)[1]}")
