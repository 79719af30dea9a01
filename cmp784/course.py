"""The syllabus as data: `course.toml`, read into typed records and checked.

>>> syllabus = load()
>>> syllabus.weeks[2].title, syllabus.weeks[2].date.isoformat()
('Multi-Layer Perceptrons', '2024-10-10')
"""

import difflib
import re
import tomllib
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from cmp784.course_rules import WEEKS, mistakes
from cmp784.errors import Cmp784Error

#: The file's name; `load` looks for it upwards from the current folder.
FILE = "course.toml"


class CourseError(Cmp784Error):
    """A mistake in the syllabus: which key of which file, what stands there, and what should.

    Parameters
    ----------
    file
        Path of the syllabus.
    key
        Dotted path of the key, lists counted from 0: ``weeks[3].date``. Empty for the whole file.
    found, expected
        What stands there and what should, in words.
    remedy
        What to do, one sentence.

    Examples
    --------
    >>> print(CourseError("course.toml", "course.slip_days", "'five'", "a number", "Write 5."))
    course.toml, course.slip_days: found 'five', expected a number. Write 5.
    """

    def __init__(self, file: str, key: str, found: str, expected: str, remedy: str) -> None:
        super().__init__(file, key, found, expected, remedy)
        self.file, self.key, self.found = file, key, found
        self.expected, self.remedy = expected, remedy

    def __str__(self) -> str:
        place = f"{self.file}, {self.key}" if self.key else self.file
        counted = " (Lists count from 0.)" if "[" in self.key else ""
        return f"{place}: found {self.found}, expected {self.expected}. {self.remedy}{counted}"


@dataclass(frozen=True)
class Notebook:
    """One notebook of a week: its file name inside the week's folder, and its title."""

    file: str
    title: str


@dataclass(frozen=True)
class Week:
    """One week: number from 1, title, folder under ``lectures/``, date of the lecture.

    ``slides`` are titles of pages of the deck; ``notebooks`` lists those that exist.
    """

    number: int
    title: str
    folder: str
    date: date
    slides: tuple[str, ...]
    notebooks: tuple[Notebook, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Path of each notebook below the repository's root, with forward slashes."""
        return tuple(f"lectures/{self.folder}/{notebook.file}" for notebook in self.notebooks)


@dataclass(frozen=True)
class Part:
    """One piece of an assessment: a practical, a deliverable, or a role in a presentation.

    ``points`` are points of the final grade (0 to 100), ``minutes`` the time to speak. A ``due``
    without ``due_time`` means the end of that day. ``assignment`` is nbgrader's name of a
    practical. Once it is ``closed``, what is missing counts as zero.
    """

    key: str
    title: str
    points: float | None = None
    out: date | None = None
    due: date | None = None
    due_time: time | None = None
    minutes: int | None = None
    assignment: str | None = None
    closed: bool = False


@dataclass(frozen=True)
class Assessment:
    """What is graded: ``weight`` in percent of the final grade, dates, and parts if any.

    ``first_week`` is the week in which a weekly assessment starts. Once it is ``closed``, what is
    missing counts as zero.
    """

    key: str
    title: str
    weight: float
    out: date | None = None
    due: date | None = None
    due_time: time | None = None
    first_week: int | None = None
    closed: bool = False
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Late:
    """What late work costs.

    ``grace_minutes`` after the due time, and after each further day, are forgiven. Each late day
    that no slip day covers takes ``penalty_percent_per_day`` off the mark that the work earned.
    """

    grace_minutes: int
    penalty_percent_per_day: float


@dataclass(frozen=True)
class Marks:
    """How a final mark is rounded: to ``decimals`` digits, halves up."""

    decimals: int


@dataclass(frozen=True)
class Letter:
    """One letter grade, and the least rounded final mark (0 to 100) that earns it."""

    letter: str
    at_least: float


@dataclass(frozen=True)
class Instructor:
    """Who teaches the course."""

    name: str
    homepage: str


@dataclass(frozen=True)
class Repository:
    """Where the course is published: address without a slash at the end, and branch."""

    address: str
    branch: str

    @property
    def name(self) -> str:
        """Owner and repository, as Colab's links want them.

        Examples
        --------
        >>> Repository("https://github.com/someone/deep-learning", "main").name
        'someone/deep-learning'
        """
        return self.address.removeprefix("https://github.com/")


@dataclass(frozen=True)
class About:
    """The course as a whole: names, term, place, time zone of due times, and its slip days."""

    code: str
    title: str
    term: str
    institution: str
    lectures: str
    homepage: str
    time_zone: str
    slip_days: int
    slip_days_for: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """The whole syllabus, as `load` returns it."""

    course: About
    instructor: Instructor
    repository: Repository
    weeks: tuple[Week, ...]
    late: Late
    assessments: tuple[Assessment, ...]
    marks: Marks
    letters: tuple[Letter, ...]
    file: Path = field(default=Path(FILE), compare=False)

    def week(self, number: int) -> Week:
        """Return one week by its number, 1 to 14.

        Raises
        ------
        Cmp784Error
            When there is no such week.
        """
        if number not in range(1, WEEKS + 1):
            raise Cmp784Error(
                f"{self.file}: there is no week {number!r}. Ask for one of 1 to {WEEKS}."
            )
        return self.weeks[number - 1]

    @property
    def assignments(self) -> tuple[Part, ...]:
        """The parts that nbgrader grades, in the order of their due dates."""
        parts = (part for assessment in self.assessments for part in assessment.parts)
        graded = [part for part in parts if part.assignment is not None]
        return tuple(sorted(graded, key=lambda part: (part.due or date.max, part.key)))


def find(start: Path | str = ".") -> Path:
    """Find the syllabus in ``start`` or in the nearest folder above it.

    Raises
    ------
    CourseError
        When no folder up to the root holds one.
    """
    folder = Path(start).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / FILE).is_file():
            return candidate / FILE
    raise CourseError(
        FILE,
        "",
        f"none in '{folder}' or above it",
        "a syllabus",
        "Change into the course's repository, or name the file: course.load('path').",
    )


def load(path: Path | str | None = None) -> Course:
    """Read and check the syllabus.

    Parameters
    ----------
    path
        The file, or the folder that holds it. By default the nearest one, upwards from the
        current folder.

    Returns
    -------
    Course
        Frozen records: ``load().weeks[0].notebooks[0].title``.

    Raises
    ------
    CourseError
        When the file is missing, is not TOML, or breaks a rule: a key unknown, missing or of the
        wrong type, weights that do not sum to 100, work due before it is out, weeks that are not
        1 to 14.

    Examples
    --------
    >>> sum(assessment.weight for assessment in load().assessments)
    100
    """
    file = find() if path is None else Path(path)
    file = file / FILE if file.is_dir() else file
    course = _Reader(str(file)).record(Course, _parse(file), "")
    for key, found, expected, remedy in mistakes(course):
        raise CourseError(str(file), key, found, expected, remedy)
    # Frozen: the one place that says where the record came from.
    object.__setattr__(course, "file", file)
    return course


def _parse(file: Path) -> dict[str, Any]:
    """Read TOML; what cannot be read or parsed is reported with file and line."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or "an error").lower()
        raise CourseError(
            str(file), "", f"'{reason}' on opening", "a readable file", "Check the path."
        ) from None
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise CourseError(
            str(file), f"line {line}", "bytes that are not UTF-8", "text", "Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        text = str(error)
        at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", text)
        line = int(at[1]) if at and at[1] else len(file.read_text("utf-8").splitlines())
        found = text[: at.start()] if at else text
        raise CourseError(
            str(file), f"line {line}", f"'{found}'", "TOML", "Mend that line or the one before it."
        ) from None


class _Reader:
    """Turns parsed TOML into records by their annotations, and says what does not fit."""

    def __init__(self, file: str) -> None:
        self.file = file

    def record(self, kind: type, table: Any, key: str) -> Any:
        """Build one dataclass from one table, strictly."""
        if not isinstance(table, dict):
            self.fail(key, table, "a table", "Write its keys below a [header].")
        hints = get_type_hints(kind)
        known = {
            part.name: part for part in fields(kind) if kind is not Course or part.name != "file"
        }
        self.check_names(table, known, key)
        return kind(
            **{
                name: self.value(hints[name], value, f"{key}.{name}" if key else name)
                for name, value in table.items()
            }
        )

    def check_names(self, table: dict[str, Any], known: dict[str, Any], key: str) -> None:
        """Refuse unknown keys, with the nearest known one, and report missing ones."""
        prefix = f"{key}." if key else ""
        for name in table:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                meant = f"Did you mean '{close[0]}'?" if close else "Remove it."
                expected = "one of " + ", ".join(known)
                raise CourseError(self.file, prefix + name, "an unknown key", expected, meant)
        for name, part in known.items():
            if name not in table and part.default is MISSING:
                remedy = f"Add '{name} = ...'" + (f" to {key}." if key else " to the file.")
                raise CourseError(self.file, prefix + name, "nothing", "this key", remedy)

    def value(self, hint: Any, value: Any, key: str) -> Any:
        """Check one value against its annotation."""
        if get_origin(hint) is tuple:
            if not isinstance(value, list):
                self.fail(key, value, "a list", "Put it in [brackets].")
            inner = get_args(hint)[0]
            return tuple(self.value(inner, one, f"{key}[{i}]") for i, one in enumerate(value))
        if is_dataclass(hint):
            return self.record(hint, value, key)  # type: ignore[arg-type]
        kind = next(one for one in (*get_args(hint), hint) if one is not type(None))
        # TOML's true is a Python int, and its date with a time is a Python date: neither will do.
        fits = type(value) is kind or (kind is float and type(value) is int)
        if not fits:
            self.fail(key, value, _WORDS[kind], f"Write it like this: {_SAMPLES[kind]}.")
        if value == "" or (kind is str and not value.strip()):
            self.fail(key, value, "words", "Fill it in.")
        return value

    def fail(self, key: str, value: Any, expected: str, remedy: str) -> None:
        """Raise with the value as TOML would show it."""
        shown = value.isoformat() if isinstance(value, date | datetime | time) else repr(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        raise CourseError(self.file, key, shown, expected, remedy)


_WORDS = {
    bool: "true or false",
    str: "a string",
    int: "a whole number",
    float: "a number",
    date: "a date",
    time: "a time of day",
}
_SAMPLES = {
    bool: "true",
    str: '"words"',
    int: "3",
    float: "7.5",
    date: "2024-10-10",
    time: "17:00:00",
}
