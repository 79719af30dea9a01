"""Pack the one file to upload, with a digest of its content for the student to keep."""

import hashlib
import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cmp784 import outputs
from cmp784.handin import cells, colab, fresh_run
from cmp784.handin.submission import HandinError, open_submission, parse

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Folder, beside the notebook, that receives the file to upload.
FOLDER = "handin"
#: Bytes above which a file loses its outputs; learning platforms refuse large uploads.
LARGE = 5_000_000


def pack(name: str | Path | None = None) -> Path | None:
    """Write the file to upload, show its digest, and start the download on Colab.

    The file is the notebook itself, under the name that the grader expects, in the folder
    ``handin`` beside it. Its outputs go along unless the file would exceed 5 MB; the grader runs
    it anew in any case. Nothing is run here.

    Parameters
    ----------
    name
        The notebook, such as ``"practical1.ipynb"``; by default the only practical in this folder.

    Returns
    -------
    pathlib.Path or None
        The file. None inside of a fresh run and under a grader, where nothing is written.

    Raises
    ------
    HandinError
        When there is no such notebook, or it is not one.
    """
    if fresh_run.inside_a_run():
        print("handin.pack: nothing to do, a machine runs this notebook.")
        return None
    from cmp784.handin import saved

    submission = open_submission(name)
    content, trimmed = _content(submission.notebook)
    stem = submission.practical or Path(submission.name).stem
    path = submission.folder / FOLDER / f"{stem}.ipynb"
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise HandinError(f"{path}: cannot be written ({error}). Free some space there.") from error
    warnings = [
        *([] if submission.from_tab else saved.unsaved(submission.notebook)),
        *cells.problems(submission.notebook),
    ]
    _show(path, len(content), trimmed, warnings)
    return path


def digest(path: str | Path) -> str:
    """Return the digest of a notebook's content, 64 hexadecimal digits.

    It covers, cell by cell, type, source, attached files and nbgrader's name. Outputs, execution
    counts, other metadata and the layout of the JSON do not change it, and neither does a badge
    that Colab puts on top. So an upload, a download or a fresh run leaves it as it is.

    Parameters
    ----------
    path
        The file, as handed in.

    Raises
    ------
    HandinError
        When the file is not a notebook.
    """
    return _digest(parse(Path(path).read_bytes(), str(path)))


def short(whole: str) -> str:
    """Return the beginning of a digest as a person compares it.

    Examples
    --------
    >>> short("3f2a9c0177b0d4e8" + 48 * "0")
    '3F2A-9C01-77B0-D4E8'
    """
    return "-".join(whole[start : start + 4].upper() for start in range(0, 16, 4))


def _digest(notebook: "NotebookNode") -> str:
    """Return the digest of a notebook that was read."""
    content = [
        [cell.cell_type, cells.grade_id(cell), _lines(cell.source), cell.get("attachments") or {}]
        for cell in notebook.cells
        if cell.metadata.get("id") != "view-in-github"
    ]
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("ascii")).hexdigest()


def _lines(source: str) -> str:
    """Return a source with the line ends of every system made one."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _content(notebook: "NotebookNode") -> tuple[bytes, bool]:
    """Return the bytes of the file, and whether its outputs were left out."""
    content = _bytes(notebook)
    if len(content) <= LARGE:
        return content, False
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return _bytes(notebook), True


def _bytes(notebook: "NotebookNode") -> bytes:
    import nbformat

    text = nbformat.v4.writes(notebook)
    return (text.rstrip("\n") + "\n").encode("utf-8", "replace")


def _show(path: Path, size: int, trimmed: bool, warnings: list[str]) -> None:
    """Show what was written and its digest, and start the download where there is one."""
    whole = digest(path)
    started = colab.is_here() and colab.download(path)
    sent = "Its download has started." if started else f"It lies at {path}."
    facts = [
        f"Packed {path.name}, {max(size // 1000, 1)} kB"
        + (", without its outputs, which were too large." if trimmed else "."),
        f"{sent} Upload this one file.",
        "Keep this line; it proves what you handed in:",
        f"{short(whole)}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, sha256 {whole}",
        *(f"! {words}" for words in warnings),
    ]
    escaped = [html.escape(fact) for fact in facts]
    escaped[3] = f"<code>{escaped[3]}</code>"
    outputs.show({"text/html": "<br>".join(escaped), "text/plain": "\n".join(facts)})
