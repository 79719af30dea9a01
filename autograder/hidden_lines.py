"""What of a practical must stay hidden: the lines of its answers, hidden tests and marking schemes.

A *phrase* is what counts as a leak when it is read somewhere: one telling line, or a few trivial
lines in a row. Phrases that also stand in what students are given count nothing.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError

#: nbgrader's marks around what is taken out, and what that is.
REGIONS = {
    "SOLUTION": "answer",
    "HIDDEN TESTS": "hidden test",
    "MARK SCHEME": "marking scheme",
}
#: A line tells something from so many words and signs on; less may stand anywhere. Measured on
#: Practical 1: of its shorter lines some also stand in `cmp784`, of these none.
TELLING = 7
#: So many trivial lines in a row tell something together, from so many words and signs on.
ROW, TELLING_ROW = 3, 10

_MARK = re.compile(r"(BEGIN|END) (" + "|".join(REGIONS) + r")\b")
_COMMENT = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?:^|\s)#.*$""")
_LEADING = re.compile(r"^[\s#>*\-+|\"']+")
_SIGN = re.compile(r"\w+|[^\w\s()\[\]{},:;]")


class HiddenLinesError(AutograderError):
    """A source notebook that cannot be read, or with a region that does not end."""


@dataclass(frozen=True)
class Phrase:
    """What must not be read: the text without spaces, what it is of, its first line as written."""

    text: str
    what: str
    line: str


@dataclass
class HiddenCell:
    """One cell of the source: its lines that students see, and those that they must not see."""

    name: str
    visible: list[str] = field(default_factory=list)
    hidden: list[tuple[str, list[str]]] = field(default_factory=list)


def squeeze(line: str, *, comment: bool = False) -> str:
    """Take from a line what does not matter: spaces, marks of a list, the comment behind code.

    Parameters
    ----------
    line
        One line of code or prose.
    comment
        Whether the comment stays.

    Examples
    --------
    >>> squeeze("    w = w + (y - yhat) * x  # learn")
    'w=w+(y-yhat)*x'
    >>> squeeze("# learn from the mistake")
    'learnfromthemistake'
    """
    line = unicodedata.normalize("NFKC", line)
    code = line if comment else _COMMENT.sub(lambda found: found[1] or "", line)
    return re.sub(r"\s+", "", _LEADING.sub("", code if code.strip() else line)).rstrip(",;")


def read_cells(notebook: Path) -> list[HiddenCell]:
    """Split each cell of a source notebook into what students see and what they must not see.

    Raises
    ------
    HiddenLinesError
        When the file is no notebook, or a region begins and does not end.
    """
    try:
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HiddenLinesError(f"{notebook}: not a notebook ({error}). Restore it.") from error
    return [_split(cell, notebook) for cell in cells]


def cell_name(cell: dict[str, Any]) -> str:
    """Name a cell by nbgrader's `grade_id`, else by its id."""
    about = cell.get("metadata", {}).get("nbgrader", {})
    return str(about.get("grade_id") or cell.get("id", ""))


def _split(cell: Any, notebook: Path) -> HiddenCell:
    """Split one cell by nbgrader's marks; a solution cell without any is hidden as a whole."""
    name, lines = cell_name(cell), "".join(cell["source"]).splitlines()
    found, inside = HiddenCell(name), ""
    whole = bool(cell["metadata"].get("nbgrader", {}).get("solution"))
    for line in lines:
        mark = _MARK.search(line)
        if mark and mark[1] == "BEGIN":
            inside, whole = mark[2], whole and mark[2] != "SOLUTION"
            found.hidden.append((f"{REGIONS[inside]} of cell '{name}'", []))
        elif mark:
            inside = ""
        elif inside:
            found.hidden[-1][1].append(line)
        else:
            found.visible.append(line)
    if inside:
        raise HiddenLinesError(
            f"{notebook}, cell '{name}': 'BEGIN {inside}' without 'END {inside}'. Add the end."
        )
    if whole:  # nbgrader replaces all of it
        found.hidden.append((f"answer of cell '{name}'", found.visible))
        found.visible = []
    return found


def phrases(cells: list[HiddenCell]) -> list[Phrase]:
    """List what must not be read anywhere, without what students are given in the same notebook."""
    given = "".join(squeeze(line) for cell in cells for line in cell.visible)
    found: dict[str, Phrase] = {}
    for cell in cells:
        for what, lines in cell.hidden:
            for phrase in _of_region(what, lines):
                if phrase.text not in given:
                    found.setdefault(phrase.text, phrase)
    return list(found.values())


def _of_region(what: str, lines: list[str]) -> Iterator[Phrase]:
    """Give the telling lines of a region, and each few trivial ones that stand in a row."""
    row: list[tuple[str, str]] = []
    for line in lines:
        text = squeeze(line)
        if not text:
            continue
        if is_telling(line):
            yield Phrase(text, what, line.strip())
            row = []
            continue
        row = [*row, (text, line.strip())][-ROW:]
        if len(row) == ROW and sum(_signs(line) for _, line in row) >= TELLING_ROW:
            yield Phrase("".join(text for text, _ in row), what, row[0][1])


def is_telling(line: str) -> bool:
    """Tell whether one line alone gives something away: enough signs, or a phrase of five words."""
    words = [word for word in line.split() if re.search(r"[^\W\d_]{2,}", word)]
    return _signs(line) >= TELLING or (len(words) >= 5 and len(line.strip()) >= 24)


def _signs(line: str) -> int:
    """Count words and signs, but no brackets and no commas, and nothing of a comment behind."""
    code = _COMMENT.sub(lambda found: found[1] or "", line)
    return len(_SIGN.findall(code if code.strip() else line))
