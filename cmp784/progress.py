"""One updating progress bar, quiet when a machine runs the notebook."""

import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm.auto import tqdm

#: Set to 1 in the kernels that the headless runner starts.
VARIABLE = "CMP784_HEADLESS"

T = TypeVar("T")


def headless() -> bool:
    """Tell whether the headless runner executes this notebook.

    Examples
    --------
    >>> headless()
    False
    """
    return os.environ.get(VARIABLE, "") == "1"


def track(steps: Iterable[T], label: str = "", total: int | None = None) -> Iterator[T]:
    """Go through ``steps`` and show one bar that updates in place.

    The bar disappears when the loop ends, and is not drawn at all under the headless runner.

    Parameters
    ----------
    steps
        What to iterate over: a range, a list, a data loader.
    label
        Words in front of the bar, for example ``"training"``.
    total
        How many steps there are, when ``len(steps)`` does not say.

    Yields
    ------
    object
        The items of ``steps``, one by one.

    Examples
    --------
    >>> import os; os.environ["CMP784_HEADLESS"] = "1"
    >>> [step * step for step in track(range(3), "squares")]
    [0, 1, 4]
    >>> del os.environ["CMP784_HEADLESS"]
    """
    yield from tqdm(steps, desc=label, total=total, leave=False, disable=headless())
