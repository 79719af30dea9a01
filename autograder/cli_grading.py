"""The commands that run tests: grade, validate, serve, watch."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder import terminal
from autograder.cli_shared import (
    EXITS,
    Assignment,
    CourseFolder,
    Students,
    interruptible,
    leave_if,
    told,
)
from autograder.numerals import count

if TYPE_CHECKING:
    from autograder.office.summary import Grading


class Isolation(StrEnum):
    """How rooms are walled; see docs/grading.md."""

    warm = "warm"
    cold = "cold"
    container = "container"
    none = "none"


Walls = Annotated[
    Isolation | None,
    typer.Option("--isolation", help="How rooms are walled. (Default: the best there is.)"),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, help="Hand-ins at once. (Default: all cores.)"),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the command line, in the order of work."""
    app.command("grade", epilog=EXITS)(grade_command)


def add_rare_to(app: typer.Typer) -> None:
    """Put the commands that are seldom needed behind all others."""
    app.command("validate", epilog=EXITS)(validate_command)
    app.command("serve", epilog=EXITS)(serve_command)
    app.command("watch", epilog=EXITS)(watch_command)


def grade_command(
    assignment: Assignment,
    student: Students = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", "--force", help="Grade again what is graded already.")
    ] = False,
    isolation: Walls = None,
    workers: Workers = None,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Of a scheduler of dask, e.g. tls://host:8786.")
    ] = "",
    course: CourseFolder = None,
) -> None:
    """Run the tests on what was handed in, and charge late days.

    Who is graded already is kept, unless the hand-in or the tests have changed. Points and comments
    that a person gave stay. A hand-in that cannot be graded is named, and stops no other. A running
    'autograder serve' does it in a moment.

    Example: autograder grade practical1 --student sample-01

    Next: give points by hand in formgrader (jupyter lab), then 'autograder feedback ASSIGNMENT'.
    """
    done = None
    if not (isolation or workers or scheduler):
        done = _by_server(course, assignment, student, regrade)
    if done is None:
        with told(course) as workspace:
            from autograder.grading import Options, grade

            options = Options(regrade, isolation and isolation.value, workers, scheduler)
            _warn_of(options.isolation)
            with terminal.tally("Grading") as listener:
                done = grade(
                    workspace, assignment, students=student, options=options, listener=listener
                )
    _show(done)
    leave_if(bool(done.needs_person))


def _by_server(
    course: Path | None, assignment: str, students: list[str] | None, regrade: bool
) -> "Grading | None":
    """Let a running server grade; None where there is none."""
    from autograder.office.client import ServerError, ask

    with interruptible(), terminal.tally("Grading") as listener:
        try:
            return ask(course, assignment, students, regrade, listener)
        except ServerError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(error.status) from None


def _warn_of(isolation: str | None) -> None:
    """Say what a run without walls risks."""
    if isolation == Isolation.none.value:
        typer.echo(
            "Warning: --isolation none runs hand-ins without walls: their code can read and change "
            "all that you can, the gradebook and other hand-ins too.",
            err=True,
        )


def _show(done: "Grading") -> None:
    """Print what was done, the troubles last but one."""
    if done.generated:
        typer.echo(f"{done.assignment} was not in the gradebook: read from its source first.")
    for note in done.notes:
        typer.echo(f"Note: {note}")
    terminal.show_scores(done.graded)
    for trouble in done.needs_person:
        typer.echo(f"Needs a person: {trouble.student}: {trouble.reason}.")
    typer.echo(
        f"{done.assignment}: {len(done.graded)} graded, {len(done.kept)} kept, "
        f"{len(done.needs_person)} left for a person."
    )
    if done.weaker:
        names = ", ".join(f"{name} ({count(many, 'hand-in')})" for name, many in done.weaker)
        typer.echo(
            f"Weaker: {count(len(done.weaker), 'test')} ran beside the student's code, which could "
            f"deceive it: {names}. 'autograder validate {done.assignment}' says why."
        )
    waiting = sum(bool(one.pending) for one in (*done.graded, *done.kept))
    if waiting:
        hand_ins = count(waiting, "hand-in")
        typer.echo(f"Points by hand are still to be given for {hand_ins}: use formgrader.")
    typer.echo(f"Next: autograder feedback {done.assignment}")


def validate_command(
    assignment: Assignment, isolation: Walls = None, course: CourseFolder = None
) -> None:
    """Try tests in the rooms: the reference solution must pass them, the students' stubs must not.

    Names each test that cannot work across rooms, with the line and a way out.

    Example: autograder validate practical1

    Next: mend what is named, or 'autograder release ASSIGNMENT'.
    """
    with told(course) as workspace:
        from autograder.office.validating import validate

        report = validate(workspace, assignment, isolation and isolation.value)
        for line in report.lines:
            typer.echo(line)
        leave_if(not report.passed)


def serve_command(
    isolation: Walls = None, workers: Workers = None, course: CourseFolder = None
) -> None:
    """Keep rooms warm: 'autograder grade' in the same course is then done in a moment.

    Ends with Ctrl-C.

    Example: autograder serve --workers 2

    Next: 'autograder grade ASSIGNMENT' in another terminal.
    """
    with told(course) as workspace, _ends_quietly():
        from autograder.office.pool import Pool
        from autograder.office.serving import Server, listening

        walls = isolation and isolation.value
        _warn_of(walls)
        with listening(workspace) as listener, Pool(workers) as pool:
            server = Server(workspace, pool, walls, typer.echo)
            for note in server.warm():
                typer.echo(f"Note: {note}")
            typer.echo(f"{workspace.root} is ready: {count(pool.workers, 'worker')}. Ctrl-C ends.")
            server.run(listener)


def watch_command(
    assignment: Assignment,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Where files arrive. (Default: the hand-ins.)"),
    ] = None,
    isolation: Walls = None,
    workers: Workers = None,
    course: CourseFolder = None,
) -> None:
    """Grade on arrival: what a platform drops into a folder, once it is written whole.

    Archives, notebooks and folders are collected as by 'autograder collect'. Ends with Ctrl-C.

    Example: autograder watch practical1 inbox/

    Next: 'autograder feedback ASSIGNMENT'.
    """
    with told(course) as workspace, _ends_quietly():
        from autograder.grading import Options
        from autograder.office.pool import Pool
        from autograder.office.watching import Watch
        from autograder.workspace import WorkspaceError

        workspace.check_assignment(assignment)
        if folder is not None and not folder.is_dir():
            raise WorkspaceError(f"'{folder}': no such folder. Make it, or correct the name.")
        walls = isolation and isolation.value
        _warn_of(walls)
        with Pool(workers) as pool:
            watch = Watch(workspace, assignment, folder, Options(isolation=walls, pool=pool))
            typer.echo(f"Watching {folder or 'the hand-ins'} for {assignment}. Ctrl-C ends.")
            for done in watch.run(typer.echo):
                _show(done)


@contextmanager
def _ends_quietly() -> Iterator[None]:
    """Take Ctrl-C, and a request to terminate, for the usual end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    # A shell that starts something in the background lets it ignore Ctrl-C.
    before_c = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Ended.")
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, before_c)
