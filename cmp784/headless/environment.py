"""Where a run took place: Python, machine, versions, and the fingerprint of our own sources."""

import hashlib
import os
import platform
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

#: Packages whose versions a report names.
PACKAGES = (
    "cmp784",
    "torch",
    "numpy",
    "matplotlib",
    "ipywidgets",
    "ipython",
    "ipykernel",
    "nbclient",
    "papermill",
    "distributed",
)


@dataclass(frozen=True)
class Environment:
    """The machine and the software of a run.

    Parameters
    ----------
    python, platform
        Version of Python; name of the system.
    cpus
        Cores that this process may use.
    packages
        Version by package, of those that are installed.
    sources
        Fingerprint of the sources of ``cmp784``.
    """

    python: str
    platform: str
    cpus: int
    packages: dict[str, str] = field(default_factory=dict)
    sources: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the environment as plain data."""
        return asdict(self)


def describe() -> Environment:
    """Return the environment of this process.

    Examples
    --------
    >>> describe().cpus >= 1
    True
    """
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        cpus=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        packages={name: found for name in PACKAGES if (found := _version(name))},
        sources=digest(),
    )


def digest() -> str:
    """Return a fingerprint of every source and data file of ``cmp784``."""
    root = Path(__file__).parent.parent
    made = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".toml"):
            made.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return made.hexdigest()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
