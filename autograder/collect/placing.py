"""Placing: a student's newest attempt lies in `submitted/`, older ones in `archive/`, none is lost.

Every folder is written beside its place and moved there whole: a run that is stopped can be run
again. What lies on disk is compared by digest; a record is written after the files have moved.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc

from autograder.collect.attempts import Attempt, is_newer, merged, newest
from autograder.collect.hand_ins import TIMESTAMP, digest
from autograder.collect.times import stamp
from autograder.collect.troubles import Troubles
from autograder.workspace import Workspace


@dataclass
class Record:
    """What is known of one student's attempts.

    Parameters
    ----------
    student
        The student's id.
    ids
        The platform's ids under which a student was found by name.
    graded
        Digest and time of the attempt in `submitted/`.
    attempts
        All of them, the oldest first.
    """

    student: str
    ids: dict[str, str] = field(default_factory=dict)
    graded: Attempt | None = None
    attempts: list[Attempt] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give the fields as plain data."""
        return {
            "student": self.student,
            "ids": self.ids,
            "graded": self.graded.as_json() if self.graded else None,
            "attempts": [attempt.as_json() for attempt in self.attempts],
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Record":
        """Read a record as `as_json` gives it."""
        graded = fields["graded"]
        return cls(
            fields["student"],
            fields["ids"],
            Attempt.from_json(graded) if graded else None,
            [Attempt.from_json(attempt) for attempt in fields["attempts"]],
        )


@dataclass
class Settled:
    """What was done for one student."""

    taken: Attempt | None = None
    unchanged: bool = False
    archived: list[Path] = field(default_factory=list)


class Places:
    """The folders of one assignment under `gradebook/`.

    Parameters
    ----------
    workspace
        The course.
    assignment
        nbgrader's name of it.
    """

    def __init__(self, workspace: Workspace, assignment: str) -> None:
        self.workspace, self.assignment = workspace, assignment
        self.records = workspace.run_time / "collected" / assignment
        self.report = workspace.run_time / "collected" / f"{assignment}.json"
        self._work = workspace.run_time / "collected" / f".{assignment}"

    def __enter__(self) -> "Places":
        # What an interrupted run left behind.
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._work, ignore_errors=True)

    def submitted(self, student: str) -> Path:
        """Folder of the attempt that is graded."""
        return self.workspace.folder("submitted", self.assignment, student)

    def archive(self, student: str) -> Path:
        """Folder of all other attempts."""
        return self.workspace.run_time / "archive" / self.assignment / student

    def record(self, student: str) -> Record:
        """Read what is known of a student; what another program collected is known by its files."""
        file = self.records / f"{student}.json"
        try:
            return Record.from_json(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            found = _found(self.submitted(student))
            return Record(student, {}, found, [found] if found else [])

    def all_records(self) -> list[Record]:
        """Read what is known of every student."""
        return [self.record(file.stem) for file in sorted(self.records.glob("*.json"))]

    def settle(
        self,
        student: str,
        arrivals: list[tuple[Attempt, dict[str, bytes]]],
        troubles: Troubles,
        ids: dict[str, str],
    ) -> Settled:
        """Put a student's attempts where they belong.

        Parameters
        ----------
        arrivals
            Attempts of this run, with their files.
        ids
            The platform's ids of the student, to remember.
        """
        record = self.record(student)
        current = self._current(record, [attempt for attempt, _ in arrivals])
        known = [*record.attempts, *([current] if current else [])]
        attempts = merged(known, [attempt for attempt, _ in arrivals])
        if current:
            current = next(one for one in attempts if one.digest == current.digest
                           and current.submitted in (one.submitted, None))  # fmt: skip
        files = {attempt.digest: contents for attempt, contents in arrivals}
        attempts = [
            one for one in attempts if one == current or self._is_there(one, student, files)
        ]
        target = _target(attempts, current, student, troubles)
        settled = Settled()
        if current and target != current:
            settled.archived += self._move_away(student, current)
        for attempt in attempts:
            if attempt not in (target, current) and attempt.digest in files:
                settled.archived += self._archive(student, attempt, files[attempt.digest])
        if target and target != current:
            self._place(student, target, files.get(target.digest))
            settled.taken = target
        elif target:
            self._stamp(self.submitted(student), target)
        settled.unchanged = settled.taken is None and not settled.archived
        self._remember(Record(student, record.ids | ids, target, attempts))
        return settled

    def _current(self, record: Record, arrivals: list[Attempt]) -> Attempt | None:
        """Tell which attempt lies in `submitted/`: by its digest, whatever the record says."""
        found = _found(self.submitted(record.student))
        if found is None:
            return None
        if record.graded and record.graded.digest == found.digest:
            return record.graded
        same = [one for one in [*arrivals, *record.attempts] if one.digest == found.digest]
        stamped = [one for one in same if one.submitted == found.submitted]
        # A person mended the files: they count as the attempt that they were.
        return (stamped or same or [record.graded or found])[0]

    def _is_there(self, attempt: Attempt, student: str, files: Container[str]) -> bool:
        """Tell whether an attempt's files can be had; a person may have removed them."""
        return attempt.digest in files or self._free(student, attempt, attempt.digest)[1]

    def _move_away(self, student: str, attempt: Attempt) -> list[Path]:
        """Move the attempt in `submitted/` into the archive."""
        folder = self.submitted(student)
        found = _found(folder)
        assert found is not None
        place, there = self._free(student, attempt, found.digest)
        if there:
            shutil.rmtree(folder)
            return []
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder, place)
        return [place]

    def _archive(self, student: str, attempt: Attempt, files: dict[str, bytes]) -> list[Path]:
        """Write an attempt into the archive, unless it is there."""
        place, there = self._free(student, attempt, attempt.digest)
        if there:
            return []
        self._write(place, attempt, files)
        return [place]

    def _free(self, student: str, attempt: Attempt, total: str) -> tuple[Path, bool]:
        """Find an attempt's folder in the archive, and tell whether it is there already."""
        above = self.archive(student)
        names = [attempt.folder, f"{attempt.folder}-{total[:8]}", f"{attempt.folder}-{total}"]
        for name in names:
            found = _found(above / name)
            if found is None or found.digest == total:
                return above / name, found is not None
        raise AssertionError(f"{above / names[-1]} holds other files than its name says")

    def _place(self, student: str, attempt: Attempt, files: dict[str, bytes] | None) -> None:
        """Put an attempt into `submitted/`: written anew, or out of the archive."""
        folder = self.submitted(student)
        if files is not None:
            self._write(folder, attempt, files)
            return
        place, _ = self._free(student, attempt, attempt.digest)
        folder.parent.mkdir(parents=True, exist_ok=True)
        os.replace(place, folder)
        self._stamp(folder, attempt)

    def _write(self, place: Path, attempt: Attempt, files: dict[str, bytes]) -> None:
        """Write a folder beside its place, and move it there whole."""
        work = self._work / "hand-in"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        for name, data in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(data)
        self._stamp(work, attempt)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink():
            place.unlink()
        elif place.exists():  # no file of a hand-in lies there
            shutil.rmtree(place)
        os.replace(work, place)

    def _stamp(self, folder: Path, attempt: Attempt) -> None:
        """Write the time as nbgrader reads it, if it is known and not there."""
        if attempt.submitted is None:
            return
        text, file = stamp(attempt.submitted), folder / TIMESTAMP
        if not file.is_file() or file.read_text("utf-8") != text:
            _write_text(file, text, self._work)

    def _remember(self, record: Record) -> None:
        """Write a student's record."""
        self.records.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record.as_json(), indent=1, ensure_ascii=False)
        file = self.records / f"{record.student}.json"
        if not file.is_file() or file.read_text("utf-8") != text:
            _write_text(file, text, self._work)

    def write_report(self, report: dict[str, Any]) -> None:
        """Write what collecting said."""
        _write_text(self.report, json.dumps(report, indent=1, ensure_ascii=False), self._work)

    def old_report(self) -> dict[str, Any]:
        """Read what collecting said before."""
        try:
            found = json.loads(self.report.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _target(
    attempts: list[Attempt], current: Attempt | None, student: str, troubles: Troubles
) -> Attempt | None:
    """Choose the attempt to be graded, and warn of what a person should decide."""
    gradable = [attempt for attempt in attempts if not attempt.problem]
    best = newest(gradable)
    target = best[0] if len(best) == 1 else current
    if len(best) > 1:
        places = ", ".join(f"'{attempt.archive}' '{attempt.entry}'" for attempt in best)
        kept = "The one collected first stays" if current else "None was taken"
        words = f"attempts that differ, and nothing tells which is newer: {places}. {kept}."
        troubles.add("ambiguous-attempt", words, archive=best[0].archive, student=student)
    for attempt in attempts:
        if attempt.problem and not (target and is_newer(target, attempt)):
            _warn_of_unreadable(attempt, target, student, troubles)
    return target


def _warn_of_unreadable(
    attempt: Attempt, target: Attempt | None, student: str, troubles: Troubles
) -> None:
    """Say what became of an attempt that cannot be graded, though nothing newer came."""
    kept = f"It lies in the archive as '{attempt.folder}'"
    graded = (
        f"the older attempt of {target.folder} is graded instead: a person should decide"
        if target
        else "nothing is graded"
    )
    troubles.add(
        "not-gradable",
        f"{attempt.problem}. {kept}; {graded}.",
        archive=attempt.archive,
        entry=attempt.entry,
        student=student,
    )


def _found(folder: Path) -> Attempt | None:
    """Describe the files in a folder; None if there are none."""
    if not folder.is_dir() or folder.is_symlink():
        return None
    sums = dict(_sums(folder))
    if not sums:
        return None
    submitted = None
    with contextlib.suppress(OSError, ValueError):
        moment = parse_utc((folder / TIMESTAMP).read_text("utf-8").strip())
        submitted = moment.replace(tzinfo=UTC)
    return Attempt(digest(sums), submitted, "found in submitted", files=sums)


def _sums(folder: Path) -> Iterable[tuple[str, str]]:
    """Give the SHA-256 of each file of a hand-in."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not file.is_symlink() and name != TIMESTAMP:
            yield name, hashlib.sha256(file.read_bytes()).hexdigest()


def _write_text(file: Path, text: str, work: Path) -> None:
    """Write a file whole or not at all."""
    new = work / "text"
    new.write_text(text, "utf-8")
    os.replace(new, file)
