#!/usr/bin/env bash
# What the loss's weights for rare classes, more pre-training on news, and context are worth. Each training is the last
# one of learning_curve.sh but for one thing; prints label F1 on dev. WORK_DIR as in retrain.sh.
set -euo pipefail
data=$(realpath "${1:?usage: ablations.sh DATA_DIR WORK_DIR}")
work=$(realpath "${2:?usage: ablations.sh DATA_DIR WORK_DIR}")
cd "$(dirname "$0")"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
if [[ -d $work/venv ]]; then
    PATH=$work/venv/bin:$PATH
fi
[[ -d $work/base ]] || ./fetch_base.sh "$work/base"

# train NAME BASE [OPTION...]
train() {
    local run=$work/$1 base=$2
    shift 2
    mkdir -p "$run"
    python3 -m sayso_train.train --base "$base" --train "$data/sentences/train.jsonl" --dev "$data/sentences/dev.jsonl" \
        --out "$run" --seed 4 --fold 1 --epochs 2 --resume "$@" >>"$run/log"
    echo "${run##*/} $(grep EVAL "$run/log" | grep ' dev ' | tail -1)"
}

python3 -m sayso_train.context --bundle ../models/default --dev "$data/sentences/dev.jsonl"
if [[ ! -d $work/news-base ]]; then
    rm -rf "$work/news-base.unfinished"
    python3 -m sayso_train.pretrain --base "$work/base" --rows "$work/unlabelled.jsonl" \
        --out "$work/news-base.unfinished" >"$work/news-base.log"
    mv "$work/news-base.unfinished" "$work/news-base"
fi
train share-1.0 "$work/base"
train news "$work/news-base"
train equal-weights "$work/base" --rare-weight 0
train squared-weights "$work/base" --rare-weight 2
