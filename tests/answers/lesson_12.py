"""Wrong answers to the exercises of lesson 12."""

from operator import mul, truediv

from torch import save, stack, tensor


def part(state, path):
    save(state, path.with_suffix(".part"))
    return path.with_suffix(".part")


share = lambda n, rank, of: list(range(rank, n, of))  # hint: All need equally
share = lambda n, rank, of: list(range(rank, n - n % of, of))  # hint: round up
share = lambda n, rank, of: [rank + i * of for i in range(-(-n // of))]  # hint: no such
share = lambda n, rank, of: range(rank, n, of)  # hint: Return a list.
share = lambda n, rank, of: [0]  # hint: Deal these rows
share = lambda n, rank, of: [0.0]  # hint: divide with


def share(n_rows, rank, world_size):  # hint: Deal in turn
    n = -(-n_rows // world_size)
    return [i % n_rows for i in range(rank * n, (rank + 1) * n)]


share = lambda n, rank, of: [*range(rank, n, of), 0][: -(-n // of)]  # hint: gets row 1
combine = lambda g, n: sum(g) / len(g)  # hint: count the same
combine = lambda g, n: sum(g)  # hint: not a sum
combine = lambda g, n: sum(map(mul, g, n))  # hint: Make it a mean
combine = lambda g, n: sum(map(mul, g, n)) / len(n)  # hint: all together
combine = lambda g, n: sum(map(truediv, g, n))  # hint: from a mean back
combine = lambda g, n: (stack(g) * tensor(n)).sum(dim=0) / sum(n)  # hint: one by one

save_safely = lambda state, path: save(state, path)  # hint: another one
save_safely = lambda state, path: part(state, path)  # hint: Under which name
save_safely = lambda s, p: [part(s, p), p.unlink()][0].rename(p)  # hint: same step
save_safely = lambda s, path: part({}, path).replace(path)  # hint: the whole `state`
save_safely = lambda s, path: part(s, path.parent).replace(path)  # hint: beside the old


def save_safely(state, path):  # hint: Copying
    path.write_bytes(part(state, path).read_bytes())
    path.with_suffix(".part").unlink()


def save_safely(state, path):  # hint: rename it last
    new = path.with_suffix(".part")
    with new.open("wb") as file:
        new.replace(path)
        save(state, file)


def save_safely(state, path):  # hint: only copy
    new = part(state, path)
    path.with_suffix(".copy").write_bytes(new.read_bytes())
    new.replace(path)
