"""Tests of autograder.deadlines: due times on a wall clock, and whole days after them."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.deadlines import Deadline, DeadlineError, days_late, deadlines, later, moment
from cmp784 import course
from tests.autograder.late_course import syllabus_text

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
NEW_YORK, APIA = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
QUARTER = timedelta(minutes=15)


@pytest.fixture
def load(tmp_path):
    """Load the syllabus with two assignments and something replaced."""

    def load(*changes):
        (tmp_path / "course.toml").write_text(syllabus_text(*changes), "utf-8")
        return course.load(tmp_path)

    return load


def due_at(*wall, zone=ISTANBUL):
    """Build a deadline from what the wall clock shows."""
    when = datetime(*wall)
    return Deadline("practical1", moment(when.date(), when.time(), zone))


def utc(text):
    """Read a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_day_without_a_time_ends_with_its_last_second(load):
    """The course's own practicals are due at the end of the day, in Istanbul."""
    assert [(one.assignment, one.at.isoformat()) for one in deadlines(load())] == [
        ("practical1", "2024-10-24T23:59:59+03:00"),
        ("practical2", "2024-11-14T23:59:59+03:00"),
    ]


def test_due_time_is_that_of_the_course_s_zone(load):
    """A time in the syllabus is what clocks show there, in winter and in summer."""
    syllabus = load(
        ("Europe/Istanbul", "America/New_York"),
        ("due = 2024-10-24", "due = 2024-10-24\ndue_time = 17:00:00"),
    )

    assert [one.at.astimezone(UTC).isoformat() for one in deadlines(syllabus)] == [
        "2024-10-24T21:00:00+00:00",
        "2024-11-15T04:59:59+00:00",
    ]


def test_deadlines_come_by_time_of_day_then_by_name(load):
    """Two assignments of one day are ordered by their hours; of one moment, by their names."""
    same = ("due = 2024-11-14", "due = 2024-10-24")
    earlier = ("due = 2024-11-14", "due = 2024-10-24\ndue_time = 12:00:00")

    assert [one.assignment for one in deadlines(load(same))] == ["practical1", "practical2"]
    assert [one.assignment for one in deadlines(load(earlier))] == ["practical2", "practical1"]


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        ((2024, 3, 31), time(2, 30), BERLIN, "2024-03-31T01:30:00+00:00"),
        ((2024, 10, 27), time(2, 30), BERLIN, "2024-10-27T01:30:00+00:00"),
        ((2024, 3, 10), time(2, 30), NEW_YORK, "2024-03-10T07:30:00+00:00"),
        ((2024, 11, 3), time(1, 30), NEW_YORK, "2024-11-03T06:30:00+00:00"),
        ((2016, 3, 27), time(3, 30), ISTANBUL, "2016-03-27T01:30:00+00:00"),
        ((2024, 3, 31), time(3, 30), ISTANBUL, "2024-03-31T00:30:00+00:00"),
    ],
    ids=["gap", "twice", "gap, New York", "twice, New York", "old summer time", "no more of it"],
)
def test_odd_wall_times_favour_the_student(day, clock, zone, expected):
    """A time left out comes after the change; of a time that comes twice, the second counts."""
    assert moment(date(*day), clock, zone).astimezone(UTC).isoformat() == expected


@pytest.mark.parametrize(
    ("came", "days"),
    [
        ("2024-10-24T13:59:59", 0),
        ("2024-10-24T14:00:00", 0),
        ("2024-10-24T14:15:00", 0),
        ("2024-10-24T14:15:00.999", 0),
        ("2024-10-24T14:15:01", 1),
        ("2024-10-25T14:15:00", 1),
        ("2024-10-25T14:15:01", 2),
        ("2024-10-29T14:00:00", 5),
        ("2025-10-24T14:00:00", 365),
        ("1999-01-01T00:00:00", 0),
    ],
)
def test_days_are_rounded_up_after_the_grace(came, days):
    """Due at 17:00 with 15 minutes: each boundary is the last second that still counts."""
    assert days_late(due_at(2024, 10, 24, 17), utc(came), QUARTER) == days


def test_end_of_day_without_grace_counts_its_last_second():
    """The last second belongs to the day, midnight does not."""
    due = due_at(2024, 10, 24, 23, 59, 59)

    assert days_late(due, utc("2024-10-24T20:59:59.5")) == 0
    assert days_late(due, utc("2024-10-24T21:00:00")) == 1


def test_day_of_25_hours_is_one_day():
    """Clocks in Berlin went back on 27 October: from 17:00 to 17:00 it was 25 hours."""
    due = due_at(2024, 10, 26, 17, zone=BERLIN)

    assert days_late(due, utc("2024-10-26T15:00:00")) == 0
    assert days_late(due, utc("2024-10-27T16:00:00")) == 1
    assert days_late(due, utc("2024-10-27T16:00:01")) == 2


def test_day_of_23_hours_is_one_day():
    """Clocks in New York went forward on 10 March: from 17:00 to 17:00 it was 23 hours."""
    due = due_at(2024, 3, 9, 17, zone=NEW_YORK)

    assert days_late(due, utc("2024-03-10T21:00:00")) == 1
    assert days_late(due, utc("2024-03-10T21:00:01")) == 2


def test_day_that_a_calendar_left_out_costs_nothing():
    """Samoa had no 30 December 2011."""
    due = due_at(2011, 12, 29, 12, zone=APIA)

    assert days_late(due, datetime(2011, 12, 31, 12, tzinfo=APIA)) == 1


def test_zone_of_the_hand_in_does_not_matter():
    """One moment, told by three clocks."""
    due = due_at(2024, 10, 24, 17)
    came = utc("2024-10-25T14:15:01")
    clocks = [UTC, NEW_YORK, timezone(timedelta(hours=5, minutes=45))]

    assert [days_late(due, came.astimezone(zone), QUARTER) for zone in clocks] == [2, 2, 2]


def test_fixed_offset_of_a_deadline_works_too():
    """A deadline need not come from a syllabus."""
    due = Deadline("x", datetime(2024, 10, 24, 17, tzinfo=timezone(timedelta(hours=3))))

    assert days_late(due, utc("2024-10-25T14:00:00")) == 1


def test_time_without_zone_is_refused():
    """A naive time, as the gradebook has it, must be told to be UTC, not guessed."""
    with pytest.raises(DeadlineError, match=r"practical1: 2024-10-24 .*no time zone.*tzinfo=UTC"):
        days_late(due_at(2024, 10, 24, 17), datetime(2024, 10, 24))


@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)),
    st.timedeltas(timedelta(days=-3), timedelta(days=40)),
    st.sampled_from([ISTANBUL, BERLIN, NEW_YORK, APIA]),
    st.integers(0, 1439),
)
def test_days_late_is_the_least_number_that_fits(wall, after, zone, minutes):
    """Compared with the definition, over changes of clocks."""
    at = moment(wall.date(), wall.time().replace(microsecond=0), zone)
    came, grace = (at.astimezone(UTC) + after).replace(microsecond=0), timedelta(minutes=minutes)

    n = days_late(Deadline("x", at), came, grace)

    fits = [came <= later(at, days).astimezone(UTC) + grace for days in range(n + 1)]
    assert fits == [False] * n + [True]
