"""Are the tests of a practical fair, sharp and kind? Every sample hand-in is graded and judged.

Run ``python tests/practicals/quality.py``. Planted bugs have to lose points in their own question
and nowhere else, other people's right answers get all points, an empty hand-in gets none, and one
with a single question solved gets exactly the points of that question. Planted bugs are graded at
the scale ``smoke``, where only the training is shorter, and with quick choices; all others, and
bugs of the training itself, at ``laptop``. ``--rooms`` sends all through the grader's rooms.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.practicals import handins, quick
from tests.practicals.handins import Mutant
from tests.practicals.quick import Graded


@dataclass
class Verdict:
    """What is said of one hand-in; it is as it should be when there are no problems.

    Attributes
    ----------
    name, question, what
        The hand-in in words.
    lost
        Points by test cell.
    caught
        ``visible``, ``hidden``, ``not caught``; empty for a hand-in that is no mutant.
    problems
        What is not as it should be.
    """

    name: str
    question: str
    what: str
    lost: dict[str, float]
    caught: str = ""
    problems: list[str] = field(default_factory=list)


class Practical:
    """A practical with its sample hand-ins, and what each of them should get."""

    def __init__(self, name: str, notebook: NotebookNode | None = None) -> None:
        self.notebook = notebook or handins.source(name)
        self.full = handins.points(self.notebook)
        self.tests = handins.tests_of(self.notebook)
        self.secrets = handins.hidden_lines(self.notebook)
        self.answers = handins.reference_answers(self.notebook)
        self.mutants = {mutant.name: mutant for mutant in handins.mutants(name)}
        self.alternatives = handins.alternatives(name)
        self.quick = handins.quick_answers(name)

    def hand_in(self, name: str) -> NotebookNode:
        """Return a sample hand-in by its name."""
        kind, _, rest = name.partition(" ")
        if kind == "mutant":
            mutant = self.mutants[rest]
            quick_answers = self.quick if mutant.scale == "smoke" else {}
            changed = handins.hand_in(
                self.notebook, {**quick_answers, **mutant.apply(self.answers)}
            )
            return handins.at_scale(changed, mutant.scale)
        if kind == "alternative":
            empty = handins.released(self.notebook, tests=True)
            return handins.hand_in(empty, self.alternatives[rest])
        if kind == "only":
            return handins.one_question(self.notebook, rest)
        return handins.released(self.notebook, tests=True)

    def names(self) -> list[str]:
        """Return the names of all sample hand-ins."""
        found = [f"alternative {name}" for name in self.alternatives]
        found += ["empty", *(f"only {cell}" for cell, tests in self.tests.items() if tests)]
        return found + [f"mutant {name}" for name in self.mutants]

    def judge(self, name: str, graded: Graded) -> Verdict:
        """Say whether a sample hand-in got what it should get."""
        kind, _, rest = name.partition(" ")
        lost = graded.lost(self.full)
        if kind == "mutant":
            verdict = judge_mutant(self.mutants[rest], graded, lost)
        elif kind == "alternative":
            verdict = Verdict(name, "all", "right, in another style", lost)
            verdict.problems += [f"{key}: {graded.messages[key]}" for key in lost]
        else:
            solved = self.tests.get(rest, [])
            verdict = judge_unanswered(name, solved, graded, self.full)
        verdict.problems += [f"given cell {key} stops: {e}" for key, e in graded.errors.items()]
        verdict.problems += [
            f"shows a line of a hidden test: {line}" for line in self.secrets if line in graded.text
        ]
        return verdict


def judge_mutant(mutant: Mutant, graded: Graded, lost: dict[str, float]) -> Verdict:
    """Say whether a planted bug loses points where it should, nowhere else, and with words."""
    seen = [key for key in lost if key not in graded.hidden]
    caught = "not caught" if not lost else "visible" if seen else "hidden"
    verdict = Verdict(mutant.name, mutant.cell, mutant.what, lost, caught)
    if not lost:
        verdict.problems.append("loses nothing: a test is missing")
    elif elsewhere := [key for key in lost if key[0] != mutant.letter]:
        verdict.problems.append(f"loses in another question: {', '.join(elsewhere)}")
    elif set(lost) != set(mutant.loses):
        verdict.problems.append(f"loses {', '.join(lost)}, expected {', '.join(mutant.loses)}")
    verdict.problems += wordless(graded)
    return verdict


def judge_unanswered(
    name: str, solved: list[str], graded: Graded, full: dict[str, float]
) -> Verdict:
    """Say whether solved questions get their points, and all others none, with a kind word."""
    expected = {key: full[key] if key in solved else 0.0 for key in full}
    verdict = Verdict(name, "all", "", graded.lost(full))
    verdict.problems += [
        f"{key} gets {graded.points[key]:g}, expected {expected[key]:g}: "
        f"{graded.messages.get(key, 'passed')}"
        for key in full
        if graded.points[key] != expected[key]
    ]
    verdict.problems += wordless(graded)
    verdict.problems += [
        f"{key} is {status!r}, expected 'unanswered': {graded.messages[key]}"
        for key, status in graded.statuses.items()
        if status != "unanswered" and expected[key] == 0
    ]
    return verdict


def wordless(graded: Graded) -> list[str]:
    """Return a problem for each test cell that takes points without a word."""
    return [
        f"{key} fails without words: {message!r}"
        for key, message in graded.messages.items()
        if graded.statuses[key] == "no check" or not message.strip()
    ]


def measure(
    practical: Practical, names: list[str], processes: int, grade_all: Any = quick.grade_all
) -> list[Verdict]:
    """Grade the hand-ins under a progress bar; return what is said of each."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("grading hand-ins", total=len(names))
        notebooks = {name: practical.hand_in(name) for name in names}
        graded = grade_all(notebooks, processes, lambda name: bar.advance(task))
    return [practical.judge(name, graded[name]) for name in names]


def table_of(verdicts: list[Verdict]) -> Table:
    """Return the mutants, and where each was caught."""
    table = Table(title="Planted bugs")
    for heading in ("mutant", "answer", "what", "lost", "points", "caught by"):
        table.add_column(heading, justify="right" if heading == "points" else "left")
    for verdict in verdicts:
        if verdict.caught:
            points = f"{sum(verdict.lost.values()):g}"
            lost = " ".join(verdict.lost) or "-"
            about = (verdict.name, verdict.question, verdict.what)
            table.add_row(*about, lost, points, verdict.caught)
    return table


def summary(verdicts: list[Verdict]) -> str:
    """Return the totals in words."""
    caught = [verdict.caught for verdict in verdicts if verdict.caught]
    others = [verdict for verdict in verdicts if not verdict.caught]
    right = sum(not verdict.problems for verdict in others)
    return (
        f"{len(caught)} planted bugs: {caught.count('visible')} caught by visible tests, "
        f"{caught.count('hidden')} by hidden ones, {caught.count('not caught')} not caught. "
        f"{right} of {len(others)} other hand-ins got exactly what they should."
    )


def _grader(through_rooms: bool) -> Any:
    """Return what grades many hand-ins: quickly in forks, or as `autograder grade` does."""
    if not through_rooms:
        return quick.grade_all
    from tests.practicals import rooms

    return rooms.grade_all


def main() -> int:
    """Grade all sample hand-ins, print what was found; 1 when a test is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "words", nargs="*", help="only hand-ins whose name begins like one of these"
    )
    parser.add_argument("--practical", default="practical1")
    parser.add_argument("--rooms", action="store_true", help="through the rooms of `autograder`")
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 2))
    asked = parser.parse_args()

    practical, began = Practical(asked.practical), time.monotonic()
    names = [n for n in practical.names() if n.startswith(tuple(asked.words) or "")]
    try:
        verdicts = measure(practical, names, asked.processes, _grader(asked.rooms))
    except (handins.HandinError, quick.TooSlow) as error:
        print(error, file=sys.stderr)
        return 1
    wrong = [verdict for verdict in verdicts if verdict.problems]

    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table_of(verdicts))
    for verdict in wrong:
        console.print(f"\n[bold red]{verdict.name}[/]", highlight=False)
        for problem in verdict.problems:
            console.print(f"  {problem}", markup=False, highlight=False)
    console.print(summary(verdicts), f"{time.monotonic() - began:.0f} s.", highlight=False)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
