"""The guarded kernel: papermill's client on our Python, one thread, watched, no survivors."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger

from cmp784 import devices, progress
from cmp784.headless import launcher
from cmp784.headless.processes import MARK
from cmp784.headless.watchdog import Watchdog

#: Every library that counts its own threads is told to use one.
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    )
}


def kernel_environment(mark: str, device: str = "auto", gpu: str | None = None) -> dict[str, str]:
    """Return the environment of a kernel.

    Parameters
    ----------
    mark
        What its processes are recognised by.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    gpu
        The one GPU that the kernel may see, as ``CUDA_VISIBLE_DEVICES`` names it; None: all.

    Returns
    -------
    dict
        This process's environment with ours on top.

    Examples
    --------
    >>> made = kernel_environment("run/1", device="cpu")
    >>> made["OMP_NUM_THREADS"], made["CMP784_HEADLESS"], made["CUDA_VISIBLE_DEVICES"]
    ('1', '1', '')
    """
    made = dict(os.environ) | ONE_THREAD | {MARK: mark, progress.VARIABLE: "1"}
    # dask makes its workers give memory back at once; torch, which asks for it again at the next
    # step, took twice as long (benchmarks/README.md).
    made.pop("MALLOC_TRIM_THRESHOLD_", None)
    made["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    made[devices.VARIABLE] = "" if device == "auto" else device
    if device == "cpu":
        made["CUDA_VISIBLE_DEVICES"] = ""
    elif gpu is not None:
        made["CUDA_VISIBLE_DEVICES"] = gpu
    return made


@dataclass
class Guard:
    """What the engine is given beside the notebook, and what it leaves behind.

    Parameters
    ----------
    watchdog
        Ends the kernel at its limits.
    environment
        Environment of the kernel.
    folder
        Working directory of the kernel.
    log
        File that receives what the kernel's process writes outside of the notebook.
    on_cell
        Called with the index of each cell, from 0, before it runs.
    """

    watchdog: Watchdog
    environment: dict[str, str]
    folder: Path
    log: Path
    on_cell: Callable[[int], None] = lambda index: None
    cell: int | None = None
    process: Any = None
    executed: NotebookNode | None = field(default=None)


class OurPython(KernelSpecManager):
    """Knows one kernel, under every name: this very Python, whatever is installed beside it."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernel; called by the kernel manager when it starts one."""
        argv = [sys.executable, launcher.__file__, "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class CourseManager(AsyncKernelManager):
    """Starts a kernel of our Python."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(kernel_spec_manager=OurPython(), **settings)


class CourseClient(PapermillNotebookClient):
    """Papermill's client, which tells the guard where it is."""

    def __init__(self, nb_man: NotebookExecutionManager, guard: Guard, **settings: Any) -> None:
        super().__init__(nb_man, **settings)
        self.guard = guard
        self.on_notebook_start = self._watch
        self.on_cell_start = self._note

    def _watch(self, notebook: NotebookNode) -> None:
        """Set the watchdog on the kernel; called by nbclient when the kernel is ready."""
        self.guard.process = self.km.provisioner.process
        self.guard.watchdog.start(self.guard.process.pid)

    def _note(self, cell: NotebookNode, cell_index: int) -> None:
        """Remember the cell; called by nbclient before each one, text cells included."""
        self.guard.cell = cell_index
        self.guard.on_cell(cell_index)

    def papermill_execute_cells(self) -> None:
        """Execute the cells; the limits end with the last of them."""
        super().papermill_execute_cells()
        self.guard.watchdog.rest()

    def process_message(self, message: dict[str, Any], *place: Any) -> Any:
        """Take in one message of the kernel, unless it has written too much already."""
        content = message["content"]
        size = len(content.get("text", "")) + sum(map(_length, content.get("data", {}).values()))
        welcome = self.guard.watchdog.count_output(size)
        if welcome or message["msg_type"] in ("status", "error"):
            return super().process_message(message, *place)
        return None


class GuardedEngine(NBClientEngine):
    """Run a notebook in a kernel of this Python, watched."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        guard: Guard | None = None,
        start_timeout: int = 60,
        **settings: Any,
    ) -> None:
        """Execute the notebook; called by papermill, once a notebook.

        Without a guard, papermill's own engine does the work.
        """
        if guard is None:
            return super().execute_managed_notebook(
                nb_man, kernel_name, start_timeout=start_timeout, **settings
            )
        client = CourseClient(
            nb_man,
            guard,
            kernel_manager_class=CourseManager,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            iopub_timeout=30,
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            log=logger,
        )
        try:
            # The runner's user may have settings of IPython; a notebook must run without them.
            settings_folder = guard.log.with_name("ipython")
            environment = guard.environment | {"IPYTHONDIR": str(settings_folder)}
            environment |= {launcher.LOG: str(guard.log)}
            with guard.log.open("ab") as log:
                client.execute(env=environment, cwd=str(guard.folder), stdout=log, stderr=log)
        finally:
            guard.watchdog.stop()
            # papermill puts marker cells into the same list when it finds an error
            guard.executed = NotebookNode({**nb_man.nb, "cells": list(nb_man.nb.cells)})


def _length(content: Any) -> int:
    return len(content) if isinstance(content, str) else 0
