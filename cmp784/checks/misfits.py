"""What a wrong shape or number type tells about the likely mistake."""

from collections.abc import Callable

import numpy as np

from cmp784.checks.diagnosis import TRANSPOSED, Advice, near


def of_shapes(
    found: tuple[int, ...],
    wanted: tuple[int | None, ...],
    mine: np.ndarray | None = None,
    right: np.ndarray | None = None,
) -> Advice:
    """Return what a wrong shape tells; the values, where given, decide between two readings.

    Examples
    --------
    >>> of_shapes((3, 1), (3,))[0]
    'It looks as if one dimension of size 1 is left over.'
    """
    without = tuple(size for size in found if size != 1)
    if 0 in found and 0 not in wanted:
        return "Yours is empty.", "Print the shapes on the way to find where the values get lost."
    if (
        len(found) == len(wanted) >= 2
        and found == wanted[::-1]
        and _agree(mine, right, np.transpose)
    ):
        return TRANSPOSED
    if without == tuple(size for size in wanted if size != 1):
        if len(found) > len(wanted):
            return (
                "It looks as if one dimension of size 1 is left over."
                if len(found) == len(wanted) + 1
                else "It looks as if dimensions of size 1 are left over.",
                "Use .squeeze(dim), or leave out keepdim=True.",
            )
        if len(found) < len(wanted):
            return (
                "It looks as if a dimension of size 1 was lost.",
                "Use keepdim=True (keepdims=True in numpy), or .unsqueeze(dim).",
            )
        return "A dimension of size 1 stands in another place.", "Use .transpose or .reshape."
    if len(found) == 2 and found[0] == found[1] and _is_column(wanted, found[0]):
        return (
            f"It looks as if a column ({found[0]}, 1) met a row ({found[0]},), "
            "and they were broadcast to a square.",
            "Give both the same shape before you add, subtract or multiply.",
        )
    if not found and wanted:
        return (
            "Yours is a single number: a sum or mean went over everything.",
            "Name the dimension: dim=... in torch, axis=... in numpy.",
        )
    if None not in wanted and _product(found) == _product(wanted) > 0:
        return "The number of values is right, but their arrangement is not.", "Look at .reshape."
    if len(found) == len(wanted):
        return _differing_sizes(found, wanted)
    less = len(found) < len(wanted)
    return (
        f"Yours has {len(found)} dimension{'s' * (len(found) != 1)}, expected are {len(wanted)}.",
        "Was a dimension summed away?" if less else "Is a sum, mean or index still missing?",
    )


def of_types(found: str, wanted: str) -> Advice:
    """Return what a wrong number type tells.

    Examples
    --------
    >>> of_types("float32", "float64")[0]
    'It looks as if you computed in single precision.'
    """
    floats = [name.removeprefix("b").startswith("float") for name in (found, wanted)]
    to_float = "Convert with .float() in torch or .astype(float) in numpy."
    if found == "float32" and wanted == "float64":
        return (
            "It looks as if you computed in single precision.",
            "Make the inputs double: dtype=torch.float64, or np.float64.",
        )
    if found == "float64" and wanted == "float32":
        return (
            "It looks as if numbers came from numpy or from Python, which are double.",
            "Convert with .float().",
        )
    if found == "bool":
        return "It looks as if you returned the comparison itself.", "Convert it to numbers."
    if found.startswith(("int", "uint")) and floats[1]:
        return "It looks as if you kept whole numbers.", to_float
    if floats[0] and wanted.startswith("int"):
        return "Expected are whole numbers, such as indices or labels.", "Convert with .long()."
    if floats[0] and wanted == "bool":
        return "Expected is true or false.", "Compare with a threshold."
    return "", f"Convert to {wanted}."


def _agree(
    mine: np.ndarray | None, right: np.ndarray | None, change: Callable[[np.ndarray], np.ndarray]
) -> bool:
    """Tell whether the changed values fit; without values, the shape alone must do."""
    return mine is None or right is None or near(change(mine), right, 1e-4, 1e-6)


def _is_column(wanted: tuple[int | None, ...], size: int) -> bool:
    return size > 1 and wanted in ((size,), (size, 1), (1, size))


def _product(sizes: tuple[int | None, ...]) -> int:
    return int(np.prod([size or 0 for size in sizes], dtype=np.int64))


def _differing_sizes(found: tuple[int, ...], wanted: tuple[int | None, ...]) -> Advice:
    differing = [
        axis
        for axis, (seen, size) in enumerate(zip(found, wanted, strict=True))
        if size is not None and seen != size
    ]
    axis = differing[0]
    if len(differing) == 1 and abs(found[axis] - (wanted[axis] or 0)) == 1:
        return (
            f"Dimension {axis} is off by one.",
            "Look for range(n), range(1, n), [:-1], [1:], or a missing bias or padding.",
        )
    return f"Dimension {axis} is {found[axis]}, expected is {wanted[axis]}.", (
        "Print the shapes on the way to find where it changes."
    )
