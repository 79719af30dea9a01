"""What is raised when data is missing, damaged or asked for by a wrong name."""

import difflib
from collections.abc import Iterable

from cmp784.errors import Cmp784Error


class DataError(Cmp784Error):
    """Say which file or name is at fault, what was expected, and what to do.

    Examples
    --------
    >>> issubclass(DataError, Cmp784Error)
    True
    """


def check_name(what: str, name: str, known: Iterable[str]) -> None:
    """Raise unless ``name`` is one of the ``known`` ones.

    Parameters
    ----------
    what
        What the name stands for, for example ``"painting"``.
    name
        The name that the caller gave.
    known
        The names that there are.

    Raises
    ------
    DataError
        If ``name`` is not known. The message lists the known names.

    Examples
    --------
    >>> check_name("painting", "the_scream", ["the_scream", "shipwreck"])
    """
    names = list(known)
    if isinstance(name, str) and name in names:
        return
    close = difflib.get_close_matches(str(name), names, n=1)
    hint = f' Did you mean "{close[0]}"?' if close else ""
    listed = ", ".join(f'"{each}"' for each in names)
    raise DataError(f'There is no {what} "{name}".{hint} Known: {listed}.')
