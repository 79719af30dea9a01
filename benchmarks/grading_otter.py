"""Otter-grader in an environment of its own, which is never the project's.

`install` makes it once under ``build/``. torch is read from the project's environment, so that all
graders load the same one. Otter's own way to many hand-ins is a Docker container for each; what is
measured is its quicker way, `otter.api.grade_submission`, many in one process.
"""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

PACKAGE = "otter-grader"


def install(folder: Path) -> Path:
    """Make the environment unless it is there, and give its Python.

    Raises
    ------
    RuntimeError
        When the package cannot be had; with pip's last words.
    """
    python = folder / "bin" / "python"
    if (folder / ".ready").exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        PACKAGE,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = " ".join(done.stderr.strip().splitlines()[-2:])
        raise RuntimeError(f"pip cannot install {PACKAGE}: {last}")
    # A line of a .pth file comes last on the path: only what otter's environment lacks is taken.
    beside = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (beside / "project.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (folder / ".ready").touch()
    return python


def version(python: Path) -> str:
    """Tell which version was installed."""
    code = "from importlib.metadata import version; print(version('otter-grader'))"
    return subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def command(python: Path, archive: Path, results: Path, notebooks: Sequence[Path]) -> list[str]:
    """Give the command that grades notebooks one after another in one process."""
    return [str(word) for word in (python, __file__, archive, results, *notebooks)]


def main() -> None:
    """Grade the notebooks that the command line names; runs inside otter's environment."""
    from otter.api import grade_submission

    archive, results, *notebooks = sys.argv[1:]
    found = {}
    for notebook in notebooks:
        graded = grade_submission(notebook, archive, quiet=True)
        scores = {name: one.score for name, one in graded.results.items()}
        found[Path(notebook).parents[1].name] = scores
    Path(results).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
