"""The one error of the generated worlds."""

from collections.abc import Iterable

from cmp784.errors import Cmp784Error


class WorldError(Cmp784Error, ValueError):
    """Bad input to a generated world; the message says what was found and what is expected."""


def known(names: Iterable[object]) -> str:
    """Return the known names as one readable list for an error message."""
    return ", ".join(f"'{name}'" for name in names)
