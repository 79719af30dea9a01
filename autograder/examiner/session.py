"""Examines a hand-in: its notebook runs; then, when nothing of it is heard any more, its tests."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.examiner import points
from autograder.examiner.job import Examined, Job, Verdict
from autograder.examiner.questions import Answer, Moment, Questions
from autograder.examiner.running import Run, Runner
from autograder.examiner.showing import Asked, notebook, settle
from autograder.rooms import Rooms

if TYPE_CHECKING:
    from autograder.intake import SourceCell

#: How often a notebook runs again because a question ended it: it may have been killed.
RENEWALS = 1
_NO_ANSWER = "Your notebook did not answer"


def examine(rooms: Rooms, job: Job) -> Examined:
    """Examine one notebook of a hand-in.

    Parameters
    ----------
    rooms
        Where the rooms come from.
    job
        What to examine.

    Raises
    ------
    ExaminerError
        The machine failed, not the hand-in: no room could be had. Examine again.
    """
    started = time.monotonic()
    if job.source.language not in ("python", "python3", "ipython"):
        return _unable(job, f"it is written in {job.source.language}; only Python can be examined.")
    if not job.rebuilt.cells:
        return _unable(job, job.rebuilt.problem or "it has no cells.")
    runner = Runner(rooms, job)
    questions = Questions(rooms, job)
    try:
        run = runner.go()
        asked = list(Session(job, run, questions, runner.renew).ask_all())
    finally:
        questions.close()
        runner.close()
    return _finish(job, run, asked, time.monotonic() - started)


def _finish(job: Job, run: Run, asked: list[Asked], seconds: float) -> Examined:
    """Put the outputs where they belong."""
    numbers = {
        cell.grade_id: number
        for number, cell in enumerate(job.rebuilt.cells)
        if cell.role == "test"
    }
    outputs, verdicts = dict(run.outputs), []
    for one in asked:
        number = numbers.get(one.verdict.grade_id)
        verdict, shown = settle(one, run, number)
        verdicts.append(verdict)
        if number is not None:
            outputs[number] = shown
    wrong = [f"Test '{one.grade_id}': {one.error}" for one in verdicts if one.error]
    notes = (*job.rebuilt.notes, *run.notes, *wrong)
    lost = [f"test '{one.verdict.grade_id}' could not be run" for one in asked if one.lost]
    problem = job.rebuilt.problem or "; ".join(lost)
    return Examined(notebook(job, outputs), tuple(verdicts), notes, problem, seconds)


def _unable(job: Job, why: str) -> Examined:
    """Return an examination of what cannot be examined."""
    verdicts = tuple(
        Verdict(cell.grade_id, 0.0, cell.points, f"Not examined: {why}")
        for cell in job.source.tests
    )
    return Examined(notebook(job, {}), verdicts, job.rebuilt.notes, why)


class Session:
    """The questions to one hand-in.

    Parameters
    ----------
    job
        What is examined.
    run
        What came of running it.
    questions
        How to ask.
    renew
        Makes new snapshots where a room was killed from outside.
    """

    def __init__(
        self,
        job: Job,
        run: Run,
        questions: Questions,
        renew: Callable[[], Mapping[int, Moment]],
    ) -> None:
        self.job = job
        self.run = run
        self.questions = questions
        self._renew = renew
        self._renewals = RENEWALS
        self.moments = moments_of_tests(job, run.moments)
        self._last = last_tests(self.moments) - job.in_room
        self._used: set[str] = set()

    def ask_all(self) -> Iterator[Asked]:
        """Yield how each test went, in the order of the source."""
        for cell in self.job.source.cells:
            if cell.role == "test" and (self.job.only is None or cell.grade_id in self.job.only):
                yield self.ask(cell)
            self.questions.pass_by(cell)

    def ask(self, cell: "SourceCell") -> Asked:
        """Return how one test went."""
        if cell.grade_id not in self.moments:
            why = self.run.why or "it stopped before this test"
            return _failed(cell, "Unanswered", f"{_NO_ANSWER}: {why}.")
        started = time.monotonic()
        answer, weaker = self.settled(cell, in_room=cell.in_room), cell.in_room
        if not _passed(answer) and not weaker and cell.grade_id in self.job.in_room:
            answer, weaker = self.settled(cell, in_room=True), True
        asked = judge(cell, answer)
        if asked.verdict.points > 0 and self._is_doubtful(cell, answer):
            asked = self._without_changes(cell, asked)
        seconds = time.monotonic() - started
        return replace(asked, verdict=replace(asked.verdict, seconds=seconds, weaker=weaker))

    def _is_doubtful(self, cell: "SourceCell", answer: Answer) -> bool:
        """Tell whether a test passed while the student's code changed the test's own data."""
        changed = bool(answer.report and answer.report.get("changed"))
        return changed and cell.grade_id not in self.job.changing

    def _without_changes(self, cell: "SourceCell", first: Asked) -> Asked:
        """Ask again, and let the student's code change nothing of the test's."""
        self._renew_if_used(cell)
        again = judge(cell, self.settled(cell, apply=False))
        if again.verdict.points >= first.verdict.points:
            return first
        words = "Your code changed what it was given, and passed only because of that."
        return replace(
            again,
            verdict=replace(again.verdict, message=words),
            error=("AssertionError", words),
            visible=False,
        )

    def settled(self, cell: "SourceCell", **how: bool) -> Answer:
        """Ask, and once more where something ended that need not be the student's fault."""
        last = cell.grade_id in self._last
        if last:
            self._used.add(cell.grade_id)
        moment = self.moments[cell.grade_id]
        answer = self.questions.ask(cell, moment, last=last, **how)
        if not answer.ended:
            return answer
        # The snapshot itself may be gone too; it stands only where the examiner alone has ended.
        if self._renewals and (last or not answer.broken):
            self._renewals -= 1
            self._renew_now()
        if cell.grade_id in self._used:
            return answer
        return self.questions.ask(cell, self.moments[cell.grade_id], **how)

    def _renew_if_used(self, cell: "SourceCell") -> None:
        if cell.grade_id in self._used:
            self._renew_now()

    def _renew_now(self) -> None:
        """Take new snapshots, of which each may be asked again and again."""
        self.moments = moments_of_tests(self.job, self._renew())
        self._last = frozenset()
        self._used.clear()


def judge(cell: "SourceCell", answer: Answer) -> Asked:
    """Return the verdict of a test from what came of the question."""
    report = answer.report
    if report is None and answer.silent:
        return _failed(cell, "Unanswered", f"{_NO_ANSWER}: {answer.silent}")
    if report is None:
        if not answer.ended:
            return _failed(cell, "Timeout", "This test took too long with your code.")
        words = "This test could not be run; a person will look at it."
        error = f"the process that runs the test ended, twice: {answer.broken}."
        return replace(_failed(cell, "Error", words, error), lost=True)
    outcomes = tuple(report["outcomes"])
    failure = report["failure"]
    if failure:
        told, error = report["told"], ""
        if failure["kind"] in ("exit", "syntax"):
            line = f", line {failure['line']}" if failure["line"] else ""
            error = f"it stopped with {failure['name']}{line}: {failure['text'][:300]}"
        failed = _failed(cell, told["name"], told["message"], error)
        return replace(failed, outcomes=outcomes, visible=told["visible"])
    given = points.award(report["text"], report["checks"], cell.points)
    verdict = Verdict(cell.grade_id, given.points, cell.points, given.message, given.error)
    return Asked(verdict, outcomes)


def _failed(cell: "SourceCell", name: str, message: str, error: str = "") -> Asked:
    verdict = Verdict(cell.grade_id, 0.0, cell.points, message, error)
    return Asked(verdict, error=(name, message))


def _passed(answer: Answer) -> bool:
    return answer.report is not None and not answer.report["failure"]


def moments_of_tests(job: Job, moments: Mapping[int, Moment]) -> dict[str, Moment]:
    """Return the snapshot that each test is asked of, by ``grade_id``."""
    found: dict[str, Moment] = {}
    current: Moment | None = None
    for number, cell in enumerate(job.rebuilt.cells):
        if cell.role == "test":
            current = moments.get(number, current)
            if current is not None:
                found[cell.grade_id] = current
        elif cell.cell["cell_type"] == "code":
            current = None
    return found


def last_tests(moments: Mapping[str, Moment]) -> frozenset[str]:
    """Return the last test of each snapshot."""
    return frozenset({moment: name for name, moment in moments.items()}.values())
