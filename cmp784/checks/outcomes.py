"""How an exercise went: shown as one line or one friendly box, and stored in the cell's output."""

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmp784 import outputs
from cmp784.checks.explanations import explain
from cmp784.checks.mistakes import Mistake
from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    import nbformat

#: The output type under which the outcome of an exercise lies in a notebook.
MIME = "application/vnd.cmp784.check+json"

#: Status to symbol, colour and the words after the title.
LOOKS = {
    "passed": ("✓", "#1a7f37", ""),
    "mistake": ("✗", "#c62828", "not yet"),
    "unanswered": ("○", "#57606a", "not answered yet"),
    "error": ("!", "#9a6700", "your code stopped"),
}


class OutcomeError(Cmp784Error, ValueError):
    """An outcome that cannot be: no title, an unknown status, or a stored one that is damaged."""


@dataclass(frozen=True)
class Outcome:
    """How one exercise went.

    Parameters
    ----------
    title
        The exercise.
    status
        ``passed``, ``mistake``, ``unanswered`` or ``error``.
    message
        What the student is told; empty when there is nothing to say.
    """

    title: str
    status: str
    message: str = ""

    def __post_init__(self) -> None:
        """Refuse what nobody could read."""
        if not isinstance(self.title, str) or not self.title.strip():
            raise OutcomeError(
                f'an exercise needs a title in words, found {self.title!r}. Write exercise("...").'
            )
        if self.status not in LOOKS:
            raise OutcomeError(
                f"exercise {self.title!r}: status {self.status!r} is not one of "
                f"{', '.join(LOOKS)}. Run its notebook again."
            )

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "passed"

    def to_json(self) -> dict[str, str]:
        """Return the outcome as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Any) -> "Outcome":
        """Return the outcome that ``to_json`` wrote.

        Raises
        ------
        OutcomeError
            When a field is missing, is not text, or the status is unknown.
        """
        try:
            fields = {key: plain[key] for key in ("title", "status", "message")}
        except (KeyError, TypeError, IndexError) as error:
            shown = json.dumps(plain, default=repr)[:200]
            raise OutcomeError(
                f"stored check is damaged ({type(error).__name__}: {error}): {shown}. "
                "Run its notebook again."
            ) from error
        for key, value in fields.items():
            if not isinstance(value, str):
                raise OutcomeError(
                    f"stored check is damaged: {key} is {value!r}, expected text. "
                    "Run its notebook again."
                )
        return cls(**fields)

    def to_text(self) -> str:
        """Return what a terminal shows: one line, or one line and the message under it."""
        symbol, _, words = LOOKS[self.status]
        head = f"{symbol} {self.title}" + (f": {words}" if words else "")
        return "\n".join([head, *(f"  {line}" for line in self.message.splitlines())])

    def to_html(self) -> str:
        """Return what a notebook shows, readable without colour."""
        symbol, colour, words = LOOKS[self.status]
        mark = (
            f'<b style="color:{colour}" role="img" aria-label="{words or "passed"}">{symbol}</b> '
            f"{html.escape(self.title)}{f': <b>{words}</b>' if words else ''}"
        )
        if not self.message:
            return f'<div style="padding:.1em .8em;margin:.3em 0">{mark}</div>'
        lines = "<br>".join(html.escape(line) for line in self.message.splitlines())
        return (
            f'<div style="border:1px solid {colour};border-left-width:4px;padding:.4em .8em;'
            f'margin:.3em 0;white-space:pre-wrap">{mark}<br>{lines}</div>'
        )

    def show(self) -> None:
        """Show the line or the box, and store the outcome in the cell's output."""
        outputs.show(
            {MIME: self.to_json(), "text/html": self.to_html(), "text/plain": self.to_text()}
        )


@contextmanager
def exercise(title: str) -> Iterator[None]:
    """Check one exercise: one quiet line when it is right, one friendly box when it is not.

    The notebook goes on in either case. A stub that raises ``NotImplementedError`` counts as not
    answered; any other error of the student's code is explained with the line where it happened.
    An interrupt passes through.

    Parameters
    ----------
    title
        The exercise in words, for example ``"Exercise 1: half adder"``.

    Yields
    ------
    None
        Call the building blocks of this package inside the ``with``.

    Raises
    ------
    OutcomeError
        When the title is empty.

    Examples
    --------
    >>> with exercise("Exercise 1: the answer"):
    ...     raise Mistake("the value is wrong.", seen="Yours is 41, expected is 42.")
    ✗ Exercise 1: the answer: not yet
      the value is wrong.
      Yours is 41, expected is 42.
    >>> with exercise("Exercise 2: nothing to do"):
    ...     pass
    ✓ Exercise 2: nothing to do
    """
    outcome = Outcome(title, "passed")
    try:
        yield
    except Mistake as mistake:
        outcome = Outcome(title, "mistake", str(mistake))
    except Exception as error:  # whatever the student's code does, the notebook goes on
        outcome = Outcome(title, *explain(error))
    outcome.show()


def read(notebook: "nbformat.NotebookNode | str | Path") -> list[Outcome]:
    """Return the outcomes of the exercises in an executed notebook, in order.

    Parameters
    ----------
    notebook
        The notebook, or the path of its file.

    Raises
    ------
    OutcomeError
        When a stored outcome is damaged; the message names the cell, counted from 1.
    NotebookError
        When the file is missing or is not a notebook.
    """
    return outputs.read(notebook, MIME, Outcome.from_json)
