"""The folder ``autograded/<student>/<assignment>``: written beside its place, then moved there."""

import contextlib
import copy
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.utils import is_ignored

from autograder.office.marks import FLAG
from autograder.office.structure import NotebookCells, Structure
from autograder.workspace import Workspace

#: Stands in front of the names of folders that are not finished.
UNFINISHED = ".office-"


class Folders:
    """Writes what was graded where formgrader and feedback look for it.

    Parameters
    ----------
    workspace, structure
        The course and the assignment.
    """

    def __init__(self, workspace: Workspace, structure: Structure) -> None:
        self.workspace, self.structure = workspace, structure
        converter = Autograde(coursedir=workspace.coursedir, config=workspace.config)
        self.mode = int(str(converter.permissions), 8)
        self.shared = bool(workspace.coursedir.groupshared)

    def of(self, student: str) -> Path:
        """Give the folder of a student."""
        return self.workspace.folder("autograded", self.structure.name, student)

    def is_there(self, student: str) -> bool:
        """Whether every notebook of the assignment is in it."""
        folder = self.of(student)
        return all((folder / f"{name}.ipynb").is_file() for name in self.structure.notebooks)

    def sweep(self) -> None:
        """Remove what a run that was killed has left unfinished."""
        above = self.of("*")
        place = above.parts.index("*")
        for student in Path(*above.parts[:place]).glob("*"):
            for left in student.joinpath(*above.parts[place + 1 : -1]).glob(f"{UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)

    def write(
        self, student: str, notebooks: Mapping[str, Mapping[str, Any]], files: Mapping[str, bytes]
    ) -> None:
        """Put notebooks and other files in the place of what is there, whole or not at all."""
        target = self.of(student)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=target.parent))
        try:
            new = made / "new"
            new.mkdir()
            for name, content in files.items():
                if not is_ignored(name, self.workspace.coursedir.ignore):
                    self._file(new, name, content)
            for name, notebook in notebooks.items():
                text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
                # Half of a surrogate pair is no text; Jupyter would not read it either.
                self._file(new, f"{name}.ipynb", (text + "\n").encode(errors="replace"))
            if self.shared:
                for folder in (new, *(path for path in new.rglob("*") if path.is_dir())):
                    folder.chmod(0o2775)
            with contextlib.suppress(FileNotFoundError):
                target.rename(made / "old")
            new.rename(target)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _file(self, folder: Path, name: str, content: bytes) -> None:
        """Write a file below a folder; a name that leads elsewhere is left out."""
        path = Path(os.path.normpath(folder / name))
        if not path.is_relative_to(folder) or path == folder:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(self.mode)


def finished(notebook: Mapping[str, Any], cells: NotebookCells, problem: str) -> dict[str, Any]:
    """Make a notebook what nbgrader's later steps expect: metadata and checksums as released.

    Parameters
    ----------
    notebook
        As a worker gave it.
    cells
        Of the gradebook.
    problem
        Why a person is needed; it then stands in a cell of its own, above all others.
    """
    made = copy.deepcopy(dict(notebook))
    for cell in made["cells"]:
        about = cell.setdefault("metadata", {}).get("nbgrader")
        known = cells.sources.get(about.get("grade_id", "")) if isinstance(about, dict) else None
        if known is None:
            # nbgrader looks every cell with this metadata up in the gradebook.
            cell["metadata"].pop("nbgrader", None)
            continue
        graded = cells.graded.get(about["grade_id"])
        about |= {"checksum": known.checksum, "locked": known.locked, "cell_type": known.kind}
        if graded is not None:
            about |= {"points": graded.max_points}
    if problem:
        text = f"**{FLAG.strip()}** {problem}."
        first = {"cell_type": "markdown", "id": "needs-a-person", "metadata": {}, "source": text}
        made["cells"].insert(0, first)
    return made


def kept_outputs(
    new: dict[str, Any], old: Mapping[str, Any] | None, names: Iterable[str]
) -> dict[str, Any]:
    """Take the outputs of some tests from the notebook that was graded before."""
    wanted = set(names)
    before = {name: cell for name, cell in _named(old or {}) if name in wanted}
    for name, cell in _named(new):
        if name in before and "outputs" in cell and "outputs" in before[name]:
            cell["outputs"] = before[name]["outputs"]
    return new


def _named(notebook: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for cell in notebook.get("cells", ()):
        name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        if name:
            found.append((str(name), cell))
    return found


def read_notebook(path: Path) -> dict[str, Any] | None:
    """Read a graded notebook of ours; None where there is none that can be read."""
    try:
        plain = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return plain if isinstance(plain, dict) else None
