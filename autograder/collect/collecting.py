"""Collecting: from the archives of a platform to the folders that nbgrader grades."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nbgrader.api import Student as DatabaseStudent

from autograder.collect.archives import Archives, Entry, Source
from autograder.collect.attempts import Attempt
from autograder.collect.grouping import Found, hand_ins_of
from autograder.collect.hand_ins import HandIn, contents, digest
from autograder.collect.owners import Owners
from autograder.collect.pattern import compiled, reader
from autograder.collect.placing import Places
from autograder.collect.platforms import AUTO, PLATFORMS, Platform, detect, moodle
from autograder.collect.platforms.folders import original as free_original
from autograder.collect.platforms.forms import Context
from autograder.collect.troubles import CollectError, Trouble, Troubles
from autograder.roster import Roster, course_roster, read_roster
from autograder.workspace import Progress, Workspace


@dataclass(frozen=True)
class Taken:
    """One hand-in that lies in `submitted/` now."""

    student: str
    submitted: datetime | None
    archive: str
    entry: str

    def __str__(self) -> str:
        time = f"{self.submitted:%Y-%m-%d %H:%M:%S} UTC" if self.submitted else "time not known"
        return f"{self.student}: {time} ({self.archive}, '{self.entry}')"


@dataclass(frozen=True)
class Collection:
    """What one run of collecting did.

    Parameters
    ----------
    assignment
        nbgrader's name of it.
    taken
        Hand-ins put into `submitted/`.
    unchanged
        Students whose hand-ins were there already.
    archived
        Folders of attempts put into `archive/`.
    missing
        Students of the roster who handed in nothing, in this run or an earlier one.
    warnings
        What a person should read.
    report
        The file that says all this, merged over runs.
    """

    assignment: str
    taken: tuple[Taken, ...]
    unchanged: tuple[str, ...]
    archived: tuple[Path, ...]
    missing: tuple[str, ...]
    warnings: tuple[Trouble, ...]
    report: Path

    def __str__(self) -> str:
        return (
            f"{self.assignment}: {len(self.taken)} taken, {len(self.unchanged)} unchanged, "
            f"{len(self.archived)} older put into the archive, {len(self.missing)} students "
            f"without, {len(self.warnings)} warnings"
        )


def collect(
    workspace: Workspace,
    assignment: str,
    archives: Sequence[Path | str],
    *,
    roster: Roster | Path | str | None = None,
    platform: str = AUTO,
    pattern: str | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Collect what a class handed in.

    The newest attempt of each student lies in ``gradebook/submitted/<student>/<assignment>/``
    afterwards, its notebook under the right name, with ``timestamp.txt`` where the platform
    records when it was handed in. Older attempts lie in
    ``gradebook/archive/<assignment>/<student>/<UTC time>/``. A hand-in whose notebook is empty,
    cut, missing or not to be told among several is kept in the archive too, with a warning; an
    older attempt that can be read is graded then, and the warning says so. Collecting the same
    again changes nothing.

    Parameters
    ----------
    workspace
        The course.
    assignment
        nbgrader's name of the assignment.
    archives
        Zip archives and plain folders, as platforms write them; grading worksheets of Moodle.
    roster
        The students; by default ``gradebook/students.csv``, if it is there. Without one, the
        platform's own id of a student becomes the student's id.
    platform
        One of `PLATFORMS`, or ``auto``.
    pattern
        A regular expression with named groups for archives of no known platform: see
        `autograder.collect.pattern`.
    progress
        Called after each student.

    Raises
    ------
    CollectError
        When a request is wrong: unknown platform, bad pattern, an archive that is not there.
    RosterError
        When the roster cannot be read.
    WorkspaceError
        When there is no such assignment.
    """
    chosen = _chosen(platform, pattern)
    paths = _existing(archives)
    workspace.check_assignment(assignment)
    source = workspace.folder("source", assignment)
    notebooks = tuple(sorted(path.name for path in source.glob("*.ipynb")))
    students = _roster(workspace, roster)
    troubles = Troubles()
    named = workspace.syllabus.course.time_zone if workspace.has_syllabus else "UTC"
    zone = ZoneInfo(named)
    context = Context(notebooks, zone, Owners(students), troubles)
    workspace.run_time.mkdir(exist_ok=True)
    with Archives(troubles) as opened, Places(workspace, assignment) as places:
        pieces = _pieces(paths, chosen, opened, context)
        hand_ins, ids = hand_ins_of(pieces, context, places)
        run = _Run(places, opened, context, ids)
        for done, (student, theirs) in enumerate(sorted(hand_ins.items()), 1):
            run.settle(student, theirs)
            if progress:
                progress(done, len(hand_ins), student)
        if students:
            _enrol(workspace, students)
        return run.finished(assignment, students, paths)


def _chosen(platform: str, pattern: str | None) -> Platform | None:
    """Find the platform that was asked for; None to look at each archive."""
    if platform != AUTO and platform not in PLATFORMS:
        known = ", ".join((AUTO, *PLATFORMS))
        raise CollectError(f"--platform '{platform}': unknown. Choose one of: {known}.")
    if pattern is None:
        return PLATFORMS.get(platform)
    if platform != AUTO:
        raise CollectError(f"--pattern and --platform {platform}: give one of them.")
    compiled(pattern)
    return Platform("pattern", reader(pattern), None, free_original, splits=True)


def _existing(archives: Sequence[Path | str]) -> list[Path]:
    """Check that all archives are there, before anything is done."""
    paths = list(dict.fromkeys(Path(path).resolve() for path in archives))
    for path in paths:
        if not path.exists():
            raise CollectError(f"'{path}': no such archive or folder. Check the path.")
    if not paths:
        raise CollectError("no archive: name at least one zip archive or folder.")
    return paths


def _roster(workspace: Workspace, roster: Roster | Path | str | None) -> Roster | None:
    """Read the roster that was asked for, or the one in its usual place."""
    if isinstance(roster, Roster):
        return roster
    return course_roster(workspace) if roster is None else read_roster(roster)


def _pieces(
    paths: list[Path], chosen: Platform | None, opened: Archives, context: Context
) -> Found:
    """Read all archives, those inside others too, and give their hand-ins' files."""
    found: Found = []
    worksheets: list[dict[str, str]] = []
    todo = [opened.source(path) for path in paths]
    while todo:
        source, rows = _without_worksheets(todo.pop(0))
        worksheets += rows
        if not source.entries:
            continue
        platform = chosen or detect(source, context)
        reading = platform.read(source, context)
        found += [(platform, piece) for piece in reading.pieces]
        for entry in reading.rest:
            if entry.is_zip:
                todo.append(opened.nested(entry))
            else:
                _stray(entry, platform, source, context)
    return _with_worksheets(found, worksheets)


def _without_worksheets(source: Source) -> tuple[Source, list[dict[str, str]]]:
    """Take the grading worksheets out of a source; give their rows.

    Only what lies beside the archives is one: a student could hand in a file that looks the same.
    """
    beside = (entry for entry in source.entries if entry.depth == 0 and "/" not in entry.path)
    sheets = {entry: rows for entry in beside if (rows := moodle.worksheet(entry))}
    rest = tuple(entry for entry in source.entries if entry not in sheets)
    return replace(source, entries=rest), [row for rows in sheets.values() for row in rows]


def _stray(entry: Entry, platform: Platform, source: Source, context: Context) -> None:
    """Name a file that is none of the platform's."""
    words = f"is not named as {platform.name} names its files. It was left out."
    context.troubles.add("stray-file", words, archive=source.label, entry=entry.path)


def _with_worksheets(found: Found, rows: list[dict[str, str]]) -> Found:
    """Give Moodle's hand-ins the times of its grading worksheets."""
    if not rows:
        return found
    pieces = moodle.by_worksheet((piece for _, piece in found), rows)
    return [(platform, piece) for (platform, _), piece in zip(found, pieces, strict=True)]


class _Run:
    """Settles one student after the other, and sums up."""

    def __init__(
        self,
        places: Places,
        opened: Archives,
        context: Context,
        ids: dict[str, dict[str, str]],
    ) -> None:
        self.places, self.opened, self.context, self.ids = places, opened, context, ids
        self.taken: list[Taken] = []
        self.unchanged: list[str] = []
        self.archived: list[Path] = []

    def settle(self, student: str, hand_ins: list[HandIn]) -> None:
        """Read a student's hand-ins, and put them where they belong."""
        arrivals = [self._attempt(hand_in) for hand_in in hand_ins]
        arrivals = [(attempt, files) for attempt, files in arrivals if files]
        if not arrivals:
            return
        ids = self.ids.get(student, {})
        settled = self.places.settle(student, arrivals, self.context.troubles, ids)
        self.archived += settled.archived
        if settled.taken:
            newest = settled.taken
            taken = Taken(student, newest.submitted, newest.archive, newest.entry)
            self.taken.append(taken)
        elif settled.unchanged:
            self.unchanged.append(student)

    def _attempt(self, hand_in: HandIn) -> tuple[Attempt, dict[str, bytes]]:
        """Read a hand-in's files."""
        platform = PLATFORMS.get(hand_in.platform)
        original = platform.original if platform else free_original
        found = contents(
            hand_in, self.context.notebooks, self.opened, self.context.troubles, original
        )
        attempt = Attempt(
            digest(found.sums),
            hand_in.submitted,
            hand_in.source,
            hand_in.rank,
            hand_in.platform,
            hand_in.archive,
            hand_in.entry,
            hand_in.late,
            found.problem,
            found.sums,
        )
        return attempt, found.files

    def finished(self, assignment: str, students: Roster | None, paths: list[Path]) -> Collection:
        """Write the report, and say what was done."""
        records = self.places.all_records()
        known = {record.student for record in records}
        missing = tuple(
            student.student_id for student in students or () if student.student_id not in known
        )
        warnings = self.context.troubles.listed()
        report = {
            "assignment": assignment,
            "students": {record.student: record.as_json() for record in records},
            "nothing_handed_in": list(missing),
            "nothing_to_grade": [record.student for record in records if not record.graded],
            "warnings": self._warnings(warnings, paths),
        }
        self.places.write_report(report)
        return Collection(
            assignment,
            tuple(self.taken),
            tuple(self.unchanged),
            tuple(self.archived),
            missing,
            warnings,
            self.places.report,
        )

    def _warnings(self, new: Iterable[Trouble], paths: list[Path]) -> list[dict[str, str]]:
        """Add the warnings of other archives, collected before, to those of this run."""
        labels = {path.name for path in paths}
        old = [
            warning
            for warning in self.places.old_report().get("warnings", [])
            if warning.get("archive", "").split(" > ")[0] not in labels
        ]
        return old + [warning.as_json() for warning in new]


def _enrol(workspace: Workspace, students: Roster) -> None:
    """Add the roster's students to nbgrader's database, where they are new or have changed.

    All in one transaction: nbgrader's own method commits each student.
    """
    with workspace.gradebook() as gradebook:
        known = {student.id: student for student in gradebook.students}
        for student in students:
            row = known.get(student.student_id) or DatabaseStudent(id=student.student_id)
            row.first_name = student.first_name or None
            row.last_name = student.last_name or None
            row.email = student.email or None
            gradebook.db.add(row)
        gradebook.db.commit()
