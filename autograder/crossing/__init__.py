"""How a test and a student's code meet without sharing a process: values cross, code never does.

The examiner runs a test in `Names`, behind which a `Student` stands: a connection to the student's
notebook, where `answering.serve` answers. Plain data crosses by value, the student's functions and
objects as stand-ins. Nothing of what the student's side sends is trusted: see `link.Link`.
"""

from autograder.crossing.errors import (
    CannotCrossError,
    CrossingError,
    StudentGone,
    StudentTimeout,
)
from autograder.crossing.names import Names
from autograder.crossing.operators import operators_of
from autograder.crossing.student import Student

__all__ = [
    "CannotCrossError",
    "CrossingError",
    "Names",
    "Student",
    "StudentGone",
    "StudentTimeout",
    "operators_of",
]
