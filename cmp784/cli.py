"""The command line: each command parses, calls one library function, prints, and exits.

Exit status: 0 all is good, 1 something failed, 2 wrong usage, 130 interrupted.
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    from cmp784 import headless

app = typer.Typer(
    help="CMP784 Deep Learning: the course that runs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 good, 1 something failed, 2 wrong usage, 130 interrupted.",
)


class Scale(StrEnum):
    """The three sizes of a notebook."""

    smoke = "smoke"
    laptop = "laptop"
    gpu = "gpu"


class Device(StrEnum):
    """Where tensors live."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


def main() -> None:
    """Run the command line; the console script ``cmp784`` calls this."""
    app()


def fail(error: Cmp784Error, status: int = 2) -> NoReturn:
    """Print an error and leave with its exit status."""
    typer.echo(f"Error: {error}", err=True)
    raise typer.Exit(status)


def _version(asked: bool) -> None:
    from cmp784 import __version__

    if asked:
        typer.echo(f"cmp784 {__version__}")
        raise typer.Exit


@app.callback()
def _all_commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """CMP784 Deep Learning: the course that runs."""


@app.command(
    "run", epilog="Exit status: 0 all passed, 1 something failed, 2 wrong usage, 130 interrupted."
)
def run_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Notebooks and folders. (Default: lectures.)"),
    ] = None,
    scale: Annotated[Scale, typer.Option(help="Size of the experiments.")] = Scale.laptop,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Worker processes. (Default: one a core, 4 at most; one a GPU.)"
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use a running dask scheduler, tcp://HOST:PORT."),
    ] = None,
    device: Annotated[Device, typer.Option(help="Where tensors live.")] = Device.auto,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Override a parameter."),
    ] = None,
    changed_since: Annotated[
        str | None,
        typer.Option(metavar="REV", help="Only what the changes since a git revision touch."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Skip what is done already.")] = False,
    memory_limit: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Per notebook, e.g. 4GiB. (Default: a worker's share.)"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="For the reports. (Default: build/run/SCALE.)"),
    ] = None,
) -> None:
    """Execute notebooks headless and report seconds, claims and failures.

    Example: cmp784 run lectures/week01_introduction --scale smoke --workers 2
    """
    from cmp784 import headless
    from cmp784.headless.options import parse_bytes, parse_parameter, require_instructor_half

    try:
        require_instructor_half()
        options = headless.RunOptions(
            scale=scale.value,
            workers=workers,
            scheduler=scheduler,
            device=device.value,
            parameters=dict(parse_parameter(text) for text in parameter or ()),
            output=output,
            changed_since=changed_since,
            resume=resume,
            memory_limit=None if memory_limit is None else parse_bytes(memory_limit),
        )
        report = _watched(paths or [Path("lectures")], options)
    except headless.UsageError as error:
        fail(error)
    raise typer.Exit(report.exit_status)


def _watched(paths: list[Path], options: "headless.RunOptions") -> "headless.Report":
    """Run with progress on the terminal, print the report, and return it."""
    from rich.console import Console

    from cmp784 import headless
    from cmp784.headless import terminal

    console = Console(highlight=False)
    if not console.is_terminal:  # a log has no width; leave the rows whole
        console.width = 160
    with terminal.Progress(console) as progress:
        report = headless.run(paths, options, progress)
    console.print(terminal.render(report))
    console.print(f"Reports: {report.folder / 'report.html'} (also .json, .xml)", soft_wrap=True)
    return report


@app.command("claims", epilog="Exit status: 0 all hold, 1 one does not, 2 wrong usage.")
def claims_command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Executed notebooks.")],
) -> None:
    """List the measured claims in executed notebooks.

    Example: cmp784 claims build/run/laptop/notebooks
    """
    from cmp784 import claims
    from cmp784.headless.notebook import find

    try:
        found = {source.name: claims.read(source.path) for source in find(paths)}
    except Cmp784Error as error:
        fail(error)
    for name, made in found.items():
        typer.echo(f"{name}: {sum(claim.passed for claim in made)}/{len(made)}")
        for claim in made:
            typer.echo(f"  {claim.to_text()}")
    if not all(claim.passed for made in found.values() for claim in made):
        raise typer.Exit(1)


@app.command("badges", epilog="Exit status: 0 all agrees, 1 something differs, 2 wrong usage.")
def badges_command(
    check: Annotated[bool, typer.Option("--check", help="Only say what differs.")] = False,
) -> None:
    """Write badges, setup cells and tables from course.toml.

    Example: cmp784 badges --check
    """
    from cmp784 import badges

    try:
        lines = badges.check(".") if check else badges.write(".")
    except Cmp784Error as error:
        fail(error)
    for line in lines:
        typer.echo(line)
    if check and lines:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
