"""A course whose Practical 1 is collected, and what lies in its folders afterwards."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import nbformat
from nbformat import v4
from nbgrader.api import Gradebook

from autograder.collect import Collection, collect
from autograder.workspace import open_workspace

#: Two students with Turkish letters, two of one name.
ROSTER = """student_id,first_name,last_name,email,login,canvas_id,participant,team
sample-01,Sample,One,one@sample.invalid,sample1,101,1000001,Team 1
sample-02,Şule,Örnek Işık,two@sample.invalid,sample2,102,1000002,Team 1
sample-03,İrem,Deneme,three@sample.invalid,sample3,103,1000003,
sample-04,Same,Name,four@sample.invalid,sample4,104,1000004,
sample-05,Same,Name,five@sample.invalid,sample5,105,1000005,
"""
#: The same without what platforms call the students.
NAMES = "\n".join(",".join(line.split(",")[:3]) for line in ROSTER.splitlines())


@cache
def database() -> bytes:
    """Make an empty gradebook once: nbgrader calls another program for each new one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "gradebook.db")
        Gradebook(f"sqlite:///{file}", "cmp784").close()
        return file.read_bytes()


class Course:
    """A course in a folder, with nothing collected yet."""

    def __init__(self, repository: Path, folder: Path, roster: str | None = ROSTER) -> None:
        folder.mkdir(parents=True)
        for name in ("nbgrader_config.py", "course.toml"):
            shutil.copy(repository / name, folder)
        source = folder / "solutions" / "practical1"
        source.mkdir(parents=True)
        cell = v4.new_code_cell("answer = 42", id="answer")
        nbformat.write(v4.new_notebook(cells=[cell]), source / "practical1.ipynb")
        self.root = folder
        self.workspace = open_workspace(folder)
        if roster is not None:
            (folder / "gradebook" / "gradebook.db").write_bytes(database())
            (folder / "gradebook" / "students.csv").write_text(roster, "utf-8")

    def collect(self, *archives: Path, **options) -> Collection:
        """Collect Practical 1."""
        return collect(self.workspace, "practical1", archives, **options)

    def files(self, top: str) -> dict[str, bytes]:
        """Give every file below a folder of the gradebook."""
        folder = self.root / "gradebook" / top
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def submitted(self) -> dict[str, bytes]:
        """Give every file in `submitted/`, but for the times."""
        return {
            name.replace("/practical1/", "/"): data
            for name, data in self.files("submitted").items()
            if not name.endswith("timestamp.txt")
        }

    def times(self) -> dict[str, str]:
        """Give the times of all hand-ins."""
        return {
            name.split("/")[0]: data.decode()
            for name, data in self.files("submitted").items()
            if name.endswith("timestamp.txt")
        }

    def archived(self) -> dict[str, bytes]:
        """Give every file of older attempts, but for the times."""
        return {
            name.removeprefix("practical1/"): data
            for name, data in self.files("archive").items()
            if not name.endswith("timestamp.txt")
        }


def kinds(collection: Collection) -> list[tuple[str, str, str]]:
    """Give kind, entry and student of each warning."""
    return sorted((one.kind, one.entry, one.student) for one in collection.warnings)
