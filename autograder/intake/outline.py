"""What a source is recognised by: ids, texts, the names of its answers."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from autograder.intake.source import ANSWER, GIVEN, SourceCell, SourceNotebook
from autograder.intake.texts import lines, names, normal, words


@dataclass(frozen=True, eq=False)
class Outline:
    """A source, made ready to compare with; cells go by their place, counted from 0.

    Parameters
    ----------
    ids
        ``grade_id`` to place.
    exact
        Text to the places of the cells that have it.
    texts, words
        Of each cell, as students are given it.
    own
        Place of an answer to the names that only this answer gives a value, and that its stub, a
        test or a given cell mentions: variables within a solution are nobody's business.
    frame
        Place of an answer to the instructor's own lines in it, which are in no other cell.
    """

    cells: tuple[SourceCell, ...]
    ids: dict[str, int]
    exact: dict[str, tuple[int, ...]]
    texts: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    own: dict[int, frozenset[str]]
    frame: dict[int, frozenset[str]]

    @property
    def answers(self) -> list[int]:
        """Give the places of the answers."""
        return list(self.own)

    def is_answer(self, place: int) -> bool:
        """Tell whether students fill it in."""
        return place in self.own

    def is_plain(self, place: int) -> bool:
        """Tell whether it is given code that students may change: nbgrader does not lock it."""
        cell = self.cells[place]
        return cell.role == GIVEN and not cell.grade_id and cell.is_code

    def is_locked(self, place: int) -> bool:
        """Tell whether it is code that students may not change."""
        cell = self.cells[place]
        return cell.is_code and bool(cell.grade_id) and not self.is_answer(place)

    def untouched(self, place: int, text: str) -> bool:
        """Tell whether an answer is as it was released, or less."""
        return lines(text) <= lines(self.texts[place])


def outline_of(source: SourceNotebook) -> Outline:
    """Make a source ready to compare with; made once for all hand-ins."""
    return _made(_ByDigest(source))


class _ByDigest:
    """A source that is looked up by its digest: dictionaries have no hash."""

    def __init__(self, source: SourceNotebook) -> None:
        self.source = source

    def __hash__(self) -> int:
        return hash(self.source.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.source.digest == self.source.digest


@lru_cache(maxsize=32)
def _made(key: _ByDigest) -> Outline:
    cells = key.source.cells
    texts = tuple(normal(cell.text) for cell in cells)
    exact: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if text:
            exact[text].append(place)
    return Outline(
        cells=cells,
        ids={cell.grade_id: place for place, cell in enumerate(cells) if cell.grade_id},
        exact={text: tuple(places) for text, places in exact.items()},
        texts=texts,
        words=tuple(map(words, texts)),
        own=_own(cells),
        frame=_frames(cells),
    )


def _own(cells: tuple[SourceCell, ...]) -> dict[int, frozenset[str]]:
    """Give the names by which code shows whose answer it is."""
    given = {
        place: names(f"{cell.text}\n{cell.solution}") if cell.is_code else frozenset()
        for place, cell in enumerate(cells)
    }
    owners: dict[str, int] = defaultdict(int)
    for bound in given.values():
        for name in bound:
            owners[name] += 1
    mentioned = words(
        "\n".join(cell.full for cell in cells if cell.role != ANSWER and cell.is_code)
    )
    return {
        place: frozenset(
            name
            for name in given[place]
            if owners[name] == 1 and name in mentioned | words(cell.text)
        )
        for place, cell in enumerate(cells)
        if cell.role == ANSWER
    }


def _frames(cells: tuple[SourceCell, ...]) -> dict[int, frozenset[str]]:
    """Give the lines of answers that are the instructor's: in the stub and in the solution."""
    seen: dict[str, int] = defaultdict(int)
    for cell in cells:
        for line in lines(cell.text):
            seen[line] += 1
    return {
        place: frozenset(
            line
            for line in lines(cell.text) & lines(cell.solution)
            if seen[line] == 1 and len(line) >= 8
        )
        for place, cell in enumerate(cells)
        if cell.role == ANSWER
    }
