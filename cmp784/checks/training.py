"""Watch a training loop at work, with parts that record what it does with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cmp784.checks.calls import seeded
from cmp784.checks.mistakes import Mistake, number, short

if TYPE_CHECKING:
    from torch import Tensor


class Recorder:
    """Network, optimiser and loss in one: remembers the batches, and the gradient at each step.

    The first number of an image is its own index, its label is 100 more. The gradient is a counter:
    1 at a step means that it was zeroed and then computed once.
    """

    def __init__(self) -> None:
        self._batches: list[list[int]] = []
        self._gradient, self._at_steps = 0, list[int]()
        self._trouble: list[str] = []
        self._seen: Tensor | None = None
        self._marked: Tensor | None = None

    def zero_grad(self) -> None:
        """Set the gradient to 0."""
        self._gradient = 0

    def step(self) -> None:
        """Remember the gradient."""
        self._at_steps.append(self._gradient)

    def parameters(self) -> list[Any]:
        """Return no parameters."""
        return []


class RecordingNetwork:
    """The recorder as a network: its output is its input."""

    def __init__(self, record: Recorder) -> None:
        self._record = record

    def forward(self, x: "Tensor") -> "Tensor":
        """Remember the batch."""
        self._record._batches.append([int(i) for i in x[:, 0]])
        self._record._seen = x
        return x + 0.0

    def backward(self, grad_output: "Tensor") -> "Tensor":
        """Count, when the gradient comes from the loss."""
        marked = self._record._marked
        if marked is None or not _same(grad_output, marked):
            self._record._trouble.append(
                "network.backward does not get what loss.backward returned."
            )
        self._record._gradient += 1
        return grad_output

    def parameters(self) -> list[Any]:
        """Return no parameters."""
        return []


class RecordingLoss:
    """The recorder as a loss: the mean label, so that the mean of an epoch is known."""

    def __init__(self, record: Recorder) -> None:
        self._record = record

    def forward(self, z: "Tensor", y: "Tensor") -> "Tensor":
        """Return the mean of the labels; see that they belong to the images."""
        if z.shape[:1] != y.shape[:1] or [int(i) + 100 for i in z[:, 0]] != y.tolist():
            self._record._trouble.append("images and labels of a batch do not belong together.")
        self._z = z
        return y.double().mean()

    def backward(self) -> "Tensor":
        """Return a gradient that the network knows again, by its value."""
        self._record._marked = self._z * 0 + len(self._record._batches)
        return self._record._marked.clone()


def _same(found: Any, expected: "Tensor") -> bool:
    """Tell whether a student's loop passed these numbers on."""
    shape = getattr(found, "shape", None)
    return shape == expected.shape and bool((found == expected).all())


def training_loop(
    train: Callable[..., Any], *, examples: int, epochs: int, batch_size: int, name: str = "train"
) -> None:
    """Check a training loop: what it shows in which order, and what it returns.

    Parameters
    ----------
    train
        ``train(network, optimiser, loss, images, labels, epochs, batch_size, generator)``, which
        returns the mean loss of each epoch.
    examples, epochs, batch_size
        How much to train with.
    name
        What the loop is called.

    Raises
    ------
    Mistake
        Names what the loop does wrong.
    """
    record, history = _record(train, examples, epochs, batch_size, seed=1)
    for words in record._trouble[:1]:
        raise Mistake(f"{name}: {words}")
    _order(record, examples, epochs, batch_size, name)
    if record._at_steps != [1] * len(record._batches):
        raise _wrong_steps(record, name)
    _mean_losses(history, examples, epochs, name)
    again, _ = _record(train, examples, epochs, batch_size, seed=1, elsewhere=2)
    other, _ = _record(train, examples, epochs, batch_size, seed=2)
    if again._batches != record._batches or (examples > 7 and other._batches == record._batches):
        raise Mistake(
            f"{name}: the order does not come from the generator.",
            step="Give the generator to torch.randperm, and make no other generator.",
        )


def _record(
    train: Callable[..., Any],
    examples: int,
    epochs: int,
    batch_size: int,
    seed: int,
    elsewhere: int = 1,
) -> tuple[Recorder, Any]:
    """Run a loop with a seed for its generator, and another for torch's own random numbers."""
    import torch

    record = Recorder()
    images = torch.stack([torch.arange(examples), torch.ones(examples)], dim=1).float()
    labels = torch.arange(examples) + 100
    generator = torch.Generator().manual_seed(seed)
    parts = RecordingNetwork(record), record, RecordingLoss(record)
    with seeded():
        torch.random.default_generator.manual_seed(elsewhere)
        history = train(*parts, images, labels, epochs, batch_size, generator)
    return record, history


def _order(record: Recorder, examples: int, epochs: int, batch_size: int, name: str) -> None:
    """Check that each epoch shows each example once, in batches of the right size, shuffled."""
    whole, rest = divmod(examples, batch_size)
    sizes = ([batch_size] * whole + [rest] * bool(rest)) * epochs
    found = [len(batch) for batch in record._batches]
    if found != sizes:
        raise Mistake(
            f"{name}: the batches are wrong for {examples} images, {epochs} epochs and batch size "
            f"{batch_size}.",
            f"Their sizes are {short(found)}, expected is {short(sizes)}.",
        )
    seen = [i for batch in record._batches for i in batch]
    rounds = [seen[start : start + examples] for start in range(0, len(seen), examples)]
    for epoch, order in enumerate(rounds, start=1):
        if sorted(order) != list(range(examples)):
            missing = len(set(range(examples)) - set(order))
            raise Mistake(f"{name}: epoch {epoch} leaves out {missing} of {examples} images.")
    if examples > 7 and rounds[0] == sorted(rounds[0]):
        raise Mistake(f"{name}: the images come in their own order. Shuffle them in each epoch.")
    if examples > 7 and epochs > 1 and rounds[0] == rounds[1]:
        raise Mistake(f"{name}: the order is the same in every epoch. Draw a new one in each.")


def _wrong_steps(record: Recorder, name: str) -> Mistake:
    steps, batches = len(record._at_steps), len(record._batches)
    if steps != batches:
        return Mistake(f"{name}: {steps} steps of the optimiser for {batches} batches.")
    if record._at_steps[-1] > 1:
        return Mistake(
            f"{name}: the gradients of earlier batches are still there at a later step.",
            step="Call optimiser.zero_grad() before the gradients of each batch.",
        )
    return Mistake(
        f"{name}: the optimiser takes a step before the gradients of its batch are there.",
        step="The order is zero_grad, forward, loss, backward, step.",
    )


def _mean_losses(history: Any, examples: int, epochs: int, name: str) -> None:
    """Check the result: one number an epoch, the mean over all examples."""
    if not isinstance(history, list) or len(history) != epochs:
        count = f" of {len(history)}" if hasattr(history, "__len__") else ""
        raise Mistake(
            f"{name}: expected a list with the mean loss of each of {epochs} epochs, "
            f"found a {type(history).__name__}{count}."
        )
    expected = 100 + (examples - 1) / 2
    for epoch, mean in enumerate(history, start=1):
        if abs(float(mean) - expected) > 1e-4 * expected:
            raise Mistake(
                f"{name}: the mean loss of epoch {epoch} is wrong.",
                f"Yours is {number(float(mean))}, expected is {number(expected)}.",
                step="It is the mean over all examples; a batch that is smaller counts for less.",
            )
