"""Say who this process is, and add up a number from all. Start it with torchrun."""

import torch
import torch.distributed as dist

dist.init_process_group("gloo")
rank, world_size = dist.get_rank(), dist.get_world_size()

number = torch.tensor(10.0 * (rank + 1))
before = number.item()
dist.all_reduce(number)

for turn in range(world_size):
    if turn == rank:
        print(f"process {rank} of {world_size} had {before:.0f}, and has {number:.0f}")
    dist.barrier()  # wait here until all have come

dist.destroy_process_group()
