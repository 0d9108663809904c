#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A unit of work an element of a Slurm array:
#
#     tcpfsm-batch plan /captures -o DIR
#     sbatch --array=0-$(($(wc -l <DIR/manifest.ndjson) - 1)) slurm.sh DIR
#
# Where arrays are limited (scontrol show config | grep MaxArraySize), start at a line: slurm.sh DIR 1000
#SBATCH --job-name=tcpfsm-batch
#SBATCH --cpus-per-task=1
#SBATCH --mem=5G
#SBATCH --requeue
set -eu
folder=$1
exec "${TCPFSM_BATCH:-tcpfsm-batch}" job "$folder/manifest.ndjson" \
    --index "$((${2:-0} + SLURM_ARRAY_TASK_ID))"
