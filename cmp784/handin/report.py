"""What a check before handing in found, as text for a terminal and as HTML for a notebook."""

import html
from dataclasses import dataclass

from cmp784.checks.outcomes import LOOKS

#: Status to symbol, colour and words: those of a check, and three more.
_LOOKS = LOOKS | {
    "not run": ("–", "#57606a", "not run"),
    "answered": ("✎", "#57606a", "answered; a person grades it"),
    "empty": ("○", "#57606a", "not answered yet; a person grades it"),
}
_HIDDEN = "Hidden tests decide the points: they also try what the visible checks leave out."


@dataclass(frozen=True)
class Check:
    """One visible check in the fresh run.

    Parameters
    ----------
    question
        Name of the question, such as ``A1``; empty for a check outside of the given tests.
    title
        What was checked, in words.
    status
        ``passed``, ``mistake``, ``unanswered``, ``error``, ``not run``; ``answered`` or ``empty``
        for a question that a person grades.
    message
        What the student is told.
    points
        What the whole question is worth.
    """

    question: str
    title: str
    status: str
    message: str = ""
    points: float = 0.0

    @property
    def heading(self) -> str:
        """Question, title, points and status in one line of words."""
        named = self.title.startswith(self.question)
        title = self.title if named else f"{self.question}: {self.title}"
        worth = f" ({_points(self.points)})" if self.points else ""
        words = _LOOKS[self.status][2]
        return f"{title}{worth}" + (f": {words}" if words else "")


@dataclass(frozen=True)
class Report:
    """All that a check before handing in found.

    Parameters
    ----------
    name
        The notebook.
    checks
        The visible checks, in the notebook's order.
    warnings
        What to look at before handing in, one entry each.
    seconds
        How long the fresh run took.
    note
        Why nothing was checked; empty when it was.
    """

    name: str
    checks: tuple[Check, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every visible check passed and there is nothing to warn of."""
        good = all(check.status in ("passed", "answered") for check in self.checks)
        return good and not self.warnings and not self.note

    @property
    def summary(self) -> str:
        """How many questions pass their visible checks, and what those are worth."""
        status: dict[str, list[str]] = {}
        worth = {check.question: check.points for check in self.checks if check.question}
        for check in self.checks:
            if check.status not in ("answered", "empty"):
                status.setdefault(check.question or check.title, []).append(check.status)
        good = [name for name, found in status.items() if set(found) == {"passed"}]
        total = f"{len(good)} of {len(status)} questions pass their visible checks"
        if not sum(worth.values()):
            return f"{total}."
        asked = sum(worth.get(name, 0.0) for name in status)
        return f"{total}: {sum(worth.get(name, 0.0) for name in good):g} of {_points(asked)}."

    def to_text(self) -> str:
        """Return what a terminal shows."""
        if self.note:
            return self.note
        lines = [f"{self.name}, run from top to bottom in a fresh kernel ({self.seconds:.0f} s)"]
        for check in self.checks:
            lines.append(f"{_LOOKS[check.status][0]} {check.heading}")
            lines += [f"    {line}" for line in check.message.splitlines()]
        lines += ["", self.summary, _HIDDEN, ""]
        if not self.warnings:
            return "\n".join([*lines, "Nothing to warn of. Pack it: handin.pack(...)."])
        return "\n".join([*lines, "Before you hand in:", *(f"! {w}" for w in self.warnings)])

    def __repr__(self) -> str:
        """Return the text: what a console shows."""
        return self.to_text()

    def _repr_html_(self) -> str:
        """Return what a notebook shows; readable without colour, and on a phone."""
        if self.note:
            return f"<p>{html.escape(self.note)}</p>"
        head = f"{self.name}, run from top to bottom in a fresh kernel ({self.seconds:.0f} s)"
        parts = [f"<p><b>{html.escape(head)}</b></p>", *map(_html, self.checks)]
        parts.append(f"<p><b>{html.escape(self.summary)}</b><br>{_HIDDEN}</p>")
        if self.warnings:
            items = "".join(f"<li>{html.escape(words)}</li>" for words in self.warnings)
            parts.append(f"<p><b>Before you hand in:</b></p><ul>{items}</ul>")
        else:
            parts.append("<p>Nothing to warn of. Pack it: <code>handin.pack(...)</code>.</p>")
        return f'<div style="max-width:50em;overflow-wrap:anywhere">{"".join(parts)}</div>'


def _html(check: Check) -> str:
    """Return one check; its message can be folded away."""
    symbol, colour, words = _LOOKS[check.status]
    mark = f'<b style="color:{colour}" role="img" aria-label="{words or "passed"}">{symbol}</b>'
    head = f"{mark} {html.escape(check.heading)}"
    if not check.message:
        return f'<div style="margin:.2em 0">{head}</div>'
    body = "<br>".join(html.escape(line) for line in check.message.splitlines())
    style = f"border-left:3px solid {colour};margin:.2em 0 .4em 1.4em;padding-left:.6em"
    return f'<div style="margin:.2em 0">{head}<div style="{style}">{body}</div></div>'


def _points(number: float) -> str:
    return f"{number:g} point" + ("" if number == 1 else "s")
