"""The one root of the grader's errors."""


class AutograderError(Exception):
    """Root of every error that the grader raises on bad input.

    The message says what is wrong, where, what was expected, and what to do.
    """
