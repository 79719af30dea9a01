"""Release a practical: make `practicals/<name>/` from `solutions/<name>/`, and prove it.

Nothing half is left behind: nbgrader writes to a folder of its own, which is searched for leaks,
and only then takes the place of the old release.
"""

import copy
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.deadlines import due_time
from autograder.errors import AutograderError
from autograder.leaks import Leak, find_leaks
from autograder.nbgrader_step import StepError, run_step
from autograder.numerals import count
from autograder.workspace import Progress, Workspace
from cmp784 import badges
from cmp784.errors import Cmp784Error

STEPS = ("badges", "the students' copy", "leak check", "gradebook", "in place")


class ReleaseError(AutograderError):
    """A practical that cannot be released; the old release stays as it was."""


class LeakError(ReleaseError):
    """A release that would show what students must not see; ``leaks`` lists each line."""

    def __init__(self, assignment: str, leaks: tuple[Leak, ...]) -> None:
        super().__init__(assignment, leaks)
        self.assignment, self.leaks = assignment, leaks

    def __str__(self) -> str:
        shown = "".join(f"\n  {leak}" for leak in self.leaks[:20])
        more = f"\n  and {len(self.leaks) - 20} more" if len(self.leaks) > 20 else ""
        places = count(len(self.leaks), "place")
        return (
            f"'{self.assignment}' is not released: students would read what is hidden, in "
            f"{places}.{shown}{more}\nTake it out there, or reword the source."
        )


@dataclass(frozen=True)
class Released:
    """What a release did.

    Parameters
    ----------
    assignment, folder
        nbgrader's name, and where the students' copy lies.
    files
        Names of the files in it, the notebook first.
    points
        What can be reached.
    due
        When it is due, with the course's time zone; None when the syllabus does not list it.
    changed
        Whether a byte differs from the release before.
    rewritten
        Other files that `cmp784.badges.write` brought up to date.
    """

    assignment: str
    folder: Path
    files: tuple[str, ...]
    points: float
    due: datetime | None
    changed: bool
    rewritten: tuple[str, ...]


def release(workspace: Workspace, assignment: str, *, progress: Progress | None = None) -> Released:
    """Release a practical, or release it anew.

    Parameters
    ----------
    workspace
        The course.
    assignment
        nbgrader's name of the practical: a folder of ``solutions/``.
    progress
        Called before each step with how many are done, how many there are, and what comes.

    Raises
    ------
    WorkspaceError
        When there is no such practical.
    LeakError
        When a student would read a line of an answer or of a hidden test.
    ReleaseError
        When nbgrader refuses the source, for example because hand-ins are graded already and a cell
        is new.

    Notes
    -----
    Badges and setup cells are written first, in the source too. Due dates go to nbgrader's
    gradebook.
    """
    workspace.check_assignment(assignment)
    _tell(progress, 0)
    rewritten = _write_badges(workspace)
    target = workspace.folder("release", assignment).resolve()
    with _beside(target) as folder:
        _tell(progress, 1)
        made = generate(workspace, assignment, folder / "tried")
        _tell(progress, 2)
        leaks = tuple(find_leaks(workspace.root, assignment, released=made))
        if leaks:
            raise LeakError(assignment, leaks)
        _tell(progress, 3)
        made = generate(workspace, assignment, folder / "saved", save=True)
        _tell(progress, 4)
        changed = _bytes(made) != _bytes(target)
        _swap(made, target, folder / "old")
    # The README's table leads to Colab once the folder is there.
    rewritten += [name for name in _write_badges(workspace) if name not in rewritten]
    _tell(progress, len(STEPS))
    return _released(workspace, assignment, changed, tuple(rewritten))


def generate(workspace: Workspace, assignment: str, folder: Path, *, save: bool = False) -> Path:
    """Let nbgrader make the students' copy in some folder; ``practicals/`` stays as it is.

    Parameters
    ----------
    workspace, assignment
        As for `release`.
    folder
        Where the copy goes.
    save
        Whether nbgrader's gradebook takes in the cells and the due dates.

    Returns
    -------
    Path
        ``folder/<assignment>``.

    Raises
    ------
    ReleaseError
        When nbgrader refuses the source.
    """
    workspace.check_assignment(assignment)
    config = copy.deepcopy(workspace.config)
    config.CourseDirectory.root = str(workspace.root)
    config.CourseDirectory.release_directory = str(folder.resolve())
    config.CourseDirectory.assignment_id = assignment
    if not save:  # as `--no-db` does
        config.merge(Config({"SaveCells": {"enabled": False}}))
        config.merge(Config({"GenerateAssignment": {"no_database": True}}))
    directory = CourseDirectory(config=config)
    try:
        run_step(GenerateAssignment(coursedir=directory, config=config), assignment)
    except StepError as error:
        source = f"{directory.source_directory}/{assignment}"
        raise ReleaseError(f"'{source}' is not released. nbgrader says: {error.said}") from error
    return folder / assignment


def _tell(progress: Progress | None, done: int) -> None:
    """Tell how many steps are done, and what comes."""
    if progress is not None:
        progress(done, len(STEPS), [*STEPS, "released"][done])


def _write_badges(workspace: Workspace) -> list[str]:
    """Bring badges, setup cells and the README's tables up to date."""
    if not (workspace.root / "README.md").is_file():  # a course without the repository around it
        return []
    try:
        return badges.write(workspace.root)
    except Cmp784Error as error:
        raise ReleaseError(str(error)) from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a folder on the same disk as the target; what an interrupted release left there goes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}-release-*"):
        shutil.rmtree(left, ignore_errors=True)
    prefix = f".{target.name}-release-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=target.parent) as folder:
        yield Path(folder)


def _bytes(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, by their names in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _swap(made: Path, target: Path, old: Path) -> None:
    """Put the new folder in the place of the old one; on failure the old one is back."""
    if target.exists():
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _released(
    workspace: Workspace, assignment: str, changed: bool, rewritten: tuple[str, ...]
) -> Released:
    """Say what lies there now."""
    folder = workspace.folder("release", assignment).resolve()
    files = sorted(_bytes(folder), key=lambda name: (not name.endswith(".ipynb"), name))
    with workspace.gradebook() as gradebook:
        points = gradebook.find_assignment(assignment).max_score
    due = due_time(workspace.syllabus, assignment)
    return Released(assignment, folder, tuple(files), points, due, changed, rewritten)
