"""How marks and counts are rounded and written, the same wherever they are shown."""

from decimal import Decimal
from fractions import Fraction
from math import floor


def rounded(number: Fraction, decimals: int) -> Decimal:
    """Round a number of 0 or more, halves up.

    Examples
    --------
    >>> rounded(Fraction("84.5"), 0), rounded(Fraction(2, 3), 2)
    (Decimal('85'), Decimal('0.67'))
    """
    return Decimal(floor(number * 10**decimals + Fraction(1, 2))).scaleb(-decimals)


def number(value: float | Fraction | Decimal | None) -> str:
    """Write a number with a point and at most two digits after it, halves up; None is empty.

    Examples
    --------
    >>> number(100.0), number(94.125), number(Fraction(2, 3)), number(None)
    ('100', '94.13', '0.67', '')
    """
    return "" if value is None else f"{rounded(Fraction(value), 2).normalize():f}"


def count(amount: int, one: str, many: str = "") -> str:
    """Write a number of things.

    Examples
    --------
    >>> count(1, "page"), count(2, "page"), count(0, "penalty", "penalties")
    ('1 page', '2 pages', '0 penalties')
    """
    return f"{amount} {one if amount == 1 else many or one + 's'}"
