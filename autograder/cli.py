"""The command line of an instructor: each command parses, calls one library function, and prints.

Exit status: 0 all is done, 1 something could not be done for someone, 2 wrong usage, 130
interrupted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.errors import AutograderError
from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    from autograder.final_marks import FinalMark
    from autograder.workspace import Workspace

EXITS = (
    "Exit status: 0 done, 1 something could not be done for someone, 2 wrong usage, 130 stopped."
)

app = typer.Typer(
    help="Release, collect, grade and return practicals. The usual order: release, collect, grade, "
    "feedback, gradebook, export. 'status' tells what comes next. Every command may be stopped "
    "with Ctrl-C and run again: it goes on where it was.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EXITS,
)

Assignment = Annotated[
    str, typer.Argument(metavar="ASSIGNMENT", help="nbgrader's name of it, e.g. practical1.")
]
CourseFolder = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="Top of the course. (Default: here or above.)"),
]
Students = Annotated[
    list[str] | None,
    typer.Option("--student", metavar="ID", help="Only this student; may be repeated."),
]


class Platform(StrEnum):
    """Where an archive comes from."""

    auto = "auto"
    moodle = "moodle"
    canvas = "canvas"
    blackboard = "blackboard"
    brightspace = "brightspace"
    gradescope = "gradescope"
    drive = "drive"
    folder = "folder"


class Format(StrEnum):
    """What the exported file is for."""

    moodle = "moodle"
    canvas = "canvas"
    csv = "csv"


def main() -> None:
    """Run the command line; the console script ``autograder`` calls this."""
    app()


@app.command("release", epilog=EXITS)
def release_command(assignment: Assignment, course: CourseFolder = None) -> None:
    """Make the students' copy of a practical.

    Writes practicals/ASSIGNMENT from solutions/ASSIGNMENT, without answers and hidden tests, and
    proves that nothing leaks.

    Example: autograder release practical1

    Next: commit practicals/, tell the students, and later 'autograder collect'.
    """
    with _told(course) as workspace:
        from autograder.release import release

        with _progress("Releasing") as progress:
            done = release(workspace, assignment, progress=progress)
        change = "new or changed" if done.changed else "as before"
        _say(f"{assignment}: {_count(len(done.files), 'file')} in {done.folder}, {change}.")
        due = f"due {done.due:%A, %d %B %Y, %H:%M %Z}" if done.due else "no due date in course.toml"
        _say(f"{done.points:g} points, {due}.")
        for path in done.rewritten:
            _say(f"Brought up to date: {path}")
        _say("Next: commit practicals/, and let students open it.")


@app.command("collect", epilog=EXITS + " Warnings count as 1.")
def collect_command(
    assignment: Assignment,
    archives: Annotated[
        list[Path], typer.Argument(metavar="ARCHIVE", help="Zip files or folders, as downloaded.")
    ],
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who is who. (Default: gradebook/students.csv.)"),
    ] = None,
    platform: Annotated[
        Platform, typer.Option(help="Where the archives come from.")
    ] = Platform.auto,
    pattern: Annotated[
        str | None,
        typer.Option(metavar="REGEX", help="For file names of another kind; see docs/grading.md."),
    ] = None,
    course: CourseFolder = None,
) -> None:
    """Sort the hand-ins of a downloaded archive by student and time.

    Writes gradebook/submitted; the newest attempt counts, older ones are archived. What is unclear
    is warned of and left for a person; all else is collected.

    Example: autograder collect practical1 ~/Downloads/practical1.zip

    Next: 'autograder grade ASSIGNMENT'.
    """
    with _told(course) as workspace:
        from autograder.collect import collect

        with _progress("Collecting") as progress:
            done = collect(
                workspace,
                assignment,
                archives,
                roster=roster,
                platform=platform.value,
                pattern=pattern,
                progress=progress,
            )
        for warning in done.warnings:
            _say(f"Warning: {warning}")
        _say(
            f"{assignment}: {len(done.taken)} collected, {len(done.unchanged)} as before, "
            f"{len(done.archived)} older archived, {len(done.missing)} missing, "
            f"{_count(len(done.warnings), 'warning')}."
        )
        _say(f"All of this is in {done.report}")
        _say(f"Next: autograder grade {assignment}")
        _leave_if(bool(done.warnings))


@app.command("grade", epilog=EXITS)
def grade_command(
    assignment: Assignment,
    student: Students = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what is graded already.")
    ] = False,
    course: CourseFolder = None,
) -> None:
    """Run the tests on what was handed in, and charge late days.

    Who is graded already is kept, unless the hand-in or the tests have changed. Points and comments
    that a person gave stay. A hand-in that cannot be graded is named, and stops no other.

    Example: autograder grade practical1 --student sample-01

    Next: give points by hand in formgrader (jupyter lab), then 'autograder feedback ASSIGNMENT'.
    """
    with _told(course) as workspace:
        from autograder.grading import grade

        with _progress("Grading") as progress:
            done = grade(workspace, assignment, students=student, force=force, progress=progress)
        if done.generated:
            _say(f"{assignment} was not in the gradebook: read from solutions/{assignment} first.")
        if done.graded:
            _table(
                ("student", "points", "late", "pending"),
                [
                    (
                        one.student,
                        f"{one.points:g} / {one.out_of:g}",
                        f"-{one.penalty:g}" if one.penalty else "",
                        str(one.pending or ""),
                    )
                    for one in done.graded
                ],
            )
        for trouble in done.needs_person:
            _say(f"Needs a person: {trouble.student}: {trouble.reason}.")
        _say(
            f"{assignment}: {len(done.graded)} graded, {len(done.kept)} kept, "
            f"{len(done.needs_person)} need a person."
        )
        waiting = sum(bool(one.pending) for one in (*done.graded, *done.kept))
        if waiting:
            hand_ins = _count(waiting, "hand-in")
            _say(f"Points by hand are still to be given for {hand_ins}: use formgrader.")
        _say(f"Next: autograder feedback {assignment}")
        _leave_if(bool(done.needs_person))


@app.command("feedback", epilog=EXITS)
def feedback_command(
    assignment: Assignment,
    student: Students = None,
    force: Annotated[bool, typer.Option("--force", help="Write also what is up to date.")] = False,
    histogram: Annotated[
        bool, typer.Option("--histogram", help="Show how the class did, without names.")
    ] = False,
    course: CourseFolder = None,
) -> None:
    """Write a page for each graded student.

    It holds points, failed checks in words, and comments, and none of the hidden tests. It needs
    no network and reads well on a phone.

    Example: autograder feedback practical1 --histogram

    Next: send gradebook/feedback/ID/ASSIGNMENT to each student, then 'autograder gradebook'.
    """
    with _told(course) as workspace:
        from autograder.feedback import write_feedback

        with _progress("Writing feedback") as progress:
            done = write_feedback(
                workspace,
                assignment,
                students=student,
                force=force,
                histogram=histogram,
                progress=progress,
            )
        for trouble in done.failed:
            _say(f"Not written: {trouble.student}: {trouble.reason}.")
        if done.stale:
            _say(f"Handed in anew, 'autograder grade {assignment}' first: {', '.join(done.stale)}.")
        _say(
            f"{assignment}: {_count(len(done.written), 'page')} written, {len(done.kept)} up to "
            f"date, {len(done.stale)} to be graded first, {len(done.failed)} failed."
        )
        _say(f"They lie in {workspace.folder('feedback', assignment, 'ID')}.")
        _say("Next: autograder gradebook")
        _leave_if(bool(done.stale or done.failed))


@app.command("gradebook", epilog=EXITS)
def gradebook_command(course: CourseFolder = None) -> None:
    """Compute the marks of the course, and write the report.

    Late days are charged anew. What is missing stays missing, and is no zero before it is closed in
    course.toml. The report is a page with pictures.

    Example: autograder gradebook

    Next: 'autograder export --for moodle'.
    """
    with _told(course) as workspace:
        from autograder.final_marks import final_marks
        from autograder.late_submission import update_penalties
        from autograder.report import write_report

        changed = update_penalties(workspace)
        marks = final_marks(workspace)
        titles = [part.title for part in marks[0].components] if marks else []
        if marks:
            header = ("student", *titles, "so far", "total", "letter")
            _table(header, [_mark_row(mark) for mark in marks])
        if any(mark.provisional for mark in marks):
            _say("* A person has still to give points, or to look at something.")
        report = write_report(workspace)
        whole = sum(mark.total is not None for mark in marks)
        _say(
            f"{_count(len(marks), 'student')}, {whole} with a whole mark; "
            f"{_count(len(changed), 'penalty', 'penalties')} for late days changed."
        )
        _say(f"Report: {report}")
        _say("Next: autograder export --for moodle (or canvas, csv)")


@app.command("export", epilog=EXITS)
def export_command(
    to: Annotated[Format, typer.Option("--for", help="What the file is for.")],
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file. (Default: gradebook/export/FORMAT.csv.)"),
    ] = None,
    course: CourseFolder = None,
) -> None:
    """Write the marks for Moodle, Canvas or a spreadsheet.

    What is missing, or waits for a person, is an empty cell and never a zero.

    Example: autograder export --for moodle --output marks.csv

    Next: import the file on the platform.
    """
    with _told(course) as workspace:
        from autograder.exports import export

        warnings: list[str] = []
        path = export(workspace, to.value, output, warn=warnings.append)
        for warning in warnings:
            _say(f"Warning: {warning}")
        rows = len(path.read_bytes().splitlines())
        _say(f"{_count(rows, 'line')} for {to.value}: {path}")


@app.command("status", epilog=EXITS)
def status_command(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ASSIGNMENT]", help="Only this. (Default: all.)")
    ] = None,
    course: CourseFolder = None,
) -> None:
    """Tell how far each assignment is, and what comes next.

    Also what needs a person, and why, and who has not handed in.

    Example: autograder status practical1
    """
    with _told(course) as workspace:
        from autograder.status import status

        if assignment is not None:
            workspace.check_assignment(assignment)
        found = [one for one in status(workspace) if assignment in (None, one.assignment)]
        _table(
            (
                *("assignment", "released", "due", "collected", "graded", "stale"),
                *("needs a person", "points by hand", "feedback"),
            ),
            [
                (
                    one.assignment,
                    "yes" if one.released else "no",
                    f"{one.due:%Y-%m-%d %H:%M}" if one.due else "",
                    f"{len(one.collected)} of {'?' if one.roster is None else one.roster}",
                    str(len(one.graded)),
                    str(len(one.stale)),
                    str(len(one.needs_person)),
                    str(len(one.needs_manual)),
                    str(len(one.feedback)),
                )
                for one in found
            ],
        )
        for one in found:
            for trouble in one.needs_person:
                _say(f"{one.assignment} needs a person: {trouble.student}: {trouble.reason}.")
            for words, who in (
                ("handed in anew or tests changed", one.stale),
                ("waits for points by hand", one.needs_manual),
                ("not handed in", one.missing if one.collected else ()),
            ):
                if who:
                    _say(f"{one.assignment}, {words}: {', '.join(who)}.")
            _say(f"Next for {one.assignment}: {one.next_step}")


@contextmanager
def _told(course: Path | None) -> Iterator["Workspace"]:
    """Open the course; what goes wrong is told in one message, with its exit status."""
    from sqlalchemy.exc import SQLAlchemyError

    from autograder.workspace import WorkspaceError, open_workspace

    try:
        yield open_workspace(course)
    except KeyboardInterrupt:
        typer.echo("Stopped. What is done stays; the same command goes on from there.", err=True)
        raise typer.Exit(130) from None
    except (AutograderError, Cmp784Error) as error:
        typer.echo(f"Error: {error}", err=True)
        wrong_usage = isinstance(error, WorkspaceError) or type(error).__name__ == "CollectError"
        raise typer.Exit(2 if wrong_usage else 1) from None
    except SQLAlchemyError as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        typer.echo(f"Error: the gradebook's database cannot be used: {first}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"Error: {error}. Nothing after it was done.", err=True)
        raise typer.Exit(1) from None


def _leave_if(something_failed: bool) -> None:
    """Leave with status 1 when something could not be done for someone."""
    if something_failed:
        raise typer.Exit(1)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Give a callable that shows progress: a bar on a terminal, a line a step elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console()
    if not console.is_terminal:
        yield lambda done, total, name: _say(f"{what}: {done}/{total} {name}".rstrip())
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, name: bar.update(
            task, completed=done, total=total, description=f"{what} {name}".replace("[", r"\[")
        )


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a table; numbers to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:  # a log has no width; leave the rows whole
        console.width = 200
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else box.ASCII2)
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _mark_row(mark: "FinalMark") -> tuple[str, ...]:
    """Write a student's marks; what is missing is called missing."""
    parts = []
    for part in mark.components:
        points = _number(part.points)
        if part.points is None:
            points = f"{_number(part.so_far)} of {part.weight:g}" if part.out_of else "missing"
        parts.append(points + ("*" if part.provisional else ""))
    so_far = f"{_number(mark.so_far)} of {_number(mark.out_of)}"
    return (mark.student_id, *parts, so_far, _number(mark.total), mark.letter or "")


def _number(value: Any) -> str:
    """Write a number with two digits after the point at most; None is empty."""
    return "" if value is None else f"{float(value):.2f}".rstrip("0").rstrip(".")


def _count(number: int, one: str, many: str = "") -> str:
    """Write a number of things: ``1 page``, ``2 pages``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _say(line: str) -> None:
    typer.echo(line)


if __name__ == "__main__":
    main()
