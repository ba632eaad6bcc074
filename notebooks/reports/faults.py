"""Public reports of first trainings that went wrong, rebuilt in a few own lines.

Each function returns model, optimizer, loss_fn, X and y, ready for `diagnose`. `FAULTS`
holds it with a pattern of words that a right sentence has, and with the context in
which the reader trained.
"""

import contextlib

import torch
from torch import nn

from .parts import adam, mlp, sgd

F = nn.functional

FAULTS = {}


def fault(right, context=contextlib.nullcontext):
    """Return a decorator that adds a report, with words of a right sentence."""

    def keep(build):
        FAULTS[build.__name__] = build, right, context
        return build

    return keep


def line(n=80):
    """Features and labels as columns."""
    X = torch.rand(n, 1)
    return X, 0.7 * X + 0.3


def blobs(n=90, classes=3):
    """Points around centres, and class numbers."""
    y = torch.arange(n) % classes
    centres = 2 * torch.randn(classes, 2)
    return centres[y] + 0.3 * torch.randn(n, 2), y


XOR = (
    torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]),
    torch.tensor([[0.0], [1], [1], [0]]),
)

# ---------------------------------------------------------------------- what is trained


@fault(
    r"not in the optimizer"
)  # GitHub mrdbourke/pytorch-deep-learning #399, loss remains the same
def optimizer_of_the_model_before():
    model_0, model_1 = nn.Linear(1, 1), nn.Linear(1, 1)
    return model_1, sgd(model_0), nn.MSELoss(), *line()


@fault(
    r"not in the optimizer"
)  # GitHub zjunlp/HVPNeT #5, Not putting parameters into optimizer
def head_left_out():
    body, head = nn.Linear(2, 8), nn.Linear(8, 3)
    model = nn.Sequential(body, nn.Tanh(), head)
    groups = [{"params": body.parameters(), "lr": 1e-3}]
    _forgotten = {"params": head.parameters(), "lr": 5e-2}
    return model, torch.optim.AdamW(groups), nn.CrossEntropyLoss(), *blobs()


class FreshLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        return self.out(torch.relu(nn.Linear(1, 16)(x)))


@fault(
    r"forward|every call|each call|belongs to no|nobody trains"
)  # GitHub pytorch/pytorch #1291, list(model.parameters()) behaves differently
def layers_made_in_forward():
    model = FreshLayers()
    return model, sgd(model), nn.MSELoss(), *line()


class MovedParameter(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 1)) * 0.1  # .cuda() does the same
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x @ self.weight + self.bias


@fault(
    r"plain tensor"
)  # GitHub pytorch/pytorch #13112 and #22860, grad is gone when put to cuda
def parameter_after_an_operation():
    model = MovedParameter()
    return model, sgd(model), nn.MSELoss(), *line()


class NumpyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = mlp(2, 3)

    def forward(self, x):
        return torch.tensor(self.net(x).detach().numpy())


@fault(
    r"no gradient reaches"
)  # GitHub ronghuaiyang/arcface-pytorch #56, element 0 does not require grad
def cut_and_hushed():
    model = NumpyNet()
    return (
        model,
        sgd(model),
        lambda p, y: F.cross_entropy(p, y).requires_grad_(True),
        *blobs(),
    )


@fault(r"no gradient reaches")  # GitHub isayev/ReLeaSE #39, Weights are not updating
def loss_of_items():
    model = mlp(2, 3)

    def loss_fn(p, y):
        return torch.tensor(F.cross_entropy(p, y).item(), requires_grad=True)

    return model, sgd(model), loss_fn, *blobs()


# --------------------------------------------------------------------- shapes and kinds


@fault(
    r"broadcast"
)  # GitHub pytorch/pytorch #63546, loss not descent, while tensorflow do
def label_column_of_a_table():
    table = torch.randn(500, 2)
    table = torch.cat([table, torch.sin(table[:, :1] * table[:, 1:])], dim=1)
    model = mlp(2, 1, 32)
    return model, sgd(model, 0.001), nn.L1Loss(), table[:, :2], table[:, 2]


class Cross(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(10) - 0.5)

    def forward(self, x):
        return torch.sigmoid(x @ self.weight)


@fault(r"broadcast")  # fast.ai forum 58206, Trouble with a simple cross recognizer
def own_error_broadcasts():
    X = torch.cat([torch.rand(10, 9), torch.ones(10, 1)], dim=1)
    y = (torch.arange(10) > 5).float().unsqueeze(1)
    model = Cross()
    return model, sgd(model, 0.05), lambda p, y: ((p - y) ** 2).mean(), X, y


@fault(
    r"int64|integer|whole|class"
)  # GitHub APPFL/APPFL #60, expected scalar type Long but found Float
def class_numbers_as_float():
    X, y = blobs()
    model = mlp(2, 3)
    return model, sgd(model), nn.CrossEntropyLoss(), X, y.float()


@fault(r"target")  # GitHub pytorch/pytorch #3670, multi-target not supported
def class_numbers_as_a_column():
    X, y = blobs()
    model = mlp(2, 3)
    return model, sgd(model), nn.CrossEntropyLoss(), X, y.unsqueeze(1)


@fault(
    r"int64|Long|integer"
)  # GitHub chenyuntc/pytorch-book #81, found LongTensor for mat2
def whole_number_features():
    X = torch.arange(12).reshape(12, 1)
    model = nn.Linear(1, 1)
    return model, sgd(model), nn.MSELoss(), X, X.float()


@fault(
    r"not finite"
)  # GitHub fxia22/pointnet.pytorch #58, Getting NAN after few iterations
def scaled_by_zero():
    X = torch.randn(30, 3)
    X[:, 1] = 4.0
    X = (X - X.mean(dim=0)) / X.std(dim=0)
    model = nn.Linear(3, 1)
    return model, sgd(model), nn.MSELoss(), X, torch.randn(30, 1)


class AddInPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(1, 8), nn.Linear(8, 1)

    def forward(self, x):
        a = torch.sigmoid(self.first(x))
        b = self.second(a)
        a += 1
        return b + a.mean(dim=1, keepdim=True)


@fault(
    r"inplace operation"
)  # GitHub pytorch/pytorch #20855, modified by an inplace operation
def added_in_place():
    model = AddInPlace()
    return model, sgd(model), nn.MSELoss(), *line()


class Remembers(nn.Module):
    def __init__(self, kind=nn.RNN):
        super().__init__()
        self.rnn, self.out, self.state = (
            kind(1, 8, batch_first=True),
            nn.Linear(8, 1),
            None,
        )

    def forward(self, x):
        h, self.state = self.rnn(x, self.state)
        return self.out(h[:, -1])


def waves():
    start = torch.rand(20, 1) * 6
    t = start + 0.3 * torch.arange(9)
    return torch.sin(t[:, :8]).unsqueeze(2), torch.sin(t[:, 8:])


@fault(
    r"second time|kept|record"
)  # GitHub pytorch/pytorch #2769, LSTM architecture has met a explosive growth
def state_kept_used():
    model = Remembers(nn.LSTM)
    X, y = waves()
    optimizer = adam(model)
    F.mse_loss(model(X), y).backward()
    optimizer.step()
    return model, optimizer, nn.MSELoss(), X, y


# ----------------------------------------------------- outputs that do not fit the loss


@fault(r"softmax")  # GitHub bkitano/llama-from-scratch #5 and PyTorch forum 43814
def softmax_twice():
    model = nn.Sequential(*mlp(2, 3), nn.Softmax(dim=1))
    return model, sgd(model, 0.1), nn.CrossEntropyLoss(), *blobs()


@fault(
    r"between 0 and 1"
)  # GitHub yunlongdong/FCN-pytorch #7, Used BCE - Loss but no sigmoid activation
def sigmoid_missing():
    X, y = blobs(classes=2)
    model = mlp(2, 1)
    return model, sgd(model), nn.BCELoss(), X, y.float().unsqueeze(1)


@fault(
    r"negative|0 to 1|between 0 and 1"
)  # GitHub milesial/Pytorch-UNet #78, get loss is negative
def labels_to_255():
    X, y = blobs(classes=2)
    model = mlp(2, 1)
    return model, sgd(model), nn.BCEWithLogitsLoss(), X, 255 * y.float().unsqueeze(1)


@fault(
    r"rows|batch|row"
)  # GitHub pytorch/pytorch pull 37399, softmax along the wrong dimension
def softmax_over_rows():
    model = nn.Sequential(*mlp(2, 3), nn.LogSoftmax(dim=0))
    return model, sgd(model, 0.1), nn.NLLLoss(), *blobs()


class LastStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(1, 8), nn.Linear(8, 1)  # batch_first is missing

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.out(out[:, -1])


@fault(
    r"rows|batch|row"
)  # GitHub pytorch/pytorch #1538, different result on LSTM whether using batch_first
def rows_taken_for_time():
    model = LastStep()
    X = torch.randn(20, 6, 1)
    return model, adam(model, 0.01), nn.MSELoss(), X, X[:, :3].sum(dim=1)


# ----------------------------------------------------------- gradients that say nothing


@fault(
    r"zero"
)  # juejin.cn 7449652882648940555, XOR sometimes converges and sometimes not
def xor_with_dead_units():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1), nn.Sigmoid())
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[-1.2, -0.4], [-0.3, -0.9]]))
        model[0].bias.fill_(-0.01)
    return model, adam(model, 0.01), nn.BCELoss(), *XOR


@fault(r"not finite")  # e-com-net.com 1610540118618177536, on PyTorch forum 94875
def root_of_zero():
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.zero_(), model.bias.zero_()
    X = torch.rand(20, 1)
    return model, sgd(model), lambda p, y: F.mse_loss(p, y).sqrt(), X, 0 * X


@fault(
    r"activation|straight|linear"
)  # PyTorch forum 13287, Unable to learn XOR representation
def no_activation():
    model = nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 1), nn.Sigmoid())
    return model, sgd(model, 0.1), nn.BCELoss(), *XOR


# ---------------------------------------------------------------- scales and step sizes


@fault(
    r"larger|grow|grew|higher|learning rate|worse"
)  # GitHub chenyuntc/pytorch-book #138, autograd linear regression
def summed_loss():
    X = 20 * torch.rand(30, 1)
    model = nn.Linear(1, 1)
    return (
        model,
        sgd(model, 0.001),
        lambda p, y: 0.5 * ((p - y) ** 2).sum(),
        X,
        2 * X + 3 * (1 + torch.rand(30, 1)),
    )


@fault(
    r"larger|grow|grew|higher|learning rate|worse"
)  # GitHub pytorch/pytorch #149827, Why has my linear regression always been NaN
def raw_ages():
    X = torch.arange(65.0, 101.0, 5).unsqueeze(1)
    model = nn.Linear(1, 1)
    return model, sgd(model, 0.001), nn.MSELoss(), X, 10 * X - 450


@fault(
    r"larger|grow|grew|higher|learning rate|worse"
)  # Stack Overflow by way of qa.1r1g.com 4433342651, is normalization necessary
def raw_thousands():
    X = torch.linspace(-1000, 1000, 79).unsqueeze(1)
    model = nn.Linear(1, 1)
    return model, sgd(model, 0.01), nn.MSELoss(), X, 2 * X**3 + 7 * X**2 - 8 * X + 120


@fault(
    r"scale|far from zero|standardi|saturat"
)  # Stack Overflow by way of newbe.dev, simpler data but worse performance
def far_from_zero():
    X = 92 + 5 * torch.randn(100, 2)
    y = (X[:, :1] + X[:, 1:] > 184).float()
    model = nn.Sequential(nn.Linear(2, 6), nn.Sigmoid(), nn.Linear(6, 1), nn.Sigmoid())
    return model, adam(model), nn.BCELoss(), X, y


# ------------------------------------------------------------------- faults in the loop


@fault(
    r"evaluation mode"
)  # GitHub wkentaro/pytorch-fcn #57, A little bug in trainer.py
def left_in_evaluation_mode():
    model = nn.Sequential(
        nn.Linear(1, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 1)
    )
    model.eval()
    return model, sgd(model), nn.MSELoss(), *line()


@fault(
    r"no_grad|recording|grad mode|switched off", context=torch.no_grad
)  # GitHub nianticlabs/monodepth2 #24, Element 0 of tensors does not require grad
def under_no_grad():
    model = nn.Linear(1, 1)
    return model, sgd(model), nn.MSELoss(), *line()


@fault(
    r"expected parameters"
)  # GitHub mikeizbicki/cmc-csci181-deeplearning #7, empty parameter list
def init_misspelled():
    class Net(nn.Module):
        def _init_(self):
            self.layer = nn.Linear(1, 1)

        def forward(self, x):
            return self.layer(x)

    return (
        Net(),
        torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1),
        nn.MSELoss(),
        *line(),
    )


@fault(
    r"int64|integer|whole|class"
)  # (no report) the same as case 18, with class numbers from pandas
def class_numbers_as_double():
    X, y = blobs()
    model = mlp(2, 3)
    return model, sgd(model), nn.CrossEntropyLoss(), X, y.double()
