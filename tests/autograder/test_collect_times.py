"""Tests of times: as platforms write them, in the course's zone, over changes of the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import get_month_names
from nbgrader.utils import parse_utc

from autograder.collect.times import LANGUAGES, extended_time, read_time, stamp, to_utc

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-10-24 23:55:12", datetime(2024, 10, 24, 23, 55, 12)),
        ("2024-10-24-23-55-12", datetime(2024, 10, 24, 23, 55, 12)),
        ("20241024T235512", datetime(2024, 10, 24, 23, 55, 12)),
        ("2024-10-24T23:55", datetime(2024, 10, 24, 23, 55)),
        ("2024-10-24 20:55:12.5 Z", datetime(2024, 10, 24, 20, 55, 12, 500_000, UTC)),
        ("2024-10-24 13:55:12 -07:00", datetime(2024, 10, 24, 20, 55, 12, tzinfo=UTC)),
        ("Oct 24, 2024 1155 PM", datetime(2024, 10, 24, 23, 55)),
        ("Oct 24, 2024 1200 AM", datetime(2024, 10, 24)),
        ("Oct 24, 2024 1200 PM", datetime(2024, 10, 24, 12)),
        ("13 September 2025 310 PM", datetime(2025, 9, 13, 15, 10)),
        ("Thursday, 24 October 2024, 11:55 PM", datetime(2024, 10, 24, 23, 55)),
        ("Perşembe, 24 Ekim 2024, 23:55", datetime(2024, 10, 24, 23, 55)),
        ("24. Oktober 2024 23:55:12", datetime(2024, 10, 24, 23, 55, 12)),
        ("2024 October 24 2024", datetime(2024, 10, 24, 20, 24)),
    ],
)
def test_time_is_read(text, expected):
    """In figures and in words."""
    assert read_time(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "10/24/2024 11:55 PM", "Oct 32, 2024 1155 PM", "Oct 24, 2024", "Oct 24, 2024 1360 PM",
     "24 Foo 2024 2355", "2024-02-30 10:00:00", "Oct 24, 2024 25", "٢٤ Oct 2024 1155 PM AM"],
)  # fmt: skip
def test_what_is_no_time_or_could_be_two_is_not_guessed(text):
    """Month first or day first, days that do not exist, months that are not known."""
    assert read_time(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_of_every_language_is_itself(language):
    """No name means one month here and another there."""
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, locale=language).items():
            assert read_time(f"24 {name} 2024 2355") == datetime(2024, number, 24, 23, 55)


def test_hour_that_comes_twice_is_the_earlier_one():
    """At the end of summer time, in the student's favour, and said."""
    moment, odd = to_utc(datetime(2024, 10, 27, 2, 30), BERLIN)

    assert moment == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert (
        odd == "2024-10-27 02:30:00 comes twice on the clock of Europe/Berlin; the earlier is taken"
    )


def test_hour_that_never_was_is_said_to_be_none():
    """At the start of summer time."""
    moment, odd = to_utc(datetime(2024, 3, 31, 2, 30), BERLIN)

    assert moment == datetime(2024, 3, 31, 0, 30, tzinfo=UTC)
    assert "left out by the clock" in odd


def test_istanbul_has_no_change_of_the_clock():
    """Always three hours ahead, since 2016."""
    assert to_utc(datetime(2024, 10, 27, 3, 30), ISTANBUL) == (
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
        "",
    )


def test_stamp_is_what_nbgrader_reads():
    """In UTC, with fractions where there are some."""
    moment = datetime(2024, 10, 24, 23, 55, 12, 345_600, ISTANBUL)

    assert stamp(moment) == "2024-10-24 20:55:12.345600 UTC"
    assert parse_utc(stamp(moment)) == datetime(2024, 10, 24, 20, 55, 12, 345_600)


def test_extra_fields_give_utc():
    """Info-ZIP's and Windows's fields; what is broken gives nothing."""
    moment = datetime(2024, 10, 24, 20, 55, 12, tzinfo=UTC)
    seconds = int(moment.timestamp())
    ticks = (seconds + 11_644_473_600) * 10**7
    unix = b"UT\x05\x00\x03" + seconds.to_bytes(4, "little")
    windows = b"\x0a\x00\x20\x00" + bytes(4) + b"\1\0\x18\0" + ticks.to_bytes(8, "little") * 3

    assert extended_time(unix) == moment
    assert extended_time(windows) == moment
    assert extended_time(b"UT\x05\x00\x03") is None
