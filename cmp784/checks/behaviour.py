"""What a student's function or model may use, and how it has to behave."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from cmp784.checks import diagnosis, sources
from cmp784.checks.arrays import as_array, as_real, copied, is_tensor
from cmp784.checks.calls import call, name_of
from cmp784.checks.mistakes import Mistake, listed, number


def forbidden(function: Any, names: Iterable[str] | str, *, name: str = "") -> None:
    """Check that a function, or what it calls in the notebook, does not use certain names.

    Parameters
    ----------
    function
        A function or class of the student.
    names
        Dotted names (``"torch.nn"`` covers all below it, under any alias), bare names of methods
        and functions (``"backward"``), or the words ``"for"``, ``"while"``.
    name
        What the function is called; its own name, when left out.

    Raises
    ------
    Mistake
        Names what is used.

    Examples
    --------
    >>> def softmax(x):
    ...     import torch.nn.functional as F
    ...     return F.softmax(x, dim=1)
    >>> forbidden(softmax, ["autograd"])
    >>> forbidden(softmax, ["torch.nn"])
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: softmax: uses torch.nn, which this exercise does without.
    Write it out with plain operations.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    used = sources.used(function, wanted)
    if used:
        called = name or name_of(function)
        loops = {"for", "while"} >= set(used)
        raise Mistake(
            f"{called}: uses {listed(used)}, which this exercise does without.",
            step="Let one operation work on the whole array."
            if loops
            else "Write it out with plain operations.",
        )


def deterministic(function: Callable[..., Any], *arguments: Any, name: str = "") -> None:
    """Check that a function returns the same when it is called twice with the same arguments.

    Raises
    ------
    Mistake
        When the second result differs.

    Examples
    --------
    >>> deterministic(lambda seed: np.random.default_rng(seed).random(3), 0)
    >>> calls = []
    >>> deterministic(lambda x: calls.append(x) or len(calls), 0, name="count")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: count: two calls with the same arguments differ.
    The first returned 1, the second 2.
    Is a random number drawn without the seed, or something kept between calls?
    """
    called = name or name_of(function)
    results = []
    for _ in range(2):
        results.append(as_array(function(*copied(arguments)), called))
    one, two = results
    if one.shape == two.shape and np.array_equal(one, two, equal_nan=True):
        return
    seen = ""
    if one.ndim == two.ndim == 0:
        seen = f"The first returned {number(one[()])}, the second {number(two[()])}."
    raise Mistake(
        f"{called}: two calls with the same arguments differ.",
        seen,
        step="Is a random number drawn without the seed, or something kept between calls?",
    )


def causal(
    function: Callable[[Any], Any], inputs: Any, *, dim: int = 1, name: str = "", atol: float = 1e-5
) -> None:
    """Check that the output at one time does not depend on the input at later times.

    Parameters
    ----------
    function
        Takes ``inputs`` and returns an array whose dimension ``dim`` is time, too.
    inputs
        An array or tensor of real numbers, for example ``(batch, time, features)``.
    dim
        The dimension that is time.
    name
        What the function is called; its own name, when left out.
    atol
        How large a change of the output may be.

    Raises
    ------
    Mistake
        Names the time whose output looked ahead.

    Examples
    --------
    >>> x = np.arange(8.0).reshape(1, 8)
    >>> causal(lambda x: np.cumsum(x, axis=1), x)
    >>> causal(lambda x: x - x.mean(axis=1, keepdims=True), x, name="centre")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: centre: the output at time 0 depends on the input at time 1.
    It looks ahead.
    Mask the future before the softmax, or look for a shift in the wrong direction.
    """
    called = name or name_of(function)
    before = as_array(call(function, (copied(inputs),), called), called)
    for time in range(1, inputs.shape[dim]):
        changed = copied(inputs)
        changed = changed.detach() if is_tensor(changed) else changed
        changed[(slice(None),) * dim + (slice(time, None),)] += 1
        after = as_array(call(function, (changed,), called), called)
        was, now = (item.take(np.arange(time), dim) for item in (before, after))
        moved = ~diagnosis.near_each(was, now, 0.0, atol)
        if moved.any():
            first = int(np.argwhere(moved)[0][dim])
            raise Mistake(
                f"{called}: the output at time {first} depends on the input at time {time}.",
                likely="It looks ahead.",
                step="Mask the future before the softmax, or look for a shift in the wrong "
                "direction.",
            )


def falling(losses: Any, *, to: float | None = None, name: str = "your loss") -> None:
    """Check that a series of losses went down, and low enough.

    Parameters
    ----------
    losses
        One number a step or an epoch, shape ``(steps,)``, at least two.
    to
        What the last one must have reached.
    name
        What it is called in the message.

    Raises
    ------
    Mistake
        Names a loss that is stuck, that grows, or that is not a number.

    Examples
    --------
    >>> falling([2.3, 1.1, 0.4], to=0.5)
    >>> falling([0.7, 0.9, 1.4])
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: your loss: it did not fall.
    It went from 0.7 to 1.4.
    Yours grows from step to step: the step has the wrong sign, or it is too large.
    Subtract the gradient, and try a smaller learning rate.
    """
    found = as_real(losses, name).ravel()
    if len(found) < 2:
        raise Mistake(f"{name}: one number tells no direction.", step="Keep one a step in a list.")
    if not np.isfinite(found).all():
        step = int(np.flatnonzero(~np.isfinite(found))[0])
        problem = f"{name}: from step {step} on it is {number(found[step])}."
        raise Mistake(problem, step="Try a smaller learning rate; look for log(0).")
    seen = f"It went from {number(found[0])} to {number(found[-1])}."
    if np.ptp(found) == 0:
        step_word = "Are the parameters really updated, and the same ones that the loss sees?"
        raise Mistake(f"{name}: it never changes.", seen, step=step_word)
    if found[-1] >= found[0]:
        likely, step_word = "", "Plot it."
        if (np.diff(found) > 0).all():
            likely = (
                "Yours grows from step to step: the step has the wrong sign, or it is too large."
            )
            step_word = "Subtract the gradient, and try a smaller learning rate."
        raise Mistake(f"{name}: it did not fall.", seen, likely, step_word)
    if to is not None and found[-1] > to:
        expected = f"{seen} Expected is at most {number(float(to))}."
        raise Mistake(f"{name}: it did not fall far enough.", expected, step="Train for longer.")


def parameters(model: Any, count: int, *, name: str = "your model") -> None:
    """Check how many numbers a torch model learns.

    Parameters
    ----------
    model
        A ``torch.nn.Module``.
    count
        How many trainable numbers it should have.
    name
        What it is called in the message.

    Raises
    ------
    Mistake
        Shows the shapes; names missing biases.

    Examples
    --------
    >>> import torch
    >>> parameters(torch.nn.Linear(3, 2), 8)
    >>> parameters(torch.nn.Linear(3, 2, bias=False), 8)
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: your model: it learns 6 numbers, expected are 8.
    weight (2, 3).
    """
    if not hasattr(model, "named_parameters") or isinstance(model, type):
        raise Mistake(
            f"{name}: expected a torch model, found {type(model).__name__}.",
            step="Make one: model = YourClass().",
        )
    shapes = [(key, tuple(p.shape)) for key, p in model.named_parameters() if p.requires_grad]
    found = sum(int(np.prod(shape)) for _, shape in shapes)
    if found == count:
        return
    likely = ""
    if not shapes:
        likely = "None is registered: keep layers as attributes or in nn.ModuleList, not in a list."
    seen = f"{listed([f'{key} {shape}' for key, shape in shapes])}." if shapes else ""
    raise Mistake(f"{name}: it learns {found} numbers, expected are {count}.", seen, likely)
