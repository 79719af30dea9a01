"""Choose which file of a hand-in is which notebook of the assignment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.notebook_file import NotebookFile, read_notebook
from autograder.intake.outline import outline_of
from autograder.intake.piece import ANSWERED, OURS, UNTOUCHED, Remarks
from autograder.intake.recognition import recognise
from autograder.intake.source import SourceNotebook

#: Files that are looked into, when names do not tell.
MAX_CANDIDATES = 20
#: Share of an assignment's cells that a file must hold to be taken for it under another name.
ENOUGH = 0.2


@dataclass(frozen=True)
class Chosen:
    """Which file is which notebook.

    Parameters
    ----------
    paths
        The assignment's name of a notebook to the file's path.
    spent
        Files that were taken.
    """

    paths: Mapping[str, str]
    spent: frozenset[str]
    notes: tuple[str, ...]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class _Fit:
    """How well a file fits a notebook of the assignment: share of its cells, answers begun."""

    share: float
    begun: int


def choose(
    files: Mapping[str, bytes], refused: Mapping[str, str], sources: Sequence[SourceNotebook]
) -> Chosen:
    """Choose by name; where the name is wrong or what it names is no use, by content.

    Parameters
    ----------
    files
        Path to content of everything that may be a notebook.
    refused
        Path to why a file was not read.
    """
    paths: dict[str, str] = {}
    notes: list[str] = []
    problems: dict[str, str] = {}
    unclear: list[str] = []
    for source in sources:
        named = _named(files, source.name)
        if named and _is_good(files[named], source):
            paths[source.name] = named
    for source in sources:
        if source.name in paths:
            continue
        named = _named(files, source.name)
        others = _candidates(files, source, set(paths.values()) | {named}, sources)
        if len(others) == 1:
            paths[source.name] = others[0]
            why = f"instead of '{named}', " if named else ""
            notes.append(f"'{others[0]}' was taken as {source.name}.ipynb, {why}by what is in it")
        elif named:
            paths[source.name] = named
        elif others:
            unclear.extend(others)
            problems[source.name] = (
                f"several files can be {source.name}.ipynb: {_listed(others)}. "
                "Ask which one counts, and keep that one."
            )
        else:
            problems[source.name] = _missing(files, refused, source.name)
    unknown = [
        path
        for path in files
        if path.endswith(".ipynb") and path not in (*paths.values(), *unclear)
    ]
    if unknown:
        notes.append(f"not a notebook of this assignment, and left out: {_listed(unknown)}")
    return Chosen(paths, frozenset(paths.values()), tuple(notes), problems)


def _named(files: Mapping[str, bytes], name: str) -> str:
    """Give the path of the file with the right name; it may lie in a folder within."""
    wanted = f"{name}.ipynb"
    if wanted in files:
        return wanted
    below = sorted(path for path in files if path.rpartition("/")[2] == wanted)
    folded = sorted(path for path in files if path.casefold() == wanted.casefold())
    found = folded or below
    return found[0] if len(found) == 1 else ""


def _is_good(content: bytes, source: SourceNotebook) -> bool:
    """Tell whether a file that has the right name needs no second thought."""
    file = read_notebook(content)
    fit = _fit(file, source)
    return not file.problem and fit.share >= ENOUGH and fit.begun > 0


def _candidates(
    files: Mapping[str, bytes],
    source: SourceNotebook,
    taken: set[str],
    sources: Sequence[SourceNotebook],
) -> list[str]:
    """Give the files that fit, with answers in them; those with none, if there are no others."""
    owners = {f"{one.name}.ipynb": one for one in sources if one.name != source.name}
    free = [path for path in files if path not in taken]
    fits = {
        path: fit
        for path in free[:MAX_CANDIDATES]
        if (fit := _fit(read_notebook(files[path]), source)).share >= ENOUGH
        and _is_free(files[path], fit, owners.get(path))
    }
    begun = [path for path, fit in fits.items() if fit.begun]
    named = _named(files, source.name)
    usable = named and not read_notebook(files[named]).problem
    found = begun or ([] if usable else list(fits))
    # Copies of one file are one file.
    return list({files[path]: path for path in reversed(found)}.values())[::-1]


def _is_free(content: bytes, fit: _Fit, owner: SourceNotebook | None) -> bool:
    """Tell whether a file may be taken, which may have the name of another notebook.

    Notebooks of one assignment often share ids, such as ``q1``: one that fits its own name as well
    stays what it is called.
    """
    return owner is None or (
        fit.begun > 0 and fit.share > _fit(read_notebook(content), owner).share
    )


def _fit(file: NotebookFile, source: SourceNotebook) -> _Fit:
    outline = outline_of(source)
    pieces = recognise(outline, file.cells, Remarks())
    found = {one.place for one in pieces if one.state in (OURS, UNTOUCHED, ANSWERED)}
    begun = {one.place for one in pieces if one.state == ANSWERED}
    return _Fit(len(found) / max(1, len(outline.cells)), len(begun))


def _missing(files: Mapping[str, bytes], refused: Mapping[str, str], name: str) -> str:
    """Say that a notebook is not there, and what is."""
    wanted = f"{name}.ipynb"
    if wanted in refused:
        return f"{wanted} was refused: {refused[wanted]}. Ask for the file itself."
    there = [path for path in files if path.endswith(".ipynb")]
    found = f"but {_listed(there)}" if there else "and no other notebook"
    return f"there is no {wanted} in the hand-in, {found}. Ask for it."


def _listed(paths: Sequence[str]) -> str:
    listed = [path if path.isprintable() else ascii(path)[1:-1] for path in paths[:5]]
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(f"'{path[:80]}'" for path in listed) + more
