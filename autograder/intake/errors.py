"""What is wrong with an assignment's source; hand-ins never raise."""

from autograder.errors import AutograderError


class IntakeError(AutograderError):
    """A source that cannot be graded with, or that the gradebook does not know."""
