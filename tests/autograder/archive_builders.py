"""Archives as each platform writes them, byte for byte where it matters: names, flags, times."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

#: The moment of every hand-in unless another is given: 23:55:12 in Istanbul, 20:55:12 in UTC.
LOCAL = (2024, 10, 24, 23, 55, 12)
#: What an archive that is made on the fly has in its entries: the moment of the download.
DOWNLOAD = (2024, 11, 1, 9, 30, 0)


def notebook(text: str = "a") -> bytes:
    """Make a small notebook whose one cell holds a text."""
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "answer",
        "metadata": {},
        "outputs": [],
        "source": [text],
    }
    parts = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(parts).encode()


class _RawName(zipfile.ZipInfo):
    """An entry whose name is written as given bytes, with or without the UTF-8 flag."""

    def _encodeFilenameFlags(self):  # zipfile's own hook
        return self.comment_name, self.flag_bits | (0x800 if self.utf8 else 0)


def entry(name, data=b"", time=LOCAL, *, utf8=None, utc=None, mode=None, extra=b""):
    """Make one entry of an archive: what `archive` takes.

    ``name`` may be bytes, stored as they are; ``utf8`` sets or clears the flag; ``utc`` adds the
    extra field that Info-ZIP writes.
    """
    raw = name if isinstance(name, bytes) else name.encode()
    flag = (not raw.isascii()) if utf8 is None else utf8
    info = _RawName("placeholder", time)
    info.comment_name, info.utf8 = raw, flag
    info.extra = extra
    if utc is not None:
        seconds = int(datetime(*utc, tzinfo=UTC).timestamp())
        info.extra += struct.pack("<HHBl", 0x5455, 5, 1, seconds)
    if mode is not None:
        info.create_system = 3
        info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info, data


def link(name, target="/etc/passwd"):
    """Make an entry that is a symbolic link."""
    return entry(name, target.encode(), mode=stat.S_IFLNK | 0o777)


def packed(*entries) -> bytes:
    """Pack entries, or pairs of name and bytes, into the bytes of a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for one in entries:
            info, data = entry(*one) if not isinstance(one[0], zipfile.ZipInfo) else one
            # zipfile keeps a list of its own: the name there is that of the warning on doubles.
            archive.NameToInfo.pop(info.filename, None)
            archive.writestr(info, data)
    return buffer.getvalue()


def archive(path: Path, *entries) -> Path:
    """Write a zip archive of entries, or of pairs of name and bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(*entries))
    return path


def folder(path: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write a plain folder."""
    for name, data in files:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def moodle(name, number, file="practical1.ipynb", *, flat=False, slash="_/"):
    """Name a file as Moodle does; ``slash`` is ``/`` in its newest versions."""
    number = f"_{number}" if number else ""
    return f"{name}{number}_assignsubmission_file{'_' if flat else slash}{file}"


def canvas(name, user, attachment, file="practical1.ipynb", *, late=False):
    """Name a file as Canvas does."""
    return f"{name}_{'LATE_' if late else ''}{user}_{attachment}_{file}"


def blackboard(login, time, file="practical1.ipynb", title="Practical 1"):
    """Name a file as Blackboard does."""
    return f"{title}_{login}_attempt_{time}_{file}"


def receipt(name, login, time, title="Practical 1"):
    """Make the receipt that Blackboard writes for an attempt."""
    text = (
        f"Name: {name} ({login})\nAssignment: {title}\n"
        "Date Submitted: Thursday, October 24, 2024 11:55:12 PM EEST\nCurrent Grade: \n\n"
        "Submission Field:\nThere is no student submission text data for this assignment.\n\n"
        "Comments:\nThere are no student comments for this assignment.\n\n"
        f"Files:\n\tOriginal filename: practical1.ipynb\n"
        f"\tFilename: {blackboard(login, time, title=title)}\n"
    )
    return f"{title}_{login}_attempt_{time}.txt", text.encode()


def brightspace(name, user, time="Oct 24, 2024 1155 PM", file="practical1.ipynb", between="/"):
    """Name a file as Brightspace does, in a folder, or flat with `` - `` between."""
    return f"{user}-7654321 - {name} - {time}{between}{file}"


def gradescope(path: Path, *submissions) -> Path:
    """Write Gradescope's export of pairs of submitters and bytes.

    A submitter is a triple of name, student id and email; a submission may have several.
    """
    lines, entries = ["---"], []
    for number, (people, time, data) in enumerate(submissions, 987654):
        lines += [f"submission_{number}:", "  :submitters:"]
        for name, sid, email in people:
            lines += [f"  - :name: {name}", f"    :sid: '{sid}'", f"    :email: {email}"]
        lines += [f"  :created_at: {time}", "  :score: 0.0", "  :status: processed"]
        place = f"assignment_123_export/submission_{number}/practical1.ipynb"
        entries.append(entry(place, data, DOWNLOAD))
    description = "\n".join(lines).encode()
    metadata = entry("assignment_123_export/submission_metadata.yml", description, DOWNLOAD)
    return archive(path, metadata, *entries)
