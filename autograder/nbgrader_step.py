"""One step of nbgrader for one hand-in: errors in words, and nothing half done after Ctrl-C."""

import asyncio
import logging
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_core.utils import ensure_event_loop
from nbgrader.converters.base import BaseConverter
from nbgrader.utils import temp_attrs

from autograder.errors import AutograderError

#: Name of an error inside nbgrader to what it means for a hand-in.
MEANINGS = {
    "NotJSONError": "its notebook is empty, cut off, or no notebook at all",
    "UnicodeDecodeError": "its notebook is not UTF-8 text",
    "ValidationError": "its notebook breaks the format of notebooks",
    "UnsupportedNotebookFormatError": "its notebook breaks the format of notebooks",
    "DeadKernelError": "the kernel died while it ran: out of memory, or the code ended the process",
    "UnresponsiveKernelError": "it runs without end and could not be interrupted",
    "NoSuchKernel": "it asks for a kernel that is not installed here",
    "SchemaTooOldError": "its cells carry metadata of an old nbgrader",
    "SchemaTooNewError": "its cells carry metadata of a newer nbgrader",
    "OperationalError": "the gradebook's database did not answer",
}


class StepError(AutograderError):
    """A step of nbgrader that did not end well.

    Parameters
    ----------
    reason
        What it means for a hand-in, in words.
    said
        What nbgrader says itself, in one line.
    log
        All that nbgrader wrote.
    """

    def __init__(self, reason: str, said: str = "", log: str = "") -> None:
        super().__init__(reason)
        self.said, self.log = said, log


class _Log(logging.Handler):
    """Keeps what nbgrader writes, and the first error that it was handling while it wrote."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; nbgrader swallows the error itself and logs its traceback."""
        self.lines.append(f"[{record.levelname}] {record.getMessage()}")
        if record.levelno >= logging.ERROR and self.error is None:
            self.error = sys.exc_info()[1]


def run_step(converter: BaseConverter, assignment: str, student: str = ".") -> str:
    """Run a converter of nbgrader for one assignment and student.

    It runs in a thread of its own, because nbclient answers Ctrl-C in the main thread by ending the
    kernel and going on. Here, Ctrl-C ends the kernel, nbgrader takes away what is half written, and
    then `KeyboardInterrupt` is raised.

    Parameters
    ----------
    converter
        For example ``Autograde(coursedir=..., config=...)``.
    assignment, student
        What to convert.

    Returns
    -------
    str
        All that nbgrader wrote.

    Raises
    ------
    StepError
        With the reason in words.
    """
    failure: list[BaseException] = []
    ended = threading.Event()

    def work() -> None:
        loop = ensure_event_loop()  # of this thread: nbclient finds it, and leaves it open
        try:
            converter.start()
        except BaseException as error:
            failure.append(error)
        finally:
            _close(loop)
            ended.set()

    names = {"assignment_id": assignment, "student_id": student}
    with temp_attrs(converter.coursedir, **names), _listening(converter.log) as log:
        thread = threading.Thread(target=work, name="nbgrader")
        with warnings.catch_warnings(), _stderr_to(log):
            warnings.simplefilter("ignore")  # about nbgrader's own use of its libraries
            thread.start()
            _wait(ended, converter)
            thread.join()
    text = "\n".join(log.lines)
    if failure:
        error = log.error or failure[0]
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt
        raise StepError(_reason(error), _said(error), text) from failure[0]
    return text


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop, and what a dead kernel has left waiting in it."""
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.close()


def _wait(ended: threading.Event, converter: BaseConverter) -> None:
    """Wait for the end; on Ctrl-C end the kernel, wait for nbgrader's cleaning up, then raise.

    Not by ``Thread.join``: in Python 3.11, one that Ctrl-C interrupts takes the thread for ended.
    """
    try:
        ended.wait()
    except KeyboardInterrupt:
        while not ended.is_set():
            _kill_kernel(converter)
            ended.wait(0.2)
        raise


def _kill_kernel(converter: BaseConverter) -> None:
    """Kill the kernel that the converter waits for, if it has one by now."""
    for step in getattr(converter.exporter, "_preprocessors", []):
        manager: Any = getattr(step, "km", None)
        process = getattr(getattr(manager, "provisioner", None), "process", None)
        if process is not None:
            process.kill()


@contextmanager
def _listening(log: logging.Logger) -> Iterator[_Log]:
    """Keep what is logged, and keep it off the terminal."""
    handler, level, propagate = _Log(), log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield handler
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = propagate


@contextmanager
def _stderr_to(log: _Log) -> Iterator[None]:
    """Keep what a kernel writes to the terminal by itself: its last words, when it dies."""
    try:
        terminal = os.dup(2)
    except OSError:  # there is none
        yield
        return
    with tempfile.TemporaryFile() as file:
        try:
            os.dup2(file.fileno(), 2)
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            file.seek(0)
            log.lines += file.read().decode(errors="replace").splitlines()


def _reason(error: BaseException) -> str:
    """Say what an error means for the hand-in."""
    for kind in type(error).__mro__:
        if kind.__name__ in MEANINGS:
            return MEANINGS[kind.__name__]
    return f"nbgrader stopped with {type(error).__name__}: {_said(error)[:200]}"


def _said(error: BaseException) -> str:
    """Give the first line of an error's own words."""
    return (str(error).strip() or "no words").splitlines()[0]
