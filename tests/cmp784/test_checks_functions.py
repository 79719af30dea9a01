"""Checks that call the student's function, and checks of arrays with a promise."""

import functools
import math
import random
import types

import numpy as np
import pytest
import torch

from cmp784 import checks
from cmp784.checks import Mistake, sources

GATES = [(0, 0), (0, 1), (1, 0), (1, 1)]
HALF_ADDER = {(0, 0): (0, 0), (0, 1): (1, 0), (1, 0): (1, 0), (1, 1): (0, 1)}
XOR = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}


def softmax(x):
    """Return the right answer."""
    powers = torch.exp(x - x.max(dim=1, keepdim=True).values)
    return powers / powers.sum(dim=1, keepdim=True)


PROBABILITIES = {
    "over the batch": (
        torch.tensor([[1.0, 2.0, 0.5], [3.0, 1.0, 2.0]]).softmax(0),
        "sum to 1 over the batch: you normalised over dim 0.\nSum over dim 1",
    ),
    "over another dimension": (
        torch.rand(2, 3, 4, generator=torch.Generator().manual_seed(0)).softmax(1),
        "sum to 1 over dim 1: you normalised over dim 1",
    ),
    "whole table": (np.full((2, 4), 1 / 8), "whole table sums to 1"),
    "logarithms": (np.log([[0.5, 0.5], [0.1, 0.9]]), "these are log-probabilities.\nTake exp"),
    "logarithm of zero": ([[0.0, -math.inf]], "these are log-probabilities"),
    "logits": ([[2.0, -1.0], [0.3, 0.2]], r"some are negative.*\n.*-1 at \[0, 1\].*\n.*logits"),
    "not normalised": ([[1.0, 2.0]], r"sums along dim 1 are 3.\nDivide each row by its sum"),
    "percent": ([[25.0, 75.0]], "these are percent"),
    "zeros": (np.zeros((2, 2)), "All are zero.\nIs the result ever filled in"),
    "one row": ([0.5, 0.6], "they do not sum to 1.\nTheir sum is 1.1"),
    "nan": ([[math.nan, 1.0]], "not all numbers are finite.\nYours is not a number"),
    "inf": ([[math.inf, 1.0]], "not all numbers are finite.\nYours is infinite"),
    "empty": (np.zeros((0, 3)), "is empty"),
    "None": (None, "is the return statement missing"),
    "single number": (1.0, "has 0 dimensions, so there is no dim -1"),
}


@pytest.mark.parametrize(("value", "words"), PROBABILITIES.values(), ids=PROBABILITIES)
def test_rows_that_are_no_probabilities_are_explained(value, words):
    """Each way to miss rows of probabilities is named."""
    with pytest.raises(Mistake, match=words):
        checks.probability_rows(value)


@pytest.mark.parametrize(
    "value",
    [softmax(torch.randn(4, 3)).requires_grad_(), [0.5, 0.5], np.eye(3), torch.ones(2, 2, 1)],
    ids=["softmax", "one row", "certain", "one class"],
)
def test_rows_of_probabilities_pass(value):
    """Any shape will do whose last dimension sums to 1."""
    assert checks.probability_rows(value) is None


ORDERS = {
    "missing and repeated": ([0, 2, 2], None, "Missing: 1. Repeated: 2.\nIf you draw at random"),
    "from one": ([1, 3, 2], None, "count from 1"),
    "too short": ([0, 1], 4, r"Missing: 2 and 3.\nYours has 2 numbers, expected are 4"),
    "outside": ([0, 1, -1], None, "Missing: 2. Outside: -1"),
    "fractions": ([0.5, 1], None, "expected whole numbers, found 0.5 and 1.0"),
    "nan": ([math.nan, 1], None, "expected whole numbers"),
    "inf": ([math.inf, 0], None, "expected whole numbers"),
    "table": ([[0, 1]], None, r"one row of numbers, found the shape \(1, 2\)"),
}


@pytest.mark.parametrize(("value", "size", "words"), ORDERS.values(), ids=ORDERS)
def test_order_that_is_no_permutation_is_explained(value, size, words):
    """Missing, repeated and outside numbers are named."""
    with pytest.raises(Mistake, match=words):
        checks.permutation(value, size)


ONE_HOT = {
    "two ones": ([[0, 1], [1, 1]], None, None, r"row 1 holds 2 ones.*\nThat row is \[1, 1\]"),
    "transposed": ([[1, 1, 0], [0, 0, 1]], None, None, "Each column holds a single 1"),
    "probabilities": ([[0.2, 0.8]], None, None, "these are probabilities. Take the argmax"),
    "other numbers": ([[2.0, -1.0]], None, None, "row 0 holds other numbers than 0 and 1"),
    "labels themselves": ([1, 0], [1, 0], None, "these are the labels themselves"),
    "columns": (np.eye(3), None, 4, "Yours has 3 columns, expected are 4"),
    "columns and rows": (np.eye(4)[:, :2], None, 4, "transposed"),
    "shifted": (np.eye(4)[[1, 2, 3]], [0, 1, 2], None, "one place beside"),
    "misplaced": (np.eye(3)[[0, 1]], [0, 2], None, "Row 1 has its 1 at 1, but its label is 2"),
    "rows": (np.eye(3), [0, 1], None, r"yours has 3 rows, but the labels have the shape \(2,\)"),
}


@pytest.mark.parametrize(("value", "labels", "classes", "words"), ONE_HOT.values(), ids=ONE_HOT)
def test_wrong_one_hot_code_is_explained(value, labels, classes, words):
    """The first wrong row is shown, and what it looks like."""
    with pytest.raises(Mistake, match=words):
        checks.one_hot(value, labels, classes=classes)


MATRICES = {
    "one pair": (checks.symmetric, [[1, 2], [3, 1]], r"Value \[0, 1\] is 2, but \[1, 0\] is 3"),
    "opposite": (checks.symmetric, [[0, 2], [-2, 0]], "halves have opposite signs"),
    "half filled": (checks.symmetric, [[1, 2], [0, 1]], "only the other half was filled"),
    "not square": (checks.symmetric, [[1, 2]], r"expected a square matrix, found the shape \(1, 2"),
    "nan": (checks.symmetric, [[math.nan]], "not all numbers are finite"),
    "length": (checks.orthogonal, [[3, 0], [0, 1]], "Column 0 has length 3, expected is 1"),
    "angle": (
        checks.orthogonal,
        [[1, 0.6], [0, 0.8]],
        "Columns 0 and 1 have the inner product 0.6",
    ),
}


@pytest.mark.parametrize(("check", "value", "words"), MATRICES.values(), ids=MATRICES)
def test_matrix_without_its_promise_is_explained(check, value, words):
    """Symmetric and orthogonal name the first place that fails."""
    with pytest.raises(Mistake, match=words):
        check(value)


TABLES = {
    "another gate": (lambda a, b: int(a and b), XOR, "3 of 4 rows.*\n(.*\n)+.*you built AND"),
    "exchanged": (lambda a, b: (a & b, a ^ b), HALF_ADDER, "two outputs are exchanged"),
    "minus one": (lambda a, b: 1 if a != b else -1, XOR, "answers with -1 and 1, expected are 0"),
    "no threshold": (lambda a, b: 0.3 * a + b, XOR, "is the threshold missing"),
    "inverted": (
        lambda a: torch.tensor([1 - a]),
        {0: 0, 1: 1},
        "2 of 2 rows are wrong.\nyour function\\(0\\) is 1, expected is 0",
    ),
    "None": (lambda a, b: None, XOR, r"your function\(0, 0\) is None.\n.*return statement"),
    "nan": (lambda a, b: math.nan, XOR, "Some outputs are not numbers"),
    "single for a pair": (lambda a, b: 1, HALF_ADDER, r"is 1, expected is \(1, 0\)"),
    "one in a tuple": (lambda a, b: (1,), XOR, r"is \(1,\), expected is 0"),
    "words": (lambda a, b: "yes", XOR, "is 'yes', expected is 0"),
}


@pytest.mark.parametrize(("function", "table", "words"), TABLES.values(), ids=TABLES)
def test_wrong_truth_table_is_explained(function, table, words):
    """Wrong rows are shown, and the gate that was built instead is named."""
    with pytest.raises(Mistake, match=words):
        checks.truth_table(function, table)


def test_long_truth_table_shows_six_rows_and_counts_the_rest():
    """A message stays readable."""
    table = {(a, b, c): a ^ b ^ c for a in (0, 1) for b in (0, 1) for c in (0, 1)}

    with pytest.raises(Mistake, match=r"8 of 8 rows(.*\n){7}And 2 more.\nEvery output is inverted"):
        checks.truth_table(lambda a, b, c: 1 - a ^ b ^ c, table)


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: (a != b, a and b),
        lambda a, b: torch.tensor([a ^ b, a & b]),
        lambda a, b: [np.int64(a ^ b), float(a & b)],
    ],
    ids=["bools", "tensor", "list of numpy and float"],
)
def test_right_truth_table_passes_in_any_type(function):
    """True equals 1, and a tensor of two is as good as a pair."""
    assert checks.truth_table(function, HALF_ADDER) is None


def test_every_gate_of_two_inputs_has_a_name():
    """Whatever two-input gate was built, it is named."""
    said = set()
    for code in range(16):
        gate = {pair: code >> place & 1 for place, pair in enumerate(GATES)}
        wrong = {pair: 1 - value for pair, value in gate.items()}
        with pytest.raises(Mistake, match="you built") as caught:
            checks.truth_table(lambda a, b, gate=gate: gate[a, b], wrong)
        said.add(caught.value.likely)

    assert len(said) == 16


def square_sum(x):
    """Return a function with a known gradient, 2x."""
    return (x**2).sum()


GRADIENTS = {
    "sign": ([-2.0, -4.0, 6.0], "sign is flipped"),
    "factor": (
        [1.0, 2.0, -3.0],
        r"largest error is at \[2\]: yours is -3, expected is -6.\n.*2 ti",
    ),
    "nan": ([2.0, math.nan, -6.0], r"at \[1\]: yours is nan.*\n.*not a number"),
    "shape": ([[2.0, 4.0, -6.0]], "the shape is wrong"),
    "None": (None, "your gradient is None"),
}


@pytest.mark.parametrize("method", ["differences", "autograd"])
@pytest.mark.parametrize(("value", "words"), GRADIENTS.values(), ids=GRADIENTS)
def test_wrong_gradient_is_explained(value, words, method):
    """The component with the largest error is shown, and the likely mistake."""
    at = torch.tensor([1.0, 2.0, -3.0])

    with pytest.raises(Mistake, match=words):
        checks.gradient(value, square_sum, at, method=method)


def test_gradient_that_is_a_mean_is_named_with_its_batch():
    """A mean over the batch in place of the sum is named when its size is known."""
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    with pytest.raises(Mistake, match="20 times too small, the size of the batch: a mean"):
        checks.gradient(x.mean(0), lambda w: (x @ w).sum(), torch.ones(3), batch=20)


@pytest.mark.parametrize("at", [3.0, [1.0, 2.0], np.ones((2, 3)), torch.ones(2)], ids=type)
def test_right_gradient_passes_at_any_kind_of_point(at):
    """The function gets the kind of point that was given, in double precision."""
    double = 2 * (at if torch.is_tensor(at) else np.array(at))

    assert checks.gradient(double, square_sum, at) is None


def test_function_of_several_outputs_has_no_gradient():
    """A loss that was not summed is told so."""
    with pytest.raises(Mistake, match=r"must return a single number.\nIts shape is \(2,\)"):
        checks.gradient([1.0, 1.0], lambda x: x, [1.0, 2.0])


def test_unknown_method_of_differentiation_is_refused():
    """The author of a notebook gets a plain error with the choices."""
    with pytest.raises(ValueError, match="choose one of differences, autograd"):
        checks.gradient(1.0, square_sum, 1.0, method="magic")


def in_place(x):
    """Change the argument."""
    x -= 1
    return x + 1


def for_one_row_only(x):
    """Return what is right for the first row alone."""
    return softmax(x[:1]).expand(x.shape[0], -1)


FUNCTIONS = {
    "other dimension": (lambda x: torch.softmax(x, 0), "along the other dimension"),
    "in place": (lambda x: softmax(in_place(x)), "your function changed its input in place"),
    "only one sample": (for_one_row_only, "case 'small'.*values are wrong(.*\n)+.*is repeated"),
    "None": (lambda x: None, r"for the case 'small' is None"),
    "unstable": (lambda x: torch.exp(x * 1000), "the case .*\n.*\nYours is infinite"),
}


@pytest.mark.parametrize(("function", "words"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_function_that_differs_is_told_with_its_input(function, words):
    """The case on which the two differ is named."""
    with pytest.raises(Mistake, match=words):
        checks.function_close(function, softmax, checks.cases(("n", "d")))


def test_right_function_passes_and_leaves_the_random_numbers_alone():
    """Both draw the same random numbers, and the notebook's own stream is not moved."""
    torch.manual_seed(3), random.seed(3), np.random.seed(3)
    expected = torch.rand(1), random.random(), np.random.rand()
    torch.manual_seed(3), random.seed(3), np.random.seed(3)

    def noisy(x):
        return x + torch.rand_like(x) + random.random() + np.random.rand()

    checks.function_close(noisy, noisy, checks.cases(("n", "d")))
    assert (torch.rand(1), random.random(), np.random.rand()) == expected


@pytest.mark.parametrize(
    "argument",
    [torch.nn.Linear(2, 2), np.random.default_rng(0), torch.Generator(), object()],
    ids=["model", "numpy generator", "torch generator", "object"],
)
def test_argument_that_cannot_be_compared_is_not_called_changed(argument):
    """Copies of an opaque object never compare equal, which is no mistake of the student's."""
    assert checks.function_close(lambda x: 1.0, lambda x: 1.0, [argument]) is None


def test_model_changed_by_a_function_is_told():
    """A model is compared by its parameters."""

    def train(model):
        with torch.no_grad():
            model.weight += 1
        return 1.0

    with pytest.raises(Mistake, match="changed its input in place"):
        checks.function_close(train, lambda x: 1.0, [torch.nn.Linear(2, 2)])


def test_loss_that_does_not_depend_on_the_point_has_gradient_zero():
    """Autograd has nothing to follow, and the gradient is zero."""
    at = torch.ones(2)

    assert checks.gradient([0, 0], lambda x: torch.tensor(3.0), at, method="autograd") is None


def test_functions_of_several_results_are_compared_part_by_part():
    """A tuple of results names its part, and text and None are compared exactly."""
    with pytest.raises(Mistake, match="part 2 of 2: the values are wrong"):
        checks.function_close(
            lambda x: (x, 2 * x), lambda x: (x, 3 * x), [np.arange(3.0)], name="f"
        )
    with pytest.raises(Mistake, match="x = 'ab': not the expected text"):
        checks.function_close(str.upper, str.title, ["ab"])


def test_error_in_a_function_carries_the_input():
    """The student's own error passes, with a note that names the case."""
    with pytest.raises(ZeroDivisionError, match="division by zero") as caught:
        checks.function_close(lambda x: 1 / x, lambda x: x, [0], name="inverse")

    assert caught.value.__notes__ == ["It happened in inverse(x) for x = 0."]


def test_cases_are_the_same_at_every_call_and_differ_in_size():
    """Small, odd and batched, by a fixed seed; sizes of one case differ."""
    one, two = (checks.cases(("n", "d"), ("d", "k")) for _ in range(2))

    assert list(one) == ["small", "odd", "one sample", "one of each", "batched"]
    assert [x.shape for x, _ in one.values()] == [(2, 3), (5, 7), (1, 3), (1, 1), (32, 6)]
    assert all(torch.equal(a, b) for key in one for a, b in zip(one[key], two[key], strict=True))


def test_too_many_letters_are_refused():
    """Five sizes are known."""
    with pytest.raises(ValueError, match="6 different letters"):
        checks.cases(tuple("abcdef"))


def helper(x):
    """Use what is forbidden, one step away."""
    return torch.nn.functional.relu(x)


def by_helper(x):
    """Call the helper."""
    return helper(x)


def by_loop(x):
    """Sum by a loop."""
    total = 0
    while total < x:
        total += sum(i for i in range(2))
    return total


def by_method(x):
    """Use a method."""
    loss = (x**2).sum()
    loss.backward()
    return x.grad


def by_late_import(x):
    """Import inside."""
    from torch.nn import functional as f

    return f.relu(x)


class Layer(torch.nn.Module):
    """A class that stands on torch.nn."""

    def forward(self, x):
        """Return the input."""
        return x


def without_source(code, **names):
    """Return a function whose source cannot be had."""
    scope = {"torch": torch, **names}
    exec(code, scope)
    return scope["f"]


FORBIDDEN = {
    "helper": (by_helper, "torch.nn", "by_helper: uses torch.nn"),
    "loops": (by_loop, ["for", "while"], "uses for and while.*\nLet one operation work"),
    "method": (by_method, ["backward"], "uses backward.*\nWrite it out"),
    "late import": (by_late_import, ["torch.nn"], "uses torch.nn"),
    "class": (Layer, ["torch.nn"], "Layer: uses torch.nn"),
    "partial": (functools.partial(by_method), ["backward"], "uses backward"),
    "built-in itself": (torch.softmax, ["softmax"], "softmax: uses softmax"),
    "no source": (without_source("def f(x):\n  return torch.softmax(x, 0)"), "softmax", "softmax"),
    "no source, alias": (
        without_source("def f(x):\n  return F.relu(x)", F=torch.nn.functional),
        "torch.nn",
        "f: uses torch.nn",
    ),
    "no source, loop": (without_source("def f(x):\n  for i in x: pass"), ["for"], "uses for"),
    "no source, while": (
        without_source("def f(x):\n  while x > 1:\n    x -= 1\n  return x"),
        ["while"],
        "uses while",
    ),
}


@pytest.mark.parametrize(("function", "names", "words"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_forbidden_name_is_found(function, names, words):
    """Under an alias, in a helper, in a class, and without the source."""
    with pytest.raises(Mistake, match=words):
        checks.forbidden(function, names)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (softmax, ["torch.nn", "backward", "for", "while"]),
        (by_helper, ["for", "torch.autograd"]),
        (without_source("def f(x):\n  return torch.exp(x)"), ["softmax", "for", "while"]),
        (without_source("def f(x):\n  for i in x: pass"), ["while"]),
        (math.sin, ["cos"]),
        (types.SimpleNamespace(), ["torch.nn"]),
    ],
    ids=["plain", "helper", "no source", "for is no while", "built-in", "no function"],
)
def test_allowed_function_passes(function, names):
    """What does not use a name is not accused."""
    assert sources.used(function, names) == []
    assert checks.forbidden(function, names) is None


def test_random_function_is_found_out():
    """Two calls that differ are told."""
    with pytest.raises(Mistake, match=r"with the same arguments differ\.\nIs a random"):
        checks.deterministic(lambda: np.random.default_rng().random(3))


def test_function_that_sees_the_future_is_found_out():
    """The earliest output that looks ahead is named."""
    x = torch.zeros(2, 5, 3)

    with pytest.raises(Mistake, match="output at time 0 depends on the input at time 1"):
        checks.causal(lambda x: x + x.mean(dim=1, keepdim=True), x)
    assert checks.causal(lambda x: x.cumsum(dim=1), x.requires_grad_()) is None


LOSSES = {
    "grows": ([1.0, 2.0, 3.0], None, "wrong sign, or it is too large"),
    "up and down": ([1.0, 0.5, 1.5], None, r"did not fall.\nIt went from 1 to 1.5.\nPlot it"),
    "stuck": ([1.0, 1.0], None, "never changes.*\n.*\nAre the parameters really updated"),
    "nan": ([1.0, math.nan], None, "from step 1 on it is nan"),
    "not enough": ([1.0, 0.9], 0.5, "Expected is at most 0.5.\nTrain for longer"),
    "one": ([1.0], None, "one number tells no direction"),
}


@pytest.mark.parametrize(("losses", "to", "words"), LOSSES.values(), ids=LOSSES)
def test_loss_that_does_not_fall_is_explained(losses, to, words):
    """Stuck, growing, exploding and slow are told apart."""
    with pytest.raises(Mistake, match=words):
        checks.falling(losses, to=to)


class ListOfLayers(torch.nn.Module):
    """Layers in a plain list, which torch does not see."""

    def __init__(self):
        super().__init__()
        self.layers = [torch.nn.Linear(2, 2)]


MODELS = {
    "count": (
        torch.nn.Linear(3, 2),
        r"learns 8 numbers, expected are 6.\nweight \(2, 3\) and bias",
    ),
    "plain list": (ListOfLayers(), "None is registered"),
    "class": (torch.nn.Linear, "expected a torch model, found type.\nMake one"),
    "function": (softmax, "expected a torch model, found function"),
}


@pytest.mark.parametrize(("model", "words"), MODELS.values(), ids=MODELS)
def test_wrong_number_of_parameters_is_explained(model, words):
    """The shapes of what is learnt are listed."""
    with pytest.raises(Mistake, match=words):
        checks.parameters(model, 6)
