"""More healthy set-ups, after public examples and usual patterns."""

import copy
import threading

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from .healthy import column, healthy, images, words
from .parts import adam, mlp, net, sgd

F = nn.functional


# ---------------------------------------------------------------------- what is trained


@healthy("frozen backbone, only the head in the optimizer")
def frozen_backbone():
    model = nn.Sequential(mlp(3, 8).requires_grad_(False), nn.ReLU(), nn.Linear(8, 1))
    return model, adam(model[2]), nn.MSELoss(), *column()


@healthy("features taken under no_grad in forward")
def backbone_under_no_grad():
    def forward(self, x):
        with torch.no_grad():
            z = self.body(x)
        return self.head(z)

    model = net(forward, body=mlp(3, 8), head=nn.Linear(8, 1))
    return model, adam(model.head), nn.MSELoss(), *column()


@healthy("a backbone in evaluation mode, left out of the optimizer")
def resting_backbone():
    model = nn.Sequential(mlp(3, 8), nn.ReLU(), nn.Linear(8, 1))
    model[0].eval()
    return model, adam(model[2]), nn.MSELoss(), *column()


@healthy("two optimizers, each for a part")
def two_optimizers():
    model = nn.Sequential(mlp(3, 8), nn.ReLU(), nn.Linear(8, 1))
    first, second = sgd(model[0]), adam(model[2])
    model.other = [first]
    return model, second, nn.MSELoss(), *column()


@healthy("heads for several tasks, of which a batch trains one")
def heads_in_turn():
    def forward(self, x, task="a"):
        return self.heads[task](torch.relu(self.body(x)))

    heads = nn.ModuleDict({k: nn.Linear(8, 1) for k in "ab"})
    model = net(forward, body=nn.Linear(3, 8), heads=heads)
    return model, adam(model), nn.MSELoss(), *column()


@healthy("an auxiliary output that the loss leaves out")
def auxiliary_output():
    model = net(
        lambda self, x: (self.out(x), self.aux(x)),
        out=nn.Linear(3, 1),
        aux=nn.Linear(3, 2),
    )
    return model, adam(model), lambda p, y: F.mse_loss(p[0], y), *column()


@healthy("weights as plain tensors, handed to the optimizer by hand")
def by_hand():
    def forward(self, x):
        return x @ self.w + self.b

    w = torch.randn(3, 1, requires_grad=True)
    model = net(forward, w=w, b=torch.zeros(1, requires_grad=True))
    return model, torch.optim.SGD([model.w, model.b], lr=0.1), nn.MSELoss(), *column()


@healthy("Fourier features: constants of random numbers")
def fourier_features():
    def forward(self, x):
        return self.out(torch.cos(x @ self.W + self.b))

    model = net(forward, W=torch.randn(3, 32), b=torch.rand(32), out=nn.Linear(32, 1))
    return model, adam(model), nn.MSELoss(), *column()


@healthy("a picture is trained and the network is not (style transfer)")
def trained_input():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    model.eval().requires_grad_(False)
    X = torch.randn(1, 1, 12, 12, requires_grad=True)
    goal = torch.rand(1, 4, 10, 10)
    return model, torch.optim.LBFGS([X], max_iter=3), nn.MSELoss(), X, goal


@healthy("pruned, with weight_norm and spectral_norm of the old kind")
def old_machinery():
    first = nn.utils.weight_norm(nn.Linear(3, 8))
    last = nn.utils.spectral_norm(nn.Linear(8, 1))
    pruned = nn.Linear(8, 8)
    nn.utils.prune.random_unstructured(pruned, "weight", amount=0.3)
    model = nn.Sequential(first, nn.ReLU(), pruned, nn.ReLU(), last)
    model(torch.randn(4, 3))
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("a lock, a generator and kept activations in the model")
def cannot_be_copied():
    def forward(self, x):
        with self.lock:
            self.kept.append(self.body(x))
            noise = torch.rand(len(x), 8, generator=self.source)
        return self.out(torch.relu(self.kept[-1]) * (noise > 0.1))

    model = net(
        forward,
        lock=threading.Lock(),
        kept=[],
        source=torch.Generator().manual_seed(1),
        body=nn.Linear(3, 8),
        out=nn.Linear(8, 1),
    )
    return model, sgd(model), nn.MSELoss(), *column()


# ------------------------------------------------------------------------ kinds of data


@healthy("sparse gradients of an embedding, SparseAdam")
def sparse_gradients():
    model = nn.Sequential(nn.EmbeddingBag(30, 8, sparse=True))
    X, y = words(classes=8)
    optimizer = torch.optim.SparseAdam(model.parameters())
    return model, optimizer, nn.CrossEntropyLoss(), X, y


@healthy("text classification: EmbeddingBag with offsets, a tuple of inputs")
def bag_with_offsets():
    model = net(
        lambda self, text, offsets: self.out(self.bag(text, offsets)),
        bag=nn.EmbeddingBag(30, 8),
        out=nn.Linear(8, 3),
    )
    text, offsets = torch.randint(30, (40,)), torch.arange(0, 40, 4)
    y = torch.randint(3, (10,))
    return model, sgd(model, 1.0), nn.CrossEntropyLoss(), (text, offsets), y


@healthy("inputs and outputs by name")
def by_name():
    def forward(self, ids, scale):
        z = self.words(ids).mean(dim=1) * scale
        return {"scores": self.out(z), "hidden": z}

    model = net(forward, words=nn.Embedding(30, 8), out=nn.Linear(8, 3))
    X, y = words()
    inputs = {"ids": X, "scale": torch.ones(len(X), 1)}
    return model, adam(model), lambda p, y: F.cross_entropy(p["scores"], y), inputs, y


@healthy("matrix factorization: the product of two embeddings")
def factorization():
    model = net(
        lambda self, x: (self.user(x[:, 0]) * self.item(x[:, 1])).sum(dim=1),
        user=nn.Embedding(10, 4),
        item=nn.Embedding(12, 4),
    )
    X = torch.stack([torch.arange(40) % 10, torch.arange(40) % 12], dim=1)
    return model, adam(model), nn.MSELoss(), X, torch.rand(40) * 5


@healthy("double precision, one output for each row")
def double_precision():
    model = nn.Sequential(mlp(3), nn.Flatten(0)).double()
    X, y = column()
    return model, adam(model), nn.MSELoss(), X.double(), y.squeeze(1).double()


@healthy("bfloat16 weights")
def half_precision():
    X, y = column()
    return (m := mlp(3).bfloat16()), sgd(m), nn.MSELoss(), X.bfloat16(), y.bfloat16()


@healthy("a table with a column of ones and rare flags")
def constant_column():
    X, _ = column(100, 3)
    X[:, 0], X[:, 1] = 1.0, (torch.arange(100) < 2).float()
    model = nn.Linear(3, 1, bias=False)
    return model, sgd(model), nn.MSELoss(), X, X.sum(dim=1, keepdim=True)


@healthy("pictures from 0 to 255, into BatchNorm")
def raw_pictures():
    X, y = images()
    conv = nn.Conv2d(1, 8, 3)
    model = nn.Sequential(
        nn.BatchNorm2d(1), conv, nn.ReLU(), nn.Flatten(), nn.Linear(800, 4)
    )
    return model, adam(model), nn.CrossEntropyLoss(), (X.sigmoid() * 255), y


# ---------------------------------------------------------------------------- sequences


@healthy("a GRU for classes, rows first, both directions")
def gru_classifier():
    model = net(
        lambda self, x: self.out(self.gru(self.words(x))[0].mean(dim=1)),
        words=nn.Embedding(30, 8),
        gru=nn.GRU(8, 8, batch_first=True, bidirectional=True),
        out=nn.Linear(16, 3),
    )
    return model, adam(model), nn.CrossEntropyLoss(), *words()


@healthy("packed sequences of different lengths")
def packed():
    def forward(self, x, lengths):
        rows = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        return self.out(self.lstm(rows)[1][0][-1])

    model = net(forward, lstm=nn.LSTM(2, 8, batch_first=True), out=nn.Linear(8, 1))
    X = torch.randn(12, 6, 2)
    lengths = torch.arange(12, 0, -1).clamp(max=6)
    return model, adam(model), nn.MSELoss(), (X, lengths), X.sum(dim=(1, 2))[:, None]


@healthy("the tagger of the sequence tutorial: one sentence, time first")
def tagger():
    def forward(self, x):
        out, _ = self.lstm(self.words(x).view(len(x), 1, -1))
        return F.log_softmax(self.out(out.view(len(x), -1)), dim=1)

    model = net(
        forward, words=nn.Embedding(30, 8), lstm=nn.LSTM(8, 8), out=nn.Linear(8, 3)
    )
    X = torch.arange(9)
    return model, sgd(model, 0.1), nn.NLLLoss(), X, X % 3


@healthy("an encoder of transformers, time first, the last step predicts")
def transformer_time_first():
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    model = net(
        lambda self, x: self.out(self.body(x)[-1]),
        body=nn.TransformerEncoder(layer, 1, enable_nested_tensor=False),
        out=nn.Linear(8, 1),
    )
    X = torch.randn(6, 10, 8)
    return model, adam(model), nn.MSELoss(), X, X.mean(dim=(0, 2))[:, None]


@healthy("a transformer from sequence to sequence, a tuple of inputs")
def transformer_pairs():
    model = net(
        lambda self, a, b: self.out(self.body(self.words(a), self.words(b))),
        words=nn.Embedding(30, 16),
        body=nn.Transformer(16, 2, 1, 1, 32, batch_first=True),
        out=nn.Linear(16, 30),
    )
    X, _ = words()
    return (
        model,
        adam(model),
        lambda p, y: F.cross_entropy(p.transpose(1, 2), y),
        (X, X),
        X.roll(1, dims=1),
    )


@healthy("a small GPT: masked scores, tied weights, loss over flat rows")
def small_gpt():
    def forward(self, x):
        z = self.words(x) + self.place(torch.arange(x.shape[1]))
        q, k, v = self.qkv(z).split(16, dim=-1)
        scores = (q @ k.transpose(1, 2) / 4).masked_fill(self.later, float("-inf"))
        return self.out(z + scores.softmax(dim=-1) @ v)

    model = net(
        forward,
        words=nn.Embedding(30, 16),
        place=nn.Embedding(6, 16),
        qkv=nn.Linear(16, 48),
        out=nn.Linear(16, 30, bias=False),
    )
    model.register_buffer("later", torch.ones(6, 6).triu(1).bool())
    model.out.weight = model.words.weight
    X, _ = words()
    loss = nn.CrossEntropyLoss()
    return (
        model,
        torch.optim.AdamW(model.parameters()),
        lambda p, y: loss(p.view(-1, 30), y.view(-1)),
        X,
        X.roll(-1, dims=1),
    )


@healthy("time_sequence_prediction: LSTMCell, double, LBFGS")
def sine_waves():
    def forward(self, x):
        h = c = torch.zeros(len(x), 8, dtype=torch.double)
        outs = []
        for step in x.split(1, dim=1):
            h, c = self.cell(step, (h, c))
            outs.append(self.out(h))
        return torch.cat(outs, dim=1)

    model = net(forward, cell=nn.LSTMCell(1, 8), out=nn.Linear(8, 1)).double()
    X = torch.sin(torch.arange(8) + torch.rand(5, 1).double() * 6)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.8, max_iter=4)
    return model, optimizer, nn.MSELoss(), X, X.roll(-1, dims=1)


@healthy("speech: CTC over log-probabilities, time first")
def ctc():
    y = torch.randint(1, 5, (4, 3))
    lengths = torch.full((4,), 10), torch.full((4,), 3)
    model = nn.Sequential(mlp(6, 5), nn.LogSoftmax(dim=2))
    return (
        model,
        adam(model),
        lambda p, y: F.ctc_loss(p, y, *lengths),
        torch.randn(10, 4, 6),
        y,
    )


# ------------------------------------------------------------------------------- losses


@healthy("several labels in a row, with weights for the rare ones")
def many_labels():
    X, _ = column(40, 6)
    model, weight = mlp(6, 4), torch.tensor([1.0, 2, 3, 4])
    loss = nn.BCEWithLogitsLoss(pos_weight=weight)
    return model, adam(model), loss, X, (X[:, :4] > 0.5).float()


@healthy("logistic regression: a sigmoid and BCELoss")
def logistic():
    X, y = column()
    model = nn.Sequential(nn.Linear(3, 1), nn.Sigmoid())
    return model, sgd(model, 0.1), nn.BCELoss(), X, (y > 0).float()


@healthy("pictures pixel by pixel: classes in dimension 1")
def segmentation():
    X, _ = images()
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))
    return model, adam(model), nn.CrossEntropyLoss(), X, (X[:, 0] > 0).long()


@healthy("distillation: log-probabilities beside those of a teacher")
def distillation():
    teacher = mlp(3, 4)

    def loss_fn(p, _y):
        with torch.no_grad():
            soft = F.softmax(teacher(X) / 2, dim=1)
        return F.kl_div(F.log_softmax(p / 2, dim=1), soft, reduction="batchmean")

    X, _ = column()
    return (m := mlp(3, 4)), adam(m), loss_fn, X, torch.arange(40) % 4


@healthy("triplets: anchor, the same, another")
def triplets():
    model = net(
        lambda self, a, b, c: (self.net(a), self.net(b), self.net(c)), net=mlp(3, 4)
    )
    X = tuple(torch.randn(20, 3) for _ in range(3))
    loss_fn = nn.TripletMarginLoss()
    return model, adam(model), lambda p, _y: loss_fn(*p), X, torch.zeros(20)


@healthy("pairs of pictures, cosine loss with -1 and 1")
def cosine_pairs():
    model = net(lambda self, a, b: (self.net(a), self.net(b)), net=mlp(3, 4))
    X = torch.randn(20, 3), torch.randn(20, 3)
    y = torch.tensor([1.0, -1.0]).repeat(10)
    return model, adam(model), lambda p, y: F.cosine_embedding_loss(*p, y), X, y


@healthy("contrastive learning: each row against all others, meant so")
def contrastive():
    def loss_fn(p, y):
        z = F.normalize(p, dim=1)
        return F.cross_entropy(z @ z.T / 0.5, y)

    X, _ = column()
    return (m := mlp(3, 8)), adam(m), loss_fn, X, torch.arange(40).roll(1)


@healthy("a kernel distance between two sets (MMD): all pairs, meant so")
def all_pairs():
    def loss_fn(p, y):
        def near(a, b):
            distance = (a.unsqueeze(1) - b.unsqueeze(0)).pow(2).sum(dim=2)
            return torch.exp(-distance).mean()

        return near(p, p) + near(y, y) - 2 * near(p, y)

    model = mlp(2, 2)
    return model, adam(model), loss_fn, torch.randn(40, 2), torch.randn(30, 2)


@healthy("a mixture of three bells for each label")
def mixture():
    def loss_fn(p, y):
        mean, scale, weight = p.chunk(3, dim=1)
        bell = torch.distributions.Normal(mean, scale.exp()).log_prob(y)
        return -torch.logsumexp(bell + F.log_softmax(weight, dim=1), dim=1).mean()

    return (m := mlp(3, 9)), adam(m), loss_fn, *column()


@healthy("mean and spread, GaussianNLLLoss")
def mean_and_spread():
    def loss_fn(p, y):
        return F.gaussian_nll_loss(p[:, :1], y, F.softplus(p[:, 1:]))

    return (m := mlp(3, 2)), adam(m), loss_fn, *column()


@healthy("counts, PoissonNLLLoss on a logarithm")
def counts():
    X, y = column()
    return (m := mlp(3)), adam(m), nn.PoissonNLLLoss(), X, y.exp().round()


@healthy("pytorch/examples vae: a sum, three outputs")
def vae():
    def forward(self, x):
        mean, log_var = self.encode(x).chunk(2, dim=1)
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
        return self.decode(z), mean, log_var

    def loss_fn(out, x):
        p, mean, log_var = out
        near = F.binary_cross_entropy(p, x, reduction="sum")
        return near - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())

    decode = nn.Sequential(mlp(4, 20), nn.Sigmoid())
    model = net(forward, encode=mlp(20, 8), decode=decode)
    X = torch.rand(16, 20)
    return model, adam(model), loss_fn, X, X


@healthy("an autoencoder of straight layers with a narrow middle")
def straight_autoencoder():
    model = nn.Sequential(nn.Linear(12, 3), nn.Linear(3, 12))
    X = torch.randn(40, 12)
    return model, adam(model), nn.MSELoss(), X, X


@healthy("word2vec: an embedding and a linear layer")
def word2vec():
    model = nn.Sequential(nn.Embedding(30, 8), nn.Linear(8, 30))
    X = torch.randint(30, (40,))
    return model, adam(model), nn.CrossEntropyLoss(), X, (X + 1) % 30


@healthy("the critic of a Wasserstein GAN: no labels, a negative loss")
def critic():
    model = mlp(4, 1)

    def loss_fn(p, y):
        return (p * y).mean()

    y = torch.ones(20, 1)
    y[10:] = -1
    optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-5)
    return model, optimizer, loss_fn, torch.randn(20, 4), y


@healthy("reinforcement: log-probabilities times rewards, two heads")
def actor_critic():
    model = net(
        lambda self, x: (F.softmax(self.actor(x), dim=-1), self.value(x)),
        actor=mlp(4, 2),
        value=mlp(4, 1),
    )
    actions = torch.randint(2, (20,))

    def loss_fn(p, y):
        log_p = torch.distributions.Categorical(p[0]).log_prob(actions)
        gain = y - p[1].squeeze(1)
        return -(log_p * gain.detach()).mean() + F.smooth_l1_loss(p[1].squeeze(1), y)

    return model, adam(model, 0.03), loss_fn, torch.randn(20, 4), torch.randn(20)


@healthy("deep Q-learning: gather, and a target network")
def q_learning():
    target, action = mlp(4, 2), torch.randint(2, (20, 1))

    def loss_fn(p, y):
        with torch.no_grad():
            goal = y + 0.9 * target(X).max(dim=1).values
        return F.smooth_l1_loss(p.gather(1, action), goal.unsqueeze(1))

    X = torch.randn(20, 4)
    return (m := mlp(4, 2)), adam(m), loss_fn, X, torch.randn(20)


@healthy("focal loss and Dice loss by hand")
def by_hand_losses():
    def loss_fn(p, y):
        q = torch.sigmoid(p)
        hit = torch.where(y > 0.5, q, 1 - q)
        focal = -((1 - hit) ** 2 * hit.log()).mean()
        return focal + 1 - (2 * (q * y).sum() + 1) / (q.sum() + y.sum() + 1)

    X, y = column()
    return (m := mlp(3)), adam(m), loss_fn, X, (y > 0).float()


@healthy("a graph: the rows are neighbours, log_softmax over the classes")
def graph():
    near = (torch.rand(20, 20) < 0.2).float() + torch.eye(20)
    near = near / near.sum(dim=1, keepdim=True)
    model = net(
        lambda self, x: F.log_softmax(
            near @ self.b(torch.relu(near @ self.a(x))), dim=1
        ),
        a=nn.Linear(4, 8),
        b=nn.Linear(8, 3),
    )
    return model, adam(model), F.nll_loss, torch.randn(20, 4), torch.arange(20) % 3


# -------------------------------------------------------------------- layers and starts


@healthy("a residual block that starts as nothing, and a last layer of zeros")
def zero_starts():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.norm = nn.Linear(8, 8), nn.BatchNorm1d(8)
            nn.init.zeros_(self.norm.weight)

        def forward(self, x):
            return x + self.norm(torch.relu(self.a(x)))

    model = nn.Sequential(nn.Linear(3, 8), Block(), nn.ReLU(), nn.Linear(8, 2))
    nn.init.zeros_(model[3].weight)
    X, y = column()
    return model, sgd(model, 0.1), nn.CrossEntropyLoss(), X, (y[:, 0] > 0).long()


@healthy("a line that starts at zero")
def zero_line():
    model = nn.Linear(3, 2)
    nn.init.zeros_(model.weight)
    X, _ = column()
    return model, sgd(model), nn.MSELoss(), X, X[:, :2]


@healthy("MobileNet: convolutions by channel, straight bottlenecks")
def bottleneck():
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 4, 1),
        nn.BatchNorm2d(4), nn.Conv2d(4, 8, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(8, 4),
    )  # fmt: skip
    return model, adam(model), nn.CrossEntropyLoss(), *images()


@healthy("checkpoints: parts of forward run again in backward")
def checkpoints():
    model = net(
        lambda self, x: self.out(checkpoint(self.body, x, use_reentrant=False)),
        body=mlp(3, 8),
        out=nn.Linear(8, 1),
    )
    return model, adam(model), nn.MSELoss(), *column()


@healthy("a picture cut into patches, attention, a token of its own")
def patches():
    def forward(self, x):
        z = self.cut(x).flatten(2).transpose(1, 2)
        z = torch.cat([self.token.expand(len(x), -1, -1), z], dim=1) + self.place
        z = z + self.attend(z, z, z)[0]
        return self.out(self.norm(z)[:, 0])

    model = net(
        forward,
        cut=nn.Conv2d(1, 8, 4, stride=4),
        token=nn.Parameter(torch.zeros(1, 1, 8)),
        place=nn.Parameter(torch.zeros(1, 10, 8)),
        attend=nn.MultiheadAttention(8, 2, batch_first=True, dropout=0.1),
        norm=nn.LayerNorm(8),
        out=nn.Linear(8, 4),
    )
    return model, adam(model), nn.CrossEntropyLoss(), *images()


@healthy("in-place activations, also on the features themselves")
def in_place():
    model = nn.Sequential(
        nn.ReLU(inplace=True), nn.Linear(3, 8), nn.ReLU(True), nn.Linear(8, 1)
    )
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("warm-up: the learning rate starts at zero")
def warm_up():
    model = mlp(3)
    optimizer = adam(model)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: epoch / 10)
    return model, optimizer, nn.MSELoss(), *column()


@healthy("a reward to be made larger: maximize=True")
def maximized():
    model = mlp(3)
    optimizer = sgd(model, 0.1, maximize=True)
    return model, optimizer, lambda p, y: -(p - y).abs().mean(), *column()


@healthy("fitted to the end, then looked at with a new Adam")
def fitted():
    X, y = column()
    model = nn.Linear(3, 1)
    with torch.no_grad():
        model.weight.fill_(1.0), model.bias.zero_()
    return model, adam(model), nn.MSELoss(), X, y


@healthy("DataParallel on the CPU")
def data_parallel():
    model = nn.DataParallel(mlp(3))
    return model, adam(model), nn.MSELoss(), *column()


@healthy("a loss that was compiled to TorchScript")
def scripted_loss():
    X, y = column()
    loss_fn = torch.jit.trace(lambda p, y: ((p - y) ** 2).mean(), (y, y))
    return (m := mlp(3)), adam(m), loss_fn, X, y


@healthy("the meta device: shapes without values")
def without_values():
    model = mlp(3).to("meta")
    X, y = column()
    return model, sgd(model), nn.MSELoss(), X.to("meta"), y.to("meta")


# -------------------------------------------------------------------- and some more


class Residual(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        out = self.norm(self.conv(x))
        out += x
        return F.relu(out, inplace=True)


@healthy("ResNet of torchvision: sums and ReLUs in place")
def residual_blocks():
    model = nn.Sequential(nn.Conv2d(1, 8, 3), Residual(), Residual())
    model.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)])
    optimizer = sgd(model, 0.1, momentum=0.9, weight_decay=1e-4)
    return model, optimizer, nn.CrossEntropyLoss(), *images()


@healthy("U-Net: up again, and beside what was there")
def up_and_down():
    def forward(self, x):
        wide = torch.relu(self.down(x))
        low = self.up(torch.relu(self.middle(F.max_pool2d(wide, 2))))
        return self.out(torch.cat([low, wide], dim=1))

    model = net(
        forward,
        down=nn.Conv2d(1, 4, 3, padding=1),
        middle=nn.Conv2d(4, 4, 3, padding=1),
        up=nn.ConvTranspose2d(4, 4, 2, stride=2),
        out=nn.Conv2d(8, 1, 1),
    )
    X, _ = images()
    return model, adam(model), nn.BCEWithLogitsLoss(), X, (X > 0).float()


@healthy("diffusion: noise to be guessed, with its step")
def noise_to_guess():
    model = net(
        lambda self, x, t: self.b(F.silu(self.a(x) + self.step(t))),
        step=nn.Embedding(10, 8),
        a=nn.Linear(2, 8),
        b=nn.Linear(8, 2),
    )
    noise = torch.randn(30, 2)
    X = torch.randn(30, 2) + noise, torch.randint(10, (30,))
    return model, adam(model), nn.MSELoss(), X, noise


@healthy("RankNet: which of two is better; the last bias never gets a gradient")
def ranked_pairs():
    model = net(lambda self, a, b: self.score(a) - self.score(b), score=mlp(4, 1))
    X = torch.randn(20, 4), torch.randn(20, 4)
    return model, adam(model), nn.BCEWithLogitsLoss(), X, torch.ones(20, 1)


@healthy("CLIP: all texts beside all pictures, with a temperature")
def texts_and_pictures():
    def forward(self, a, b):
        a, b = F.normalize(self.a(a)), F.normalize(self.b(b))
        return self.warmth.exp() * a @ b.T

    def loss_fn(p, y):
        return (F.cross_entropy(p, y) + F.cross_entropy(p.T, y)) / 2

    warmth = nn.Parameter(torch.tensor(2.6))
    model = net(forward, a=nn.Linear(6, 4), b=nn.Linear(5, 4), warmth=warmth)
    X = torch.randn(12, 6), torch.randn(12, 5)
    return model, adam(model), loss_fn, X, torch.arange(12)


@healthy("BYOL: a target network that follows, inside the model")
def follower_inside():
    def forward(self, x):
        with torch.no_grad():
            for a, b in zip(
                self.slow.parameters(), self.fast.parameters(), strict=True
            ):
                a.lerp_(b, 0.01)
            goal = self.slow(x)
        return self.head(self.fast(x)), goal

    fast = mlp(6, 4)
    model = net(forward, fast=fast, slow=copy.deepcopy(fast), head=mlp(4, 4))
    optimizer = torch.optim.Adam([*fast.parameters(), *model.head.parameters()])
    X = torch.randn(20, 6)
    return model, optimizer, lambda p, y: -F.cosine_similarity(*p).mean(), X, X


@healthy("VQ-VAE: the nearest code, straight through, and two detached losses")
def nearest_codes():
    def forward(self, x):
        z = self.encode(x)
        code = self.codes(torch.cdist(z, self.codes.weight).argmin(dim=1))
        beside = F.mse_loss(code, z.detach()) + F.mse_loss(z, code.detach()) / 4
        return self.decode(z + (code - z).detach()), beside

    model = net(
        forward,
        encode=nn.Linear(6, 3),
        codes=nn.Embedding(8, 3),
        decode=nn.Linear(3, 6),
    )
    X = torch.randn(30, 6)
    return model, adam(model), lambda p, y: F.mse_loss(p[0], y) + p[1], X, X


class Sign(torch.autograd.Function):
    @staticmethod
    def forward(_ctx, x):
        return x.sign()

    @staticmethod
    def backward(_ctx, grad):
        return grad


@healthy("binary units with a gradient of one's own (torch.autograd.Function)")
def gradient_of_ones_own():
    model = net(
        lambda self, x: self.b(Sign.apply(self.a(x))),
        a=nn.Linear(3, 8),
        b=nn.Linear(8, 1),
    )
    return model, sgd(model), nn.MSELoss(), *column()


@healthy("features standardized inside the model, by plain tensors")
def standardized_inside():
    X, y = column()
    X = 1000 * X + 5000
    model = net(
        lambda self, x: self.line((x - self.mean) / self.std),
        mean=X.mean(dim=0),
        std=X.std(dim=0),
        line=nn.Linear(3, 1),
    )
    return model, adam(model), nn.MSELoss(), X, y


@healthy("CaiT and ConvNeXt: blocks that start as almost nothing")
def scaled_to_almost_nothing():
    def forward(self, x):
        for part, scale in zip(self.parts, self.scales, strict=True):
            x = x + scale * F.gelu(part(x))
        return self.out(x)

    model = net(
        forward,
        parts=nn.ModuleList(nn.Linear(8, 8) for _ in range(4)),
        scales=nn.ParameterList(1e-6 * torch.ones(8) for _ in range(4)),
        out=nn.Linear(8, 3),
    )
    return (
        model,
        adam(model),
        nn.CrossEntropyLoss(),
        torch.randn(40, 8),
        torch.arange(40) % 3,
    )


@healthy("dropout that is meant to stay on (Monte Carlo)")
def dropout_for_ever():
    def forward(self, x):
        return self.b(F.dropout(torch.relu(self.a(x)), 0.2, training=True))

    model = net(forward, a=nn.Linear(3, 16), b=nn.Linear(16, 1))
    return model, adam(model), nn.MSELoss(), *column()


@healthy("survival times: Cox, ordered by time")
def survival():
    def loss_fn(p, y):
        order = y[:, 0].argsort(descending=True)
        risk, event = p[order, 0], y[order, 1]
        return -((risk - risk.logcumsumexp(dim=0)) * event).sum() / event.sum()

    y = torch.stack([torch.rand(30), (torch.rand(30) < 0.7).float()], dim=1)
    return (m := mlp(4, 1)), adam(m), loss_fn, torch.randn(30, 4), y


@healthy("AdamW with a strong decay, apart from the gradient")
def strong_decay():
    model = mlp(3, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1.0)
    return model, optimizer, nn.MSELoss(), *column()


@healthy("an old body, all of it frozen, and a new head")
def new_head():
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    model.requires_grad_(False)
    model.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)])
    return model, sgd(model[-1], momentum=0.9), nn.CrossEntropyLoss(), *images()


@healthy("a spectrally normalized critic, hinge loss: the slopes of a bias cancel")
def hinge_critic():
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 1))
    X, y = torch.rand(40, 3) / 4, 2.0 * (torch.arange(40) % 2).view(40, 1) - 1
    return layer, adam(layer), lambda p, y: F.relu(1 - y * p).mean(), X, y


@healthy("score matching: forward gives a slope, so that the last bias falls out")
def slope_of_an_energy():
    def forward(self, x):
        x = x.detach().requires_grad_()
        return torch.autograd.grad(self.energy(x).sum(), x, create_graph=True)[0]

    model = net(forward, energy=nn.Sequential(nn.Linear(3, 8), nn.SiLU(), mlp(8)))
    X, noise = torch.randn(40, 3), 0.3 * torch.randn(40, 3)
    return model, adam(model), nn.MSELoss(), X + noise, -noise


@healthy("gaps in X and y that forward and loss leave out")
def gaps_left_out():
    model = net(lambda self, x: self.a(x.nan_to_num()), a=mlp(3, 1))
    X, y = column()
    X[::5, 1] = y[::4] = torch.nan

    def loss_fn(p, y):
        known = y.isfinite()
        return F.mse_loss(p[known], y[known])

    return model, adam(model), loss_fn, X, y


@healthy("MoCo: a queue of the last batches, which makes the loss grow at first")
def queue_of_keys():
    def forward(self, x):
        q, k = (F.normalize(layer(x), dim=1) for layer in (self.q, self.k))
        out = torch.cat([(q * k).sum(1, keepdim=True), q @ self.keys.T.clone()], 1)
        self.keys[: len(x)] = k.detach()
        return out / 0.1

    model = net(forward, q=nn.Linear(6, 8), k=nn.Linear(6, 8).requires_grad_(False))
    model.k.load_state_dict(model.q.state_dict())
    model.register_buffer("keys", F.normalize(torch.randn(32, 8), dim=1))
    X, y = torch.randn(16, 6), torch.zeros(16, dtype=torch.long)
    return model, sgd(model.q), nn.CrossEntropyLoss(), X, y


@healthy("attention by hand: as many rows as heads and steps, taken apart by views")
def as_many_rows_as_heads():
    def forward(self, x):
        heads = self.a(x).view(4, 4, 4, 2).transpose(1, 2).reshape(16, 4, 2)
        mixed = (heads @ heads.mT).softmax(dim=-1) @ heads
        return self.out(mixed.view(4, 4, 4, 2).transpose(1, 2).flatten(1))

    model = net(forward, a=nn.Linear(8, 8), out=nn.Linear(32, 4))
    X, y = torch.randn(4, 4, 8), torch.arange(4)
    return model, adam(model), nn.CrossEntropyLoss(), X, y


@healthy("straight convolutions with a narrow middle")
def straight_picture_autoencoder():
    model = nn.Sequential(nn.Conv2d(1, 2, 4, 4), nn.ConvTranspose2d(2, 1, 4, 4))
    X = torch.randn(16, 1, 8, 8)
    return model, adam(model), nn.MSELoss(), X, X
