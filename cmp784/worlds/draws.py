"""Random numbers of the generated worlds: one row a picture, whatever their number."""

import operator
from typing import SupportsIndex

import torch

from cmp784.worlds.errors import WorldError


def uniform(count: int, columns: int, seed: int | torch.Generator) -> torch.Tensor:
    """Return uniform numbers in [0, 1), drawn row by row.

    Row i does not depend on how many rows follow it, so a world that takes one row for each
    picture gives the same first n pictures however many are asked for.

    Parameters
    ----------
    count : int
        Number of rows, at least 1.
    columns : int
        Numbers in a row.
    seed : int or torch.Generator
        Where the numbers come from. A generator must live on the CPU, and moves on.

    Returns
    -------
    torch.Tensor
        float64 of shape (count, columns), on the CPU.

    Raises
    ------
    WorldError
        If ``count`` is not a whole number from 1, or ``seed`` is neither of the two.

    Examples
    --------
    >>> torch.equal(uniform(3, 2, seed=7), uniform(100, 2, seed=7)[:3])
    True
    """
    return torch.rand(
        whole_number("count", count, 1), columns, generator=_generator(seed), dtype=torch.float64
    )


def whole_number(name: str, value: SupportsIndex, low: int, high: int | None = None) -> int:
    """Return a whole number from ``low`` to ``high`` as an int, or raise a ``WorldError``.

    Parameters
    ----------
    name : str
        What the number is, for the message.
    value : int
        The number; a NumPy or torch integer will do, a float will not.
    low, high : int
        Smallest and largest value; no largest if ``high`` is None.

    Returns
    -------
    int
        The number.

    Raises
    ------
    WorldError
        If the value is not such a number.

    Examples
    --------
    >>> whole_number("side", 32, 16, 64)
    32
    """
    try:
        number = operator.index(value)
    except (TypeError, RuntimeError):
        number = low - 1
    if isinstance(value, bool) or number < low or (high is not None and number > high):
        limits = f"at least {low}" if high is None else f"from {low} to {high}"
        raise WorldError(f"{name} is '{value}', but expected a whole number, {limits}.")
    return number


def _generator(seed: int | torch.Generator) -> torch.Generator:
    """Return the generator that a seed stands for."""
    if isinstance(seed, torch.Generator):
        if seed.device.type != "cpu":
            raise WorldError(
                f"seed is a generator on '{seed.device}', but pictures are drawn on the CPU. "
                "Use torch.Generator(), or a whole number."
            )
        return seed
    return torch.Generator().manual_seed(whole_number("seed", seed, 0, 2**63 - 1))
