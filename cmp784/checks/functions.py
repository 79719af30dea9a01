"""Compare a student's function with a reference, on inputs of small, odd and batched sizes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from cmp784.checks import diagnosis
from cmp784.checks.arrays import as_array, as_tensor, copied, same
from cmp784.checks.calls import call, name_of, seeded
from cmp784.checks.mistakes import Mistake, short
from cmp784.checks.values import close, equal

#: Sizes that letters in a shape take, case by case: small, odd, batched. Two letters of one case
#: get different sizes (but where all are one), so that a transposed result shows.
CASES = {
    "small": (2, 3, 4, 5, 6),
    "odd": (5, 7, 3, 9, 11),
    "one sample": (1, 3, 2, 4, 5),
    "one of each": (1, 1, 1, 1, 1),
    "batched": (32, 6, 10, 4, 8),
}


def cases(
    *shapes: tuple[str | int, ...], seed: int = 784, torch: bool = True
) -> dict[str, tuple[Any, ...]]:
    """Return arguments of small, odd and batched sizes, the same at every call.

    Parameters
    ----------
    shapes
        One shape an argument. A letter stands for a size that changes from case to case, and is
        the same wherever it appears; the first letter is the size of the batch.
    seed
        Seed of the standard normal numbers.
    torch
        Tensors (float32), or else numpy arrays (float64).

    Returns
    -------
    dict
        Name of the case to the tuple of arguments.

    Examples
    --------
    >>> made = cases(("n", "d"), ("d",), torch=False)
    >>> [(name, x.shape, w.shape) for name, (x, w) in made.items()][:3]
    [('small', (2, 3), (3,)), ('odd', (5, 7), (7,)), ('one sample', (1, 3), (3,))]
    """
    letters = list(
        dict.fromkeys(size for shape in shapes for size in shape if isinstance(size, str))
    )
    if len(letters) > 5:
        raise ValueError(f"cases: {len(letters)} different letters {letters}, at most 5 are known.")
    rng, made = np.random.default_rng(seed), {}
    for name, sizes in CASES.items():
        of = dict(zip(letters, sizes, strict=False))
        arrays = [rng.standard_normal([of.get(s, s) for s in shape]) for shape in shapes]  # type: ignore[arg-type]
        made[name] = tuple(as_tensor(array) if torch else array for array in arrays)
    return made


def function_close(
    student: Callable[..., Any],
    reference: Callable[..., Any],
    inputs: Mapping[str, Any] | Iterable[Any],
    *,
    name: str = "",
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Call both functions on the same inputs and compare, and name the input that differs.

    Each gets its own copy of the inputs and the same random seed; the student's function must not
    change its inputs in place.

    Parameters
    ----------
    student, reference
        The function to check and the right one.
    inputs
        What ``cases`` makes, or a list: each item a tuple of arguments, or a single argument.
    name
        What the function is called; its own name, when left out.
    rtol, atol
        Tolerance, as for ``close``.

    Raises
    ------
    Mistake
        When a result differs or an input was changed.

    Examples
    --------
    >>> function_close(lambda x: x + x, lambda x: 2 * x, [1.0, np.array([0.0, 2.0])])
    >>> function_close(lambda x: x * x, lambda x: 2 * x, [2.0, 3.0], name="double")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: double(x) for x = 3.0: the value is wrong.
    Yours is 9, expected is 6.
    Compute this one value by hand, and print each step.
    """
    called = name or name_of(student)
    named = isinstance(inputs, Mapping)
    for label, arguments in _labelled(inputs):
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        what = f"{called}(x) for " + (f"the case {label!r}" if named else f"x = {_shown(given)}")
        mine, theirs = copied(given), copied(given)
        found = call(student, mine, what)
        if not all(map(same, given, mine)):
            step = "Work on a copy: .clone() in torch, .copy() in numpy; avoid += on arguments."
            raise Mistake(f"{what}: your function changed its input in place.", step=step)
        with seeded():
            expected = reference(*theirs)
        _compare(found, expected, what, given, reference, (rtol, atol))


def _compare(
    found: Any,
    expected: Any,
    what: str,
    given: tuple[Any, ...],
    reference: Callable[..., Any],
    limits: tuple[float | None, float | None],
) -> None:
    """Compare two results, and see whether the student worked along the other dimension."""
    try:
        if isinstance(expected, str) or expected is None:
            equal(found, expected, name=what)
        else:
            close(found, expected, name=what, rtol=limits[0], atol=limits[1])
    except Mistake as mistake:
        if _other_dimension(found, given, reference):
            likely = "It looks as if you worked along the other dimension."
            step = "Exchange dim=0 and dim=1 (axis in numpy)."
            raise Mistake(mistake.problem, mistake.seen, likely, step) from None
        raise


def _other_dimension(found: Any, given: tuple[Any, ...], reference: Callable[..., Any]) -> bool:
    """Tell whether the reference on the transposed input gives what the student returned."""
    if len(given) != 1 or not hasattr(given[0], "T") or getattr(given[0], "ndim", 0) != 2:
        return False
    try:
        with seeded():
            other = as_array(reference(copied(given[0]).T), "other")
        mine = as_array(found, "mine")
    except Exception:  # the reference need not take a transposed input
        return False
    if mine.size < 2 or np.ptp(np.abs(mine)) < 1e-6:
        return False
    return diagnosis.near(mine, other, 1e-4, 1e-6) or diagnosis.near(mine, other.T, 1e-4, 1e-6)


def _labelled(inputs: Mapping[str, Any] | Iterable[Any]) -> list[tuple[str, Any]]:
    if isinstance(inputs, Mapping):
        return list(inputs.items())
    return [("", item) for item in inputs]


def _shown(given: tuple[Any, ...]) -> str:
    """Return arguments as one reads them; large arrays by their shape."""
    texts = []
    for value in given:
        large = hasattr(value, "shape") and np.prod(value.shape) > 12
        texts.append(f"numbers of shape {tuple(value.shape)}" if large else short(value, 80))
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
