"""A notebook as its author left it: found, read, and checked before anything runs."""

import ast
import hashlib
import json
import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cmp784.headless.options import EXPECTED_SECONDS, PATIENCE, UsageError

#: A folder with this file in it holds executed notebooks: what a run made, not what it reads.
MARKER = ".cmp784-run"
#: Tag of the cell that papermill overrides.
TAG = "parameters"


@dataclass(frozen=True)
class Source:
    """The file of one notebook.

    Parameters
    ----------
    name
        The path as seen from the working directory, with forward slashes.
    path
        The absolute path.
    content
        The bytes of the file.
    """

    name: str
    path: Path
    content: bytes

    @cached_property
    def problem(self) -> str | None:
        """Why the file cannot be run; None when it can."""
        try:
            _check(self._parsed)
        except Exception as error:  # nbformat raises half a dozen unrelated kinds
            return " ".join(f"{error or type(error).__name__}".split())[:500]
        return None

    @cached_property
    def _parsed(self) -> Any:
        """The notebook as nbformat 4; raises what is wrong with it."""
        import nbformat

        try:
            text = self.content.decode("utf-8")
            plain = json.loads(text)
        except UnicodeDecodeError as error:
            raise ValueError(f"the file is not UTF-8 text ({error})") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"the file is not valid JSON ({error})") from None
        if not isinstance(plain, dict) or "nbformat" not in plain:
            raise ValueError("the file is JSON, but not a notebook: it has no key 'nbformat'")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing cell ids are added
            notebook = nbformat.v4.upgrade(_quietly_read(text))
            nbformat.validate(notebook)
        return notebook

    @property
    def json(self) -> str:
        """The notebook as JSON text of nbformat 4, without outputs of an earlier run."""
        return json.dumps(self._parsed)

    @property
    def code(self) -> list[str]:
        """The sources of the code cells; empty when the file is broken."""
        if self.problem is not None:
            return []
        return [cell.source for cell in self._parsed.cells if cell.cell_type == "code"]

    @property
    def parameter_names(self) -> set[str]:
        """The names that the cell tagged ``parameters`` assigns."""
        cells = [] if self.problem else _tagged(self._parsed)
        tree = ast.parse("\n".join(cell.source for cell in cells))
        nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
        return {node.id for node in nodes if isinstance(node.ctx, ast.Store)}

    def expected_seconds(self, scale: str) -> float:
        """Return the seconds that the metadata name for a scale, or the default."""
        if self.problem is not None:
            return 0.0
        return _seconds(self._parsed).get(scale, EXPECTED_SECONDS[scale])

    def limit(self, scale: str) -> float:
        """Return the time limit in seconds."""
        return PATIENCE * self.expected_seconds(scale)

    def fingerprint(self, *parts: Any) -> str:
        """Return a digest of the file and of all else that the outcome depends on."""
        rest = json.dumps(parts, sort_keys=True, default=repr)
        return hashlib.sha256(self.content + b"\0" + rest.encode()).hexdigest()


def find(paths: Iterable[str | Path]) -> list[Source]:
    """Return the notebooks under some paths, each once, in the order of their names.

    Parameters
    ----------
    paths
        Notebooks, and folders that are searched with all that is in them. ``.ipynb_checkpoints``
        and other hidden folders are left out, and so are the output folders of runs.

    Raises
    ------
    UsageError
        When a path does not exist, is not a notebook, or holds none.
    """
    found = {file.resolve(): file for path in paths for file in _files(Path(path))}
    if not found:
        raise UsageError("No path was given; expected notebooks (.ipynb) or folders of them.")
    made = [Source(_name(path), path, _content(path)) for path in found]
    return sorted(made, key=lambda source: source.name)


def _files(path: Path) -> list[Path]:
    """Return the notebooks that one path stands for."""
    expected = "Expected a notebook (.ipynb) or a folder with notebooks in it."
    if not path.exists():
        raise UsageError(f"'{path}': there is no such file or folder. {expected}")
    if path.is_file():
        if path.suffix != ".ipynb":
            raise UsageError(f"'{path}' is not a notebook. {expected}")
        return [path]
    found = [file for file in path.rglob("*.ipynb") if file.is_file() and _is_source(file, path)]
    if not found:
        raise UsageError(f"'{path}': there is no notebook in this folder. {expected}")
    return found


def _content(path: Path) -> bytes:
    """Return the bytes of a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read ({error}). Check its permissions.") from error


def _is_source(file: Path, searched: Path) -> bool:
    """Tell whether a file below a searched folder is a source, not a copy and not an output."""
    below = file.relative_to(searched).parts
    if any(part.startswith(".") for part in below):
        return False
    between = (searched.joinpath(*below[:depth]) for depth in range(1, len(below)))
    return not any((folder / MARKER).exists() for folder in between)


def _name(path: Path) -> str:
    """Return the path as seen from here, if it lies below, else in full."""
    here = Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _quietly_read(text: str) -> Any:
    """Read notebook text without the line that nbformat logs about what we report ourselves."""
    import logging

    import nbformat

    log = logging.getLogger("nbformat")
    before, log.disabled = log.disabled, True
    try:
        return nbformat.reads(text, as_version=4)
    finally:
        log.disabled = before


def _check(notebook: Any) -> None:
    """Raise ``ValueError`` when the notebook breaks the contract of the course."""
    found = len(_tagged(notebook))
    if found != 1:
        raise ValueError(f"{found} cells are tagged '{TAG}'; expected exactly one")
    try:
        ast.parse(_tagged(notebook)[0].source)
    except SyntaxError as error:
        raise ValueError(f"the cell tagged '{TAG}' is not Python ({error})") from None
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language.lower() not in ("python", "python3"):
        raise ValueError(f"its language is '{language}'; expected Python")
    _seconds(notebook)


def _tagged(notebook: Any) -> list[Any]:
    """Return the code cells tagged as parameters."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", [])
    ]


def _seconds(notebook: Any) -> dict[str, float]:
    """Return the seconds by scale that the metadata name; raise ``ValueError`` on nonsense."""
    course = notebook.metadata.get("course", {})
    seconds = course.get("seconds", {}) if isinstance(course, Mapping) else course
    if not isinstance(seconds, Mapping):
        raise ValueError(f"metadata course.seconds is {seconds!r}; expected seconds by scale")
    for scale, value in seconds.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value <= 0:
            raise ValueError(
                f"metadata course.seconds.{scale} is {value!r}; expected a positive number"
            )
    return {scale: float(value) for scale, value in seconds.items()}
