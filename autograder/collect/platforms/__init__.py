"""The platforms whose downloads are understood, one module each."""

from collections.abc import Callable
from dataclasses import dataclass

from autograder.collect.archives import Source
from autograder.collect.platforms import (
    blackboard,
    brightspace,
    canvas,
    folders,
    gradescope,
    moodle,
)
from autograder.collect.platforms.forms import Context, Parsed, Reading

__all__ = ["AUTO", "PLATFORMS", "Platform", "detect"]

#: The choice that looks at an archive to find its platform.
AUTO = "auto"


@dataclass(frozen=True)
class Platform:
    """One platform.

    Parameters
    ----------
    name
        As on the command line.
    read
        Makes pieces of hand-ins of a source.
    parse
        Takes one path apart; None where any path will do.
    original
        Gives the name of a file before the platform changed it.
    splits
        Whether versions of one notebook may lie side by side, each an attempt of its own.
    """

    name: str
    read: Callable[[Source, Context], Reading]
    parse: Callable[[str], Parsed | None] | None = None
    original: Callable[[str], str] = str
    splits: bool = False


_KNOWN = (
    Platform(moodle.NAME, moodle.read, moodle.parse),
    Platform(canvas.NAME, canvas.read, canvas.parse, canvas.original, splits=True),
    Platform(blackboard.NAME, blackboard.read, blackboard.parse),
    Platform(brightspace.NAME, brightspace.read, brightspace.parse),
    Platform(gradescope.NAME, gradescope.read, gradescope.parse),
    Platform(folders.DRIVE, folders.read_drive, None, folders.original, splits=True),
    Platform(folders.FOLDER, folders.read_folder, None, folders.original, splits=True),
)
#: By name.
PLATFORMS = {platform.name: platform for platform in _KNOWN}


def detect(source: Source, context: Context) -> Platform:
    """Find the platform of a source by the names of its files.

    A platform with names of its own is taken when at least half of the files have them; else the
    source is a folder for each student, or free names.
    """
    counts = {
        platform.name: _count(source, platform.parse) for platform in _KNOWN if platform.parse
    }
    best = max(counts, key=lambda name: counts[name])
    if counts[best] and 2 * counts[best] >= len(source.entries):
        return PLATFORMS[best]
    return PLATFORMS[folders.FOLDER if folders.is_folder(source, context) else folders.DRIVE]


def _count(source: Source, parse: Callable[[str], Parsed | None]) -> int:
    """Count the files that have a platform's names."""
    parsed = (parse(entry.path) for entry in source.entries)
    return sum(parts is not None and bool(parts.file) for parts in parsed)
