"""The outcome of a whole run; every face of it is made from the same list of results."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cmp784.headless.result import STATUSES, Result

#: Exit status of the command line when the run was interrupted.
INTERRUPTED = 130


@dataclass(frozen=True)
class Report:
    """What came out of a run.

    Parameters
    ----------
    results
        One for each notebook, in the order of their names.
    scale, device
        As asked for.
    parameters
        Further parameters, as asked for.
    workers
        How many processes worked.
    started
        When the run began, in ISO 8601.
    seconds
        How long it took.
    environment
        Python, machine and versions.
    interrupted
        Whether it was stopped before its end.
    folder
        Where the reports are.
    """

    results: tuple[Result, ...]
    scale: str
    device: str = "auto"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 0
    started: str = ""
    seconds: float = 0.0
    environment: Mapping[str, Any] = field(default_factory=dict)
    interrupted: bool = False
    folder: Path = Path("build/run")

    def __post_init__(self) -> None:
        """Round the seconds once, so that every face of the report rounds the same number."""
        object.__setattr__(self, "seconds", round(self.seconds, 3))

    @property
    def counts(self) -> dict[str, int]:
        """How many notebooks there are of each status that occurs."""
        counted = Counter(result.status for result in self.results)
        return {status: counted[status] for status in STATUSES if counted[status]}

    @property
    def exit_status(self) -> int:
        """0 when all passed, 1 when something did not, 130 when the run was interrupted."""
        if self.interrupted:
            return INTERRUPTED
        return 0 if all(result.passed for result in self.results) else 1

    @property
    def summary(self) -> str:
        """One line: how many of what, claims, seconds.

        Examples
        --------
        >>> Report((Result("a.ipynb", "passed"),), "smoke", seconds=2.5).summary
        '1 notebook: 1 passed; 0 of 0 claims hold; 2.5 s at smoke'
        """
        total = len(self.results)
        counts = ", ".join(f"{count} {status}" for status, count in self.counts.items())
        held = sum(result.claims_passed for result in self.results)
        claims = sum(len(result.claims) for result in self.results)
        words = f"{total} notebook{'' if total == 1 else 's'}: {counts or 'nothing to run'}"
        words += f"; {held} of {claims} claims hold; {self.seconds:.1f} s at {self.scale}"
        return words + (" (interrupted)" if self.interrupted else "")

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "scale": self.scale,
            "device": self.device,
            "parameters": {name: _storable(value) for name, value in self.parameters.items()},
            "workers": self.workers,
            "started": self.started,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "exit_status": self.exit_status,
            "counts": self.counts,
            "environment": dict(self.environment),
            "notebooks": [result.to_json() for result in self.results],
        }


def _storable(value: Any) -> Any:
    """Return a parameter as JSON can hold it, else as text."""
    import json

    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return repr(value)
    return value
