"""What lesson 12 claims, tried beyond its own example: no process is launched here."""

import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed import distributed_c10d

from lessons import NOTEBOOKS, claims, code_cells, read


def reduce_in_two(*calls: list[list[float]]) -> list[list]:
    """Return what each of two gloo ranks gets for its messages, up to an error."""
    store = dist.HashStore()

    def one(rank: int) -> list:
        group = dist.ProcessGroupGloo(store, rank, 2, timedelta(seconds=0.3))
        got = []
        for message in map(torch.tensor, calls[rank]):
            try:
                group.allreduce([message]).wait()
            except RuntimeError as error:
                return [*got, error]
            got.append(message.tolist())
        return [*got, group][:-1]  # the group lives until here

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


@claims("12", "the two are added up without an error")
def test_a_lonely_all_reduce_is_added_to_the_next_message_of_the_others():
    total, gradients, later = [100.0, 28.0], ([1.0, 2.0], [3.0, 4.0]), [0.0, 0.0]
    right = reduce_in_two([gradients[0], later], [gradients[1], later])
    assert right == [[[4.0, 6.0], later]] * 2
    wrong = reduce_in_two([total, gradients[0]], [gradients[1], later])
    assert wrong == [[[103.0, 32.0], [1.0, 2.0]]] * 2  # and no error


@claims("12", "A process that calls it alone waits until a time limit")
def test_a_lonely_all_reduce_of_another_length_ends_in_an_error():
    for (error,) in reduce_in_two([[100.0], [1.0, 2.0]], [[3.0, 4.0], [0.0]]):
        assert "Timed out" in str(error) or "closed" in str(error)


@claims("12", "and how fast each job was")
def test_a_rate_is_shown_for_one_process_and_for_two():
    cells = code_cells(read(NOTEBOOKS[12]))
    (shown,) = (c.outputs[0].text for c in cells if 'print("cores:"' in c.source)
    job = r"^processes: (\d), .+\n +epoch 40/40: .+, [1-9]\d* million rows/s$"
    assert re.findall(job, shown, re.MULTILINE) == ["1", "2"], shown


def tree(held: torch.Tensor) -> int:
    """Add up the rows of `held` over a binary tree, and return the number of turns."""
    p, turns, step = len(held), 0, 1
    while step < p:
        held[0 :: 2 * step] += held[step :: 2 * step]  # up, all pairs at once
        step, turns = 2 * step, turns + 1
    while step > 1:
        step, turns = step // 2, turns + 1
        held[step :: 2 * step] = held[0 :: 2 * step]  # and down
    return turns


@claims("12", "That is 12 turns, where a ring has 126")
def test_for_64_processes_a_tree_takes_12_turns_and_the_ring_126():
    lesson = {"torch": torch}
    sources = [cell.source for cell in code_cells(read(NOTEBOOKS[12]))]
    (source,) = (source for source in sources if "def ring(" in source)
    exec(source.split("\n\n\n")[0], lesson)

    def ring(held: torch.Tensor) -> int:
        return len(lesson["ring"](held)) - 1

    for function, turns in [(tree, 12), (ring, 126)]:
        held = torch.rand(64, 64)
        total = held.sum(dim=0)
        assert function(held) == turns
        torch.testing.assert_close(held, total.expand(64, 64))


@claims("12", "The mean of the gradients of equal shares is the gradient of the whole")
def test_the_mean_of_the_halves_is_not_the_gradient_of_the_whole_with_batch_norm():
    torch.manual_seed(0)
    X, y = torch.rand(64, 3), torch.rand(64, 1)
    for layers, equal in [([], True), ([nn.BatchNorm1d(8)], False)]:
        model = nn.Sequential(nn.Linear(3, 8), *layers, nn.ReLU(), nn.Linear(8, 1))

        def gradient(rows, model=model):
            model.zero_grad()
            nn.MSELoss()(model(X[rows]), y[rows]).backward()
            return model[-1].weight.grad.clone()

        first, second, whole = map(gradient, (slice(32), slice(32, 64), slice(64)))
        assert torch.allclose((first + second) / 2, whole, rtol=1e-4) == equal


PARTS = ("scheduler", "random", "scaler")


def resumed(left_out: str | None, stop: int | None = 3) -> list[float]:
    """Return the weights after six steps, resumed after `stop` of them."""

    def job():
        torch.manual_seed(0)
        model = nn.Linear(20, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2)
        return model, optimizer, scheduler, torch.amp.GradScaler("cpu", 2.0**127)

    def train(steps):
        model, optimizer, scheduler, scaler = now
        for _ in range(steps):
            loss = 4 * model(nn.functional.dropout(torch.ones(8, 20))).square().mean()
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()

    now = job()
    if stop is None:
        train(6)
        return now[0].weight.tolist()[0]
    train(stop)
    states, random = [part.state_dict() for part in now], torch.get_rng_state()
    now = job()
    names = ("model", "optimizer", "scheduler", "scaler")
    for name, part, state in zip(names, now, states, strict=True):
        if name != left_out:
            part.load_state_dict(state)
    if left_out != "random":
        torch.set_rng_state(random)
    train(6 - stop)
    return now[0].weight.tolist()[0]


@claims("12", "random numbers (for dropout) or a gradient scaler")
@pytest.mark.filterwarnings("ignore:Detected call of")
def test_a_checkpoint_needs_the_scheduler_the_random_state_and_the_scaler():
    straight = resumed(None, stop=None)
    assert resumed(None) == straight
    for part in PARTS:
        assert resumed(part) != straight, part


@claims("12", "When a layer is due, each process gathers the whole of it")
def test_fsdp_gathers_a_whole_layer_at_a_time():
    from torch.distributed.fsdp import fully_shard  # slow, for this test only
    from torch.testing._internal.distributed.fake_pg import FakeStore

    dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=64)
    network = nn.Sequential(*(nn.Linear(640, 640, bias=False) for _ in range(4)))
    for module in (*network, network):
        fully_shard(module)
    held = []

    def look(*_):
        held.append([w.to_local() if hasattr(w, "to_local") else w for w in weights()])

    def weights():
        return [layer.weight for layer in network]

    network[1].register_forward_pre_hook(look)
    network(torch.rand(2, 640))
    dist.destroy_process_group()
    assert [w.numel() * 64 // 640**2 for w in held[0]] == [1, 64, 1, 1]


@claims("12", "Whoever reaches the ports can take part")
def test_whoever_reaches_the_port_can_take_part():
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    stranger = dist.TCPStore("127.0.0.1", store.port, wait_for_workers=False)
    stranger.set("said", "by a stranger")
    assert store.get("said") == b"by a stranger"


class Code:
    def __reduce__(self):
        return eval, ("6 * 7",)


@claims("12", "as objects that one process sends to all are unpickled")
def test_an_object_that_is_broadcast_can_be_code():
    sent = torch.frombuffer(bytearray(pickle.dumps(Code())), dtype=torch.uint8)
    assert distributed_c10d._tensor_to_object(sent, len(sent), None) == 42
