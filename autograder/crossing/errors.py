"""What goes wrong between the examiner and a student's room."""

from autograder.errors import AutograderError


class CrossingError(AutograderError):
    """The student's room said something that is not allowed, or something cannot cross."""


class CannotCrossError(CrossingError, TypeError):
    """A value of the examiner's cannot be sent to a student's room."""


class StudentGoneError(CrossingError):
    """The process that ran the student's code has ended."""


class StudentTimeoutError(CrossingError, TimeoutError):
    """The student's code did not come to an end in time."""


#: The names that the design uses.
StudentGone = StudentGoneError
StudentTimeout = StudentTimeoutError
