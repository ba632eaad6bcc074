#!/bin/bash
# What the job needs: 4 machines with 8 GPUs each, an hour, a new start if one fails.
#SBATCH --nodes=4 --ntasks-per-node=1 --cpus-per-task=32 --gpus-per-node=8
#SBATCH --time=01:00:00 --requeue --output=line-%j.txt --open-mode=append

# Stop at the first error, and use the Python environment on the shared disk.
set -euo pipefail
source .venv/bin/activate

# The launchers meet on the first machine, through a port that depends on the job.
hosts=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
first=${hosts%%$'\n'*}
port=$((20000 + SLURM_JOB_ID % 10000))
meet="--rdzv-backend=c10d --rdzv-id=$SLURM_JOB_ID --rdzv-endpoint=$first:$port"

# Each machine runs a process for each GPU, and shares its cores among them.
size="--nnodes=$SLURM_NNODES --nproc-per-node=$SLURM_GPUS_ON_NODE"
export OMP_NUM_THREADS=$((SLURM_CPUS_PER_TASK / SLURM_GPUS_ON_NODE))

# The training, with one launcher on each machine. After a failure, all meet anew.
job="train_line.py --rows 8000000 --batch-size 800000 --checkpoint line.pt"
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" torchrun $size $meet --max-restarts=3 $job
