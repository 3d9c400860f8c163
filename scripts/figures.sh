#!/usr/bin/env bash
# Makes every figure and picture of the model card again, for the bundle in models/default. Run it with the folders of
# retrain.sh, which ends with it; all parts of DATA_DIR are needed. Models of other sizes are trained for it where
# WORK_DIR lacks them (sizes.sh).
#
# SIZES  no: leave them out
set -euo pipefail
data=$(realpath "${1:?usage: figures.sh DATA_DIR WORK_DIR}")
work=$(realpath "${2:?usage: figures.sh DATA_DIR WORK_DIR}")
cd "$(dirname "$0")"
if [[ -d $work/venv ]]; then
    PATH=$work/venv/bin:$PATH
fi
bundle=../models/default contrast=$data/fictional/contrast.jsonl

python3 -m sayso_train.report --bundle "$bundle" --gold "$data/sentences/dev.jsonl" \
    --train "$work/corrected.jsonl" "$contrast" "$work/read.jsonl" lessons.jsonl --contrast "$contrast" \
    --dev-articles "$data/polnear/dev.jsonl" "$work/polnear-dev.jsonl" --out "$bundle/eval.json"
cargo build --quiet --release
target=$(cargo metadata --format-version 1 --no-deps |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
python3 -m sayso_train.compare --sayso "$target/release/sayso" --bundle "$bundle" --gold "$data/sentences/dev.jsonl"
if [[ ${SIZES:-} != no ]]; then
    ./sizes.sh "$data" "$work"
fi
python3 -m sayso_train.pictures
python3 -m sayso_train.card
