"""Functions that make functions: closures hold the state, classes are thin covers around them."""

# %% A1-answer
def affine(w, b):
    return lambda x: x @ w + b


def threshold_unit(x, w, b):
    return torch.heaviside(affine(w, b)(x), torch.zeros((), dtype=x.dtype))


# %% A2-answer
def perceptron_update(x, y, w, b):
    def guess(z):
        return 1.0 if z > 0 else 0.0

    def moved(by):
        return w + by * x, b + by

    return moved(y - guess(x @ w + b))


# %% A3-answer
def sigmoid(z):
    return torch.reciprocal(1 + torch.exp(-z))


# %% A4-answer
def softplus_of(z):
    return torch.where(z > 0, z, torch.zeros_like(z)) + torch.log1p(torch.exp(-torch.abs(z)))


def logistic_loss(x, y, w, b):
    z = x @ w + b
    return torch.mean(softplus_of(z) - y * z)


# %% A5-answer
def logistic_gradient(x, y, w, b):
    def pull_back(residual):
        return x.T @ residual, residual.sum()

    return pull_back((sigmoid(x @ w + b) - y) / len(x))


# %% B1-answer
from functools import partial, reduce


def along_rows(reduction):
    return partial(reduction, dim=1, keepdim=True)


def softmax(z):
    shifted = z - along_rows(torch.amax)(z)
    return torch.exp(shifted - along_rows(torch.sum)(shifted.exp()).log())


# %% B2-answer
def cross_entropy(z, y):
    shifted = z - z.amax(dim=1, keepdim=True)
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_p.gather(1, y.unsqueeze(1)).mean()


# %% B3-answer
def cross_entropy_gradient(z, y):
    shifted = z - z.amax(dim=1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)
    minus = -torch.ones(len(y), 1, dtype=z.dtype)
    return p.scatter_add(1, y.unsqueeze(1), minus) / len(z)


# %% C1-answer
def linear_rule(weight, bias):
    """Return a function from x to the output and the function that goes back."""

    def forward(x):
        def back(g):
            weight.grad = weight.grad + x.T @ g
            bias.grad = bias.grad + g.sum(dim=0)
            return g @ weight.value.T

        return x @ weight.value + bias.value, back

    return forward


class Linear:
    def __init__(self, weight, bias):
        self.weight, self.bias = map(Parameter, (weight, bias))
        self.rule = linear_rule(self.weight, self.bias)

    def forward(self, x):
        y, self.backward = self.rule(x)
        return y

    def parameters(self):
        return [self.weight, self.bias]


# %% C4-answer
def relu_rule(x):
    return torch.where(x > 0, x, 0), lambda g: torch.where(x > 0, g, 0)


class ReLU:
    def forward(self, x):
        y, self.back = relu_rule(x)
        return y

    def backward(self, grad_output):
        return self.back(grad_output)

    def parameters(self):
        return []


# %% C5-answer
def sigmoid_rule(x):
    y = torch.reciprocal(1 + torch.exp(-x))
    return y, lambda g: g * (y - y * y)


class Sigmoid:
    def forward(self, x):
        y, self.back = sigmoid_rule(x)
        return y

    def backward(self, grad_output):
        return self.back(grad_output)

    def parameters(self):
        return []


# %% C6-answer
def numerical_gradient(f, x, h=1e-5):
    def moved(i, by):
        flat = x.flatten().clone()
        flat[i] += by
        return flat.view(x.shape)

    def slope(i):
        return (f(moved(i, h)) - f(moved(i, -h))) / (2 * h)

    return torch.tensor([slope(i) for i in range(x.numel())], dtype=x.dtype).view(x.shape)


# %% D1-answer
def normal_of(variance):
    def draw(rows, columns, generator):
        return torch.normal(0.0, variance(rows, columns) ** 0.5, (rows, columns), generator=generator)

    return draw


he = normal_of(lambda d_in, d_out: 2 / d_in)

# %% D2-answer
def xavier(d_in, d_out, generator):
    std = (2 / (d_in + d_out)) ** 0.5
    return torch.normal(0.0, std, (d_in, d_out), generator=generator)


# %% D3-answer
class Network:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def forward(self, x):
        return reduce(lambda value, layer: layer.forward(value), self.layers, x)

    def backward(self, grad_output):
        return reduce(lambda g, layer: layer.backward(g), reversed(self.layers), grad_output)

    def parameters(self):
        return reduce(lambda found, layer: found + layer.parameters(), self.layers, [])


# %% D5-answer
def parameter_count(network):
    return sum(map(lambda p: p.value.nelement(), network.parameters()))


# %% E1-answer
def sgd_rule(lr):
    return lambda p, state: (p.value - lr * p.grad, state)


class SGD(Optimiser):
    def __init__(self, parameters, lr):
        super().__init__(parameters)
        self.rule = sgd_rule(lr)
        self.states = [None for _ in self.parameters]

    def step(self):
        for i, p in enumerate(self.parameters):
            p.value, self.states[i] = self.rule(p, self.states[i])


# %% E2-answer
def momentum_rule(lr, momentum):
    def rule(p, v):
        v = p.grad.clone() if v is None else momentum * v + p.grad
        return p.value - lr * v, v

    return rule


class Momentum(Optimiser):
    def __init__(self, parameters, lr, momentum=0.9):
        super().__init__(parameters)
        self.rule = momentum_rule(lr, momentum)
        self.states = [None for _ in self.parameters]

    def step(self):
        for i, p in enumerate(self.parameters):
            p.value, self.states[i] = self.rule(p, self.states[i])


# %% E3-answer
def adam_rule(lr, betas, eps):
    first, second = betas

    def rule(p, state):
        m, v, t = state or (torch.zeros_like(p.grad), torch.zeros_like(p.grad), 0)
        t, m, v = t + 1, m.lerp(p.grad, 1 - first), v.lerp(p.grad.square(), 1 - second)
        step = (m / (1 - first**t)) / ((v / (1 - second**t)).sqrt() + eps)
        return p.value - lr * step, (m, v, t)

    return rule


class Adam(Optimiser):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters)
        self.rule = adam_rule(lr, betas, eps)
        self.states = [None for _ in self.parameters]

    def step(self):
        for i, p in enumerate(self.parameters):
            p.value, self.states[i] = self.rule(p, self.states[i])


# %% F1-answer
def accuracy(network, images, labels):
    def hits(x, y):
        return network.forward(x).argmax(dim=-1).eq(y)

    return hits(images, labels).double().mean().item()


# %% F2-answer
def batches(n, size, generator):
    order = torch.randperm(n, generator=generator)
    yield from (order[i : i + size] for i in range(0, n, size))


def train(network, optimiser, loss, images, labels, epochs, batch_size, generator):
    def learn(rows):
        optimiser.zero_grad()
        value = loss.forward(network.forward(images[rows]), labels[rows])
        network.backward(loss.backward())
        optimiser.step()
        return value.item() * len(rows)

    def epoch(_):
        return sum(map(learn, batches(len(labels), batch_size, generator))) / len(labels)

    return list(map(epoch, range(epochs)))


# %% F3-answer
choices = dict(hidden=[200, 100], optimiser="sgd", lr=0.1, batch_size=20, epochs=12)

# %% [markdown] G1
# The held-out accuracy is flat after the fourth epoch while the training loss still falls. The
# next thing to change is the data: small shifts of the images, since more layers would only fit
# faster what is fitted already.
