#!/usr/bin/env bash
# Retrains the default model: DATA_DIR holds the labelled text (see README.md, "Data"), everything made on the way goes to
# WORK_DIR. Run it again after an interruption: what is finished is kept, and training continues after its last epoch.
#
# VERSION  version of the new model; by default one more than that of models/default
# RUNS     runs to train, as SEED:FOLD:EPOCHS; a run never sees the articles of its fold. Of several, the last becomes the
#          student of all: it learns to answer as their mean does, on the labelled text and, if there is any, on
#          DATA_DIR/corpus
# BUNDLE   folder to write the model into; by default models/default
set -euo pipefail
data=${1:?usage: retrain.sh DATA_DIR WORK_DIR}
work=${2:?usage: retrain.sh DATA_DIR WORK_DIR}
mkdir -p "$work"
data=$(realpath "$data") work=$(realpath "$work")
cd "$(dirname "$0")"
bundle=$(realpath -m "${BUNDLE:-../models/default}")
runs=(${RUNS:-1:0:4 2:1:3})
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

if [[ ! -f $work/venv/done ]]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --requirement requirements.txt
    touch "$work/venv/done"
fi
PATH=$work/venv/bin:$PATH
if [[ -n ${VERSION:-} || ! -f $work/version ]]; then
    python3 -c 'import json, os, pathlib, sys
path = pathlib.Path(sys.argv[1], "config.json")
print(os.environ.get("VERSION") or (int(json.loads(path.read_text())["version"]) + 1 if path.exists() else 1))' \
        "$bundle" >"$work/version"
fi
version=$(<"$work/version")

./fetch_base.sh "$work/base"
train=("$data/sentences/train.jsonl")
if [[ -f $data/fictional/contrast.jsonl ]]; then
    train+=("$data/fictional/contrast.jsonl")
fi

folders=()
for run in "${runs[@]}"; do
    IFS=: read -r seed fold epochs <<<"$run"
    folder=$work/run-$seed-$fold
    folders+=("$folder")
    python3 -m sayso_train.train --base "$work/base" --train "${train[@]}" --dev "$data/sentences/dev.jsonl" \
        --out "$folder" --seed "$seed" --fold "$fold" --epochs "$epochs" --resume | tee -a "$folder.log"
done
final=$folder
if ((${#folders[@]} > 1)); then
    final=$work/student
    unlabelled=()
    if [[ -d $data/corpus ]]; then
        # The program splits the corpus into sentences and guesses where the rare answers are.
        if [[ ! -f $work/unlabelled.jsonl ]]; then
            cargo run --quiet --release -- label "$data/corpus" --quiet --output "$work/unlabelled.jsonl"
        fi
        unlabelled=(--unlabelled "$work/unlabelled.jsonl")
    fi
    if [[ ! -f $final/model.pt ]]; then
        python3 -m sayso_train.distill --base "$work/base" --teachers "${folders[@]}" --start "$folder" \
            --train "${train[@]}" "${unlabelled[@]}" --dev "$data/sentences/dev.jsonl" --out "$final" --seed 7 |
            tee "$final.log"
    fi
fi
python3 -m sayso_train.calibrate "$final" --base "$work/base" --train "$data/sentences/train.jsonl" \
    --out "$work/calibration.json"
python3 -m sayso_train.export "$final" --base "$work/base" --calibration "$work/calibration.json" \
    --version "$version" --out "$bundle"
python3 -m sayso_train.report --bundle "$bundle" --gold "$data/sentences/dev.jsonl" --train "${train[@]}" \
    --out "$bundle/eval.json"
echo "$bundle: version $version"

if [[ $bundle == "$(realpath -m ../models/default)" ]]; then
    python3 -m sayso_train.golden --bundle "$bundle" --fixtures ../tests/fixtures
    python3 -m sayso_train.card
    echo "Now: UPDATE_README=1 cargo test --release --test readme; cargo test --release; an entry in models/CHANGELOG.md"
fi
