"""Times as platforms write them, read into moments; nothing is taken from this machine's clock."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import get_month_names

from autograder.collect.names import folded, plain

#: Languages of a platform's interface whose names of months are known.
LANGUAGES = ("en", "tr", "de", "fr", "es", "it", "nl", "pt")
#: Words for the halves of a day.
_MORNING = {"am", "oo", "öö"}
_AFTERNOON = {"pm", "os", "ös"}

_NUMBERS = re.compile(
    r"(\d{4})\D?(\d\d)\D?(\d\d)(?:[T _-]+|)(\d\d)\D?(\d\d)(?:\D?(\d\d)(?:[.,](\d{1,6})\d*)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)


@cache
def _months() -> dict[str, int]:
    """Map names of months, whole and short, to their numbers."""
    return {
        form: number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
        for form in (folded(name).rstrip("."), plain(name))
    }


def read_time(text: str) -> datetime | None:
    """Read a time in figures or in words.

    Parameters
    ----------
    text
        ``2024-10-24 23:55:12``, ``2024-10-24-23-55-12``, ``2024-10-24T20:55:12Z``,
        ``20241024205512``, ``Oct 24, 2024 1155 PM``, ``24 Ekim 2024 23:55`` and the like.

    Returns
    -------
    datetime or None
        With a zone if the text names one. None if it is no time, or could be two.

    Examples
    --------
    >>> read_time("Oct 24, 2024 905 AM")
    datetime.datetime(2024, 10, 24, 9, 5)
    >>> read_time("10/24/2024") is None
    True
    """
    text = text.strip()
    match = _NUMBERS.fullmatch(text)
    try:
        return _in_figures(match) if match else _in_words(text)
    except (ValueError, OverflowError):
        return None


def _in_figures(match: re.Match[str]) -> datetime:
    """Build a time from figures, largest unit first."""
    *figures, second, fraction, zone = match.groups()
    micros = int((fraction or "0").ljust(6, "0"))
    year, month, day, hour, minute = map(int, figures)
    moment = datetime(year, month, day, hour, minute, int(second or 0), micros)
    if zone is None:
        return moment
    if zone in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=UTC)
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return (moment - offset if zone[0] == "+" else moment + offset).replace(tzinfo=UTC)


def _in_words(text: str) -> datetime | None:
    """Build a time from a date with the month in letters, and a time of day."""
    tokens = re.findall(r"\d+(?:[:.]\d\d)*|[^\W\d_]+(?:\.(?=[^\W\d_]\b))?[^\W\d_]*", folded(text))
    months = {_months()[token] for token in tokens if token in _months()}
    figures = [token for token in tokens if token[0].isdigit()]
    years = [token for token in figures if re.fullmatch(r"(19|20)\d\d", token)]
    if len(months) != 1 or len(figures) != 3 or not years:
        return None
    # The year follows the day, or leads: what is left is the day and then the time of day.
    place = 1 if figures[1] in years else figures.index(years[0])
    year = figures.pop(place)
    day, clock = figures
    halves = {token.replace(".", "") for token in tokens} & (_MORNING | _AFTERNOON)
    hour, minute, second = _clock(clock)
    if halves:
        if not 1 <= hour <= 12 or len(halves) > 1:
            return None
        hour = hour % 12 + (12 if halves <= _AFTERNOON else 0)
    return datetime(int(year), months.pop(), int(day), hour, minute, second)


def _clock(text: str) -> tuple[int, int, int]:
    """Read ``1155``, ``905``, ``23:55`` or ``11:55:12``."""
    if text.isdigit():
        if len(text) not in (3, 4, 6):
            raise ValueError(text)
        text = text.zfill(4)
        parts = [text[place : place + 2] for place in range(0, len(text), 2)]
    else:
        parts = re.split(r"[:.]", text)
    hour, minute, *rest = map(int, parts)
    return hour, minute, rest[0] if rest else 0


def to_utc(moment: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """Give a moment in UTC, and what is odd about it.

    Parameters
    ----------
    moment
        With a zone, or a local time of the platform.
    zone
        The platform's zone: the course's.

    Returns
    -------
    tuple of datetime and str
        The second is empty, or says in words that the clock shows this time twice or never.
        Of the two, the earlier is taken, in the student's favour.

    Examples
    --------
    >>> to_utc(datetime(2024, 10, 24, 23, 55, 12), ZoneInfo("Europe/Istanbul"))[0].isoformat()
    '2024-10-24T20:55:12+00:00'
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC), ""
    first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != moment:
        return min(first, second), f"{moment} is left out by the clock of {zone.key}"
    if first != second:
        return first, f"{moment} comes twice on the clock of {zone.key}; the earlier is taken"
    return first, ""


def stamp(moment: datetime) -> str:
    """Write a moment as nbgrader's ``timestamp.txt`` has it.

    Examples
    --------
    >>> stamp(datetime(2024, 10, 24, 20, 55, 12, tzinfo=UTC))
    '2024-10-24 20:55:12 UTC'
    """
    moment = moment.astimezone(UTC)
    fraction = f".{moment.microsecond:06d}" if moment.microsecond else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} UTC"


def extended_time(extra: bytes) -> datetime | None:
    """Read the time of change, in UTC, from a zip entry's extra fields ``UT`` or ``NTFS``."""
    for kind, field in _extra_fields(extra):
        if kind == 0x5455 and len(field) >= 5 and field[0] & 1:
            seconds = int.from_bytes(field[1:5], "little", signed=True)
            return datetime.fromtimestamp(seconds, UTC)
        if kind == 0x000A and len(field) >= 16:
            ticks = int.from_bytes(field[8:16], "little")
            return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    return None


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Take apart a zip entry's extra fields; a broken one ends the list."""
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        yield kind, extra[4 : 4 + size]
        extra = extra[4 + size :]


def unicode_path(extra: bytes, crc: int) -> bytes | None:
    """Read a zip entry's name in UTF-8 from the extra field that Info-ZIP writes, if it is current.

    Parameters
    ----------
    extra
        All extra fields.
    crc
        CRC-32 of the entry's plain name, which the field must repeat.
    """
    for kind, field in _extra_fields(extra):
        if kind == 0x7075 and field[:1] == b"\1" and field[1:5] == crc.to_bytes(4, "little"):
            return field[5:]
    return None
