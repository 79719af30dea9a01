"""The notebook that a student names: found on disk or in Colab's browser tab, read, and valid."""

import difflib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmp784.errors import Cmp784Error
from cmp784.handin import colab

if TYPE_CHECKING:
    from nbformat import NotebookNode

_SAVE = "Open it in JupyterLab or Colab, save it, and try again."


class HandinError(Cmp784Error):
    """A notebook that cannot be checked or handed in: not there, or not a notebook."""


@dataclass(frozen=True)
class Submission:
    """One notebook, as a student left it.

    Parameters
    ----------
    name
        The file's name.
    folder
        Where it lies; in Colab, where its kernel works.
    notebook
        Its content, valid and of nbformat 4.
    from_tab
        Whether Colab's browser tab gave it, rather than a file.
    """

    name: str
    folder: Path
    notebook: "NotebookNode"
    from_tab: bool = False

    @property
    def practical(self) -> str | None:
        """Name of the practical, as the release wrote it into the notebook; None without."""
        name = course_metadata(self.notebook).get("practical")
        return name if isinstance(name, str) and name else None


def open_submission(name: str | Path | None = None) -> Submission:
    """Return the notebook of that name, or without one the only practical in this folder.

    In Colab the browser tab holds what the student sees; its notebook is taken when no such file
    lies there, or when the file is an older state of the same practical.

    Raises
    ------
    HandinError
        When there is none, or it is not a notebook.
    """
    if name is None:
        name = _only_practical()
    path = Path(name)
    tab = _from_tab(path) if colab.is_here() else None
    if tab is not None and path.is_file() and _same_practical(tab, path):
        return tab
    if tab is not None and not path.is_file():
        _refuse_another(tab, path)
        return tab
    if not path.is_file():
        raise HandinError(_not_there(path))
    notebook = parse(path.read_bytes(), str(name))
    return Submission(path.name, path.resolve().parent, notebook)


def parse(content: bytes, name: str) -> "NotebookNode":
    """Return the notebook that a file holds.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        What it is called in the message.

    Raises
    ------
    HandinError
        When it is not a valid notebook; the message says why.
    """
    import nbformat
    from nbformat import reader, validator

    if not content.strip():
        raise HandinError(f"{name}: the file is empty. {_SAVE}")
    try:
        text = content.decode("utf-8-sig")
        if "nbformat" not in json.loads(text):
            raise ValueError("it has no key 'nbformat'")
        with warnings.catch_warnings():  # missing cell ids are added: Colab writes none
            warnings.simplefilter("ignore")
            notebook = nbformat.convert(reader.reads(text), 4)
            for cell in notebook.cells if notebook.nbformat_minor < 5 else ():
                cell.pop("id", None)  # Colab leaves them in format 4.0, which knows none
            _, notebook = validator.normalize(notebook)
            nbformat.validate(notebook)
    except Exception as error:  # nbformat raises half a dozen unrelated kinds
        reason = str(error).strip().partition("\n")[0][:200]
        raise HandinError(f"{name}: not a valid notebook ({reason}). {_SAVE}") from None
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        raise HandinError(f"{name}: it has no code cell. Is it the right file?")
    return notebook


def course_metadata(notebook: "NotebookNode") -> dict[str, Any]:
    """Return what the course wrote into a notebook's metadata; empty without."""
    found = notebook.metadata.get("course", {})
    return found if isinstance(found, dict) else {}


def _only_practical() -> str:
    """Name the practical of this folder, or in Colab that of the browser tab."""
    tab = _from_tab(Path("practical.ipynb")) if colab.is_here() else None
    if tab is not None and tab.practical:
        return f"{tab.practical}.ipynb"
    found = [path.name for path in sorted(Path.cwd().glob("*.ipynb")) if _is_practical(path)]
    if len(found) == 1:
        return found[0]
    there = f"{len(found)} practicals: {', '.join(found)}" if found else "no practical"
    raise HandinError(f"{Path.cwd()}: {there}. Name the notebook: handin.check('NAME.ipynb').")


def _is_practical(path: Path) -> bool:
    """Tell whether a file is a notebook that a release of the course made."""
    try:
        return "practical" in course_metadata(parse(path.read_bytes(), path.name))
    except HandinError:
        return False


def _from_tab(path: Path) -> Submission | None:
    """Return the notebook of Colab's browser tab, if the tab gives one."""
    plain = colab.notebook()
    if plain is None:
        return None
    notebook = parse(json.dumps(plain).encode(), "the notebook in this browser tab")
    return Submission(path.name, Path.cwd(), notebook, from_tab=True)


def _refuse_another(tab: Submission, path: Path) -> None:
    """Raise when the browser tab holds another practical than the one that was named."""
    shown = Path(str(tab.notebook.metadata.get("colab", {}).get("name", ""))).stem
    if tab.practical and path.stem not in (tab.practical, shown):
        raise HandinError(
            f"{path}: there is no such file, and the notebook in this browser tab is "
            f"'{tab.practical}.ipynb'. Write that name."
        )


def _same_practical(tab: Submission, path: Path) -> bool:
    """Tell whether a file and the browser tab hold the same practical."""
    try:
        notebook = parse(path.read_bytes(), path.name)
    except HandinError:
        return path.stem == tab.practical
    return bool(tab.practical) and course_metadata(notebook).get("practical") == tab.practical


def _not_there(path: Path) -> str:
    """Say that a file is missing, and which of those beside it may be meant."""
    folder = path.parent.resolve()
    there = sorted(found.stem for found in folder.glob("*.ipynb")) if folder.is_dir() else []
    close = difflib.get_close_matches(path.stem, there, n=3) or there[:5]
    problem = f"{path}: there is no such file in {folder}."
    if close:
        meant = " or ".join(f"'{stem}.ipynb'" for stem in close)
        return f"{problem} Did you mean {meant}?"
    if colab.is_here():
        return (
            f"{problem} Colab's browser tab did not answer either. Wait until no cell runs and "
            "try again, or choose File > Download > Download .ipynb and upload that file."
        )
    return f"{problem} No notebook lies there. Change into the notebook's folder, or name its path."
