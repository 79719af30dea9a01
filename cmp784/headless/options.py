"""What a run may be told: paths aside, every setting of the headless runner in one place."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cmp784.errors import Cmp784Error

#: The three sizes of a notebook.
SCALES = ("smoke", "laptop", "gpu")
#: Where tensors live; ``auto`` leaves it to each notebook.
DEVICES = ("auto", "cpu", "cuda")
#: A notebook may take this many times the seconds that its metadata names.
PATIENCE = 3
#: Expected seconds of a notebook whose metadata names none, by scale.
EXPECTED_SECONDS = {"smoke": 60.0, "laptop": 100.0, "gpu": 600.0}
#: Scales at which a failed claim fails the notebook; at ``smoke`` it is only recorded.
BINDING_SCALES = ("laptop", "gpu")

#: Bytes by unit, in small letters.
_UNITS = {"": 1, "b": 1}
for _power, _prefix in enumerate("kmgt", start=1):
    _UNITS |= {_prefix: 1000**_power, f"{_prefix}b": 1000**_power}
    _UNITS |= {f"{_prefix}i": 1024**_power, f"{_prefix}ib": 1024**_power}


class UsageError(Cmp784Error, ValueError):
    """A run that was asked for wrongly; the command line answers it with exit status 2."""


@dataclass(frozen=True)
class RunOptions:
    """Settings of one run.

    Parameters
    ----------
    scale
        ``"smoke"``, ``"laptop"`` or ``"gpu"``; injected as the parameter ``scale``.
    workers
        Worker processes of the in-process cluster. None: one a GPU with ``device="cuda"``, else
        one a core, four at most. Not to be given together with ``scheduler``.
    scheduler
        Address of a running dask scheduler, for example ``"tcp://10.0.0.5:8786"``. Its workers
        need the same ``cmp784`` installed; they need not share a file system with the caller.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``; reaches a notebook as ``CMP784_DEVICE``.
    parameters
        Further values for the cell tagged ``parameters``, for example ``{"seed": 1}``.
    output
        Folder of the reports. None: ``build/run/<scale>``.
    changed_since
        A git revision: run only what was changed since, committed or not.
    resume
        Skip what an earlier run into the same folder has finished and what has not changed.
    memory_limit
        Bytes that one notebook may use, with its child processes. None: its worker's share.

    Raises
    ------
    UsageError
        When a value is not one of those above.

    Examples
    --------
    >>> RunOptions(scale="smoke", workers=2).folder.as_posix()
    'build/run/smoke'
    >>> RunOptions(scale="huge")
    Traceback (most recent call last):
        ...
    cmp784.headless.options.UsageError: scale is 'huge'; expected one of 'smoke', 'laptop', 'gpu'.
    """

    scale: str = "laptop"
    workers: int | None = None
    scheduler: str | None = None
    device: str = "auto"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    output: Path | None = None
    changed_since: str | None = None
    resume: bool = False
    memory_limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no run could be made of."""
        _one_of("scale", self.scale, SCALES)
        _one_of("device", self.device, DEVICES)
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"workers is {self.workers}; expected 1 or more.")
        if self.workers is not None and self.scheduler is not None:
            raise UsageError(
                f"workers={self.workers} and scheduler={self.scheduler!r} exclude each other: "
                "a running scheduler has its own workers. Leave one of them out."
            )
        if self.memory_limit is not None and self.memory_limit < 1:
            raise UsageError(f"memory limit is {self.memory_limit} bytes; expected 1 or more.")
        for name in self.parameters:
            _checked_parameter(name)

    @property
    def folder(self) -> Path:
        """Where the reports go."""
        return Path(self.output) if self.output is not None else Path("build/run") / self.scale


def parse_parameter(text: str) -> tuple[str, Any]:
    """Split ``name=value``; the value is read as a Python literal where it is one, else as text.

    Parameters
    ----------
    text
        For example ``"seed=1"``, ``"rate=1e-3"``, ``"title=two words"``.

    Returns
    -------
    tuple of str and object
        The name and its value.

    Raises
    ------
    UsageError
        When there is no ``=``, or the name is not a Python name.

    Examples
    --------
    >>> parse_parameter("seed=1"), parse_parameter("title=two words")
    (('seed', 1), ('title', 'two words'))
    """
    import ast

    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"parameter {text!r}: expected name=value, for example seed=1.")
    name, value = _checked_parameter(name.strip()), value.strip()
    literal = {"true": True, "false": False, "null": None}
    if value in literal:
        return name, literal[value]
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def parse_bytes(text: str) -> int:
    """Return the bytes that a size such as ``"600MiB"`` or ``"4 GB"`` stands for.

    Raises
    ------
    UsageError
        When the text is not a positive size.

    Examples
    --------
    >>> parse_bytes("600MiB"), parse_bytes("4 GB")
    (629145600, 4000000000)
    """
    digits = text.strip().rstrip("KMGTiBkmgtb ")
    unit = text.strip()[len(digits) :].strip()
    try:
        size = float(digits) * _UNITS[unit.lower()]
    except (ValueError, KeyError):
        size = math.nan
    if not math.isfinite(size) or size < 1:
        raise UsageError(f"memory limit {text!r}: expected a size such as 600MiB or 4GB.")
    return int(size)


def require_instructor_half() -> None:
    """Raise ``UsageError`` with the remedy when a package that the runner needs is missing."""
    needed = ("papermill", "distributed", "nbconvert", "psutil")
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"The headless runner needs {', '.join(missing)}, which a student's installation "
            'leaves out. Install the rest with: pip install "cmp784[instructor]"'
        )


def _one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        names = ", ".join(repr(name) for name in known)
        raise UsageError(f"{what} is {value!r}; expected one of {names}.")


def _checked_parameter(name: str) -> str:
    """Return the name when a parameter may be called so."""
    import keyword

    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"parameter {name!r}: expected a Python name, for example seed=1.")
    if name == "scale":
        raise UsageError("parameter 'scale' is set by --scale; use that.")
    return name
