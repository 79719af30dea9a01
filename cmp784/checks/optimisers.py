"""Compare an optimiser with a right one, step by step."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from cmp784.checks.arrays import same
from cmp784.checks.by_hand import by_hand
from cmp784.checks.calls import name_of
from cmp784.checks.mistakes import Mistake
from cmp784.checks.shapes import dtype
from cmp784.checks.values import close

if TYPE_CHECKING:
    from torch import Tensor


def optimiser_close(
    student: Callable[..., Any],
    reference: Callable[..., Any],
    starts: Sequence["Tensor"],
    gradients: Sequence[Sequence["Tensor"]],
    *,
    warm_up: int = 0,
    any_factor: bool = False,
    **settings: Any,
) -> None:
    """Give the same gradients to two optimisers, and compare the values after each step.

    Parameters
    ----------
    student, reference
        The classes: take a list of parameters, with ``value`` and ``grad``, and the settings.
    starts
        Start value of each parameter.
    gradients
        For each step the gradient of each parameter.
    warm_up
        So many first steps are not compared; after them the values go back to the start.
    any_factor
        Whether a constant factor before all steps is left to another question.
    **settings
        For both optimisers, such as ``lr=0.1``.

    Raises
    ------
    Mistake
        Names the settings, the step and the parameter.

    Examples
    --------
    >>> import torch
    >>> from cmp784 import reference
    >>> start, gradient = torch.tensor([1.0]), torch.tensor([2.0])
    >>> optimiser_close(reference.SGD, reference.SGD, [start], [[gradient]], lr=0.1)
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: SGD: uses cmp784.reference.SGD, which you do without here.
    Write it out with plain operations, such as exp, sum, maximum and @.
    """
    called = name_of(student)
    name = f"{called}({', '.join(f'{key}={value}' for key, value in settings.items())})"
    theirs = _values(lambda p: reference(p, **settings), starts, gradients, warm_up, None)
    mine = _values(lambda p: student(p, **settings), starts, gradients, warm_up, called)
    factor = _factor(mine, theirs, starts) if any_factor else 1.0
    for step, (found, wanted) in enumerate(zip(mine, theirs, strict=True), start=1):
        for number, start in enumerate(starts):
            kind = str(start.dtype).removeprefix("torch.")
            where = f"{name}: parameter {number + 1} of {len(starts)}, {kind}, after step {step}"
            expected = start + factor * (wanted[number] - start)
            close(found[number], expected, name=where)
            dtype(found[number], start.dtype, name=where)


def _values(
    make: Callable[[list[Any]], Any],
    starts: Sequence["Tensor"],
    gradients: Sequence[Sequence["Tensor"]],
    warm_up: int,
    name: str | None,
) -> "list[list[Tensor]]":
    """Return the value of each parameter after each step; with a name, watch the optimiser."""
    from cmp784.reference import Parameter

    parameters = [Parameter(start.clone()) for start in starts]
    with by_hand(name) if name else nullcontext():
        optimiser = make(parameters)
    values = []
    for step, grads in enumerate(gradients):
        if step == warm_up:
            _restart(parameters, starts)
        for parameter, grad in zip(parameters, grads, strict=True):
            parameter.grad = grad.clone()
        with by_hand(f"{name}.step") if name else nullcontext():
            optimiser.step()
        if name and not all(same(p.grad, g) for p, g in zip(parameters, grads, strict=True)):
            step_ = "Only zero_grad changes gradients. Avoid += and names ending in _ on them."
            raise Mistake(f"{name}: step changed a gradient in place.", step=step_)
        if step >= warm_up:
            values.append([_copy(parameter.value) for parameter in parameters])
    return values


def _copy(value: Any) -> Any:
    return value.clone() if hasattr(value, "clone") else value


def _restart(parameters: Sequence[Any], starts: Sequence["Tensor"]) -> None:
    """Put the values back in place, where an optimiser of torch still finds them."""
    for parameter, start in zip(parameters, starts, strict=True):
        parameter.value.copy_(start)


def _factor(mine: Any, theirs: Any, starts: Sequence["Tensor"]) -> float:
    """Return by how much all moves together are longer than they should be; 1 when they are not."""
    above = below = 0.0
    for found, wanted in zip(mine, theirs, strict=True):
        for value, right, start in zip(found, wanted, starts, strict=True):
            move, ideal = value - start, right - start
            if move.shape != ideal.shape:
                return 1.0
            above, below = above + float((move * ideal).sum()), below + float((ideal**2).sum())
    factor = above / below
    return factor if abs(factor) > 1e-3 and factor == factor else 1.0
