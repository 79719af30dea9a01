"""Parts of a network as torch makes them, with the interface of practical 1.

The practical's later questions are tested with these, so that an earlier mistake is not paid for
twice. All derivatives come from autograd and all steps from ``torch.optim``: nothing here shows how
to write them by hand.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


class Parameter:
    """Learned numbers and their gradient.

    Attributes
    ----------
    value : Tensor
        The numbers.
    grad : Tensor
        The same shape; 0 at the start.
    """

    def __init__(self, value: Tensor) -> None:
        self.value, self.grad = value, torch.zeros_like(value)


class Layer:
    """A function of torch as a layer: ``backward`` is autograd's.

    Parameters
    ----------
    function
        Takes ``x`` and the parameters' values, and returns the output.
    *values
        Start values of the parameters.

    Examples
    --------
    >>> square = Layer(torch.square)
    >>> square.forward(torch.tensor([3.0]))
    tensor([9.])
    >>> square.backward(torch.tensor([1.0]))
    tensor([6.])
    """

    def __init__(self, function: Callable[..., Tensor], *values: Tensor) -> None:
        self._function, self._parameters = function, [Parameter(value) for value in values]

    def forward(self, x: Tensor) -> Tensor:
        """Return the output, (n, ...) to (n, ...)."""
        sources = [x, *(parameter.value for parameter in self._parameters)]
        self._leaves = [source.detach().requires_grad_() for source in sources]
        with torch.enable_grad():
            self._output = self._function(*self._leaves)
        return self._output.detach()

    def backward(self, grad_output: Tensor) -> Tensor:
        """Add the gradients of the parameters, and return the gradient of the input."""
        grad_input, *grads = torch.autograd.grad(self._output, self._leaves, grad_output)
        for parameter, grad in zip(self._parameters, grads, strict=True):
            parameter.grad = parameter.grad + grad
        return grad_input

    def parameters(self) -> list[Parameter]:
        """Return the parameters."""
        return list(self._parameters)


class Linear(Layer):
    """``x @ weight + bias``, by ``torch.nn.functional.linear``.

    Parameters
    ----------
    weight, bias
        (d_in, d_out) and (d_out,).
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__(lambda x, w, b: functional.linear(x, w.T, b), weight, bias)
        self.weight, self.bias = self._parameters


class ReLU(Layer):
    """``torch.relu`` as a layer."""

    def __init__(self) -> None:
        super().__init__(torch.relu)


class Sigmoid(Layer):
    """``torch.sigmoid`` as a layer."""

    def __init__(self) -> None:
        super().__init__(torch.sigmoid)


class Fixed:
    """A layer that learns nothing and needs no forward pass before the way back: ``x @ matrix``.

    Parameters
    ----------
    matrix
        (d_in, d_out).
    """

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, d_out) for (n, d_in)."""
        return x @ self.matrix

    def backward(self, grad_output: Tensor) -> Tensor:
        """Return (n, d_in) for (n, d_out)."""
        return grad_output @ self.matrix.T

    def parameters(self) -> list[Parameter]:
        """Return no parameters."""
        return []


class Network(Layer):
    """Reference layers in a row, as one function for autograd.

    Parameters
    ----------
    layers
        Layers of this module, first to last.

    Examples
    --------
    >>> network = Network([Linear(torch.eye(2), torch.zeros(2)), ReLU()])
    >>> network.forward(torch.tensor([[-1.0, 2.0]]))
    tensor([[0., 2.]])
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__(self._through)
        self.layers = list(layers)
        self._parameters = [one for layer in layers for one in layer.parameters()]

    def _through(self, x: Tensor, *values: Tensor) -> Tensor:
        rest = iter(values)
        for layer in self.layers:
            x = layer._function(x, *(next(rest) for _ in layer.parameters()))
        return x


class CrossEntropy:
    """``torch.nn.functional.cross_entropy`` and its gradient.

    Examples
    --------
    >>> loss = CrossEntropy()
    >>> loss.forward(torch.zeros(1, 2), torch.tensor([0]))
    tensor(0.6931)
    >>> loss.backward()
    tensor([[-0.5000,  0.5000]])
    """

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Return the mean loss of logits (n, k) and labels (n,)."""
        self._layer = Layer(lambda z: functional.cross_entropy(z, y))
        return self._layer.forward(z)

    def backward(self) -> Tensor:
        """Return the gradient with respect to the logits, (n, k)."""
        return self._layer.backward(torch.ones_like(self._layer._output))


class Optimiser:
    """An optimiser of ``torch.optim`` for parameters of the practical.

    Parameters
    ----------
    parameters
        With ``value`` and ``grad``.
    make
        Takes a list of tensors and returns the optimiser of torch.
    """

    def __init__(
        self, parameters: Iterable[Any], make: Callable[[list[Tensor]], torch.optim.Optimizer]
    ) -> None:
        self.parameters = list(parameters)
        self._torch = make([parameter.value for parameter in self.parameters])

    def zero_grad(self) -> None:
        """Set all gradients to 0."""
        for parameter in self.parameters:
            parameter.grad = torch.zeros_like(parameter.value)

    def step(self) -> None:
        """Change the values, in place."""
        for parameter in self.parameters:
            parameter.value.grad = parameter.grad
        self._torch.step()
        self._torch.zero_grad()


class SGD(Optimiser):
    """``torch.optim.SGD`` without momentum."""

    def __init__(self, parameters: Iterable[Any], lr: float) -> None:
        super().__init__(parameters, lambda values: torch.optim.SGD(values, lr))


class Momentum(Optimiser):
    """``torch.optim.SGD`` with momentum."""

    def __init__(self, parameters: Iterable[Any], lr: float, momentum: float = 0.9) -> None:
        super().__init__(parameters, lambda values: torch.optim.SGD(values, lr, momentum))


class Adam(Optimiser):
    """``torch.optim.Adam``."""

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(parameters, lambda values: torch.optim.Adam(values, lr, betas, eps))


def threshold_unit(x: Tensor, w: Tensor, b: Tensor | float) -> Tensor:
    """Return 1 where the weighted sum is above 0, else 0, by ``torch.heaviside``.

    Examples
    --------
    >>> threshold_unit(torch.tensor([[1.0], [-1.0]]), torch.tensor([2.0]), 0.0)
    tensor([1., 0.])
    """
    total = x @ w + b
    return torch.heaviside(total, torch.zeros_like(total))


def gradients(function: Callable[..., Tensor], *at: Tensor) -> tuple[Tensor, ...]:
    """Return the derivatives of a single number with respect to each argument, by autograd.

    Examples
    --------
    >>> gradients(lambda x: (x**2).sum(), torch.tensor([1.0, 2.0]))
    (tensor([2., 4.]),)
    """
    leaves = [tensor.detach().clone().requires_grad_() for tensor in at]
    return torch.autograd.grad(function(*leaves), leaves)


def normal(*shape: int, seed: int = 784) -> Tensor:
    """Return standard normal numbers, float32, the same at every call."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def accuracy(network: Any, images: Tensor, labels: Tensor) -> float:
    """Return the fraction of images whose largest output stands at the label.

    Parameters
    ----------
    network
        With ``forward(images)``, (n, d) to (n, k).
    images, labels
        (n, d), and int64 (n,).
    """
    return float((torch.as_tensor(network.forward(images)).argmax(1) == labels).double().mean())


def train(
    network: Any,
    optimiser: Any,
    loss: Any,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int,
    generator: torch.Generator,
) -> list[float]:
    """Train with torch's own loader of batches; return the mean loss of each epoch."""
    from torch.utils.data import DataLoader, TensorDataset

    pairs = TensorDataset(images, labels)
    means = []
    for _ in range(epochs):
        order = torch.utils.data.RandomSampler(pairs, generator=generator)
        sums = []
        for x, y in DataLoader(pairs, batch_size, sampler=order):
            optimiser.zero_grad()
            sums.append(len(y) * float(loss.forward(network.forward(x), y)))
            network.backward(loss.backward())
            optimiser.step()
        means.append(sum(sums) / len(labels))
    return means
