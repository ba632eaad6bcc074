#!/bin/bash
#SBATCH --nodes=4 --ntasks-per-node=1 --cpus-per-task=32 --gpus-per-node=8
#SBATCH --time=01:00:00
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
size="--nnodes=$SLURM_NNODES --nproc-per-node=$SLURM_GPUS_ON_NODE"
meet="--rdzv-backend=c10d --rdzv-id=$SLURM_JOB_ID --rdzv-endpoint=$first:29500"
job="train_line.py --rows 8000000 --batch-size 800000 --checkpoint line.pt"
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
srun --cpus-per-task=32 torchrun $size $meet --max-restarts=3 $job
