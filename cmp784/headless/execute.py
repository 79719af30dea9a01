"""Run one notebook, here and now, and say what came of it."""

import json
import logging
import re
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cmp784 import claims, outputs
from cmp784.claims import Claim, ClaimError
from cmp784.headless.options import BINDING_SCALES
from cmp784.headless.result import Failure, Result

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_INJECTED = "injected-parameters"
REMEDIES = {
    "failed": "Open the executed notebook at this cell, mend the source, and run it again.",
    "claim failed": "Find what changed the number; mend the code, or state the claim as it is.",
    "timed out": "Make the cell quicker, or raise course.seconds in the notebook's metadata.",
    "out of memory": "Make the cell smaller, or raise the limit with --memory-limit.",
    "kernel died": "Run the cell in JupyterLab: look for a crash in a library, a call of "
    "os._exit, or too little memory on the machine.",
    "worker died": "Look for code that ends other processes, and at the machine's memory.",
    "invalid": "Open it in JupyterLab, mend it and save it again, or restore it from git.",
    "not run": "Run it again with --resume.",
}


@dataclass(frozen=True)
class Job:
    """One notebook to run, as plain data that can be sent to another host.

    Parameters
    ----------
    notebook
        Its name.
    content
        The notebook as JSON text.
    folder
        The folder of its file: its working directory, where it exists.
    parameters
        Values for the cell tagged ``parameters``, the scale among them.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    seconds, memory
        The limits; ``memory`` is in bytes.
    mark
        What its processes are recognised by.
    digest
        Fingerprint to be handed on to the result.
    gpu
        The one GPU to use; None: any.
    """

    notebook: str
    content: str
    folder: str
    parameters: dict[str, Any] = field(default_factory=dict)
    device: str = "auto"
    seconds: float = 300.0
    memory: int = 4 * 2**30
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    digest: str = ""
    gpu: str | None = None


def execute(job: Job, on_cell: Callable[[int, int], None] = lambda cell, cells: None) -> Result:
    """Run a notebook in a kernel of its own.

    Parameters
    ----------
    job
        What to run, and its limits.
    on_cell
        Called before each cell with its number, from 1, and the number of cells.

    Returns
    -------
    Result
        Always: nothing that a notebook does makes this function raise.
    """
    import nbformat

    started = time.monotonic()
    source = nbformat.from_dict(json.loads(job.content))
    with tempfile.TemporaryDirectory(prefix="cmp784-", ignore_cleanup_errors=True) as room:
        run = _Run(job, source, Path(room), on_cell)
        problem = run.go()
        result = run.judge(problem)
    return replace(result, seconds=time.monotonic() - started, digest=job.digest)


class _Run:
    """One notebook on its way through papermill."""

    def __init__(
        self, job: Job, source: Any, room: Path, on_cell: Callable[[int, int], None]
    ) -> None:
        from cmp784.headless.guard import Guard, kernel_environment
        from cmp784.headless.watchdog import Watchdog

        self.job, self.source = job, source
        self.shift = 0 if any(map(_injected, source.cells)) else 1
        folder = Path(job.folder)
        self.guard = Guard(
            watchdog=Watchdog(job.mark, job.seconds, job.memory),
            environment=kernel_environment(job.mark, job.device, job.gpu),
            folder=folder if folder.is_dir() else room,
            log=room / "kernel.log",
            on_cell=lambda index: on_cell(self._number(index) or 1, len(source.cells)),
        )
        self.log = self.guard.log

    def go(self) -> Exception | None:
        """Let papermill execute the notebook; return what it raised."""
        import papermill

        from cmp784.headless import engine

        engine.register()
        logging.getLogger("papermill").setLevel(logging.CRITICAL)
        try:
            papermill.execute_notebook(
                self.source,
                None,
                parameters=self.job.parameters,
                engine_name=engine.NAME,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                start_timeout=120,
                guard=self.guard,
            )
        except Exception as error:  # whatever it is, it is this notebook's
            return error
        return None

    def judge(self, problem: Exception | None) -> Result:
        """Turn what happened into a result."""
        found, damage = self._claims()
        status, failure = self._verdict(problem, found, damage)
        executed = self.guard.executed
        return Result(
            notebook=self.job.notebook,
            status=status,
            cell_seconds=sum(map(_duration, executed.cells)) if executed else 0.0,
            claims=tuple(found),
            failure=failure,
            executed=None if executed is None else json.loads(json.dumps(executed)),
        )

    def _verdict(
        self, problem: Exception | None, found: list[Claim], damage: ClaimError | None
    ) -> tuple[str, Failure | None]:
        """Return the status, and why it is not ``passed``."""
        from nbclient.exceptions import DeadKernelError

        watchdog, failed = self.guard.watchdog, self._failed_cell()
        if watchdog.status is not None:
            return self._blame(watchdog.status, f"Stopped: {watchdog.reason}.", self.guard.cell)
        if isinstance(problem, DeadKernelError):
            return self._blame("kernel died", self._last_words(), self.guard.cell)
        if failed is not None:
            return self._blame("failed", self._what_was_raised(failed), failed)
        if self.guard.executed is None or self._unfinished(problem):
            return self._blame("failed", f"The runner could not go on: {problem!r}.", None)
        if damage is not None:
            return self._blame("failed", f"It left a claim that cannot be read: {damage}", None)
        broken = [claim for claim in found if not claim.passed]
        if broken and self.job.parameters.get("scale") in BINDING_SCALES:
            words = "; ".join(claim.to_text() for claim in broken)
            return self._blame("claim failed", words, self._claiming_cell(broken[0]))
        return "passed", None

    def _blame(self, status: str, reason: str, index: int | None) -> tuple[str, Failure]:
        """Return a status with its failure; ``index`` is the place in the executed notebook."""
        cells = self._executed_cells()
        known = index is not None and bool(cells)
        cell = cells[index] if index is not None and cells else None
        said = _traceback(cell) if cell else ""
        if not said and status != "claim failed":
            said = self._dump()
        return status, Failure(
            reason=reason,
            remedy=REMEDIES[status],
            cell=self._number(index) if known else None,
            source=cell.source if cell else "",
            traceback=said,
        )

    def _number(self, index: int | None) -> int | None:
        """Return a cell's number in the source, from 1; papermill has put in a cell of its own."""
        if index is None:
            return None
        tags = ["parameters" in cell.metadata.get("tags", []) for cell in self.source.cells]
        behind = True in tags and index > tags.index(True)
        return index + 1 - self.shift * int(behind)

    def _failed_cell(self) -> int | None:
        """Return the place of the cell at which papermill stopped."""
        for index, cell in enumerate(self._executed_cells()):
            if cell.metadata.get("papermill", {}).get("exception") is True:
                return index
        return None

    def _unfinished(self, problem: Exception | None) -> bool:
        """Tell whether papermill stopped for another reason than an error that a cell expects."""
        from papermill.exceptions import PapermillExecutionError

        return problem is not None and not isinstance(problem, PapermillExecutionError)

    def _what_was_raised(self, index: int) -> str:
        """Return the last line of a cell's error."""
        for output in self._executed_cells()[index].outputs:
            if output.output_type == "error":
                said = f"{output.ename}: {output.evalue}" if output.evalue else output.ename
                return f"The cell raised {_plain(said)}"
        return "The cell stopped with an error that left no trace."

    def _last_words(self) -> str:
        """Say how the kernel ended."""
        from cmp784.headless.processes import describe_exit

        status = self.guard.process.poll() if self.guard.process is not None else None
        words = f"The kernel ended by itself with {describe_exit(status)}"
        return words + (", as when the system runs out of memory." if status == -9 else ".")

    def _dump(self) -> str:
        """Return what the kernel's process wrote outside of the notebook: its last traceback."""
        text = _plain(self.log.read_text(errors="replace")) if self.log.exists() else ""
        lines = [line for line in text.splitlines() if not line.startswith("[IPKernelApp]")]
        dumped = [
            n for n, line in enumerate(lines) if line.startswith(("Fatal", "Current", "Stack"))
        ]
        if dumped:  # the newest call comes first; the kernel's own calls follow the notebook's
            lines = lines[dumped[0] :]
            own = [n for n, line in enumerate(lines) if "interactiveshell.py" in line]
            lines = lines[: own[0] if own else None]
        return "\n".join(lines[-60:]).strip()

    def _claims(self) -> tuple[list[Claim], ClaimError | None]:
        """Return the claims that can be read, and the error of the first that cannot."""
        found, damage = [], None
        for cell in self._own_cells():
            try:
                found += claims.read(_one_cell(cell))
            except Exception as error:  # a hostile output may break the reader in any way
                number = next(n for n, own in enumerate(self._own_cells(), 1) if own is cell)
                text = str(error).removeprefix("cell 1: ") or type(error).__name__
                damage = damage or ClaimError(f"cell {number}: {text}")
        return found, damage

    def _own_cells(self) -> list[Any]:
        """Return the executed cells as the source numbers them."""
        cells = self._executed_cells()
        return [cell for cell in cells if not (self.shift and _injected(cell))]

    def _executed_cells(self) -> list[Any]:
        """Return the cells as papermill left them; none when it did not get so far."""
        return list(self.guard.executed.cells) if self.guard.executed is not None else []

    def _claiming_cell(self, claim: Claim) -> int | None:
        """Return the place of the cell that made a claim."""
        for index, cell in enumerate(self._executed_cells()):
            kept = [stored for _, stored in outputs.stored(_one_cell(cell), claims.MIME)]
            if any(Claim.from_json(stored) == claim for stored in kept):
                return index
        return None


def _one_cell(cell: Any) -> Any:
    from nbformat import NotebookNode

    return NotebookNode(cells=[cell])


def _injected(cell: Any) -> bool:
    return _INJECTED in cell.metadata.get("tags", [])


def _duration(cell: Any) -> float:
    """Return the seconds that a code cell took."""
    if cell.cell_type != "code":
        return 0.0
    return float(cell.metadata.get("papermill", {}).get("duration") or 0.0)


def _traceback(cell: Any) -> str:
    """Return the tracebacks in a cell's outputs, without colours."""
    errors = [out for out in cell.get("outputs", []) if out.output_type == "error"]
    return "\n".join(_plain("\n".join(error.traceback)) for error in errors).strip()


def _plain(text: str) -> str:
    return _ANSI.sub("", text)
