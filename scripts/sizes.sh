#!/usr/bin/env bash
# What a model of another size would be worth: makes runs with more and fewer layers and with fewer wordpieces out of the
# default model, trains them on the same text to answer as it does, and compares their bundles in models/sizes.json. Run it
# after retrain.sh, with the same folders; what is finished is kept.
#
# EPOCHS  epochs of training; by default 2
set -euo pipefail
data=$(realpath "${1:?usage: sizes.sh DATA_DIR WORK_DIR}")
work=$(realpath "${2:?usage: sizes.sh DATA_DIR WORK_DIR}")
cd "$(dirname "$0")"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OMP_WAIT_POLICY=PASSIVE
if [[ -d $work/venv ]]; then
    PATH=$work/venv/bin:$PATH
fi
default=$work/reading
text=("$work/corrected.jsonl" "$data/fictional/contrast.jsonl" lessons.jsonl)

# bundle RUN BASE NAME
bundle() {
    python3 -m sayso_train.calibrate "$1" --base "$2" --train "$data/sentences/train.jsonl" --out "$1/calibration.json"
    python3 -m sayso_train.export "$1" --base "$2" --calibration "$1/calibration.json" --name "$3" --version 1 \
        --out "$1/bundle"
    python3 -m sayso_train.quantize --bundle "$1/bundle" --calibration-text "$data/sentences/train.jsonl"
}

# student NAME TEACHER BASE RESIZING...: leaves its bundle in WORK/sizes/NAME/run/bundle
student() {
    local name=$1 teacher=$2 base=$3 folder=$work/sizes/$1
    if [[ ! -f $folder/run/done ]]; then
        python3 -m sayso_train.resize "$teacher" --base "$base" "${@:4}" --out "$folder"
        mkdir -p "$folder/run"
        python3 -m sayso_train.distill --base "$folder" --teachers "$teacher" --start "$folder" --train "${text[@]}" \
            --dev "$data/sentences/dev.jsonl" --epochs "${EPOCHS:-2}" --gold-weight 0.5 --out "$folder/run" \
            >>"$folder/run/log"
        bundle "$folder/run" "$folder" "$name"
        touch "$folder/run/done"
    fi
}

for layers in 2 3 4 12; do
    student "layers-$layers" "$default" "$work/base" --layers "$layers"
done
trimmed=$work/sizes/trimmed
if [[ ! -f $trimmed/bundle/config.json ]]; then
    python3 -m sayso_train.resize "$default" --base "$work/base" --vocabulary 10000 --text "${text[@]}" --out "$trimmed"
    bundle "$trimmed" "$trimmed" trimmed
fi
student fast "$trimmed" "$trimmed" --layers 3

cargo build --quiet --release
target=$(cargo metadata --format-version 1 --no-deps |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
python3 -m sayso_train.sizes --sayso "$target/release/sayso" --gold "$data/sentences/dev.jsonl" \
    "$work/sizes/layers-12/run/bundle" ../models/default "$work/sizes/trimmed/bundle" \
    "$work/sizes"/{layers-4,layers-3,fast,layers-2}/run/bundle
