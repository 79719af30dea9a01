"""The student bundle: a zip file with `lectures/ practicals/ cmp784/` and what they need.

The same files are what students receive in any other way, so the leak check searches them.
``python -m autograder.bundle [OUTPUT]`` writes it, by default into ``build/``.
"""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

from autograder.errors import AutograderError
from cmp784 import badges, course
from cmp784.errors import Cmp784Error

#: The folders that students receive.
FOLDERS = ("lectures", "practicals", "cmp784")
#: What installs `cmp784` and what it reads: the build, exact versions, licences, the syllabus.
FILES = (
    "pyproject.toml",
    "hatch_build.py",
    "constraints.txt",
    "environment.yml",
    "course.toml",
    "LICENSE",
    "LICENSE-CONTENT",
    "CITATION.cff",
)
#: What tools leave beside the files, by name or by ending; hidden files are left out too.
LEFT_OUT = ("__pycache__", ".pyc", ".egg-info", "dask-worker-space")

# Zip files know no earlier day; the same bytes come out on every day.
_DAY = (1980, 1, 1, 0, 0, 0)

_README = """\
# {code}: {title}

This is the students' copy of the course: `lectures/`, `practicals/`, and `cmp784/`, which both
import.

## Open it

Without installing anything: open a notebook on Colab by the badge at its top. On your own machine,
with Python 3.11, 3.12 or 3.13, in this folder:

```sh
python3 -m venv .venv
.venv/bin/python -m pip install -c constraints.txt -e . jupyterlab
.venv/bin/jupyter lab
```

On Windows write `.venv\\Scripts\\` for `.venv/bin/`.

## Practicals

{practicals}
Each practical checks itself while you work. Before you hand in, let the course run your notebook
from a fresh start, and write the file to upload:

```python
from cmp784 import handin

handin.check("practical1.ipynb")
handin.pack("practical1.ipynb")
```

Newest version: <{address}>. Licences: code MIT (LICENSE), text and pictures CC BY 4.0
(LICENSE-CONTENT).
"""


class BundleError(AutograderError):
    """A bundle that cannot be written, because something of it is missing."""


def student_files(root: Path | str) -> list[Path]:
    """List the files that students receive, in order.

    Parameters
    ----------
    root
        Top of the course.
    """
    root = Path(root)
    found = [root / name for name in FILES if (root / name).is_file()]
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.is_file() and not path.is_symlink() and not any(map(_left_out, parts)):
                found.append(path)
    return found


def _left_out(name: str) -> bool:
    """Tell what tools leave behind."""
    return name.startswith(".") or name.endswith(LEFT_OUT)


def build_bundle(root: Path | str, output: Path | str) -> Path:
    """Write the student bundle.

    Parameters
    ----------
    root
        Top of the course.
    output
        The zip file to write, or a folder for it; an old one is replaced when the new one is whole.

    Returns
    -------
    Path
        The zip file. The same files give the same bytes, on every machine and every day.

    Raises
    ------
    BundleError
        When a file that students need is missing.
    """
    root, output = Path(root), Path(output)
    syllabus = course.load(root)
    missing = [name for name in FILES if not (root / name).is_file()]
    missing += [f"{name}/" for name in FOLDERS if not (root / name).is_dir()]
    if missing:
        raise BundleError(
            f"{root}: no {', no '.join(missing)}, which students need. Restore it from version "
            "control."
        )
    name = syllabus.course.code.lower()
    target = output if output.suffix == ".zip" else output / f"{name}-students.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            _add(archive, f"{name}/README.md", _readme(syllabus).encode())
            for path in student_files(root):
                _add(archive, f"{name}/{path.relative_to(root).as_posix()}", path.read_bytes())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add one file; nothing of the machine goes in: no time, no owner, no system."""
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    archive.writestr(entry, data, compresslevel=9)


def _readme(syllabus: course.Course) -> str:
    """Write the page that a student reads first."""
    return _README.format(
        code=syllabus.course.code,
        title=syllabus.course.title,
        practicals=badges.practicals_table(syllabus),
        address=syllabus.repository.address,
    )


def build_proven_bundle(root: Path | str, output: Path | str) -> Path:
    """Write the student bundle, as `build_bundle` does, and search it for hidden lines.

    Raises
    ------
    BundleError
        When something is missing, or a student would read what is hidden; no new bundle then.
    """
    from autograder.leaks import find_leaks  # it needs the list of files above
    from autograder.workspace import open_workspace

    with tempfile.TemporaryDirectory() as folder:
        made = build_bundle(root, folder)
        for assignment in open_workspace(root).assignments():
            if leaks := find_leaks(root, assignment, made):
                shown = "".join(f"\n  {leak}" for leak in leaks)
                raise BundleError(f"No bundle: students would read what is hidden.{shown}")
    return build_bundle(root, output)


def main() -> int:
    """Write the bundle of this folder; ``make student-bundle`` calls this."""
    try:
        print(build_proven_bundle(Path.cwd(), Path(*sys.argv[1:2] or ["build"])))
    except (AutograderError, Cmp784Error) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
