"""The command line of an instructor: each command parses, calls one library function, and prints.

Exit status: 0 all is done, 1 something could not be done for someone, 2 wrong usage, 130
interrupted.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder import cli_grading, terminal
from autograder.cli_shared import EXITS, Assignment, CourseFolder, Students, leave_if, told
from autograder.numerals import count

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
    with told(course) as workspace:
        from autograder.release import release

        with terminal.progress("Releasing") as progress:
            done = release(workspace, assignment, progress=progress)
        change = "new or changed" if done.changed else "as before"
        typer.echo(f"{assignment}: {count(len(done.files), 'file')} in {done.folder}, {change}.")
        due = f"due {done.due:%A, %d %B %Y, %H:%M %Z}" if done.due else "no due date in course.toml"
        typer.echo(f"{done.points:g} points, {due}.")
        for path in done.rewritten:
            typer.echo(f"Brought up to date: {path}")
        typer.echo("Next: commit practicals/, and let students open it.")


@app.command("collect", epilog=EXITS)
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
    with told(course) as workspace:
        from autograder.collect import collect

        with terminal.progress("Collecting") as progress:
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
            typer.echo(f"Warning: {warning}")
        left_out = sum(warning.left_out for warning in done.warnings)
        typer.echo(
            f"{assignment}: {len(done.taken)} collected, {len(done.unchanged)} as before, "
            f"{len(done.archived)} older archived, {len(done.missing)} missing, "
            f"{count(len(done.warnings), 'warning')}, {left_out} of them about what was "
            "left out."
        )
        typer.echo(f"All of this is in {done.report}")
        typer.echo(f"Next: autograder grade {assignment}")
        leave_if(bool(left_out))


cli_grading.add_to(app)


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
    with told(course) as workspace:
        from autograder.feedback import write_feedback

        with terminal.progress("Writing feedback") as progress:
            done = write_feedback(
                workspace,
                assignment,
                students=student,
                force=force,
                histogram=histogram,
                progress=progress,
            )
        for trouble in done.failed:
            typer.echo(f"Not written: {trouble.student}: {trouble.reason}.")
        if done.stale:
            typer.echo(
                f"Handed in anew, 'autograder grade {assignment}' first: {', '.join(done.stale)}."
            )
        typer.echo(
            f"{assignment}: {count(len(done.written), 'page')} written, "
            f"{len(done.kept)} up to date, {len(done.stale)} to be graded first, "
            f"{len(done.failed)} failed."
        )
        typer.echo(f"They lie in {workspace.folder('feedback', assignment, 'ID')}.")
        typer.echo("Next: autograder gradebook")
        leave_if(bool(done.stale or done.failed))


@app.command("gradebook", epilog=EXITS)
def gradebook_command(course: CourseFolder = None) -> None:
    """Compute the marks of the course, and write the report.

    Late days are charged anew. What is missing stays missing, and is no zero before it is closed in
    course.toml. The report is a page with pictures.

    Example: autograder gradebook

    Next: 'autograder export --for moodle'.
    """
    with told(course) as workspace:
        from autograder.final_marks import final_marks
        from autograder.late_submission import update_penalties
        from autograder.report import write_report

        changed = update_penalties(workspace)
        marks = final_marks(workspace)
        terminal.show_marks(marks)
        report = write_report(workspace)
        whole = sum(mark.total is not None for mark in marks)
        typer.echo(
            f"{count(len(marks), 'student')}, {whole} with a whole mark; "
            f"{count(len(changed), 'penalty', 'penalties')} for late days changed."
        )
        typer.echo(f"Report: {report}")
        typer.echo("Next: autograder export --for moodle (or canvas, csv)")


@app.command("export", epilog=EXITS)
def export_command(
    to: Annotated[Format, typer.Option("--for", help="What the file is for.")],
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file. (Default: in gradebook/export/.)"),
    ] = None,
    course: CourseFolder = None,
) -> None:
    """Write the marks for Moodle, Canvas or a spreadsheet.

    What is missing, or waits for a person, is an empty cell and never a zero.

    Example: autograder export --for moodle --output marks.csv

    Next: import the file on the platform.
    """
    with told(course) as workspace:
        from autograder.exports import export

        warnings: list[str] = []
        path = export(workspace, to.value, output, warn=warnings.append)
        for warning in warnings:
            typer.echo(f"Warning: {warning}")
        rows = len(path.read_bytes().splitlines())
        typer.echo(f"{count(rows, 'line')} for {to.value}: {path}")


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
    with told(course) as workspace:
        from autograder.status import status

        if assignment is not None:
            workspace.check_assignment(assignment)
        found = [one for one in status(workspace) if assignment in (None, one.assignment)]
        terminal.show_status(found)


cli_grading.add_rare_to(app)


if __name__ == "__main__":
    main()
