"""Stock nbgrader, otter-grader and `autograder grade` on the same hand-ins: time and marks.

Run it on a quiet machine: ``python benchmarks/grading.py``. Every run grades a fresh copy of one
small course (see `grading_course`) with commands as a person types them, from their first import to
their last process; each reply of the table is the median of its runs, which take turns. Marks are
compared by question. ``--stock-limit 30`` saves minutes: stock's cost a hand-in does not depend on
their number, as 12 and 30 show. ``--curve 2000`` instead follows one long run of ours.
Tables, pictures and all figures are written to ``build/grading/``.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import grading_course, grading_otter, grading_systems, grading_tables
from benchmarks.grading_meter import Cost, Meter, busy, measure
from benchmarks.grading_systems import OTTER, STOCK, SYSTEMS, Marks, System
from benchmarks.grading_tables import Run

OUTPUT = Path(__file__).resolve().parents[1] / "build" / "grading"
#: Seconds that a server has to say that it is ready.
PATIENCE = 120.0


@dataclass
class Benchmark:
    """The runs of one measurement, and what they need."""

    template: Path
    otter: Path | None
    quiet: float
    stock_marks: dict[str, dict[str, float]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def run(self, system: System, count: int) -> Run:
        """Grade a fresh course once, and compare the marks with stock's."""
        students = grading_course.students(count)
        course = self.template.parent / "course"
        grading_course.copy_course(self.template, course, students)
        try:
            wait_until_quiet(self.quiet)
            cost = self._cost(system, course, students)
            found = grading_systems.marks(system, course)
        finally:
            shutil.rmtree(course)
        if system == SYSTEMS[0]:
            self.stock_marks |= {who: dict(given) for who, given in found.items()}
        run = Run(system, count, cost, len(found), differences(found, self.stock_marks))
        self.runs.append(run)
        return run

    def _cost(self, system: System, course: Path, students: Sequence[str]) -> Cost:
        log = OUTPUT / "log.txt"
        commands = grading_systems.commands(system, course, students, self.otter)
        if system.how == "served":
            return served(system.workers, commands[0], course, log)
        return measure(commands, course, grading_course.environment(), log)


def served(workers: int, command: list[str], course: Path, log: Path) -> Cost:
    """Grade with a server that was started before; only what comes after it was ready counts."""
    environment = grading_course.environment()
    said = course / "server.txt"
    with Meter() as meter:
        server = meter.start(grading_systems.serve(workers), course, environment, said)
        deadline = time.monotonic() + PATIENCE
        while "ready" not in said.read_text().lower():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"'autograder serve' does not get ready: {said.read_text()}")
            time.sleep(0.05)
        start, cpu, others = time.perf_counter(), meter.cpu(), busy()
        status = meter.start(command, course, environment, log).wait()
        wall, cpu = time.perf_counter() - start, meter.cpu() - cpu
        others = max(0.0, busy() - others - cpu) / wall
        server.send_signal(signal.SIGINT)
        server.wait()
    return Cost(wall, cpu, status, meter.counted_by, others)


def differences(found: Marks, wanted: Marks) -> tuple[str, ...]:
    """Name each question of each student whose points are not stock's."""
    both = sorted(set(found) & set(wanted))
    return tuple(
        f"{who}, {question}: {found[who].get(question)} instead of {points}"
        for who in both
        for question, points in wanted[who].items()
        if found[who].get(question) != points
    )


def wait_until_quiet(cores: float, seconds: float = 3.0) -> None:
    """Wait until other processes take less than so many cores, for ten minutes at most."""
    deadline = time.monotonic() + 600
    while cores and time.monotonic() < deadline:
        before = busy()
        time.sleep(seconds)
        if (busy() - before) / seconds <= cores:
            return


def plan(asked: argparse.Namespace) -> Iterator[tuple[System, int]]:
    """Give the runs in turn, so that a slow quarter of an hour meets all graders alike."""
    for _ in range(asked.repeats):
        for count in asked.counts:
            for system in SYSTEMS:
                chosen = not asked.only or any(word in system.title for word in asked.only)
                if not chosen or (system.name == OTTER and asked.no_otter):
                    continue
                others = system.name in (STOCK, OTTER)
                yield system, min(count, asked.stock_limit) if others else count


def curve(bench: Benchmark, asked: argparse.Namespace) -> None:
    """Follow one long run: time, processors' time and the office's memory by hand-ins done."""
    course = bench.template.parent / "course"
    grading_course.copy_course(bench.template, course, grading_course.students(asked.curve))
    autograded = course / "autograded"

    def done() -> int:
        return len(os.listdir(autograded)) if autograded.exists() else 0

    command = grading_systems.ours(asked.workers, "warm")
    environment = grading_course.environment()
    cost = measure([command], course, environment, OUTPUT / "log.txt", watch=done)
    graded = len(grading_course.marks(course))
    grading_tables.write_curve(cost, asked.curve, asked.workers, graded, OUTPUT)


def prepare_otter(asked: argparse.Namespace) -> Path | None:
    """Install otter-grader, or say why it is left out."""
    if asked.no_otter or asked.curve:
        return None
    try:
        return grading_otter.install(OUTPUT.parent / "venv-otter")
    except (RuntimeError, subprocess.CalledProcessError) as error:
        print(f"otter-grader is left out: {error}")
        asked.no_otter = True
        return None


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[12, 100], help="of hand-ins")
    parser.add_argument("--repeats", type=int, default=1, help="of all runs, in turn")
    parser.add_argument(
        "--stock-limit", type=int, default=10**6, help="hand-ins that the others grade at most"
    )
    parser.add_argument("--only", nargs="+", help="graders whose title holds one of these words")
    parser.add_argument("--no-otter", action="store_true", help="leave otter-grader out")
    parser.add_argument("--curve", type=int, default=0, help="follow ours over so many hand-ins")
    parser.add_argument("--workers", type=int, default=2, help="of the curve")
    parser.add_argument(
        "--quiet", type=float, default=0.0, help="first wait till others take so few cores"
    )
    return parser.parse_args()


def main() -> None:
    asked = parse()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    otter = prepare_otter(asked)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as place:
        bench = Benchmark(grading_course.make_course(Path(place) / "template"), otter, asked.quiet)
        if asked.curve:
            curve(bench, asked)
            return
        for system, count in plan(asked):
            run = bench.run(system, count)
            print(grading_tables.line(run), flush=True)
            grading_tables.write(bench.runs, OUTPUT)
        if otter:
            print(f"otter-grader {grading_otter.version(otter)}")
    print((OUTPUT / "table.md").read_text())
    sys.exit(any(run.cost.status or run.differences for run in bench.runs))


if __name__ == "__main__":
    main()
