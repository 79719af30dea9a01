"""Data classes with typed fields, properties and small methods; results are named."""

# %% A1-answer
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Neuron:
    w: Tensor
    b: Any

    def potential(self, x: Tensor) -> Tensor:
        return torch.matmul(x, self.w).add(self.b)

    def fires(self, x: Tensor) -> Tensor:
        return torch.where(self.potential(x) > 0, 1, 0).type(x.dtype)


def threshold_unit(x, w, b):
    return Neuron(w, b).fires(x)


# %% A2-answer
@dataclass(frozen=True)
class Perceptron:
    w: Tensor
    b: Any

    def taught(self, x: Tensor, y: float) -> "Perceptron":
        error = y - float(torch.dot(self.w, x) + self.b > 0)
        return Perceptron(self.w + error * x, self.b + error)


def perceptron_update(x, y, w, b):
    after = Perceptron(w, b).taught(x, float(y))
    return after.w, after.b


# %% A3-answer
def sigmoid(z):
    small = torch.exp(-z.abs())
    numerator = torch.where(z < 0, small, torch.ones_like(z))
    return numerator / (1 + small)


# %% A4-answer
@dataclass(frozen=True)
class LogisticUnit:
    x: Tensor
    y: Tensor
    w: Tensor
    b: Any

    @property
    def logits(self) -> Tensor:
        return self.x.matmul(self.w) + self.b

    @property
    def losses(self) -> Tensor:
        z = self.logits
        return torch.maximum(z, torch.zeros_like(z)) - z * self.y + (-z.abs()).exp().log1p()


def logistic_loss(x, y, w, b):
    return LogisticUnit(x, y, w, b).losses.mean()


# %% A5-answer
@dataclass(frozen=True)
class LogisticGradient:
    x: Tensor
    y: Tensor
    w: Tensor
    b: Any

    @property
    def residuals(self) -> Tensor:
        z = self.x.matmul(self.w) + self.b
        e = z.abs().neg().exp()
        return torch.where(z < 0, e, 1.0).div(1 + e).sub(self.y)

    @property
    def w_part(self) -> Tensor:
        return (self.x * self.residuals[:, None]).mean(dim=0)

    @property
    def b_part(self) -> Tensor:
        return self.residuals.mean()


def logistic_gradient(x, y, w, b):
    gradient = LogisticGradient(x, y, w, b)
    return gradient.w_part, gradient.b_part


# %% B1-answer
@dataclass(frozen=True)
class Logits:
    z: Tensor

    @property
    def shifted(self) -> Tensor:
        return self.z - self.z.max(dim=1, keepdim=True).values

    @property
    def probabilities(self) -> Tensor:
        e = self.shifted.exp()
        return e / e.sum(dim=1, keepdim=True)


def softmax(z):
    return Logits(z).probabilities


# %% B2-answer
@dataclass(frozen=True)
class ScoredLogits:
    z: Tensor
    y: Tensor

    @property
    def surprise(self) -> Tensor:
        rows = torch.arange(self.z.size(0))
        shifted = self.z - self.z.max(dim=1, keepdim=True).values
        return shifted.exp().sum(dim=1).log() - shifted[rows, self.y]


def cross_entropy(z, y):
    return ScoredLogits(z, y).surprise.mean()


# %% B3-answer
def cross_entropy_gradient(z, y):
    shifted = z - z.max(dim=1, keepdim=True).values
    p = shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)
    is_right = torch.arange(z.size(1))[None, :] == y[:, None]
    return (p - is_right.to(z.dtype)).div(z.size(0))


# %% C1-answer
@dataclass
class Linear:
    weight: Any
    bias: Any
    seen: Tensor | None = field(default=None, repr=False)

    def __post_init__(self):
        self.weight = Parameter(self.weight)
        self.bias = Parameter(self.bias)

    def forward(self, x):
        self.seen = x
        return torch.addmm(self.bias.value, x, self.weight.value)

    def backward(self, grad_output):
        self.weight.grad.add_(self.seen.t().mm(grad_output))
        self.bias.grad.add_(grad_output.sum(0))
        return grad_output.mm(self.weight.value.t())

    def parameters(self):
        return [self.weight, self.bias]


# %% C4-answer
@dataclass
class ReLU:
    mask: Tensor | None = None

    def forward(self, x):
        self.mask = x.gt(0)
        return x.masked_fill(~self.mask, 0)

    def backward(self, grad_output):
        return grad_output.masked_fill(~self.mask, 0)

    def parameters(self):
        return []


# %% C5-answer
@dataclass
class Sigmoid:
    y: Tensor | None = None

    def forward(self, x):
        small = x.abs().neg().exp()
        self.y = torch.where(x < 0, small, torch.ones_like(x)) / (small + 1)
        return self.y

    def backward(self, grad_output):
        return grad_output * self.y * (1 - self.y)

    def parameters(self):
        return []


# %% C6-answer
@dataclass(frozen=True)
class CentralDifference:
    f: Any
    x: Tensor
    h: float

    def at(self, i: int) -> float:
        around = []
        for sign in (+1, -1):
            moved = self.x.clone(memory_format=torch.contiguous_format)
            moved.view(-1)[i] += sign * self.h
            around.append(float(self.f(moved)))
        return (around[0] - around[1]) / (2 * self.h)


def numerical_gradient(f, x, h=1e-5):
    difference = CentralDifference(f, x, h)
    values = [difference.at(i) for i in range(x.numel())]
    return torch.tensor(values, dtype=torch.float64).reshape(x.shape)


# %% D1-answer
@dataclass(frozen=True)
class Initialisation:
    variance: float

    def draw(self, shape, generator):
        return torch.empty(shape).normal_(0, self.variance**0.5, generator=generator)


def he(d_in, d_out, generator):
    return Initialisation(2 / d_in).draw((d_in, d_out), generator)


# %% D2-answer
def xavier(d_in, d_out, generator):
    std = (2 / (d_in + d_out)) ** 0.5
    return torch.empty(d_in, d_out).normal_(std=std, generator=generator)


# %% D3-answer
@dataclass
class Network:
    layers: list

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        found = []
        for layer in self.layers:
            found.extend(layer.parameters())
        return found


# %% D5-answer
def parameter_count(network):
    return sum(parameter.value.numel() for parameter in network.parameters())


# %% E1-answer
class SGD(Optimiser):
    def __init__(self, parameters, lr):
        super().__init__(parameters)
        self.lr = lr

    def step(self):
        for parameter in self.parameters:
            parameter.value.sub_(parameter.grad, alpha=self.lr)


# %% E2-answer
@dataclass
class Velocity:
    parameter: Any
    v: Tensor

    def step(self, lr, momentum):
        self.v.mul_(momentum).add_(self.parameter.grad)
        self.parameter.value.sub_(self.v, alpha=lr)


class Momentum(Optimiser):
    def __init__(self, parameters, lr, momentum=0.9):
        super().__init__(parameters)
        self.lr = lr
        self.momentum = momentum
        self.velocities = [Velocity(p, torch.zeros_like(p.value)) for p in self.parameters]

    def step(self):
        for velocity in self.velocities:
            velocity.step(self.lr, self.momentum)


# %% E3-answer
@dataclass
class Moments:
    m: Tensor
    v: Tensor
    t: int = 0

    def update(self, g: Tensor, betas) -> None:
        self.t += 1
        self.m = betas[0] * self.m + (1 - betas[0]) * g
        self.v = betas[1] * self.v + (1 - betas[1]) * g.square()

    def corrected(self, betas):
        return self.m / (1 - betas[0] ** self.t), self.v / (1 - betas[1] ** self.t)


class Adam(Optimiser):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.moments = {}

    def step(self):
        for p in self.parameters:
            zeros = Moments(torch.zeros_like(p.value), torch.zeros_like(p.value))
            moments = self.moments.setdefault(id(p), zeros)
            moments.update(p.grad, self.betas)
            m, v = moments.corrected(self.betas)
            p.value = p.value - self.lr * m / (v.sqrt() + self.eps)


# %% F1-answer
def accuracy(network, images, labels):
    guesses = network.forward(images).max(dim=1).indices
    return (guesses == labels).sum().item() / labels.numel()


# %% F2-answer
@dataclass
class RunningMean:
    total: float = 0.0
    count: int = 0

    def add(self, mean: float, count: int) -> None:
        self.total += mean * count
        self.count += count

    @property
    def value(self) -> float:
        return self.total / self.count


def train(network, optimiser, loss, images, labels, epochs, batch_size, generator):
    losses = []
    for _ in range(epochs):
        order = torch.randperm(labels.numel(), generator=generator)
        images_now, labels_now = images[order], labels[order]
        mean = RunningMean()
        for x, y in zip(images_now.split(batch_size), labels_now.split(batch_size)):
            optimiser.zero_grad()
            mean.add(loss.forward(network.forward(x), y).item(), len(y))
            network.backward(loss.backward())
            optimiser.step()
        losses.append(mean.value)
    return losses


# %% F3-answer
@dataclass
class Choices:
    hidden: list = field(default_factory=lambda: [150])
    optimiser: str = "momentum"
    lr: float = 0.1
    batch_size: int = 64
    epochs: int = 12


choices = vars(Choices())

# %% [markdown] G1
# My training loss ends at a tenth of where it began. Held-out accuracy is one or two points below
# the accuracy on training images, so the network is a little too free for ten thousand images:
# next I would add more images, then weight decay.
