"""Tables and pictures of what `grading` measured: Markdown, JSON and PNG."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot as plt

from benchmarks.grading_meter import Cost, Sample
from benchmarks.grading_systems import SYSTEMS, System

COLUMNS = "grader | workers | hand-ins | runs | wall s each | CPU s each | wall | CPU | marks"
COLOURS = {"nbgrader": "#888888", "otter": "#c58a2b", "autograder": "#2a6f97"}
#: Hand-ins of one point of the curve.
BLOCK = 100


@dataclass(frozen=True)
class Run:
    """One run of a grader over a class.

    Parameters
    ----------
    graded
        Hand-ins that have marks at the end.
    differences
        Questions whose points are not those that stock nbgrader gave, in words.
    """

    system: System
    count: int
    cost: Cost
    graded: int
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """All runs of one grader with so many hand-ins: medians, in seconds a hand-in."""

    system: System
    count: int
    runs: int
    wall: float
    cpu: float
    marks: str


def line(run: Run) -> str:
    """Say how one run went."""
    return (
        f"{run.system.title:<26} {run.system.workers} at once, {run.count:4} hand-ins: "
        f"{run.cost.wall:7.1f} s, {run.cost.cpu:7.1f} s of CPU ({run.cost.counted_by}), others "
        f"{run.cost.others:.2f} cores, exit {run.cost.status}, {_marks([run])}"
    )


def rows(runs: Sequence[Run]) -> list[Row]:
    """Put the runs of a kind together."""
    found = []
    for count in sorted({run.count for run in runs}):
        for system in SYSTEMS:
            same = [run for run in runs if run.system == system and run.count == count]
            if same:
                wall = median(run.cost.wall for run in same) / count
                cpu = median(run.cost.cpu for run in same) / count
                found.append(Row(system, count, len(same), wall, cpu, _marks(same)))
    return found


def stock(table: Sequence[Row], count: int) -> Row | None:
    """Give the row to compare with: stock with as many hand-ins, or with the most it had."""
    known = [row for row in table if row.system == SYSTEMS[0]]
    same = [row for row in known if row.count == count]
    chosen = same or known
    return chosen[-1] if chosen else None


def markdown(table: Sequence[Row]) -> str:
    """Write the table; ratios say how many times less than stock with as many hand-ins."""
    lines = [f"| {COLUMNS} |", "|--|--:|--:|--:|--:|--:|--:|--:|--|"]
    notes = []
    for row in table:
        base = stock(table, row.count)
        ratios = [f"{base.wall / row.wall:.1f} x", f"{base.cpu / row.cpu:.1f} x"] if base else []
        ratios = ratios or ["–", "–"]
        if base and base.count != row.count:
            notes = [f"Ratios for more than {base.count} hand-ins are to stock with {base.count}."]
        cells = [row.system.title, row.system.workers, row.count, row.runs]
        cells += [f"{row.wall:.3f}", f"{row.cpu:.3f}", *ratios, row.marks]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join([*lines, "", *notes]) + "\n"


def write(runs: Sequence[Run], folder: Path) -> None:
    """Write ``table.md``, ``runs.json`` and ``table.png``."""
    table = rows(runs)
    (folder / "table.md").write_text(markdown(table), "utf-8")
    (folder / "runs.json").write_text(json.dumps([asdict(run) for run in runs], indent=1), "utf-8")
    _bars(table, folder / "table.png")


def write_curve(cost: Cost, count: int, workers: int, graded: int, folder: Path) -> None:
    """Write ``curve.json``, ``curve.md`` and ``curve.png``: what each hundred hand-ins took."""
    about = {"hand-ins": count, "workers": workers, "graded": graded}
    (folder / "curve.json").write_text(json.dumps(about | asdict(cost), indent=1), "utf-8")
    points = [_at(cost.samples, block) for block in range(BLOCK, count + 1, BLOCK)]
    known = [point for point in points if point is not None]
    lines = ["| hand-ins | wall s each | CPU s each | office MiB | processes |"]
    lines.append("|--:|--:|--:|--:|--:|")
    before = Sample(0.0, 0.0, 0, 0, 0)
    for point in known:
        more = max(1, point.done - before.done)
        wall, cpu = (point.seconds - before.seconds) / more, (point.cpu - before.cpu) / more
        memory = point.memory / 2**20
        lines.append(
            f"| {point.done} | {wall:.3f} | {cpu:.3f} | {memory:.0f} | {point.processes} |"
        )
        before = point
    total = f"{count} hand-ins, {workers} workers: {cost.wall:.0f} s, {cost.cpu:.0f} s of CPU, "
    lines += ["", f"{total}{graded} graded, exit {cost.status}, others {cost.others:.2f} cores."]
    text = "\n".join(lines) + "\n"
    (folder / "curve.md").write_text(text, "utf-8")
    print(text)
    _curve(known, folder / "curve.png")


def _marks(runs: Sequence[Run]) -> str:
    """Say whether all have marks, and stock's."""
    missing = sum(run.count - run.graded for run in runs)
    different = sum(len(run.differences) for run in runs)
    said = [f"{missing} missing"] if missing else []
    said += [f"{different} differ"] if different else []
    return ", ".join(said) or "equal"


def _at(samples: Sequence[Sample], done: int) -> Sample | None:
    """Give the first look at which so many were done."""
    return next((sample for sample in samples if sample.done >= done), None)


def _bars(table: Sequence[Row], path: Path) -> None:
    """Draw wall and processors' time a hand-in, a panel for each number of hand-ins."""
    counts = sorted({row.count for row in table})
    height = 0.8 + 0.33 * max(sum(row.count == count for row in table) for count in counts)
    size = (9, height * len(counts))
    figure, axes = plt.subplots(len(counts), 2, figsize=size, squeeze=False, layout="constrained")
    for (wall, cpu), count in zip(axes, counts, strict=True):
        some = [row for row in table if row.count == count][::-1]
        _panel(wall, some, lambda row: row.wall, f"{count} hand-ins: wall seconds each")
        _panel(cpu, some, lambda row: row.cpu, "CPU seconds each")
        cpu.set_yticklabels([])
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _panel(axis: plt.Axes, some: Sequence[Row], value: Callable[[Row], float], title: str) -> None:
    names = [f"{row.system.title}, {row.system.workers} at once" for row in some]
    colours = [COLOURS[row.system.name.split()[0]] for row in some]
    bars = axis.barh(names, [value(row) for row in some], color=colours)
    axis.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    axis.margins(x=0.12)
    axis.set_title(title, fontsize=9, loc="left")
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)


def _curve(points: Sequence[Sample], path: Path) -> None:
    """Draw cost a hand-in and the office's memory over the number done."""
    done = [point.done for point in points]
    starts = [Sample(0.0, 0.0, 0, 0, 0), *points]
    steps = list(zip(starts, points, strict=False))
    figure, (cost, memory) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    for name, of in (("wall", lambda one: one.seconds), ("CPU", lambda one: one.cpu)):
        each = [(of(now) - of(then)) / max(1, now.done - then.done) for then, now in steps]
        cost.plot(done, each, marker=".", label=name)
    cost.set(title="seconds each", xlabel="hand-ins done", ylim=(0, None))
    cost.legend(frameon=False)
    memory.plot(done, [point.memory / 2**20 for point in points], marker=".", color="#2a6f97")
    memory.set(title="memory of the office, MiB", xlabel="hand-ins done", ylim=(0, None))
    for axis in (cost, memory):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)
