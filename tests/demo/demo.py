"""Run a sample class of twenty-four through Practical 1, from its release to the final marks.

``make demo`` builds their hand-ins in `build/demo/`, a course folder of its own, and runs the
commands that an instructor runs. It ends with the table of scores, compared with `expected.csv`,
and the report. Stop it with Ctrl-C when you like: the next run goes on. When a source has changed
since, or with ``--fresh``, it begins anew.
"""

import argparse
import hashlib
import os
import shutil
import sys
import webbrowser
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, inspect

from autograder.cli import app
from autograder.grading_record import Record
from autograder.rooms import RoomsError, choose
from autograder.workspace import Workspace, open_workspace
from cmp784 import data
from cmp784.data.downloads import MIRROR_VARIABLE
from tests.demo import sample_class, table
from tests.demo.sample_class import PRACTICAL

ROOT = Path(__file__).resolve().parents[2]
#: What the scores depend on: when it changes, the demo begins anew.
SOURCES = ("course.toml", "nbgrader_config.py", f"solutions/{PRACTICAL}", "autograder", "cmp784")
SOURCES += ("tests/demo", f"tests/practicals/{PRACTICAL}", "tests/practicals/handins.py")
DATABASE = "CMP784_DB_URL"

console = Console(soft_wrap=True, highlight=False)


class DemoError(Exception):
    """A step that went wrong; the message says which."""


def main(words: list[str] | None = None) -> int:
    """Run the demo; 0 when every score is as expected, 1 when not, 2 for wrong usage."""
    asked = parser().parse_args(words)
    folder = asked.output.resolve()
    try:
        rows, report = run(folder, fresh=asked.fresh, db_url=asked.db_url)
    except KeyboardInterrupt:
        console.print("Stopped. Run it again to go on.")
        return 130
    except DemoError as error:
        console.print(f"The demo stopped: {error}", style="red", markup=False)
        return 1
    show(rows)
    if asked.accept:
        table.write(rows, table.EXPECTED)
        console.print(f"Now expected: {table.EXPECTED}. Read its changes before you commit them.")
    wrong = table.differences(rows)
    for line in wrong:
        console.print(line, style="red", markup=False)
    verdict = f"{len(wrong)} cells differ" if wrong else "Every cell is as expected"
    console.print(f"{verdict}, {len(rows)} students. Report: {report}")
    if asked.open and _has_screen():
        webbrowser.open(report.as_uri())
    return 1 if wrong else 0


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--output", type=Path, default=ROOT / "build" / "demo", help="where it runs")
    made.add_argument("--fresh", action="store_true", help="begin anew, whatever is there")
    made.add_argument("--no-open", dest="open", action="store_false", help="open no browser")
    made.add_argument("--accept", action="store_true", help="take what is found for expected.csv")
    made.add_argument("--db-url", default="", help="an empty database, such as PostgreSQL's")
    return made


def run(folder: Path, *, fresh: bool = False, db_url: str = "") -> tuple[list[table.Row], Path]:
    """Run every step that is not done yet.

    Parameters
    ----------
    folder
        Where the sample course and its archives lie.
    fresh
        Begin anew.
    db_url
        Address of the gradebook's database; SQLite by default.

    Returns
    -------
    list of dict, Path
        The table of scores, and the report.
    """
    _check_data()
    with _database(db_url):
        course = prepare(folder, fresh, db_url)
        command("release", PRACTICAL, course=course)
        console.print("\nThe class of 24 hands in: Moodle, Canvas, and a plain folder.")
        released = course / "practicals" / PRACTICAL / sample_class.FILE
        archives = sample_class.pack(released, folder / "downloads")
        # Damaged hand-ins are warned of: that is what status 1 says.
        command("collect", PRACTICAL, *map(str, archives), course=course, expected={0, 1})
        command("grade", PRACTICAL, *isolation(), course=course, expected={0, 1})
        workspace = open_workspace(course)
        console.print(f"\nA person gives points for G1 to {grade_words(workspace)} students.")
        command("feedback", PRACTICAL, "--histogram", course=course)
        command("gradebook", course=course)
        for to in ("moodle", "canvas", "csv"):
            command("export", "--for", to, course=course)
        command("status", PRACTICAL, course=course)
        rows = table.table(workspace, PRACTICAL)
        table.write(rows, folder / "scores.csv")
        return rows, workspace.run_time / "report" / "index.html"


def prepare(folder: Path, fresh: bool, db_url: str) -> Path:
    """Make the sample course, or keep the one that is there and up to date."""
    course, stamp = folder / "course", folder / "stamp.txt"
    now = f"{digest()} {db_url}".strip()
    if not fresh and stamp.is_file() and stamp.read_text("utf-8") == now:
        console.print(f"Going on in {course}. (--fresh begins anew.)")
        return course
    _check_empty(db_url)
    if folder.is_dir() and any(folder.iterdir()) and not stamp.is_file():
        raise DemoError(f"'{folder}' holds something else. Empty it, or choose another --output.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stamp.write_text("being made", "utf-8")
    for name in ("course.toml", "nbgrader_config.py"):
        (course / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, course)
    shutil.copytree(ROOT / "solutions" / PRACTICAL, course / "solutions" / PRACTICAL)
    sample_class.write_class(course)
    stamp.write_text(now, "utf-8")
    console.print(f"A sample course in {course}")
    return course


def digest() -> str:
    """Return a digest of all sources that the scores depend on."""
    whole = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix not in (".pyc", ".csv") and file.name[0] != ".":
                whole.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def command(*words: str, course: Path, expected: Collection[int] = (0,)) -> None:
    """Run one command of ``autograder`` on the sample course."""
    console.print(f"\n$ autograder {' '.join(words)}", style="bold", markup=False)
    status = app([*words, "--course", str(course)], standalone_mode=False) or 0
    if status == 130:
        raise KeyboardInterrupt
    if status not in expected:
        raise DemoError(f"'autograder {words[0]}' left with status {status}.")


def isolation() -> tuple[str, ...]:
    """Give the option that lets a machine grade which can build no walls: this class is ours."""
    try:
        choose()
    except RoomsError as error:
        console.print(f"\n{error}\nThe sample class is known, so it is graded without.")
        return ("--isolation", "none")
    return ()


def grade_words(workspace: Workspace) -> int:
    """Give points for what is written, as a person does in formgrader; return to how many."""
    given, record = 0, Record.load(workspace, PRACTICAL)
    with workspace.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(PRACTICAL):
            student = submission.student.id
            (grade,) = (one for one in submission.notebooks[0].grades if one.name == "G1")
            wanted = record.entries[student].state == "graded" and grade.needs_manual_grade
            if wanted and student not in sample_class.WAITS:
                points = sample_class.WORDS.get(student, sample_class.USUAL_WORDS)
                grade.manual_score, grade.needs_manual_grade = points, False
                given += 1
        gradebook.db.commit()
    return given


def show(rows: list[table.Row]) -> None:
    """Print the table of scores."""
    shown = Table(title="Scores of the sample class")
    for column in rows[0]:
        shown.add_column(column, justify="left" if column in ("student", "note") else "right")
    for row in rows:
        shown.add_row(*row.values())
    Console(width=None if sys.stdout.isatty() else 180).print("", shown)


def _check_data() -> None:
    """Refuse to begin where the digits that students learn from cannot be had."""
    if mirror := os.environ.get(MIRROR_VARIABLE):
        # A relative one is meant from here, and not from the sample course.
        os.environ[MIRROR_VARIABLE] = str(Path(mirror).expanduser().absolute())
    try:
        data.mnist()
    except data.DataError as error:
        raise DemoError(str(error)) from error


def _check_empty(db_url: str) -> None:
    """Refuse a database that holds something: it might be a real gradebook."""
    if not db_url:
        return
    engine = create_engine(db_url)
    try:
        names = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if names:
        raise DemoError("the database of --db-url is not empty. Give it an empty one.")


@contextmanager
def _database(db_url: str) -> Iterator[None]:
    """Let the sample course use a database of its own, whatever the environment names."""
    before = os.environ.pop(DATABASE, None)
    if db_url:
        os.environ[DATABASE] = db_url
    try:
        yield
    finally:
        os.environ.pop(DATABASE, None)
        if before is not None:
            os.environ[DATABASE] = before


def _has_screen() -> bool:
    """Tell whether somebody sits before a screen that can show a page."""
    displays = map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))
    return sys.stdout.isatty() and (sys.platform in ("darwin", "win32") or any(displays))


if __name__ == "__main__":
    sys.exit(main())
