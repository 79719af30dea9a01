"""Arrays with a promise: rows of probabilities, permutations, one-hot codes, special matrices."""

from typing import Any

import numpy as np

from cmp784.checks import diagnosis
from cmp784.checks.arrays import as_array, as_real
from cmp784.checks.mistakes import Mistake, listed, number, place


def probability_rows(
    value: Any, *, dim: int = -1, name: str = "your probabilities", atol: float = 1e-4
) -> None:
    """Check that the numbers along one dimension are probabilities that sum to 1.

    Parameters
    ----------
    value
        Probabilities, any shape with at least one dimension: usually ``(batch, classes)``.
    dim
        The dimension that sums to 1; the last, when left out.
    name
        What it is called in the message.
    atol
        How far a sum may be from 1.

    Raises
    ------
    Mistake
        Names normalising over another dimension or over the whole table, logarithms and logits.

    Examples
    --------
    >>> probability_rows([[0.25, 0.75], [0.5, 0.5]])
    >>> probability_rows([[0.2, 0.7, 0.3], [0.8, 0.3, 0.7]])
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: your probabilities: the rows do not sum to 1.
    The first sums along dim 1 are 1.2 and 1.8.
    Your rows sum to 1 over the batch: you normalised over dim 0.
    Sum over dim 1, and keep it with keepdim=True.
    """
    found = as_real(value, name).astype(float)
    if not -found.ndim <= dim < found.ndim:
        raise Mistake(f"{name}: has {found.ndim} dimensions, so there is no dim {dim}.")
    axis = dim % found.ndim
    if not np.isfinite(found).all():
        nan = np.isnan(found).any()
        advice = diagnosis.NOT_A_NUMBER if nan else diagnosis.INFINITE
        if np.all(np.isneginf(found) | (found <= 0)) and _sums_to_one(np.exp(found), axis, atol):
            advice = ("It looks as if these are log-probabilities.", "Take exp at the end.")
        raise Mistake(f"{name}: not all numbers are finite.", "", *advice)
    sums = found.sum(axis=axis)
    if found.min() < -atol or not np.allclose(sums, 1, rtol=0, atol=atol):
        raise Mistake(*_probability_words(found, axis, sums, name, atol))


def permutation(value: Any, size: int | None = None, *, name: str = "your order") -> None:
    """Check that each of 0, 1, ..., size - 1 is there exactly once.

    Parameters
    ----------
    value
        Whole numbers, shape ``(size,)``.
    size
        How many there should be; left out, the length of ``value``.
    name
        What it is called in the message.

    Raises
    ------
    Mistake
        Names the numbers that are missing, repeated or outside.

    Examples
    --------
    >>> permutation([2, 0, 1])
    >>> permutation([0, 2, 2])
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: your order: not each of 0 to 2 exactly once.
    Missing: 1. Repeated: 2.
    If you draw at random, draw without replacement: torch.randperm.
    """
    found = as_array(value, name)
    if found.ndim != 1:
        raise Mistake(f"{name}: expected one row of numbers, found the shape {found.shape}.")
    wanted = len(found) if size is None else size
    if not np.isfinite(found).all() or not np.array_equal(found, np.round(found.real)):
        raise Mistake(f"{name}: expected whole numbers, found {listed(found.tolist())}.")
    if np.array_equal(np.sort(found), np.arange(wanted)):
        return
    raise Mistake(
        f"{name}: not each of 0 to {wanted - 1} exactly once.",
        *_permutation_words(found.astype(int), wanted),
    )


def one_hot(
    value: Any, labels: Any = None, *, classes: int | None = None, name: str = "your one-hot code"
) -> None:
    """Check that each row holds a single 1 and zeros else, at the place of its label if given.

    Parameters
    ----------
    value
        Shape ``(batch, classes)``.
    labels
        Whole numbers, shape ``(batch,)``: where the 1 should stand.
    classes
        How many columns there should be.
    name
        What it is called in the message.

    Raises
    ------
    Mistake
        Names the first wrong row, and labels given instead of the code.

    Examples
    --------
    >>> one_hot([[0, 1], [1, 0]], labels=[1, 0])
    >>> one_hot([[0, 1], [1, 1]])
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: your one-hot code: row 1 holds 2 ones, expected is a single 1.
    That row is [1, 1].
    """
    found = as_real(value, name)
    marks = None if labels is None else as_array(labels, "the labels")
    if found.ndim != 2:
        likely = ""
        if found.ndim == 1 and marks is not None and np.array_equal(found, marks):
            likely = "It looks as if these are the labels themselves."
        raise Mistake(
            f"{name}: expected the shape (batch, classes), found {found.shape}.", likely=likely
        )
    if classes is not None and found.shape[1] != classes:
        advice = diagnosis.TRANSPOSED if found.shape[0] == classes else diagnosis.NONE
        seen = f"Yours has {found.shape[1]} columns, expected are {classes}."
        raise Mistake(f"{name}: the number of columns is wrong.", seen, *advice)
    _one_each(found, name)
    if marks is not None:
        _at_labels(found, marks, name)


def symmetric(value: Any, *, name: str = "your matrix", atol: float = 1e-6) -> None:
    """Check that a square matrix equals its transpose.

    Raises
    ------
    Mistake
        Names the first pair that differs.

    Examples
    --------
    >>> symmetric([[1, 2], [2, 1]])
    >>> symmetric([[1, 2], [3, 1]], name="distances")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: distances: not symmetric.
    Value [0, 1] is 2, but [1, 0] is 3.
    """
    found = _square(value, name)
    wrong = ~diagnosis.near_each(found, found.T, 1e-5, atol)
    if not wrong.any():
        return
    index = tuple(int(part) for part in np.argwhere(wrong)[0])
    there, back = number(found[index]), number(found[index[::-1]])
    likely = ""
    if diagnosis.near(found, -found.T, 1e-5, atol):
        likely = "The two halves have opposite signs: is an absolute value or a square missing?"
    elif not np.tril(found, -1).any() or not np.triu(found, 1).any():
        likely = "One half is all zeros: only the other half was filled."
    seen = f"Value {place(index)} is {there}, but {place(index[::-1])} is {back}."
    raise Mistake(f"{name}: not symmetric.", seen, likely)


def orthogonal(value: Any, *, name: str = "your matrix", atol: float = 1e-4) -> None:
    """Check that the columns of a square matrix have length 1 and stand at right angles.

    Raises
    ------
    Mistake
        Names a column of another length, or the two columns that are not at right angles.

    Examples
    --------
    >>> orthogonal([[0, 1], [-1, 0]])
    >>> orthogonal([[2, 0], [0, 1]], name="rotation")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: rotation: not orthogonal.
    Column 0 has length 2, expected is 1.
    Divide each column by its length.
    """
    found = _square(value, name)
    product = found.conj().T @ found
    wrong = ~diagnosis.near_each(product, np.eye(len(found)), 0.0, atol)
    if not wrong.any():
        return
    one, two = (int(part) for part in np.argwhere(wrong)[0])
    if one == two:
        length = number(float(np.sqrt(product[one, one].real)))
        seen, step = f"Column {one} has length {length}", "Divide each column by its length."
        raise Mistake(f"{name}: not orthogonal.", f"{seen}, expected is 1.", step=step)
    seen = f"Columns {one} and {two} have the inner product {number(product[one, two])}"
    raise Mistake(f"{name}: not orthogonal.", f"{seen}, expected is 0.")


def _sums_to_one(values: np.ndarray, axis: int, atol: float) -> bool:
    return bool(np.allclose(values.sum(axis=axis), 1, rtol=0, atol=atol))


def _probability_words(
    found: np.ndarray, axis: int, sums: np.ndarray, name: str, atol: float
) -> tuple[str, str, str, str]:
    """Return the four parts of the message about numbers that are no probabilities."""
    if found.min() < -atol:
        index = tuple(np.argwhere(found < -atol)[0])
        problem = f"{name}: some are negative."
        seen = f"The first is {number(found[index])} at {place(index)}."
        with np.errstate(over="ignore"):
            logarithms = _sums_to_one(np.exp(found), axis, atol)
        if logarithms:
            likely = "It looks as if these are log-probabilities."
            return problem, seen, likely, "Take exp at the end."
        return problem, seen, "", "Are these logits? Then apply the softmax."
    rows = listed([number(value) for value in np.atleast_1d(sums).ravel()[:3]])
    problem = f"{name}: the rows do not sum to 1."
    if found.ndim == 1:
        problem, seen = f"{name}: they do not sum to 1.", f"Their sum is {rows}."
    else:
        seen = f"The first sums along dim {axis} are {rows}."
    for other in range(found.ndim):
        if other != axis and found.shape[other] > 1 and _sums_to_one(found, other, atol):
            over = "over the batch" if other == 0 else f"over dim {other}"
            likely = f"Your rows sum to 1 {over}: you normalised over dim {other}."
            return problem, seen, likely, f"Sum over dim {axis}, and keep it with keepdim=True."
    if found.ndim > 1 and abs(found.sum() - 1) < atol and sums.size > 1:
        likely = "The whole table sums to 1: you divided by the sum over everything."
        return problem, seen, likely, f"Sum over dim {axis} alone."
    if _sums_to_one(found / 100, axis, atol):
        return problem, seen, "It looks as if these are percent.", "Divide by 100."
    if sums.size and np.allclose(sums, 0, atol=atol):
        return problem, seen, "All are zero.", "Is the result ever filled in?"
    return problem, seen, "", "Divide each row by its sum."


def _permutation_words(found: np.ndarray, wanted: int) -> tuple[str, str, str]:
    """Return what was seen, the likely mistake and the next step."""
    values, counts = np.unique(found, return_counts=True)
    missing = sorted(set(range(wanted)) - set(values.tolist()))
    repeated = values[counts > 1].tolist()
    outside = [value for value in values.tolist() if not 0 <= value < wanted]
    parts = {"Missing": missing, "Repeated": repeated, "Outside": outside}
    seen = " ".join(f"{word}: {listed(part)}." for word, part in parts.items() if part)
    if len(found) == wanted and np.array_equal(np.sort(found), np.arange(1, wanted + 1)):
        return seen, "It looks as if you count from 1.", "Count from 0: subtract 1."
    if len(found) == wanted and repeated and not outside:
        return seen, "", "If you draw at random, draw without replacement: torch.randperm."
    if len(found) != wanted:
        return seen, f"Yours has {len(found)} numbers, expected are {wanted}.", ""
    return seen, "", ""


def _one_each(found: np.ndarray, name: str) -> None:
    """Refuse a row that does not hold a single 1 among zeros."""
    sound = (found == 1).sum(axis=1) == 1
    sound &= ((found == 0) | (found == 1)).all(axis=1)
    if sound.all():
        return
    row = int(np.flatnonzero(~sound)[0])
    seen = f"That row is [{listed([number(value) for value in found[row]], 10)}]."
    seen = seen.replace(" and ", ", ")
    if ((found == 0) | (found == 1)).all():
        ones = int((found[row] == 1).sum())
        over = (found == 1).sum(axis=0)
        likely = ""
        if found.shape[0] > 1 and (over == 1).all():
            likely = "Each column holds a single 1: " + diagnosis.TRANSPOSED[0].lower()
        raise Mistake(f"{name}: row {row} holds {ones} ones, expected is a single 1.", seen, likely)
    likely = ""
    if np.allclose(found.sum(axis=1), 1, atol=1e-4) and (found >= 0).all():
        likely = "It looks as if these are probabilities. Take the argmax first."
    raise Mistake(f"{name}: row {row} holds other numbers than 0 and 1.", seen, likely)


def _at_labels(found: np.ndarray, marks: np.ndarray, name: str) -> None:
    """Refuse a 1 that does not stand at the place of its label."""
    if marks.shape != found.shape[:1]:
        rows, many = found.shape[0], marks.shape
        raise Mistake(f"{name}: yours has {rows} rows, but the labels have the shape {many}.")
    stands = found.argmax(axis=1)
    wrong = np.flatnonzero(stands != marks)
    if not len(wrong):
        return
    row, likely = int(wrong[0]), ""
    if np.array_equal(stands + 1, marks) or np.array_equal(stands - 1, marks):
        likely = "All stand one place beside: look for an index that is off by one."
    raise Mistake(
        f"{name}: {len(wrong)} of {len(marks)} ones stand in a wrong place.",
        f"Row {row} has its 1 at {stands[row]}, but its label is {number(marks[row])}.",
        likely,
    )


def _square(value: Any, name: str) -> np.ndarray:
    found = as_array(value, name)
    if found.ndim != 2 or found.shape[0] != found.shape[1]:
        raise Mistake(f"{name}: expected a square matrix, found the shape {found.shape}.")
    found = found.astype(complex if found.dtype.kind == "c" else float)
    if not np.isfinite(found).all():
        raise Mistake(f"{name}: not all numbers are finite.", "", *diagnosis.NOT_A_NUMBER)
    return found
