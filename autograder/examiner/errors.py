"""What goes wrong in an examination that is nobody's answer."""

from autograder.errors import AutograderError


class ExaminerError(AutograderError):
    """The examiner's room failed, whatever the hand-in did; the examination can be repeated."""
