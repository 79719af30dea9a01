"""What goes wrong with rooms."""

from autograder.errors import AutograderError


class RoomsError(AutograderError):
    """A room cannot be made, or has ended before its work was done."""
