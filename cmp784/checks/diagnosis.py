"""Name the likely mistake, and only when the evidence is exact.

Each rule transforms what the student returned and holds the outcome against what was expected. A
rule speaks only when its transformation makes the whole result right, and when such an agreement
could not come about by chance (a table of zeros and ones has too few values to tell a shift).
"""

from collections.abc import Callable, Iterator

import numpy as np

#: What is likely, and what to do next.
Advice = tuple[str, str]

NONE: Advice = ("", "")
NOT_A_NUMBER: Advice = (
    "Yours is not a number (nan).",
    "Look for 0/0, log of a negative number, or inf - inf.",
)
INFINITE: Advice = (
    "Yours is infinite.",
    "Look for a division by zero, log(0), or exp of a large number: subtract the maximum first.",
)
TRANSPOSED: Advice = (
    "It looks as if your result is transposed.",
    "Try .T, or exchange the two factors of the product.",
)

#: Below this size a rule that compares all rows with each other is quick.
_MANY_ROWS = 5000


def near_each(
    found: np.ndarray, wanted: np.ndarray, rtol: float = 1e-5, atol: float = 1e-8
) -> np.ndarray:
    """Return where two arrays agree; not-a-number agrees with itself, infinity with its sign."""
    if rtol == atol == 0.0:
        same = found == wanted
        return same | ((found != found) & (wanted != wanted))
    return np.isclose(_wide(found), _wide(wanted), rtol=rtol, atol=atol, equal_nan=True)


def _wide(values: np.ndarray) -> np.ndarray:
    """Return double precision, in which differences of small unsigned numbers do not wrap."""
    return values.astype(complex if values.dtype.kind == "c" else float)


def near(found: np.ndarray, wanted: np.ndarray, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Tell whether two arrays have one shape and agree everywhere.

    Examples
    --------
    >>> near(np.array([1.0, np.nan]), np.array([1.0 + 1e-9, np.nan]))
    True
    """
    return found.shape == wanted.shape and bool(near_each(found, wanted, rtol, atol).all())


def of_values(
    found: np.ndarray,
    wanted: np.ndarray,
    limits: tuple[float, float],
    batch: int | None,
    wrong: np.ndarray,
) -> Advice:
    """Return the likely mistake behind wrong values of the right shape.

    Parameters
    ----------
    found, wanted
        Arrays of one shape that differ.
    limits
        Relative and absolute tolerance.
    batch
        The number of samples, if known.
    wrong
        Where they differ.
    """
    broken = wrong & ~np.isfinite(found) & np.isfinite(wanted)
    if broken.any():
        return NOT_A_NUMBER if np.isnan(found[broken]).any() else INFINITE
    if found.dtype.kind == "c" and wanted.dtype.kind != "c":
        return "Yours is complex.", "Take .real, or look for the root of a negative number."
    if not np.isfinite(wanted).all():
        return NONE
    mine, right = _wide(found), _wide(wanted)
    close = _Closeness(limits, right)
    for rule in (_sign, _factor, _offset, _function, _arrangement, _rounding):
        for advice in rule(mine, right, close, batch):
            return advice
    return _where_wrong(wrong)


class _Closeness:
    """Whether a transformed result is right: within tolerance, and not for lack of values."""

    def __init__(self, limits: tuple[float, float], right: np.ndarray) -> None:
        # An exact comparison still has to forgive the rounding of the transformation itself.
        self.limits = max(limits[0], 1e-9), max(limits[1], 1e-12)
        size = np.abs(right).max() if right.size else 0.0
        self.meaningful = bool(size > 10 * self.limits[1])
        # Values that the tolerance does not tell apart are one value.
        gap = self.limits[1] + self.limits[0] * size
        flat = np.sort(right.ravel()) if right.dtype.kind != "c" else np.sort(right.ravel().real)
        self.distinct = int((np.diff(flat) > 2 * gap).sum()) + 1 if right.size else 0

    def __call__(self, made: np.ndarray, right: np.ndarray) -> bool:
        return self.meaningful and near(made, right, *self.limits)


Rule = Callable[[np.ndarray, np.ndarray, _Closeness, int | None], Iterator[Advice]]


def _sign(
    mine: np.ndarray, right: np.ndarray, close: _Closeness, batch: int | None
) -> Iterator[Advice]:
    if close(-mine, right):
        yield (
            "It looks as if the sign is flipped.",
            "Look for a minus sign that is missing or written twice.",
        )
    if right.size > 1 and set(np.unique(right)) == {0.0, 1.0} and close(1 - mine, right):
        yield "It looks as if 0 and 1 are exchanged.", "Turn the comparison or the condition round."


def _factor(
    mine: np.ndarray, right: np.ndarray, close: _Closeness, batch: int | None
) -> Iterator[Advice]:
    """Name a constant factor; a single number has one with any other, so only 2, 1/2 and batch."""
    biggest = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    if not close.meaningful or mine[biggest] == 0:
        return
    factor = mine[biggest] / right[biggest]
    if np.iscomplexobj(factor) and abs(factor.imag) > 1e-9 * abs(factor):
        return
    factor = float(np.real(factor))
    known = [2.0, 0.5] + ([float(batch), 1 / batch] if batch and batch > 1 else [])
    if close.distinct < 2:
        factor = next((item for item in known if abs(factor / item - 1) < 1e-4), 0.0)
    rounded = _simple(factor)
    if rounded and close(mine / rounded, right):
        yield _factor_words(rounded, mine, batch)
    elif factor and close.distinct > 1 and close(mine / factor, right):
        yield f"All values are off by the same factor, {factor:.6g}.", "Where does it come from?"


def _simple(factor: float) -> float:
    """Return a factor as n or 1/n when it is one, else 0."""
    for value, invert in ((factor, False), (1 / factor if factor else 0.0, True)):
        whole = round(value)
        if abs(whole) > 1 and abs(value / whole - 1) < 1e-4:
            return 1 / whole if invert else float(whole)
    return 0.0


def _factor_words(factor: float, mine: np.ndarray, batch: int | None) -> Advice:
    large = abs(factor) > 1
    size = round(factor if large else 1 / factor)
    relation = f"{size} times too large" if large else f"{size} times too small"
    start = f"It looks as if everything is {relation}"
    if size == batch:
        what = "sum was taken where the mean" if large else "mean was taken where the sum"
        return (
            f"{start}, the size of the batch: a {what} over the batch is expected.",
            "Multiply by 1/n once, and only once." if large else "Leave out the division by n.",
        )
    if size in (2, -2):
        ask = "Is a factor 2 too many, or a 1/2 missing?"
        ask = ask if large else "Is a factor 2 missing, as from a square, or a 1/2 too many?"
        return f"{start}.", f"{ask}"
    if size in mine.shape:
        where = f"{start}, and {size} is the size of dimension {mine.shape.index(size)}"
        what = "Is a mean expected, and not a sum?" if large else "Is a sum expected, and no mean?"
        return f"{where}.", what
    what = "sum where a mean is" if large else "mean where a sum is"
    return f"{start}.", f"Did you take a {what} expected, or use a constant twice?"


def _offset(
    mine: np.ndarray, right: np.ndarray, close: _Closeness, batch: int | None
) -> Iterator[Advice]:
    if close.distinct < 3:
        return
    offset = (mine - right).mean()
    if offset and close(mine - offset, right):
        yield (
            f"All values are off by the same amount, {offset:.6g}.",
            "Is a constant, such as a bias or a mean, missing or added twice?",
        )


def _function(
    mine: np.ndarray, right: np.ndarray, close: _Closeness, batch: int | None
) -> Iterator[Advice]:
    """Name a last step that was forgotten or done twice; needs three values to be no accident."""
    if close.distinct < 3 or mine.dtype.kind == "c" or right.dtype.kind == "c":
        return
    with np.errstate(all="ignore"):
        steps = (
            (np.exp(mine), "the logarithm of what is expected", "Take exp at the end, or no log."),
            (np.log(mine), "the exponential of what is expected", "Take the log at the end."),
            (mine**2, "the square root of what is expected", "Leave out the root."),
            (np.sqrt(mine), "the square of what is expected", "Take the square root at the end."),
            (1 / (1 + np.exp(-mine)), "taken before the sigmoid", "Apply the sigmoid at the end."),
            (np.tanh(mine), "taken before the tanh", "Apply tanh at the end."),
            (np.maximum(mine, 0), "taken before the ReLU", "Set the negative values to zero."),
            (np.abs(mine), "the expected one, but with signs", "Take the absolute value."),
            (1 / mine, "1 over what is expected", "Exchange numerator and denominator."),
        )
        for made, what, step in steps:
            if close(made, right):
                yield f"It looks as if yours is {what}.", step
        if mine.ndim and close(_softmax(mine), right):
            yield "It looks as if these are logits.", "Apply the softmax over the last dimension."
        for whole, how in (
            (np.trunc, "cut off"),
            (np.round, "rounded"),
            (np.floor, "rounded down"),
        ):
            if np.array_equal(mine, whole(right)):
                yield (
                    f"It looks as if the decimals were {how}.",
                    "Is // written for /, or is the number type a whole one?",
                )


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _arrangement(
    mine: np.ndarray, right: np.ndarray, close: _Closeness, batch: int | None
) -> Iterator[Advice]:
    """Name values that are right but stand elsewhere; few kinds of values could do so by chance."""
    if right.ndim == 2 and close.distinct > 1 and close(mine.T, right):
        yield TRANSPOSED
    if close.distinct < 4 and not close.distinct == right.size == 3:
        return
    for axis in range(right.ndim):
        if close(np.flip(mine, axis), right):
            yield (
                f"It looks as if the order along dimension {axis} is reversed.",
                f"Flip dimension {axis}.",
            )
    for axis in range(right.ndim):
        yield from _shifted(mine, right, close, axis)
    if right.ndim:
        yield from _repeated(mine, right, close)
        if right.ndim > 1 or close.distinct == right.size:
            yield from _permuted(mine, right, close)


def _shifted(mine: np.ndarray, right: np.ndarray, close: _Closeness, axis: int) -> Iterator[Advice]:
    size = right.shape[axis]
    if size < 4 or _constant(right, axis):
        return
    head, tail = np.arange(size - 1), np.arange(1, size)
    for ours, theirs, way in ((tail, head, "late"), (head, tail, "early")):
        if close(mine.take(ours, axis), right.take(theirs, axis)):
            yield (
                f"It looks as if all values come one step too {way} along dimension {axis}.",
                "Look for an index that is off by one: range(n), range(1, n), [:-1], [1:].",
            )


def _constant(right: np.ndarray, axis: int) -> bool:
    """Tell whether a shift along ``axis`` could not be seen."""
    inner = right.take(np.arange(1, right.shape[axis] - 1), axis)
    return near(inner, np.broadcast_to(inner.take([0], axis), inner.shape))


def _repeated(mine: np.ndarray, right: np.ndarray, close: _Closeness) -> Iterator[Advice]:
    """Name one row repeated for all; the rows that are expected must differ."""
    rows = len(right)
    if rows < 2 or not close(np.broadcast_to(mine[:1], mine.shape), mine):
        return
    for row in range(min(rows, _MANY_ROWS)):
        if close(mine[0], right[row]):
            yield (
                f"It looks as if the result for row {row} is repeated for every row.",
                "Is an index fixed, or the same object put into a list many times?",
            )
            return


def _permuted(mine: np.ndarray, right: np.ndarray, close: _Closeness) -> Iterator[Advice]:
    if len(right) > _MANY_ROWS or mine.dtype.kind == "c" or right.dtype.kind == "c":
        return
    table, target = mine.reshape(len(mine), -1), right.reshape(len(right), -1)
    order, goal = (np.lexsort(item.round(6).T[::-1]) for item in (table, target))
    if not np.array_equal(order, goal) and close(table[order], target[goal]):
        what = "values are" if right.ndim == 1 else "rows are"
        yield (
            f"It looks as if the {what} right but stand in another order.",
            "Is the sorting missing or another one?",
        )


def _rounding(
    mine: np.ndarray, right: np.ndarray, close: _Closeness, batch: int | None
) -> Iterator[Advice]:
    scale = np.abs(right).max() if right.size else 0.0
    if scale and close.limits[0] < 1e-6 and np.abs(mine - right).max() <= 5e-7 * scale:
        yield (
            "The difference has the size of rounding in single precision (float32).",
            "Compute in double: dtype=torch.float64, or np.float64.",
        )


def _where_wrong(wrong: np.ndarray) -> Advice:
    """Return where the wrong values lie, when they lie together: a fact, not a guess."""
    right = wrong.size - wrong.sum()
    if wrong.ndim == 0:
        return "", "Compute this one value by hand, and print each step."
    if right == 0:
        return "", "Compute the first value by hand, and print each step."
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1] > 2:
        if wrong.diagonal().all() and wrong.sum() == len(wrong):
            return "Only the diagonal is wrong.", "Look at how a position meets itself."
        if not wrong.diagonal().any() and wrong.sum() == wrong.size - len(wrong):
            return "Only the diagonal is right.", "Look at how two different positions meet."
    for axis in range(wrong.ndim):
        others = tuple(other for other in range(wrong.ndim) if other != axis)
        lines = np.flatnonzero(wrong.any(axis=others))
        if len(lines) == 1 and wrong.shape[axis] > 2:
            last = " (the last)" if lines[0] == wrong.shape[axis] - 1 else ""
            return (
                f"Only index {lines[0]}{last} of dimension {axis} is wrong.",
                "What is special about it?",
            )
    return "", "Compute the first wrong value by hand, and print each step."
