"""The report on a class: one HTML page with pictures, readable offline, on a phone and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import mean, median
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder import report_pictures as pictures
from autograder.attention import REMEDIES, Attention, attention
from autograder.class_record import Assignment, ClassRecord, read_class
from autograder.item_analysis import LEAST_STUDENTS, Item, analyse, chance
from autograder.report_pictures import Picture
from autograder.workspace import Workspace
from cmp784.course import Letter

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Summary:
    """What a list of marks says: how many, their mean, median and extremes."""

    n: int
    mean: float
    median: float
    least: float
    greatest: float


@dataclass(frozen=True)
class AssignmentPart:
    """What the report says of one assignment; ``waiting`` marks still lack a person's points."""

    assignment: Assignment
    collected: int
    waiting: int
    summary: Summary | None
    distribution: Picture | None
    items: list[Item]
    questions: Picture | None
    chance: float | None


@dataclass(frozen=True)
class LateRow:
    """One student's late hand-in."""

    student: str
    name: str
    assignment: str
    days_late: int
    slip_days: int
    penalty_percent: float
    extended: bool


@dataclass(frozen=True)
class AttentionRow:
    """What several students or questions have in common."""

    assignment: str
    about: list[str]
    words: str

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.about)


def write_report(workspace: Workspace, output: Path | str | None = None) -> Path:
    """Bring late penalties up to date, and write the report.

    Parameters
    ----------
    workspace
        The course.
    output
        The file; by default ``gradebook/report/index.html``.

    Returns
    -------
    Path
        The page. It holds its pictures, and needs no network and no script.

    Raises
    ------
    AutograderError
        What the roster, the extensions or the marks of other components do not allow.
    """
    path = Path(output) if output else workspace.run_time / "report" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(workspace, datetime.now(UTC)), encoding="utf-8")
    return path


def render(workspace: Workspace, now: datetime) -> str:
    """Return the report as a page, written at ``now``."""
    record = read_class(workspace)
    syllabus = workspace.syllabus
    items = {one.name: analyse(one.scores) for one in record.assignments}
    zone = ZoneInfo(syllabus.course.time_zone)
    shares = final_shares(record)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        course=syllabus.course,
        made=now.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        students=len(record.students),
        names={student.student_id: student.name for student in record.students},
        parts=[_part(record, one, items[one.name]) for one in record.assignments],
        marks=summarise(shares),
        complete=sum(final.total is not None for final in record.finals.values()),
        marks_picture=_distribution(shares, 100, "% of what is known of the course mark"),
        letters=letters(record, syllabus.letters),
        slip_days=_slip_days(record, syllabus.course.slip_days),
        late=late_rows(record),
        attention=grouped(attention(workspace, record, items, now)),
        remedies=REMEDIES,
        least_students=LEAST_STUDENTS,
    )


def summarise(values: Sequence[float]) -> Summary | None:
    """Summarise marks; None when there are none.

    Examples
    --------
    >>> summarise([1.0, 2.0, 6.0])
    Summary(n=3, mean=3.0, median=2.0, least=1.0, greatest=6.0)
    """
    if not values:
        return None
    return Summary(len(values), mean(values), median(values), min(values), max(values))


def final_shares(record: ClassRecord) -> list[float]:
    """Return what each student has of what is known of the course mark, in percent."""
    return [
        float(100 * final.so_far / final.out_of) for final in record.finals.values() if final.out_of
    ]


def letters(record: ClassRecord, table: Sequence[Letter]) -> list[tuple[str, int]]:
    """Count the letters, in the order of the syllabus."""
    earned = [final.letter for final in record.finals.values() if final.letter]
    return [(one.letter, earned.count(one.letter)) for one in table] if earned else []


def late_rows(record: ClassRecord) -> list[LateRow]:
    """List every late hand-in, by student in the order of the roster."""
    return [
        LateRow(
            student.student_id,
            student.name,
            assignment.title,
            charge.days_late,
            charge.slip_days,
            float(100 * (1 - charge.kept)),
            charge.extended,
        )
        for student in record.students
        for assignment in record.assignments
        if (charge := record.charge(student.student_id, assignment)) and charge.days_late
    ]


def grouped(found: Sequence[Attention]) -> dict[str, list[AttentionRow]]:
    """Join what differs in nothing but the student, by kind."""
    rows: dict[str, list[AttentionRow]] = {}
    for kind, of_kind in groupby(found, key=lambda one: one.kind):
        same: dict[tuple[str, str], list[str]] = {}
        for one in of_kind:
            same.setdefault((one.assignment, one.words), []).append(one.about)
        rows[kind] = [AttentionRow(title, who, words) for (title, words), who in same.items()]
    return rows


def _part(record: ClassRecord, assignment: Assignment, items: list[Item]) -> AssignmentPart:
    """Gather what the report says of one assignment."""
    standings = assignment.standings.values()
    values = [one.so_far for one in standings if one.so_far is not None]
    collected = sum(assignment.name in account for account in record.charges.values())
    graded = [item for item in items if item.n]
    n = max((item.n for item in items), default=0)
    return AssignmentPart(
        assignment,
        collected,
        sum(bool(one.waiting) for one in standings if one.so_far is not None),
        summarise(values),
        _distribution(values, assignment.most, f"points in {assignment.title}"),
        items,
        pictures.questions(items) if graded else None,
        chance(n) if n >= LEAST_STUDENTS else None,
    )


def _distribution(values: list[float], most: float, of: str) -> Picture | None:
    return pictures.distribution(values, most, of) if values and most else None


def _slip_days(record: ClassRecord, most: int) -> Picture | None:
    """Draw the slip days that each student of the class has used."""
    accounts = (record.charges.get(one.student_id, {}) for one in record.students)
    used = [sum(charge.slip_days for charge in account.values()) for account in accounts]
    return pictures.slip_days(used, most) if used else None
