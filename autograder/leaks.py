"""Proof that nothing a student receives holds a line of an answer or of a hidden test.

Searched are the released notebook, everything beside it, `cmp784/`, `lectures/`, the other files of
the student bundle, and the bundle itself, in all the forms that `autograder.contents` can read.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from autograder.bundle import student_files
from autograder.contents import Text, texts
from autograder.hidden_lines import HiddenCell, Phrase, cell_name, phrases, read_cells, squeeze


@dataclass(frozen=True)
class Leak:
    """A line that students must not see, and where they would.

    Parameters
    ----------
    file
        The file, below the course's root.
    place
        Where in the file: ``cell 'A1', source, line 3``.
    what
        What it is of: ``hidden test of cell 'A1'``.
    line
        The line as it stands in the source.
    """

    file: str
    place: str
    what: str
    line: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: '{self.line}' is of the {self.what}."


def find_leaks(
    root: Path | str,
    assignment: str,
    bundle: Path | str | None = None,
    *,
    released: Path | str | None = None,
) -> list[Leak]:
    """Search what students receive for the hidden lines of one practical.

    Parameters
    ----------
    root
        Top of the course.
    assignment
        nbgrader's name of the practical, whose source is ``solutions/<assignment>/``.
    bundle
        The student bundle, as `autograder.bundle.build_bundle` writes it, to be searched too.
    released
        A folder to be searched instead of ``practicals/<assignment>/``: a release to be.

    Returns
    -------
    list of Leak
        One for each line and place; empty when there is none.

    Raises
    ------
    HiddenLinesError
        When a source notebook cannot be read.

    Notes
    -----
    A line counts when it says enough to be recognised, or a few lesser ones in a row, and when it
    does not stand in what the practical itself gives to students. In the released notebook every
    line counts, in its own cell.
    """
    root = Path(root)
    sources = sorted((root / "solutions" / assignment).glob("*.ipynb"))
    cells = {source.name: read_cells(source) for source in sources}
    wanted = phrases([cell for one in cells.values() for cell in one])
    folder = root / "practicals" / assignment
    place = Path(released) if released is not None else folder
    found: list[Leak] = []
    for name, path in _received(root, folder, place):
        data = path.read_bytes()
        found += _in_file(name, data, wanted)
        if path.parent == place and path.name in cells:
            found += _in_released(name, path, cells[path.name])
    if bundle is not None:
        found += _in_file(Path(bundle).name, Path(bundle).read_bytes(), wanted)
    return list(dict.fromkeys(found))


def _received(root: Path, folder: Path, place: Path) -> Iterator[tuple[str, Path]]:
    """List what students receive, with names below the root; ``place`` stands for ``folder``."""
    for path in student_files(root):
        if folder not in path.parents:
            yield path.relative_to(root).as_posix(), path
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        yield (folder / path.relative_to(place)).relative_to(root).as_posix(), path


def _in_file(name: str, data: bytes, wanted: list[Phrase]) -> Iterator[Leak]:
    """Search one file, and its name."""
    for text in [Text("the name", name), *texts(name, data)]:
        yield from _in_text(name, text, wanted)


def _in_text(name: str, text: Text, wanted: list[Phrase]) -> Iterator[Leak]:
    """Search one piece of text; spaces, comments and line breaks do not hide a phrase."""
    lines = text.text.splitlines()
    # A comment may stand between the lines of a phrase, or hold it.
    ways = [[squeeze(line, comment=comment) for line in lines] for comment in (False, True)]
    for squeezed in ways[: 1 + (ways[0] != ways[1])]:
        joined, starts = "".join(squeezed), None
        for phrase in wanted:
            if phrase.text in joined:
                starts = starts or [0, *accumulate(map(len, squeezed))]
                at = _find(joined, phrase.text, starts)
                if at is not None:
                    number = f"line {bisect_right(starts, at)}" if len(lines) > 1 else ""
                    place = ", ".join(part for part in (text.place, number) if part) or "line 1"
                    yield Leak(name, place, phrase.what, phrase.line)


def _find(joined: str, phrase: str, starts: list[int]) -> int | None:
    """Find a phrase that is no part of longer words."""
    at = joined.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        before, after = joined[at - 1 : at], joined[end : end + 1]
        longer = before.isalnum() and phrase[0].isalnum() and not _is_one(at, starts)
        longer |= after.isalnum() and phrase[-1].isalnum() and not _is_one(end, starts)
        if not longer:
            return at
        at = joined.find(phrase, at + 1)
    return None


def _is_one(place: int, starts: list[int]) -> bool:
    """Tell whether a line starts at a place."""
    return starts[bisect_right(starts, place) - 1] == place


def _in_released(name: str, path: Path, cells: list[HiddenCell]) -> Iterator[Leak]:
    """Hold each released cell against its source: here even a trivial line must be gone."""
    released = {cell_name: Counter(map(squeeze, lines)) for cell_name, lines in _sources(path)}
    for cell in cells:
        left = released.get(cell.name, Counter()) - Counter(map(squeeze, cell.visible))
        for what, lines in cell.hidden:
            for line in lines:
                if squeeze(line) and left[squeeze(line)]:
                    yield Leak(name, f"cell '{cell.name}', source", what, line.strip())


def _sources(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the lines of each cell of a notebook."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        yield cell_name(cell), "".join(cell["source"]).splitlines()
