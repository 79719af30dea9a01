"""Compare a shape or a number type with the one expected."""

from typing import Any

import numpy as np

from cmp784.checks import misfits
from cmp784.checks.arrays import as_array, dtype_name
from cmp784.checks.mistakes import Mistake


def shape(value: Any, expected: Any, *, name: str = "your result") -> None:
    """Check the shape.

    Parameters
    ----------
    value
        A number, list, array or tensor.
    expected
        A tuple of sizes, where None stands for any size; or an array or tensor with that shape.
    name
        What is compared, for the message.

    Raises
    ------
    Mistake
        When the shapes differ.

    Examples
    --------
    >>> shape([[1, 2, 3]], (1, 3))
    >>> shape([[1, 2, 3]], (3, 1), name="weights")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: weights: the shape is wrong.
    Yours is (1, 3), expected is (3, 1).
    It looks as if your result is transposed.
    Try .T, or exchange the two factors of the product.
    """
    found = as_array(value, name).shape
    wanted = _sizes(expected)
    fits = len(found) == len(wanted) and all(
        size is None or size == seen for seen, size in zip(found, wanted, strict=True)
    )
    if not fits:
        raise wrong_shape(found, wanted, name)


def dtype(value: Any, expected: Any, *, name: str = "your result") -> None:
    """Check the number type.

    Parameters
    ----------
    value
        A number, list, array or tensor.
    expected
        ``torch.float32``, ``np.int64``, or a name: ``"float32"``; or a family of them: ``"float"``,
        ``"int"``, ``"bool"``, ``"complex"``.
    name
        What is compared, for the message.

    Raises
    ------
    Mistake
        When the number type is another one.

    Examples
    --------
    >>> dtype([1.0, 2.0], "float64")
    >>> dtype([1, 2], "float", name="labels")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: labels: the number type is wrong.
    Yours is int64, expected is float.
    It looks as if you kept whole numbers.
    Convert with .float() in torch or .astype(float) in numpy.
    """
    found, wanted = dtype_name(value, name), _type_name(expected)
    families = {"float": ("float", "bfloat"), "int": ("int", "uint")}
    prefixes = families.get(wanted, (wanted,))
    if found == wanted or (
        wanted in ("float", "int", "bool", "complex") and found.startswith(prefixes)
    ):
        return
    raise Mistake(
        f"{name}: the number type is wrong.",
        f"Yours is {found}, expected is {wanted}.",
        *misfits.of_types(found, wanted),
    )


def wrong_shape(
    found: tuple[int, ...],
    wanted: tuple[int | None, ...],
    name: str,
    mine: np.ndarray | None = None,
    right: np.ndarray | None = None,
) -> Mistake:
    """Return the mistake of a wrong shape; the values, where given, help to name it."""
    shown = "(" + ", ".join("any" if size is None else str(size) for size in wanted)
    shown += ",)" if len(wanted) == 1 else ")"
    return Mistake(
        f"{name}: the shape is wrong.",
        f"Yours is {found}, expected is {shown}.",
        *misfits.of_shapes(found, wanted, mine, right),
    )


def _sizes(expected: Any) -> tuple[int | None, ...]:
    """Return the wanted sizes from a tuple, a single size, or something with a shape."""
    if hasattr(expected, "shape"):
        return tuple(expected.shape)
    return (expected,) if isinstance(expected, int) else tuple(expected)


def _type_name(expected: Any) -> str:
    if isinstance(expected, str) or expected in (float, int, bool, complex):
        return expected if isinstance(expected, str) else expected.__name__
    text = str(expected)
    return text.removeprefix("torch.") if text.startswith("torch.") else np.dtype(expected).name
