#!/bin/bash
#SBATCH --nodes=4 --ntasks-per-node=1 --cpus-per-task=32 --gpus-per-node=8
#SBATCH --time=01:00:00 --requeue --output=line-%j.txt --open-mode=append
set -euo pipefail
source .venv/bin/activate
hosts=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
first=${hosts%%$'\n'*}
port=$((20000 + SLURM_JOB_ID % 10000))  # another for the next job
meet="--rdzv-backend=c10d --rdzv-id=$SLURM_JOB_ID --rdzv-endpoint=$first:$port"
size="--nnodes=$SLURM_NNODES --nproc-per-node=$SLURM_GPUS_ON_NODE"
job="train_line.py --rows 8000000 --batch-size 800000 --checkpoint line.pt"
export OMP_NUM_THREADS=$((SLURM_CPUS_PER_TASK / SLURM_GPUS_ON_NODE))
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" torchrun $size $meet --max-restarts=3 $job
