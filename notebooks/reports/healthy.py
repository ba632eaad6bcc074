"""Healthy set-ups after public official examples, rebuilt in a few lines each.

Each function returns model, optimizer, loss_fn, X and y of a set-up that trains as its
author wants it to: `diagnose` has to be silent on each of them, and to change nothing.
"""

import math
import random

import torch
import torch.nn.utils.prune
from torch import nn

from .parts import adam, sgd

F = nn.functional

HEALTHY = {}


def healthy(source):
    """Return a decorator that adds a set-up to the table, with where it is from."""

    def keep(build):
        HEALTHY[build.__name__] = build
        return build

    return keep


def images(n=16, channels=1, size=12, classes=4):
    y = torch.arange(n) % classes
    return torch.randn(n, channels, size, size) + y.view(-1, 1, 1, 1), y


def words(n=20, length=6, vocabulary=30, classes=3):
    X = torch.randint(vocabulary, (n, length))
    return X, X.sum(dim=1) % classes


def column(n=40, k=3):
    X = torch.randn(n, k)
    return X, X.sum(dim=1, keepdim=True)


def cnn(classes=4, channels=1):
    return nn.Sequential(
        nn.Conv2d(channels, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 5 * 5, 32),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(32, classes),
    )


# --------------------------------------------------------------------------- plain ones


@healthy("pytorch/examples regression/main.py")
def polynomial_regression():
    x = torch.randn(32, 1)
    X = torch.cat([x**i for i in range(1, 5)], dim=1)
    model = nn.Linear(4, 1)
    return model, sgd(model, 0.005), F.smooth_l1_loss, X, X @ torch.randn(4, 1) + 2


@healthy("pytorch/examples mnist/main.py (log_softmax, nll_loss, Adadelta)")
def mnist():
    model = nn.Sequential(*cnn(), nn.LogSoftmax(dim=1))
    return (
        model,
        torch.optim.Adadelta(model.parameters(), lr=1.0),
        F.nll_loss,
        *images(),
    )


@healthy("pytorch/tutorials cifar10 (CNN, BatchNorm, momentum)")
def cifar():
    model = cnn(channels=3)
    return (
        model,
        sgd(model, 0.001, momentum=0.9),
        nn.CrossEntropyLoss(),
        *images(channels=3),
    )


@healthy("pytorch/tutorials polynomial_module.py (SGD with sums)")
def polynomial_module():
    class Third(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c, self.d = (
                nn.Parameter(torch.randn(())) for _ in range(4)
            )

        def forward(self, x):
            return self.a + self.b * x + self.c * x**2 + self.d * x**3

    X = torch.linspace(-math.pi, math.pi, 2000)
    model = Third()
    return model, sgd(model, 1e-6), nn.MSELoss(reduction="sum"), X, torch.sin(X)


@healthy("pytorch/tutorials fgsm_tutorial.py and physics-informed nets (X needs grad)")
def features_ask_for_gradients():
    X, y = column()
    model = nn.Linear(3, 1)
    return model, sgd(model), nn.MSELoss(), X.requires_grad_(True), y.detach()


@healthy("torch.nn.Dropout (documentation)")
def dropout():
    model = nn.Sequential(
        nn.Linear(3, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1)
    )
    return model, adam(model), nn.MSELoss(), *column()


@healthy("torch.nn.CrossEntropyLoss with probabilities (documentation)")
def class_probabilities():
    X, y = images()
    model = nn.Sequential(nn.Flatten(), nn.Linear(144, 4))
    return (
        model,
        sgd(model),
        nn.CrossEntropyLoss(label_smoothing=0.1),
        X,
        F.one_hot(y, 4).float(),
    )


@healthy("whole-number labels with MSELoss train as well in PyTorch 2.13")
def whole_number_labels():
    X, y = column()
    model = nn.Linear(3, 1)
    return model, sgd(model), nn.MSELoss(), X, (10 * y).long()


# ---------------------------------------------------- models that return more, or state


@healthy("an LSTM for regression that returns output and state")
def lstm_returns_state_regression():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.out = nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 1)

        def forward(self, x):
            h, state = self.lstm(x)
            return self.out(h[:, -1]), state

    model = Net()
    X = torch.randn(20, 6, 1)
    return model, adam(model), lambda out, y: F.mse_loss(out[0], y), X, X.sum(dim=1)


@healthy("an autoencoder that is compared with flat pictures")
def autoencoder_flat():
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(144, 16), nn.ReLU(), nn.Linear(16, 144)
    )
    X = torch.rand(16, 1, 12, 12)
    return model, adam(model), lambda p, x: F.mse_loss(p, x.flatten(1)), X, X


@healthy("quantile regression: three predictions for each label")
def quantiles():
    q = torch.tensor([0.1, 0.5, 0.9])

    def loss_fn(p, y):
        return torch.maximum(q * (y - p), (q - 1) * (y - p)).mean()

    model = nn.Linear(3, 3)
    return model, adam(model), loss_fn, *column()


@healthy(
    "pytorch/examples word_language_model TransformerModel, after a batch (src_mask)"
)
def transformer_with_mask():
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.mask, self.words = None, nn.Embedding(30, 16)
            layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
            self.encoder, self.out = nn.TransformerEncoder(layer, 1), nn.Linear(16, 30)
            place = torch.arange(6).unsqueeze(1) / 10 ** torch.linspace(0, 4, 16)
            self.register_buffer("place", torch.sin(place))

        def forward(self, x):
            if self.mask is None:
                self.mask = torch.triu(torch.full((6, 6), float("-inf")), diagonal=1)
            return self.out(
                self.encoder(self.words(x) + self.place, mask=self.mask)
            ).flatten(0, 1)

    model = Encoder()
    X, _ = words()
    model(X)
    return model, adam(model), nn.CrossEntropyLoss(), X, X.roll(-1, dims=1).flatten()


@healthy("The Annotated Transformer keeps its attention for a plot (self.attn)")
def keeps_attention():
    class Attends(nn.Module):
        def __init__(self):
            super().__init__()
            self.score, self.out, self.attn = nn.Linear(3, 1), nn.Linear(3, 1), None

        def forward(self, x):
            self.attn = torch.softmax(self.score(x), dim=1)
            return self.out((self.attn * x).sum(dim=1))

    X = torch.randn(20, 5, 3)
    model = Attends()
    model(X)
    return model, adam(model), nn.MSELoss(), X, X.mean(dim=(1, 2)).unsqueeze(1)


@healthy("register_buffer for the scale of the features (documentation)")
def buffer_constant():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.tensor([1.0, 2.0, 3.0]))
            self.line = nn.Linear(3, 1)

        def forward(self, x):
            return self.line(x - self.mean)

    model = Scaled()
    return model, adam(model), nn.MSELoss(), *column()


# ----------------------------------------------------- what is trained, and what is not


@healthy("fine-tuning with BatchNorm kept in evaluation mode")
def frozen_batchnorm():
    model = cnn()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return model, sgd(model), nn.CrossEntropyLoss(), *images()


@healthy("LoRA: frozen weight, two thin factors, one of them zero")
def lora():
    class Lora(nn.Module):
        def __init__(self):
            super().__init__()
            self.base = nn.Linear(3, 1).requires_grad_(False)
            self.A, self.B = (
                nn.Parameter(torch.randn(3, 2)),
                nn.Parameter(torch.zeros(2, 1)),
            )

        def forward(self, x):
            return self.base(x) + x @ self.A @ self.B

    model = Lora()
    return (
        model,
        torch.optim.Adam([model.A, model.B], lr=0.01),
        nn.MSELoss(),
        *column(),
    )


@healthy("pytorch/examples word_language_model (tie_weights)")
def tied_weights():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = nn.Embedding(30, 8), nn.Linear(8, 30)
            self.decoder.weight = self.encoder.weight

        def forward(self, x):
            return self.decoder(torch.tanh(self.encoder(x))).flatten(0, 1)

    model = Tied()
    X, _ = words()
    return (
        model,
        sgd(model, 1.0),
        nn.CrossEntropyLoss(),
        X,
        X.roll(-1, dims=1).flatten(),
    )


def generator():
    return nn.Sequential(
        nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 12), nn.Tanh()
    )


def discriminator():
    return nn.Sequential(
        nn.Linear(12, 32),
        nn.LeakyReLU(0.2),
        nn.Linear(32, 1),
        nn.Sigmoid(),
        nn.Flatten(0),
    )


@healthy(
    "pytorch/examples dcgan/main.py (step of the generator through the discriminator)"
)
def generator_step():
    model, judge = generator(), discriminator()
    model.judge = [judge]  # kept only for the check that nothing changes
    return (
        model,
        torch.optim.Adam(model.parameters(), lr=2e-4, betas=(0.5, 0.999)),
        lambda fake, y: F.binary_cross_entropy(judge(fake), y),
        torch.randn(16, 4),
        torch.ones(16),
    )


@healthy("pytorch/tutorials dynamic_net.py (a parameter that some steps do not use)")
def dynamic_net():
    class Dynamic(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.e = (nn.Parameter(torch.randn(())) for _ in range(3))

        def forward(self, x):
            y = self.a + self.b * x
            for power in range(4, random.randint(4, 6)):
                y = y + self.e * x**power
            return y

    X = torch.linspace(-1, 1, 100)
    model = Dynamic()
    return model, sgd(model, 1e-3, momentum=0.9), nn.MSELoss(), X, torch.sin(X)


@healthy(
    "a loss with parameters of its own, in the same optimizer (uncertainty weights)"
)
def loss_with_parameters():
    class Weighted(nn.Module):
        def __init__(self):
            super().__init__()
            self.log_var = nn.Parameter(torch.zeros(1))

        def forward(self, p, y):
            return (
                F.mse_loss(p, y) * torch.exp(-self.log_var) + self.log_var
            ).squeeze()

    model, loss_fn = nn.Linear(3, 1), Weighted()
    return (
        model,
        torch.optim.Adam([*model.parameters(), *loss_fn.parameters()]),
        loss_fn,
        *column(),
    )


@healthy("a physics-informed loss that calls the model itself")
def loss_calls_the_model():
    model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
    inside = torch.linspace(0, 1, 20).unsqueeze(1).requires_grad_(True)

    def loss_fn(_p, y):
        (slope,) = torch.autograd.grad(model(inside).sum(), inside, create_graph=True)
        return (slope + model(inside)).pow(2).mean() + (
            model(torch.zeros(1, 1)) - y
        ).pow(2).mean()

    return model, adam(model), loss_fn, torch.zeros(1, 1), torch.ones(1, 1)


# ------------------------------------------------------------- optimizers and machinery


@healthy("torch.optim.LBFGS (documentation)")
def lbfgs():
    model = nn.Linear(3, 1)
    return (
        model,
        torch.optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe"),
        nn.MSELoss(),
        *column(),
    )


class OwnSgd(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p -= group["lr"] * p.grad


@healthy("an optimizer of one's own, whose step takes no closure")
def own_optimizer():
    model = nn.Linear(3, 1)
    return model, OwnSgd(model.parameters(), 0.01), nn.MSELoss(), *column()


@healthy("automatic mixed precision (documentation), on the CPU with bfloat16")
def autocast():
    class Cast(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))

        @torch.autocast("cpu", dtype=torch.bfloat16)
        def forward(self, x):
            return self.net(x)

    model = Cast()
    return model, sgd(model), lambda p, y: F.mse_loss(p.float(), y), *column()


@healthy("torch.compile (documentation), backend eager")
def compiled():
    model = torch.compile(
        nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)), backend="eager"
    )
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("torch.jit.script (documentation)")
def scripted():
    model = torch.jit.script(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)))
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("torch.nn.LazyLinear, before the first batch (SGD takes it)")
def lazy_before():
    model = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(1))
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("a Fourier layer: complex weights, real features and labels")
def fourier_layer():
    class Fourier(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(9, dtype=torch.cfloat) / 9)

        def forward(self, x):
            return torch.fft.irfft(torch.fft.rfft(x) * self.weight, n=16)

    X = torch.randn(20, 16)
    model = Fourier()
    return model, adam(model, 0.01), nn.MSELoss(), X, X.roll(1, dims=1)


@healthy(
    "torch.nn.utils.parametrizations.weight_norm and spectral_norm (documentation)"
)
def weight_norm_new():
    norms = nn.utils.parametrizations
    model = nn.Sequential(
        norms.weight_norm(nn.Linear(3, 8)),
        nn.ReLU(),
        norms.spectral_norm(nn.Linear(8, 1)),
    )
    return model, sgd(model), nn.MSELoss(), *column()


SEEN = {}


@healthy("forward hooks that keep activations (documentation of register_forward_hook)")
def forward_hook():
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    SEEN.clear()
    model.seen = [SEEN]
    model[1].register_forward_hook(
        lambda _m, _i, out: SEEN.__setitem__("calls", SEEN.get("calls", 0) + 1)
    )
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("the state after training with warm restarts and momentum")
def trained_for_a_while():
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    X, y = column()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, amsgrad=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 5)
    for _ in range(12):
        optimizer.zero_grad()
        F.mse_loss(model(X), y).backward()
        optimizer.step()
        schedule.step()
    return model, optimizer, nn.MSELoss(), X, y


@healthy("torch.nn.LSTM in its default order: time first, then rows (documentation)")
def time_first():
    class Later(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.out = nn.LSTM(2, 8), nn.Linear(8, 1)

        def forward(self, x):
            return self.out(self.lstm(x)[0])

    X = torch.randn(7, 20, 2)
    model = Later()
    return model, adam(model), nn.MSELoss(), X, X.cumsum(dim=0)[..., :1]


@healthy("absolute error near its end: a fixed step jumps (clinic case 5)")
def near_the_end():
    X = torch.rand(80, 1)
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.7), model.bias.fill_(0.3)
    return model, sgd(model), nn.L1Loss(), X, 0.7 * X + 0.3 + 0.01 * torch.randn(80, 1)
