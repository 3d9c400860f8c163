#!/usr/bin/env bash
# What a model of another size is worth: makes models with more and fewer layers and with fewer wordpieces out of the
# default one, trains them to answer as its teacher does, and compares their bundles in models/sizes.json. Run it after
# retrain.sh, with the same folders. What is finished is kept, until retrain.sh makes another model.
set -euo pipefail
data=$(realpath "${1:?usage: sizes.sh DATA_DIR WORK_DIR}")
work=$(realpath "${2:?usage: sizes.sh DATA_DIR WORK_DIR}")
cd "$(dirname "$0")"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OMP_WAIT_POLICY=PASSIVE
# Memory that one step has freed is kept for the next: a tenth faster.
export MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184 GLIBC_TUNABLES=glibc.malloc.hugetlb=1
if [[ -d $work/venv ]]; then
    PATH=$work/venv/bin:$PATH
fi
default=$work/taught teacher=$work/reader sizes=$work/sizes
text=("$work/corrected.jsonl" "$data/fictional/contrast.jsonl" lessons.jsonl)
articles=(--articles "$data/polnear/train.jsonl" "$work/polnear-train.jsonl" --articles-share 0.3
    --dev-articles "$data/polnear/dev.jsonl" "$work/polnear-dev.jsonl")
# What the teacher told the default model, so that it need not be asked again.
known=(--known "$default/known.safetensors")

# is_finished FOLDER: whether it was finished after the default model
is_finished() {
    [[ $1/done -nt $default/model.pt ]]
}

# bundle RUN BASE NAME: leaves it in RUN/bundle
bundle() {
    python3 -m sayso_train.calibrate "$1" --base "$2" --train "$data/sentences/train.jsonl" --out "$1/calibration.json"
    python3 -m sayso_train.export "$1" --base "$2" --calibration "$1/calibration.json" --name "$3" --version 1 \
        --out "$1/bundle"
    python3 -m sayso_train.quantize --bundle "$1/bundle" --calibration-text "$data/sentences/train.jsonl"
    touch "$1/done"
}

# student NAME START TEACHER BASE LAYERS [OPTION...]: leaves its bundle in WORK/sizes/NAME/bundle
student() {
    local folder=$sizes/$1
    if ! is_finished "$folder"; then
        rm -rf "$folder"
        python3 -m sayso_train.resize "$2" --base "$4" --layers "$5" --out "$folder/start"
        python3 -m sayso_train.distill --base "$folder/start" --teachers "$3" --start "$folder/start" \
            --train "${text[@]}" --dev "$data/sentences/dev.jsonl" --gold-weight 0.5 "${@:6}" --out "$folder" \
            >"$folder/log"
        bundle "$folder" "$folder/start" "$1"
    fi
}

mkdir -p "$sizes"
student layers-12 "$default" "$teacher" "$work/base" 12 "${known[@]}" \
    --unlabelled "$work/unlabelled.jsonl" "${articles[@]}" --rate 1.5e-4 --epochs 2
for layers in 4 3 2; do
    student "layers-$layers" "$default" "$teacher" "$work/base" "$layers" "${known[@]}" --epochs 1
done
# The teacher reads other wordpieces, so that the student's own kind teaches it.
trimmed=$sizes/trimmed
if ! is_finished "$trimmed"; then
    rm -rf "$trimmed"
    python3 -m sayso_train.resize "$default" --base "$work/base" --vocabulary 10000 --text "${text[@]}" --out "$trimmed"
    bundle "$trimmed" "$trimmed" trimmed
fi
student fast "$trimmed" "$trimmed" "$trimmed" 3 --epochs 2 "${articles[@]}"

# That one is for use, from its folder: `sayso label --model models/fast`.
mkdir -p ../models/fast
cp "$sizes"/fast/bundle/{config.json,tokenizer.json,model.int8.safetensors} ../models/fast/
cargo build --quiet --release
target=$(cargo metadata --format-version 1 --no-deps |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
read_by=()
if [[ -f $teacher/model.pt ]]; then
    read_by=(--teacher "$teacher" --tokenizer "$work/base")
fi
python3 -m sayso_train.sizes --sayso "$target/release/sayso" --gold "$data/sentences/dev.jsonl" "${read_by[@]}" \
    "$sizes/layers-12/bundle" ../models/default "$sizes"/{trimmed,layers-4,layers-3,fast,layers-2}/bundle
