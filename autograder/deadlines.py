"""When work is due, and how many whole days late it came.

Due times are what a clock on the wall of the course shows. A day later is the same time on the next
date, though clocks may have changed in between: such a day has 23 or 25 hours.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from autograder.errors import AutograderError
from cmp784.course import Course

#: The due time of a day without one: its last second. Lateness starts after it.
END_OF_DAY = time(23, 59, 59)
DAY = timedelta(days=1)


class DeadlineError(AutograderError):
    """A time without a zone: it could be any of some forty moments."""


@dataclass(frozen=True)
class Deadline:
    """When an assignment is due.

    Parameters
    ----------
    assignment
        nbgrader's name of it.
    at
        The last moment in time, in the course's zone.
    """

    assignment: str
    at: datetime


def deadlines(syllabus: Course) -> tuple[Deadline, ...]:
    """List the deadlines of all assignments that nbgrader grades.

    Parameters
    ----------
    syllabus
        What `cmp784.course.load` returned.

    Returns
    -------
    tuple of Deadline
        In the order in which slip days are spent: by due time, then by name.

    Examples
    --------
    >>> from cmp784 import course
    >>> print(deadlines(course.load())[0].at)
    2024-10-24 23:59:59+03:00
    """
    zone = ZoneInfo(syllabus.course.time_zone)
    found = [
        Deadline(part.assignment, moment(part.due, part.due_time or END_OF_DAY, zone))
        for part in syllabus.assignments
        if part.assignment is not None and part.due is not None
    ]
    return tuple(
        sorted(found, key=lambda deadline: (deadline.at.astimezone(UTC), deadline.assignment))
    )


def due_time(syllabus: Course, assignment: str) -> datetime | None:
    """Give the last moment for an assignment; None when the syllabus does not list it."""
    return {one.assignment: one.at for one in deadlines(syllabus)}.get(assignment)


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Give the moment at which a wall clock shows this date and time.

    A time that occurs twice, when clocks go back, is its second occurrence; one that is left out,
    when clocks go forward, is as long after the change as it says. Both favour the student.

    Examples
    --------
    >>> print(moment(date(2024, 3, 31), time(2, 30), ZoneInfo("Europe/Berlin")))
    2024-03-31 03:30:00+02:00
    >>> print(moment(date(2024, 10, 27), time(2, 30), ZoneInfo("Europe/Berlin")))
    2024-10-27 02:30:00+01:00
    """
    readings = (datetime.combine(day, clock.replace(fold=fold), zone) for fold in (0, 1))
    return max(reading.astimezone(UTC) for reading in readings).astimezone(zone)


def later(at: datetime, days: int) -> datetime:
    """Give the same wall time some days later.

    Examples
    --------
    >>> print(later(datetime(2024, 3, 30, 17, tzinfo=ZoneInfo("Europe/Berlin")), 1))
    2024-03-31 17:00:00+02:00
    """
    if not isinstance(at.tzinfo, ZoneInfo):
        return at + days * DAY
    return moment(at.date() + days * DAY, at.time(), at.tzinfo)


def days_late(deadline: Deadline, submitted: datetime, grace: timedelta = timedelta(0)) -> int:
    """Count how many days late work came, rounded up after a grace period.

    Parameters
    ----------
    deadline
        The student's own, with any extension.
    submitted
        When it came, with a zone, whichever. Fractions of a second are forgiven.
    grace
        How long after the due time, and after the same time on each later day, nothing is counted.

    Returns
    -------
    int
        The least n with ``submitted`` not after the due time n days later, and the grace.

    Raises
    ------
    DeadlineError
        When ``submitted`` has no zone.

    Examples
    --------
    >>> due = Deadline("practical1", datetime(2024, 10, 24, 17, tzinfo=ZoneInfo("Europe/Istanbul")))
    >>> days_late(due, datetime(2024, 10, 25, 14, 16, tzinfo=UTC), timedelta(minutes=15))
    2
    """
    if submitted.tzinfo is None:
        raise DeadlineError(
            f"{deadline.assignment}: {submitted} has no time zone. nbgrader's times are UTC: "
            "write time.replace(tzinfo=UTC)."
        )
    came = submitted.astimezone(UTC).replace(microsecond=0)
    # A wall day may have 23 hours: start a little low, then count.
    days = max(0, (came - grace - deadline.at.astimezone(UTC)) // DAY - 1)
    while came > later(deadline.at, days).astimezone(UTC) + grace:
        days += 1
    return days
