"""The report and the live progress on a terminal, or line by line in a log."""

import time
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cmp784.headless.report import Report
from cmp784.headless.result import Failure, Result
from cmp784.headless.schedule import Event

#: Seconds between two lines about the same notebook in a log.
CALM = 20.0
#: Lines of source and traceback that the terminal shows; the other reports hold all of it.
LINES = 15


class Progress:
    """Shows what happens: a live table on a terminal, a line an event elsewhere.

    Parameters
    ----------
    console
        Where to.
    total
        How many notebooks there are.
    """

    def __init__(self, console: Console, total: int = 0) -> None:
        self.console, self.total, self.ended = console, total, 0
        self._running: dict[str, tuple[float, Event]] = {}
        self._said: dict[str, float] = {}
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4)

    def __enter__(self) -> "Progress":
        """Start the live table, on a terminal."""
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the live table away: the report follows."""
        self._running.clear()
        self._live.stop()

    def begin(self, total: int) -> None:
        """Take in how many notebooks will run; called once, before the first event."""
        self.total = total

    def show(self, event: Event) -> None:
        """Take in one event; called for each."""
        now = time.monotonic()
        if event.kind == "ended" and event.result is not None:
            self.ended += 1
            self._running.pop(event.notebook, None)
            self.console.print(_ended(event.result, self.ended, self.total), soft_wrap=True)
            return
        began = self._running.get(event.notebook, (now, event))[0]
        self._running[event.notebook] = (began, event)
        if not self.console.is_terminal:
            self._say(event, now)

    def _say(self, event: Event, now: float) -> None:
        """Write a line in a log, but not too many."""
        if event.kind == "started":
            self.console.print(f"start  {escape(event.notebook)}", soft_wrap=True)
        elif now - self._said.setdefault(event.notebook, now) > CALM:
            self._said[event.notebook] = now
            words = f"cell {event.cell}/{event.cells}  {escape(event.notebook)}"
            self.console.print(words, soft_wrap=True)

    def _table(self) -> Table:
        """Return the live table: what runs now."""
        table = Table.grid(padding=(0, 2))
        for began, event in self._running.values():
            done = event.cell / event.cells if event.cells else 0.0
            bar = "━" * round(20 * done) + "·" * (20 - round(20 * done))
            seconds = f"{time.monotonic() - began:.0f} s"
            table.add_row(escape(event.notebook), bar, f"cell {event.cell}/{event.cells}", seconds)
        table.add_row(f"{self.ended} of {self.total} done")
        return table


def render(report: Report) -> Group:
    """Return the final table, the failures and the summary, for ``rich`` to print."""
    table = Table(title=f"cmp784 run at {report.scale}")
    table.add_column("notebook", overflow="fold", max_width=36)
    table.add_column("status")
    table.add_column("seconds", justify="right")
    table.add_column("claims", justify="right")
    table.add_column("measured", overflow="fold")
    for result in report.results:
        table.add_row(
            Text(result.notebook),
            _status(result),
            f"{result.seconds:.1f}",
            f"{result.claims_passed}/{len(result.claims)}",
            Text("\n".join(claim.to_text() for claim in result.claims)),
        )
    told = [_failure(result, result.failure) for result in report.results if result.failure]
    return Group(*([table] if report.results else []), *told, Text(report.summary, style="bold"))


def _status(result: Result) -> Text:
    look = "green" if result.passed else "bold red"
    return Text(result.status + (" (kept)" if result.kept else ""), style=look)


def _ended(result: Result, count: int, total: int) -> Text:
    """Return the line for a notebook that has ended."""
    mark = "✓" if result.passed else "✗"
    words = f"{mark} {count}/{total}  {result.notebook}  {result.status}  {result.seconds:.1f} s"
    words += f"  {result.claims_passed}/{len(result.claims)} claims"
    return Text(words, style="green" if result.passed else "red")


def _failure(result: Result, failure: Failure) -> Text:
    """Return the account of one failure."""
    where = f", cell {failure.cell}" if failure.cell else ""
    text = Text(f"\n{result.notebook}{where}: {result.status}\n", style="bold red")
    text.append(f"{failure.reason}\n", style="not bold default")
    for part in (failure.source.splitlines()[:LINES], failure.traceback.splitlines()[-LINES:]):
        text.append("".join(f"    {line}\n" for line in part), style="not bold default")
    return text.append(f"{failure.remedy}\n", style="not bold default")
