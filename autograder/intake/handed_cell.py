"""A cell as it was handed in: nothing but its kind, its text, and what it says that it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: Characters that no editor of notebooks writes and that break files or compilers later on.
_UNUSABLE = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True)
class HandedCell:
    """A cell of a hand-in.

    Parameters
    ----------
    kind
        ``code``, ``markdown`` or ``raw``.
    text
        With plain line ends.
    grade_id
        What its metadata say; empty where they say nothing.
    run
        Its number of execution, 0 where there is none.
    attachments
        Name to MIME type to content.
    """

    kind: str
    text: str
    grade_id: str = ""
    run: int = 0
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_badge: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing in it."""
        return not self.text.strip()

    def with_text(self, text: str, *, keep_id: bool = True) -> "HandedCell":
        """Give the cell with another text."""
        return replace(self, text=text, grade_id=self.grade_id if keep_id else "")


def cell_of(plain: Any) -> HandedCell | None:
    """Take a cell from a notebook's JSON, whatever format it is of; None for what is no cell."""
    if not isinstance(plain, dict):
        return None
    kind = plain.get("cell_type")
    metadata = plain.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    text = text_of(plain)
    if kind == "heading":  # of nbformat 3
        level = plain.get("level")
        text = f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {text}"
    kind = kind if kind in ("code", "raw") else "markdown" if kind else "code"
    return HandedCell(
        kind=kind,
        text=text,
        grade_id=_grade_id(metadata),
        run=_number(plain.get("execution_count", plain.get("prompt_number"))),
        attachments=_attachments(plain.get("attachments")),
        is_badge=metadata.get("id") == "view-in-github",
    )


def text_of(plain: Mapping[str, Any]) -> str:
    """Give the source of a cell: one string or many, under any of the names that it has had."""
    found = next((plain[key] for key in ("source", "input", "code", "text") if key in plain), "")
    if isinstance(found, list):
        found = "".join(line for line in found if isinstance(line, str))
    return clean(found) if isinstance(found, str) else ""


def clean(text: str) -> str:
    r"""Make line ends plain, and replace what no file can hold.

    Examples
    --------
    >>> clean("a\r\nb\rc\x00")
    'a\nb\nc\ufffd'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() and "\0" not in text else _UNUSABLE.sub("\ufffd", text)


def _grade_id(metadata: Mapping[str, Any]) -> str:
    about = metadata.get("nbgrader")
    name = about.get("grade_id") if isinstance(about, dict) else None
    return name if isinstance(name, str) else ""


def _number(found: Any) -> int:
    return found if type(found) is int and 0 < found < 10**9 else 0


def _attachments(found: Any) -> dict[str, dict[str, str]]:
    """Keep pictures that a Markdown cell shows; whatever has another form is left out."""
    if not isinstance(found, dict):
        return {}
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in found.items():
        if isinstance(bundle, dict):
            joined = {mime: text_of({"text": data}) for mime, data in bundle.items()}
            kept[clean(name)] = {clean(mime): data for mime, data in joined.items() if data}
    return kept
