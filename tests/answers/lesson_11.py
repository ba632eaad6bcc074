"""Wrong answers to the exercises of lesson 11."""

import torch

# hint: All must get equally many
share = lambda n_rows, rank, world_size: list(range(rank, n_rows, world_size))


# hint: round up
def share(n_rows, rank, world_size):
    rounds = n_rows // world_size
    return list(range(n_rows))[rank::world_size][:rounds]


# hint: Deal in turn
def share(n_rows, rank, world_size):
    rounds = -(-n_rows // world_size)
    start = rank * rounds
    return [i % n_rows for i in range(start, start + rounds)]


# hint: no such row
def share(n_rows, rank, world_size):
    rounds = -(-n_rows // world_size)
    return [rank + i * world_size for i in range(rounds)]


# hint: Return a list
share = lambda n_rows, rank, world_size: range(rank, n_rows, world_size)
share = lambda n_rows, rank, world_size: [0]  # hint: Deal the example out
# hint: count the same
combine = lambda gradients, n_rows: sum(gradients) / len(gradients)
combine = lambda gradients, n_rows: sum(gradients)  # hint: not a sum


# hint: Make it a mean
def combine(gradients, n_rows):
    return sum(g * n for g, n in zip(gradients, n_rows, strict=True))


# hint: all together
def combine(gradients, n_rows):
    total = sum(g * n for g, n in zip(gradients, n_rows, strict=True))
    return total / len(n_rows)


# hint: from a mean back
def combine(gradients, n_rows):
    total = sum(g / n for g, n in zip(gradients, n_rows, strict=True))
    return total


# hint: one by one
def combine(gradients, n_rows):
    weighted = torch.stack(gradients) * torch.tensor(n_rows)
    return weighted.sum(dim=0) / sum(n_rows)


# hint: another one
def save_safely(state, path):
    torch.save(state, path)


# hint: under which name
def save_safely(state, path):
    part = path.with_suffix(".part")
    torch.save(state, part)


# hint: Copying
def save_safely(state, path):
    part = path.with_suffix(".part")
    torch.save(state, part)
    path.write_bytes(part.read_bytes())
    part.unlink()


# hint: in the same step
def save_safely(state, path):
    part = path.with_suffix(".part")
    torch.save(state, part)
    path.unlink()
    part.rename(path)


# hint: rename it last
def save_safely(state, path):
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        part.replace(path)
        torch.save(state, file)


# hint: only copy
def save_safely(state, path):
    part = path.with_suffix(".part")
    torch.save(state, part)
    path.with_suffix(".copy").write_bytes(part.read_bytes())
    part.replace(path)


# hint: beside the old one
def save_safely(state, path):
    part = path.parent.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)
