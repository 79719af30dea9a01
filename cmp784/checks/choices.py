"""What a student chooses for a network to be trained, and how well the choice does."""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cmp784.checks.mistakes import Mistake, short

if TYPE_CHECKING:
    from torch import Tensor

    from cmp784.reference import Network

#: Names of the optimisers to their classes in `cmp784.reference`.
OPTIMISERS = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam"}

#: What a student may choose, so that training ends within a minute on one core.
LIMITS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "hidden": (
        "a list of one to four whole numbers, at most 600 in sum",
        lambda h: 1 <= len(h) <= 4 and all(type(n) is int and n > 0 for n in h) and sum(h) <= 600,
    ),
    "optimiser": ('"sgd", "momentum" or "adam"', lambda name: name in OPTIMISERS),
    "lr": ("a number above 0", lambda lr: 0 < lr < float("inf")),
    "batch_size": ("a whole number from 10 to 1000", lambda n: type(n) is int and 10 <= n <= 1000),
    "epochs": ("a whole number from 1 to 30", lambda n: type(n) is int and 1 <= n <= 30),
}


def training_choices(choices: dict[str, Any]) -> None:
    """Check that choices are complete and can be trained within a minute.

    Raises
    ------
    NotImplementedError
        When one is still None.
    Mistake
        When one is missing, or too large.

    Examples
    --------
    >>> chosen = {"hidden": [32], "optimiser": "sgd", "lr": 0.1, "batch_size": 50, "epochs": 300}
    >>> training_choices(chosen)
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: choices: "epochs" does not fit.
    Yours is 300, expected is a whole number from 1 to 30.
    """
    if any(choice is None for choice in choices.values()):
        raise NotImplementedError
    for key, (words, right) in LIMITS.items():
        found = choices.get(key)
        try:
            fitting = bool(right(found))
        except (TypeError, ValueError):
            fitting = False
        if not fitting:
            seen = f"Yours is {short(found)}, expected is {words}."
            raise Mistake(f'choices: "{key}" does not fit.', seen)


def trained_accuracy(
    network: Any,
    choices: dict[str, Any],
    training: "tuple[Tensor, Tensor]",
    on: "tuple[Tensor, Tensor]",
    at_least: float,
) -> float:
    """Return the accuracy of a student's network or, if it is too low, of the choices alone.

    Parameters
    ----------
    network
        The student's own, or None.
    choices
        As for ``training_choices``. The same choices, made of reference parts, count when the own
        network fails: a mistake in one of its parts does not cost once more.
    training, on
        Images (n, d) and labels, int64 (n,), to learn from and to be judged on.
    at_least
        The accuracy below which the choices are tried.
    """
    from cmp784 import reference

    try:
        own = reference.accuracy(network, *on)
    except Exception:  # the parts of a student's network have questions of their own
        own = 0.0
    if own >= at_least:
        return own
    return max(own, reference.accuracy(_trained(choices, *training), *on))


def _trained(choices: dict[str, Any], images: "Tensor", labels: "Tensor") -> "Network":
    """Return a network of reference parts, trained as a student chose."""
    import torch

    from cmp784 import reference

    generator = torch.Generator().manual_seed(0)
    layers: list[reference.Layer] = []
    for d_in, d_out in pairwise([images.shape[1], *choices["hidden"], 10]):
        weight = torch.empty(d_out, d_in)
        torch.nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
        layers += [reference.Linear(weight.T, torch.zeros(d_out)), reference.ReLU()]
    network = reference.Network(layers[:-1])
    kind = getattr(reference, OPTIMISERS[choices["optimiser"]])
    optimiser, loss = kind(network.parameters(), lr=choices["lr"]), reference.CrossEntropy()
    epochs, batch_size = choices["epochs"], choices["batch_size"]
    reference.train(network, optimiser, loss, images, labels, epochs, batch_size, generator)
    return network
