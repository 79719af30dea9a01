"""The examiner's process: runs test cells, in which the student's names are stand-ins.

The grader sends messages over one socket (see `autograder.examiner.frames`), and with each test an
open connection to the student's notebook as it was just before that test.
"""

import json
import os
import socket
import sys
import time
from dataclasses import replace
from typing import Any

from autograder.crossing import CrossingError, Names, Student, in_room
from autograder.examiner import frames, seeds, setup
from autograder.examiner.messages import Failure, TestText, Told
from autograder.examiner.shell import OUTCOME, ExaminerShell, Shown, make_shell

#: Files of a student that could be code: they are never put where the examiner imports from.
CODE = (".py", ".pyc", ".pyd", ".so", ".pth", ".zip", ".egg", ".whl", ".pkl", ".pickle", ".joblib")


def main(sock: socket.socket) -> None:
    """Serve the grader until it hangs up; the room of the examiner calls it."""
    examiner: Examiner | None = None
    while True:
        try:
            message, file = frames.receive(sock)
        except frames.Silence:
            return
        if message["do"] == "begin":
            examiner = Examiner(message)
            continue
        assert examiner is not None
        if message["do"] == "prepare":
            frames.send(sock, {"notes": examiner.prepare(message["cells"])})
        else:
            assert file is not None
            with socket.socket(fileno=file) as connection:
                frames.send(sock, examiner.test(message, connection))


class Examiner:
    """The names and the shell of one examination.

    Parameters
    ----------
    begin
        ``tests``, ``given`` and ``answers``: the sources of the notebook; and its ``seed``.
    """

    def __init__(self, begin: dict[str, Any]) -> None:
        self.names = Names()
        self.begin = begin
        if "" not in sys.path:
            sys.path.insert(0, "")
        self.shell: ExaminerShell = make_shell(self.names)
        self.setup = setup.Setup(self.shell, self.names, begin)

    def prepare(self, cells: list[dict[str, str]]) -> list[str]:
        """Run what stands before the next test, and say what could not run."""
        with self.shell.listening():
            return [note for cell in cells for note in self.setup.run(cell["role"], cell["source"])]

    def test(self, task: dict[str, Any], connection: socket.socket) -> dict[str, Any]:
        """Run one test cell, and say how it went."""
        # Before anything listens: only what a test seeds by itself is told to the student's room.
        seeds.sow(f"{self.begin['seed']}:{task['grade_id']}")
        student = Student(
            connection,
            deadline=time.monotonic() + task["timeout"],
            solution_names=frozenset(self.setup.solution_names),
            allowed_classes=self.setup.operators,
            apply_changes=task["apply_changes"],
            names=self.names,
        )
        started = time.monotonic()
        try:
            run = self._in_room if task["in_room"] else self._across
            try:
                result = run(task, student)
            except CrossingError as error:
                text = TestText(task["full"], task["released"])
                result = report(Shown(), text, silence(student.gone or str(error)))
            result["gone"] = student.gone
            result["ended"] = bool(student.gone) and "time" not in student.gone
            result["changed"] = student.changed_arguments
            if result["failure"]:
                self.names.give_back(self.setup.solution_names)
        finally:
            student.close()
        return {**result, "seconds": time.monotonic() - started}

    def _across(self, task: dict[str, Any], student: Student) -> dict[str, Any]:
        """Run a test here; only the student's objects are there."""
        if task["files"]:
            take_files(student.files())
        text = TestText(task["full"], task["released"])
        name = self.shell.compile.name = f"<test {task['grade_id']}>"
        with (
            watched_from_elsewhere(student),
            self.shell.listening() as shown,
            setup.capturing(task["full"], self.names) as captures,
        ):
            result = self.shell.run_cell(setup.without_magic(task["full"]), store_history=False)
        if captures or in_room.is_silent(task["full"]):
            shown.text = None
        error = result.error_before_exec or result.error_in_exec
        failure = failure_of(error, name) if error is not None or not result.success else None
        if student.gone:
            # A test that expects an error must not take silence for one.
            failure = silence(student.gone)
        asked = error.__context__ if error is not None else None
        return report(shown, text, failure, _line_in(asked, name) if asked else 0)

    def _in_room(self, task: dict[str, Any], student: Student) -> dict[str, Any]:
        """Run a test beside the student's code, which could deceive it."""
        before = self.setup.before(task["full"])
        ran = student.run(setup.without_magic(task["full"]), before)
        text = TestText(task["full"], task["released"])
        shown, failure = Shown(), None
        if ran.get("completed") is True:
            for data in ran.get("displays") or []:
                shown.take(data)
            shown.text = ran.get("value")
        else:
            kind = "assertion" if ran.get("ename") == "AssertionError" else "student"
            line = ran.get("line") or 0
            failure = Failure(kind, str(ran.get("ename")), str(ran.get("evalue")), int(line))
        return report(shown, text, failure)


def report(shown: Shown, text: TestText, failure: Failure | None, line: int = 0) -> dict[str, Any]:
    """Return what the grader is told of a test; ``line`` is where its last check stood."""
    last = len(shown.outcomes) - 1
    outcomes = [
        plain(_cleaned(data, text, line if number == last else 0))
        for number, data in enumerate(shown.outcomes)
    ]
    told = _told(text, failure, outcomes) if failure else None
    return {
        "failure": vars(failure) if failure else None,
        "told": vars(told) if told else None,
        "text": shown.text,
        "checks": plain(shown.checks),
        "outcomes": outcomes,
    }


def _told(text: TestText, failure: Failure, outcomes: list[dict[str, Any]]) -> Told:
    """Return what the student is told; a check's own box says more than the line it stands in."""
    told = text.tell(failure)
    stored = outcomes[-1][OUTCOME] if outcomes else {}
    if failure.kind != "assertion" or stored.get("status", "passed") == "passed":
        return told
    return replace(told, message=f"{stored['title']}\n{stored['message']}".strip())


def _cleaned(data: dict[str, Any], text: TestText, line: int) -> dict[str, Any]:
    """Return an outcome of `cmp784.checks`, with its box, without what could tell too much."""
    stored = data[OUTCOME]
    cleaned = text.clean_outcome(stored, line)
    if cleaned is stored:
        return data
    from cmp784.checks.outcomes import Outcome

    outcome = Outcome.from_json(cleaned)
    html, words = outcome.to_html(), outcome.to_text()
    return {OUTCOME: cleaned, "text/html": html, "text/plain": words}


def silence(why: str) -> Failure:
    """Return the failure of a test that got no answer; ``why`` follows "Your notebook"."""
    text = f"Your notebook {why}" if why.endswith(("?", ".")) else f"Your notebook {why}."
    return Failure("silence", "Unanswered", text, 0)


def plain(value: Any) -> Any:
    """Return a value as JSON would bring it back, or its type's name where it cannot."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__


def failure_of(error: BaseException | None, name: str) -> Failure:
    """Return how a test cell failed; ``name`` is that of the cell's code."""
    if error is None:
        return Failure("test", "Error", "", 0)
    line = _line_in(error, name)
    title, text = type(error).__name__, _text_of(error)
    if isinstance(error, SystemExit | KeyboardInterrupt | GeneratorExit):
        return Failure("exit", title, text, line)
    if isinstance(error, SyntaxError) and not line:
        return Failure("syntax", title, text, error.lineno or 0)
    if getattr(error, "frames_elsewhere", None) is not None:
        return Failure("student", title, text, line)
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        return Failure("missing", title, text, line)
    if isinstance(error, AssertionError):
        return Failure("assertion", "AssertionError", text, line)
    return Failure("test", title, text, line)


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:10_000]
    except Exception:
        return ""


def _line_in(error: BaseException, name: str) -> int:
    """Return the line of the cell at which it stopped; 0 where it stopped elsewhere."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


class watched_from_elsewhere:  # noqa: N801 - it is used as a function
    """Let the checks of this course reach the student's process, while a test runs."""

    def __init__(self, student: Student) -> None:
        self.student = student

    def __enter__(self) -> None:
        self._tell(self.student)

    def __exit__(self, *error: object) -> None:
        self._tell(None)

    @staticmethod
    def _tell(room: Any) -> None:
        # Importing it where nobody uses it would cost every examination its imports.
        if "cmp784.checks" in sys.modules:
            from cmp784.checks import elsewhere

            elsewhere.room = room


def take_files(files: dict[str, bytes]) -> None:
    """Put what student code has written into this process's folder, where it can do no harm."""
    folder = os.path.realpath(".")
    for name, content in files.items():
        path = os.path.realpath(name)
        if not path.startswith(folder + os.sep) or path.lower().endswith(CODE):
            continue
        if os.path.exists(path) and path not in _TAKEN:
            continue  # the instructor's own
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        _TAKEN.add(path)


_TAKEN: set[str] = set()
