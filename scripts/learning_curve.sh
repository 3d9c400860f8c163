#!/usr/bin/env bash
# What more labelled text would bring: trains the student on 25, 50 and 100 % of the training articles, all else equal, and
# prints label F1 on dev after the last epoch. WORK_DIR as in retrain.sh, whose encoder and packages it uses.
set -euo pipefail
data=$(realpath "${1:?usage: learning_curve.sh DATA_DIR WORK_DIR}")
work=$(realpath "${2:?usage: learning_curve.sh DATA_DIR WORK_DIR}")
cd "$(dirname "$0")"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
if [[ -d $work/venv ]]; then
    PATH=$work/venv/bin:$PATH
fi
[[ -d $work/base ]] || ./fetch_base.sh "$work/base"

for share in 0.25 0.5 1.0; do
    run=$work/share-$share
    mkdir -p "$run"
    python3 -m sayso_train.train --base "$work/base" --train "$data/sentences/train.jsonl" \
        --dev "$data/sentences/dev.jsonl" --out "$run" --seed 4 --fold 1 --epochs 2 --share "$share" --resume >>"$run/log"
    echo "$share $(grep EVAL "$run/log" | grep ' dev ' | tail -1)"
done
