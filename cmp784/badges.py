"""Badges, setup cells and generated tables: each written from `course.toml`, none by hand.

`write` mends every place that names the repository's address or lists what the syllabus holds;
`check` says which places disagree, without touching them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat

from cmp784 import course
from cmp784.course import Course
from cmp784.errors import Cmp784Error

_COLAB = "https://colab.research.google.com/github/"
_SVG = "https://colab.research.google.com/assets/colab-badge.svg"
_LINK = re.compile(re.escape(_COLAB) + r"[^\s)\"'<>\]]*")
_INSTALL = re.compile(
    r"\Atry:\n    import cmp784\nexcept ImportError:[^\n]*\n    %pip install [^\n]*(?:\n|\Z)"
)
_MARKERS = re.compile(
    r"(<!-- course\.toml: ([a-z-]+) -->\n)(.*?)(<!-- end of \2 -->)", flags=re.DOTALL
)


class BadgeError(Cmp784Error):
    """A file that has no place for what the syllabus says, or that cannot be read."""


def colab_link(syllabus: Course, path: str) -> str:
    """Give the address that opens a notebook of the repository on Colab.

    Parameters
    ----------
    syllabus
        What `cmp784.course.load` returned.
    path
        The notebook below the repository's root, with forward slashes.

    Examples
    --------
    >>> colab_link(course.load(), "lectures/week01_introduction/05_why_now.ipynb")[:41]
    'https://colab.research.google.com/github/'
    """
    repository = syllabus.repository
    return f"{_COLAB}{repository.name}/blob/{repository.branch}/{path}"


def badge(syllabus: Course, path: str) -> str:
    """Give the Markdown of the badge that opens a notebook on Colab."""
    return f"[![Open in Colab]({_SVG})]({colab_link(syllabus, path)})"


def install_block(syllabus: Course) -> str:
    """Give the first lines of a setup cell: on Colab, install the course and nothing else."""
    return (
        "try:\n"
        "    import cmp784\n"
        "except ImportError:  # on Colab: install the course's helpers, nothing else\n"
        f'    %pip install --quiet "cmp784 @ git+{syllabus.repository.address}"'
    )


def stamp(notebook: Any, syllabus: Course, path: str) -> None:
    """Write the badge and the install block into a notebook that students open.

    Parameters
    ----------
    notebook
        An `nbformat` notebook; changed in place. The badge stands in its first Markdown cell, the
        install block on top of the code cell that is tagged ``setup``.
    syllabus
        What `cmp784.course.load` returned.
    path
        The notebook that the badge opens, below the repository's root, with forward slashes.

    Raises
    ------
    BadgeError
        When the notebook has no such cell; the message does not name the file.
    """
    first = next((cell for cell in notebook.cells if cell.cell_type == "markdown"), None)
    setup = _setup(notebook)
    if first is None:
        raise BadgeError("no Markdown cell. Begin with one that holds the title.")
    if setup is None:
        raise BadgeError(
            "no code cell is tagged 'setup'. Tag the one that imports cmp784 "
            "(JupyterLab: Property Inspector, Cell Tags)."
        )
    first.source = _with_badge(first.source, syllabus, path)
    setup.source = _with_install_block(setup.source, syllabus)


def write(root: Path | str = ".") -> list[str]:
    """Rewrite every place that is derived from the syllabus, and return the files that changed.

    Parameters
    ----------
    root
        Top of the repository, where `course.toml` lies.

    Returns
    -------
    list of str
        Paths below ``root``, in order; empty when all agreed already.

    Raises
    ------
    BadgeError
        When a file has no place to write to: no markers, no setup cell, no address.
    """
    root = Path(root)
    # All is rendered before the first byte is written: an error leaves every file as it was.
    changed = [(path, text) for path, text in _rendered(root) if path.read_text("utf-8") != text]
    for path, text in changed:
        path.write_text(text, encoding="utf-8", newline="\n")
    return [path.relative_to(root).as_posix() for path, _ in changed]


def check(root: Path | str = ".") -> list[str]:
    """Name every place that disagrees with the syllabus, one sentence each.

    Parameters
    ----------
    root
        Top of the repository, where `course.toml` lies.

    Returns
    -------
    list of str
        File, line, what stands there and what should; empty when all agree.

    Raises
    ------
    BadgeError
        As `write` does.
    """
    root = Path(root)
    sentences = []
    for path, text in _rendered(root):
        found = path.read_text("utf-8")
        if found != text:
            sentences.append(f"{path.relative_to(root).as_posix()}{_first_difference(found, text)}")
    return sentences


def _first_difference(found: str, expected: str) -> str:
    """Describe the first line in which two texts differ."""
    ours, theirs = expected.splitlines(), found.splitlines()
    pairs = zip(theirs + [""] * len(ours), ours + [""] * len(theirs), strict=False)
    for number, (have, want) in enumerate(pairs, start=1):
        if have != want:
            return (
                f", line {number}: found '{have.strip()[:300]}', expected '{want.strip()[:300]}'. "
                "Run 'make badges'."
            )
    return ": its last line does not end in one line break. Run 'make badges'."


def _rendered(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each derived file with the text that it should have."""
    syllabus = course.load(root)
    files: list[tuple[str, Callable[[Course, str], str]]] = [
        ("README.md", _readme),
        ("CITATION.cff", _citation),
        ("pyproject.toml", _pyproject),
    ]
    for name, render in files:
        path = root / name
        try:
            yield path, render(syllabus, path.read_text("utf-8"))
        except OSError:
            raise BadgeError(f"{path}: not found. Restore it from version control.") from None
        except BadgeError as error:
            raise BadgeError(f"{path}: {error}") from None
    for folder in ("lectures", "solutions", "practicals"):
        for path in sorted((root / folder).rglob("*.ipynb")):
            name = path.relative_to(root).as_posix()
            if ".ipynb_checkpoints" in path.parts:
                continue
            if opened := _opened(name):
                yield path, _stamped(syllabus, path, opened)
            # Worked answers need no badge; their address, where they name one, must agree.
            elif _LINKS_OUT.search(path.read_text("utf-8")):
                yield path, _other(syllabus, path, name)


_LINKS_OUT = re.compile(re.escape(_COLAB) + r"|cmp784 @ git\+")


def _opened(name: str) -> str | None:
    """Give what the badge of a notebook opens; a practical's source opens its release."""
    top, *rest = name.split("/")
    if top == "lectures":
        return name
    practical = len(rest) == 2 and (top == "practicals" or rest[0] != "lectures")
    return "/".join(["practicals", *rest]) if practical else None


def _stamped(syllabus: Course, path: Path, opened: str) -> str:
    """Render a notebook that students open, or a practical's source: badge and install block."""
    notebook = _read(path)
    try:
        stamp(notebook, syllabus, opened)
    except BadgeError as error:
        raise BadgeError(f"{path}: {error}") from None
    return _text(notebook)


def _other(syllabus: Course, path: Path, name: str) -> str:
    """Render a notebook with worked answers: only links that it has already."""
    notebook = _read(path)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(colab_link(syllabus, name), cell.source)
    setup = _setup(notebook)
    if setup is not None and _INSTALL.match(setup.source):
        setup.source = _with_install_block(setup.source, syllabus)
    return _text(notebook)


def _read(path: Path) -> Any:
    """Read a notebook; a damaged one is named."""
    try:
        return nbformat.reads(path.read_text("utf-8"), as_version=4)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise BadgeError(
            f"{path}: not a notebook ('{reason}'). Restore it from version control."
        ) from error


def _setup(notebook: Any) -> Any:
    """Find the code cell that is tagged ``setup``."""
    tagged = (cell for cell in notebook.cells if "setup" in cell.metadata.get("tags", []))
    return next((cell for cell in tagged if cell.cell_type == "code"), None)


def _with_badge(source: str, syllabus: Course, name: str) -> str:
    """Point the badge to this notebook; a cell without one gets it below its first line."""
    if _LINK.search(source):
        return _LINK.sub(colab_link(syllabus, name), source)
    title, _, rest = source.partition("\n")
    rest = rest.lstrip("\n")
    return f"{title}\n\n{badge(syllabus, name)}" + (f"\n\n{rest}" if rest else "")


def _with_install_block(source: str, syllabus: Course) -> str:
    """Put today's install block on top; what follows stays as it is."""
    old = _INSTALL.match(source)
    rest = source[old.end() :] if old else source and f"\n{source}"
    return f"{install_block(syllabus)}\n{rest}" if rest else install_block(syllabus)


def _text(notebook: Any) -> str:
    """Write a notebook as it is committed: no outputs, no counts, the same bytes every time."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def _readme(syllabus: Course, text: str) -> str:
    """Fill the blocks between the README's markers."""
    blocks = {
        "badge": "".join(f"{badge(syllabus, path)}\n" for path in syllabus.weeks[0].paths[:1]),
        "clone": f"```sh\ngit clone {syllabus.repository.address}\ncd "
        f"{syllabus.repository.name.rpartition('/')[2]}\nmake run\nmake test\n```\n",
        "weeks": _weeks_table(syllabus),
        "practicals": practicals_table(syllabus),
        "assessments": _assessments_table(syllabus),
    }
    found = [name for _, name, _, _ in _MARKERS.findall(text)]
    if sorted(found) != sorted(blocks):
        raise BadgeError(
            f"found blocks '{', '.join(found)}', expected each of '{', '.join(blocks)}' once. "
            "A block lies between '<!-- course.toml: NAME -->' and '<!-- end of NAME -->'."
        )
    return _MARKERS.sub(lambda block: block[1] + blocks[block[2]] + block[4], text)


def _weeks_table(syllabus: Course) -> str:
    """Render one line a week: number, date, title, and a link to Colab for each notebook."""
    lines = ["| week | date | subject | open on Colab |", "|--:|--|--|--|"]
    for week in syllabus.weeks:
        links = [
            f"[{notebook.title}]({colab_link(syllabus, path)})"
            for notebook, path in zip(week.notebooks, week.paths, strict=True)
        ]
        cells = [str(week.number), str(week.date), week.title, "<br>".join(links) or "–"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def practicals_table(syllabus: Course) -> str:
    """Render one line a practical; the title leads to Colab once the practical is released."""
    root = syllabus.file.parent
    lines = ["| practical | points | out | due |", "|--|--:|--|--|"]
    for part in syllabus.assignments:
        path = f"practicals/{part.assignment}/{part.assignment}.ipynb"
        link = f"[{part.title}]({colab_link(syllabus, path)})"
        title = link if (root / path).is_file() else part.title
        at = f"{part.due_time:%H:%M}" if part.due_time else "end of the day"
        due = f"{part.due}, {at} ({syllabus.course.time_zone})"
        cells = [title, f"{part.points or 0:g}", str(part.out or "–"), due]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _assessments_table(syllabus: Course) -> str:
    """Render one line an assessment: title, weight, dates."""
    lines = ["| assessment | % of the grade | dates |", "|--|--:|--|"]
    for item in syllabus.assessments:
        dates = [f"{part.title}: {_dates(part)}" for part in item.parts if part.due]
        dates += [_dates(item)] if item.due else []
        dates += [f"from week {item.first_week}"] if item.first_week else []
        lines.append(f"| {item.title} | {item.weight:g} | {'<br>'.join(dates) or '–'} |")
    kinds = [item.title.lower() for item in syllabus.assessments]
    chosen = [
        title
        for title, item in zip(kinds, syllabus.assessments, strict=True)
        if item.key in syllabus.course.slip_days_for
    ]
    lines += [
        "",
        f"Slip days in the semester: {syllabus.course.slip_days}, for {', '.join(chosen)}.",
    ]
    return "\n".join(lines) + "\n"


def _dates(item: course.Assessment | course.Part) -> str:
    """Write when work is given out and when it is due."""
    out = f"out {item.out}, " if item.out else ""
    at = f" {item.due_time:%H:%M}" if item.due_time else ""
    return f"{out}due {item.due}{at}"


def _citation(syllabus: Course, text: str) -> str:
    """Set ``repository-code`` of the citation."""
    return _set_line(text, r'^repository-code: "[^"\n]*"$', "repository-code", syllabus)


def _pyproject(syllabus: Course, text: str) -> str:
    """Set the one address below ``[project.urls]``."""
    return _set_line(
        text, r'(?<=^\[project\.urls\]\n)Repository = "[^"\n]*"$', "Repository", syllabus
    )


def _set_line(text: str, pattern: str, key: str, syllabus: Course) -> str:
    """Replace one line that holds the repository's address."""
    separator = ": " if key == "repository-code" else " = "
    line = f'{key}{separator}"{syllabus.repository.address}"'
    text, count = re.subn(pattern, lambda _: line, text, flags=re.MULTILINE)
    if count != 1:
        raise BadgeError(
            f"found {count} lines '{key}{separator}\"...\"', expected 1. Add '{line}'."
        )
    return text
