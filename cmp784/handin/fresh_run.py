"""Run a copy of a notebook from top to bottom in a fresh kernel, watched from this thread."""

import asyncio
import copy
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmp784.handin.submission import HandinError

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Set in the fresh kernel: a notebook that checks itself must not start kernel after kernel.
VARIABLE = "CMP784_HANDIN"

#: Seconds that an interrupted cell gets to stop, before its kernel is ended.
GRACE = 10.0


@dataclass
class FreshRun:
    """What a fresh run left.

    Parameters
    ----------
    notebook
        The executed copy.
    seconds
        How long it took.
    done
        How many cells, of all kinds, came to their end.
    slow
        Places of the cells that were stopped at the time limit.
    ending
        Why the run ended before the last cell, in words; empty when it did not.
    """

    notebook: "NotebookNode"
    seconds: float = 0.0
    done: int = 0
    slow: list[int] = field(default_factory=list)
    ending: str = ""


def inside_a_run() -> bool:
    """Tell whether a machine runs this notebook: a fresh run, the headless runner, or a grader."""
    marks = (VARIABLE, "CMP784_HEADLESS", "NBGRADER_EXECUTION")
    return any(os.environ.get(mark) for mark in marks)


def run(
    notebook: "NotebookNode",
    folder: Path,
    limit: float,
    on_cell: Callable[[int], None] = lambda index: None,
) -> FreshRun:
    """Run a copy of a notebook; errors of cells are left in their outputs.

    Parameters
    ----------
    notebook
        It stays as it is.
    folder
        Working folder of the kernel.
    limit
        Seconds that one cell may take. A cell above is interrupted, and the run goes on; a kernel
        that cannot be interrupted is ended.
    on_cell
        Called with the place of a cell, from 0, while it runs.
    """
    result = FreshRun(copy.deepcopy(notebook))
    for cell in result.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cmp784-", ignore_cleanup_errors=True) as settings:
        _Watched(result, folder, limit, Path(settings)).go(on_cell)
    result.seconds = time.monotonic() - started
    return result


class _Watched:
    """One run. nbclient gets a thread with a loop of its own, because a notebook's has one."""

    def __init__(self, result: FreshRun, folder: Path, limit: float, settings: Path) -> None:
        self.result, self.limit = result, limit
        self.started, self.interrupted = float("inf"), False
        self.task: asyncio.Task[Any] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.client = _client(result.notebook, self._note_start)
        self.launch: dict[str, Any] = {"cwd": str(folder), "env": _environment(settings)}
        # What C code writes is not for the student's own terminal or notebook.
        self.launch |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def go(self, on_cell: Callable[[int], None]) -> None:
        """Run all cells, and end the kernel whatever happens, an interrupt included."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            work = pool.submit(lambda: asyncio.run(self._execute()))
            try:
                while not wait([work], timeout=0.1).done:
                    on_cell(self.result.done)
            except BaseException:
                if self.loop is not None and self.task is not None:
                    self.loop.call_soon_threadsafe(self.task.cancel)
                raise
        self._judge(work.exception())

    async def _execute(self) -> None:
        self.loop, self.task = asyncio.get_running_loop(), asyncio.current_task()
        watch = asyncio.create_task(self._watch())
        try:
            await self.client.async_execute(**self.launch)
        finally:
            watch.cancel()
        self.result.done = len(self.result.notebook.cells)

    def _note_start(self, cell: "NotebookNode", cell_index: int) -> None:
        """Remember the cell; called by nbclient before each one."""
        self.result.done, self.started, self.interrupted = cell_index, time.monotonic(), False

    async def _watch(self) -> None:
        """Interrupt a cell at the limit; end the kernel of one that goes on all the same."""
        while self.task is not None:
            await asyncio.sleep(0.1)
            over = time.monotonic() - self.started - self.limit
            if over > 0 and not self.interrupted:
                self.interrupted = True
                self.result.slow.append(self.result.done)
                await self.client.km.interrupt_kernel()
            elif over > GRACE:
                self.result.ending = "could not be interrupted, so its kernel was ended"
                self.task.cancel()
                return

    def _judge(self, error: BaseException | None) -> None:
        """Say why the run ended early, if it did."""
        from nbclient.exceptions import DeadKernelError

        if error is None or self.result.ending:
            return
        if not isinstance(error, DeadKernelError):
            raise HandinError(
                f"The fresh kernel could not be used ({type(error).__name__}: {error}). "
                "Close other notebooks, restart the kernel, and try again."
            ) from error
        self.result.ending = "ended its kernel"


def _client(notebook: "NotebookNode", on_cell_start: Callable[..., None]) -> Any:
    """Return nbclient's part of the work: a silent one, with a kernel of this very Python."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisPython(KernelSpecManager):
        """Knows one kernel under every name: Colab's own needs Colab's browser tab."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            """Return the kernel; called by the kernel manager when it starts one."""
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    class Manager(AsyncKernelManager):
        """Starts that kernel; nbclient makes one manager a run."""

        def __init__(self, **settings: Any) -> None:
            super().__init__(**{**settings, "kernel_spec_manager": ThisPython()})

    quiet = logging.getLogger("cmp784.handin")
    quiet.setLevel(logging.CRITICAL + 1)
    return NotebookClient(
        notebook,
        kernel_manager_class=Manager,
        kernel_name="python3",
        allow_errors=True,
        store_widget_state=False,
        shutdown_kernel="immediate",
        startup_timeout=120,
        on_cell_start=on_cell_start,
        log=quiet,
    )


def _environment(settings: Path) -> dict[str, str]:
    """Return the kernel's environment: this one's, without progress bars and own settings."""
    ours = {VARIABLE: "1", "CMP784_HEADLESS": "1", "IPYTHONDIR": str(settings)}
    return dict(os.environ) | ours | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
