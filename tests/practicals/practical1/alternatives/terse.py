"""One line each, where one line will do."""

# %% A1-answer
threshold_unit = lambda x, w, b: (x @ w + b > 0).to(x.dtype)

# %% A2-answer
def perceptron_update(x, y, w, b):
    e = y - int(x @ w + b > 0)
    return w + e * x, b + e

# %% A3-answer
sigmoid = lambda z: 1 / (1 + (-z).exp())

# %% A4-answer
def logistic_loss(x, y, w, b):
    z = (1 - 2 * y) * (x @ w + b)
    return torch.logaddexp(z, torch.zeros_like(z)).mean()

# %% A5-answer
def logistic_gradient(x, y, w, b):
    r = 1 / (1 + (-(x @ w + b)).exp()) - y
    return r @ x / len(x), r.mean()

# %% B1-answer
def softmax(z):
    e = (z - z.amax(1, True)).exp()
    return e / e.sum(1, True)

# %% B2-answer
def cross_entropy(z, y):
    d = z - z[range(len(y)), y][:, None]  # how far each class lies above the right one
    m = d.amax(1)
    return (m + (d - m[:, None]).exp().sum(1).log()).mean()

# %% B3-answer
def cross_entropy_gradient(z, y):
    e = (z - z.amax(1, True)).exp()
    g = e / e.sum(1, True)
    g[range(len(y)), y] -= 1
    return g / len(y)

# %% C1-answer
class Linear:
    def __init__(self, weight, bias): self.weight, self.bias = Parameter(weight), Parameter(bias)
    def parameters(self): return [self.weight, self.bias]
    def forward(self, x): self.x = x; return x @ self.weight.value + self.bias.value
    def backward(self, grad_output):
        self.weight.grad += self.x.T @ grad_output
        self.bias.grad += grad_output.sum(0)
        return grad_output @ self.weight.value.T

# %% C4-answer
class ReLU:
    parameters = lambda self: []
    def forward(self, x): self.y = x.clamp(min=0); return self.y
    def backward(self, grad_output): return grad_output * (self.y > 0)

# %% C5-answer
class Sigmoid:
    parameters = lambda self: []
    def forward(self, x): self.y = 1 / (1 + (-x).exp()); return self.y
    def backward(self, grad_output): return grad_output * self.y * (1 - self.y)

# %% C6-answer
def numerical_gradient(f, x, h=1e-5):
    e = torch.eye(x.numel(), dtype=x.dtype).reshape(-1, *x.shape) * h
    return torch.tensor([(f(x + d) - f(x - d)) / (2 * h) for d in e], dtype=x.dtype).reshape(x.shape)

# %% D1-answer
he = lambda d_in, d_out, generator: torch.randn(d_in, d_out, generator=generator) * (2 / d_in) ** 0.5

# %% D2-answer
xavier = lambda i, o, generator: torch.randn(i, o, generator=generator) * (2 / (i + o)) ** 0.5

# %% D3-answer
class Network:
    def __init__(self, layers): self.layers = layers
    def parameters(self): return [p for l in self.layers for p in l.parameters()]
    def forward(self, x):
        for l in self.layers: x = l.forward(x)
        return x
    def backward(self, g):
        for l in self.layers[::-1]: g = l.backward(g)
        return g

# %% D5-answer
parameter_count = lambda network: sum(p.value.numel() for p in network.parameters())

# %% E1-answer
class SGD(Optimiser):
    def __init__(self, parameters, lr): super().__init__(parameters); self.lr = lr
    def step(self):
        for p in self.parameters: p.value -= self.lr * p.grad

# %% E2-answer
class Momentum(Optimiser):
    def __init__(self, parameters, lr, momentum=0.9):
        super().__init__(parameters)
        self.lr, self.mu, self.v = lr, momentum, [0 * p.value for p in self.parameters]
    def step(self):
        self.v = [self.mu * v + p.grad for v, p in zip(self.v, self.parameters)]
        for v, p in zip(self.v, self.parameters): p.value -= self.lr * v

# %% E3-answer
class Adam(Optimiser):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters)
        self.lr, (self.a, self.b), self.eps, self.t = lr, betas, eps, 0
        self.mv = [(0 * p.value, 0 * p.value) for p in self.parameters]
    def step(self):
        a, b, self.t = self.a, self.b, self.t + 1
        self.mv = [(a * m + (1 - a) * p.grad, b * v + (1 - b) * p.grad**2)
                   for (m, v), p in zip(self.mv, self.parameters)]
        for (m, v), p in zip(self.mv, self.parameters):
            p.value -= self.lr * m / (1 - a**self.t) / ((v / (1 - b**self.t)) ** 0.5 + self.eps)

# %% F1-answer
accuracy = lambda network, images, labels: (network.forward(images).argmax(1) == labels).double().mean().item()

# %% F2-answer
def train(network, optimiser, loss, images, labels, epochs, batch_size, generator):
    def step(i):
        optimiser.zero_grad()
        value = loss.forward(network.forward(images[i]), labels[i])
        network.backward(loss.backward())
        optimiser.step()
        return float(value) * len(i) / len(images)
    return [sum(step(i) for i in torch.randperm(len(images), generator=generator).split(batch_size))
            for _ in range(epochs)]

# %% F3-answer
choices = {"hidden": [200], "optimiser": "sgd", "lr": 0.3, "batch_size": 32, "epochs": 12}

# %% [markdown] G1
# Still falling at the end: train longer, or with momentum.
