"""The examiner: a hand-in's notebook runs in one room, the tests that decide in another.

`examine` does the whole of it for one notebook. What decides never runs beside the student's code,
and what the student's code may say never reaches an output once hidden tests have begun.
"""

from typing import TYPE_CHECKING, Any

from autograder.examiner.errors import ExaminerError
from autograder.examiner.job import Examined, Job, Verdict

if TYPE_CHECKING:
    from autograder.examiner.learning import Learnt, learn
    from autograder.examiner.session import examine
    from autograder.examiner.validation import Validation, validate

__all__ = [
    "Examined",
    "ExaminerError",
    "Job",
    "Learnt",
    "Validation",
    "Verdict",
    "examine",
    "learn",
    "validate",
]

_HOMES = {
    "examine": "session",
    "learn": "learning",
    "Learnt": "learning",
    "validate": "validation",
    "Validation": "validation",
}


def __getattr__(name: str) -> Any:
    """Import the grader's side at its first use: rooms import this package too, for little."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
