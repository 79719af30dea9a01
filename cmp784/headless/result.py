"""What came out of one notebook: plain data that crosses processes, hosts and runs."""

from dataclasses import asdict, dataclass
from typing import Any

from cmp784.claims import Claim

#: Every status that a notebook can end with, and what it means.
STATUSES = {
    "passed": "every cell ran and, at the scales laptop and gpu, every claim holds",
    "failed": "a cell raised an error, or left a damaged claim",
    "claim failed": "every cell ran, but a claim does not hold",
    "timed out": "it took more than its time limit",
    "out of memory": "it took more than its memory limit",
    "kernel died": "its kernel ended by itself",
    "worker died": "the worker process that ran it died, twice",
    "invalid": "the file is not a notebook that can be run",
    "not run": "the run was interrupted before this notebook ended",
}


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not pass, and what to do about it.

    Parameters
    ----------
    reason
        One sentence.
    remedy
        What to do, in one sentence.
    cell
        Number of the cell, counted from 1 over all cells of the source notebook, text cells
        included; None when no cell is to blame.
    source
        The source of that cell.
    traceback
        What Python said, without colours; empty when it said nothing.
    """

    reason: str
    remedy: str
    cell: int | None = None
    source: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class Result:
    """The outcome of one notebook.

    Parameters
    ----------
    notebook
        Its name: the path as seen from where the run was started, with forward slashes.
    status
        One of ``STATUSES``.
    seconds
        From the start of its kernel to the end of it.
    cell_seconds
        Sum over its code cells.
    claims
        The claims that it measured, in order.
    failure
        Why it did not pass; None when it did.
    digest
        Fingerprint of all that the outcome depends on; ``--resume`` compares it.
    kept
        Whether the result was kept from an earlier run.
    executed
        The executed notebook, as JSON data; None when it never started.
    """

    notebook: str
    status: str
    seconds: float = 0.0
    cell_seconds: float = 0.0
    claims: tuple[Claim, ...] = ()
    failure: Failure | None = None
    digest: str = ""
    kept: bool = False
    executed: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Round the seconds once, so that every report rounds the same number further."""
        object.__setattr__(self, "seconds", round(self.seconds, 3))
        object.__setattr__(self, "cell_seconds", round(self.cell_seconds, 3))

    @property
    def passed(self) -> bool:
        """Whether the notebook passed."""
        return self.status == "passed"

    @property
    def claims_passed(self) -> int:
        """How many of its claims hold."""
        return sum(claim.passed for claim in self.claims)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data, without the executed notebook."""
        return {
            "notebook": self.notebook,
            "status": self.status,
            "seconds": self.seconds,
            "cell_seconds": self.cell_seconds,
            "claims_passed": self.claims_passed,
            "claims_total": len(self.claims),
            "claims": [claim.to_json() for claim in self.claims],
            "failure": None if self.failure is None else asdict(self.failure),
            "digest": self.digest,
            "kept": self.kept,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Result":
        """Return the result that ``to_json`` wrote.

        Examples
        --------
        >>> Result.from_json(Result("a.ipynb", "passed", 1.5).to_json()).seconds
        1.5
        """
        failure = plain["failure"]
        return cls(
            notebook=plain["notebook"],
            status=plain["status"],
            seconds=plain["seconds"],
            cell_seconds=plain["cell_seconds"],
            claims=tuple(Claim.from_json(claim) for claim in plain["claims"]),
            failure=None if failure is None else Failure(**failure),
            digest=plain["digest"],
            kept=plain["kept"],
        )
