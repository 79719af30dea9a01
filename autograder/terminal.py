"""What the command line shows: progress, tables, and words for numbers. rich loads when needed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import typer

from autograder.numerals import number

if TYPE_CHECKING:
    from autograder.final_marks import FinalMark
    from autograder.office.summary import Score, Tally
    from autograder.status import AssignmentStatus

#: A log has no width; rows stay whole there.
WIDE = 200


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Give a callable that shows progress: a bar on a terminal, a line a step elsewhere.

    Parameters
    ----------
    what
        Stands in front: ``Grading``.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console()
    if not console.is_terminal:
        yield lambda done, total, name: typer.echo(f"{what}: {done}/{total} {name}".rstrip())
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, name: bar.update(
            task, completed=done, total=total, description=f"{what} {escape(name)}"
        )


@contextmanager
def tally(what: str) -> "Iterator[Callable[[Tally], None]]":
    """Give a callable that shows how far grading is: a bar on a terminal, lines elsewhere.

    Parameters
    ----------
    what
        Stands in front: ``Grading``.
    """
    if not sys.stdout.isatty():
        yield lambda now: typer.echo(f"{what}: {now.done}/{now.total} {_words(now)}".rstrip())
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    more = TextColumn("{task.fields[words]}", markup=False), TimeElapsedColumn()
    with Progress(*columns, *more, transient=True) as bar:
        task = bar.add_task(what, total=None, words="")
        yield lambda now: bar.update(task, completed=now.done, total=now.total, words=_words(now))


def _words(now: "Tally") -> str:
    """Say how far grading is, after the numbers."""
    parts = [now.what] if now.what else []
    parts += [f"{now.flagged} flagged"] if now.flagged else []
    parts += [f"{now.left:.0f} s left"] if now.left is not None and now.done < now.total else []
    if now.slowest:
        parts.append(f"slowest {now.slowest} {now.slowest_seconds:.1f} s")
    return ", ".join(parts)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; all columns but the first to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    shown = Table(box=box.SIMPLE_HEAD if console.is_terminal else box.ASCII2)
    for column, name in enumerate(header):
        justify: Literal["left", "right"] = "right" if column else "left"
        shown.add_column(name, justify=justify, overflow="fold", no_wrap=not column)
    for row in rows:
        shown.add_row(*map(Text, row))
    console.print(shown)


def show_scores(scores: "Sequence[Score]") -> None:
    """Print who has how many points; nothing for nobody."""
    rows = [
        (
            one.student,
            f"{one.points:g} / {one.out_of:g}",
            f"-{one.penalty:g}" if one.penalty else "",
            str(one.pending or ""),
        )
        for one in scores
    ]
    if rows:
        table(("student", "points", "late", "pending"), rows)


def show_marks(marks: "Sequence[FinalMark]") -> None:
    """Print the marks of the course; what is missing is called missing."""
    if not marks:
        return
    titles = (part.title for part in marks[0].components)
    table(("student", *titles, "so far", "total", "letter"), [_mark_row(mark) for mark in marks])
    if any(mark.provisional for mark in marks):
        typer.echo("* A person has still to give points, or to look at something.")


def _mark_row(mark: "FinalMark") -> tuple[str, ...]:
    """Write a student's marks."""
    parts = []
    for part in mark.components:
        points = number(part.points)
        if part.points is None:
            points = f"{number(part.so_far)} of {part.weight:g}" if part.out_of else "missing"
        parts.append(points + ("*" if part.provisional else ""))
    so_far = f"{number(mark.so_far)} of {number(mark.out_of)}"
    return (mark.student_id, *parts, so_far, number(mark.total), mark.letter or "")


def show_status(found: "Sequence[AssignmentStatus]") -> None:
    """Print how far assignments are, then who waits for what, and the next step."""
    header = ["assignment", "released", "due", "collected", "graded", "stale"]
    header += ["needs a person", "points by hand", "feedback"]
    table(header, [_status_row(one) for one in found])
    for one in found:
        for trouble in one.needs_person:
            typer.echo(f"{one.assignment} needs a person: {trouble.student}: {trouble.reason}.")
        for words, who in (
            ("handed in anew or tests changed", one.stale),
            ("waits for points by hand", one.needs_manual),
            ("not handed in", one.missing if one.collected else ()),
        ):
            if who:
                typer.echo(f"{one.assignment}, {words}: {', '.join(who)}.")
        typer.echo(f"Next for {one.assignment}: {one.next_step}")


def _status_row(one: "AssignmentStatus") -> tuple[str, ...]:
    """Write how far one assignment is."""
    counts = (one.graded, one.stale, one.needs_person, one.needs_manual, one.feedback)
    return (
        one.assignment,
        "yes" if one.released else "no",
        f"{one.due:%Y-%m-%d %H:%M}" if one.due else "",
        f"{len(one.collected)} of {'?' if one.roster is None else one.roster}",
        *(str(len(who)) for who in counts),
    )
