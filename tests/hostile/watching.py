"""Watches what may not change, and looks for what may not be there."""

import base64
import codecs
import hashlib
import os
import site
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.cases import MARK

ROOT = Path(__file__).resolve().parents[2]
#: What grading may write below the top of the course; all else stays as it was.
GRADING = ("gradebook/",)
#: Folders of the machine in which nothing with the mark may turn up.
MACHINE = ("/", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/run", "/root", "/opt", "/work")
#: Files that Python or a shell reads by themselves, wherever they are.
LOADED = ("*.pth", "sitecustomize.py", "usercustomize.py")
#: Larger files are not read for the mark.
LARGEST = 1 << 20


class Watch:
    """Takes a picture of the course, of a home and of the machine's folders, to compare with."""

    def __init__(self, root: Path, home: Path, temporary: Path) -> None:
        self.root, self.home, self.temporary = root, home, temporary
        self.before = self._pictures()

    def changes(self) -> tuple[str, ...]:
        """Tell in words what has been changed, added or taken away since."""
        after, found = self._pictures(), []
        for name in sorted({*self.before, *after}):
            if self.before.get(name) != after.get(name):
                how = "changed" if name in after and name in self.before else "added"
                found.append(f"{how if name in after else 'gone'}: {name}")
        return tuple([*found, *(f"marked: {path}" for path in marked(self.root))])

    def _pictures(self) -> dict[str, str]:
        """Give all watched files with what tells whether they changed."""
        found: dict[str, str] = {}
        for top in (self.root, self.home, self.temporary):
            for path, what in picture(top):
                below = str(path.relative_to(self.root)) if top == self.root else ""
                if not below.startswith(GRADING) or below.startswith("gradebook/submitted/"):
                    found[str(path)] = what
        return found


def picture(top: Path) -> Iterator[tuple[Path, str]]:
    """Give each file below a folder with its kind, and the digest of what it holds."""
    for folder, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = Path(folder, name)
            state = path.lstat()
            what = f"{stat.S_IFMT(state.st_mode):o} {state.st_size if name in names else 0}"
            if stat.S_ISLNK(state.st_mode):
                what += os.readlink(path)
            elif stat.S_ISREG(state.st_mode) and state.st_size <= 64 << 20:
                what += hashlib.sha256(path.read_bytes()).hexdigest()
            yield path, what


def marked(root: Path) -> list[str]:
    """List what carries the mark: outside hand-ins, by its name; in packages, by what it holds."""
    found = [
        os.path.join(top, name)
        for top in (*MACHINE, str(Path.home()))
        if os.path.isdir(top)
        for name in os.listdir(top)
        if MARK in name
    ]
    found += [
        str(path)
        for path, _ in picture(root)
        if MARK in path.name and "submitted" not in path.parts
    ]
    packages = {ROOT, *map(Path, site.getsitepackages()), Path(site.getusersitepackages())}
    packages |= {Path(one) for one in sys.path if one}
    for top in filter(Path.is_dir, packages):
        found += [str(path) for path in top.glob(f"*{MARK}*")]
        loaded = [path for pattern in LOADED for path in top.glob(pattern)]
        found += [str(path) for path in loaded if MARK.encode() in path.read_bytes()]
    for package in ("autograder", "cmp784"):
        found += [
            str(path)
            for path in (ROOT / package).rglob("*.py")
            if MARK in path.name or MARK.encode() in path.read_bytes()
        ]
    return sorted(set(found))


def forms(word: str) -> set[bytes]:
    """Give the shapes in which a canary could be told: plain, reversed and in usual codes."""
    raw = word.encode()
    found = {raw, raw[::-1], raw.hex().encode(), codecs.encode(word, "rot13").encode()}
    found.add(word.encode("utf-16-le"))
    for shift in range(3):  # wherever it begins, in the middle of something encoded
        coded = base64.b64encode(b"x" * shift + raw)
        found.add(coded[(4 if shift else 0) : -4])
    if word.isdigit():
        found |= {f"{int(word):,}".encode(), f"{int(word):_}".encode(), f"{int(word):x}".encode()}
    return found


def holding(content: bytes, word: str) -> bool:
    """Whether a content holds a canary, in one of the usual shapes, spaces and quotes aside."""
    bare = content.translate(None, b" \n\r\t\"'\\,")
    return any(form in content or form in bare for form in forms(word))
