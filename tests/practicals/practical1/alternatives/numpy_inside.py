"""numpy inside: tensors become arrays at the door and tensors again on the way out."""

# %% A1-answer
import numpy as np


def threshold_unit(x, w, b):
    z = x.numpy() @ w.numpy() + float(b)
    return torch.from_numpy((z > 0).astype(x.numpy().dtype))


# %% A2-answer
def perceptron_update(x, y, w, b):
    error = float(y) - float(np.dot(x.numpy(), w.numpy()) + float(b) > 0)
    new_w = w.numpy() + (error * x.numpy()).astype(w.numpy().dtype)
    return torch.from_numpy(new_w), torch.tensor(float(b) + error, dtype=w.dtype)


# %% A3-answer
def np_sigmoid(z):
    result = np.empty_like(z)
    positive = z >= 0
    result[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    result[~positive] = e / (1 + e)
    return result


def sigmoid(z):
    return torch.from_numpy(np_sigmoid(np.atleast_1d(z.numpy()))).reshape(z.shape)


# %% A4-answer
def logistic_loss(x, y, w, b):
    z = x.numpy() @ w.numpy() + float(b)
    signed = np.where(y.numpy() == 1, -z, z)
    losses = np.maximum(signed, 0) + np.log1p(np.exp(-np.abs(signed)))
    return torch.tensor(losses.mean(), dtype=x.dtype)


# %% A5-answer
def logistic_gradient(x, y, w, b):
    features, labels = x.numpy(), y.numpy().astype(x.numpy().dtype)
    residual = np_sigmoid(features @ w.numpy() + float(b)) - labels
    dw = features.T @ residual / len(labels)
    return torch.from_numpy(dw), torch.tensor(residual.mean(), dtype=x.dtype)


# %% B1-answer
def np_softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax(z):
    return torch.from_numpy(np_softmax(z.numpy()))


# %% B2-answer
def cross_entropy(z, y):
    logits = z.numpy()
    top = logits.max(axis=1)
    log_sum = top + np.log(np.sum(np.exp(logits - top[:, None]), axis=1))
    right = np.take_along_axis(logits, y.numpy()[:, None], axis=1)[:, 0]
    return torch.tensor(np.mean(log_sum - right), dtype=z.dtype)


# %% B3-answer
def cross_entropy_gradient(z, y):
    logits = z.numpy()
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    np.subtract.at(p, (np.arange(len(p)), y.numpy()), 1)
    return torch.from_numpy(p / len(p))


# %% C1-answer
class Linear:
    def __init__(self, weight, bias):
        self.weight = Parameter(weight)
        self.bias = Parameter(bias)

    def forward(self, x):
        self.x = x.numpy()
        return torch.from_numpy(self.x @ self.weight.value.numpy() + self.bias.value.numpy())

    def backward(self, grad_output):
        g = grad_output.numpy()
        self.weight.grad += torch.from_numpy(self.x.T @ g)
        self.bias.grad += torch.from_numpy(g.sum(axis=0))
        return torch.from_numpy(g @ self.weight.value.numpy().T)

    def parameters(self):
        return [self.weight, self.bias]


# %% C4-answer
class ReLU:
    def forward(self, x):
        self.slope = np.heaviside(x.numpy(), 0).astype(x.numpy().dtype)
        return torch.from_numpy(np.maximum(x.numpy(), 0))

    def backward(self, grad_output):
        return torch.from_numpy(grad_output.numpy() * self.slope)

    def parameters(self):
        return []


# %% C5-answer
class Sigmoid:
    def forward(self, x):
        e = np.exp(-np.abs(x.numpy()))
        self.y = np.where(x.numpy() >= 0, 1 / (1 + e), e / (1 + e))
        return torch.from_numpy(self.y)

    def backward(self, grad_output):
        return torch.from_numpy(grad_output.numpy() * self.y * (1 - self.y))

    def parameters(self):
        return []


# %% C6-answer
def numerical_gradient(f, x, h=1e-5):
    point = x.numpy()
    gradient = np.zeros(point.shape)
    with np.nditer(gradient, flags=["multi_index"], op_flags=["writeonly"]) as cells:
        for cell in cells:
            step = np.zeros(point.shape)
            step[cells.multi_index] = h
            above = f(torch.from_numpy(np.add(point, step, out=np.empty(point.shape))))
            below = f(torch.from_numpy(np.subtract(point, step, out=np.empty(point.shape))))
            cell[...] = (float(above) - float(below)) / (2 * h)
    return torch.from_numpy(gradient)


# %% D1-answer
def np_normal(d_in, d_out, variance, generator):
    seed = int(torch.randint(2**31, (1,), generator=generator))
    draws = np.random.default_rng(seed).normal(0, np.sqrt(variance), size=(d_in, d_out))
    return torch.from_numpy(draws.astype(np.float32))


def he(d_in, d_out, generator):
    return np_normal(d_in, d_out, 2 / d_in, generator)


# %% D2-answer
def xavier(d_in, d_out, generator):
    seed = int(torch.randint(2**31, (1,), generator=generator))
    draws = np.random.default_rng(seed).standard_normal((d_in, d_out), dtype=np.float32)
    return torch.from_numpy(draws) * float(np.sqrt(2 / (d_in + d_out)))


# %% D3-answer
class Network:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        for layer in np.flip(np.array(self.layers, dtype=object)):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        return sum([layer.parameters() for layer in self.layers], [])


# %% D5-answer
def parameter_count(network):
    return int(sum(np.prod(p.value.shape) for p in network.parameters()))


# %% E1-answer
class SGD(Optimiser):
    def __init__(self, parameters, lr):
        super().__init__(parameters)
        self.lr = lr

    def step(self):
        for p in self.parameters:
            p.value.numpy()[...] -= self.lr * p.grad.numpy()


# %% E2-answer
class Momentum(Optimiser):
    def __init__(self, parameters, lr, momentum=0.9):
        super().__init__(parameters)
        self.lr, self.momentum = lr, momentum
        self.velocities = [np.zeros_like(p.value.numpy()) for p in self.parameters]

    def step(self):
        for p, v in zip(self.parameters, self.velocities):
            v *= self.momentum
            v += p.grad.numpy()
            p.value.numpy()[...] -= self.lr * v


# %% E3-answer
class Adam(Optimiser):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.m = [np.zeros_like(p.value.numpy()) for p in self.parameters]
        self.v = [np.zeros_like(p.value.numpy()) for p in self.parameters]
        self.t = 0

    def step(self):
        self.t += 1
        b1, b2 = self.betas
        # the paper's second form: one step size that holds both corrections
        root = np.sqrt(1 - b2**self.t)
        for i, p in enumerate(self.parameters):
            g = p.grad.numpy()
            self.m[i][...] += (1 - b1) * (g - self.m[i])
            self.v[i][...] += (1 - b2) * (g * g - self.v[i])
            change = self.m[i] / (1 - b1**self.t) / (np.sqrt(self.v[i]) / root + self.eps)
            p.value.numpy()[...] -= (self.lr * change).astype(g.dtype)


# %% F1-answer
def accuracy(network, images, labels):
    guesses = network.forward(images).numpy().argmax(axis=1)
    return float(np.mean(guesses == labels.numpy()))


# %% F2-answer
def train(network, optimiser, loss, images, labels, epochs, batch_size, generator):
    n = len(labels)
    curve = []
    for _ in range(epochs):
        order = np.argsort(torch.rand(n, generator=generator, dtype=torch.float64).numpy())
        values, sizes = [], []
        for batch in np.array_split(order, range(batch_size, n, batch_size)):
            rows = torch.from_numpy(batch)
            optimiser.zero_grad()
            values.append(float(loss.forward(network.forward(images[rows]), labels[rows])))
            network.backward(loss.backward())
            optimiser.step()
            sizes.append(len(batch))
        curve.append(float(np.average(values, weights=sizes)))
    return curve


# %% F3-answer
choices = {"hidden": [200], "optimiser": "sgd", "lr": 0.5, "batch_size": 50, "epochs": 10}

# %% [markdown] G1
# The curve of the loss is steep for one epoch and then flat. A learning rate that falls over the
# epochs would be my next change, for the last epochs jump up and down around one value.
