"""Index notation: every sum over indices is an einsum, labels are one-hot rows."""

# %% A1-answer
def threshold_unit(x, w, b):
    return (torch.einsum("nd,d->n", x, w) + b).gt(0).to(x.dtype)


# %% A2-answer
def perceptron_update(x, y, w, b):
    fires = torch.einsum("d,d->", x, w) + b > 0
    error = y - fires.to(x.dtype)
    return w + torch.einsum(",d->d", error, x), b + error


# %% A3-answer
def sigmoid(z):
    return 0.5 + 0.5 * torch.tanh(0.5 * z)


# %% A4-answer
def logistic_loss(x, y, w, b):
    logits = torch.einsum("nd,d->n", x, w) + b
    signs = 1 - 2 * y.to(x.dtype)  # -1 for class 1, +1 for class 0
    margins = signs * logits
    losses = margins.clamp(min=0) + torch.log1p(torch.exp(-margins.abs()))
    return torch.einsum("n->", losses) / x.shape[0]


# %% A5-answer
def logistic_gradient(x, y, w, b):
    n = x.shape[0]
    residual = sigmoid(torch.einsum("nd,d->n", x, w) + b) - y.to(x.dtype)
    dw = torch.einsum("n,nd->d", residual, x) / n
    db = torch.einsum("n->", residual) / n
    return dw, db


# %% B1-answer
def softmax(z):
    unnormalised = torch.exp(z - torch.amax(z, dim=1, keepdim=True))
    totals = torch.einsum("nk->n", unnormalised)
    return torch.einsum("nk,n->nk", unnormalised, 1 / totals)


# %% B2-answer
def one_hot_rows(y, k, dtype):
    return torch.eye(k, dtype=dtype)[y]


def cross_entropy(z, y):
    top = torch.amax(z, dim=1)
    log_totals = top + torch.log(torch.einsum("nk->n", torch.exp(z - top[:, None])))
    right = torch.einsum("nk,nk->n", z, one_hot_rows(y, z.shape[1], z.dtype))
    return torch.einsum("n->", log_totals - right) / z.shape[0]


# %% B3-answer
def cross_entropy_gradient(z, y):
    unnormalised = torch.exp(z - torch.amax(z, dim=1, keepdim=True))
    p = unnormalised / torch.einsum("nk->n", unnormalised)[:, None]
    return (p - torch.eye(z.shape[1], dtype=z.dtype)[y]) / z.shape[0]


# %% C1-answer
class Linear:
    def __init__(self, weight, bias):
        self.weight, self.bias = Parameter(weight), Parameter(bias)

    def forward(self, x):
        self.input = x
        return torch.einsum("ni,io->no", x, self.weight.value) + self.bias.value

    def backward(self, grad_output):
        self.weight.grad += torch.einsum("ni,no->io", self.input, grad_output)
        self.bias.grad += torch.einsum("no->o", grad_output)
        return torch.einsum("no,io->ni", grad_output, self.weight.value)

    def parameters(self):
        return [self.weight, self.bias]


# %% C4-answer
class ReLU:
    def forward(self, x):
        self.open = (x > 0).to(x.dtype)
        return self.open * x

    def backward(self, grad_output):
        return self.open * grad_output

    def parameters(self):
        return []


# %% C5-answer
class Sigmoid:
    def forward(self, x):
        self.tanh = torch.tanh(x / 2)
        return (1 + self.tanh) / 2

    def backward(self, grad_output):
        # the slope of (1 + tanh(x/2)) / 2 is (1 - tanh(x/2)^2) / 4
        return grad_output * (1 - self.tanh**2) / 4

    def parameters(self):
        return []


# %% C6-answer
def numerical_gradient(f, x, h=1e-5):
    steps = h * torch.eye(x.numel(), dtype=x.dtype).reshape(x.numel(), *x.shape)
    above = torch.tensor([float(f(x + step)) for step in steps], dtype=x.dtype)
    below = torch.tensor([float(f(x - step)) for step in steps], dtype=x.dtype)
    return ((above - below) / (2 * h)).reshape(x.shape)


# %% D1-answer
def he(d_in, d_out, generator):
    return torch.randn(d_in, d_out, generator=generator) * (2 / d_in) ** 0.5


# %% D2-answer
def xavier(d_in, d_out, generator):
    return torch.randn(d_in, d_out, generator=generator) * (2 / (d_in + d_out)) ** 0.5


# %% D3-answer
class Network:
    def __init__(self, layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        for layer in self.layers[::-1]:
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


# %% D5-answer
def parameter_count(network):
    return sum(p.value.numel() for p in network.parameters())


# %% E1-answer
class SGD(Optimiser):
    def __init__(self, parameters, lr):
        super().__init__(parameters)
        self.lr = lr

    def step(self):
        for p in self.parameters:
            p.value -= self.lr * p.grad


# %% E2-answer
class Momentum(Optimiser):
    def __init__(self, parameters, lr, momentum=0.9):
        super().__init__(parameters)
        self.lr, self.momentum = lr, momentum
        self.velocity = [torch.zeros_like(p.value) for p in self.parameters]

    def step(self):
        for p, v in zip(self.parameters, self.velocity):
            v *= self.momentum
            v += p.grad
            p.value -= self.lr * v


# %% E3-answer
class Adam(Optimiser):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters)
        self.lr, self.betas, self.eps, self.t = lr, betas, eps, 0
        self.moments = [torch.zeros(2, *p.value.shape, dtype=p.value.dtype) for p in self.parameters]

    def step(self):
        self.t += 1
        betas = torch.tensor(self.betas, dtype=torch.float64)
        correction = 1 - betas**self.t
        for p, moments in zip(self.parameters, self.moments):
            powers = torch.stack([p.grad, p.grad**2])
            kept, added = (part.to(p.value.dtype) for part in (betas, 1 - betas))
            moments.copy_(
                torch.einsum("s,s...->s...", kept, moments)
                + torch.einsum("s,s...->s...", added, powers)
            )
            first, second = torch.einsum("s,s...->s...", (1 / correction).to(p.value.dtype), moments)
            p.value -= self.lr * first / (second.sqrt() + self.eps)


# %% F1-answer
def accuracy(network, images, labels):
    guesses = network.forward(images).argmax(dim=1)
    return float(torch.einsum("n->", (guesses == labels).double()) / len(labels))


# %% F2-answer
def train(network, optimiser, loss, images, labels, epochs, batch_size, generator):
    n, curve = len(images), []
    for _ in range(epochs):
        sums = []
        for batch in torch.randperm(n, generator=generator).split(batch_size):
            optimiser.zero_grad()
            sums.append(float(loss.forward(network.forward(images[batch]), labels[batch])) * len(batch))
            network.backward(loss.backward())
            optimiser.step()
        curve.append(sum(sums) / n)
    return curve


# %% F3-answer
choices = {
    "hidden": [300],
    "optimiser": "adam",
    "lr": 1e-3,
    "batch_size": 32,
    "epochs": 12,
}

# %% [markdown] G1
# Both curves fall together for three epochs, then the training loss goes on alone: the network
# begins to learn these images by heart. I would take more images, or stop earlier.
