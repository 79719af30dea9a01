"""Grade on arrival: a folder that a platform drops files into, or the hand-ins themselves."""

import os
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.collect import collect
from autograder.grading import Options, grade
from autograder.grading_record import handins
from autograder.office.options import Listener
from autograder.office.summary import Grading
from autograder.workspace import Workspace

#: What lies below a folder: path to size and time.
State = Mapping[str, tuple[int, int]]
#: Endings of files that a browser or a copying program has not finished.
UNFINISHED = (".part", ".partial", ".crdownload", ".tmp", ".filepart", "~")


@dataclass
class Arrivals:
    """Tells what has arrived in a folder, once nobody writes it any more.

    Parameters
    ----------
    folder
        The folder; entries whose names begin with a point are left alone.
    settle
        Seconds for which an entry must not have changed.
    """

    folder: Path
    settle: float = 2.0
    _seen: dict[str, tuple[State, float]] = field(default_factory=dict)
    _taken: dict[str, State] = field(default_factory=dict)

    def ready(self, now: float) -> list[Path]:
        """Give the entries that are new or changed, and have been still for a while.

        Parameters
        ----------
        now
            Seconds of a clock that only goes forward.
        """
        found = {name: state_of(self.folder / name) for name in self._names()}
        self._taken = {name: state for name, state in self._taken.items() if name in found}
        ready = []
        for name, state in found.items():
            before, since = self._seen.get(name, (None, now))
            if before != state:
                self._seen[name] = (state, now)
                since = now
            if self._taken.get(name) == state or not state or now - since < self.settle:
                continue
            if is_whole(self.folder / name):
                ready.append(self.folder / name)
        return ready

    def take(self, path: Path) -> None:
        """Count an entry as dealt with, as it was when it was ready."""
        self._taken[path.name] = self._seen[path.name][0]

    def _names(self) -> list[str]:
        names = sorted(os.listdir(self.folder)) if self.folder.is_dir() else []
        return [name for name in names if not name.startswith(".")]


def state_of(path: Path) -> State:
    """Tell the files at or below a path apart from what they will be when somebody writes them."""
    found = {}
    inside = (os.path.join(above, name) for above, _, names in os.walk(path) for name in names)
    for one in inside if path.is_dir() and not path.is_symlink() else [str(path)]:
        try:
            about = os.lstat(one)
        except OSError:  # it has just gone
            continue
        found[one] = (about.st_size, about.st_mtime_ns)
    return found


def is_whole(path: Path) -> bool:
    """Whether a file looks finished: not by its name a part of one, and a zip archive with an end.

    The list of contents of a zip archive is written last.
    """
    if path.name.lower().endswith(UNFINISHED):
        return False
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
    return not (is_file and path.suffix.lower() == ".zip") or zipfile.is_zipfile(path)


@dataclass(frozen=True)
class Watch:
    """What is watched, and how.

    Parameters
    ----------
    workspace, assignment
        The course and the assignment.
    folder
        Where a platform drops archives, notebooks or folders; None watches the hand-ins themselves.
    options
        How to grade; its pool stays between arrivals.
    every
        Seconds between two looks.
    settle
        Seconds for which what arrives must not have changed.
    """

    workspace: Workspace
    assignment: str
    folder: Path | None
    options: Options
    every: float = 1.0
    settle: float = 2.0

    def run(
        self,
        tell: Callable[[str], None],
        listener: Listener | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Grading]:
        """Grade what is there, then what arrives; gives what each arrival has led to.

        Parameters
        ----------
        tell
            Is told in words what was collected, and what could not be.
        listener
            As for `grade`.
        stop
            Asked between two looks whether to end.
        """
        # What another run is grading now is waited for.
        options = replace(self.options, patience=3600.0)
        arrivals = Arrivals(self.folder, self.settle) if self.folder else None
        seen = {name: Arrivals(self._above(name), self.settle) for name in self._handins()}
        if seen:
            yield grade(self.workspace, self.assignment, options=options, listener=listener)
        for one in seen.values():
            _skip(one)
        while not stop():
            chosen = self._collect(arrivals, tell) if arrivals else self._changed(seen)
            if chosen:
                yield grade(
                    self.workspace,
                    self.assignment,
                    students=chosen,
                    options=options,
                    listener=listener,
                )
            time.sleep(self.every)

    def _handins(self) -> list[str]:
        return handins(self.workspace, self.assignment)

    def _above(self, student: str) -> Path:
        return self.workspace.folder("submitted", self.assignment, student)

    def _changed(self, seen: dict[str, Arrivals]) -> list[str]:
        """Name the students whose hand-in has arrived or changed, and is still now."""
        chosen = []
        for student in self._handins():
            known = seen.setdefault(student, Arrivals(self._above(student), self.settle))
            ready = known.ready(time.monotonic())
            moving = [name for name in known._names() if not _is_still(known, name)]
            if ready and not moving:
                chosen.append(student)
                for path in ready:
                    known.take(path)
        return chosen

    def _collect(self, arrivals: Arrivals, tell: Callable[[str], None]) -> list[str]:
        """Collect what has arrived; gives the students whose hand-ins are new."""
        ready = arrivals.ready(time.monotonic())
        if not ready:
            return []
        with tempfile.TemporaryDirectory(prefix="autograder-watch-") as place:
            archives = [path for path in ready if path.suffix.lower() == ".zip"]
            loose = [path for path in ready if path not in archives]
            if loose:
                archives.append(_staged(loose, Path(place) / arrivals.folder.name))
            done = collect(self.workspace, self.assignment, archives)
        for path in ready:
            arrivals.take(path)
        for warning in done.warnings:
            tell(f"Warning: {warning}")
        tell(
            f"{', '.join(path.name for path in ready)}: {len(done.taken)} collected, "
            f"{len(done.unchanged)} as before."
        )
        return [one.student for one in done.taken]


def _staged(paths: list[Path], folder: Path) -> Path:
    """Copy what is whole into a folder; a link stays a link, which collecting refuses."""
    folder.mkdir()
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, folder / path.name, symlinks=True)
        else:
            shutil.copy2(path, folder / path.name, follow_symlinks=False)
    return folder


def _skip(arrivals: Arrivals) -> None:
    """Count what is there as dealt with."""
    now = time.monotonic()
    arrivals.ready(now)
    for path in arrivals.ready(now + arrivals.settle):
        arrivals.take(path)


def _is_still(arrivals: Arrivals, name: str) -> bool:
    """Whether an entry has not changed for a while."""
    _, since = arrivals._seen.get(name, ({}, time.monotonic()))
    return time.monotonic() - since >= arrivals.settle
