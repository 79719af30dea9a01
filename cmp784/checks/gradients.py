"""Compare a gradient with central differences, or with autograd."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cmp784.checks import diagnosis
from cmp784.checks.arrays import as_array, as_tensor, is_tensor
from cmp784.checks.calls import seeded
from cmp784.checks.mistakes import Mistake, number, place
from cmp784.checks.values import close


def gradient(
    value: Any,
    function: Callable[[Any], Any],
    at: Any,
    *,
    name: str = "your gradient",
    method: str = "differences",
    step: float = 1e-6,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    batch: int | None = None,
) -> None:
    """Compare a gradient with finite differences of the function, or with autograd.

    Parameters
    ----------
    value
        The student's gradient, in the shape of ``at``.
    function
        Takes a point like ``at``, in double precision, and returns a single number.
    at
        The point: a number, list, array or tensor. It should not lie on a kink.
    name
        What is compared, for the message.
    method
        ``"differences"``, central ones in float64, two calls a component; or ``"autograd"``.
    step
        How far to go to either side.
    rtol, atol
        Tolerance, as for ``close``.
    batch
        The number of samples, so that a mean taken for a sum can be named.

    Raises
    ------
    Mistake
        Names the component with the largest error, a flipped sign, a missing factor.

    Examples
    --------
    >>> gradient([2.0, 4.0], lambda x: (x**2).sum(), [1.0, 2.0])
    >>> gradient([1.0, 2.0], lambda x: (x**2).sum(), [1.0, 2.0])
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: your gradient: the values are wrong.
    The largest error is at [1]: yours is 2, expected is 4.
    It looks as if everything is 2 times too small.
    Is a factor 2 missing, as from a square, or a 1/2 too many?
    """
    found = as_array(value, name)
    by = {"differences": _differences, "autograd": _autograd}
    if method not in by:
        raise ValueError(f"gradient: method {method!r} is unknown; choose one of {', '.join(by)}.")
    wanted = by[method](function, at, step)
    if found.shape == wanted.shape and not diagnosis.near(found, wanted, rtol, atol):
        error = np.abs(np.where(np.isfinite(found), found, np.inf) - wanted)
        worst = tuple(np.unravel_index(np.argmax(error), error.shape)) if error.ndim else ()
        wrong = ~diagnosis.near_each(found, wanted, rtol, atol)
        advice = diagnosis.of_values(found, wanted, (rtol, atol), batch, wrong)
        where = f"The largest error is at {place(worst)}: yours" if worst else "Yours"
        seen = f"{where} is {number(found[worst])}, expected is {number(wanted[worst])}."
        raise Mistake(f"{name}: the value{'s are' if worst else ' is'} wrong.", seen, *advice)
    close(found, wanted, name=name, rtol=rtol, atol=atol)


def _differences(function: Callable[[Any], Any], at: Any, step: float) -> np.ndarray:
    """Return the gradient by central differences, component by component."""
    point = as_array(at, "the point").astype(float)
    slopes = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        ends = []
        width = step * max(1.0, abs(float(point[index])))
        for sign in (1, -1):
            moved = point.copy()
            moved[index] += sign * width
            with seeded():
                point_there = as_tensor(moved, double=True) if is_tensor(at) else moved
                ends.append(_single(function(point_there)))
        slopes[index] = (ends[0] - ends[1]) / (2 * width)
    return slopes


def _autograd(function: Callable[[Any], Any], at: Any, step: float) -> np.ndarray:
    import torch

    point = torch.tensor(as_array(at, "the point"), dtype=torch.float64, requires_grad=True)
    with torch.enable_grad(), seeded():
        result = function(point)
    _single(result)
    if not getattr(result, "requires_grad", False):
        return np.zeros(point.shape)  # it does not depend on the point
    (slopes,) = torch.autograd.grad(result.sum(), point, allow_unused=True)
    return np.zeros(point.shape) if slopes is None else slopes.numpy()


def _single(value: Any) -> float:
    found = as_array(value, "the function whose gradient is checked")
    if found.size != 1:
        raise Mistake(
            "the function whose gradient is checked must return a single number.",
            f"Its shape is {found.shape}.",
            step="Take the sum or the mean.",
        )
    return float(found.ravel()[0])
