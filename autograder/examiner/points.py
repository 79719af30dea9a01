"""How many points a test cell gives that ran to its end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The output type under which a test cell shows points check by check.
MIME = "application/vnd.cmp784.points+json"


@dataclass(frozen=True)
class Award:
    """The points of a test, what the student is told, and what is wrong with the test itself."""

    points: float
    message: str = ""
    error: str = ""


def award(text: str | None, checks: Any, most: float) -> Award:
    """Return what a test gives that ran to its end.

    Parameters
    ----------
    text
        The plain text of its last value, None where it has none. As in nbgrader, a number is
        partial credit, and anything else is full marks.
    checks
        What it showed as `MIME` or returned as ``{"checks": ...}``, None for nothing; see `add`.
    most
        What the test can give.

    Examples
    --------
    >>> award("1.5", None, 2.0)
    Award(points=1.5, message='', error='')
    >>> award("'fine'", None, 2.0).points
    2.0
    >>> award(None, [{"name": "empty list", "points": 0, "of": 1}, {"name": "b", "points": 1}], 2.0)
    Award(points=1.0, message='empty list: 0 of 1', error='')
    """
    if checks is not None:
        return add(checks, most)
    if text is None:
        return Award(most)
    try:
        points = float(text)
    except ValueError:
        return Award(most)
    if math.isnan(points) or points > most:
        return Award(0.0, error=f"its last value is {text}, expected a number from 0 to {most:g}.")
    # Below zero nbgrader gives full marks, and says that this is strange.
    return Award(max(points, 0.0))


def add(checks: Any, most: float) -> Award:
    """Return the sum of points that a test gives check by check.

    Parameters
    ----------
    checks
        A list of ``{"name": str, "points": number}``, each with ``"of"`` where not all is given.
    most
        What all checks give together.
    """
    if isinstance(checks, Mapping):
        checks = checks.get("checks")
    if not isinstance(checks, Sequence) or isinstance(checks, str):
        return Award(0.0, error=f"its checks are {type(checks).__name__}, expected a list.")
    total, missed = 0.0, []
    for check in checks:
        name, points = (check.get("name"), check.get("points")) if _is_check(check) else (None, 0.0)
        if name is None or points is None:
            return Award(0.0, error='a check is not {"name": text, "points": number}.')
        total += float(points)
        of = check.get("of")
        if isinstance(of, int | float) and points < of:
            missed.append(f"{name}: {points:g} of {of:g}")
    if not 0 <= total <= most + 1e-9:
        return Award(0.0, error=f"its checks give {total:g} points, expected 0 to {most:g}.")
    return Award(min(total, most), "\n".join(missed))


def _is_check(check: Any) -> bool:
    return (
        isinstance(check, Mapping)
        and isinstance(check.get("name"), str)
        and isinstance(check.get("points"), int | float)
        and math.isfinite(check["points"])
    )
