"""More reports of first trainings that went wrong, each rebuilt in a few lines."""

import torch
from torch import nn

from .faults import blobs, fault, line, waves
from .parts import adam, mlp, net, sgd

F = nn.functional

# ---------------------------------------------------------------------- what is trained


@fault("not in the optimizer")
def head_replaced_later():
    model = mlp(2, 3)
    optimizer = sgd(model)
    model[2] = nn.Linear(16, 3)
    return model, optimizer, nn.CrossEntropyLoss(), *blobs()


@fault(r"ModuleList|nobody trains")
def layers_in_a_list():
    model = net(
        lambda self, x: self.out(torch.relu(self.layers[0](x))),
        layers=[nn.Linear(1, 8)],
        out=nn.Linear(8, 1),
    )
    return model, sgd(model), nn.MSELoss(), *line()


@fault(r"ModuleDict|nobody trains")
def layers_in_a_dict():
    model = net(
        lambda self, x: self.out(torch.relu(self.layers["a"](x))),
        layers={"a": nn.Linear(1, 8)},
        out=nn.Linear(8, 1),
    )
    return model, sgd(model), nn.MSELoss(), *line()


@fault("plain tensor")
def weight_without_parameter():
    model = net(
        lambda self, x: x @ self.weight + self.bias,
        weight=torch.randn(1, 1),
        bias=nn.Parameter(torch.zeros(1)),
    )
    return model, sgd(model), nn.MSELoss(), *line()


class Unused(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(1, 8), nn.Linear(8, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.fc3(torch.relu(self.fc1(x)))


@fault("fc2")
def layer_never_used():
    return (m := Unused()), sgd(m), nn.MSELoss(), *line()


@fault("no gradient reaches a")
def cut_in_the_middle():
    model = net(
        lambda self, x: self.b(torch.relu(self.a(x)).detach()),
        a=nn.Linear(1, 8),
        b=nn.Linear(8, 1),
    )
    return model, sgd(model), nn.MSELoss(), *line()


@fault("no gradient reaches any")
def predictions_by_argmax():
    X, y = blobs()
    model = mlp(2, 3)
    return (
        model,
        sgd(model),
        lambda p, y: (p.argmax(dim=1) - y).float().pow(2).mean(),
        X,
        y,
    )


@fault("learning rate")
def rate_of_nothing():
    model = mlp()
    return model, sgd(model, 1e-12), nn.MSELoss(), *line()


# --------------------------------------------------------------------- shapes and kinds


@fault("broadcast")
def whole_labels_broadcast():
    X, y = blobs(classes=2)
    model = mlp(2, 1)
    return model, sgd(model), lambda p, y: ((p - y) ** 2).mean(), X, y


@fault("broadcast")
def squeezed_against_a_column():
    model = mlp()
    return model, sgd(model), lambda p, y: (p.squeeze() - y).abs().mean(), *line()


@fault("unsqueeze")
def features_without_columns():
    X, y = line()
    return (m := nn.Linear(1, 1)), sgd(m), nn.MSELoss(), X.squeeze(1), y.squeeze(1)


@fault(r"inputs|features")
def wrong_number_of_inputs():
    X, y = blobs()
    return (m := mlp(4, 3)), sgd(m), nn.CrossEntropyLoss(), X, y


@fault(r"flatten|features")
def pictures_not_flattened_right():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(64, 3))
    y = torch.arange(12) % 3
    return model, sgd(model), nn.CrossEntropyLoss(), torch.randn(12, 1, 8, 8), y


@fault("channels")
def pictures_with_channels_last():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 3))
    y = torch.arange(12) % 3
    return model, sgd(model), nn.CrossEntropyLoss(), torch.randn(12, 8, 8, 3), y


@fault(r"rows|batch_size")
def rows_lost_in_a_view():
    model = net(lambda self, x: self.out(x.view(-1, 4)), out=nn.Linear(4, 3))
    y = torch.arange(12) % 3
    return model, sgd(model), nn.CrossEntropyLoss(), torch.randn(12, 8), y


@fault(r"tuple.*unpack")
def output_and_state():
    X, y = waves()
    return (m := nn.LSTM(1, 1, batch_first=True)), sgd(m), nn.MSELoss(), X, y


@fault("return")
def forward_without_return():
    def forward(self, x):
        self.out(x)

    model = net(forward, out=nn.Linear(1, 1))
    return model, sgd(model), nn.MSELoss(), *line()


@fault("forward")
def forward_misspelt():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(1, 1)

        def foward(self, x):
            return self.out(x)

    return (m := Net()), sgd(m), nn.MSELoss(), *line()


@fault(r"scalar|one number")
def loss_for_each_row():
    return (m := mlp()), sgd(m), nn.MSELoss(reduction="none"), *line()


@fault(r"\.item\(\)")
def loss_as_a_number():
    return (m := mlp()), sgd(m), lambda p, y: F.mse_loss(p, y).item(), *line()


@fault("called")
def loss_made_and_not_called():
    return (m := mlp()), sgd(m), lambda p, y: nn.MSELoss(p, y), *line()


@fault(r"float\(\)|float32")
def features_in_double():
    X, y = line()
    return (m := mlp()), sgd(m), nn.MSELoss(), X.double(), y


@fault(r"y\.float\(\)")
def whole_numbers_for_two_classes():
    X, y = blobs(classes=2)
    model = mlp(2, 1)
    return model, sgd(model), nn.BCEWithLogitsLoss(), X, y.unsqueeze(1)


@fault(r"out of range|out of bounds")
def vocabulary_too_small():
    model = nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(12, 3))
    X = torch.arange(1, 31).reshape(10, 3) % 11
    return model, sgd(model), nn.CrossEntropyLoss(), X, torch.arange(10) % 3


@fault("out of bounds")
def classes_from_one():
    X, y = blobs()
    return (m := mlp(2, 3)), sgd(m), nn.CrossEntropyLoss(), X, y + 1


@fault("argmax")
def one_hot_whole_numbers():
    X, y = blobs()
    return (m := mlp(2, 3)), sgd(m), nn.CrossEntropyLoss(), X, F.one_hot(y, 3)


@fault("same device")
def data_elsewhere():
    X, y = line()
    return (m := mlp().to("meta")), sgd(m), nn.MSELoss(), X, y


@fault("inplace")
def output_written_into():
    def forward(self, x):
        z = torch.sigmoid(self.a(x))
        z[:, 0] = 0
        return self.b(z)

    model = net(forward, a=nn.Linear(1, 8), b=nn.Linear(8, 1))
    return model, sgd(model), nn.MSELoss(), *line()


@fault("numpy")
def numpy_in_forward():
    model = net(lambda self, x: torch.tensor(self.a(x).numpy()), a=nn.Linear(1, 1))
    return model, sgd(model), nn.MSELoss(), *line()


@fault("drop_last")
def batch_of_one():
    model = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    return model, sgd(model), nn.MSELoss(), *line(1)


@fault(r"second time")
def hidden_state_not_detached():
    class Keeps(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.out = nn.GRU(1, 8, batch_first=True), nn.Linear(8, 1)
            self.state = torch.zeros(1, 20, 8)

        def forward(self, x):
            h, self.state = self.rnn(x, self.state)
            return self.out(h[:, -1])

    return (m := Keeps()), adam(m), nn.MSELoss(), *waves()


# ----------------------------------------------------- outputs that do not fit the loss


@fault(r"sigmoid.*remove")
def sigmoid_twice():
    X, y = blobs(classes=2)
    model = nn.Sequential(mlp(2, 1), nn.Sigmoid())
    return model, sgd(model), nn.BCEWithLogitsLoss(), X, y.float().unsqueeze(1)


@fault("one column")
def one_column_for_classes():
    X, y = blobs(classes=2)
    model = mlp(2, 1)
    return model, sgd(model), nn.CrossEntropyLoss(), X, y.float().unsqueeze(1)


@fault("single column")
def softmax_of_one_column():
    X, y = blobs(classes=2)
    model = nn.Sequential(mlp(2, 1), nn.Softmax(dim=1))
    return model, sgd(model), nn.BCELoss(), X, y.float().unsqueeze(1)


@fault("rows of the batch mix")
def cross_entropy_of_numbers():
    X, y = line()
    model = nn.Sequential(mlp(), nn.Flatten(0))
    return model, sgd(model), nn.CrossEntropyLoss(), X, y.squeeze(1)


@fault("log_softmax")
def probabilities_under_nll():
    model = nn.Sequential(mlp(2, 3), nn.Softmax(dim=1))
    return model, sgd(model), nn.NLLLoss(), *blobs()


@fault("log_softmax")
def raw_outputs_under_nll():
    return (m := mlp(2, 3)), sgd(m), nn.NLLLoss(), *blobs()


@fault("log_softmax")
def probabilities_under_kl():
    X, y = blobs()
    model = nn.Sequential(mlp(2, 3), nn.Softmax(dim=1))
    loss_fn = nn.KLDivLoss(reduction="batchmean")
    return model, sgd(model), loss_fn, X, F.one_hot(y, 3).float()


@fault("between 0 and 1")
def relu_under_bce():
    X, y = blobs(classes=2)
    model = nn.Sequential(mlp(2, 1), nn.ReLU())
    return model, sgd(model), nn.BCELoss(), X, y.float().unsqueeze(1)


@fault("outside of")
def labels_beyond_the_sigmoid():
    X, y = line()
    model = nn.Sequential(mlp(), nn.Sigmoid())
    return model, sgd(model), nn.MSELoss(), X, 50 * y


@fault("outside of")
def labels_below_the_relu():
    X, y = line()
    model = nn.Sequential(mlp(), nn.ReLU())
    return model, sgd(model, 1e-4), nn.MSELoss(), X, -y


@fault(r"-1 and 1")
def zeros_where_signs_belong():
    X, y = blobs(classes=2)
    model = mlp(2, 1)
    return model, sgd(model), nn.SoftMarginLoss(), X, y.float().unsqueeze(1)


@fault("BCEWithLogitsLoss")
def several_labels_under_softmax():
    X, _ = blobs()
    y = (torch.rand(90, 3) < 0.7).float()
    return (m := mlp(2, 3)), sgd(m), nn.CrossEntropyLoss(), X, y


@fault("predictions come first")
def arguments_swapped():
    X, y = blobs(classes=2)
    model = nn.Sequential(mlp(2, 1), nn.Sigmoid())
    y = y.float().unsqueeze(1)
    return model, sgd(model), lambda p, y: F.binary_cross_entropy(y, p), X, y


# ------------------------------------------------------------------------ rows that mix


@fault("rows of the batch")
def attention_over_rows():
    def forward(self, x):
        return self.out((torch.softmax(self.score(x), dim=0) * x).sum(dim=1))

    model = net(forward, score=nn.Linear(3, 1), out=nn.Linear(3, 1))
    X = torch.randn(20, 5, 3)
    return model, adam(model), nn.MSELoss(), X, X.mean(dim=(1, 2)).unsqueeze(1)


@fault("transpose")
def view_for_time_first():
    def forward(self, x):
        return self.out(self.gru(x.view(8, 20, 1))[0][-1])

    model = net(forward, gru=nn.GRU(1, 8), out=nn.Linear(8, 1))
    return model, adam(model), nn.MSELoss(), *waves()


@fault("batch_first")
def last_state_time_first():
    model = net(
        lambda self, x: self.out(self.gru(x)[1][-1]),
        gru=nn.GRU(1, 8),
        out=nn.Linear(8, 1),
    )
    return model, adam(model), nn.MSELoss(), *waves()


@fault("batch_first")
def attention_time_first():
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    model = net(
        lambda self, x: self.out(self.body(x).mean(dim=1)),
        body=layer,
        out=nn.Linear(8, 1),
    )
    X = torch.randn(20, 6, 8)
    return model, adam(model), nn.MSELoss(), X, X.mean(dim=(1, 2)).unsqueeze(1)


# -------------------------------------------- values, sizes, gradients that say nothing


@fault(r"same weights|zero")
def all_weights_equal():
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    for p in model.parameters():
        nn.init.constant_(p, 0.5)
    X, y = blobs(classes=2)
    return model, sgd(model), nn.BCEWithLogitsLoss(), X, y.float().unsqueeze(1)


@fault("zero")
def all_weights_zero():
    model = mlp(2, 3)
    for p in model.parameters():
        nn.init.zeros_(p)
    return model, sgd(model), nn.CrossEntropyLoss(), *blobs()


@fault("zero")
def last_relu_dead():
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    with torch.no_grad():
        model[0].weight.fill_(-1.0), model[0].bias.fill_(-1.0)
    return model, sgd(model), nn.MSELoss(), *line()


@fault("zero")
def rounded_predictions():
    X, y = blobs(classes=2)
    model = nn.Sequential(mlp(2, 1), nn.Sigmoid())
    y = y.float().unsqueeze(1)
    return model, sgd(model), lambda p, y: (p.round() - y).pow(2).mean(), X, y


@fault(r"logarithm|log")
def logarithm_of_zero():
    X, y = line()
    model = nn.Sequential(mlp(), nn.ReLU())
    with torch.no_grad():
        model[0][2].bias.fill_(-9.0)
    return model, sgd(model), lambda p, y: -(y * p.log()).mean(), X, y


@fault(r"div|zero")
def divided_by_the_label():
    X, y = line()
    y[3] = 0
    return (m := mlp()), sgd(m), lambda p, y: ((p - y) / y).abs().mean(), X, y


@fault("not finite")
def gap_in_the_labels():
    X, y = line()
    y[5] = float("nan")
    return (m := mlp()), sgd(m), nn.MSELoss(), X, y


@fault(r"vanish|fades|saturated")
def many_sigmoids():
    layers = [layer for _ in range(8) for layer in (nn.Linear(8, 8), nn.Sigmoid())]
    model = nn.Sequential(nn.Linear(2, 8), *layers, nn.Linear(8, 3))
    return model, sgd(model), nn.CrossEntropyLoss(), *blobs()


@fault(r"learning rate|larger")
def rate_too_high_for_adam():
    return (m := mlp()), adam(m, 5.0), nn.MSELoss(), *line()


@fault(r"scale|standardi")
def years():
    X, y = line()
    return (m := nn.Linear(1, 1)), sgd(m, 1e-7), nn.MSELoss(), 2000 + 20 * X, y


@fault(r"labels are of a size|standardi")
def prices_as_labels():
    X, y = line()
    return (m := mlp()), adam(m), nn.MSELoss(), X, 300_000 * y


@fault(r"activation")
def straight_with_dropout():
    model = nn.Sequential(
        nn.Linear(2, 16), nn.Dropout(0.2), nn.Linear(16, 16), nn.Linear(16, 3)
    )
    return model, sgd(model), nn.CrossEntropyLoss(), *blobs()


@fault("evaluation mode")
def loaded_and_left_in_evaluation_mode():
    model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(), nn.Linear(8, 3)).eval()
    model[0].requires_grad_(False)
    return model, sgd(model), nn.CrossEntropyLoss(), *blobs()


@fault(r"constant|the same")
def features_all_the_same():
    X, y = line()
    return (m := mlp()), sgd(m), nn.MSELoss(), X * 0 + 3, y


@fault(r"scale|standardi")
def areas_beside_rooms():
    X = torch.stack([2000 + 800 * torch.randn(80), 3 + torch.randn(80)], dim=1)
    return (m := mlp(2, 1)), adam(m), nn.MSELoss(), X, X[:, 1:]


@fault("frozen")
def everything_frozen():
    model = mlp().requires_grad_(False)
    return model, sgd(model), nn.MSELoss(), *line()


@fault("dropout is the last")
def dropout_at_the_end():
    model = nn.Sequential(mlp(), nn.Dropout())
    return model, sgd(model), nn.MSELoss(), *line()


@fault("hidden state")
def state_for_other_rows():
    model = net(
        lambda self, x: self.out(self.rnn(x, torch.zeros(1, 10, 8))[0][:, -1]),
        rnn=nn.GRU(1, 8, batch_first=True),
        out=nn.Linear(8, 1),
    )
    return model, sgd(model), nn.MSELoss(), *waves()


@fault("NumPy")
def array_as_features():
    X, y = line()
    return (m := mlp()), sgd(m), nn.MSELoss(), X.numpy(), y


@fault("alike")
def features_not_used():
    model = net(lambda self, x: self.out(x * 0), out=nn.Linear(2, 3))
    return model, adam(model), nn.CrossEntropyLoss(), *blobs()


# -------------------------------------------------------------------- and some more


@fault("broadcast")
def subtracted_by_name():
    def loss_fn(p, y):
        return torch.mean(torch.pow(torch.subtract(p.squeeze(-1), y), 2))

    return (m := mlp()), sgd(m), loss_fn, *line()


@fault("rows of the batch")
def flattened_with_the_rows():
    model = net(lambda self, x: self.out(torch.flatten(x)), out=nn.Linear(180, 3))
    y = torch.arange(90) % 3
    return model, sgd(model), nn.CrossEntropyLoss(), torch.randn(90, 2), y


@fault("raw outputs")
def logarithm_of_raw_outputs():
    def loss_fn(p, y):
        return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

    X, y = blobs(classes=2)
    return (m := mlp(2, 1)), sgd(m), loss_fn, X, y.float().unsqueeze(1)


class Drops(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(2, 16), nn.Linear(16, 3)

    def forward(self, x):
        return self.fc2(F.dropout(torch.relu(self.fc1(x)), 0.5))


@fault("stays on in evaluation mode")
def dropout_that_never_rests():
    return (m := Drops()), sgd(m), nn.CrossEntropyLoss(), *blobs()


@fault("weight_decay")
def decay_of_one():
    optimizer = torch.optim.Adam((m := mlp()).parameters(), weight_decay=1.0)
    return m, optimizer, nn.MSELoss(), *line()


@fault("made first and called")
def activation_made_in_forward():
    model = net(
        lambda self, x: self.b(nn.ReLU(self.a(x))), a=nn.Linear(1, 8), b=nn.Linear(8, 1)
    )
    return model, sgd(model), nn.MSELoss(), *line()


@fault("picture that reaches")
def pooled_away():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.MaxPool2d(4), nn.Conv2d(4, 4, 3), nn.Flatten()
    )
    y = torch.arange(12) % 4
    return model, sgd(model), nn.CrossEntropyLoss(), torch.randn(12, 1, 9, 9), y


@fault("vanish")
def tiny_weights_in_deep_layers():
    layers = [layer for _ in range(5) for layer in (nn.Linear(8, 8), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(8, 3))
    for p in model.parameters():
        nn.init.normal_(p, std=0.001)
    X, y = torch.randn(60, 8), torch.arange(60) % 3
    return model, sgd(model), nn.CrossEntropyLoss(), X, y


@fault(r"x\.long\(\)")
def gathered_by_floats():
    def loss_fn(p, y):
        return -p.log_softmax(dim=1).gather(1, y.unsqueeze(1)).mean()

    X, y = blobs()
    return (m := mlp(2, 3)), sgd(m), loss_fn, X, y.float()


@fault("no longer finite|logarithm")
def policy_of_nan():
    model = net(
        lambda self, x: torch.distributions.Categorical(probs=self.a(x).log()),
        a=nn.Linear(2, 3),
    )
    X, y = blobs()
    return model, adam(model), lambda p, y: -p.log_prob(y).mean(), X, y


@fault("number of dimensions")
def sequences_in_four_dimensions():
    model = net(
        lambda self, x: self.out(self.rnn(x)[0][:, -1]),
        rnn=nn.LSTM(1, 8, batch_first=True),
        out=nn.Linear(8, 1),
    )
    X, y = waves()
    return model, sgd(model), nn.MSELoss(), X.unsqueeze(1), y


@fault("another size")
def two_columns_under_bce():
    X, y = blobs(classes=2)
    model = nn.Sequential(mlp(2, 2), nn.Sigmoid())
    return model, sgd(model), nn.BCELoss(), X, y.float().unsqueeze(1)


# ------------------------------------------------------------- found by readers of code


@fault(r"\.T")  # fast.ai forum, can't re-create the matrix multiplication in lesson 5
def weight_not_turned():
    model = net(lambda self, x: x @ self.w, w=nn.Parameter(torch.randn(10, 64) / 8))
    X, y = torch.randn(32, 64), torch.arange(32) % 10
    return model, sgd(model), nn.CrossEntropyLoss(), X, y


@fault("comma")  # GitHub mrdbourke/pytorch-deep-learning #764, 'tuple' is not callable
def comma_behind_a_layer():
    model = net(lambda self, x: self.b(self.a(x)), b=nn.Linear(16, 3))
    model.a = (nn.Linear(2, 16),)  # self.a = nn.Linear(2, 16),
    return model, adam(model), nn.CrossEntropyLoss(), *blobs()


@fault("softmax")  # GitHub Lightning-Universe/lightning-bolts #654, softmax twice
def softmax_and_log_softmax():
    model = nn.Sequential(nn.Linear(2, 3), nn.Softmax(dim=1))
    return model, sgd(model), lambda p, y: F.nll_loss(p.log_softmax(1), y), *blobs()


@fault("add up to")  # GitHub pytorch/pytorch #60928, negative loss value of KLDivLoss
def shares_that_do_not_add_up():
    model = nn.Sequential(nn.Linear(2, 3), nn.LogSoftmax(dim=1))
    loss_fn = nn.KLDivLoss(reduction="batchmean")
    return model, sgd(model), loss_fn, blobs()[0], 0.15 * torch.rand(90, 3)


@fault("activation")  # GitHub rasbt/deeplearning-models #38, LeNet-5 is linear
def pictures_without_activation():
    layers = [nn.Conv2d(1, 6, 3), nn.AvgPool2d(2), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Linear(150, 32), nn.Linear(32, 4))
    X, y = torch.rand(32, 1, 12, 12), torch.arange(32) % 4
    return model, adam(model), nn.CrossEntropyLoss(), X, y


@fault("rows of the batch mix")  # GitHub pytorch/pytorch #19675, batch_first and h_n
def state_cut_anew():
    model = net(
        lambda self, x: self.out(self.rnn(x)[1].view(len(x), -1)),
        rnn=nn.GRU(1, 8, batch_first=True, bidirectional=True),
        out=nn.Linear(16, 1),
    )
    return model, adam(model), nn.MSELoss(), *waves()


@fault("same weights")  # GitHub HomericIntelligence/Mnemosyne #1987, nothing learned
def one_value_everywhere():
    model = mlp(2, 4)
    for p in model.parameters():
        nn.init.constant_(p, 0.01)
    return model, sgd(model), nn.CrossEntropyLoss(), *blobs(64, classes=4)


@fault(r"\A(?!.*out of bounds).*dimension 1")  # GitHub jbohnslav/deepethogram #98
def classes_behind_time():
    model = nn.Sequential(nn.Embedding(25, 8), nn.Linear(8, 25))
    X = torch.randint(25, (16, 10))
    return model, adam(model), nn.CrossEntropyLoss(), X, X.roll(-1, dims=1)


@fault(r"\A(?!.*too many).*one row")  # GitHub pytorch/pytorch #5554, out of range
def classes_squeezed_away():
    model = nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    X, y = blobs(classes=2)
    return model, sgd(model), nn.CrossEntropyLoss(), X, y


@fault("fewer time steps")  # GitHub meijieru/crnn.pytorch #235, CTC loss is always inf
def labels_longer_than_outputs():
    model = nn.Sequential(nn.Linear(6, 5), nn.LogSoftmax(dim=-1))
    y, lengths = torch.randint(1, 5, (4, 8)), torch.full((4,), 8)

    def loss_fn(p, y):
        return F.ctc_loss(p, y, lengths - 2, lengths)

    return model, sgd(model), loss_fn, torch.randn(6, 4, 6), y
