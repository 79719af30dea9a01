"""Read the bytes of a handed-in notebook, whatever was done to them, or say why they are none."""

import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from autograder.intake.handed_cell import HandedCell, cell_of

#: Bytes of a notebook, outputs and all.
MAX_BYTES = 64 * 2**20
#: Lists and objects in it: each takes some hundred bytes of memory, whatever it takes in the file.
MAX_CONTAINERS = 3_000_000
#: Cells, and characters of a cell with code; Markdown may hold pictures, as Colab puts them there.
MAX_CELLS = 5_000
MAX_TEXT = 2**20
MAX_MARKDOWN = 2**24

#: Lists and objects within each other.
MAX_DEPTH = 5_000

_DEEP = threading.Lock()
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)

#: First bytes of what is not a notebook, in words; most are an upload of the wrong file.
_OTHERS = (
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"version https://git-lfs", "a pointer of Git LFS instead of the file"),
)
_PAGE = re.compile(r"\s*<(!doctype|html|head|\?xml|!--)", re.IGNORECASE)
_AGAIN = "Ask for the notebook itself (.ipynb) again."


@dataclass(frozen=True)
class NotebookFile:
    """What could be read.

    Parameters
    ----------
    notes
        What had to be mended, in words.
    problem
        Why it is no notebook; empty where it is one.
    """

    cells: tuple[HandedCell, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


def read_notebook(content: bytes) -> NotebookFile:
    """Read a hand-in's bytes; never raises."""
    problem = _refused(content)
    if problem:
        return NotebookFile(problem=problem)
    text, notes = _decode(content)
    try:
        plain, end = _parse_at_any_depth(text)
    except json.JSONDecodeError as error:
        return NotebookFile(problem=_no_json(text, error))
    except RecursionError:
        return NotebookFile(problem=f"the file is nested deeper than any notebook. {_AGAIN}")
    except (ValueError, MemoryError) as error:
        return NotebookFile(problem=f"the file cannot be read ({error}). {_AGAIN}")
    if text[end:].strip("\0 \t\r\n\x1a"):
        notes.append("characters behind the end of the notebook were left out")
    return _cells(plain, notes)


def _refused(content: bytes) -> str:
    """Say what forbids even to read it; nothing if nothing does."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return f"the file is empty. {_AGAIN}"
    if len(content) > MAX_BYTES:
        size, most = len(content) >> 20, MAX_BYTES >> 20
        return f"the file has {size} MiB, more than {most}. Ask for it without outputs."
    kind = next((words for start, words in _OTHERS if content.startswith(start)), "")
    if kind:
        return f"the file is {kind}, not a notebook. {_AGAIN}"
    if _containers(content) > MAX_CONTAINERS and (
        _containers(_STRING.sub(b"", content)) > MAX_CONTAINERS
    ):
        return f"the file holds millions of lists or objects. {_AGAIN}"
    return ""


def _containers(content: bytes) -> int:
    return content.count(b"[") + content.count(b"{")


def _decode(content: bytes) -> tuple[str, list[str]]:
    """Give the text: UTF-8 as it should be, or what editors make of it."""
    # It knows UTF-8, 16 and 32 by their marks, and by the zeros of the first characters.
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding, "surrogatepass")
        notes = [] if encoding.startswith("utf-8") else [f"the file was {encoding}, not UTF-8"]
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
        notes = ["the file was not UTF-8, but some Windows code page; letters may be wrong"]
    return text.lstrip("\ufeff"), notes


def _parse_at_any_depth(text: str) -> tuple[Any, int]:
    """Parse in a thread with a larger stack what is too deep for this one.

    Widgets and charts nest their outputs, and the stack that is left here depends on the caller.
    """
    try:
        return _parse(text)
    except RecursionError:
        pass
    with _DEEP:
        limit, stack = sys.getrecursionlimit(), threading.stack_size(MAX_DEPTH * 2**13)
        sys.setrecursionlimit(max(limit, MAX_DEPTH))
        try:
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(_parse, text).result()
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(stack)


def _parse(text: str) -> tuple[Any, int]:
    """Parse the first JSON value of a text, and say where it ends."""
    decoder = json.JSONDecoder(strict=False, parse_int=_integer)
    start = len(text) - len(text.lstrip("\ufeff\0 \t\r\n"))
    plain, end = decoder.raw_decode(text, start)
    if isinstance(plain, str) and plain.lstrip().startswith("{"):  # it was encoded twice
        plain, _ = decoder.raw_decode(plain.lstrip())
    return plain, end


def _integer(digits: str) -> int:
    """Read an integer; Python refuses those of thousands of digits, which no notebook needs."""
    return int(digits) if len(digits) < 100 else 0


def _no_json(text: str, error: json.JSONDecodeError) -> str:
    """Say in words what is wrong with a file that is no JSON."""
    if _PAGE.match(text):
        return f"the file is a web page saved under a notebook's name, not a notebook. {_AGAIN}"
    if not text.lstrip().startswith(("{", "[")):
        return f"the file is not a notebook: it is no JSON. {_AGAIN}"
    if _CONFLICT.search(text):
        return f"the file holds marks of a conflict that git left, and is no valid JSON. {_AGAIN}"
    rest = text[error.pos :].strip("\0 \t\r\n")
    if not rest or error.msg.startswith("Unterminated string"):
        return f"the file is cut off: its JSON ends in line {error.lineno} in the middle. {_AGAIN}"
    return f"the file is damaged: no valid JSON in line {error.lineno} ({error.msg}). {_AGAIN}"


def _cells(plain: Any, notes: list[str]) -> NotebookFile:
    """Take the cells, of format 4 or of the ones before it."""
    if not isinstance(plain, dict):
        return NotebookFile(problem=f"the file is JSON, but not a notebook. {_AGAIN}")
    found = plain.get("cells")
    if not isinstance(found, list) and isinstance(sheets := plain.get("worksheets"), list):
        lists = (sheet.get("cells") for sheet in sheets if isinstance(sheet, dict))
        found = [cell for cells in lists if isinstance(cells, list) for cell in cells]
        notes.append("the notebook was of nbformat 3 or older")
    if not isinstance(found, list):
        return NotebookFile(problem=f"the file is JSON, but not a notebook: no cells. {_AGAIN}")
    if len(found) > MAX_CELLS:
        return NotebookFile(problem=f"the notebook has {len(found)} cells, more than {MAX_CELLS}.")
    cells = [cell for cell in map(cell_of, found) if cell is not None]
    if len(cells) < len(found):
        notes.append("what stood in the list of cells and is no cell was left out")
    long = [
        cell
        for cell in cells
        if len(cell.text) > (MAX_TEXT if cell.kind == "code" else MAX_MARKDOWN)
    ]
    if long:
        size = max(len(cell.text) for cell in long)
        return NotebookFile(
            problem=f"a cell{_called(long[0])} holds {size:,} characters of text: no answer is "
            "that long. Ask what it is for."
        )
    if all(cell.is_empty for cell in cells):
        return NotebookFile(problem=f"the notebook is empty: no cell holds anything. {_AGAIN}")
    return NotebookFile(tuple(cells), tuple(notes))


def _called(cell: HandedCell) -> str:
    return f" ('{cell.grade_id[:60]}')" if cell.grade_id else ""
