"""All text that a file holds, whatever it is packed in: what somebody who wants to can read.

`texts` takes notebooks and JSON apart, opens archives and compressed streams, decodes base64, hex
and UTF-16, undoes escapes of strings and of HTML, and gives each piece with its place.
"""

import base64
import binascii
import bz2
import gzip
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.hidden_lines import cell_name

#: How deep a thing may be packed in another, and how large it may grow.
DEPTH = 6
LARGEST = 64 * 2**20

# Long base64 and hex are broken into lines.
_BREAK = r"(?:[ \t]*\n[ \t]*)?"
_BASE64 = re.compile(rf"(?:[A-Za-z0-9+/]{_BREAK}){{40,}}")
_HEX = re.compile(rf"(?:[0-9a-fA-F]{{2}}{_BREAK}){{30,}}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_ESCAPED = re.compile(r"\\(?:n|t|\"|'|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})")
_TAG = re.compile(r"<[^<>]*>")
_STREAMS = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}


@dataclass(frozen=True)
class Text:
    """A piece of text, and where it stands: ``cell 'A1', source``; empty for a whole text file."""

    place: str
    text: str


def texts(name: str, data: bytes, place: str = "", depth: int = DEPTH) -> Iterator[Text]:
    """Give every piece of text in a file.

    Parameters
    ----------
    name
        The file's name; its ending tells a notebook.
    data
        What it holds.
    place
        Where the file itself lies, when it was inside of another.
    depth
        How many more layers may be opened.

    Yields
    ------
    Text
        The names of entries in archives are texts too.
    """
    if depth < 0:
        return
    archived = list(_entries(data))
    for entry, content in archived:
        inside = _join(place, f"'{entry}'")
        yield Text(_join(inside, "the name"), entry)
        yield from texts(entry, content, inside, depth - 1)
    if archived:
        return
    for start, decompress in _STREAMS.items():
        if data.startswith(start):
            try:
                yield from texts(
                    name, decompress(data)[:LARGEST], _join(place, "unpacked"), depth - 1
                )
            except (OSError, EOFError, lzma.LZMAError, zlib.error):
                break
            return
    yield from _of_bytes(name, data, place, depth)


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Open a zip or a tar file."""
    if data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "comment", archive.comment
            for entry in archive.infolist():
                yield entry.filename, b"" if entry.is_dir() else archive.read(entry)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                yield member.name, file.read(LARGEST) if file else b""


def _of_bytes(name: str, data: bytes, place: str, depth: int) -> Iterator[Text]:
    """Read text as it was saved; of anything else, what can be read as text."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                yield from _of_text(name, text, place, depth)
                return
    # Pickles, pictures and the like hold text as it is; UTF-16 without a mark has a zero a letter.
    yield Text(_join(place, "bytes"), data.replace(b"\0", b"").decode("utf-8", errors="replace"))
    for found in _ZLIB.finditer(data):
        stream = zlib.decompressobj()
        try:
            content = stream.decompress(data[found.start() :], LARGEST)
        except zlib.error:
            continue
        yield from texts("", content, _join(place, "a compressed part"), depth - 1)


def _of_text(name: str, text: str, place: str, depth: int) -> Iterator[Text]:
    """Take JSON apart; give other text, and all that is encoded in it."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            content = json.loads(text)
        except ValueError:
            pass
        else:
            yield from _of_json(content, place, depth - 1)
            return
    yield Text(place, text)
    yield from _decoded(text, place, depth - 1)


def _decoded(text: str, place: str, depth: int) -> Iterator[Text]:
    """Decode what is encoded in a text."""
    if _ESCAPED.search(text):
        yield Text(_join(place, "escaped"), _ESCAPED.sub(_unescape, text))
    if "&" in text or "</" in text:
        yield Text(_join(place, "as HTML"), html.unescape(_TAG.sub("", text)))
    for found in _BASE64.finditer(text):
        packed = re.sub(r"\s", "", found[0])
        # A letter before the first one shifts all that follow.
        for shift in range(4):
            rest = packed[shift:]
            with_end = (
                rest[: len(rest) // 4 * 4] if len(rest) % 4 == 1 else rest + "=" * (-len(rest) % 4)
            )
            content = base64.b64decode(with_end)
            yield from texts("", content, _join(place, "base64"), depth - 1)
    for found in _HEX.finditer(text):
        content = binascii.unhexlify(re.sub(r"\s", "", found[0]))
        yield from texts("", content, _join(place, "hex"), depth - 1)


def _unescape(found: re.Match[str]) -> str:
    """Undo one escape of a string of Python or JSON."""
    code = found[0][1]
    if code in "ux":
        return chr(int(found[0][2:], 16))
    return {"n": "\n", "t": "\t"}.get(code, code)


def _of_json(value: Any, place: str, depth: int) -> Iterator[Text]:
    """Go through all strings of a JSON value, keys too; lists of lines become one text."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        value = "".join(value) if any("\n" in one for one in value) else "\n".join(value)
    if isinstance(value, str):
        yield from _of_text("", value, place, depth)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _of_json(one, _join(place, _cell_name(one) or f"{number}"), depth)
    elif isinstance(value, dict):
        yield Text(_join(place, "keys"), "\n".join(value))
        for key, one in value.items():
            yield from _of_json(one, _join(place, "" if key == "cells" else key), depth)


def _cell_name(value: Any) -> str:
    """Name a notebook's cell by its `grade_id`, else by its id; all else has no name."""
    if not isinstance(value, dict) or "cell_type" not in value:
        return ""
    return f"cell '{cell_name(value)}'"


def _join(place: str, part: str) -> str:
    """Add to a place."""
    return ", ".join(one for one in (place, part) if one)
