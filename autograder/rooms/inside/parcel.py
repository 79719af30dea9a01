"""Settings and files on their way into a room: written outside, unpacked inside."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO


def pack(settings: Mapping[str, Any], files: Mapping[str, bytes]) -> BinaryIO:
    """Return an open temporary file that holds both.

    Raises
    ------
    ValueError
        A file's name leads out of the folder.
    """
    for name in files:
        _check(name)
    sizes = [[name, len(content)] for name, content in files.items()]
    head = json.dumps({"settings": dict(settings), "files": sizes}).encode()
    if hasattr(os, "memfd_create"):
        parcel: BinaryIO = os.fdopen(os.memfd_create("parcel"), "w+b")
    else:
        parcel = tempfile.TemporaryFile()  # noqa: SIM115
    parcel.write(len(head).to_bytes(8, "big") + head)
    for content in files.values():
        parcel.write(content)
    parcel.flush()
    parcel.seek(0)
    return parcel


def read_settings(parcel: BinaryIO) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """Return the settings, and the names and sizes of the files that `write_files` writes next."""
    head = json.loads(parcel.read(int.from_bytes(parcel.read(8), "big")))
    return head["settings"], [(name, size) for name, size in head["files"]]


def write_files(parcel: BinaryIO, files: list[tuple[str, int]], folder: Path) -> None:
    """Write the files below ``folder``."""
    for name, size in files:
        _check(name)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(parcel.read(size))


def _check(name: str) -> None:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise ValueError(f"A room's file is named {name!r}: it must be a path below the folder.")
