"""Measured claims: a sentence, the number that was measured, and the bounds that it must keep.

``claim`` shows one line with a tick or a cross and stores itself in the output of its cell, so that
``read`` finds it again in the executed notebook. There is no second channel.
"""

import html
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from cmp784 import outputs
from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    import nbformat

#: The output type under which a claim lies in a notebook.
MIME = "application/vnd.cmp784.claim+json"


class ClaimError(Cmp784Error, ValueError):
    """A claim that cannot be measured: no bound, no number, or a stored one that is damaged."""


@dataclass(frozen=True)
class Claim:
    """One claim, as measured.

    Parameters
    ----------
    words
        The claim in words, with its unit.
    measured
        One number, or one a seed.
    at_least, at_most
        The bounds, inclusive; at least one of them is given. With several numbers, their mean is
        held against the bounds.
    source
        Paper and figure or table that the claim comes from.
    """

    words: str
    measured: tuple[float, ...]
    at_least: float | None = None
    at_most: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a claim that could not fail."""
        where = f"claim {self.words!r}"
        if not self.measured:
            raise ClaimError(f"{where}: nothing was measured. Pass a number, or one a seed.")
        if self.at_least is None and self.at_most is None:
            raise ClaimError(f"{where}: no bound, so it cannot fail. Give at_least= or at_most=.")
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if any(math.isnan(bound) for bound in bounds):
            raise ClaimError(f"{where}: a bound is not a number.")
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            raise ClaimError(
                f"{where}: at_least={bounds[0]:g} is above at_most={bounds[1]:g}, "
                "so nothing could pass. Exchange them."
            )

    @property
    def mean(self) -> float:
        """Mean of the measured numbers; of infinities too, where ``fmean`` gives up."""
        try:
            return fmean(self.measured)
        except (ValueError, OverflowError):
            return sum(value / len(self.measured) for value in self.measured)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation over the seeds; None for a single number."""
        if len(self.measured) == 1 or not self.finite:
            return None
        try:
            return stdev(self.measured)
        except OverflowError:
            return math.inf

    @property
    def finite(self) -> bool:
        """Whether every measured number is finite."""
        return all(math.isfinite(value) for value in self.measured)

    @property
    def passed(self) -> bool:
        """Whether the mean lies within the bounds; never, when a number is not finite."""
        return self._holds(self.mean)

    @property
    def figure(self) -> str:
        """The measured number as text: ``0.981`` or ``0.981 ± 0.004 (n = 5)``."""
        mean = next(text for text in self._figures if self._holds(float(text)) == self.passed)
        if len(self.measured) == 1:
            return mean
        spread = "" if self.deviation is None else f" ± {self.deviation:.2g}"
        return f"{mean}{spread} (n = {len(self.measured)})"

    @property
    def _figures(self) -> list[str]:
        """The mean as text, with more and more digits, until it tells on which side it lies."""
        return [_short(self.mean, digits) for digits in (4, 6, 9)] + [repr(self.mean)]

    def _holds(self, value: float) -> bool:
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return self.finite and low <= value <= high

    @property
    def expected(self) -> str:
        """The bounds as text: ``at least 0.95``, ``between 1 and 2``."""
        low, high = (
            None if bound is None else _short(bound, 9) for bound in (self.at_least, self.at_most)
        )
        if low is None or high is None:
            return f"at most {high}" if low is None else f"at least {low}"
        return f"exactly {low}" if low == high else f"between {low} and {high}"

    def to_json(self) -> dict[str, Any]:
        """Return the claim as plain data, with its verdict.

        A number that is not finite is stored as text, because JSON has none.
        """
        plain = asdict(self)
        plain["measured"] = [_storable(value) for value in self.measured]
        plain["at_least"], plain["at_most"] = _storable(self.at_least), _storable(self.at_most)
        return {**plain, "passed": self.passed}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Claim":
        """Return the claim that ``to_json`` wrote; the verdict is worked out again.

        Raises
        ------
        ClaimError
            When a field is missing or has the wrong type.
        """
        try:
            bounds = {key: plain.get(key) for key in ("at_least", "at_most")}
            if not isinstance(plain["measured"], list):
                raise TypeError("measured is not a list")
            return cls(
                words=str(plain["words"]),
                measured=tuple(float(value) for value in plain["measured"]),
                source=str(plain.get("source", "")),
                **{key: None if value is None else float(value) for key, value in bounds.items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            shown = json.dumps(plain, default=repr)[:200]
            raise ClaimError(
                f"stored claim is damaged ({type(error).__name__}: {error}): {shown}. "
                "Run its notebook again."
            ) from error

    def to_text(self) -> str:
        """Return the line that a terminal shows."""
        source = f"  [{self.source}]" if self.source else ""
        mark = "✓" if self.passed else "✗"
        return f"{mark} {self.words}: measured {self.figure}, claimed {self.expected}{source}"

    def to_html(self) -> str:
        """Return the line that a notebook shows, readable without colour."""
        colour, mark, word = ("#1a7f37", "✓", "holds") if self.passed else ("#c62828", "✗", "fails")
        source = f"<br><small>{html.escape(self.source)}</small>" if self.source else ""
        return (
            f'<div style="border-left:4px solid {colour};padding:.3em .8em;margin:.3em 0">'
            f'<b style="color:{colour}" role="img" aria-label="claim {word}">{mark}</b> '
            f"{html.escape(self.words)}: measured <b>{html.escape(self.figure)}</b>, "
            f"claimed {html.escape(self.expected)}{source}</div>"
        )


def claim(
    words: str,
    measured: Any,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    source: str = "",
) -> None:
    """Show a measured claim with a tick or a cross, and store it in the cell's output.

    A claim that fails shows its cross and the notebook goes on; under the headless runner it fails
    the run at the scales ``laptop`` and ``gpu``.

    Parameters
    ----------
    words
        The claim in words, with its unit.
    measured
        A number, or a sequence with one number a seed: a list, an array, a tensor. Of several, the
        mean is held against the bounds, and mean ± standard deviation is shown.
    at_least, at_most
        The bounds, inclusive; at least one is needed. Give the same number twice for equality.
    source
        Paper and figure, table or page.

    Raises
    ------
    ClaimError
        When there is no bound, no number, or the bounds exclude everything.

    Examples
    --------
    >>> claim("gates that are right", 3, at_least=3, source="McCulloch and Pitts 1943")
    ✓ gates that are right: measured 3, claimed at least 3  [McCulloch and Pitts 1943]
    """
    made = Claim(
        words,
        _numbers(words, measured),
        _bound(words, "at_least", at_least),
        _bound(words, "at_most", at_most),
        source,
    )
    bundle = {MIME: made.to_json(), "text/html": made.to_html(), "text/plain": made.to_text()}
    outputs.show(bundle)


def read(notebook: "nbformat.NotebookNode | str | Path") -> list[Claim]:
    """Return the claims that an executed notebook holds, in order.

    Parameters
    ----------
    notebook
        The notebook, or the path of its file.

    Raises
    ------
    ClaimError
        When a stored claim is damaged; the message names the cell, counted from 1.
    NotebookError
        When the file is missing or is not a notebook.
    """
    return outputs.read(notebook, MIME, Claim.from_json)


def _numbers(words: str, measured: Any) -> tuple[float, ...]:
    """Return what was measured as plain floats; understands arrays and tensors."""
    if hasattr(measured, "detach"):  # a tensor, of which this module need not know more
        measured = measured.detach().cpu()
    if hasattr(measured, "tolist"):
        measured = measured.tolist()
    values = list(measured) if isinstance(measured, Iterable) else [measured]
    try:
        # Text may look like a number, and a dict or a set has no seeds in order.
        if isinstance(measured, str | bytes | dict | set) or any(
            isinstance(value, str | bytes) for value in values
        ):
            raise TypeError
        return tuple(float(value) for value in values)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise ClaimError(
            f"claim {words!r}: measured is {measured!r}; expected a number, "
            "or a flat sequence with one number a seed."
        ) from None


def _bound(words: str, name: str, value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise ClaimError(f"claim {words!r}: {name} is {value!r}; expected a number.") from None


def _short(value: float, digits: int) -> str:
    """Return a number with some digits, and whole thousands without a power of ten."""
    if 1e3 <= abs(value) < 1e15 and abs(value) >= 10 ** (digits - 1):
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def _storable(value: float | None) -> float | str | None:
    return value if value is None or math.isfinite(value) else str(value)
