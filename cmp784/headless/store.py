"""The output folder: executed notebooks and results, written as each one ends."""

import json
import os
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from cmp784.headless import html_report, junit, pages
from cmp784.headless.notebook import MARKER
from cmp784.headless.options import UsageError
from cmp784.headless.report import Report
from cmp784.headless.result import Result

NOTEBOOKS, RESULTS = "notebooks", "results"


class Store:
    """A folder with what was run.

    ``notebooks/`` holds the executed notebooks and their pages, ``results/`` one JSON file for
    each notebook, which ``--resume`` reads. Beside them lie ``report.json``, ``report.xml`` (JUnit)
    and ``report.html``.

    Parameters
    ----------
    folder
        Made when it is not there.

    Raises
    ------
    UsageError
        When it cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / MARKER).touch()
        except OSError as error:
            raise UsageError(
                f"output '{folder}': no reports can be written there ({error}). "
                "Expected a folder, or a place for one; name another with --output."
            ) from error

    def save(self, result: Result) -> None:
        """Write one result; a reader finds the old one or the new one, never half of it."""
        executed, page = self._executed(result.notebook)
        if result.executed is not None:
            _write(executed, json.dumps(result.executed, indent=1, ensure_ascii=False) + "\n")
            _write(page, pages.render(result))
        else:  # what an earlier run left does not belong to this result
            executed.unlink(missing_ok=True)
            page.unlink(missing_ok=True)
        _write(self._result(result.notebook), _text(result.to_json()))

    def load(self, notebook: str, digest: str) -> Result | None:
        """Return a passed result with this fingerprint from an earlier run, if there is one."""
        try:
            found = Result.from_json(json.loads(self._result(notebook).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that is damaged
            return None
        complete = all(path.exists() for path in self._executed(notebook))
        if not (found.passed and found.digest == digest and complete):
            return None
        return replace(found, kept=True)

    def write(self, report: Report) -> None:
        """Write the three files of the report."""
        links = {
            result.notebook: page.relative_to(self.folder).as_posix()
            for result in report.results
            if (page := self._executed(result.notebook)[1]).exists() and result.status != "not run"
        }
        _write(self.folder / "report.json", _text(report.to_json()))
        _write(self.folder / "report.xml", junit.render(report))
        _write(self.folder / "report.html", html_report.render(report, links))

    def _executed(self, notebook: str) -> tuple[Path, Path]:
        """Return the places of an executed notebook and its page."""
        place = self.folder / NOTEBOOKS / _inside(notebook)
        return place, place.with_name(place.name.removesuffix(".ipynb") + ".html")

    def _result(self, notebook: str) -> Path:
        place = self.folder / RESULTS / _inside(notebook)
        return place.with_name(place.name + ".json")


def _inside(notebook: str) -> PurePosixPath:
    """Return a relative path for a notebook that may lie anywhere."""
    path = PurePosixPath(notebook.replace(":", ""))
    return PurePosixPath("_elsewhere", *path.parts[1:]) if path.is_absolute() else path


def _text(plain: dict[str, Any]) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False, default=repr) + "\n"


def _write(path: Path, text: str) -> None:
    """Write a file at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    half.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    os.replace(half, path)
