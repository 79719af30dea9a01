"""What stands on a student's feedback page: points by question, checks in words, comments."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup, Comment
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from cmp784.checks.outcomes import LOOKS, Outcome

#: Elements of a student's own HTML that a page that only shows something does not need.
DROPPED = (
    *(
        "script",
        "style",
        "link",
        "meta",
        "base",
        "title",
        "template",
        "noscript",
        "iframe",
        "frame",
    ),
    *("object", "embed", "form", "input", "button", "textarea", "select", "video", "audio"),
)
#: Attributes that fetch something or lead somewhere.
ADDRESSES = frozenset(
    ("src", "href", "xlink:href", "data", "poster", "background", "action", "formaction", "srcset")
)
#: A class picture of fewer students would show single ones.
FEWEST = 5


@dataclass(frozen=True)
class Cell:
    """Points of one graded cell.

    While it is ``pending``, nobody has given points yet; ``again`` asks for a second look at points
    that were given for an earlier hand-in. An ``unanswered`` one is an answer in words not given.
    """

    name: str
    points: float
    out_of: float
    pending: bool = False
    again: bool = False
    unanswered: bool = False


@dataclass(frozen=True)
class Note:
    """A comment of an instructor on an answer."""

    cell: str
    text: str


@dataclass(frozen=True)
class Marks:
    """What the gradebook holds of one notebook of one hand-in."""

    cells: tuple[Cell, ...]
    notes: tuple[Note, ...] = ()
    penalty: float = 0.0

    @property
    def total(self) -> float:
        """Points after the penalty."""
        return sum(cell.points for cell in self.cells) - self.penalty

    @property
    def out_of(self) -> float:
        """All points."""
        return sum(cell.out_of for cell in self.cells)


@dataclass(frozen=True)
class LateDays:
    """Days late of this hand-in, how they were paid, and the student's account of slip days.

    Without a known time of the hand-in, ``days`` is None. ``extended`` is the student's own due
    time in words, if it is another than the course's.
    """

    days: int | None
    slip_days: int
    penalty_days: int
    used: int
    of: int
    extended: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table: a cell, its title, and what its checks say that did not pass."""

    cell: Cell
    title: str
    failed: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Group:
    """The rows of one letter, or all of them when their names have none."""

    letter: str
    title: str
    rows: tuple[Row, ...]

    @property
    def points(self) -> float:
        """Points so far."""
        return sum(row.cell.points for row in self.rows)

    @property
    def out_of(self) -> float:
        """All points."""
        return sum(row.cell.out_of for row in self.rows)

    @property
    def pending(self) -> float:
        """Points that wait for a person."""
        return sum(row.cell.out_of for row in self.rows if row.cell.pending)


@dataclass(frozen=True)
class Page:
    """All that the template needs beside the notebook.

    Parameters
    ----------
    title, student
        Of the assignment, and the student's id.
    marks
        What the gradebook holds.
    late
        Days late; nothing when the syllabus has no due date.
    histogram
        A picture of the class as SVG, or nothing.
    digest
        Of all that went into the page.
    groups
        Filled in by `Summarise`, which sees the notebook.
    """

    title: str
    student: str
    marks: Marks
    late: LateDays | None
    histogram: str = ""
    digest: str = ""
    groups: list[Group] = field(default_factory=list)

    @property
    def pending(self) -> float:
        """Points that wait for a person."""
        return sum(cell.out_of for cell in self.marks.cells if cell.pending)


class Summarise(NbGraderPreprocessor):
    """Joins points, checks and headings into the page's table; stands after ``HideTests``."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Fill in ``resources["page"].groups``; the notebook stays as it is."""
        page, checks = resources["page"], resources["checks"]
        page.groups[:] = groups(page.marks.cells, checks, nb)
        return nb, resources


def groups(
    cells: Iterable[Cell], checks: dict[str, list[Outcome]], notebook: NotebookNode
) -> list[Group]:
    """Put graded cells in groups by the letter in front of their number, in the given order."""
    found: dict[str, list[Row]] = {}
    for cell in cells:
        told = checks.get(cell.name, [Outcome("Check", "unanswered")] if cell.unanswered else [])
        failed = tuple(one for one in told if not one.passed)
        letter = re.match(r"([A-Z])[0-9]+$", cell.name)
        row = Row(cell, _title(cell.name, checks, notebook), failed)
        found.setdefault(letter[1] if letter else "", []).append(row)
    return [Group(one, _heading(one, notebook), tuple(rows)) for one, rows in found.items()]


def _title(name: str, checks: dict[str, list[Outcome]], notebook: NotebookNode) -> str:
    """Find what a question is about: in its heading, or in the title of its first check."""
    for one in checks.get(name, []):
        if one.title.startswith(f"{name}:"):
            return one.title.removeprefix(f"{name}:").strip()
    return _heading(name, notebook)


def _heading(name: str, notebook: NotebookNode) -> str:
    """Find the words after ``## A.`` or ``### A1:`` in the notebook's headings."""
    # After a letter alone a point is asked for: "A neuron" is no heading of group A.
    stop = "[.:)]" if len(name) == 1 else "[.:)]?"
    pattern = re.compile(rf"^#+[ \t]+{re.escape(name)}{stop}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown" and name)
    return next((match[1] for text in texts if (match := pattern.search(text))), "")


def points(value: float) -> str:
    """Write points without needless digits.

    Examples
    --------
    >>> points(4.0), points(2.5), points(1 / 3)
    ('4', '2.5', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def days(count: int, kind: str = "day") -> str:
    """Write a number of days.

    Examples
    --------
    >>> days(1), days(2, "slip day")
    ('1 day', '2 slip days')
    """
    return f"{count} {kind}{'' if count == 1 else 's'}"


def symbol(outcome: Outcome) -> str:
    """Give the sign of an outcome."""
    return LOOKS[outcome.status][0]


def words(outcome: Outcome) -> str:
    """Give the words of an outcome's status."""
    return LOOKS[outcome.status][2]


def offline(markup: str) -> str:
    """Leave of a student's HTML what can be looked at without network and without scripts.

    Examples
    --------
    >>> offline('<b onclick="go()">x</b><script>go()</script><img src="https://a.b/c" alt="A cat">')
    '<b>x</b><em>[picture: A cat]</em>'
    """
    soup = BeautifulSoup(markup, "html.parser")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for element in soup.find_all(DROPPED):
        element.decompose()
    for element in soup.find_all(True):
        for name in [name for name in element.attrs if not _is_quiet(element, name)]:
            del element.attrs[name]
        if element.name == "img" and "src" not in element.attrs:
            replacement = soup.new_tag("em")
            replacement.string = f"[picture: {element.get('alt') or 'not in this page'}]"
            element.replace_with(replacement)
    return str(soup)


def _is_quiet(element: Any, name: str) -> bool:
    """Whether an attribute neither runs nor fetches anything."""
    value = str(element.attrs[name]).strip().lower()
    if name.lower() in ADDRESSES:
        if element.name == "a":
            return value.startswith(("#", "http:", "https:", "mailto:"))
        return value.startswith("data:image/") or (value.startswith("#") and name != "src")
    return not name.lower().startswith("on") and "url(" not in value


def histogram(totals: list[float], own: float, out_of: float) -> str:
    """Draw the marks of a class as SVG, without a name; nothing for fewer than five students.

    Parameters
    ----------
    totals
        Points of each student.
    own
        Points of the student whose page it is, among them.
    out_of
        All points.
    """
    if len(totals) < FEWEST or out_of <= 0:
        return ""
    bins = [_bin(total, out_of) for total in totals]
    counts = [bins.count(index) for index in range(10)]
    edges = [f"{points(out_of * i / 10)} to {points(out_of * (i + 1) / 10)}" for i in range(10)]
    told = "; ".join(f"{edge}: {n}" for edge, n in zip(edges, counts, strict=True) if n)
    alt = f"Points of {len(totals)} students, students by range of points: {told}. "
    alt += f"You are in {edges[_bin(own, out_of)]}."
    bars = [_bar(i, n, max(counts), i == _bin(own, out_of)) for i, n in enumerate(counts)]
    axis = f'<text x="2" y="128">0</text><text x="318" y="128" text-anchor="end">{points(out_of)}'
    return (
        f'<svg viewBox="0 0 320 132" role="img" aria-label="{alt}"><title>{alt}</title>'
        f"{''.join(bars)}{axis}</text></svg>"
    )


def _bin(total: float, out_of: float) -> int:
    return min(max(int(10 * total / out_of), 0), 9)


def _bar(index: int, count: int, most: int, own: bool) -> str:
    """Draw one bar with its count above it; the student's own is told by colour and by a word."""
    height = 80 * count / most
    x, y = 32 * index + 3, 102 - height
    look = ' class="own"' if own else ""
    bar = f'<rect{look} x="{x}" y="{y:.1f}" width="26" height="{height:.1f}"/>'
    shown = [(y - 3, str(count))] if count else []
    shown += [(114, "you")] if own else []
    texts = (f'<text x="{x + 13}" y="{at:.0f}" text-anchor="middle">{t}</text>' for at, t in shown)
    return bar + "".join(texts)
