"""One run of grading under way: from the folder of hand-ins to the gradebook."""

import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from autograder.errors import AutograderError
from autograder.grading_record import (
    Entry,
    Record,
    details_of,
    digest_of_folder,
    import_old,
    prepare,
    read,
)
from autograder.intake import read_sources
from autograder.office.entries import Before, Questions, failed, graded, unchanged
from autograder.office.folder import Folders, finished, kept_outputs, read_notebook
from autograder.office.lessons import lessons_of, read_lessons
from autograder.office.options import Listener, Options
from autograder.office.plan import Lesson, Task, make_plan, make_task, pack
from autograder.office.structure import read_structure
from autograder.office.summary import Grading, Tally
from autograder.office.worker import Result, begin
from autograder.office.writing import Writer
from autograder.rooms import choose
from autograder.roster import course_roster
from autograder.scores import needs_person, scores
from autograder.workspace import Workspace

if TYPE_CHECKING:
    from autograder.office.pool import Lost, Pool


@dataclass
class Batch:
    """One run under way: what is read once, and what has come of it so far."""

    workspace: Workspace
    assignment: str
    options: Options
    listener: Listener
    new: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    weaker: Counter[str] = field(default_factory=Counter)
    walls: set[str] = field(default_factory=set)

    def __enter__(self) -> "Batch":
        """Open the gradebook and read all that hand-ins have in common."""
        self._stack = ExitStack()
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def _open(self) -> None:
        workspace, assignment = self.workspace, self.assignment
        gradebook = self.gradebook = self._stack.enter_context(workspace.gradebook())
        prepare(gradebook.engine)
        with gradebook.engine.begin() as connection:
            import_old(connection, workspace, assignment)
            self.entries = read(connection, assignment)
        self.structure = read_structure(gradebook, assignment)
        sources = read_sources(workspace, assignment)
        self.plan = make_plan(workspace, assignment, sources, self.options.isolation)
        self.writer = Writer(workspace, gradebook, self.structure)
        self.folders = Folders(workspace, self.structure)
        self.folders.sweep()
        self.names = _names(workspace)
        self.packed = pack(self.plan)
        self.asked: dict[str, tuple[Task, Before]] = {}

    def go(self, chosen: list[str]) -> None:
        """Grade those of them that are not graded yet."""
        self.tally, self.begun = Tally(0, len(chosen)), time.monotonic()
        self.listener(self.tally)
        tasks = self._tasks(chosen)
        first = next(tasks, None)
        if first is None:
            return
        if not self.options.scheduler:
            # Where rooms cannot be walled, this says so before anything begins.
            self._note(choose(self.options.isolation).why)
        if not (self.options.scheduler or self.options.pool):
            # What rooms share is imported while dask is.
            begin(self.plan)
        with ExitStack() as stack:
            pool = self.options.pool or stack.enter_context(self._pool())
            self._learn(pool)
            # The first was made before anything was learnt.
            again = replace(first, plan=self.packed)
            self.begun = time.monotonic()
            for result in pool.run(_chain(again, tasks)):
                self._take(result)

    def _note(self, walls: str) -> None:
        """Take in how rooms differ from what was asked for; who asks for none knows it."""
        if walls and self.options.isolation != "none":
            self.walls.add(walls)

    def _pool(self) -> "Pool":
        from autograder.office.pool import Pool

        return Pool(self.options.workers, self.options.scheduler)

    def _learn(self, pool: "Pool") -> None:
        """Let the reference solution show what its tests need, once a source."""
        elsewhere = self.options.scheduler and read_lessons(self.workspace, self.plan) is None
        # Meanwhile the other workers there get ready; what is not held, dask forgets.
        warming = pool.warm(self.plan) if elsewhere else []
        known: Mapping[str, Lesson] = {}
        try:
            known = lessons_of(self.workspace, self.plan, pool.call)
        except AutograderError as error:
            self.walls.add(f"the reference solution could not be run: {error}")
        del warming
        self.plan = replace(self.plan, lessons=known)
        self.packed = pack(self.plan)

    def _tasks(self, chosen: list[str]) -> Iterator[Task]:
        """Give those who are to be graded, one after the other, as workers ask for them."""
        for student in chosen:
            handin = digest_of_folder(self.workspace.folder("submitted", self.assignment, student))
            entry = self.entries.get(student)
            if self._is_kept(student, entry, handin):
                self.kept.append(student)
                self.weaker.update(entry.weaker if entry else ())
                self.tally = self.tally.kept_one(student)
                self.listener(self.tally)
                continue
            yield self._task(student, entry, handin)

    def _is_kept(self, student: str, entry: Entry | None, handin: str) -> bool:
        """Whether a hand-in was graded already."""
        if entry is None or self.options.regrade or entry.state == "failed":
            return False
        current = (entry.handin, entry.tests) == (handin, self.plan.digest)
        return current and self.folders.is_there(student)

    def _task(self, student: str, entry: Entry | None, handin: str) -> Task:
        """Make the task of a hand-in; one that is graded again repeats its random numbers."""
        seed = secrets.randbits(32)
        if entry is not None and entry.handin == handin and entry.runs:
            seed = entry.seed
        kept = self._kept_questions(student, entry, handin)
        task = make_task(self.workspace, self.plan, student, handin, seed, self.packed)
        if kept is not None:
            every = self.plan.questions
            only = {name: frozenset(every[name]) - frozenset(kept[name]) for name in every}
            task = replace(task, only=only)
        # What a worker gets is not held here meanwhile.
        light = replace(task, hand_in=replace(task.hand_in, notebooks={}), plan=b"")
        self.asked[student] = light, Before(entry, kept or {})
        return task

    def _kept_questions(
        self, student: str, entry: Entry | None, handin: str
    ) -> Mapping[str, Questions] | None:
        """Give the questions whose points stay, if nothing but some tests has changed."""
        if entry is None or self.options.regrade or entry.handin != handin:
            return None
        if entry.state != "graded" or not self.folders.is_there(student):
            return None
        with self.gradebook.engine.connect() as connection:
            return unchanged(self.plan, details_of(connection, self.assignment, student))

    def _take(self, result: "Result | Lost") -> None:
        """Write down what a worker has found; it is counted when it is in the gradebook."""
        if not isinstance(result, Result):
            result = Result(result.task.student, failure=result.reason)
        student = result.student
        task, before = self.asked.pop(student)
        if result.failure:
            made = failed(self.plan, task, result, before)
        else:
            named = self.names.get(student, {})
            made = graded(self.plan, self.structure, task, result, before, named)
            self._write_folder(task, result, before)
            self.new.append(student)
        self.writer.write(made)
        self.weaker.update(made.entry.weaker)
        self._note(result.walls)
        self.entries[student] = replace(made.entry, details={}, notes=())
        elapsed = time.monotonic() - self.begun
        flagged = bool(made.entry.reason)
        self.tally = self.tally.graded_one(student, result.seconds, flagged, elapsed)
        self.listener(self.tally)

    def _write_folder(self, task: Task, result: Result, before: Before) -> None:
        """Write the graded notebooks and the files beside them."""
        folder = self.folders.of(task.student)
        notebooks = {}
        for one in result.notebooks:
            problem = "" if one.verdicts else one.problem.rstrip(".")
            made = finished(one.notebook, self.structure.notebooks[one.name], problem)
            if kept := before.names(one.name):
                made = kept_outputs(made, read_notebook(folder / f"{one.name}.ipynb"), kept)
            notebooks[one.name] = made
        files = {**task.hand_in.files, **self.plan.files}
        if task.timestamp:
            files["timestamp.txt"] = task.timestamp.encode()
        self.folders.write(task.student, notebooks, files)

    def summary(self, chosen: list[str], generated: bool) -> Grading:
        """Say what was done."""
        record = Record(self.assignment, self.entries)
        workspace, assignment = self.workspace, self.assignment
        return Grading(
            assignment,
            scores(workspace, assignment, self.new),
            scores(workspace, assignment, self.kept),
            needs_person(workspace, assignment, record, chosen),
            generated,
            tuple(sorted(self.weaker.items())),
            tuple(sorted(self.walls)),
        )


def _chain(first: Task, rest: Iterator[Task]) -> Iterator[Task]:
    yield first
    yield from rest


def _names(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Take names from the roster, so that formgrader shows them; nobody else is put in."""
    fields = ("first_name", "last_name", "email")
    return {
        student.student_id: {name: value for name in fields if (value := getattr(student, name))}
        for student in course_roster(workspace) or ()
    }
