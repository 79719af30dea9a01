"""Processes as the machine sees them."""

from pathlib import Path


def descendants(number):
    """Return all processes below one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [number]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found
