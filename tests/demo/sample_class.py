"""The sample class: twenty-four students, what each of them hands in, and how it arrives.

Their work is that of `tests/practicals`: right answers in other styles, planted bugs, parts of the
practical. Moodle's archive has most of it, Canvas's three, a plain folder three more. Nobody is
real: all are called "Sample Öğrenci" (sample student) and a number.
"""

import copy
import csv
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.autograder import archive_builders as archives
from tests.practicals import handins

PRACTICAL = "practical1"
FILE = f"{PRACTICAL}.ipynb"
#: The end of the day on which Practical 1 is due, by the course's clocks.
DUE = datetime(2024, 10, 24, 23, 59, 59)
#: Points that a person gives for G1. Who is not here, and wrote something, still waits.
WORDS = {"sample-01": 5, "sample-02": 4, "sample-07": 3}
USUAL_WORDS, WAITS = 4, ("sample-04",)
EXTENSIONS = "student_id,assignment,days,reason\nsample-09,practical1,3,a sample reason\n"


@dataclass(frozen=True)
class Sample:
    """One student's hand-in.

    Parameters
    ----------
    number
        The student's.
    work
        ``alternative NAME``; ``mutants NAME ...``; ``only LETTERS``, whose answers are right while
        all others are untouched; ``empty``, the release as it is.
    late
        After the due time.
    damage
        One of `DAMAGES`: what becomes of the file.
    platform
        How it arrives.
    without
        Letters of the questions that the student did not come to.
    """

    number: int
    work: str
    late: timedelta = timedelta(hours=-3)
    damage: str = ""
    platform: str = "moodle"
    without: str = ""

    @property
    def student(self) -> str:
        """The student's id."""
        return f"sample-{self.number:02}"

    @property
    def name(self) -> str:
        """Full name, visibly that of a sample, with letters that archives like to spoil."""
        return f"Sample Öğrenci {self.number:02}"


MINUTES, DAYS = timedelta(minutes=1), timedelta(days=1)

CLASS = (
    Sample(1, "alternative loops"),
    Sample(2, "alternative terse", late=10 * MINUTES),
    Sample(3, "alternative einsum"),
    Sample(4, "alternative functional"),
    Sample(5, "alternative dataclasses", late=1 * DAYS),
    Sample(6, "alternative numpy_inside", late=6 * DAYS),
    Sample(7, "alternative cautious", late=-2 * DAYS),
    Sample(8, "mutants A4-sum"),
    Sample(9, "mutants B1-overflow", late=2 * DAYS),
    Sample(10, "mutants C3-overwritten", without="F"),
    Sample(11, "mutants D4-forwards", without="F"),
    Sample(12, "mutants E4-epsilon-in-root", without="F"),
    Sample(13, "mutants F2-last-batch-dropped"),
    Sample(
        14, "mutants A1-fires-at-zero B2-sum C1-no-bias E2-nesterov", late=8 * DAYS, without="F"
    ),
    Sample(15, "empty"),
    Sample(16, "only AB"),
    Sample(17, "only ABCD", damage="copied test cell"),
    Sample(18, "mutants F1-percent", damage="wrong name"),
    Sample(19, "only ABC", damage="second attempt", platform="canvas"),
    Sample(20, "empty", damage="only a PDF", platform="canvas"),
    Sample(21, "only ABCDE", damage="cut", platform="canvas"),
    Sample(22, "empty", damage="empty file", platform="folder"),
    Sample(23, "only ABC", damage="deleted test cell", platform="folder"),
    Sample(24, "only A", damage="unknown owner", platform="folder"),
)


def write_class(course: Path) -> None:
    """Write roster, extensions, and the marks of everything that nbgrader does not grade."""
    run_time = course / "gradebook"
    (run_time / "marks").mkdir(parents=True, exist_ok=True)
    columns = ("student_id", "first_name", "last_name", "email", "participant", "canvas_id")
    rows = [_listed(one) for one in CLASS]
    _write(run_time / "students.csv", [columns, *rows])
    (run_time / "extensions.csv").write_text(EXTENSIONS, encoding="utf-8")
    # What the whole class has, but for the last, of whom more and more is missing.
    full = {"math-quiz": 3, "practical-2": 8, "project": 32, "weekly-quizzes": 9}
    full |= {"paper-presentations": 15, "final-exam": 25}
    for place, (key, most) in enumerate(full.items()):
        there = [one for one in CLASS if one.number <= 24 - place]
        points = ((one.student, _points(one.number + place, most)) for one in there)
        _write(run_time / "marks" / f"{key}.csv", [("student_id", "points"), *points])


def _listed(one: Sample) -> tuple[str, ...]:
    """Return a student's row of the roster."""
    numbers = (str(1000 + one.number), str(2000 + one.number))
    last_name = one.name.removeprefix("Sample ")
    return (one.student, "Sample", last_name, f"{one.student}@example.org", *numbers)


def _points(number: int, most: int) -> str:
    """Give some share of the points, from a half to all, by a number."""
    return f"{most * (50 + 7 * number % 51) / 100:g}"


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def pack(release: Path, folder: Path) -> list[Path]:
    """Write the archives of the class, as platforms write them.

    Parameters
    ----------
    release
        The notebook that students were given.
    folder
        Where the archives go.

    Returns
    -------
    list of Path
        Moodle's archive, Canvas's archive, and a plain folder.
    """
    makers: dict[str, Callable[[Sample, dict[str, bytes]], list]] = {
        "moodle": _moodle,
        "canvas": _canvas,
        "folder": _plain,
    }
    notebook = nbformat.read(release, as_version=4)
    entries: dict[str, list] = {platform: [] for platform in makers}
    for one in CLASS:
        entries[one.platform] += makers[one.platform](one, files(one, notebook))
    return [
        archives.archive(folder / "moodle.zip", *entries["moodle"]),
        archives.archive(folder / "canvas.zip", *entries["canvas"]),
        archives.folder(folder / "by-hand", entries["folder"]),
    ]


def _moodle(one: Sample, handed_in: dict[str, bytes]) -> list:
    """Pack as Moodle does: a folder a student, the time of the upload; some letters taken apart."""
    name = unicodedata.normalize("NFD", one.name) if one.number % 3 == 0 else one.name
    at = (DUE + one.late).timetuple()[:6]
    return [
        archives.entry(archives.moodle(name, 1000 + one.number, file), data, at)
        for file, data in handed_in.items()
    ]


def _canvas(one: Sample, handed_in: dict[str, bytes]) -> list:
    """Pack as Canvas does: flat, by number, without a time."""
    name = unicodedata.normalize("NFC", one.name).lower().split()
    return [
        archives.entry(
            archives.canvas("".join(reversed(name)), 2000 + one.number, 5000 + place, file),
            data,
            archives.DOWNLOAD,
        )
        for place, (file, data) in enumerate(handed_in.items(), 10 * one.number)
    ]


def _plain(one: Sample, handed_in: dict[str, bytes]) -> list:
    """Put into a folder with the student's id; nobody knows the last one's."""
    folder = "guest-99" if one.damage == "unknown owner" else one.student
    return [(f"{folder}/{file}", data) for file, data in handed_in.items()]


def files(one: Sample, release: NotebookNode) -> dict[str, bytes]:
    """Return the files of a hand-in, by their names."""
    found = answers(one.work)
    given = {cell: text for cell, text in found.items() if cell[0] not in one.without}
    solved = handins.hand_in(release, given)
    damage = DAMAGES.get(one.damage)
    return damage(solved) if damage else {FILE: _bytes(solved)}


def answers(work: str) -> dict[str, str]:
    """Return the answers that a hand-in gives, by the ids of their cells."""
    kind, *names = work.split()
    source = handins.source(PRACTICAL)
    reference = handins.reference_answers(source)
    if kind == "alternative":
        return handins.alternatives(PRACTICAL)[names[0]]
    if kind == "mutants":
        planted = {mutant.name: mutant for mutant in handins.mutants(PRACTICAL)}
        for name in names:
            reference |= planted[name].apply(reference)
        return reference
    letters = names[0] if names else ""
    return {cell: text for cell, text in reference.items() if cell[0] in letters}


def _bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def _place(notebook: NotebookNode, grade_id: str) -> int:
    """Find a cell by nbgrader's name of it."""
    return [handins.grade_id(cell) for cell in notebook.cells].index(grade_id)


def _copied(notebook: NotebookNode) -> dict[str, bytes]:
    """Copy a test cell, as happens with Ctrl-C and Ctrl-V."""
    copied, place = copy.deepcopy(notebook), _place(notebook, "C1")
    copied.cells.insert(place + 1, NotebookNode(copied.cells[place] | {"id": "copy-of-c1"}))
    return {FILE: _bytes(copied)}


def _deleted(notebook: NotebookNode) -> dict[str, bytes]:
    """Delete a test cell."""
    shorter = copy.deepcopy(notebook)
    del shorter.cells[_place(notebook, "B2")]
    return {FILE: _bytes(shorter)}


def _again(notebook: NotebookNode) -> dict[str, bytes]:
    """Hand in the untouched release first, then the work."""
    untouched = handins.hand_in(notebook, {"A1-answer": "raise NotImplementedError"})
    return {FILE: _bytes(untouched), f"{PRACTICAL}-1.ipynb": _bytes(notebook)}


#: What happens to files before they arrive.
DAMAGES: dict[str, Callable[[NotebookNode], dict[str, bytes]]] = {
    "copied test cell": _copied,
    "deleted test cell": _deleted,
    "second attempt": _again,
    "wrong name": lambda notebook: {"ödev 1 (son hali).ipynb": _bytes(notebook)},
    "only a PDF": lambda notebook: {f"{PRACTICAL}.pdf": b"%PDF-1.4\n% a sample\n"},
    "cut": lambda notebook: {FILE: _bytes(notebook)[:5000]},
    "empty file": lambda notebook: {FILE: b""},
    "unknown owner": lambda notebook: {FILE: _bytes(notebook)},
}
