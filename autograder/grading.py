"""Grade hand-ins: nbgrader's own autograde, one student at a time, safe to stop and to go on."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde

from autograder.errors import AutograderError
from autograder.grading_record import Entry, Record, digest_of_folder, digest_of_tests, handins
from autograder.late_submission import update_penalties
from autograder.nbgrader_step import StepError, run_step
from autograder.release import ReleaseError, generate
from autograder.roster import course_roster
from autograder.scores import NeedsPerson, Score, needs_person, scores
from autograder.workspace import Progress, Workspace
from cmp784.outputs import NotebookError, open_notebook


class GradingError(AutograderError):
    """Nothing to grade: no hand-in of that name, or an assignment that cannot be generated."""


@dataclass(frozen=True)
class Grading:
    """What `grade` did.

    Parameters
    ----------
    graded
        Who was graded now.
    kept
        Who was graded before and has handed in nothing else since.
    needs_person
        Whose hand-in could not be graded, or not wholly. The others were graded all the same.
    generated
        Whether the assignment had to be read into the gradebook first.
    """

    assignment: str
    graded: tuple[Score, ...]
    kept: tuple[Score, ...]
    needs_person: tuple[NeedsPerson, ...]
    generated: bool = False


def grade(
    workspace: Workspace,
    assignment: str,
    *,
    students: Iterable[str] | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Grading:
    """Grade what was handed in and is not graded yet, then take late days off.

    Who is graded already is left alone, unless the hand-in, its time or the tests have changed
    since. Scores and comments that a person gave are kept. Stop it with Ctrl-C when you like: what
    is done stays, and the next run goes on.

    Parameters
    ----------
    workspace
        The course.
    assignment
        nbgrader's name of it.
    students
        Only these; by default everybody who has handed in.
    force
        Grade again what is graded already.
    progress
        Called before each student and at the end.

    Raises
    ------
    GradingError
        When a student named has handed in nothing.
    """
    workspace.check_assignment(assignment)
    chosen = _choose(workspace, assignment, students)
    generated = ensure_generated(workspace, assignment)
    _name_students(workspace, chosen)
    record, tests = Record.load(workspace, assignment), digest_of_tests(workspace, assignment)
    known = {score.student for score in scores(workspace, assignment, chosen)}
    new, old = [], []
    for done, student in enumerate(chosen):
        if progress:
            progress(done, len(chosen), student)
        handin = digest_of_folder(workspace.folder("submitted", assignment, student))
        there = any(workspace.folder("autograded", assignment, student).glob("*.ipynb"))
        kept = record.is_current(student, handin, tests) and student in known and there
        if kept and not force:
            old.append(student)
            continue
        if _grade_one(workspace, assignment, student, record, Entry(handin, tests, "graded")):
            new.append(student)
    if progress:
        progress(len(chosen), len(chosen), "late days")
    update_penalties(workspace)
    return Grading(
        assignment,
        scores(workspace, assignment, new),
        scores(workspace, assignment, old),
        needs_person(workspace, assignment, record, chosen),
        generated,
    )


def ensure_generated(workspace: Workspace, assignment: str) -> bool:
    """Read an assignment into the gradebook if it is not there, as in a fresh clone.

    The release under ``practicals/`` stays as it is.

    Returns
    -------
    bool
        Whether it had to be read.

    Raises
    ------
    GradingError
        When nbgrader cannot generate it.
    """
    with workspace.gradebook() as gradebook:
        try:
            if gradebook.find_assignment(assignment).notebooks:
                return False
        except MissingEntry:
            pass
    with tempfile.TemporaryDirectory() as folder:
        try:
            generate(workspace, assignment, Path(folder), save=True)
        except ReleaseError as error:
            source = workspace.folder("source", assignment)
            raise GradingError(
                f"'{source}': nbgrader cannot read the assignment into the gradebook. {error} "
                f"Run 'nbgrader generate_assignment {assignment}' to see more."
            ) from error
    return True


def _choose(workspace: Workspace, assignment: str, students: Iterable[str] | None) -> list[str]:
    """List whom to grade: all who handed in, or those named."""
    there = handins(workspace, assignment)
    if students is None:
        return there
    wanted = sorted(set(students))
    absent = ", ".join(student for student in wanted if student not in there)
    if absent:
        raise GradingError(
            f"'{assignment}': no hand-in of {absent}; {len(there)} others have handed in. "
            "Correct the id, or collect the hand-in first."
        )
    return wanted


def _name_students(workspace: Workspace, chosen: list[str]) -> None:
    """Take names from the roster, so that formgrader shows them; nobody else is put in."""
    roster = course_roster(workspace)
    if roster is None:
        return
    fields = ("first_name", "last_name", "email")
    with workspace.gradebook() as gradebook:
        for student in roster:
            known = {name: getattr(student, name) for name in fields if getattr(student, name)}
            if student.student_id in chosen:
                gradebook.update_or_create_student(student.student_id, **known)


def _grade_one(
    workspace: Workspace, assignment: str, student: str, record: Record, wanted: Entry
) -> bool:
    """Grade one hand-in and put down how it went; whatever is wrong with it is told, not raised."""
    scored = record.entries.get(student, wanted).scored
    record.put(student, replace(wanted, state="started", scored=scored))
    with workspace.gradebook() as gradebook:
        reviewed = _forget(gradebook, assignment, student)
    log = workspace.run_time / "grading" / assignment / f"{student}.log"
    try:
        _check_files(workspace, assignment, student)
        converter = Autograde(coursedir=workspace.coursedir, config=workspace.config)
        converter.force = True
        _write(log, run_step(converter, assignment, student))
        reason = _missing_cells(workspace, assignment, student)
    except StepError as error:
        if error.log:
            _write(log, error.log)
        record.put(student, replace(wanted, state="failed", reason=str(error), scored=scored))
        return False
    if scored == wanted.handin:
        with workspace.gradebook() as gradebook:
            _confirm(gradebook, assignment, student, reviewed)
    record.put(student, replace(wanted, reason=reason, scored=wanted.handin))
    return True


def _forget(gradebook: Gradebook, assignment: str, student: str) -> set[tuple[str, str]]:
    """Take back the machine's scores, which nbgrader would leave where a new hand-in lacks a cell.

    What a person gave stays.

    Returns
    -------
    set of tuple of str
        Notebook and cell that a person has given points, and need not be looked at again.
    """
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return set()
    reviewed = set()
    for notebook in submission.notebooks:
        for one in notebook.grades:
            one.auto_score = None
            if one.manual_score is None:
                one.needs_manual_grade = True
            elif not one.needs_manual_grade:
                reviewed.add((notebook.name, one.name))
        for comment in notebook.comments:
            comment.auto_comment = None
    gradebook.db.commit()
    return reviewed


def _confirm(
    gradebook: Gradebook, assignment: str, student: str, reviewed: set[tuple[str, str]]
) -> None:
    """Do not ask a person again for points that stand: nbgrader asks after each autograde."""
    for notebook in gradebook.find_submission(assignment, student).notebooks:
        for one in notebook.grades:
            if (notebook.name, one.name) in reviewed:
                one.needs_manual_grade = False
    gradebook.db.commit()


def _check_files(workspace: Workspace, assignment: str, student: str) -> None:
    """Refuse a hand-in without the notebooks of the assignment, or with an unreadable one."""
    folder = workspace.folder("submitted", assignment, student)
    found = {path.name: path for path in sorted(folder.glob("*.ipynb"))}
    wanted = [f"{name}.ipynb" for name in _notebooks(workspace, assignment)]
    missing = [name for name in wanted if name not in found]
    if missing:
        there = ", ".join(found) or "no notebook"
        raise StepError(f"there is no {' and no '.join(missing)} in '{folder}', but {there}")
    for name in wanted:
        try:
            notebook = open_notebook(found[name])
        except NotebookError:
            raise StepError(f"{name} is empty, cut off, or no notebook at all") from None
        # nbgrader 0.9.6 stops at a copy, with words about something else.
        ids = Counter(cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells)
        twice = ", ".join(str(cell) for cell, count in ids.items() if cell and count > 1)
        if twice:
            raise StepError(f"{name} has more than one cell of these: {twice}. Keep one of each")


def _notebooks(workspace: Workspace, assignment: str) -> list[str]:
    with workspace.gradebook() as gradebook:
        return sorted(book.name for book in gradebook.find_assignment(assignment).notebooks)


def _missing_cells(workspace: Workspace, assignment: str, student: str) -> str:
    """Name the cells that give points and are not in the hand-in, in words; else nothing."""
    folder = workspace.folder("autograded", assignment, student)
    with workspace.gradebook() as gradebook:
        wanted = {
            book.name: [cell.name for cell in book.grade_cells]
            for book in gradebook.find_assignment(assignment).notebooks
        }
    missing = []
    for name, cells in wanted.items():
        notebook = open_notebook(folder / f"{name}.ipynb")
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
        missing += [cell for cell in cells if cell not in there]
    if not missing:
        return ""
    listed = ", ".join(sorted(missing))
    return f"graded, but without {listed}: the hand-in lacks the cells. Give these points by hand"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
