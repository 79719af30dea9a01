"""What a call uses is seen, under whatever name, and plain operations pass."""

import builtins
import functools

import numpy as np
import pytest
import scipy.special
import torch
from scipy.special import expit
from torch.nn import functional

from cmp784 import checks, reference
from cmp784.checks import Mistake
from cmp784.reference import ReLU as Rectifier

X = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
Y = torch.tensor([2, 0])
READY = torch.nn.Sigmoid()
SOFT = torch.softmax


class Mine(torch.nn.ReLU):
    """A layer of torch under a name of the student's."""


def caught():
    """Use autograd, and hide the error that comes of it."""
    try:
        X.sum().backward()
    except RuntimeError:
        return X


FORBIDDEN = {
    "softmax": lambda: torch.softmax(X, 1),
    "an alias": lambda: SOFT(X, 1),
    "a method": lambda: X.sigmoid(),
    "a method in place": lambda: X.clone().relu_(),
    "getattr": lambda: getattr(torch, "sig" + "moid")(X),
    "import": lambda: builtins.__import__("torch").sigmoid(X),
    "map": lambda: list(map(torch.sigmoid, [X])),
    "expit": lambda: torch.special.expit(X),
    "log_softmax": lambda: torch.special.log_softmax(X, 1),
    "logsumexp": lambda: X.logsumexp(1),
    "an operator": lambda: torch.ops.aten.sigmoid(X),
    "an inner operator": lambda: torch.ops.aten._softmax.default(X, 1, False),
    "functional relu": lambda: functional.relu(X),
    "functional cross-entropy": lambda: functional.cross_entropy(X, Y),
    "functional one-hot": lambda: functional.one_hot(Y, 3),
    "linear": lambda: functional.linear(X, X),
    "inner cross-entropy": lambda: torch._C._nn.cross_entropy_loss(X, Y),
    "binary cross-entropy": lambda: torch.binary_cross_entropy_with_logits(X, X),
    "softplus": lambda: functional.softplus(X),
    "log-sigmoid": lambda: functional.logsigmoid(X),
    "a layer made before": lambda: READY(X),
    "a new layer": lambda: torch.nn.Linear(3, 1),
    "a subclass": lambda: Mine(),
    "initialisation": lambda: torch.nn.init.normal_(X.clone()),
    "Parameter": lambda: torch.nn.Parameter(X),
    "an optimiser": lambda: torch.optim.SGD([X], lr=0.1),
    "requires_grad_": lambda: X.clone().requires_grad_(),
    "requires_grad =": lambda: setattr(X.clone(), "requires_grad", True),
    "requires_grad=True": lambda: torch.zeros(3, requires_grad=True),
    "autograd.grad": lambda: torch.autograd.grad(X.sum(), X),
    "autograd, error caught": caught,
    "func.grad": lambda: torch.func.grad(lambda z: z.sum())(X),
    "func.vjp": lambda: torch.func.vjp(lambda z: z.sum(), X),
    "functional.jvp": lambda: torch.autograd.functional.jvp(torch.sum, X, X),
    "scipy": lambda: scipy.special.softmax(X.numpy()),
    "reference": lambda: reference.threshold_unit(X, X[0], 0.0),
    "reference, an alias": lambda: Rectifier(),
}

ALLOWED = {
    "operators": lambda: 1 / (1 + torch.exp(-X)) @ X.T,
    "einsum": lambda: torch.einsum("ij,kj->ik", X, X),
    "vmap": lambda: torch.vmap(torch.sum)(X),
    "clamp": lambda: X.clamp(min=0),
    "maximum": lambda: torch.maximum(X, torch.zeros(())),
    "where": lambda: torch.where(X > 0, X, 0),
    "tanh": lambda: X.tanh(),
    "log1p": lambda: torch.log1p(torch.exp(-X.abs())),
    "logaddexp": lambda: torch.logaddexp(X, torch.zeros(())),
    "indexing": lambda: X[torch.arange(2), Y],
    "gather": lambda: X.gather(1, Y[:, None]),
    "eye": lambda: torch.eye(3)[Y],
    "scatter": lambda: torch.zeros(2, 3).scatter_(1, Y[:, None], 1.0),
    "randn": lambda: torch.randn(3, generator=torch.Generator().manual_seed(0)),
    "normal_": lambda: torch.empty(3).normal_(),
    "addcdiv_": lambda: X.clone().addcdiv_(X, X + 9),
    "lerp": lambda: X.lerp(X, 0.1),
    "no_grad": torch.no_grad(lambda: X + 1),
    "detach": lambda: X.detach().data,
    "reading requires_grad": lambda: X.requires_grad,
    "numpy": lambda: torch.from_numpy(np.maximum(X.numpy(), 0)),
    "printing": lambda: repr(X),
    "reduce": lambda: functools.reduce(torch.add, [X, X]),
}


@pytest.mark.parametrize("use", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_does_the_work_is_seen(use):
    """Under an alias, by getattr, as a method, or behind a caught error: it is named."""
    with pytest.raises(Mistake, match=r"^softmax: uses .+, which"), checks.by_hand("softmax"):
        use()


@pytest.mark.parametrize("use", ALLOWED.values(), ids=ALLOWED)
def test_plain_operations_pass(use):
    """No operation that a right answer may need is refused."""
    with checks.by_hand("softmax"):
        use()


def test_alias_of_scipy_in_a_notebook_is_seen(monkeypatch):
    """`from scipy.special import expit` at the top of a cell hides nothing."""
    monkeypatch.setattr("__main__.expit", expit, raising=False)

    with pytest.raises(Mistake, match=r"uses scipy\.special\.expit"), checks.by_hand("sigmoid"):
        __import__("__main__").expit(X.numpy())

    assert __import__("__main__").expit is scipy.special.expit is expit


def test_message_names_what_was_used():
    """The student reads the name that he knows."""
    words = r"^f: uses torch\.nn\.functional\.relu, which you do without here"

    with pytest.raises(Mistake, match=words), checks.by_hand("f"):
        functional.relu(X)


def test_stub_stays_a_stub():
    """A question that is not answered is not accused."""

    def half_done():
        functional.relu(X)
        raise NotImplementedError

    with pytest.raises(NotImplementedError), checks.by_hand("f"):
        half_done()


def test_decorated_function_is_watched_at_each_call():
    """The watch is a decorator as well, and each call begins anew."""
    watched = checks.by_hand("f")(lambda x: x.sigmoid() if x.sum() > 0 else x)

    with pytest.raises(Mistake, match="sigmoid"):
        watched(torch.ones(1))
    assert watched(torch.zeros(1)).item() == 0


def answer(x):
    """Lean on an earlier answer."""
    return 2 * earlier(x)


def earlier(x):
    """Be wrong."""
    return x - 1


def test_given_function_stands_in_for_an_earlier_answer():
    """Inside it is right and not held against the student; afterwards all is as it was."""
    with checks.given(earlier=torch.sigmoid), checks.by_hand("answer"):
        found = answer(torch.zeros(1))

    assert found.item() == 1.0
    assert answer(torch.zeros(1)).item() == -2.0


def test_given_function_that_was_not_there_is_gone_afterwards():
    """An earlier question may be open."""
    with checks.given(not_there=torch.sigmoid):
        assert globals()["not_there"](torch.zeros(())).item() == 0.5

    assert "not_there" not in globals()


@pytest.mark.parametrize(
    ("student", "words"),
    [
        (lambda x: x + 1, "the values are wrong"),
        (lambda x: (2 * x).double(), "the number type is wrong"),
        (lambda x: 2 * x if x.dtype == torch.float32 else (2 * x).float(), "float64"),
        (lambda x: (2 * x).tolist(), "expected a torch tensor, found list"),
        (lambda x: x.mul_(2), "changed its input in place"),
        (lambda x: 2 * x.view(-1).view(x.shape), "not contiguous"),
        (lambda x: x.add_(x) if x.stride(-1) > 1 else 2 * x, "in place"),
        (lambda x: x + functional.relu(x) - functional.relu(-x), "uses torch.nn"),
        (lambda x: None, "return statement"),
    ],
    ids=[
        "values",
        "double",
        "single",
        "list",
        "in place",
        "view",
        "odd in place",
        "torch.nn",
        "None",
    ],
)
def test_function_that_is_not_written_out_right_is_told(student, words):
    """Values, number types, inputs, odd storage, and forbidden helpers."""
    with pytest.raises((Mistake, RuntimeError)) as caught:
        checks.written_out(student, lambda x: 2 * x, {"rows": (X,)}, name="double")

    told = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert words in told


def test_function_that_is_written_out_right_passes():
    """Numbers, vectors and tables, in every form."""
    shapes = [(), (3,), (2, 3), (2, 3, 4)]
    inputs = {str(shape): (reference.normal(*shape), 2) for shape in shapes}

    checks.written_out(lambda x, n: x * n, lambda x, n: n * x, inputs, name="times")


class Layer:
    """A layer y = 2 x with one parameter, whose parts a test breaks."""

    def __init__(self, **broken):
        self.p, self.broken = reference.Parameter(torch.zeros(2)), broken

    def forward(self, x):
        """Return 2 x."""
        return self.broken.get("forward", lambda x: 2 * x)(x)

    def backward(self, grad_output):
        """Add to the gradient; return the input's."""
        self.p.grad += self.broken.get("grad", lambda g: g.sum(0))(grad_output)
        return self.broken.get("backward", lambda g: 2 * g)(grad_output)

    def parameters(self):
        """Return the one."""
        return [self.p]


def fail(x):
    """Raise what a wrong shape raises."""
    raise RuntimeError("shapes")


def test_parts_of_a_right_layer_are_kept():
    """Output, gradient of the input, gradients of the parameters."""
    passes = checks.passes(Layer(), X[:, :2], X[:, :2], times=2)

    assert torch.equal(passes.output, 2 * X[:, :2])
    assert torch.equal(passes.grad_input, 2 * X[:, :2])
    assert torch.equal(torch.Tensor(passes.grads[0]), 2 * X[:, :2].sum(0))


def test_mistake_in_one_part_does_not_hide_the_others():
    """An error on the way forward, or a gradient of the wrong shape, costs its own question."""
    forward = checks.passes(Layer(forward=fail), X[:, :2], X[:, :2])
    grad = checks.passes(Layer(grad=lambda g: g), X[:, :2], X[:, :2])
    backward = checks.passes(Layer(backward=fail), X[:, :2], X[:, :2])

    assert torch.equal(forward.grad_input, 2 * X[:, :2])
    assert torch.equal(grad.grad_input, 2 * X[:, :2])
    assert torch.equal(torch.Tensor(backward.grads[0]), X[:, :2].sum(0))
    for part in (lambda: forward.output, lambda: grad.grads, lambda: backward.grad_input):
        with pytest.raises(RuntimeError):
            part()


def test_layer_that_changes_its_input_is_told_and_the_way_back_is_right():
    """The copy is put right again, so that only the forward pass loses points."""
    passes = checks.passes(Layer(forward=lambda x: x.mul_(2)), X[:, :2], X[:, :2])

    with pytest.raises(Mistake, match=r"Layer\.forward: your function changed its input"):
        _ = passes.output
    assert torch.equal(passes.grad_input, 2 * X[:, :2])
