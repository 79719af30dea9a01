"""From a worker's result to a record and a grade, the questions that stay as they were included."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from nbgrader.utils import parse_utc

from autograder.grading_record import Entry
from autograder.office.marks import Marks, marks_of
from autograder.office.plan import Plan, Task
from autograder.office.structure import Structure
from autograder.office.worker import Result, Verdict
from autograder.office.writing import Graded

#: What is recorded of the tests of a notebook: how each went.
Questions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Before:
    """What is known of a hand-in before it is graded.

    Parameters
    ----------
    entry
        Its record, if it has one.
    kept
        Notebook to the questions whose points stay, as they are recorded.
    """

    entry: Entry | None = None
    kept: Mapping[str, Questions] = field(default_factory=dict)

    def names(self, notebook: str) -> frozenset[str]:
        """Name the questions of a notebook that stay."""
        return frozenset(self.kept.get(notebook, {}))


def unchanged(plan: Plan, details: Mapping[str, Any]) -> Mapping[str, Questions] | None:
    """Give the recorded questions whose tests are what they were; None if more has changed."""
    if details.get("rest") != plan.rest:
        return None
    recorded = details["questions"]
    return {
        notebook: {
            name: one
            for name, digest in tests.items()
            if (one := recorded.get(notebook, {}).get(name)) and one["digest"] == digest
        }
        for notebook, tests in plan.questions.items()
    }


def failed(plan: Plan, task: Task, result: Result, before: Before) -> Graded:
    """Make the record of a hand-in that the grader could not deal with: no grade changes."""
    old = before.entry
    entry = _entry(plan, task, result, before)
    scored = old.scored if old else ""
    entry = replace(entry, state="failed", reason=result.failure, scored=scored)
    return Graded(task.student, entry, {})


def graded(
    plan: Plan,
    structure: Structure,
    task: Task,
    result: Result,
    before: Before,
    name: Mapping[str, str] | None = None,
) -> Graded:
    """Make all that the gradebook gets of a hand-in.

    Parameters
    ----------
    plan, structure
        The assignment, as its source and as the gradebook have it.
    task, result
        What a worker was asked, and what it found.
    before
        What was known of it.
    name
        The student's name, as far as known.
    """
    marks = {
        one.name: _without(marks_of(one, structure.notebooks[one.name]), before.names(one.name))
        for one in result.notebooks
        if one.name in structure.notebooks
    }
    reason = _joined({name: one.reason for name, one in marks.items()})
    whole = all(one.problem and not one.verdicts for one in result.notebooks)
    questions = {
        one.name: {
            **before.kept.get(one.name, {}),
            **{
                verdict.grade_id: _question(plan, one.name, verdict)
                for verdict in one.verdicts
                if verdict.grade_id not in before.names(one.name)
            },
        }
        for one in result.notebooks
    }
    entry = replace(
        _entry(plan, task, result, before),
        state="flagged" if whole else "graded",
        reason=reason,
        scored=task.handin,
        weaker=_weaker(questions),
        details={"rest": plan.rest, "questions": questions},
    )
    same = before.entry is not None and before.entry.scored == task.handin
    return Graded(task.student, entry, marks, time_of(task.timestamp), same, name or {})


def _entry(plan: Plan, task: Task, result: Result, before: Before) -> Entry:
    """Make what a record always has."""
    return Entry(
        handin=task.handin,
        tests=plan.digest,
        state="",
        seed=task.seed,
        notes=(*result.notes, *(note for one in result.notebooks for note in one.notes)),
        seconds=result.seconds,
        graded_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        runs=1 + (before.entry.runs if before.entry else 0),
    )


def _question(plan: Plan, notebook: str, verdict: Verdict) -> dict[str, Any]:
    """Record how a test went."""
    return {
        "digest": plan.questions.get(notebook, {}).get(verdict.grade_id, ""),
        "points": verdict.points,
        "max": verdict.max_points,
        "message": verdict.message,
        "error": verdict.error,
        "seconds": round(verdict.seconds, 4),
        "weaker": verdict.weaker,
    }


def _weaker(questions: Mapping[str, Questions]) -> tuple[str, ...]:
    """Name the tests that ran beside the student's code."""
    several = len(questions) > 1
    return tuple(
        f"{notebook}/{name}" if several else name
        for notebook, tests in questions.items()
        for name, one in tests.items()
        if one["weaker"]
    )


def _without(marks: Marks, kept: frozenset[str]) -> Marks:
    """Leave out the tests whose points stay."""
    if not kept:
        return marks
    return replace(marks, marks={n: one for n, one in marks.marks.items() if n not in kept})


def _joined(reasons: Mapping[str, str]) -> str:
    """Join the reasons of several notebooks; those that are all the same are said once."""
    told = {name: reason for name, reason in reasons.items() if reason}
    if len(set(told.values())) <= 1:
        return next(iter(told.values()), "")
    return "; ".join(f"{name}: {reason}" for name, reason in told.items())


def time_of(stamp: str) -> datetime | None:
    """Read when it was handed in, as nbgrader writes it; None where nobody can."""
    try:
        return parse_utc(stamp) if stamp else None
    except (ValueError, OverflowError):
        return None
