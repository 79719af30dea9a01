"""Attempts: what is known of each hand-in of a student, and which of them is the newest."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

#: How a moment is written in a record.
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Attempt:
    """One hand-in, as it is remembered.

    Parameters
    ----------
    digest
        Of all its files.
    submitted
        When, in UTC; None if not known.
    source
        Where that time stands.
    rank
        Orders attempts without times, within one platform.
    platform, archive, entry
        Where it came from.
    late
        Whether the platform marks it late.
    problem
        Why it cannot be graded; empty if it can.
    files
        SHA-256 of each file.
    """

    digest: str
    submitted: datetime | None = None
    source: str = ""
    rank: int | None = None
    platform: str = ""
    archive: str = ""
    entry: str = ""
    late: bool = False
    problem: str = ""
    files: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def folder(self) -> str:
        """Name of its folder in the archive: the time in UTC, where known.

        Examples
        --------
        >>> Attempt("4af2", datetime(2024, 10, 24, 20, 55, 12, tzinfo=UTC)).folder
        '2024-10-24T20-55-12Z'
        """
        if self.submitted:
            return f"{self.submitted.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"
        return f"attempt-{self.rank}" if self.rank is not None else f"undated-{self.digest[:8]}"

    def as_json(self) -> dict[str, Any]:
        """Give the fields as plain data."""
        moment = self.submitted.astimezone(UTC).strftime(_MOMENT) if self.submitted else None
        return asdict(self) | {"submitted": moment}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Attempt":
        """Read an attempt as `as_json` gives it."""
        moment = fields.get("submitted")
        submitted = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC) if moment else None
        return cls(**fields | {"submitted": submitted})


def merged(known: Iterable[Attempt], new: Iterable[Attempt]) -> list[Attempt]:
    """Add attempts to those that are known already; the order of adding does not matter.

    The same files at the same time are one attempt. Files without a time are the attempt with
    the same files whose time is known; files handed in again without a time keep the later rank.
    """
    result: list[Attempt] = []
    # Attempts with times first: one without a time joins those that have one.
    everything = sorted([*known, *new], key=lambda attempt: attempt.submitted is None)
    for attempt in everything:
        for place, other in enumerate(result):
            same = attempt.submitted in (other.submitted, None)
            if same and attempt.digest == other.digest:
                result[place] = _both(other, attempt)
                break
        else:
            result.append(attempt)
    return sorted(result, key=_order)


def _both(one: Attempt, other: Attempt) -> Attempt:
    """Join two records of one attempt."""
    ranks = [attempt.rank for attempt in (one, other) if attempt.rank is not None]
    same = one.platform == other.platform
    rank = max(ranks, default=None) if same else one.rank
    return replace(one, rank=rank, late=one.late or other.late)


def _order(attempt: Attempt) -> tuple[bool, float, int, str]:
    """Sort attempts for a record: without times first, then by time, rank and digest."""
    seconds = attempt.submitted.timestamp() if attempt.submitted else 0.0
    return attempt.submitted is not None, seconds, attempt.rank or 0, attempt.digest


def is_newer(one: Attempt, other: Attempt) -> bool | None:
    """Tell whether one attempt came after another; None if nothing tells.

    Times decide; where they are equal, or both are missing, the platform's numbers do.
    """
    if (one.submitted is None) != (other.submitted is None):
        return None
    if one.submitted != other.submitted:
        assert one.submitted
        assert other.submitted
        return one.submitted > other.submitted
    if one.platform != other.platform or one.rank == other.rank:
        return None
    if one.rank is None or other.rank is None:
        return None
    return one.rank > other.rank


def newest(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Give the newest attempt; several where nothing tells which it is.

    Examples
    --------
    >>> first = Attempt("a", rank=1, platform="canvas")
    >>> second = Attempt("b", rank=2, platform="canvas")
    >>> [attempt.digest for attempt in newest([first, second])]
    ['b']
    """
    everything = list(attempts)
    return [one for one in everything if not any(is_newer(other, one) for other in everything)]
