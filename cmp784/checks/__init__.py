"""Exercise checks that speak: what is wrong, what was seen, the likely mistake, the next step.

A notebook writes ``with checks.exercise("Exercise 1: half adder"):`` and calls the building blocks
below it; a practical writes ``with checks.graded("A1: threshold unit"):``, which fails the cell as
well. A test calls the blocks directly and gets a ``Mistake``, which is an ``AssertionError``.
"""

from cmp784.checks.behaviour import causal, deterministic, falling, forbidden, parameters
from cmp784.checks.by_hand import by_hand, given, written_out
from cmp784.checks.choices import trained_accuracy, training_choices
from cmp784.checks.functions import cases, function_close
from cmp784.checks.graded import NotYet, graded, when_answered
from cmp784.checks.gradients import gradient
from cmp784.checks.layers import passes
from cmp784.checks.mistakes import Mistake
from cmp784.checks.optimisers import optimiser_close
from cmp784.checks.outcomes import MIME, Outcome, OutcomeError, exercise, read
from cmp784.checks.shapes import dtype, shape
from cmp784.checks.tables import (
    one_hot,
    orthogonal,
    permutation,
    probability_rows,
    symmetric,
)
from cmp784.checks.training import training_loop
from cmp784.checks.truth_tables import truth_table
from cmp784.checks.values import between, close, equal, unchanged

__all__ = [
    "MIME",
    "Mistake",
    "NotYet",
    "Outcome",
    "OutcomeError",
    "between",
    "by_hand",
    "cases",
    "causal",
    "close",
    "deterministic",
    "dtype",
    "equal",
    "exercise",
    "falling",
    "forbidden",
    "function_close",
    "given",
    "graded",
    "gradient",
    "one_hot",
    "optimiser_close",
    "orthogonal",
    "parameters",
    "passes",
    "permutation",
    "probability_rows",
    "read",
    "shape",
    "symmetric",
    "trained_accuracy",
    "training_choices",
    "training_loop",
    "truth_table",
    "unchanged",
    "when_answered",
    "written_out",
]
