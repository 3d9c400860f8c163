#!/usr/bin/env bash
# What a model of another size would be worth: makes models with more and fewer layers and with fewer wordpieces out of the
# default one, trains them to answer as it does, and compares their bundles in models/sizes.json. Run it after
# retrain.sh, with the same folders. What is finished is kept, until retrain.sh makes another model.
set -euo pipefail
data=$(realpath "${1:?usage: sizes.sh DATA_DIR WORK_DIR}")
work=$(realpath "${2:?usage: sizes.sh DATA_DIR WORK_DIR}")
cd "$(dirname "$0")"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OMP_WAIT_POLICY=PASSIVE
if [[ -d $work/venv ]]; then
    PATH=$work/venv/bin:$PATH
fi
default=$work/taught sizes=$work/sizes
text=("$work/corrected.jsonl" "$data/fictional/contrast.jsonl" lessons.jsonl)

# is_finished FOLDER: whether it was finished after the default model
is_finished() {
    [[ $1/done -nt $default/model.pt ]]
}

# bundle RUN BASE NAME
bundle() {
    python3 -m sayso_train.calibrate "$1" --base "$2" --train "$data/sentences/train.jsonl" --out "$1/calibration.json"
    python3 -m sayso_train.export "$1" --base "$2" --calibration "$1/calibration.json" --name "$3" --version 1 \
        --out "$1/bundle"
    python3 -m sayso_train.quantize --bundle "$1/bundle" --calibration-text "$data/sentences/train.jsonl"
    touch "$1/done"
}

# student NAME TEACHER TEACHER_NAME BASE LAYERS EPOCHS [OPTION...]: leaves its bundle in WORK/sizes/NAME/run/bundle
student() {
    local folder=$sizes/$1 answers=$sizes/answers-of-$3.pt
    if ! is_finished "$folder/run"; then
        rm -rf "$folder"
        python3 -m sayso_train.resize "$2" --base "$4" --layers "$5" --out "$folder"
        mkdir -p "$folder/run"
        # All students of a teacher get the same windows, so that it is asked once.
        if [[ $answers -nt $default/model.pt ]]; then
            cp "$answers" "$folder/run/answers.pt"
        fi
        python3 -m sayso_train.distill --base "$folder" --teachers "$2" --start "$folder" --train "${text[@]}" \
            --dev "$data/sentences/dev.jsonl" --gold-weight 0.5 --epochs "$6" "${@:7}" --out "$folder/run" \
            >>"$folder/run/log"
        cp "$folder/run/answers.pt" "$answers"
        bundle "$folder/run" "$folder" "$1"
    fi
}

mkdir -p "$sizes"
for layers in 2 3 4 12; do
    student "layers-$layers" "$default" default "$work/base" "$layers" 1
done
trimmed=$sizes/trimmed
if ! is_finished "$trimmed"; then
    rm -rf "$trimmed"
    python3 -m sayso_train.resize "$default" --base "$work/base" --vocabulary 10000 --text "${text[@]}" --out "$trimmed"
    bundle "$trimmed" "$trimmed" trimmed
fi
student fast "$trimmed" trimmed "$trimmed" 3 3 --articles "$data/polnear/train.jsonl" "$work/polnear-train.jsonl" \
    --articles-share 0.3 --dev-articles "$data/polnear/dev.jsonl" "$work/polnear-dev.jsonl"

cargo build --quiet --release
target=$(cargo metadata --format-version 1 --no-deps |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
python3 -m sayso_train.sizes --sayso "$target/release/sayso" --gold "$data/sentences/dev.jsonl" \
    "$sizes/layers-12/run/bundle" ../models/default "$sizes/trimmed/bundle" \
    "$sizes"/{layers-4,layers-3,fast,layers-2}/run/bundle
