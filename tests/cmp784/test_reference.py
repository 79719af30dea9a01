"""The reference parts agree with mathematics, and checks with them tell right from wrong."""

import pytest
import torch

from cmp784 import checks, reference
from cmp784.checks import Mistake

RIGHT = {"hidden": [8], "optimiser": "momentum", "lr": 0.1, "batch_size": 20, "epochs": 12}


def cloud(count, seed):
    """Return points around ten corners, and which corner each belongs to."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(10, (count,), generator=generator)
    return 3 * torch.eye(10)[labels] + torch.randn(count, 10, generator=generator) / 4, labels


def test_layers_give_the_gradients_of_the_formulas():
    """A linear layer and a rectifier, by hand for one row."""
    layer = reference.Linear(torch.tensor([[1.0, -1.0]]), torch.tensor([0.0, 5.0]))
    network = reference.Network([layer, reference.ReLU()])

    y = network.forward(torch.tensor([[-2.0]]))
    grad_input = network.backward(torch.tensor([[1.0, 1.0]]))

    assert y.tolist() == [[0.0, 7.0]]
    assert grad_input.tolist() == [[-1.0]]
    assert [p.grad.tolist() for p in network.parameters()] == [[[0.0, -2.0]], [0.0, 1.0]]


def test_gradients_are_added_up():
    """Twice backward is twice the gradient, as in the practical."""
    layer = reference.Linear(torch.ones(1, 1), torch.zeros(1))
    for _ in range(2):
        layer.forward(torch.tensor([[3.0]]))
        layer.backward(torch.tensor([[1.0]]))

    assert layer.weight.grad.tolist() == [[6.0]]


class Rule(reference.Optimiser):
    """An optimiser by a formula, whose parts a test breaks."""

    def __init__(self, parameters, lr, momentum=0.9, change="none"):
        self.parameters, self.lr, self.momentum = list(parameters), lr, momentum
        self.change, self.v = change, [torch.zeros_like(p.value) for p in self.parameters]

    def step(self):
        """Take a step."""
        for i, p in enumerate(self.parameters):
            g = p.grad.mul_(2) if self.change == "gradient" else p.grad
            self.v[0 if self.change == "shared" else i] = v = self.momentum * self.v[i] + g
            p.value = p.value - (2 if self.change == "twice" else 1) * self.lr * v


STARTS = [torch.ones(2), torch.tensor(3.0)]
GRADIENTS = [[reference.normal(2, seed=t), reference.normal(seed=t + 50)] for t in range(5)]


def compare(change="none", **more):
    """Compare the rule with torch's momentum."""

    def student(parameters, **settings):
        return Rule(parameters, change=change, **settings)

    checks.optimiser_close(student, reference.Momentum, STARTS, GRADIENTS, lr=0.1, **more)


def test_right_optimiser_passes():
    """With and without steps to warm up."""
    compare()
    compare(warm_up=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("twice", r"student\(lr=0\.1\): parameter 1 of 2, float32, after step 1"),
        ("shared", "parameter 2 of 2, float32, after step 2|parameter 1 of 2.*step 2"),
        ("gradient", "changed a gradient in place"),
    ],
)
def test_wrong_optimiser_is_told_step_and_parameter(change, words):
    """The message says where to look."""
    with pytest.raises(Mistake, match=words):
        compare(change)


def test_constant_factor_can_be_left_to_another_question():
    """One mistake costs once."""
    compare("twice", any_factor=True)
    with pytest.raises(Mistake, match="after step"):
        compare("shared", any_factor=True)


def loop(**broken):
    """Return a training loop with one thing broken."""

    def train(network, optimiser, loss, images, labels, epochs, batch_size, generator):
        means, order = [], torch.arange(len(images))
        for _ in range(epochs):
            if "once" not in broken or not means:
                chance = None if "global" in broken else generator
                order = torch.randperm(len(images), generator=chance)
            if "sorted" in broken:
                order = torch.arange(len(images))
            batches = order.split(batch_size)[: -1 if "last" in broken else None]
            total, sums = 0.0, []
            for batch in batches:
                if "zero" not in broken:
                    optimiser.zero_grad()
                z = network.forward(images[batch])
                pair = labels[: len(batch)] if "pairs" in broken else labels[batch]
                mean = float(loss.forward(z, pair))
                sums.append(mean)
                total += mean * len(batch)
                if "early" in broken:
                    optimiser.step()
                network.backward(z if "gradient" in broken else loss.backward())
                if "early" not in broken and "step" not in broken:
                    optimiser.step()
            means.append(sum(sums) / len(sums) if "mean" in broken else total / len(images))
        return means[-1] if "number" in broken else means

    return train


def test_right_loop_passes():
    """Torch's own loader of batches, and a loop by hand."""
    for train in (reference.train, loop()):
        checks.training_loop(train, examples=10, epochs=3, batch_size=4)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("once", "the order is the same in every epoch"),
        ("sorted", "come in their own order"),
        ("global", "does not come from the generator"),
        ("last", "the batches are wrong for 10 images"),
        ("zero", "gradients of earlier batches are still there"),
        ("pairs", "do not belong together"),
        ("early", "before the gradients of its batch"),
        ("step", "0 steps of the optimiser for 9 batches"),
        ("gradient", "does not get what loss.backward returned"),
        ("mean", "the mean loss of epoch 1 is wrong"),
        ("number", "expected a list with the mean loss"),
    ],
)
def test_broken_loop_is_told_what_it_does(broken, words):
    """Each mistake has words of its own."""
    with pytest.raises(Mistake, match=words):
        checks.training_loop(loop(**{broken: True}), examples=10, epochs=3, batch_size=4)


def test_choices_are_tried_when_the_own_network_fails():
    """A wrong part, or none, does not cost the choices as well."""
    training, unseen = cloud(400, 1), cloud(200, 2)

    class Broken:
        def forward(self, x):
            raise RuntimeError("shapes")

    for network in (None, Broken()):
        found = checks.trained_accuracy(network, RIGHT, training, unseen, at_least=0.95)
        assert found > 0.95


def test_own_network_counts_when_it_is_good():
    """Nothing is trained a second time."""
    images, labels = cloud(200, 3)

    found = checks.trained_accuracy(
        reference.Fixed(torch.eye(10)), {}, (images, labels), (images, labels), 0.9
    )

    assert found == reference.accuracy(reference.Fixed(torch.eye(10)), images, labels) > 0.9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden": 64}, '"hidden" does not fit'),
        ({"hidden": []}, '"hidden" does not fit'),
        ({"hidden": [500, 500]}, "at most 600 in sum"),
        ({"optimiser": "adagrad"}, '"sgd", "momentum" or "adam"'),
        ({"lr": -1}, "a number above 0"),
        ({"batch_size": 1}, "from 10 to 1000"),
        ({"epochs": 31}, "from 1 to 30"),
    ],
)
def test_choices_that_do_not_fit_are_told(change, words):
    """Training has to end within a minute."""
    with pytest.raises(Mistake, match=words):
        checks.training_choices(RIGHT | change)


def test_open_choice_is_not_answered_yet():
    """None stands for an answer to come."""
    checks.training_choices(RIGHT)
    with pytest.raises(NotImplementedError):
        checks.training_choices(RIGHT | {"lr": None})
