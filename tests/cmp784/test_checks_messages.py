"""Every message of the building blocks, provoked."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch

from cmp784 import checks
from cmp784.checks import Mistake

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4))
S = RNG.normal(size=(4, 4))
V = RNG.normal(size=6)
P = np.abs(A) / np.abs(A).sum(axis=1, keepdims=True)
LONG = RNG.normal(size=(8, 5))


def one_row_wrong():
    """Return a copy of A whose last row is off."""
    wrong = A.copy()
    wrong[-1] = [9.0, 7.0, 5.5, 1.25]
    return wrong


def with_diagonal(matrix, values):
    """Return a copy with another diagonal."""
    made = matrix.copy()
    np.fill_diagonal(made, values)
    return made


KINDS = {
    "None": (None, "your result is None.\nYour function returned None: is the return statement"),
    "ellipsis": (..., "still `...`.\nWrite your answer"),
    "function": (
        math.sin,
        r"is a function, not its result.\n.*brackets of the call.*\nCall it: sin",
    ),
    "class": (dict, "is a class, not its result"),
    "generator": ((i for i in range(3)), r"a generator, which can be read only once.\nPut list"),
    "map": (map(abs, [1]), "a map, which can be read only once"),
    "text": ("0.5", "expected numbers, found text.\nSeen: '0.5'"),
    "dict": ({"a": 1}, "expected numbers, found a dict"),
    "set": ({1}, "expected numbers, found a set"),
    "ragged list": ([[1, 2], [3]], "rows have different lengths"),
    "None inside": ([1, None], "holds None.\nA function returned None"),
    "other object": (object(), "expected numbers, found an object of type object"),
}


@pytest.mark.parametrize(("value", "words"), KINDS.values(), ids=KINDS)
def test_value_that_is_no_number_is_named(value, words):
    """What is not a number is refused in words, with the next step."""
    with pytest.raises(Mistake, match=words):
        checks.close(value, 1.0)


SHAPES = {
    "transposed": ((4, 3), (3, 4), "transposed.\nTry .T"),
    "column left over": ((3, 1), (3,), r"one dimension of size 1 is left over.\nUse .squeeze"),
    "two left over": ((1, 3, 1), (3,), "dimensions of size 1 are left over"),
    "keepdim missing": ((3,), (3, 1), "dimension of size 1 was lost.\nUse keepdim=True"),
    "one elsewhere": ((3, 1), (1, 3), "transposed"),
    "one elsewhere in three": ((1, 3, 4), (3, 1, 4), "stands in another place"),
    "broadcast square": ((5, 5), (5,), r"column \(5, 1\) met a row \(5,\)"),
    "summed over everything": ((), (3,), "sum or mean went over everything"),
    "flattened": ((12,), (3, 4), "number of values is right, but their arrangement is not"),
    "off by one": ((3, 5), (3, 4), "Dimension 1 is off by one"),
    "other size": ((3, 9), (3, 4), "Dimension 1 is 9, expected is 4"),
    "dimension summed away": ((3,), (3, 4), "Yours has 1 dimension, expected are 2.\nWas a dim"),
    "dimension too many": ((2, 3, 4), (3, 4), "Is a sum, mean or index still missing"),
    "empty": ((0, 4), (3, 4), "Yours is empty"),
    "any size": ((3, 9), (None, 4), r"Yours is \(3, 9\), expected is \(any, 4\)"),
}


@pytest.mark.parametrize(("found", "wanted", "words"), SHAPES.values(), ids=SHAPES)
def test_wrong_shape_is_explained(found, wanted, words):
    """Each kind of wrong shape shows both shapes and what it tells."""
    with pytest.raises(Mistake, match=words) as caught:
        checks.shape(np.zeros(found), wanted, name="logits")

    assert caught.value.problem == "logits: the shape is wrong."
    assert f"Yours is {found}" in caught.value.seen


TYPES = {
    "single for double": (np.float32(1), "float64", "single precision"),
    "double for single": (torch.zeros(2, dtype=torch.float64), torch.float32, "from numpy or from"),
    "bool for float": (np.array([True]), np.float64, "the comparison itself"),
    "int for float": ([1, 2], "float", "kept whole numbers"),
    "float for int": (torch.zeros(2), torch.int64, r"Convert with .long\(\)"),
    "float for bool": ([0.5], bool, "Compare with a threshold"),
    "int for bool": (torch.tensor([1]), torch.bool, "Convert to bool"),
    "int32 for int64": (np.int32(1), np.int64, "Yours is int32, expected is int64"),
    "None": (None, "float", "returned None"),
}


@pytest.mark.parametrize(("value", "wanted", "words"), TYPES.values(), ids=TYPES)
def test_wrong_number_type_is_explained(value, wanted, words):
    """Each kind of wrong number type is named with the conversion."""
    with pytest.raises(Mistake, match=words):
        checks.dtype(value, wanted)


VALUES = {
    "transposed": (S.T, S, "transposed"),
    "sign": (-A, A, "sign is flipped"),
    "one sign": (-2.0, 2.0, "sign is flipped"),
    "zeros and ones exchanged": ([0, 1, 1, 0], [1, 0, 0, 1], "0 and 1 are exchanged"),
    "twice": (2 * A, A, "everything is 2 times too large.\nIs a factor 2 too many"),
    "half": (A / 2, A, "everything is 2 times too small.\nIs a factor 2 missing"),
    "half of one number": (1.5, 3.0, "everything is 2 times too small"),
    "size of a dimension": (A * 3, A, "3 is the size of dimension 0.\nIs a mean expected"),
    "mean over a dimension": (A / 4, A, "4 is the size of dimension 1.\nIs a sum expected"),
    "whole factor": (A * 10, A, "10 times too large.\nDid you take a sum where a mean"),
    "any factor": (A * 1.37, A, "same factor, 1.37"),
    "offset": (A + 0.25, A, "off by the same amount, 0.25"),
    "logarithm": (np.log(P), P, "yours is the logarithm"),
    "exponential": (np.exp(A), A, "yours is the exponential"),
    "square root": (np.sqrt(P), P, "yours is the square root"),
    "square": (P**2, P, "yours is the square of"),
    "before the sigmoid": (A, 1 / (1 + np.exp(-A)), "before the sigmoid"),
    "before the tanh": (A, np.tanh(A), "before the tanh"),
    "before the ReLU": (LONG, np.maximum(LONG, 0), "before the ReLU"),
    "with signs": (A, np.abs(A), "but with signs"),
    "one over": (1 / A, A, "1 over what is expected"),
    "logits": (A, np.exp(A) / np.exp(A).sum(1, keepdims=True), "logits"),
    "cut off": ([1, 2, 4, -3], [1.5, 2.75, 4.1, -3.5], "decimals were cut off"),
    "rounded": ([2, 3, 4, -3], [1.6, 2.75, 4.1, -3.2], "decimals were rounded"),
    "rounded down": ([1, 2, 4, -4], [1.5, 2.75, 4.1, -3.5], "rounded down"),
    "reversed": (V[::-1], V, "order along dimension 0 is reversed"),
    "one step late": ([7, *V[:-1]], V, "one step too late along dimension 0"),
    "one step early": ([*V[1:], 7], V, "one step too early along dimension 0"),
    "one step along rows": (np.roll(LONG, 1, 1), LONG, "too late along dimension 1"),
    "repeated": (np.tile(A[1], (3, 1)), A, "result for row 1 is repeated"),
    "permuted rows": (LONG[[3, 1, 0, 2, 7, 5, 6, 4]], LONG, "rows are right but stand in another"),
    "permuted values": (V[[2, 0, 1, 5, 3, 4]], V, "values are right but stand in another order"),
    "nan": ([1.0, math.nan], [1.0, 2.0], r"first at \[1\]: yours is nan.*\n.*not a number"),
    "inf": ([1.0, math.inf], [1.0, 2.0], "Yours is infinite"),
    "complex": ([1 + 1j, 2], [1.0, 2.0], "Yours is complex"),
    "last row": (one_row_wrong(), A, r"Only index 2 \(the last\) of dimension 0 is wrong"),
    "diagonal wrong": (with_diagonal(S, 7.5), S, "Only the diagonal is wrong"),
    "diagonal right": (
        with_diagonal(RNG.normal(size=(4, 4)), S.diagonal()),
        S,
        "Only the diagonal is right",
    ),
    "unknown": (A**3 + 1.7 * A, A, "12 of 12 values differ.*\nCompute the first value"),
    "one number": (3.0, 5.0, "the value is wrong.\nYours is 3, expected is 5.\nCompute this one"),
    "shape": (A, A.T, "the shape is wrong"),
    "parts": ((A, V), (A, V[:2]), "part 2 of 2: the shape is wrong"),
    "too few parts": ((A,), (A, V), "expected 2 results, found 1"),
    "one for several": (A, (A, V), "expected 2 results, found one ndarray"),
    "None for several": (None, (A, V), "returned None"),
    "dict": ({"w": A}, {"w": -A}, "'w': the values are wrong"),
    "keys": ({"w": A, "c": 1}, {"w": A, "b": 1}, "Missing: 'b'. Not expected: 'c'."),
    "no dict": ([A], {"w": A}, "expected a dict with 1 keys, found one list"),
}


@pytest.mark.parametrize(("value", "expected", "words"), VALUES.values(), ids=VALUES)
def test_wrong_values_are_diagnosed(value, expected, words):
    """Each likely mistake is named when the evidence is exact; the values are shown."""
    with pytest.raises(Mistake, match=words):
        checks.close(value, expected)


def test_close_numbers_are_shown_with_enough_digits():
    """Two numbers that six digits do not tell apart get more."""
    with pytest.raises(Mistake, match=r"Yours is 1.00000123, expected is 1.0."):
        checks.close(1.00000123, 1.0, rtol=1e-7)


def test_tensors_are_diagnosed_like_arrays():
    """A float32 tensor that carries a gradient gets the same words."""
    right = torch.tensor(A, dtype=torch.float32)

    with pytest.raises(Mistake, match="sign is flipped"):
        checks.close((-right).requires_grad_(), right)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 32, "32 times too small, the size of the batch: a mean was taken where the sum"),
        (32, "32 times too large, the size of the batch: a sum was taken where the mean"),
    ],
    ids=["mean for sum", "sum for mean"],
)
def test_factor_of_the_batch_is_named(factor, words):
    """With the size of the batch known, a mean taken for a sum is named, and the reverse."""
    with pytest.raises(Mistake, match=words):
        checks.close(A * factor, A, batch=32)


def test_single_precision_is_named_when_double_is_asked_for():
    """An error of the size of float32 rounding is called so."""
    rounded = A.astype(np.float32).astype(np.float64)

    with pytest.raises(Mistake, match="rounding in single precision"):
        checks.close(rounded, A, rtol=1e-12, atol=0)


QUIET = {
    "a table of zeros and ones": ([0, 0, 1, 0], [0, 1, 0, 0]),
    "one number and any factor": (3.7, 1.0),
    "two values and an offset": ([1.5, 2.5], [1.0, 2.0]),
    "constant rows": (np.full((4, 4), 2.0), np.full((4, 4), 3.3)),
    "all zero is no flipped sign": (np.zeros(5), V[:5]),
    "expected zero": ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]),
    "one value in a table": ([[1.0]], [[4.0]]),
    "some wrong values": ([1.0, 2.0, 9.0, 4.0], [1.0, 2.0, 3.0, 5.0]),
    "few labels in the reverse order": ([2, 0, 1, 1], [1, 1, 0, 2]),
}


@pytest.mark.parametrize(("value", "expected"), QUIET.values(), ids=QUIET)
def test_weak_evidence_names_no_mistake(value, expected):
    """Where chance could explain an agreement, no likely mistake is named."""
    with pytest.raises(Mistake, match="wrong") as caught:
        checks.close(value, expected)

    assert "looks as if" not in caught.value.likely
    assert "off by" not in caught.value.likely


RIGHT = {
    "numbers": (0.1 + 0.2, 0.3),
    "whole numbers": (7, 7),
    "bool and int": (True, 1),
    "list and tensor": ([1.0, 2.0], torch.tensor([1.0, 2.0])),
    "list of tensors": ([torch.tensor(1.0, requires_grad=True), 2.0], [1.0, 2.0]),
    "half precision": (torch.tensor([0.333], dtype=torch.bfloat16), [1 / 3]),
    "conjugate view": (torch.tensor([1j]).conj(), [-1j]),
    "sparse": (torch.eye(2).to_sparse(), np.eye(2)),
    "nan and inf": ([math.nan, math.inf, -math.inf], [math.nan, math.inf, -math.inf]),
    "empty": ([], np.zeros(0)),
    "large whole numbers": (2**80, float(2**80)),
    "range": (range(3), [0, 1, 2]),
    "parts": ((A, [V, 1.0]), (A, [V, 1.0])),
    "unsigned": (np.array([0, 255], np.uint8), [0, 255]),
}


@pytest.mark.parametrize(("value", "expected"), RIGHT.values(), ids=RIGHT)
def test_right_values_of_any_kind_pass(value, expected):
    """Numbers, lists, arrays and tensors are compared by what they hold."""
    assert checks.close(value, expected) is None


@pytest.mark.parametrize(
    ("value", "expected", "seen"),
    [
        (1_000_001, 1_000_000, "Yours is 1000001, expected is 1000000."),
        (2**60 + 1, 2**60, f"Yours is {2**60 + 1}, expected is {2**60}."),
        (np.array([0], np.uint8), np.array([1], np.uint8), "yours is 0, expected is 1"),
        ([True, False], [True, True], r"first at \[1\]: yours is False, expected is True"),
    ],
    ids=["a million and one", "beyond double precision", "unsigned", "bool"],
)
def test_whole_numbers_must_agree_exactly(value, expected, seen):
    """No tolerance hides a count that is off by one."""
    with pytest.raises(Mistake, match=seen):
        checks.close(value, expected)


def test_comparison_leaves_its_inputs_alone():
    """Neither side is written to, and a tensor keeps its gradient."""
    value, expected = torch.ones(3, requires_grad=True), np.arange(3.0)
    before = copy.deepcopy((value.detach(), expected))

    with pytest.raises(Mistake, match="values are wrong"):
        checks.close(value, expected)

    assert torch.equal(value.detach(), before[0])
    assert np.array_equal(expected, before[1])
    assert value.requires_grad


EQUAL = {
    "spaces": ("a ", "a", "differ only in spaces"),
    "capitals": ("Ada", "ada", "differ only in capital letters"),
    "backwards": ("abc", "cba", "written backwards"),
    "other text": ("x", "y", "Yours is 'x', expected is 'y'"),
    "number for text": (3, "3", "expected text, found 3"),
    "set": ({1}, {1, 2}, r"Yours is \{1\}, expected is \{1, 2\}"),
    "list of words": (["a", "c"], ["a", "b"], "not the expected value"),
    "None": (1, None, "expected is None"),
    "array": ([1.0, 2.0 + 1e-12], [1.0, 2.0], "yours is 2.000000000001, expected is 2.0"),
    "shape": ([1, 2], [1, 2, 3], "off by one"),
    "missing return": (None, 3, "returned None"),
    "dict": ({"a": "x"}, {"a": "y"}, "your result, 'a': not the expected text"),
}


@pytest.mark.parametrize(("value", "expected", "words"), EQUAL.values(), ids=EQUAL)
def test_unequal_values_are_shown(value, expected, words):
    """Exact comparison covers numbers, text and containers."""
    with pytest.raises(Mistake, match=words):
        checks.equal(value, expected)


BETWEEN = {
    "percent": (93, 0, 1, "in percent.\nDivide by 100"),
    "nan": (math.nan, 0, 1, "Yours is nan.\nYours is not a number"),
    "one of several": ([0.5, 2.0, 0.1], 0, 1, r"Yours is 2 at \[1\]; 1 of 3 lie outside"),
    "empty": ([], 0, 1, r"is empty.\nIts shape is \(0,\)"),
    "complex": (1j, 0, 1, "is complex, expected real numbers"),
    "open end": (-1, 0, math.inf, "range from 0 to inf"),
}


@pytest.mark.parametrize(("value", "low", "high", "words"), BETWEEN.values(), ids=BETWEEN)
def test_number_outside_its_range_is_explained(value, low, high, words):
    """The first number outside is shown with its place."""
    with pytest.raises(Mistake, match=words):
        checks.between(value, low, high)


CHANGED = {
    "tensor": (torch.zeros(2), torch.ones(2)),
    "shape": (np.zeros((2, 1)), np.zeros(2)),
    "number type": (np.zeros(2), np.zeros(2, int)),
    "list": ([1, [2]], [1, [3]]),
    "dict": ({"a": 1}, {"a": 1, "b": 2}),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_changed_input_is_told(before, after):
    """A change in value, shape or type counts as a change in place."""
    with pytest.raises(Mistake, match=r"changed it in place.\nBefore: .*After: .*\nWork on a copy"):
        checks.unchanged(before, after)


def test_untouched_input_passes_with_nan():
    """Not a number equals itself here."""
    value = {"a": [np.array([math.nan]), torch.tensor([math.nan]), math.nan]}

    assert checks.unchanged(copy.deepcopy(value), value) is None


def test_mistake_keeps_its_parts_when_pickled():
    """The fields cross a process, and the message is their lines."""
    mistake = Mistake("what", "seen", "likely", "step")

    copied = pickle.loads(pickle.dumps(mistake))

    assert vars(copied) == vars(mistake)
    assert str(copied) == "what\nseen\nlikely\nstep"
    assert isinstance(copied, AssertionError)
