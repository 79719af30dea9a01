"""Compare a value with the one expected: its shape, its number type, its values."""

import math
from typing import Any

import numpy as np

from cmp784.checks import diagnosis
from cmp784.checks.arrays import as_array, as_real, dtype_name, is_several, same
from cmp784.checks.mistakes import Mistake, listed, number, pair, place, short
from cmp784.checks.shapes import wrong_shape

#: Relative and absolute tolerance by the coarser number type of the two.
TOLERANCES = {"half": (1e-2, 1e-3), "single": (1e-4, 1e-6), "double": (1e-5, 1e-8)}


def close(
    value: Any,
    expected: Any,
    *,
    name: str = "your result",
    rtol: float | None = None,
    atol: float | None = None,
    batch: int | None = None,
) -> None:
    """Check shape and values within a tolerance, and name the likely mistake.

    Parameters
    ----------
    value
        What the student computed: a number, list, array or tensor, or a tuple or dict of those.
    expected
        The right one. Not a number counts as equal to itself.
    name
        What is compared, for the message.
    rtol, atol
        Tolerance: ``|value - expected| <= atol + rtol * |expected|``. Left out, it follows the
        coarser of the two number types; whole numbers must agree exactly.
    batch
        The number of samples, so that a mean taken for a sum can be named.

    Raises
    ------
    Mistake
        When they differ.

    Examples
    --------
    >>> close([0.1 + 0.2], [0.3])
    >>> close([-1.0, 2.0, -3.0], [1.0, -2.0, 3.0], name="gradient")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: gradient: the values are wrong.
    3 of 3 values differ, first at [0]: yours is -1, expected is 1.
    It looks as if the sign is flipped.
    Look for a minus sign that is missing or written twice.
    """
    if isinstance(expected, dict) or is_several(expected):
        options = {"rtol": rtol, "atol": atol, "batch": batch}
        _each(value, expected, name, lambda v, e, n: close(v, e, name=n, **options))  # type: ignore[arg-type]
        return
    found, wanted = as_array(value, name), as_array(expected, "the expected value")
    if found.shape != wanted.shape:
        raise wrong_shape(found.shape, wanted.shape, name, found, wanted)
    chosen = _tolerance(dtype_name(value, name), dtype_name(expected, name))
    limits = (chosen[0] if rtol is None else rtol, chosen[1] if atol is None else atol)
    if not diagnosis.near(found, wanted, *limits):
        raise _value_mistake(found, wanted, name, limits, batch)


def equal(value: Any, expected: Any, *, name: str = "your result") -> None:
    """Check that two values are exactly equal: numbers, arrays, text, lists, dicts, sets.

    Parameters
    ----------
    value, expected
        What the student computed, and the right one. ``True`` equals 1, and 2.0 equals 2.
    name
        What is compared, for the message.

    Raises
    ------
    Mistake
        When they differ.

    Examples
    --------
    >>> equal(["a", "b"], ["a", "b"])
    >>> equal("Ankara ", "Ankara", name="capital")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: capital: not the expected text.
    Yours is 'Ankara ', expected is 'Ankara'.
    They differ only in spaces at the ends.
    Try .strip().
    """
    if isinstance(expected, str):
        _equal_text(value, expected, name)
    elif isinstance(expected, dict) or is_several(expected):
        _each(value, expected, name, lambda v, e, n: equal(v, e, name=n))
    elif expected is None or _not_numbers(expected):
        if not _plainly_equal(value, expected):
            raise Mistake(
                f"{name}: not the expected value.",
                f"Yours is {short(value)}, expected is {short(expected)}.",
            )
    else:
        found, wanted = as_array(value, name), as_array(expected, "the expected value")
        if found.shape != wanted.shape:
            raise wrong_shape(found.shape, wanted.shape, name, found, wanted)
        if not np.array_equal(found, wanted, equal_nan=True):
            raise _value_mistake(found, wanted, name, (0.0, 0.0), None)


def between(value: Any, low: float, high: float, *, name: str = "your result") -> None:
    """Check that every number lies between two bounds, which belong to the range.

    Parameters
    ----------
    value
        A number, list, array or tensor.
    low, high
        The bounds, inclusive; ``math.inf`` for an open end.
    name
        What is compared, for the message.

    Raises
    ------
    Mistake
        When a number lies outside or is not a number, or there is none.

    Examples
    --------
    >>> between(0.93, 0.9, 1.0)
    >>> between(93.0, 0.9, 1.0, name="accuracy")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: accuracy: outside the range from 0.9 to 1.
    Yours is 93.
    It looks as if yours is in percent.
    Divide by 100.
    """
    found = as_real(value, name)
    wrong = ~((found >= low) & (found <= high))
    if not wrong.any():
        return
    index = tuple(np.argwhere(wrong)[0])
    worst = found[index]
    where = f" at {place(index)}; {wrong.sum()} of {found.size} lie outside" if index else ""
    likely, step = "", ""
    if high == 1 and not math.isnan(worst) and np.all((found / 100 >= low) & (found / 100 <= 1)):
        likely, step = "It looks as if yours is in percent.", "Divide by 100."
    elif math.isnan(worst):
        likely, step = diagnosis.NOT_A_NUMBER
    raise Mistake(
        f"{name}: outside the range from {number(float(low))} to {number(float(high))}.",
        f"Yours is {number(worst)}{where}.",
        likely,
        step,
    )


def unchanged(before: Any, after: Any, *, name: str = "the input") -> None:
    """Check that a value was not changed in place.

    Parameters
    ----------
    before
        A copy, made before the student's function ran.
    after
        The same object afterwards: an array, tensor, list, dict.
    name
        What it is called in the message.

    Raises
    ------
    Mistake
        When they differ in type, shape, number type or any value.

    Examples
    --------
    >>> unchanged([1, 2], [1, 2])
    >>> unchanged([3, 1], [1, 3], name="scores")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: scores: your function changed it in place.
    Before: [3, 1]. After: [1, 3].
    Work on a copy: .clone() in torch, .copy() in numpy; avoid +=, .sort() and names ending in _.
    """
    if not same(before, after):
        raise Mistake(
            f"{name}: your function changed it in place.",
            f"Before: {short(before)}. After: {short(after)}.",
            step="Work on a copy: .clone() in torch, .copy() in numpy; "
            "avoid +=, .sort() and names ending in _.",
        )


def _each(value: Any, expected: Any, name: str, compare: Any) -> None:
    """Compare a tuple, list or dict of results part by part."""
    keyed = isinstance(expected, dict)
    if (keyed and not isinstance(value, dict)) or (
        not keyed and not isinstance(value, list | tuple)
    ):
        what = f"a dict with {len(expected)} keys" if keyed else f"{len(expected)} results"
        as_array(value, name) if value is None else None
        raise Mistake(f"{name}: expected {what}, found one {type(value).__name__}.")
    if keyed:
        missing = [repr(key) for key in expected if key not in value]
        extra = [repr(key) for key in value if key not in expected]
        if missing or extra:
            seen = [f"Missing: {listed(missing)}."] * bool(missing)
            seen += [f"Not expected: {listed(extra)}."] * bool(extra)
            raise Mistake(f"{name}: the keys are wrong.", " ".join(seen))
        for key in expected:
            compare(value[key], expected[key], f"{name}, {key!r}")
        return
    if len(value) != len(expected):
        raise Mistake(f"{name}: expected {len(expected)} results, found {len(value)}.")
    for count, (mine, right) in enumerate(zip(value, expected, strict=True), start=1):
        compare(mine, right, f"{name}, part {count} of {len(expected)}")


def _equal_text(value: Any, expected: str, name: str) -> None:
    if isinstance(value, str) and value == expected:
        return
    if not isinstance(value, str):
        raise Mistake(f"{name}: expected text, found {short(value)}.", f"Expected is {expected!r}.")
    likely, step = "", ""
    if value.strip() == expected.strip():
        likely, step = "They differ only in spaces at the ends.", "Try .strip()."
    elif value.casefold() == expected.casefold():
        likely = "They differ only in capital letters."
    elif value == expected[::-1]:
        likely = "It looks as if yours is written backwards."
    seen = f"Yours is {short(value)}, expected is {short(expected)}."
    raise Mistake(f"{name}: not the expected text.", seen, likely, step)


def _not_numbers(expected: Any) -> bool:
    try:
        as_array(expected, "expected")
    except Mistake:
        return True
    return False


def _plainly_equal(value: Any, expected: Any) -> bool:
    try:
        return bool(value == expected)
    except Exception:  # arrays and foreign objects may refuse to be compared
        return False


def _tolerance(first: str, second: str) -> tuple[float, float]:
    names = (first, second)
    if any(name in ("float16", "bfloat16") or name.startswith("float8") for name in names):
        return TOLERANCES["half"]
    if any(name in ("float32", "complex64") for name in names):
        return TOLERANCES["single"]
    whole = all(name.startswith(("int", "uint", "bool")) for name in names)
    return (0.0, 0.0) if whole else TOLERANCES["double"]


def _value_mistake(
    found: np.ndarray,
    wanted: np.ndarray,
    name: str,
    limits: tuple[float, float],
    batch: int | None,
) -> Mistake:
    wrong = ~diagnosis.near_each(found, wanted, *limits)
    index = tuple(np.argwhere(wrong)[0])
    mine, right = pair(found[index], wanted[index])
    problem = f"{name}: the value{'s are' if index else ' is'} wrong."
    seen = f"yours is {mine}, expected is {right}."
    if index:
        seen = f"{wrong.sum()} of {wrong.size} values differ, first at {place(index)}: {seen}"
    else:
        seen = seen[0].upper() + seen[1:]
    return Mistake(problem, seen, *diagnosis.of_values(found, wanted, limits, batch, wrong))
