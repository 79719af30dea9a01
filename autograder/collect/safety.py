"""What is refused in an archive before a byte of it is unpacked, and from which size on."""

import re
import stat
import zipfile
from collections.abc import Iterable
from itertools import pairwise

#: Files in one archive.
MAX_ENTRIES = 100_000
#: Bytes of one file, unpacked.
MAX_FILE = 200 * 2**20
#: Bytes of all files of one archive, unpacked: of a download, and of an archive inside one.
MAX_TOTAL = 64 * 2**30
MAX_NESTED_TOTAL = 2**30
#: Unpacked over packed size, and the size from which it counts; deflate can reach 1032.
MAX_RATIO = 200
RATIO_FROM = 2**20
#: Bytes of one part of a path, and parts of a path.
MAX_NAME = 1024
MAX_PARTS = 32

#: What systems leave behind; passed over without a word.
JUNK = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__"}


def is_junk(path: str) -> bool:
    """Tell whether a path is what systems leave behind.

    Examples
    --------
    >>> is_junk("__MACOSX/._practical1.ipynb"), is_junk("practical1.ipynb")
    (True, False)
    """
    parts = path.lower().split("/")
    return any(part in JUNK or part.startswith("._") for part in parts)


def overlapping(infos: Iterable[zipfile.ZipInfo]) -> set[int]:
    """Give the places of entries that run into the next: packed once, unpacked twice.

    Python itself refuses them from 3.11.8 and 3.12.2 on.
    """
    ordered = sorted(infos, key=lambda info: info.header_offset)
    return {
        info.header_offset
        for info, after in pairwise(ordered)
        if info.header_offset + info.compress_size > after.header_offset
    }


def refused(info: zipfile.ZipInfo, path: str) -> tuple[str, str]:
    """Give the kind and words of what forbids an entry; the words are empty if nothing does."""
    if problem := unsafe_path(path):
        return "unsafe-path", problem
    # The upper half holds the mode of a Unix file.
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "symbolic-link", "is a symbolic link, which is never followed"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "special-file", "is a device or pipe"
    if info.flag_bits & 1:
        return "encrypted", "is locked by a password"
    if info.file_size > MAX_FILE:
        return "zip-bomb", f"unpacks to {info.file_size} bytes, more than {MAX_FILE}"
    if info.file_size > max(RATIO_FROM, MAX_RATIO * info.compress_size):
        return "zip-bomb", f"unpacks to over {MAX_RATIO} times its size"
    return "", ""


def unsafe_path(path: str) -> str:
    """Say why a path may not be used, or nothing.

    Examples
    --------
    >>> unsafe_path("../evil.ipynb")
    "has a path that leads out of its archive ('..')"
    >>> unsafe_path("folder/practical1.ipynb")
    ''
    """
    parts = path.rstrip("/").split("/")
    if "\0" in path:
        return "has a name with a NUL character"
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "has a path from the top of a disk"
    if ".." in parts:
        return "has a path that leads out of its archive ('..')"
    if len(parts) > MAX_PARTS or any(
        len(part.encode(errors="replace")) > MAX_NAME for part in parts
    ):
        return "has an overlong name"
    return "" if path.strip("/. ") else "has no name"
