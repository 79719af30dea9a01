"""What the commands of the command line share: their words, their options, their way of failing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.errors import AutograderError
from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    from autograder.workspace import Workspace

EXITS = (
    "Exit status: 0 done, 1 something could not be done for someone, 2 wrong usage, 130 stopped."
)
STOPPED = "Stopped. What is done stays; the same command goes on from there."

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

#: Errors that mean that the command was typed wrongly.
WRONG_USAGE = ("WorkspaceError", "CollectError")


@contextmanager
def told(course: Path | None) -> Iterator["Workspace"]:
    """Open the course; what goes wrong is told in one message, with its exit status."""
    with interruptible():
        from sqlalchemy.exc import SQLAlchemyError

        from autograder.workspace import open_workspace

        try:
            yield open_workspace(course)
        except (AutograderError, Cmp784Error) as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(2 if type(error).__name__ in WRONG_USAGE else 1) from None
        except SQLAlchemyError as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            typer.echo(f"Error: the gradebook's database cannot be used: {first}", err=True)
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"Error: {error}. Nothing after it was done.", err=True)
            raise typer.Exit(1) from None


@contextmanager
def interruptible() -> Iterator[None]:
    """Say in words that Ctrl-C has stopped a command."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(STOPPED, err=True)
        raise typer.Exit(130) from None


def leave_if(something_failed: bool) -> None:
    """Leave with status 1 when something could not be done for someone."""
    if something_failed:
        raise typer.Exit(1)
