"""The one root of this package's errors."""


class Cmp784Error(Exception):
    """Root of every error that this package raises on bad input.

    The message says what is wrong, where, what was expected, and what to do.
    """
